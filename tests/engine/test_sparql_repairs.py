"""What the engine gets wrong, and gets right when it is written in another way.

Each case is checked against the engine's answer to another question, whose answer is the same by
the specification, and which the engine gets right.
"""

from __future__ import annotations

from collections import Counter
from functools import cache

import pyoxigraph as ox
import pytest

from graph.errors import UnsupportedFeature
from graph.sparql.template import TemplateCache

DATA = """
    <a:g1> { <a:s> <a:p> 1, 2 . <a:s> <a:q> <a:t> . <a:s> <a:in> <a:g1>, <a:g2> }
    <a:g2> { <a:s> <a:p> 2 . <a:u> <a:p> 3 . <a:u> <a:in> <a:g1> }
    <a:g3> { <a:z> <a:z> <a:z> }
    <a:s> <a:p> 1 . <a:s> <a:q> <a:t> . <a:t> <a:p> "x"@en, "y"@en .
"""
Solutions = Counter[frozenset[tuple[str, str]]]


@cache
def _store() -> ox.Store:
    store = ox.Store()
    store.load(DATA, format=ox.RdfFormat.TRIG)
    return store


def _repaired(text: str) -> str:
    return TemplateCache().read(text).engine_text


def _solutions(text: str, **dataset: list[ox.NamedNode | ox.BlankNode]) -> Solutions:
    result = _store().query(text, **dataset)  # pyright: ignore[reportArgumentType]
    assert isinstance(result, ox.QuerySolutions)
    names = [variable.value for variable in result.variables]
    return Counter(
        frozenset((name, str(row[name])) for name in names if row[name] is not None)
        for row in result
    )


IN_GRAPHS = [
    line.strip()
    for line in """
    ?s <a:p> ?x VALUES ?x { 1 2 }
    VALUES ?x { 1 2 }
    { VALUES ?x { 1 } } UNION { ?s <a:p> ?x }
    OPTIONAL { ?s <a:q> ?x } VALUES ?y { 1 }
    { SELECT ?s { ?s <a:p> ?o } }
    { SELECT DISTINCT ?s { ?s <a:p> ?o } }
    { SELECT (COUNT(*) AS ?c) { ?s <a:p> ?o } }
    { SELECT (COUNT(?o) AS ?c) (SUM(?o) AS ?d) (AVG(?o) AS ?e) (MIN(?o) AS ?f) { ?s <a:p> ?o } }
    { SELECT (MAX(1) AS ?c) (SUM(1) AS ?d) (COUNT(1) AS ?e) (SAMPLE(1) AS ?f) { ?s <a:p> ?o } }
    { SELECT (GROUP_CONCAT(STR(?s)) AS ?c) (COUNT(DISTINCT ?s) AS ?d) { ?s <a:q> ?o } }
    { SELECT ?s (COUNT(?o) AS ?c) { ?s <a:p> ?o } GROUP BY ?s HAVING(COUNT(?o) > 1) }
    { SELECT (COUNT(?o) AS ?c) { ?s <a:p> ?o } HAVING(COUNT(?o) < 1) }
    { SELECT * { ?s <a:p> ?o } }
    { SELECT ?g { ?s <a:in> ?g } }
    { SELECT ?s { ?s <a:in> ?g } }
    { SELECT (COUNT(*) AS ?c) { { SELECT DISTINCT ?s { ?s <a:p> ?o } } } }
    ?s <a:in> ?g
    ?s <a:p> ?o OPTIONAL { ?s <a:in> ?g }
    ?s <a:p> ?o FILTER(BOUND(?g))
    ?s <a:p> ?o FILTER(!BOUND(?g))
    ?s <a:p> ?o BIND(?g AS ?h)
    ?s <a:p> ?o MINUS { ?s <a:q> ?t }
    ?s <a:p> ?o MINUS { ?x <a:q> ?t }
    ?s <a:p> ?o MINUS { ?s <a:in> ?g }
    ?s <a:in> ?g MINUS { ?x <a:in> ?g . ?x <a:q> ?t }
    ?s <a:p> ?o { SELECT (COUNT(*) AS ?c) { ?x <a:p> ?y } }
    ?s <a:p> ?o OPTIONAL { SELECT (COUNT(*) AS ?c) { ?x <a:p> ?y } }
    ?s <a:p> ?o FILTER EXISTS { SELECT ?s { ?s <a:q> ?t } }
    ?s <a:p> ?o FILTER NOT EXISTS { ?s <a:q> ?t MINUS { ?z <a:q> ?w } }
    GRAPH ?h { ?s <a:q> ?o }
    GRAPH ?h { VALUES ?x { 1 } }
    GRAPH ?g { ?s <a:q> ?o }
    GRAPH <a:g1> { ?s <a:q> ?o VALUES ?x { 1 } }
    GRAPH <a:g2> { ?s <a:p> ?o OPTIONAL { ?s <a:q> ?z } MINUS { ?z <a:p> ?w } }
    ?s <a:in> ?h GRAPH ?h { SELECT (COUNT(*) AS ?c) { ?x <a:p> ?y } }
    <a:n> <a:p>* ?o
    <a:s> <a:p>* ?o
    ?s <a:p> ?o FILTER NOT EXISTS { <a:s> <a:p>* ?o }
""".strip().splitlines()
]


