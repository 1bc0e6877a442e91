"""Queries through the seam: what is asked, of which graphs, in which format."""

import csv
import io
import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pyoxigraph as ox
import pytest

from graph.errors import (
    EngineUnavailable,
    NotAllowed,
    QueryRejected,
    StoreUnusable,
    UnsupportedFeature,
    UnwritableAnswer,
)
from graph.formats import FORMATS, Format, formats_of
from graph.query import READ_HERE_BYTES

from .conftest import Ask, Publish

EX = "http://example.org/"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
COUNT_NAMED = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"


@pytest.mark.parametrize(
    ("text", "options", "count"),
    [
        pytest.param(COUNT, {}, 5, id="the union"),
        pytest.param(COUNT, {"default_graph": "own"}, 1, id="the store's own default graph"),
        pytest.param(COUNT_NAMED, {}, 5, id="all named graphs of data"),
        pytest.param(COUNT_NAMED, {"default_graph": "own"}, 5, id="the same without union"),
        pytest.param(COUNT.replace("{", f"FROM <{EX}one> {{", 1), {}, 3, id="FROM"),
        pytest.param(COUNT_NAMED.replace("{", f"FROM <{EX}one> {{", 1), {}, 0, id="FROM only"),
        pytest.param(
            COUNT_NAMED.replace("{", f"FROM NAMED <{EX}two> {{", 1), {}, 2, id="FROM NAMED"
        ),
        pytest.param(COUNT, {"graphs": [f"{EX}two"]}, 2, id="default-graph-uri"),
        pytest.param(COUNT_NAMED, {"graphs": [f"{EX}two"]}, 0, id="no named-graph-uri"),
        pytest.param(COUNT, {"named_graphs": [f"{EX}two"]}, 0, id="no default-graph-uri"),
        pytest.param(COUNT_NAMED, {"named_graphs": [f"{EX}two"]}, 2, id="named-graph-uri"),
        pytest.param(
            COUNT.replace("{", f"FROM <{EX}one> {{", 1),
            {"graphs": [f"{EX}two"]},
            2,
            id="the request beats the text",
        ),
    ],
)
def test_a_query_is_about_the_graphs_it_names(
    store: Path, ask: Ask, text: str, options: dict[str, object], count: int
) -> None:
    assert ask(store, text, **options) == f"n\r\n{count}\r\n".encode()


@pytest.mark.parametrize("each", formats_of("table"), ids=lambda each: each.name)
def test_a_table_can_be_read_back(store: Path, ask: Ask, each: Format) -> None:
    content = ask(store, f"SELECT ?name {{ <{EX}a> <{EX}name> ?name }}", each.name)
    assert _names(each, content) == ["Ada"]


@pytest.mark.parametrize("each", formats_of("table"), ids=lambda each: each.name)
def test_a_yes_can_be_read_back(store: Path, ask: Ask, each: Format) -> None:
    assert b"true" in ask(store, "ASK { ?s ?p ?o }", each.name)
    assert b"false" in ask(store, "ASK { FILTER(false) }", each.name)


@pytest.mark.parametrize("each", formats_of("graph"), ids=lambda each: each.name)
@pytest.mark.parametrize(
    "text",
    [f"CONSTRUCT {{ ?s ?p ?o }} {{ ?s ?p ?o . ?s <{EX}name> ?n }}", f"DESCRIBE <{EX}a>"],
    ids=["construct", "describe"],
)
def test_a_graph_can_be_read_back(store: Path, ask: Ask, each: Format, text: str) -> None:
    expected = {
        ox.Quad(*map(ox.NamedNode, (f"{EX}a", f"{EX}knows", f"{EX}b"))),
        ox.Quad(ox.NamedNode(f"{EX}a"), ox.NamedNode(f"{EX}age"), ox.Literal(36)),
        ox.Quad(
            ox.NamedNode(f"{EX}a"), ox.NamedNode(f"{EX}name"), ox.Literal("Ada", language="en")
        ),
    }
    content = ask(store, text, each.name)
    assert set(ox.parse(content, ox.RdfFormat.from_media_type(each.media_type))) == expected


def test_the_prefixes_of_the_query_are_those_of_the_answer(store: Path, ask: Ask) -> None:
    text = f"PREFIX ex: <{EX}> CONSTRUCT {{ ex:a ex:age ?age }} {{ ex:a ex:age ?age }}"
    assert b"ex:a ex:age 36 ." in ask(store, text, "turtle")


