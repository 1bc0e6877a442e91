"""The W3C suites pass, but for what is known to fail and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from tests.spec.conformance import PAGE, earl, findings, page
from tests.spec.known_failures import WHY_IT_FAILS
from tests.spec.suites import HTTP_SUITES, QUERY_SUITES, UPDATE_SUITES

if TYPE_CHECKING:
    from pathlib import Path

    from tests.spec.manifests import SpecTest
    from tests.spec.runs import Run
    from tests.spec.suites import Suite


def test_in_process(query_test: SpecTest, in_process: Run) -> None:
    outcome = in_process.outcome(query_test)
    assert outcome.verdict != "failed", outcome.reason


def test_updates_in_process(update_test: SpecTest, in_process: Run) -> None:
    outcome = in_process.outcome(update_test)
    assert outcome.verdict != "failed", outcome.reason


def test_over_http(query_test: SpecTest, over_http: Run) -> None:
    outcome = over_http.outcome(query_test)
    assert outcome.verdict != "failed", outcome.reason


def test_updates_over_http(update_test: SpecTest, over_http: Run) -> None:
    outcome = over_http.outcome(update_test)
    assert outcome.verdict != "failed", outcome.reason


def test_http_itself(http_test: SpecTest, over_http: Run) -> None:
    outcome = over_http.outcome(http_test)
    assert outcome.verdict != "failed", outcome.reason


@pytest.mark.parametrize(
    "suite", [*QUERY_SUITES, *UPDATE_SUITES, *HTTP_SUITES], ids=lambda suite: suite.name
)
def test_no_test_is_lost(suite: Suite, suites: Path) -> None:
    iris = {test.iri for test in suite.tests(suites)}
    assert len(iris) == suite.size


def test_every_known_failure_is_a_test(suites: Path) -> None:
    known = {test.iri for suite in (*QUERY_SUITES, *HTTP_SUITES) for test in suite.tests(suites)}
    assert set(WHY_IT_FAILS) <= known


def test_both_ways_agree(suites: Path, in_process: Run, over_http: Run) -> None:
    differing = [
        f"{test.iri}: in process {ours}, over HTTP {theirs}"
        for suite in (*QUERY_SUITES, *UPDATE_SUITES)
        for test in suite.tests(suites)
        if not (test.iri in WHY_IT_FAILS and WHY_IT_FAILS[test.iri].is_over_http_only)
        and (ours := in_process.outcome(test).verdict)
        != (theirs := over_http.outcome(test).verdict)
    ]
    assert differing == []


def test_the_page_says_what_this_run_found(suites: Path, over_http: Run) -> None:
    """Write it anew with `python -m tests.spec.conformance`."""
    assert PAGE.read_text(encoding="utf-8") == page(findings(suites, over_http))


def test_the_report_names_every_test(suites: Path, over_http: Run) -> None:
    found = findings(suites, over_http)
    triples = ox.parse(earl(found), ox.RdfFormat.TURTLE)
    tested = {each.object for each in triples if each.predicate.value.endswith("#test")}
    assert len(tested) == sum(each.suite.size for each in found)
