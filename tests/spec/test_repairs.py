"""The W3C tests of evaluation, with the text that is written for the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from graph.sparql.template import TemplateCache
from tests.spec import manifests
from tests.spec.datasets import dataset_of
from tests.spec.results import compare, compare_csv, expected_from, graph_from, table_from

if TYPE_CHECKING:
    from tests.spec.manifests import SpecTest

_10 = "http://www.w3.org/2001/sw/DataAccess/tests/data-r2/"
_11 = "http://www.w3.org/2009/sparql/docs/tests/data-sparql11/"
_12 = "https://w3c.github.io/rdf-tests/sparql/sparql12/"
WON = {
    f"{folder}/manifest#{name}"
    for folder, names in (
        (f"{_10}graph", "graph-variable-scope graph-optional"),
        (f"{_10}expr-builtin", "case-insensitive-booleans"),
        (f"{_11}aggregates", "agg-groupconcat-04 agg-groupconcat-06 agg-empty-group-count-graph"),
        (f"{_11}bindings", "graph"),
        (f"{_11}negation", "graph-minus"),
        (f"{_11}csv-tsv-res", "csv01 csv02"),
        (f"{_11}functions", "bnode01"),
        (
            f"{_11}property-path",
            "zero_or_more_set_start zero_or_more_set_end zero_or_one_set_start zero_or_one_set_end",
        ),
        (f"{_12}grouping", "select-variable-reuse"),
    )
    for name in names.split()
}
"""They fail on the engine, and pass when the text is repaired."""


def _cases() -> list[object]:
    folder = manifests.suites_folder()
    if folder is None:
        return [pytest.param(None, id="all")]
    return [
        pytest.param(test, id=test.iri)
        for suite in ("sparql10/manifest", "sparql11/manifest-all", "sparql12/manifest")
        for test in manifests.tests_of(folder, f"sparql/{suite}.ttl")
        if test.kind in ("QueryEvaluationTest", "CSVResultFormatTest")
        # They ask other endpoints, or ask for what follows from the data.
        and not any(folder in test.iri for folder in ("/service/", "/entailment/"))
    ]


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize("test", _cases())
def test_repairs_win_tests_and_lose_none(test: SpecTest) -> None:
    repaired = TemplateCache(test.text_iri).read(test.text).engine_text
    passes, passed = _passes(test, repaired), _passes(test, test.text)
    assert (passes, passed) == ((True, False) if test.iri in WON else (passed, passed))


def _passes(test: SpecTest, text: str) -> bool:
    store = ox.Store()
    store.extend(dataset_of(test).quads())
    assert test.result_iri
    path = test.path(test.result_iri)
    try:
        result = store.query(text, base_iri=test.text_iri)
        if test.kind == "CSVResultFormatTest":
            assert not isinstance(result, ox.QueryTriples)
            given = result.serialize(format=ox.QueryResultsFormat.CSV)
            compare_csv(path.read_bytes(), given or b"")
            return True
        if isinstance(result, ox.QueryTriples):
            answer = graph_from(result.serialize(format=ox.RdfFormat.N_TRIPLES) or b"", "nt")
        else:
            answer = table_from(result.serialize(format=ox.QueryResultsFormat.JSON) or b"", "srj")
        cardinality = test.about.text(test.node, f"{manifests.MF}resultCardinality")
        expected = expected_from(path.read_bytes(), path.suffix[1:], test.result_iri)
        compare(expected, answer, is_lax=cardinality == f"{manifests.MF}LaxCardinality")
    except (AssertionError, SyntaxError):
        return False
    return True
