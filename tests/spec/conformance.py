"""What the runs of the W3C suites found, as a table for readers and as EARL for machines.

    python -m tests.spec.conformance [--earl FILE]

writes `docs/reference/conformance.md`, which the tests compare with what they find.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox

from tests.spec.known_failures import WHY_IT_FAILS
from tests.spec.manifests import RDF, suites_folder
from tests.spec.runs import over_http
from tests.spec.suites import HTTP_SUITES, NOT_RUN, QUERY_SUITES, UPDATE_SUITES, Suite

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tests.spec.known_failures import KnownFailure
    from tests.spec.runs import Outcome, Run

PAGE = Path(__file__).resolve().parents[2] / "docs/reference/conformance.md"

_EARL = "http://www.w3.org/ns/earl#"
_EARL_OUTCOMES = {
    "passed": f"{_EARL}passed",
    "equal by value": f"{_EARL}passed",
    "failed": f"{_EARL}failed",
}
_PROJECT = ox.NamedNode("https://w3id.org/metapole/")
_INTRODUCTION = """\
# Conformance to the W3C specifications

The [W3C test suites](https://github.com/w3c/rdf-tests) are part of the tests of Metapole, wherever a copy of them is at hand ([how to run them](../../CONTRIBUTING.md)).
This page is written from such a run by `python -m tests.spec.conformance`, and the tests compare it with what they find.

The suites of queries and updates run twice: in process, on a store in memory that holds the data of the test, and over HTTP.
There, queries go to a server whose one store holds the data of all tests, and a request names the graphs of its test; updates and the tests of HTTP itself go to a server that takes writes, which is emptied and filled before each.
Both give the same outcome for every test.
Answers are compared as RDF terms, blank nodes by structure.
*Equal by value* counts the answers that have the expected values in another form: the store makes `36` of `36.00` and xsd:integer of xsd:byte.
A refusal counts as right only where the text is no query: what is refused because it is switched off, or not built yet, fails.
"""  # noqa: E501 -- one sentence, one line


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcomes of one suite."""

    suite: Suite
    outcomes: tuple[Outcome, ...]

    def count(self, verdict: str) -> int:
        """Return how many outcomes have *verdict*."""
        return Counter(outcome.verdict for outcome in self.outcomes)[verdict]


def findings(folder: Path, run: Run) -> list[Finding]:
    """Return the outcomes of all suites in *run*."""
    return [
        Finding(suite, tuple(run.outcome(test) for test in suite.tests(folder)))
        for suite in (*QUERY_SUITES, *UPDATE_SUITES, *HTTP_SUITES)
    ]


def page(found: Sequence[Finding]) -> str:
    """Return the page for readers."""
    return "\n".join([_INTRODUCTION, *_table(found), *_failures(found), *_by_value(found)])


def earl(found: Sequence[Finding]) -> bytes:
    """Return the report for machines, in Turtle (https://www.w3.org/TR/EARL10-Schema/)."""
    quads = [quad for each in found for outcome in each.outcomes for quad in _assertion(outcome)]
    content = ox.serialize(quads, format=ox.RdfFormat.TURTLE, prefixes={"earl": _EARL})
    assert content, "nothing was written"
    return content


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all suites over HTTP and write what was found."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--earl", type=Path, metavar="FILE", help="write a report in EARL, too")
    options = parser.parse_args(arguments)
    folder = suites_folder()
    if folder is None:
        sys.stderr.write("the W3C suites are not here; set METAPOLE_SHARED to their folder\n")
        return 1
    with tempfile.TemporaryDirectory() as store, over_http(folder, Path(store)) as run:
        found = findings(folder, run)
    PAGE.write_text(page(found), encoding="utf-8")
    if options.earl:
        options.earl.write_bytes(earl(found))
    return 0


def _table(found: Sequence[Finding]) -> Iterator[str]:
    yield "| suite | tests | passed | equal by value | failed |"
    yield "|---|---:|---:|---:|---:|"
    for each in found:
        counts = [each.count(verdict) for verdict in ("passed", "equal by value", "failed")]
        yield f"| {each.suite.name} | {each.suite.size} | {' | '.join(map(str, counts))} |"
    yield ""
    yield "Not run:"
    yield ""
    yield from (f"- {suite}: {reason}." for suite, reason in NOT_RUN.items())


def _failures(found: Sequence[Finding]) -> Iterator[str]:
    yield "\n## What fails\n"
    by_reason: dict[KnownFailure, list[Outcome]] = {}
    for outcome in _outcomes(found, "failed"):
        by_reason.setdefault(WHY_IT_FAILS[outcome.test.iri], []).append(outcome)
    for known, outcomes in by_reason.items():
        upstream = f" ([upstream]({known.upstream}))" if known.upstream else ""
        yield f"- {known.reason[0].upper()}{known.reason[1:]}{upstream}: {_names(outcomes)}."


def _by_value(found: Sequence[Finding]) -> Iterator[str]:
    yield f"\n## What is equal by value\n\n{_names(_outcomes(found, 'equal by value'))}.\n"


def _outcomes(found: Sequence[Finding], verdict: str) -> Iterator[Outcome]:
    return (each for suite in found for each in suite.outcomes if each.verdict == verdict)


def _names(outcomes: Iterable[Outcome]) -> str:
    """Return the names of tests, each with the folder of its manifest."""
    return ", ".join(
        f"`{each.test.manifest.split('/')[-2]}#{each.test.iri.rpartition('#')[2]}`"
        for each in outcomes
    )


def _assertion(outcome: Outcome) -> Iterator[ox.Quad]:
    assertion, result = ox.BlankNode(), ox.BlankNode()
    yield _quad(assertion, f"{RDF}type", ox.NamedNode(f"{_EARL}Assertion"))
    yield _quad(assertion, f"{_EARL}assertedBy", _PROJECT)
    yield _quad(assertion, f"{_EARL}subject", _PROJECT)
    yield _quad(assertion, f"{_EARL}test", ox.NamedNode(outcome.test.iri))
    yield _quad(assertion, f"{_EARL}mode", ox.NamedNode(f"{_EARL}automatic"))
    yield _quad(assertion, f"{_EARL}result", result)
    yield _quad(result, f"{RDF}type", ox.NamedNode(f"{_EARL}TestResult"))
    yield _quad(result, f"{_EARL}outcome", ox.NamedNode(_EARL_OUTCOMES[outcome.verdict]))
    if outcome.verdict == "equal by value":
        yield _quad(result, f"{_EARL}info", ox.Literal("equal by value, not by term"))
    if outcome.verdict == "failed":
        yield _quad(result, f"{_EARL}info", ox.Literal(WHY_IT_FAILS[outcome.test.iri].reason))


def _quad(
    subject: ox.NamedNode | ox.BlankNode,
    predicate: str,
    value: ox.NamedNode | ox.BlankNode | ox.Literal,
) -> ox.Quad:
    return ox.Quad(subject, ox.NamedNode(predicate), value)


if __name__ == "__main__":
    raise SystemExit(main())
