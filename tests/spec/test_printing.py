"""What is printed means what was read: every query and update of the W3C suites, both ways."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from graph.sparql import printer, tree
from graph.sparql.template import VOLATILE, parse
from tests.spec import manifests
from tests.spec.datasets import dataset_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.spec.manifests import SpecTest

SUITES = (
    "sparql/sparql10/manifest.ttl",
    "sparql/sparql11/manifest-all.ttl",
    "sparql/sparql12/manifest.ttl",
)
EVALUATIONS = 283 + (309 - 7 + 3 + 94) + (63 + 3)
"""Of 1.0, 1.1 and 1.2; counted in the manifests with grep. Seven ask other endpoints."""
CANNOT_READ = {
    "case-insensitive-booleans": "the engine knows `true` in lower case only; we print it so",
}


def _cases(*kinds: str) -> list[object]:
    folder = manifests.suites_folder()
    if folder is None:
        return [pytest.param(None, id="all")]
    return [
        pytest.param(test, id=test.iri)
        for manifest in SUITES
        for test in manifests.tests_of(folder, manifest)
        if test.kind.startswith(kinds) and "/service/" not in test.iri
    ]


QUERIES = _cases("QueryEvaluationTest", "CSVResultFormatTest")
UPDATES = _cases("UpdateEvaluationTest")


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize("test", QUERIES)
def test_a_printed_query_has_the_answer_of_the_original(test: SpecTest) -> None:
    query = parse(test.text, "query", test.text_iri)
    printed = printer.text(query)
    assert parse(printed) == query
    store = ox.Store()
    store.extend(dataset_of(test).quads())
    if test.iri.rpartition("#")[2] in CANNOT_READ:
        store.query(printed)
        return
    if _is_volatile(query):
        pytest.skip("its answer is another each time")
    assert _answer(store, printed, None) == _answer(store, test.text, test.text_iri)


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize("test", UPDATES)
def test_a_printed_update_does_what_the_original_does(test: SpecTest) -> None:
    update = parse(test.text, "update", test.text_iri)
    printed = printer.text(update)
    assert parse(printed, "update") == update
    if any(isinstance(node, tree.Load) for node in tree.walk(update)):
        pytest.skip("it loads from the network")
    after = [
        _updated(test, text, base) for text, base in ((printed, None), (test.text, test.text_iri))
    ]
    assert after[0] == after[1]


def test_no_evaluation_is_lost(shared: Path) -> None:
    assert shared.is_dir()
    assert len(QUERIES) + len(UPDATES) == EVALUATIONS


def _is_volatile(query: tree.Operation) -> bool:
    return any(isinstance(n, tree.BuiltIn) and n.name in VOLATILE for n in tree.walk(query))


def _answer(store: ox.Store, text: str, base: str | None) -> object:
    """Return the answer so that two of them can be compared; or why there is none."""
    try:
        result = store.query(text, base_iri=base)
        if isinstance(result, ox.QueryBoolean):
            return bool(result)
        if isinstance(result, ox.QueryTriples):
            return _canonical([ox.Quad(t.subject, t.predicate, t.object) for t in result])
        names = sorted(variable.value for variable in result.variables)
        return names, Counter(tuple(str(row[name]) for name in names) for row in result)
    except SyntaxError:
        return "the engine cannot read it"


def _updated(test: SpecTest, text: str, base: str | None) -> set[ox.Quad]:
    store = ox.Store()
    action = test.action
    for node in test.about.all(action, f"{manifests.UT}data"):
        store.extend(_read(test, node, ox.DefaultGraph()))
    for each in test.about.all(action, f"{manifests.UT}graphData"):
        name = test.about.text(each, f"{manifests.RDFS}label")
        graph = test.about.one(each, f"{manifests.UT}graph")
        assert name
        assert graph
        store.extend(_read(test, graph, ox.NamedNode(name)))
    store.update(text, base_iri=base)
    return _canonical(list(store))


def _read(
    test: SpecTest, file: manifests.Term, graph: ox.NamedNode | ox.DefaultGraph
) -> list[ox.Quad]:
    assert isinstance(file, ox.NamedNode)
    path = test.path(file.value)
    syntax = ox.RdfFormat.from_extension(path.suffix[1:])
    quads = ox.parse(path=path, format=syntax, base_iri=file.value)
    return [ox.Quad(quad.subject, quad.predicate, quad.object, graph) for quad in quads]


def _canonical(quads: list[ox.Quad]) -> set[ox.Quad]:
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return set(dataset)
