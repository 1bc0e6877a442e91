"""Long and deep texts: refused before anything recurses, or read in time that grows with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from graph.errors import QueryRejected
from graph.limits import MAX_NESTING
from graph.sparql import printer
from graph.sparql.template import parse
from tests.thoroughness import tried

if TYPE_CHECKING:
    from graph.sparql.parser import Kind

LONG = tried(5_000, 20_000)
DEEP = MAX_NESTING - 10


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("ASK { FILTER(" + "(" * 100_000, ")" * 100_001 + "}", id="round"),
        pytest.param("ASK " + "{" * 100_000, "}" * 100_000, id="curly"),
        pytest.param("ASK { ?s ?p " + "[ ?p " * 100_000, "]" * 100_000 + "}", id="square"),
        pytest.param("ASK { " + "<< " * 100_000, ">>" * 100_000 + "}", id="angled"),
        pytest.param("ASK { ?s ?p " + "<<( ?s ?p " * 100_000, ")>>" * 100_000, id="triple terms"),
        pytest.param("ASK { ?s ?p ?o " + "{| ?p ?o " * 100_000, "|}" * 100_000, id="annotations"),
        pytest.param("ASK { ?s " + "(" * 100_000, "?p )" * 100_000, id="paths"),
    ],
)
def test_deep_brackets_are_refused(before: str, after: str) -> None:
    with pytest.raises(QueryRejected, match="brackets nest deeper than 500"):
        parse(f"{before}{after}")


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        pytest.param("query", f"ASK {{ FILTER({'!' * LONG}?x) }}", id="not"),
        pytest.param("query", f"ASK {{ FILTER({'||'.join(['?x'] * LONG)}) }}", id="or"),
        pytest.param("query", f"ASK {{ FILTER({'&&'.join(['?x'] * LONG)}) }}", id="and"),
        pytest.param("query", f"ASK {{ FILTER({'+'.join(['?x'] * LONG)}) }}", id="plus"),
        pytest.param("query", f"ASK {{ FILTER(1{'-1' * LONG}) }}", id="signed numbers"),
        pytest.param("query", f"ASK {{ FILTER({'*'.join(['?x'] * LONG)}) }}", id="times"),
        pytest.param("query", f"ASK {{ {' UNION '.join(['{}'] * LONG)} }}", id="union"),
        pytest.param("query", f"ASK {{ {'OPTIONAL {} ' * LONG} }}", id="optional"),
        pytest.param("query", f"ASK {{ ?s {'/'.join(['<p:p>'] * LONG)} ?o }}", id="sequence"),
        pytest.param("query", f"ASK {{ ?s {'|'.join(['<p:p>'] * LONG)} ?o }}", id="alternative"),
        pytest.param("query", f"ASK {{ ?s ?p ({'1 ' * LONG}) }}", id="list"),
        pytest.param("query", f"ASK {{ ?s ?p 1{', 1' * LONG}{'; ?q 1' * LONG} }}", id="objects"),
        pytest.param("query", f"ASK {{ VALUES ?x {{ {'1 ' * LONG} }} }}", id="values"),
        pytest.param("update", "CLEAR ALL;" * LONG, id="operations"),
        pytest.param(
            "query", "ASK { FILTER(" + "(1+" * DEEP + "?x" + ")" * DEEP + ")}", id="round"
        ),
        pytest.param("query", "ASK " + "{ ?s ?p ?o " * DEEP + "}" * DEEP, id="curly"),
        pytest.param(
            "query", "ASK { ?s " + "(^" * DEEP + "<p:p>" + ")+" * DEEP + " ?o }", id="path"
        ),
        pytest.param("query", "ASK {" + "FILTER EXISTS {" * DEEP + "}" * DEEP + "}", id="exists"),
        pytest.param(
            "query", "ASK { ?s ?p " + "[ ?p " * DEEP + "1" + "]" * DEEP + "}", id="square"
        ),
        pytest.param(
            "query", "ASK { ?s ?p " + "<<( ?s ?p " * DEEP + "1" + ")>>" * DEEP + "}", id="triples"
        ),
    ],
)
def test_long_and_deep_texts_are_read_and_printed(kind: Kind, text: str) -> None:
    operation = parse(text, kind)
    printed = printer.text(operation)
    assert len(text) > LONG or parse(printed, kind, max_nesting=3 * MAX_NESTING) == operation
