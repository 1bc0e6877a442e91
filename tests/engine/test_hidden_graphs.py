"""The union is no graph of its own, and the commit log is only seen by who names it.

What a query finds in `GRAPH ?g` is compared with what the engine finds in a store that has no such
graphs, and with their names given as a list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest

from graph.namespaces import COMMITS_GRAPH, UNION_GRAPH
from graph.readers.dataset import dataset, text_for_engine
from graph.sparql.admission import admit
from graph.sparql.template import TemplateCache

if TYPE_CHECKING:
    from collections.abc import Sequence

DATA = """
    <a:g1> { <a:s> <a:p> 1, 2 . <a:s> <a:q> <a:t> . <a:s> a <a:C> }
    <a:g2> { <a:s> <a:p> 2 . <a:u> <a:p> 3 . <a:u> a <a:C> }
    <a:empty> {}
"""
COMMITS = f"<{COMMITS_GRAPH}> {{ <a:commit> <a:p> 4 . <a:commit> a <a:C> }}"

CASES = """
    SELECT * { GRAPH ?g { ?s <a:p> ?o } }
    SELECT * { GRAPH ?g { ?s ?p ?o } }
    SELECT * { GRAPH ?g {} }
    SELECT * { ?s a <a:C> . GRAPH ?g { ?s ?p ?o } }
    SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s <a:p> ?o } } GROUP BY ?g
    SELECT * { ?s a <a:C> OPTIONAL { GRAPH ?g { ?s <a:q> ?o } } }
    SELECT * { ?s a <a:C> FILTER EXISTS { GRAPH ?g { ?s <a:q> ?o } } }
    SELECT * { ?s a <a:C> FILTER NOT EXISTS { GRAPH ?g { ?s <a:q> ?o } } }
    SELECT * { ?s a <a:C> MINUS { GRAPH ?g { ?s <a:p> 3 } } }
    SELECT * { { GRAPH ?g { ?s <a:p> 1 } } UNION { GRAPH ?h { ?s <a:p> 3 } } }
    SELECT * { GRAPH ?g { ?s <a:p> 2 } GRAPH ?h { ?s <a:p> 3 } }
    SELECT * { GRAPH ?g { ?s <a:p> 2 } GRAPH ?g { ?s <a:q> ?o } }
    SELECT * { VALUES ?g { <a:g1> <UNION> } GRAPH ?g { ?s <a:q> ?o } }
    SELECT * { GRAPH <a:g1> { ?s <a:p> ?o } GRAPH ?g { ?s a <a:C> } }
    SELECT * { GRAPH ?g { ?s <a:p> ?o } FILTER (?g NOT IN (<a:g1>, <about:hidden-graphs>)) }
    SELECT ?g ("NOT IN (<about:hidden-graphs>) \\"" AS ?t) { GRAPH ?g { ?s a <a:C> } }
    SELECT * { GRAPH ?g { ?s a <a:C> } BIND (<about:hidden-graphs> AS ?t) }
    CONSTRUCT { ?g <a:has> ?s } { GRAPH ?g { ?s a <a:C> } }
    ASK { GRAPH ?g { <a:commit> a ?c } }
"""
EVERYTHING = [
    line.strip() for line in CASES.replace("UNION>", f"{UNION_GRAPH}>").strip().splitlines()
]


def _store(*trig: str, union: bool = False) -> ox.Store:
    store = ox.Store()
    for each in trig:
        store.load(each, format=ox.RdfFormat.TRIG)
    if union:
        name = ox.NamedNode(UNION_GRAPH)
        store.extend([ox.Quad(q.subject, q.predicate, q.object, name) for q in list(store)])
        store.load(COMMITS, format=ox.RdfFormat.TRIG)
    return store


OURS, PLAIN = _store(DATA, union=True), _store(DATA)


def _asked(text: str, default_graph: str = "union", named: Sequence[str] = ()) -> list[str]:
    read = admit(TemplateCache(), text)
    job: dict[str, Any] = {
        "text": read.engine_text,
        "filters_graphs": read.filters_graphs,
        "default_graphs": read.default_graphs,
        "named_graphs": tuple(named) or read.named_graphs,
        "default_graph": default_graph,
    }
    store, graphs = dataset(OURS, job, list(OURS.named_graphs()))
    return _shown(store.query(text_for_engine(job), **graphs))


def _shown(answer: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples) -> list[str]:
    if isinstance(answer, ox.QueryBoolean):
        return [str(bool(answer))]
    if isinstance(answer, ox.QueryTriples):
        return sorted(map(str, answer))
    names = sorted(variable.value for variable in answer.variables)
    return sorted(" ".join(f"{name}={row[name]}" for name in names) for row in answer)


@pytest.mark.parametrize("text", EVERYTHING)
def test_a_graph_that_varies_is_never_a_hidden_one(text: str) -> None:
    plain = PLAIN.query(text, use_default_graph_as_union=True)
    assert _asked(text) == _shown(plain)


@pytest.mark.parametrize("text", EVERYTHING)
def test_nor_is_it_for_the_default_graph_of_the_store(text: str) -> None:
    assert _asked(text, "own") == _shown(PLAIN.query(text))


@pytest.mark.parametrize("pattern", ["?s a <a:C>", "?s ?p ?o"])
def test_who_names_the_log_sees_it(pattern: str) -> None:
    with_log = _store(DATA, COMMITS)
    text = f"SELECT * {{ VALUES ?g {{ <{COMMITS_GRAPH}> }} GRAPH ?g {{ {pattern} }} }}"
    assert _asked(text) == _shown(with_log.query(text)) != []


@pytest.mark.parametrize("pattern", ["?s a <a:C>", "?s ?p ?o"])
def test_graphs_that_are_asked_for_are_all_that_there_are(pattern: str) -> None:
    text = f"SELECT * {{ GRAPH ?g {{ {pattern} }} }}"
    named = ["a:g2", COMMITS_GRAPH]
    asked: list[ox.NamedNode | ox.BlankNode] = [ox.NamedNode(name) for name in named]
    expected = _shown(_store(DATA, COMMITS).query(text, named_graphs=asked))
    assert _asked(text, named=named) == expected != []
    dataset_clauses = "".join(f" FROM NAMED <{name}>" for name in named)
    assert _asked(text.replace("* {", f"*{dataset_clauses} {{", 1)) == expected
