"""What is printed parses to the tree it was printed from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.sparql import printer, tree
from graph.sparql.template import parse

if TYPE_CHECKING:
    from collections.abc import Callable

BASE = "http://example.org/a/b"


def _several(
    parts: st.SearchStrategy[tree.Expression],
    make: Callable[[tuple[str, ...], tuple[tree.Expression, ...]], tree.Expression],
    operators: str,
) -> st.SearchStrategy[tree.Expression]:
    more = st.lists(st.tuples(st.sampled_from(operators), parts), min_size=1, max_size=3)

    def build(first: tree.Expression, rest: list[tuple[str, tree.Expression]]) -> tree.Expression:
        return make(tuple(each[0] for each in rest), (first, *(each[1] for each in rest)))

    return st.builds(build, parts, more)


def _exists(condition: tree.Expression, is_negated: bool) -> tree.Exists:
    return tree.Exists(tree.Group((tree.Filter(condition),)), is_negated)


VARIABLES = st.sampled_from(["x", "y", "ẑ", "1", "a_b"]).map(tree.Variable)
IRIS = st.sampled_from(["http://a/b", "urn:a:b", "http://a/'#", "http://a/é?b=(c)"]).map(tree.IRI)
DATATYPES = st.sampled_from(["integer", "decimal", "double", "boolean", "date", "string"]).map(
    lambda name: tree.IRI(tree.XSD + name)
)
STRINGS = st.text() | st.sampled_from(["1", "-1", "+1.5", ".5", "1e0", "-1.E3", "true", "\\", '"'])
LITERALS = (
    st.builds(tree.Literal, STRINGS)
    | st.builds(tree.Literal, STRINGS, DATATYPES)
    | st.builds(tree.Literal, STRINGS, language=st.sampled_from(["en", "de-AT", "ar--rtl"]))
)
EXPRESSIONS = st.recursive(
    VARIABLES | IRIS | LITERALS,
    lambda parts: st.one_of(
        st.lists(parts, min_size=2, max_size=4).map(lambda each: tree.Or(tuple(each))),
        st.lists(parts, min_size=2, max_size=4).map(lambda each: tree.And(tuple(each))),
        st.builds(
            tree.Comparison, st.sampled_from(["=", "!=", "<", ">", "<=", ">="]), parts, parts
        ),
        st.builds(tree.Membership, parts, st.lists(parts, max_size=3).map(tuple), st.booleans()),
        _several(parts, tree.Sum, "+-"),
        _several(parts, tree.Product, "*/"),
        st.builds(tree.Sign, st.sampled_from("+-"), parts),
        # Three in a row are read as one.
        parts.filter(lambda each: not isinstance(each, tree.Not)).map(tree.Not),
        parts.filter(lambda each: not isinstance(each, tree.Not)).map(
            lambda each: tree.Not(tree.Not(each))
        ),
        st.builds(tree.FunctionCall, IRIS, st.lists(parts, max_size=3).map(tuple)),
        st.lists(parts, max_size=3).map(lambda each: tree.BuiltIn("COALESCE", tuple(each))),
        st.builds(_exists, parts, st.booleans()),
    ),
    max_leaves=12,
)
PATHS = st.recursive(
    IRIS
    | st.lists(IRIS | IRIS.map(tree.PathInverse), max_size=3).map(
        lambda each: tree.PathNegated(tuple(each))
    ),
    lambda parts: st.one_of(
        st.lists(parts, min_size=2, max_size=3).map(lambda each: tree.PathSequence(tuple(each))),
        st.lists(parts, min_size=2, max_size=3).map(lambda each: tree.PathAlternative(tuple(each))),
        parts.map(tree.PathInverse),
        st.builds(tree.PathRepeat, parts, st.sampled_from("?*+")),
    ),
    max_leaves=10,
)


@given(EXPRESSIONS)
def test_an_expression_is_printed_as_it_is_built(expression: tree.Expression) -> None:
    query = tree.Ask(tree.Group((tree.Filter(expression),)))
    assert parse(printer.text(query)) == query


@given(PATHS)
def test_a_path_is_printed_as_it_is_built(path: tree.Path) -> None:
    triple = tree.Triple(tree.Variable("s"), path, tree.Variable("o"))
    query = tree.Ask(tree.Group((tree.Triples((triple,)),)))
    assert parse(printer.text(query)) == query


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        pytest.param(
            "BASE <http://e/> PREFIX p: <q#> SELECT $s { $s p:r%20\\, <../t> }",
            "SELECT ?s WHERE { ?s <http://e/q#r%20,> <http://e/t> .  }",
            id="names",
        ),
        pytest.param(
            "SELECT * { ?s ?p 1, '2' ; ?q true }",
            'SELECT * WHERE { ?s ?p 1 . ?s ?p "2" . ?s ?q true .  }',
            id="abbreviations",
        ),
        pytest.param(
            "ASK { [ ?p 'a\\u00e9\\n' ] }", 'ASK WHERE { _:b1 ?p "aé\\n" .  }', id="blank nodes"
        ),
        pytest.param(
            "ASK { FILTER(1-1*2 != -?x) }", "ASK WHERE { FILTER(1 + -1 * 2 != - ?x) }", id="signs"
        ),
        pytest.param(
            "ASK { ?s ?p ?o ~ ?r {| ?q 1 |} }",
            f"ASK WHERE {{ ?s ?p ?o . ?r <{tree.RDF}reifies> <<( ?s ?p ?o )>> . ?r ?q 1 .  }}",
            id="annotations",
        ),
        pytest.param(
            "SELECT (IRI('c') AS ?i) {}",
            'BASE <http://example.org/a/b> SELECT (IRI("c") AS ?i) WHERE { }',
            id="the base of IRI()",
        ),
    ],
)
def test_nothing_is_abbreviated(text: str, printed: str) -> None:
    assert printer.text(parse(text, "query", BASE)) == printed


def test_a_tree_with_gaps_is_not_printed_as_text() -> None:
    query = tree.Ask(tree.Group((tree.Filter(tree.Literal(tree.Slot(7))),)))
    with pytest.raises(ValueError, match="constant 7"):
        printer.text(query)


def test_new_blank_nodes_are_none_of_the_text() -> None:
    query = parse("ASK { _:b1 ?p [] . _:bb1 ?p [] }")
    labels = [node.label for node in tree.walk(query) if isinstance(node, tree.BlankNode)]
    assert labels == ["b1", "bbb1", "bb1", "bbb2"]
