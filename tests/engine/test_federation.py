"""SERVICE finds what the specification says, whatever is left unasked."""

from __future__ import annotations

import re
from contextlib import closing
from random import Random

import pyoxigraph as ox
import pytest

from graph.errors import UnsupportedFeature
from tests.engine.federated import Endpoints, Native, found_by_us
from tests.engine.shapes import Shapes, store
from tests.http.portal import running_portal

_SHAPES = 20
"""How many queries are made for one set of stores."""

_SEEDS = [*range(4), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(100, 160))]


@pytest.mark.parametrize("seed", _SEEDS)
def test_it_finds_what_the_engine_finds_by_asking_for_everything(seed: int) -> None:
    random = Random(seed)  # noqa: S311 -- no secret
    ours, there, elsewhere = store(random, is_ours=True), store(random), store(random)
    with running_portal(there) as one, running_portal(elsewhere) as other:
        endpoints = Endpoints({one.url: there, other.url: elsewhere})
        shapes, compared = Shapes(random, tuple(endpoints.stores), binds_all=True), 0
        with closing(Native(ours)) as native:
            while compared < _SHAPES:
                text = shapes.query()
                try:
                    found = found_by_us(ours, text, endpoints)
                except UnsupportedFeature:
                    continue
                names, rows = native.found(text)
                if names:  # else our own SELECT needs a column for how many there are
                    assert (found.names, found.rows) == (names, rows), text
                compared += 1


@pytest.mark.parametrize("seed", _SEEDS)
def test_to_ask_only_for_what_can_matter_changes_no_answer(seed: int) -> None:
    random = Random(1_000 + seed)  # noqa: S311 -- the same
    ours, there, elsewhere = store(random, is_ours=True), store(random), store(random)
    endpoints = Endpoints({"http://there/sparql": there, "http://elsewhere/sparql": elsewhere})
    shapes, narrowed = Shapes(random, tuple(endpoints.stores)), 0
    for _ in range(_SHAPES):
        text = shapes.query()
        try:
            found = found_by_us(ours, text, endpoints)
        except UnsupportedFeature:
            continue
        narrowed += any(each.keys is not None for each in found.asked)
        assert found.rows == found_by_us(ours, text, endpoints, asks_for_all=True).rows, text
    assert narrowed > _SHAPES // 5


_OURS = """
PREFIX : <http://example.org/>
:a :same :ra ; :in "DE" ; :size 3 ; :score 1.5 . :b :same :rb ; :in "FR" ; :size 5 .
:c :same [] .
GRAPH :g { :d :same :rc }
"""
_THERE = """
PREFIX : <http://example.org/>
:ra :label "A" ; :size 3 . :rb :label "B" ; :size 4 . :rc :label "C" ; :next :ra .
"""


