"""What is known and what is missing is counted, and the query on the page counts the same."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pyoxigraph as ox
import pytest

from graph.errors import QueryRejected
from graph.namespaces import MP, UNION_GRAPH
from graph.paths import bundled
from graph.publishing.catalogue.library import questions
from graph.publishing.site import coverage, quality
from graph.publishing.site.checks import write_check_results, write_checks
from graph.publishing.site.coverage import CLASSES, KNOWN
from graph.publishing.site.quality import write_lacking, write_quality
from tests.engine.published import Published, of_quads, of_turtle

SMALL = """
@prefix mp: <https://w3id.org/metapole/def#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix unit: <https://w3id.org/metapole/def/unit/> .
@prefix time-basis: <https://w3id.org/metapole/def/time-basis/> .
@prefix e: <http://example.org/> .
mp:KeyFigure rdfs:subClassOf mp:Statement .
mp:Milestone rdfs:subClassOf mp:Statement .
mp:Gap rdfs:subClassOf mp:Statement .
e:all a mp:Cluster ; skos:prefLabel "All"@en ; mp:locatedIn e:north ; mp:sector e:cars .
e:some a mp:Cluster ; skos:prefLabel "[unnamed]"@en ; mp:unnamed true .
e:none a mp:Cluster .
e:north a mp:Area ; skos:prefLabel "North"@en .
e:figure a mp:KeyFigure , mp:Statement ; mp:about e:all ; mp:indicator e:size ; mp:unit e:unit ;
    mp:value 10.0 ; mp:from "2010-01-01"^^xsd:date ; mp:to "2010-12-31"^^xsd:date ;
    mp:timeBasis time-basis:document-date ; mp:evidence e:proof .
e:other a mp:KeyFigure , mp:Statement ; mp:about e:all ; mp:indicator e:size ; mp:unit e:unit ;
    mp:value 12.0 ; mp:from "2010-01-01"^^xsd:date ; mp:to "2010-12-31"^^xsd:date .
e:milestone a mp:Milestone , mp:Statement ; mp:about e:all ; mp:milestoneKind e:start ;
    mp:from "2010-01-01"^^xsd:date ; mp:to "2010-12-31"^^xsd:date .
e:milestone2 a mp:Milestone , mp:Statement ; mp:about e:all ; mp:milestoneKind e:start ;
    mp:from "2012-01-01"^^xsd:date ; mp:to "2012-12-31"^^xsd:date .