@pytest.mark.parametrize("pattern", IN_GRAPHS)
def test_graph_with_a_variable_is_its_group_for_each_graph(pattern: str) -> None:
    """18.6: what the group has as solutions where the graph is the default graph, and its name."""
    graphs = [name for name in _store().named_graphs() if isinstance(name, ox.NamedNode)]
    expected: Solutions = Counter()
    for graph in graphs:
        alone = _repaired(f"SELECT * {{ {pattern} }}")
        dataset = {"default_graph": [graph], "named_graphs": graphs}
        for row, times in _solutions(alone, **dataset).items():  # pyright: ignore[reportArgumentType]
            if dict(row).get("g", str(graph)) == str(graph):
                expected[row | {("g", str(graph))}] += times
    assert _solutions(_repaired(f"SELECT * {{ GRAPH ?g {{ {pattern} }} }}")) == expected


@pytest.mark.parametrize(
    ("query", "same"),
    [
        ("SELECT * { <a:n> <a:p>* ?x }", "SELECT * { VALUES ?x { <a:n> } }"),
        ("SELECT * { ?x <a:p>? <a:n> }", "SELECT * { VALUES ?x { <a:n> } }"),
        ("SELECT * { <a:n> ^<a:p>? ?x }", "SELECT * { VALUES ?x { <a:n> } }"),
        ("SELECT * { <a:n> (<a:p>?)+ ?x }", "SELECT * { VALUES ?x { <a:n> } }"),
        ("SELECT * { 'n' (<a:p>|<a:q>)* ?x }", "SELECT * { VALUES ?x { 'n' } }"),
        ("SELECT * { <a:n> <a:p>* <a:n> }", "SELECT * {}"),
        ("SELECT * { <a:n> <a:p>* <a:s> }", "SELECT * { FILTER(false) }"),
        ("SELECT * { <a:s> <a:p>* ?x }", "SELECT * { VALUES ?x { <a:s> 1 } }"),
        ("SELECT * { <a:n> <a:p>* ?x . ?s <a:p> ?x }", "SELECT * { FILTER(false) }"),
        ("SELECT ?s { <a:s> <a:p>* _:x . ?s <a:p> _:x }", "SELECT * { VALUES ?s { <a:s> } }"),
        ("SELECT ?p { <a:n> <a:p>* [] }", "SELECT ?p {}"),
        ("SELECT * { VALUES ?x { 1 <a:n> } FILTER EXISTS { ?x <a:p>* <a:n> } }",
         "SELECT * { VALUES ?x { <a:n> } }"),
    ],
)  # fmt: skip
def test_a_path_of_no_length_finds_its_own_end(query: str, same: str) -> None:
    assert _solutions(_repaired(query)) == _solutions(same)


