"""Shapes, checks and counts become findings with a rule, a line and a remedy."""

from __future__ import annotations

import socket
from collections import Counter
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from graph.errors import UnreadableSource
from graph.sources import Sources, read_sources
from graph.validation import check_findings, count_findings, count_things, shape_findings

if TYPE_CHECKING:
    from pathlib import Path

DATA = """@prefix figure: <https://w3id.org/metapole/id/figure/> .
@prefix mp: <https://w3id.org/metapole/def#> .

figure:one a mp:KeyFigure ;
    mp:value 12.0 .

figure:two a mp:KeyFigure ;
    mp:unit "EUR" ,
        "USD" .
"""
SHAPES = """
@prefix mp: <https://w3id.org/metapole/def#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix shape: <https://w3id.org/metapole/shape#> .
<https://example.org/ontology> owl:imports <http://127.0.0.1:9/imported> .
shape:KeyFigure a sh:NodeShape ;
    sh:targetClass mp:KeyFigure ;
    sh:property [
        sh:path mp:unit ; sh:minCount 1 ; sh:message "a figure has a unit; name it"@en
    ] , [
        sh:path mp:unit ; sh:in ( "EUR" ) ; sh:severity sh:Warning ;
        sh:message "a unit is EUR; convert it"@en
    ] .
"""
CHECK = """# A figure has a unit.
# remedy: name the unit
PREFIX mp: <https://w3id.org/metapole/def#>
SELECT ?subject ?message WHERE {
  ?subject a mp:KeyFigure
  FILTER NOT EXISTS { ?subject mp:unit ?unit }
  BIND (CONCAT("see ", STR(?subject)) AS ?message)
}
"""


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    """Read two figures, one without a unit, one with two."""
    for name, text in {"ontology/terms/a.ttl": "", "data/a.ttl": DATA, "data/b.ttl": DATA}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return read_sources(tmp_path / "data", tmp_path / "ontology")


def _folder(tmp_path: Path, name: str, text: str) -> Path:
    (tmp_path / "folder").mkdir(exist_ok=True)
    (tmp_path / "folder" / name).write_text(text, encoding="utf-8")
    return tmp_path / "folder"


def test_a_shape_speaks_of_the_triple_that_breaks_it(tmp_path: Path, sources: Sources) -> None:
    findings = shape_findings(sources, _folder(tmp_path, "figure.ttl", SHAPES))

    assert sorted(
        (finding.line, finding.severity, finding.rule, finding.what, finding.remedy)
        for finding in findings
    ) == [
        (4, "error", "shape:KeyFigure", "figure:one: a figure has a unit", "name it"),
        (9, "warning", "shape:KeyFigure", "figure:two: a unit is EUR (found 'USD')", "convert it"),
    ]


def test_shapes_fetch_nothing(
    tmp_path: Path, sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def refuse(*address: object, **_: object) -> None:
        asked.append(address)
        raise OSError

    monkeypatch.setattr(socket, "create_connection", refuse)
    shape_findings(sources, _folder(tmp_path, "figure.ttl", SHAPES))

    assert asked == []


def test_shapes_that_cannot_be_read_are_a_finding(tmp_path: Path, sources: Sources) -> None:
    (finding,) = shape_findings(
        sources, _folder(tmp_path, "figure.ttl", "\nunknown:a a <http://a> .")
    )

    assert (finding.rule, finding.line) == ("syntax", 2)
    assert finding.path.endswith("folder/figure.ttl")


def test_each_row_of_a_check_is_a_finding(tmp_path: Path, sources: Sources) -> None:
    (finding,) = check_findings(sources, _folder(tmp_path, "figure-without-unit.rq", CHECK))

    assert finding.path.endswith("data/a.ttl")
    assert (finding.line, finding.severity) == (4, "error")
    assert finding.rule == "check:figure-without-unit"
    assert str(finding).endswith("figure:one: see figure:one; name the unit")


def test_a_check_can_be_a_warning(tmp_path: Path, sources: Sources) -> None:
    check = CHECK.replace("# remedy", "# severity: warning\n# remedy")

    (finding,) = check_findings(sources, _folder(tmp_path, "a.rq", check))

    assert finding.severity == "warning"


def test_a_check_sees_a_triple_of_two_files_once(tmp_path: Path, sources: Sources) -> None:
    check = """# Sum.
        SELECT ?message WHERE {
          { SELECT (SUM(?value) AS ?sum) { ?figure ?property ?value FILTER ISNUMERIC(?value) } }
          BIND (STR(?sum) AS ?message)
        }
    """

    (finding,) = check_findings(sources, _folder(tmp_path, "sum.rq", check))

    assert ": 12" in finding.what
    assert finding.path.endswith("sum.rq")


def test_a_check_that_cannot_be_read_is_a_finding(tmp_path: Path, sources: Sources) -> None:
    broken = _folder(tmp_path, "broken.rq", "# A rule.\nSELECT ?subject WHERE {\n  ?subject a }\n")

    (finding,) = check_findings(sources, broken)

    assert (finding.rule, finding.line) == ("syntax", 3)


def test_a_check_has_to_be_a_select_query(tmp_path: Path, sources: Sources) -> None:
    with pytest.raises(UnreadableSource, match="not a SELECT query"):
        check_findings(sources, _folder(tmp_path, "ask.rq", "# A rule.\nASK {}"))


def test_members_of_a_class_are_counted_once() -> None:
    graph = "<https://w3id.org/metapole/graph/"
    text = (
        f"<ex:a> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <ex:C> {graph}a> .\n"
        f"<ex:a> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <ex:C> {graph}b> .\n"
    )

    counts = count_things(ox.parse(text, ox.RdfFormat.N_QUADS))

    assert counts == {"<ex:C>": 1, "graph/a": 1, "graph/b": 1}


@pytest.mark.parametrize(
    ("count", "lines"),
    [(4, [2]), (5, []), (7, []), (8, [2]), (0, [2])],
)
def test_a_count_out_of_its_range_is_a_finding(
    tmp_path: Path, count: int, lines: list[int]
) -> None:
    expected = tmp_path / "expected-counts.csv"
    expected.write_text("class_or_graph,minimum,maximum\nmp:Cluster,5,7\n", encoding="utf-8")

    findings = count_findings(Counter({"mp:Cluster": count}), expected)

    assert [finding.line for finding in findings] == lines