e:gap a mp:Gap , mp:Statement ; mp:about e:some ; mp:text "A list is announced."@en .
"""


def page_of(published: Published, **arguments: str) -> dict[str, Any]:
    return json.loads(published.written(write_quality, language="en", **arguments))


def rows(published: Published, query: str) -> list[dict[str, str]]:
    found = published.store.query(query, default_graph=[ox.NamedNode(UNION_GRAPH)])
    assert isinstance(found, ox.QuerySolutions)
    names = [variable.value for variable in found.variables]
    return [
        {
            name: value.value
            for name, value in zip(names, row, strict=True)
            if isinstance(value, ox.NamedNode | ox.Literal)
        }
        for row in found
    ]


def test_what_is_known_is_counted() -> None:
    covered = {each["name"]: each for each in page_of(of_turtle(SMALL))["coverage"]}

    assert covered["Cluster"]["things"] == covered["Cluster"]["looked_at"] == 3
    assert covered["Cluster"]["known"] == {
        "name": 1,
        "place": 1,
        "sector": 1,
        "figures": 1,
        "evidence": 1,
        "dates": 1,
    }
    assert covered["Area"]["known"]["name"] == 1
    assert covered["Area"]["known"]["sector"] is None
    assert covered["Person"]["things"] == 0


def test_the_query_on_the_page_counts_the_same(shipped: Published) -> None:
    page = page_of(shipped)
    told = {row["class"].removeprefix(MP): row for row in rows(shipped, page["tools"]["query"])}

    assert set(told) == set(CLASSES)
    for row in page["coverage"]:
        counted = told[row["name"]]
        assert row["things"] == int(counted["things"]) > 0
        for what in KNOWN:
            if row["known"][what] is not None:
                assert row["known"][what] == int(counted[what])


@pytest.mark.parametrize(
    ("name", "what", "expected"),
    [
        ("Cluster", "name", ["none", "some"]),
        ("Cluster", "place", ["none", "some"]),
        ("Cluster", "figures", ["none", "some"]),
        ("Cluster", "evidence", ["none", "some"]),
        ("Cluster", "dates", ["none", "some"]),
        ("Area", "sector", ["north"]),
        ("Person", "name", []),
    ],
)
def test_those_that_lack_something_are_listed(name: str, what: str, expected: list[str]) -> None:
    written = of_turtle(SMALL).written(write_lacking, **{"class": name, "what": what})
    page = json.loads(written)

    assert sorted(each["iri"].rpartition("/")[2] for each in page["things"]) == expected
    assert page["count"] == len(expected)


def test_what_is_known_and_what_is_lacking_are_all(shipped: Published) -> None:
    for row in page_of(shipped)["coverage"]:
        for what, count in row["known"].items():
            asked = {"class": row["name"], "what": what}
            lacking = json.loads(shipped.written(write_lacking, **asked))
            assert count is None or count + lacking["count"] == row["things"], (row["name"], what)


@pytest.mark.parametrize(
    ("asked", "complaint"),
    [
        ({}, "'class' is '' and 'what' is ''; send one of Cluster"),
        ({"class": "Cluster"}, "one of name, place"),
        ({"class": "Cluster", "what": "truth"}, "'what' is 'truth'"),
        ({"class": "mp:Cluster . } DROP ALL", "what": "name"}, "send one of Cluster"),
    ],
)
def test_to_lack_nonsense_is_refused(asked: dict[str, str], complaint: str) -> None:
    with pytest.raises(QueryRejected, match=complaint):
        of_turtle(SMALL).written(write_lacking, **asked)


def test_what_contradicts_is_shown_with_both_sides() -> None:
    page = page_of(of_turtle(SMALL))

    (conflict,) = page["conflicts"]["groups"]
    assert [figure["value"] for figure in conflict["figures"]] == [10.0, 12.0]
    assert page["conflicts"]["count"] == 1
    (milestones,) = page["milestones"]["items"]
    assert [time["from"] for time in milestones["times"]] == ["2010-01-01", "2012-01-01"]


def test_conflicts_are_those_that_the_check_finds() -> None:
    published = of_turtle(SMALL)
    check = bundled("ontology") / "checks" / "conflicting-figures.rq"
    (row,) = rows(published, check.read_text(encoding="utf-8"))

    (conflict,) = page_of(published)["conflicts"]["groups"]
    figures = [figure["iri"] for figure in conflict["figures"]]
    assert row["subject"] in figures
    assert any(row["message"].endswith(figure) for figure in figures)


def test_the_shipped_sources_contradict_each_other_nowhere(shipped: Published) -> None:
    page = page_of(shipped)

    assert page["conflicts"]["groups"] == page["milestones"]["items"] == []


CLAIMS = """
@prefix mp: <https://w3id.org/metapole/def#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix e: <http://example.org/> .
e:all a mp:Cluster ; skos:prefLabel "All"@en .
e:first a mp:Claim ; mp:about e:all ; mp:claimKind e:aim ; mp:text "Growth."@en ;
    mp:statedIn e:one ; mp:from "2010-01-01"^^xsd:date ; mp:to "2010-12-31"^^xsd:date .
e:second a mp:Claim ; mp:about e:all ; mp:claimKind e:aim ; mp:text %s@en ;
    mp:statedIn %s ; mp:from %s^^xsd:date .