@pytest.mark.parametrize(
    ("query", "same"),
    [
        pytest.param(
            "SELECT (COUNT(?o) AS ?c) (?c + 1 AS ?d) (?d * ?c AS ?e) { ?s <a:p> ?o }",
            "SELECT * { VALUES (?c ?d ?e) { (3 4 12) } }",
            id="a variable is used again after an aggregate",
        ),
        pytest.param(
            "SELECT ?s (?s AS ?t) (STR(?t) AS ?u) { ?s <a:q> ?o } GROUP BY ?s",
            'SELECT * { VALUES (?s ?t ?u) { (<a:s> <a:s> "a:s") } }',
            id="a variable is used again after a key",
        ),
        pytest.param(
            "SELECT (LANG(GROUP_CONCAT(?o)) AS ?l) { <a:t> <a:p> ?o }",
            "SELECT ('' AS ?l) {}",
            id="GROUP_CONCAT has no language",
        ),
        pytest.param(
            "SELECT * { ?s <a:q> ?o FILTER EXISTS { ?s <a:p> ?x MINUS { ?y <a:q> ?z } } }",
            "SELECT * { ?s <a:q> ?o }",
            id="MINUS takes nothing away when it shares nothing",
        ),
        pytest.param(
            "SELECT ?s (?s IN () AS ?in) (<a:s> NOT IN () AS ?out) "
            "{ ?s <a:q> ?o FILTER (?s NOT IN ()) FILTER (!(?none IN ())) }",
            "SELECT * { VALUES (?s ?in ?out) { (<a:s> false true) } }",
            id="nothing is in an empty list",
        ),
    ],
)
def test_expressions(query: str, same: str) -> None:
    assert _solutions(_repaired(query)) == _solutions(same)


@pytest.mark.parametrize(
    "query",
    [
        """SELECT ?s ?a ?b ?c { ?s <a:p> ?o BIND(BNODE('x') AS ?a) BIND(BNODE('x') AS ?b)
            BIND(BNODE('y') AS ?c) }""",
        "SELECT ?s (BNODE('x') AS ?a) (BNODE('x') AS ?b) (BNODE('y') AS ?c) { ?s <a:p> ?o }",
        """SELECT * { { SELECT ?s (BNODE('x') AS ?a) (BNODE(CONCAT('', 'x')) AS ?b)
            (BNODE('y y') AS ?c) { ?s <a:p> ?o } } }""",
    ],
)
def test_a_labelled_blank_node_is_one_in_a_solution_and_another_in_the_next(query: str) -> None:
    result = _store().query(_repaired(query))
    assert isinstance(result, ox.QuerySolutions)
    rows = [(str(row["a"]), str(row["b"]), str(row["c"])) for row in result]
    assert len(rows) == 3
    assert all(a == b != c for a, b, c in rows)
    assert len({a for a, _, _ in rows}) == 3


def test_blank_nodes_in_a_filter_are_told_apart() -> None:
    query = "ASK { FILTER(BNODE('x') = BNODE('x') && BNODE('x') != BNODE('y')) }"
    assert _store().query(_repaired(query))


@pytest.mark.parametrize(
    ("query", "columns"),
    [
        ("SELECT * { ?z ?y ?x }", ["z", "y", "x"]),
        ("SELECT * { GRAPH ?z { ?x ?y ?w VALUES ?a { 1 } } }", ["z", "x", "y", "w", "a"]),
        ("SELECT * { ?z <a:p> ?y BIND(BNODE('x') AS ?a) }", ["z", "y", "a"]),
        ("SELECT * {}", []),
    ],
)
def test_the_columns_of_a_star_come_as_they_are_found(query: str, columns: list[str]) -> None:
    result = _store().query(_repaired(query))
    assert isinstance(result, ox.QuerySolutions)
    assert [variable.value for variable in result.variables] == columns


def test_booleans_may_be_written_in_capitals() -> None:
    assert _store().query(_repaired("ASK { FILTER(TRUE && !False) }"))


def test_templates_are_left_alone() -> None:
    query = "CONSTRUCT { ?s <a:r> _:x } WHERE { <a:n> <a:p>* _:x . <a:s> <a:q>? ?s }"
    result = _store().query(_repaired(query))
    assert isinstance(result, ox.QueryTriples)
    assert len({triple.object for triple in result}) == 2