def test_relative_iris_are_read_as_relative_to_the_endpoint(store: Path, ask: Ask) -> None:
    content = ask(store, "SELECT (<x> AS ?iri) {}")
    assert content == b"iri\r\nhttp://127.0.0.1:8000/x\r\n"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("SELECT ?o { ?s ?p ?o }", "xml"),
        ("CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }", "rdfxml"),
    ],
)
def test_xml_holds_no_character_that_xml_cannot_hold(
    publish: Publish, ask: Ask, tmp_path: Path, text: str, name: str
) -> None:
    literal = "a\\u0001b\\u000B\\u001Fc\\td\\uFFFEe\\uFFFF\\u00EF\\u00BF"
    publish(f'<x:a> <x:b> "{literal}" .')
    root = ET.fromstring(ask(tmp_path / "store", text, name))  # noqa: S314 -- our own answer
    assert "a\ufffdb\ufffd\ufffdc\td\ufffde\ufffdï¿" in "".join(root.itertext())


def test_such_characters_are_replaced_wherever_a_frame_ends(
    publish: Publish, ask: Ask, tmp_path: Path
) -> None:
    publish(f'<x:a> <x:b> "{"x" * 50}\\uFFFF\\uFF5E" .')
    text = f"SELECT (CONCAT({', '.join(['?o'] * 9000)}) AS ?x) {{ ?s ?p ?o }}"
    root = ET.fromstring(ask(tmp_path / "store", text, "xml"))  # noqa: S314 -- our own answer
    assert "".join(root.itertext()) == ("x" * 50 + "\ufffd\uff5e") * 9000


@pytest.mark.parametrize(
    ("text", "error", "complaint"),
    [
        ("SELECT * { ?s ?p ?o", QueryRejected, "line 1, column 20: found the end"),
        ("SELECT ?x { ?s ?p ?o } GROUP BY ?s", QueryRejected, "line 1, column 8"),
        ("SELECT * {\n?s ex:p ?o }", QueryRejected, "line 2, column 4: the prefix 'ex:'"),
        ("SELECT (<x:f>(1) AS ?x) {}", UnsupportedFeature, "<x:f>"),
    ],
)
def test_what_the_engine_cannot_do_is_said_in_few_words(
    store: Path, ask: Ask, text: str, error: type[Exception], complaint: str
) -> None:
    with pytest.raises(error) as raised:
        ask(store, text)
    assert complaint in str(raised.value)
    assert len(str(raised.value)) < 400
    assert "\\u{" not in str(raised.value)


def test_a_graph_in_the_request_must_be_an_absolute_iri(store: Path, ask: Ask) -> None:
    with pytest.raises(QueryRejected, match="give an absolute IRI"):
        ask(store, "ASK {}", graphs=["not-absolute"])


def test_a_format_that_cannot_hold_the_answer_is_refused(store: Path, ask: Ask) -> None:
    with pytest.raises(UnwritableAnswer, match="JSON-LD"):
        ask(store, "CONSTRUCT { <x:a> <x:b> <<( <x:a> <x:b> 1 )>> } {}", "jsonld")


def test_an_empty_directory_is_no_store(tmp_path: Path, ask: Ask) -> None:
    with pytest.raises(StoreUnusable, match="metapole build"):
        ask(tmp_path, "ASK {}")


def test_a_generation_that_cannot_be_opened_stops_the_start(
    publish: Publish, ask: Ask, tmp_path: Path
) -> None:
    generation = publish("<x:a> <x:b> 1 .")
    (generation.path / "CURRENT").unlink()
    with pytest.raises(EngineUnavailable, match="ended before it was ready"):
        ask(tmp_path / "store", "ASK {}")


def test_names_media_types_and_extensions_are_distinct() -> None:
    for values in zip(
        *((each.name, each.media_type, each.extension) for each in FORMATS), strict=True
    ):
        assert len(set(values)) == len(FORMATS)


def _names(each: Format, content: bytes) -> list[str]:
    match each.name:
        case "json":
            rows = json.loads(content)["results"]["bindings"]
            return [row["name"]["value"] for row in rows]
        case "xml":
            root = ET.fromstring(content)  # noqa: S314 -- our own answer
            return [element.text or "" for element in root.iterfind(".//{*}literal")]
        case "csv":
            return [row["name"] for row in csv.DictReader(io.StringIO(content.decode()))]
        case _:
            head, *rows = content.decode().splitlines()
            assert head == "?name"
            return [row.removeprefix('"').removesuffix('"@en') for row in rows]


