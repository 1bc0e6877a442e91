"""What is said about a thing: all of it, on pages of a bounded size, ready to be read."""

from __future__ import annotations

import time
import tracemalloc
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from graph.generations import current_generation
from graph.namespaces import COMMITS_GRAPH, DERIVED_GRAPH, MP, RDFS, SKOS, UNION_GRAPH
from graph.publishing.asof import day_from
from graph.publishing.things import description
from graph.publishing.things.description import PAGE_ENTRIES, UNION, Description, Wish, describe
from graph.publishing.things.query import query_about

from .things import MANY, crowd, of_quads, of_trig, thing

if TYPE_CHECKING:
    from pathlib import Path

TRIG = """
GRAPH graph:a {
    cluster:avia a mp:Cluster ; skos:prefLabel "AVIA"@en ; mp:manages cluster:other .
    cluster:other a mp:Cluster ; skos:prefLabel "Other"@en .
    figure:f a mp:KeyFigure , mp:Statement ; mp:about cluster:avia ; mp:value 36 ;
        mp:from "2014-01-01"^^xsd:date ; mp:to "2014-12-31"^^xsd:date ; mp:evidence evidence:e .
    figure:later a mp:Statement ; mp:about cluster:avia ; mp:from "2015-01-01"^^xsd:date .
    evidence:e a mp:Evidence ; mp:printedAs "36 companies" ; mp:document :document .
    :document skos:prefLabel "A document"@en .
    :magazine :writesOf cluster:avia ; :price 3 .
    cluster:avia :geometry [ :at [ :x 1 ] ] .
}
GRAPH graph:b { cluster:avia skos:prefLabel "AVIA"@en . mp:KeyFigure rdfs:label "key figure"@en }
GRAPH graph:derived { cluster:avia mp:locatedIn :spain . :spain mp:hosts cluster:avia . }
GRAPH graph:commits { <https://w3id.org/metapole/graph/commits/1> mp:changed cluster:avia . }
"""
AVIA = thing("cluster/avia")


def told(found: Description) -> set[ox.Triple]:
    return {quad.triple for quad in found.quads}


def triple(subject: ox.NamedNode, predicate: str, value: ox.NamedNode | ox.Literal) -> ox.Triple:
    return ox.Triple(subject, ox.NamedNode(predicate), value)


@pytest.fixture(scope="module")
def shipped(shipped_store: Path) -> ox.Store:
    generation = current_generation(shipped_store)
    assert generation
    return ox.Store.read_only(str(generation.path))


def test_a_description_has_statements_in_full_evidence_and_all_labels() -> None:
    said = told(describe(of_trig(TRIG).store, Wish(AVIA)))
    document = ox.NamedNode("http://example.org/document")
    for expected in (
        triple(AVIA, MP + "manages", thing("cluster/other")),
        triple(thing("figure/f"), MP + "value", ox.Literal(36)),
        triple(thing("evidence/e"), MP + "printedAs", ox.Literal("36 companies")),
        triple(document, SKOS + "prefLabel", ox.Literal("A document", language="en")),
        triple(thing("cluster/other"), SKOS + "prefLabel", ox.Literal("Other", language="en")),
        triple(
            ox.NamedNode(MP + "KeyFigure"),
            RDFS + "label",
            ox.Literal("key figure", language="en"),
        ),
        triple(ox.NamedNode("http://example.org/magazine"), "http://example.org/writesOf", AVIA),
    ):
        assert expected in said
    magazine = ox.NamedNode("http://example.org/magazine")
    assert triple(magazine, "http://example.org/price", ox.Literal(3)) not in said
    assert any(each.predicate.value == "http://example.org/x" for each in said)


def test_every_triple_is_in_the_graphs_that_state_it() -> None:
    store = of_trig(TRIG).store
    quads = set(describe(store, Wish(AVIA)).quads)
    hidden = (UNION, ox.NamedNode(COMMITS_GRAPH))
    for quad in quads:
        assert quad in store
        assert quad.graph_name not in hidden
        for other in store.quads_for_pattern(quad.subject, quad.predicate, quad.object):
            assert other in quads or other.graph_name in hidden


