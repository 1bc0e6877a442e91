"""What one reading of a query tells, and what is kept of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import QueryRejected
from graph.sparql import tree
from graph.sparql.iris import resolve
from graph.sparql.template import Reading, TemplateCache
from graph.sparql.tokens import tokens

if TYPE_CHECKING:
    from graph.sparql.parser import Kind

BASE = "http://example.org/sparql"
TYPICAL = """
    PREFIX mp: <https://w3id.org/metapole/ontology#>
    PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
    SELECT ?cluster ?label (COUNT(DISTINCT ?member) AS ?members) WHERE {
        ?cluster a mp:Cluster ; rdfs:label ?label ; mp:region <http://example.org/region/1> .
        OPTIONAL { ?member mp:memberOf ?cluster ; mp:size ?size FILTER(?size > 10 && ?size <= 1e3) }
        FILTER(LANGMATCHES(LANG(?label), "en") || CONTAINS(?label, "it's"))
        VALUES ?cluster { <http://example.org/cluster/1> <http://example.org/cluster/2> }
    } GROUP BY ?cluster ?label ORDER BY DESC(?members) LIMIT 100
"""


def _read(text: str, kind: Kind = "query") -> Reading:
    return TemplateCache(BASE).read(text, kind)


@pytest.mark.parametrize(
    ("text", "form", "columns"),
    [
        ("SELECT ?b (1 AS ?a) { ?b ?c ?d }", "select", ("b", "a")),
        ("SELECT * { ?o ?p ?s FILTER(?x) MINUS { ?y ?p 1 } }", "select", ("o", "p", "s")),
        ("SELECT * { ?z ?y [ ?x ?w ] } VALUES (?v ?z) {}", "select", ("z", "y", "x", "w", "v")),
        ("SELECT * { { SELECT ?b { ?a ?b ?c } } GRAPH ?g { ?d ?b 1 } }", "select", ("b", "g", "d")),
        ("ASK {}", "ask", None),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "construct", None),
        ("DESCRIBE <a>", "describe", None),
    ],
)
def test_form_and_columns(text: str, form: str, columns: tuple[str, ...] | None) -> None:
    reading = _read(text)
    assert (reading.form, reading.columns) == (form, columns)


def test_what_guards_ask_for() -> None:
    reading = _read("""
        PREFIX e: <http://example.org/>
        SELECT (SAMPLE(RAND()) AS ?r) FROM <g> FROM NAMED e:h {
            SERVICE <http://a/b> { ?s ?p ?o } SERVICE SILENT ?s {} FILTER(e:f(<http://a/g>(?s)))
        }""")
    assert reading.services == ("http://a/b", None)
    assert reading.functions == ("http://example.org/f", "http://a/g")
    assert reading.default_graphs == ("http://example.org/g",)
    assert reading.named_graphs == ("http://example.org/h",)
    assert reading.is_volatile
    assert reading.template.aggregates == {"SAMPLE"}
    assert reading.template.prefixes == {"e": "http://example.org/"}
    service = reading.template.services[0]
    assert reading.place(service) == "line 4, column 21"


def test_what_an_update_does_can_be_seen() -> None:
    reading = _read("LOAD <a> ; DROP ALL ; DELETE {} USING <g> WHERE { SERVICE <s> {} }", "update")
    assert reading.form == "update"
    assert isinstance(reading.operation, tree.Update)
    load, drop, _ = reading.operation.operations
    assert load == tree.Load(tree.IRI("http://example.org/a"))
    assert drop == tree.Clear("DROP", "ALL")
    assert reading.default_graphs == ("http://example.org/g",)
    assert reading.services == ("http://example.org/s",)


CONSTANTS = st.sampled_from(["<a>", "<b:c>", '"d"', "'''e\n'''", r'"\t"', "1", "2.5", "3e4", "-1"])


@given(st.lists(CONSTANTS, min_size=4, max_size=4), st.lists(CONSTANTS, min_size=4, max_size=4))
def test_a_known_template_gives_what_reading_anew_gives(first: list[str], then: list[str]) -> None:
    cache = TemplateCache(BASE)
    texts = [
        "ASK {{ ?s <p> {}, {} FILTER(?s = {} && {} > 2) }}".format(*each) for each in (first, then)
    ]
    for text in texts:
        assert cache.read(text).engine_text == _read(text).engine_text
        assert cache.read(text).operation == _read(text).operation


def test_constants_share_a_template_and_their_kinds_do_not() -> None:
    cache = TemplateCache(BASE)
    for constant in ("1", "2", "3"):
        cache.read(f"ASK {{ ?s ?p {constant} }}")
    assert len(cache) == 1
    for constant in ("<a>", '"a"', "1.0", "-1", "1e0"):
        cache.read(f"ASK {{ ?s ?p {constant} }}")
    assert len(cache) == 6
    assert cache.known("ASK { ?s ?p 4 }") is not None
    assert cache.known("ASK { ?s ?q 4 }") is None
    assert cache.known("ASK { ?s ?p 4 }", "update") is None


def test_the_fingerprint_is_of_the_shape() -> None:
    one = _read("PREFIX e: <http://e/> SELECT * { ?s e:p 1 }")
    same = _read("PREFIX f: <http://e/>\nSELECT*{ ?s f:p 2 . } # more")
    other = _read("PREFIX e: <http://e/> SELECT * { ?s e:p '1' }")
    assert one.template.fingerprint == same.template.fingerprint != other.template.fingerprint


def test_a_bad_constant_in_a_known_template_is_refused_with_its_place() -> None:
    cache = TemplateCache()
    cache.read("ASK { ?s <http://a/p> <http://a/o> }")
    with pytest.raises(QueryRejected, match=r"line 1, column 23: <o> is a relative IRI"):
        cache.read("ASK { ?s <http://a/p> <o> }")
    with pytest.raises(QueryRejected, match=r"column 10: .* has the character ' '"):
        cache.read(r"ASK { ?s <http://a/\u0020> <http://a/o> }")


def test_the_cache_is_bounded() -> None:
    cache = TemplateCache(max_templates=3, max_bytes=180, max_template_bytes=160)
    for number in range(10):
        cache.read(f"ASK {{ ?s{number} ?p ?o }}")
    assert len(cache) == 3
    assert cache.known("ASK { ?s9 ?p ?o }") is not None
    assert cache.known("ASK { ?s6 ?p ?o }") is None
    cache.read(f"ASK {{ ?{'s' * 140} ?p ?o }}")
    assert len(cache) == 2
    cache.read(f"ASK {{ ?{'s' * 160} ?p ?o }}")
    assert len(cache) == 2


def test_every_node_says_where_it_stands() -> None:
    reading = _read(TYPICAL)
    starts = {token.at for token in tokens(reading.source)}
    nodes = [node for node in tree.walk(reading.template.operation) if node.at >= 0]
    assert len(nodes) > 50
    assert {node.at for node in nodes} <= starts


def test_reading_is_fast() -> None:
    """Ten times what was measured on two slow cores, so that it fails for a reason only."""
    cache = TemplateCache(BASE)
    cache.read(TYPICAL)
    assert _milliseconds(lambda: cache.known(TYPICAL)) < 0.4
    assert _milliseconds(lambda: TemplateCache(BASE).read(TYPICAL)) < 15


def _milliseconds(run: object) -> float:
    assert callable(run)
    best = float("inf")
    for _ in range(30):
        start = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - start)
    return best * 1000


# RFC 3986, 5.4
RESOLVED = {
    "g:h": "g:h", "g": "http://a/b/c/g", "./g": "http://a/b/c/g", "g/": "http://a/b/c/g/",
    "/g": "http://a/g", "//g": "http://g", "?y": "http://a/b/c/d;p?y", "g?y": "http://a/b/c/g?y",
    "#s": "http://a/b/c/d;p?q#s", "g#s": "http://a/b/c/g#s", "g?y#s": "http://a/b/c/g?y#s",
    ";x": "http://a/b/c/;x", "": "http://a/b/c/d;p?q", ".": "http://a/b/c/", "./": "http://a/b/c/",
    "..": "http://a/b/", "../": "http://a/b/", "../g": "http://a/b/g", "../..": "http://a/",
    "../../g": "http://a/g", "../../../g": "http://a/g", "/./g": "http://a/g", "/../g": "http://a/g",
    "g.": "http://a/b/c/g.", ".g": "http://a/b/c/.g", "g..": "http://a/b/c/g..",
    "./../g": "http://a/b/g", "./g/.": "http://a/b/c/g/", "g/./h": "http://a/b/c/g/h",
    "g/../h": "http://a/b/c/h", "g;x=1/../y": "http://a/b/c/y", "g?y/../x": "http://a/b/c/g?y/../x",
    "http:g": "http:g",
}  # fmt: skip


@pytest.mark.parametrize("reference", RESOLVED)
def test_a_relative_iri_is_resolved_as_rfc_3986_says(reference: str) -> None:
    assert resolve(reference, "http://a/b/c/d;p?q") == RESOLVED[reference]