"""


@pytest.mark.parametrize(
    ("text", "document", "begin", "are_told"),
    [
        pytest.param('"Rest."', "e:two", '"2009-01-01"', True, id="two sources"),
        pytest.param('"growth."', "e:two", '"2009-01-01"', False, id="the same words"),
        pytest.param('"Rest."', "e:one", '"2009-01-01"', False, id="one source"),
        pytest.param('"Rest."', "e:two", '"2011-01-01"', False, id="later"),
    ],
)
def test_texts_of_two_sources_about_the_same_are_side_by_side(
    text: str, document: str, begin: str, *, are_told: bool
) -> None:
    said = page_of(of_turtle(CLAIMS % (text, document, begin)))["claims"]["items"]

    told = [[(each["text"], each["document"]["label"]) for each in one["claims"]] for one in said]
    both = [("Growth.", "http://example.org/one"), ("Rest.", "http://example.org/two")]
    assert told == ([both] if are_told else [])


def test_the_texts_that_the_shipped_sources_differ_in_are_told(shipped: Published) -> None:
    said = page_of(shipped)["claims"]

    about = {(each["about"]["label"], each["kind"]["label"]) for each in said["items"]}
    assert ("Luxembourg", "benefit") in about
    for group in said["items"]:
        assert len({claim["document"]["iri"] for claim in group["claims"]}) > 1
    assert said["finds"]


def test_statements_are_counted_by_their_proof_and_their_time() -> None:
    counted = page_of(of_turtle(SMALL))["statements"]

    keys = ("statements", "evidence", "dated", "of_the_document")
    by_class = {row["class"]["iri"]: [row[key] for key in keys] for row in counted["classes"]}
    assert by_class == {
        f"{MP}KeyFigure": [2, 1, 2, 1],
        f"{MP}Milestone": [2, 0, 2, 0],
        f"{MP}Gap": [1, 0, 0, 0],
    }
    assert [counted["total"][key] for key in keys] == [5, 1, 4, 1]
    assert counted["are_all"]


def test_what_is_missing_is_listed(shipped: Published) -> None:
    page, real = page_of(of_turtle(SMALL)), page_of(shipped)

    assert [each["label"] for each in page["unnamed"]["items"]] == ["[unnamed]"]
    assert [each["iri"] for each in page["undated"]["items"]] == ["http://example.org/some"]
    assert [each["text"] for each in page["gaps"]["items"]] == ["A list is announced."]
    assert len(real["gaps"]["items"]) == 7
    (question,) = [each for each in questions() if each.name.startswith("V6")]
    assert real["money"]["count"] == len(rows(shipped, question.query)) == 7
    assert real["money"]["page"].endswith(f"/questions/{question.slug}")


def test_of_a_large_graph_the_first_are_looked_at_and_the_page_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(quality, "MOST_OF_LARGE", 2)
    monkeypatch.setattr(coverage, "MOST_OF_LARGE", 2)
    small = of_turtle(SMALL)
    page = page_of(Published(small.store, replace(small.facts, quads=200_001)))

    covered = {each["name"]: each for each in page["coverage"]}
    assert (covered["Cluster"]["things"], covered["Cluster"]["looked_at"]) == (3, 2)
    assert (covered["Area"]["things"], covered["Area"]["looked_at"]) == (1, 1)
    assert page["statements"]["total"]["statements"] == 2
    assert not page["statements"]["are_all"]
    assert not page["undated"]["are_all"]
    assert page["gaps"]["are_all"]


def of_stated(turtle: str) -> Published:
    graph = ox.NamedNode("http://example.org/source")
    return of_quads(
        [
            ox.Quad(quad.subject, quad.predicate, quad.object, graph)
            for quad in ox.parse(turtle, ox.RdfFormat.TURTLE)
        ]
    )


def test_a_check_tells_what_it_finds_and_where() -> None:
    wrong = SMALL.replace('mp:to "2010-12-31"', 'mp:to "2009-12-31"', 1)
    published = of_stated(wrong)
    page = json.loads(published.written(write_checks, language="en"))
    results = json.loads(published.written(write_check_results, language="en"))

    found = {each["name"]: each for each in results["finding"]}
    (row,) = found["end-before-beginning"]["rows"]
    assert row["subject"]["iri"] == "http://example.org/figure"
    assert row["message"] == "it begins at 2010-01-01 and ends at 2009-12-31"
    assert len(results["finding"]) + len(results["quiet"]) == page["all"] == 45
    assert results["not_run"] == []
    assert results["generation"] == page["generation"] == published.facts.number
    assert len(rows(published, page["tools"]["query"])) == page["all"]


def test_checks_of_a_large_graph_are_left_to_the_command() -> None:
    small = of_stated(SMALL)
    large = Published(small.store, replace(small.facts, quads=400_001))
    page = json.loads(large.written(write_checks, language="en"))
    results = json.loads(large.written(write_check_results, language="en"))

    assert page["is_too_large"]
    assert results["finding"] == results["quiet"] == []
    assert len(results["not_run"]) == len(page["checks"]) == page["all"]