@pytest.mark.parametrize(
    ("pattern", "sent", "rows"),
    [
        pytest.param(
            "?x :same ?r SERVICE <T> { ?r :label ?n }", ["?r: :ra :rb"], 2,
            id="blank nodes are not sent",
        ),
        pytest.param(
            '?x :same ?r ; :in ?c FILTER(?c = "DE") SERVICE <T> { ?r :label ?n }', ["?r: :ra"], 1,
            id="a filter on what is before it",
        ),
        pytest.param(
            "?x :same ?r FILTER(?n = 'B') SERVICE <T> { ?r :label ?n }", ["?r: :ra :rb"], 1,
            id="a filter on what comes from there",
        ),
        pytest.param(
            "SERVICE <T> { ?r :label ?n } ?x :same ?r", ["?r: :ra :rb"], 2, id="what comes later",
        ),
        pytest.param(
            "SERVICE <T> { ?r :label ?n } VALUES ?r { :ra :rx }", ["?r: :ra :rx"], 1,
            id="constants that come later",
        ),
        pytest.param(
            "?x :in ?c OPTIONAL { ?x :same ?r } SERVICE <T> { ?r :label ?n }", ["?r: :ra :rb"], 2,
            id="bound by OPTIONAL in all solutions",
        ),
        pytest.param(
            "?x :same ?y OPTIONAL { ?x :in ?c ; :same ?r } SERVICE <T> { ?r :label ?n }", ["all"],
            5, id="unbound in one solution",
        ),
        pytest.param(
            "?x :same ?r SERVICE <T> { OPTIONAL { ?r :label ?n } }", ["all"], 2,
            id="the pattern may leave it unbound",
        ),
        pytest.param(
            "?x :size ?s SERVICE <T> { ?r :size ?s }", ["?s: 3 5"], 1, id="an integer",
        ),
        pytest.param(
            "?x :score ?s SERVICE <T> { ?r :size ?s }", ["all"], 0, id="a decimal is not sent",
        ),
        pytest.param(
            "?x :same ?r MINUS { SERVICE <T> { ?r :label ?n } }", ["?r: :ra :rb"], 1, id="MINUS",
        ),
        pytest.param(
            "?x :same ?r FILTER NOT EXISTS { SERVICE <T> { ?r :label ?n } }", ["?r: :ra :rb"], 1,
            id="NOT EXISTS",
        ),
        pytest.param(
            "?x :same ?r { ?x :in 'DE' SERVICE <T> { ?r :label ?n } } UNION { ?x :in 'FR' }",
            ["?r: :ra"], 2, id="a branch of UNION, with what is around it",
        ),
        pytest.param(
            "?x :same ?r { SELECT ?r ?n { SERVICE <T> { ?r :label ?n ; ?p ?o } } }",
            ["?r: :ra :rb"], 4, id="a sub-SELECT that shows the variable",
        ),
        pytest.param(
            "?x :same ?r { SELECT ?r ?n { SERVICE <T> { ?r :label ?n } } ORDER BY ?n LIMIT 1 }",
            ["all"], 1, id="a sub-SELECT that cuts off",
        ),
        pytest.param(
            "?x :same ?r { SELECT (COUNT(*) AS ?k) { SERVICE <T> { ?r :label ?n } } }", ["all"], 3,
            id="a sub-SELECT that groups",
        ),
        pytest.param(
            "GRAPH :g { ?x :same ?r SERVICE <T> { ?r :label ?n } }", ["?r: :rc"], 1, id="GRAPH",
        ),
        pytest.param(
            "GRAPH :g { ?x :same ?r } SERVICE <T> { ?r :next ?q } SERVICE <T> { ?q :label ?n }",
            ["?r: :rc", "?q: :ra"], 1, id="what one SERVICE finds is asked of the next",
        ),
        pytest.param(
            "SERVICE <T> { ?q :label ?n } SERVICE <T> { ?r :next ?q } GRAPH :g { ?x :same ?r }",
            ["?r: :rc", "?q: :ra"], 1, id="the one that has keys goes first",
        ),
        pytest.param("?x :none ?r SERVICE <T> { ?r :label ?n }", [], 0, id="nothing to ask for"),
        pytest.param(
            "BIND(IRI(CONCAT(STR(:r), 'a')) AS ?r) SERVICE <T> { ?r :label ?n }", ["?r: :ra"], 1,
            id="BIND",
        ),
        pytest.param(
            "BIND(UUID() AS ?r) OPTIONAL { SERVICE <T> { ?r :label ?n } }", ["all"], 1,
            id="what is another each time is not sent",
        ),
        pytest.param(
            "VALUES ?e { <T> } ?x :same ?r SERVICE ?e { ?r :label ?n }", ["?r: :ra :rb"], 2,
            id="the endpoint is a variable",
        ),
        pytest.param(
            "VALUES ?e { <T> } SERVICE ?e { ?e ?p ?n }", ["?e: <T>"], 0,
            id="the endpoint is a variable of the pattern, too",
        ),
        pytest.param("SERVICE <T> { :ra :label 'A' } ?x :in ?c", ["all"], 2, id="no variable"),
    ],
)  # fmt: skip
def test_what_is_sent_is_what_can_matter(pattern: str, sent: list[str], rows: int) -> None:
    ours, there, url = ox.Store(), ox.Store(), "http://there/sparql"
    ours.load(_OURS, format=ox.RdfFormat.TRIG)
    there.load(_THERE, format=ox.RdfFormat.TURTLE)
    endpoints = Endpoints({url: there})
    text = f"PREFIX : <http://example.org/> SELECT * {{ {pattern.replace('<T>', f'<{url}>')} }}"
    found = found_by_us(ours, text, endpoints)
    assert found.rows.total() == rows
    assert [_keys_in(query, url) for _, query in endpoints.asked] == sent


def _keys_in(query: str, url: str) -> str:
    """Return for which values of which variable *query* asks."""
    block = re.match(r"SELECT [^{]* WHERE \{ VALUES (\?\w+) \{ ([^}]*) \}", query)
    if block is None:
        assert "VALUES" not in query
        return "all"
    terms = block[2].replace(f"<{url}>", "<T>")
    found = sorted(re.sub(r"<http://example\.org/(\w+)>", r":\1", terms).split())
    return f"{block[1]}: {' '.join(found)}"