@pytest.mark.parametrize(
    ("text", "graphs"),
    [
        ("SELECT (COUNT(*) AS ?n) FROM <x:g> FROM <x:h> { ?s ?p ?o }", ()),
        ("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", ("x:g", "x:h")),
        ("SELECT (COUNT(*) AS ?n) FROM <x:other> { ?s ?p ?o }", ("x:g", "x:h", "x:g")),
    ],
    ids=["text", "request", "request beats text"],
)
def test_graphs_named_together_are_merged_as_sets(
    publish: Publish, ask: Ask, tmp_path: Path, text: str, graphs: tuple[str, ...]
) -> None:
    """A triple in two of them counts once (SPARQL 1.1 Query, 13.1)."""
    publish(
        "GRAPH <x:g> { <x:a> <x:b> 1 , 2 } GRAPH <x:h> { <x:a> <x:b> 2 , 3 } "
        "GRAPH <x:other> { <x:a> <x:b> 4 }"
    )
    assert ask(tmp_path / "store", text, graphs=graphs).split() == [b"n", b"3"]


def test_graphs_that_may_be_named_stay_apart_beside_a_merge(
    publish: Publish, ask: Ask, tmp_path: Path
) -> None:
    publish("GRAPH <x:g> { <x:a> <x:b> 1 } GRAPH <x:h> { <x:a> <x:b> 1 , 2 }")
    text = """
        SELECT ?o ?g FROM <x:g> FROM <x:h> FROM NAMED <x:h>
        { ?s ?p ?o OPTIONAL { GRAPH ?g { ?s ?p ?o } } } ORDER BY ?o
    """
    assert ask(tmp_path / "store", text).split() == [b"o,g", b"1,x:h", b"2,x:h"]


def test_a_long_new_text_is_read_by_a_reader_and_answered_the_same(store: Path, ask: Ask) -> None:
    values = " ".join(map(str, range(2000)))
    text = f"SELECT (COUNT(*) AS ?n) {{ VALUES ?v {{ {values} }} }}"
    assert len(text) > READ_HERE_BYTES
    assert ask(store, text).split() == [b"n", b"2000"]


@pytest.mark.parametrize(
    ("ending", "error", "complaint"),
    [
        ("} }", QueryRejected, "line 2, column 4: found '}'"),
        ("SERVICE <x:a> {} }", NotAllowed, "line 2, column 2: <x:a> cannot be asked"),
        ("GRAPH ?g { { SELECT ?s { ?s ?p ?o } LIMIT 1 } } }", UnsupportedFeature, "LIMIT"),
    ],
)
def test_what_is_wrong_with_a_long_text_is_said_like_that_of_a_short_one(
    store: Path, ask: Ask, ending: str, error: type[Exception], complaint: str
) -> None:
    for filling in ("", f"# {'x' * READ_HERE_BYTES}"):
        with pytest.raises(error) as raised:
            ask(store, f"SELECT * {{ {filling}\n {ending}")
        assert complaint in str(raised.value)


@pytest.mark.parametrize(
    "name",
    [
        "x:1",
        "http://a.example/",
        "http://a.example/#",
        "http://a.example/b%20",
        "http://a.example/b(",
    ],
)
def test_rdf_xml_refuses_a_property_it_has_no_name_for(
    publish: Publish, ask: Ask, tmp_path: Path, name: str
) -> None:
    publish(f"<x:a> <{name}> 1 .")
    with pytest.raises(UnwritableAnswer, match="ask for text/turtle"):
        ask(tmp_path / "store", "CONSTRUCT WHERE { ?s ?p ?o }", "rdfxml")


@pytest.mark.parametrize("name", ["x:a1", "http://a.example/1b", "http://a.example/é", "urn:x.y-z"])
def test_rdf_xml_names_a_property_by_the_end_of_its_iri(
    publish: Publish, ask: Ask, tmp_path: Path, name: str
) -> None:
    publish(f"<x:a> <{name}> 1 .")
    answer = ask(tmp_path / "store", "CONSTRUCT WHERE { ?s ?p ?o }", "rdfxml")
    (description,) = ET.fromstring(answer)  # noqa: S314 -- our own answer
    (element,) = description
    assert element.tag.replace("{", "").replace("}", "") == name
