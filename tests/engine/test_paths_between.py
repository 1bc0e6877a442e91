"""The shortest ways between two things are what an exhaustive search finds, with their proofs."""

from __future__ import annotations

import json
from itertools import pairwise, permutations
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.errors import QueryRejected
from graph.namespaces import ID, MP
from graph.publishing.pictures import paths
from graph.publishing.pictures.network_page import write_network_page
from graph.publishing.pictures.paths import paths_between
from graph.publishing.pictures.relations import Link, Links
from tests.engine.published import Published, of_turtle
from tests.thoroughness import tried

THINGS = "abcdefg"
PREFIXES = f"""
PREFIX mp: <{MP}>
PREFIX cluster: <{ID}cluster/>
PREFIX country: <{ID}country/>
PREFIX evidence: <{ID}evidence/>
PREFIX membership: <{ID}membership/>
PREFIX organisation: <{ID}organisation/>
PREFIX partnership: <{ID}partnership/>
PREFIX project: <{ID}project/>
PREFIX participation: <{ID}participation/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
"""


def links_of(edges: set[tuple[str, str]]) -> dict[str, list[Link]]:
    found: dict[str, list[Link]] = {thing: [] for thing in THINGS}
    for one, other in edges:
        for a, b in ((one, other), (other, one)):
            found[a].append(Link(a, b, "partnership", f"{one}{other}", "partner", "partner"))
    return found


def all_shortest(edges: set[tuple[str, str]], one: str, other: str) -> set[tuple[str, ...]]:
    """Try every way there is, the shortest ones first."""
    near = edges | {(b, a) for a, b in edges}
    for between in range(len(THINGS) - 1):
        ways = {
            (one, *middle, other)
            for middle in permutations(set(THINGS) - {one, other}, between)
            if all(step in near for step in pairwise((one, *middle, other)))
        }
        if ways:
            return ways
    return set()


EDGES = st.sets(
    st.tuples(st.sampled_from(THINGS), st.sampled_from(THINGS)).filter(
        lambda pair: pair[0] < pair[1]
    ),
    max_size=14,
)


@settings(max_examples=tried(60, 150), deadline=None)
@given(edges=EDGES)
def test_the_ways_that_are_found_are_the_shortest_ones(edges: set[tuple[str, str]]) -> None:
    around = links_of(edges)

    found = paths_between("a", "g", lambda thing: around[thing])

    expected = all_shortest(edges, "a", "g")
    assert len(set(found.paths)) == len(found.paths)
    assert not found.was_given_up
    if len(expected) <= paths.MOST_PATHS:
        assert set(found.paths) == expected
        assert found.are_all
    else:
        assert set(found.paths) < expected
        assert len(found.paths) == paths.MOST_PATHS
        assert not found.are_all


def test_a_search_that_takes_too_long_is_given_up_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(paths, "MOST_SEEN", 10)

    def around(thing: str) -> list[Link]:
        return [
            Link(thing, f"{thing}{number}", "part", "s", "part", "whole") for number in range(20)
        ]

    found = paths_between("a", "b", around)

    assert found.was_given_up
    assert found.paths == ()
    assert found.seen > 10


SMALL = of_turtle(
    PREFIXES
    + """
cluster:one a mp:Cluster ; skos:prefLabel "One"@en .
cluster:two a mp:Cluster ; skos:prefLabel "Two"@en .
organisation:two a mp:Organisation ; skos:prefLabel "Two"@en .
organisation:hub a mp:Organisation ; skos:prefLabel "Hub"@en .
project:work a mp:Project ; skos:prefLabel "Work"@en .
cluster:alone a mp:Cluster ; skos:prefLabel "Alone"@en .
membership:one-hub a mp:Membership ; mp:member cluster:one ; mp:group organisation:hub ;
  mp:evidence evidence:first ; mp:from "2001-01-01"^^xsd:date ; mp:to "2004-12-31"^^xsd:date .
evidence:first mp:printedAs "One belongs to Hub"@en ; mp:lineFrom 7 .
participation:hub a mp:Participation ;
  mp:participant organisation:hub ; mp:undertaking project:work .
participation:two a mp:Participation ; mp:participant cluster:two ; mp:undertaking project:work .
"""
)


