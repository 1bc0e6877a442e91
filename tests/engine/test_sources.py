"""Files become quads in the graph of their name; what is wrong in them becomes findings."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from graph.errors import UnreadableSource
from graph.findings import Finding
from graph.namespaces import GRAPH
from graph.sources import Sources, data_files, ontology_files, read_sources

PREFIXES = """@prefix cluster: <https://w3id.org/metapole/id/cluster/> .
@prefix ex: <https://example.org/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix geo: <http://www.opengis.net/ont/geosparql#> .
"""


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def ontology(tmp_path: Path) -> Path:
    """Make the smallest ontology there can be."""
    _write(tmp_path / "ontology/terms/a.ttl", "<https://example.org/a> a <https://example.org/b> .")
    return tmp_path / "ontology"


def _read(tmp_path: Path, ontology: Path, triples: str) -> Sources:
    _write(tmp_path / "data/notes.ttl", PREFIXES + triples)
    return read_sources(tmp_path / "data", ontology)


def test_a_file_goes_to_the_graph_of_its_name(tmp_path: Path) -> None:
    for name in ("sources/alpha.ttl", "links.ttl", "people/beta.ttl", "notes.txt", "own.trig"):
        _write(tmp_path / name, "")

    graphs = {file.path.name: file.graph for file in data_files(tmp_path)}

    assert graphs == {
        "alpha.ttl": GRAPH + "source/alpha",
        "beta.ttl": GRAPH + "people/beta",
        "links.ttl": GRAPH + "links",
        "own.trig": GRAPH + "own",
    }


def test_shapes_and_rules_are_no_part_of_the_ontology_graph(ontology: Path) -> None:
    _write(ontology / "schemes/role.ttl", "")
    _write(ontology / "shapes/cluster.ttl", "")
    _write(ontology / "alignments.ttl", "")

    assert [file.path.name for file in ontology_files(ontology)] == [
        "a.ttl", "role.ttl", "alignments.ttl",
    ]  # fmt: skip


def test_a_trig_file_keeps_its_graphs(tmp_path: Path, ontology: Path) -> None:
    _write(
        tmp_path / "data/mixed.trig",
        "<ex:a> <ex:b> <ex:c> . <ex:graph> { <ex:a> <ex:b> <ex:d> }",
    )

    quads = read_sources(tmp_path / "data", ontology).quads

    assert {str(quad.graph_name) for quad in quads if str(quad.subject) == "<ex:a>"} == {
        f"<{GRAPH}mixed>", "<ex:graph>",
    }  # fmt: skip


def test_extra_files_are_read_once(tmp_path: Path, ontology: Path) -> None:
    inside = _write(tmp_path / "data/links.ttl", "<ex:a> <ex:b> <ex:c> .")
    outside = _write(tmp_path / "new.ttl", "<ex:d> <ex:b> <ex:c> .")

    sources = read_sources(tmp_path / "data", ontology, [inside, outside])

    assert [file.path for file in sources.files[1:]] == [inside, outside]
    assert sources.files[-1].graph == GRAPH + "new"


@pytest.mark.parametrize(
    ("triples", "line", "what", "remedy"),
    [
        pytest.param(
            'ex:a ex:b ex:c ;\n  ex:d "2018"^^xsd:date .',
            6, "'2018' is not a date", "write a date", id="year for a date",
        ),
        pytest.param(
            'ex:a ex:b "2018-02-30"^^xsd:date .', 5, "2018-02-30", "write a date", id="no such day"
        ),
        pytest.param(
            'ex:a ex:b "2018-02-03Z"^^xsd:date .', 5, "Z", "write a date", id="date with a zone"
        ),
        pytest.param(
            'ex:a ex:b "2018-02-03T12:00:00"^^xsd:dateTime .',
            5, "T12", "with its zone", id="time without a zone",
        ),
        pytest.param('ex:a ex:b "1"^^xsd:boolean .', 5, "'1'", "true or false", id="boolean 1"),
        pytest.param('ex:a ex:b "07"^^xsd:integer .', 5, "'07'", "whole number", id="leading 0"),
        pytest.param('ex:a ex:b "1,5"^^xsd:decimal .', 5, "'1,5'", "decimal", id="decimal comma"),
        pytest.param('ex:a ex:b 1e3 .', 5, "xsd:double", "use one of", id="floating point"),
        pytest.param('ex:a ex:b "1"^^xsd:int .', 5, "xsd:int is", "use one of", id="xsd:int"),
        pytest.param('ex:a ex:b "18"^^xsd:gYear .', 5, "'18'", "a year", id="year of two digits"),
        pytest.param('ex:a ex:b "a b"^^xsd:anyURI .', 5, "'a b'", "URI", id="blank in a URI"),
        pytest.param(
            'ex:a ex:b "POINT(6.0,49.0)"^^geo:wktLiteral .',
            5, "a point", "POINT", id="comma in a point",
        ),
        pytest.param('ex:a ex:b "x"@de-AT .', 5, "@de-AT has capitals", "@de-at", id="language"),
        pytest.param('ex:a ex:b "x\\u0007" .', 5, "control character", "remove", id="bell"),
        pytest.param("ex:a ex:b [] .", 5, "blank node", "name it with an IRI", id="blank object"),
        pytest.param("\n_:x ex:b ex:c .", 6, "blank node", "name it", id="blank subject"),
        pytest.param(
            "ex:a ex:b <<( ex:a ex:b ex:c )>> .",
            5, "triple term", "use a statement", id="triple term",
        ),
        pytest.param("\n\ncluster:Avia ex:b 1 .", 7, "cluster:Avia", "a-z and 0-9", id="capital"),
        pytest.param("cluster:a--b ex:b 1 .", 5, "cluster:a--b", "single hyphens", id="hyphens"),
        pytest.param(
            "<https://w3id.org/metapole/id/a> ex:b 1 .", 5, "/id/a", "words", id="no slug"
        ),
        pytest.param(
            "<https://w3id.org/metapole/def#a-b> ex:b 1 .",
            5, "mp:a-b", "words", id="term with a hyphen",
        ),
    ],
)  # fmt: skip
def test_a_term_that_would_not_survive_is_a_finding(
    tmp_path: Path, ontology: Path, triples: str, line: int, what: str, remedy: str
) -> None:
    (finding,) = _read(tmp_path, ontology, triples).findings

    assert Path(finding.path).name == "notes.ttl"
    assert finding.line == line
    assert what in finding.what
    assert remedy in finding.remedy


@pytest.mark.parametrize(
    "literal",
    [
        '"2018-07-01"^^xsd:date', '"2018-07-01T12:00:00Z"^^xsd:dateTime', "true", "-12", "0.70",
        '"2018"^^xsd:gYear', '"https://example.org/a?b=c"^^xsd:anyURI', '"tab\\tand\\nline"',
        '"POINT(-0.073 48.878)"^^geo:wktLiteral', '"Bärlin"@de-at', '"plain"',
    ],
)  # fmt: skip
def test_the_forms_the_model_allows_are_no_findings(
    tmp_path: Path, ontology: Path, literal: str
) -> None:
    assert _read(tmp_path, ontology, f"ex:a ex:b {literal} .").findings == []


def test_parsing_goes_on_after_an_error(tmp_path: Path, ontology: Path) -> None:
    sources = _read(
        tmp_path, ontology, "ex:a ex:b , .\nex:c ex:d ex:e .\nex:f ex:g <a b> .\nex:h ex:i ex:j .\n"
    )

    assert [finding.line for finding in sources.findings] == [5, 7]
    assert sources.have_syntax_errors
    assert ox.NamedNode("https://example.org/h") in {quad.subject for quad in sources.quads}


def test_a_file_that_is_not_utf_8_is_a_finding(tmp_path: Path, ontology: Path) -> None:
    path = _write(tmp_path / "data/latin.ttl", "")
    path.write_bytes(b'<ex:a> <ex:b>\n "caf\xe9" .')

    (finding,) = read_sources(tmp_path / "data", ontology).findings

    assert (finding.line, finding.what) == (2, "byte 0xE9 is not UTF-8")


def test_a_subject_is_located_in_the_file_that_says_it(tmp_path: Path, ontology: Path) -> None:
    _write(tmp_path / "data/a.ttl", "<ex:a> <ex:b> <ex:c> .")
    _write(tmp_path / "data/b.ttl", "\n<ex:a>\n  <ex:b> <ex:d> .")
    sources = read_sources(tmp_path / "data", ontology)

    place = sources.locate("ex:a", "ex:b", "ex:d")

    assert place == (str(tmp_path / "data/b.ttl"), 3)
    assert sources.locate("ex:nobody") is None


@pytest.mark.parametrize(
    ("folder", "complaint"),
    [
        pytest.param("missing", "is not a folder", id="missing"),
        pytest.param("ontology/empty", "holds no .ttl or .trig file", id="empty"),
    ],
)
def test_a_folder_without_data_cannot_be_read(
    tmp_path: Path, ontology: Path, folder: str, complaint: str
) -> None:
    (tmp_path / "ontology/empty").mkdir()

    with pytest.raises(UnreadableSource, match=complaint):
        read_sources(tmp_path / folder, ontology)


def test_a_folder_without_terms_is_no_ontology(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSource, match="holds no terms"):
        ontology_files(tmp_path)


def test_a_finding_reads_as_one_line() -> None:
    finding = Finding("data/a.ttl", 7, "figure:a has no unit", "name it")
    warning = Finding("data/a.ttl", 7, "two values", "keep both", "warning")

    assert str(finding) == "data/a.ttl:7: figure:a has no unit; name it"
    assert str(warning) == "data/a.ttl:7: warning: two values; keep both"
