"""What is no query although its tokens are in order, and what the reader is told about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from graph.errors import QueryRejected
from graph.sparql.template import parse

if TYPE_CHECKING:
    from graph.sparql.parser import Kind

BASE = "http://example.org/"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        pytest.param(
            "SELECT * {\n ?s ?p }",
            r"line 2, column 8: found '}'; expected a variable, a name or an IRI,",
            id="a missing object",
        ),
        pytest.param("SELECT * {", r"column 11: found the end of the text; expected", id="end"),
        pytest.param("ASK {} x", r"column 8: 'x' is no word", id="too much"),
        pytest.param(
            "ASK { ?s ex:p 1 }", r"column 10: the prefix 'ex:' is not declared", id="prefix"
        ),
        pytest.param("SELECT (1 AS ?s) { ?s ?p ?o }", r"column 14: AS gives \?s a value", id="AS"),
        pytest.param("SELECT (1 AS ?a) (2 AS ?a) {}", r"AS gives \?a a value", id="AS twice"),
        pytest.param(
            "SELECT * { ?s ?p ?o BIND(1 AS ?o) }", r"column 31: BIND gives \?o", id="BIND"
        ),
        pytest.param(
            "SELECT ?s { ?s ?p ?o } GROUP BY ?p", r"column 8: \?s has many values", id="group key"
        ),
        pytest.param(
            "SELECT (?o + 1 AS ?x) (COUNT(*) AS ?n) { ?s ?p ?o }",
            r"\?o has many values .* SAMPLE\(\?o\)",
            id="group key in an expression",
        ),
        pytest.param("SELECT * {} GROUP BY ?s", r"SELECT \* cannot be grouped", id="star"),
        pytest.param("ASK { FILTER(COUNT(*) > 1) }", r"COUNT may stand only after", id="filter"),
        pytest.param("SELECT (SUM(MAX(?a)) AS ?b) {}", r"MAX cannot stand inside SUM", id="nested"),
        pytest.param("SELECT (SUM(*) AS ?b) {}", r"only COUNT takes '\*'; SUM", id="star of sum"),
        pytest.param(
            "SELECT (SUM(?a; SEPARATOR='') AS ?b) {}", r"only GROUP_CONCAT has", id="separator"
        ),
        pytest.param("ASK { FILTER STRLEN(1, 2) }", r"STRLEN takes 1 argument, not 2", id="number"),
        pytest.param(
            "ASK { FILTER REGEX('') }", r"REGEX takes 2 to 3 arguments, not 1", id="range"
        ),
        pytest.param("ASK { FILTER BOUND(1) }", r"BOUND takes a variable", id="bound"),
        pytest.param("ASK { VALUES (?a ?b) { (1) } }", r"row .* 1 values for 2", id="row"),
        pytest.param("ASK { VALUES (?a ?a) {} }", r"VALUES names \?a twice", id="columns"),
        pytest.param(
            "ASK { _:a ?p 1 OPTIONAL { _:a ?q 2 } }", r"column 27: _:a stands in two", id="label"
        ),
        pytest.param("CONSTRUCT { ?s ^<p> ?o } {}", r"a property path .* CONSTRUCT", id="path"),
        pytest.param(
            "ASK { ?s <p>+ 1 {| ?q 2 |} }", r"a path finds cannot be annot", id="annotate"
        ),
        pytest.param(
            "SELECT ('a'@ar--up AS ?x) {}", r"the direction is ltr or rtl", id="direction"
        ),
        pytest.param('VERSION """1.2""" ASK {}', r"a version has one quotation mark", id="version"),
        pytest.param("PREFIX a:b: <x> ASK {}", r"a prefix ends with its ':'", id="bad prefix"),
        pytest.param(
            "ASK { VALUES ?t { <<( ?s <p> 1 )>> } }", r"\?s stands in VALUES", id="values term"
        ),
        pytest.param(
            "ASK { FILTER ISTRIPLE(<<( 'a' <p> 1 )>>) }", r"a literal cannot be", id="literal"
        ),
        pytest.param("", r"line 1, column 1: found the end of the text; expected", id="nothing"),
    ],
)
def test_a_query_is_refused_in_plain_words(text: str, complaint: str) -> None:
    with pytest.raises(QueryRejected, match=complaint):
        parse(text, "query", BASE)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        pytest.param("INSERT DATA { ?s <p> 1 }", r"\?s stands in data", id="variable in data"),
        pytest.param(
            "DELETE DATA { [] <p> 1 }", r"a blank node cannot stand in DELETE", id="blank"
        ),
        pytest.param(
            "DELETE { ?s ?p ?o {| <q> 1 |} } WHERE { ?s ?p ?o }",
            r"a blank node cannot stand in DELETE",
            id="an annotation has a blank node",
        ),
        pytest.param(
            "INSERT DATA { _:a <p> 1 } ; INSERT DATA { _:a <p> 2 }",
            r"_:a stands in two INSERT DATA",
            id="label",
        ),
        pytest.param("INSERT { ?s <p>/<q> 1 } WHERE {}", r"a property path .* INSERT", id="path"),
        pytest.param(
            "CLEAR GRAPH", r"found the end of the text; expected a name or an IRI", id="end"
        ),
        pytest.param("SELECT * {}", r"found 'SELECT'; expected", id="a query"),
    ],
)
def test_an_update_is_refused_in_plain_words(text: str, complaint: str) -> None:
    with pytest.raises(QueryRejected, match=complaint):
        parse(text, "update", BASE)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("query", "SELECT (COUNT(?v) AS ?c) (?c + 1 AS ?d) { ?s ?p ?v }"),
        ("query", "SELECT (1 AS ?z) { ?s ?p ?z } GROUP BY ?s"),
        ("query", "ASK { _:a ?p 1 FILTER(?p != <q>) _:a ?q 2 }"),
        ("query", "SELECT ?x { { SELECT (1 AS ?x) {} } UNION { BIND(2 AS ?x) } }"),
        ("query", "ASK { FILTER(TRUE || False) }"),
        ("query", "SELECT * { ?s ?p ?o LATERAL { SELECT * { ?o ?q ?r } LIMIT 1 } }"),
        ("query", "SELECT * { ?s ?p () , ( # nothing\n ) }"),
        ("update", "DELETE { ?s ?p 1 } INSERT { _:a ?p 1 } WHERE { _:a ?p ?s }"),
        ("update", "CLEAR ALL ;"),
        ("update", ""),
    ],
)
def test_what_only_looks_wrong_is_read(kind: Kind, text: str) -> None:
    parse(text, kind, BASE)