def page(published: Published, **arguments: str) -> dict[str, Any]:
    return json.loads(published.written(write_network_page, **arguments))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("cluster/one", "cluster/two", id="by kind and slug"),
        pytest.param("One", "cluster:two", id="by name and short form"),
        pytest.param(f"{ID}cluster/one", f"{ID}cluster/two", id="by IRI"),
        pytest.param(" ONE ", "cluster/two", id="by slug, however it is written"),
    ],
)
def test_each_step_tells_its_statements_and_where_they_are_printed(one: str, other: str) -> None:
    ways = page(SMALL, **{"from": one, "to": other})["ways"]

    (path,) = ways["paths"]
    steps = [(step["one"]["label"], step["other"]["label"]) for step in path]
    assert steps == [("One", "Hub"), ("Hub", "Work"), ("Work", "Two")]
    (first,) = path[0]["statements"]
    assert first["relation"] == "membership"
    assert first["evidence"][0]["printed"] == "One belongs to Hub"
    assert first["evidence"][0]["line_from"] == "7"


def test_the_query_of_a_way_finds_every_step_again() -> None:
    document = page(SMALL, **{"from": "cluster/one", "to": "cluster/two"})

    rows = SMALL.store.query(document["tools"]["query"], use_default_graph_as_union=True)

    assert isinstance(rows, ox.QuerySolutions)
    found = [(row["hop"].value, row["one_name"].value, row["other_name"].value) for row in rows]
    assert found == [("1", "One", "Hub"), ("2", "Hub", "Work"), ("3", "Work", "Two")]


def test_a_name_of_several_things_is_offered_for_choice() -> None:
    ways = page(SMALL, **{"from": "cluster/one", "to": "Two"})["ways"]

    assert ways["paths"] == []
    assert ways["choices"][0] is None
    assert ways["choices"][1]["is_ambiguous"]
    assert {each["key"] for each in ways["choices"][1]["things"]} == {
        "cluster/two",
        "organisation/two",
    }


def test_a_name_that_nothing_has_brings_near_ones() -> None:
    ways = page(SMALL, **{"from": "cluster/one", "to": "Alon"})["ways"]

    assert not ways["choices"][1]["is_ambiguous"]
    assert "cluster/alone" in [each["key"] for each in ways["choices"][1]["things"]]


def test_no_way_is_said_plainly() -> None:
    ways = page(SMALL, **{"from": "cluster/one", "to": "cluster/alone"})["ways"]

    assert ways["paths"] == []
    assert not ways["was_given_up"]
    assert ways["seen"] > 1


def test_on_a_day_only_what_may_have_held_leads_on() -> None:
    asked = {"from": "cluster/one", "to": "cluster/two"}

    assert page(SMALL, asof="2003-06-01", **asked)["ways"]["paths"]
    assert not page(SMALL, asof="2006-06-01", **asked)["ways"]["paths"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        pytest.param({"from": "one"}, "'to' is not there", id="one end"),
        pytest.param({"with": "france"}, "choose a 'country'", id="only the other country"),
        pytest.param({"kind": "Ünsinn <x>"}, "names nothing here", id="no slug"),
        pytest.param({"asof": "yesterday"}, "no day", id="no day"),
    ],
)
def test_nonsense_is_refused_in_plain_words(arguments: dict[str, str], complaint: str) -> None:
    with pytest.raises(QueryRejected, match=complaint):
        page(SMALL, **arguments)


def test_from_autoregion_a_way_leads_over_the_project_to_the_person_of_question_p2(
    shipped: Published,
) -> None:
    asked = {"from": "Autoregion", "to": "Anthony Auert"}
    (path,) = page(shipped, **asked)["ways"]["paths"]

    steps = [(step["one"]["label"], step["other"]["label"]) for step in path]
    assert steps == [
        ("Autoregion", "Pôle automobile européen"),
        ("Pôle automobile européen", "Anthony Auert"),
    ]
    links = Links(shipped.edition())
    for step in path:
        there = {(link.other, link.statement) for link in links.around(step["one"]["iri"])}
        for statement in step["statements"]:
            assert (step["other"]["iri"], statement["iri"]) in there
            assert statement["evidence"]
