"""Run a W3C test, in one of two ways, and say what became of it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from graph.errors import GraphError
from server.scopes import UPDATE
from server.token_changes import add_token
from tests.spec.checks import CHECKS
from tests.spec.datasets import dataset_of, protocol_data_of
from tests.spec.http_checks import HTTP_CHECKS
from tests.spec.in_process import InProcess
from tests.spec.over_http import OverHttp, empty, publish_files, put, serving
from tests.spec.services import serving_services
from tests.spec.suites import QUERY_SUITES

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from tests.spec.checks import Asker
    from tests.spec.manifests import SpecTest
    from tests.spec.over_http import Server
    from tests.spec.results import Likeness

_TOKEN = "a-token-for-the-tests-of-the-w3c"  # noqa: S105 -- it guards nothing

Verdict = Literal["passed", "equal by value", "failed"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a test."""

    test: SpecTest
    verdict: Verdict
    reason: str = ""


class Run:
    """Runs each test once, and remembers what became of it."""

    def __init__(self, asker: Asker, writable: Server | None = None) -> None:
        self._asker = asker
        self._writable = writable
        self._outcomes: dict[str, Outcome] = {}

    def outcome(self, test: SpecTest) -> Outcome:
        """Return what became of *test*; a failure of the runner itself is raised."""
        if test.iri not in self._outcomes:
            self._outcomes[test.iri] = self._run(test)
        return self._outcomes[test.iri]

    def _run(self, test: SpecTest) -> Outcome:
        try:
            likeness = self._check(test)
        except (AssertionError, GraphError) as failure:
            return Outcome(test, "failed", f"{type(failure).__name__}: {failure}")
        return Outcome(test, "passed" if likeness == "exactly" else "equal by value")

    def _check(self, test: SpecTest) -> Likeness:
        if test.kind in CHECKS:
            return CHECKS[test.kind](test, self._asker)
        assert test.kind in HTTP_CHECKS, f"there is no check for tests of the type {test.kind}"
        assert self._writable, f"{test.iri} is about HTTP"
        empty(self._writable)
        for file in protocol_data_of(test):
            put(self._writable, file.iri, [quad.triple for quad in file.quads()])
        HTTP_CHECKS[test.kind](test, self._writable)
        return "exactly"


def in_process() -> Run:
    """Return a run in this process."""
    return Run(InProcess())


@contextmanager
def over_http(folder: Path, store: Path) -> Generator[Run]:
    """Start a server on the data of all tests, and one that is written to; the run asks them."""
    queries = [test for suite in QUERY_SUITES for test in suite.tests(folder)]
    datasets = [dataset_of(test) for test in queries if "Syntax" not in test.kind]
    files = {file for each in datasets for file in (*each.default, *each.named)}
    publish_files((), store / "writing")
    tokens = store / "tokens.json"
    add_token(tokens, "spec", (UPDATE,), _TOKEN)
    with serving_services(queries) as addresses:
        publish_files(files, store / "reading", addresses)
        with (
            serving(store / "reading", federate=addresses.all) as server,
            serving(store / "writing", tokens, _TOKEN) as own,
        ):
            yield Run(OverHttp(server, own, addresses), own)