@pytest.mark.parametrize(
    ("day", "holding"),
    [("2014-06-01", {"figure/f"}), ("2015-06-01", {"figure/later"}), ("2013-01-01", set[str]())],
)
def test_a_view_of_a_day_has_what_holds_then_and_nothing_that_is_derived(
    day: str, holding: set[str]
) -> None:
    found = describe(of_trig(TRIG).store, Wish(AVIA, day=day_from(day)))
    statements = {entry.subject for entry in found.pointing if entry.is_statement}
    assert statements == {thing(name) for name in holding}
    assert all(quad.graph_name.value != DERIVED_GRAPH for quad in found.quads)  # type: ignore[union-attr]


@pytest.mark.parametrize("day", [None, "2007-06-01", "2016-01-01"])
def test_a_page_is_a_query(shipped: ox.Store, day: str | None) -> None:
    """The query that a page names says the same as the page, for things of all types."""
    things = sorted(
        {
            quad.subject.value
            for quad in shipped.quads_for_pattern(None, description.TYPE, None, UNION)
            if isinstance(quad.subject, ox.NamedNode)
            and quad.subject.value.startswith("https://w3id.org/metapole/id/")
        }
    )
    wanted_day = day_from(day) if day else None
    compared = 0
    for iri in things[::19]:
        wish = Wish(ox.NamedNode(iri), day=wanted_day)
        found = describe(shipped, wish)
        answer = shipped.query(query_about(wish.thing, wanted_day), default_graph=[UNION])
        assert isinstance(answer, ox.QueryTriples)
        if found.pages == 1:
            compared += 1
            assert told(found) == set(answer), iri
    assert compared > 80


def test_pages_together_are_all_entries_each_once() -> None:
    store = of_quads(crowd(1_200)).store
    pages = [describe(store, Wish(thing("cluster/centre"), number)) for number in range(1, 7)]
    entries = [entry for page in pages for entry in (*page.own, *page.pointing)]
    assert {page.pages for page in pages} == {5}
    assert {page.entries for page in pages} == {1_201}
    assert len(entries) == len(set(entries)) == 1_201
    assert max(len(page.own) + len(page.pointing) for page in pages) == PAGE_ENTRIES
    assert pages[5].own == pages[5].pointing == ()


def test_more_entries_than_are_sorted_come_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    store = of_quads(crowd(1_200)).store

    def all_entries() -> set[description.Entry]:
        pages = [describe(store, Wish(thing("cluster/centre"), number)) for number in range(1, 6)]
        return {entry for page in pages for entry in (*page.own, *page.pointing)}

    in_order = all_entries()
    monkeypatch.setattr(description, "_MOST_SORTED", 100)
    assert all_entries() == in_order
    assert len(in_order) == 1_201


def test_a_page_of_ten_thousand_neighbours_takes_bounded_time_and_memory() -> None:
    store = of_quads(crowd()).store
    tracemalloc.start()
    begun = time.perf_counter()
    try:
        found = describe(store, Wish(thing("cluster/centre"), page=3))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (found.entries, found.pages) == (MANY + 1, 41)
    assert len(found.quads) < 5 * PAGE_ENTRIES
    assert peak < 50_000_000
    assert time.perf_counter() - begun < 10


def test_a_neighbour_that_says_very_much_is_told_in_part() -> None:
    values = " , ".join(map(str, range(5_000)))
    store = of_trig(
        "GRAPH graph:a { cluster:a a mp:Cluster . figure:f a mp:Statement ; mp:about cluster:a ; "
        f"mp:value {values} }}"
    ).store
    found = describe(store, Wish(thing("cluster/a")))
    assert 50 < len(found.quads) < 200
    whole = describe(store, Wish(thing("figure/f")))
    assert whole.entries == 5_002


def test_the_union_is_where_neighbours_are_looked_for() -> None:
    assert UNION.value == UNION_GRAPH
