"""The W3C suites as cases of pytest: one case for each test, called by the IRI of the test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.spec import runs
from tests.spec.known_failures import WHY_IT_FAILS
from tests.spec.manifests import suites_folder
from tests.spec.suites import HTTP_SUITES, QUERY_SUITES, UPDATE_SUITES, Suite

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from _pytest.mark import ParameterSet

    from tests.spec.manifests import SpecTest
    from tests.spec.runs import Run


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    is_over_http = "over_http" in metafunc.fixturenames
    for name, suites in (
        ("query_test", QUERY_SUITES),
        ("update_test", UPDATE_SUITES),
        ("http_test", HTTP_SUITES),
    ):
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, _cases(suites, is_over_http=is_over_http))


def _cases(suites: tuple[Suite, ...], *, is_over_http: bool) -> list[ParameterSet]:
    """Return the cases; where the suites are not, one that its fixtures skip, or fail."""
    folder = suites_folder()
    if folder is None:
        return [pytest.param(None, id="all")]
    return [_case(test, is_over_http) for suite in suites for test in suite.tests(folder)]


def _case(test: SpecTest, is_over_http: bool) -> ParameterSet:
    known = WHY_IT_FAILS.get(test.iri)
    if known and known.is_over_http_only and not is_over_http:
        known = None
    marks = (
        [pytest.mark.xfail(strict=True, raises=AssertionError, reason=str(known))] if known else []
    )
    return pytest.param(test, id=test.iri, marks=marks)


@pytest.fixture(scope="session")
def suites(shared: Path) -> Path:
    """Return the folder of the W3C suites."""
    folder = shared / "w3c-rdf-tests"
    assert folder.is_dir(), f"{folder} is missing; it holds a copy of github.com/w3c/rdf-tests"
    return folder


@pytest.fixture(scope="session")
def in_process(suites: Path) -> Run:
    """Return the run in this process."""
    assert suites.is_dir()
    return runs.in_process()


@pytest.fixture(scope="session")
def over_http(suites: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """Return the run over HTTP."""
    with runs.over_http(suites, tmp_path_factory.mktemp("spec") / "store") as run:
        yield run