@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        pytest.param(
            "SELECT (COUNT(*) * RAND() AS ?r) (?r + 1 AS ?s) {}",
            r"\?r is used again .* another value",
            id="volatile",
        ),
        pytest.param(
            "SELECT (COUNT(*) AS ?c) (EXISTS { ?c ?p ?o } && ?c > 0 AS ?d) {}",
            r"\?c is used again after SELECT beside EXISTS",
            id="exists",
        ),
        pytest.param(
            "SELECT (COUNT(*) AS ?v0) "
            + " ".join(f"(?v{n} + ?v{n} AS ?v{n + 1})" for n in range(60))
            + " {}",
            r"used again after SELECT too often",
            id="it would double sixty times",
        ),
        pytest.param(
            "SELECT (BNODE(MAX(?x)) AS ?b) { ?s ?p ?x }", r"no BNODE with a label", id="bnode"
        ),
        pytest.param(
            "ASK { GRAPH ?g { { SELECT ?s { ?s ?p ?o } LIMIT 1 } } }", r"no LIMIT", id="limit"
        ),
        pytest.param(
            "ASK { GRAPH ?g { SELECT (COUNT(DISTINCT *) AS ?c) { ?s ?p ?o } } }",
            r"no COUNT\(DISTINCT \*\) for each graph",
            id="count",
        ),
        pytest.param(
            "ASK { GRAPH ?g { ?s ?p ?o OPTIONAL { ?s <a:q> ?x } MINUS { ?t ?x ?u } } }",
            r"no MINUS inside GRAPH with a variable",
            id="minus",
        ),
        pytest.param(
            "ASK { " + "GRAPH ?g { ?s ?p ?o " * 11 + "}" * 12,
            r"GRAPH with a variable nests deeper than 10",
            id="deep graphs",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_repaired_is_refused(query: str, complaint: str) -> None:
    with pytest.raises(UnsupportedFeature, match=complaint):
        _repaired(query)


ALTERNATIVES = """
    <x:b> <x:p> <x:c> . <x:b> <x:q> <x:c> . <x:c> <x:q> <x:d> . <x:d> <x:r> <x:b> .
"""


@pytest.mark.parametrize(
    ("path", "by_the_specification"),
    [
        ("?x (<x:p>|<x:q>) ?y", "{ ?x <x:p> ?y } UNION { ?x <x:q> ?y }"),
        ("?y ^(<x:p>|<x:q>) ?x", "{ ?x <x:p> ?y } UNION { ?x <x:q> ?y }"),
        (
            "?x (<x:p>|<x:q>)/<x:q> ?y",
            "{ ?x <x:p> ?z . ?z <x:q> ?y } UNION { ?x <x:q> ?z . ?z <x:q> ?y }",
        ),
        (
            "?x <x:r>/(<x:p>|<x:q>|^<x:q>) ?y",
            "?x <x:r> ?z { ?z <x:p> ?y } UNION { ?z <x:q> ?y } UNION { ?y <x:q> ?z }",
        ),
        (
            "?x <x:r> _:n . _:n (<x:p>|<x:q>) ?y",
            "?x <x:r> ?n { ?n <x:p> ?y } UNION { ?n <x:q> ?y }",
        ),
        ("<x:gone> (<x:p>*|<x:q>) ?y . VALUES ?x { 1 }", "VALUES (?x ?y) { (1 <x:gone>) }"),
        ("?x (<x:p>|<x:q>)+ ?y", "?x (<x:p>|<x:q>)+ ?y"),
    ],
)
def test_alternatives_find_what_each_of_them_finds(path: str, by_the_specification: str) -> None:
    store = ox.Store()
    store.load(ALTERNATIVES, format=ox.RdfFormat.TURTLE)

    def pairs(text: str) -> Counter[tuple[str, str]]:
        result = store.query(text)
        assert isinstance(result, ox.QuerySolutions)
        return Counter((str(row["x"]), str(row["y"])) for row in result)

    expected = pairs(f"SELECT ?x ?y {{ {by_the_specification} }}")
    assert expected
    assert pairs(_repaired(f"SELECT ?x ?y {{ {path} }}")) == expected


def test_counts_over_an_alternative_are_those_of_the_union() -> None:
    store = ox.Store()
    store.load(ALTERNATIVES, format=ox.RdfFormat.TURTLE)
    text = "SELECT (COUNT(*) AS ?n) { <x:b> (<x:p>|<x:q>) ?y }"
    result = store.query(_repaired(text))
    assert isinstance(result, ox.QuerySolutions)
    assert [row["n"] for row in result] == [ox.Literal(2)]
