"""The network as GraphML and the events as a calendar, against the data read in another way."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from itertools import combinations
from xml.etree import ElementTree

import pytest
import rdflib

from graph.publishing.tables.graphml import write_network
from graph.publishing.tables.ical import folded, text, write_calendar
from tests.engine.published import (
    MP,
    PUBLIC_URL,
    Published,
    of_classes,
    of_turtle,
)

ID = "https://w3id.org/metapole/id/"
GRAPHML = "{http://graphml.graphdrawing.org/xmlns}"
HOSTILE = """
    PREFIX mp: <https://w3id.org/metapole/def#>
    PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
    PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
    PREFIX kind: <https://w3id.org/metapole/def/milestone-kind/>
    <http://example.org/a> a mp:Cluster ; skos:prefLabel "<b>&\\u0001]]>\\"'"@en .
    <http://example.org/e&f> a mp:Event ;
        skos:prefLabel "A; B, C\\\\D\\r\\nBEGIN:VEVENT\\u0007"@en .
    <http://example.org/m> mp:milestoneKind kind:held ; mp:about <http://example.org/e&f> ;
        mp:from "2020-02-28"^^xsd:date ; mp:to "2020-02-29"^^xsd:date .
    <http://example.org/n> mp:milestoneKind kind:held ; mp:about <http://example.org/e&f> ;
        mp:from "2020"^^xsd:gYear ; mp:to "2020"^^xsd:gYear .
"""


@pytest.fixture(scope="module")
def hostile() -> Published:
    return of_turtle(HOSTILE)


def network(published: Published) -> ElementTree.Element:
    return ElementTree.fromstring(published.written(write_network))  # noqa: S314 -- it is ours


def said(element: ElementTree.Element) -> dict[str, str]:
    return {
        str(each.get("key")).partition("-")[2]: each.text or ""
        for each in element.iter(f"{GRAPHML}data")
    }


def test_the_network_has_all_clusters_and_organisations_and_who_is_with_them(
    shipped: Published, data: rdflib.Graph
) -> None:
    ends = {
        str(end)
        for property_name in ("partner", "member", "group")
        for end in data.objects(None, MP[property_name])
    }
    kinds = ("Cluster", "MetaCluster", "Organisation", "ClusterOrganisation")
    nodes = {str(node.get("id")): said(node) for node in network(shipped).iter(f"{GRAPHML}node")}
    assert set(nodes) == of_classes(data, *kinds) | ends
    assert nodes[f"{ID}cluster/minalogic"] == {
        "label": "Minalogic",
        "kind": "cluster",
        "countries": f"{ID}country/france",
        "country_names": "France",
    }
    assert nodes[f"{ID}cluster/autoregion"]["kind"] == "meta-cluster"


def test_an_edge_stands_for_two_in_one_statement_and_names_it_with_its_time(
    shipped: Published, data: rdflib.Graph
) -> None:
    expected = {
        (str(statement), frozenset(map(str, pair)))
        for statement in data.subjects(rdflib.RDF.type, MP.Partnership)
        for pair in combinations(set(data.objects(statement, MP.partner)), 2)
    } | {
        (str(statement), frozenset({str(member), str(data.value(statement, MP.group))}))
        for statement, member in data.subject_objects(MP.member)
    }
    found = [
        (
            said(edge)["statement"],
            frozenset({str(edge.get("source")), str(edge.get("target"))}),
            said(edge).get("from"),
            said(edge).get("to"),
        )
        for edge in network(shipped).iter(f"{GRAPHML}edge")
    ]
    assert {each[:2] for each in found} == expected
    assert len(found) == len(expected)
    for statement, _, first, last in found:
        node = rdflib.URIRef(statement)
        stated = [data.value(node, MP["from"]), data.value(node, MP.to)]
        assert [first, last] == [None if day is None else str(day) for day in stated]


def test_hostile_names_are_text_in_the_network(hostile: Published) -> None:
    (node,) = network(hostile).iter(f"{GRAPHML}node")
    assert said(node)["label"] == "<b>&\ufffd]]>\"'"


def entries(published: Published) -> list[dict[str, str]]:
    calendar = published.written(write_calendar).decode()
    assert calendar.endswith("END:VCALENDAR\r\n")
    lines = calendar.split("\r\n")
    assert all(len(line.encode()) <= 75 and "\n" not in line for line in lines)
    unfolded = re.sub(r"\r\n ", "", calendar).split("\r\n")
    found: list[dict[str, str]] = []
    for line in unfolded:
        name, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            found.append({})
        elif found:
            found[-1][name] = value
    return found


def test_events_of_the_truth_are_in_the_calendar(shipped: Published) -> None:
    found = {
        entry["UID"].rpartition("/")[2]: (entry["DTSTART;VALUE=DATE"], entry["DTEND;VALUE=DATE"])
        for entry in entries(shipped)
    }
    # Questions L10, T2 and T6, and the events of entities.csv; a calendar names the day after.
    assert found == {
        "automotive-day-liege-held": ("20190924", "20190925"),
        "pae-launch-held": ("20190627", "20190628"),
        "dih-on-tour-2021-held": ("20211025", "20211117"),
        "dih-on-tour-2022-held": ("20220101", "20230101"),
        "smart-manufacturing-week-2022-held": ("20220101", "20230101"),
    }


def test_an_entry_says_what_is_not_certain_about_its_days(shipped: Published) -> None:
    by_name = {entry["SUMMARY"]: entry for entry in entries(shipped)}
    day, week = by_name["Automotive Day"], by_name["Smart Manufacturing Week"]
    assert day["LOCATION"] == "Liège"
    assert day["CATEGORIES"] == "life cycle analysis,recycling"
    assert "was inferred" in day["DESCRIPTION"]
    assert "The day is not known" in week["DESCRIPTION"]
    assert (day["STATUS"], week["STATUS"]) == ("TENTATIVE", "TENTATIVE")
    assert by_name["First DIH ON TOUR"]["STATUS"] == "CONFIRMED"
    assert day["URL"] == f"{PUBLIC_URL}event/automotive-day-liege"
    assert {entry["DTSTAMP"] for entry in by_name.values()} == {"20261127T100000Z"}


@pytest.mark.parametrize(
    ("built", "stamp"),
    [
        ("2026-11-27T10:00:00Z", "20261127T100000Z"),
        ("2026-11-27T10:00:00+00:00", "20261127T100000Z"),
        ("2026-11-27T10:00:00.123+02:00", "20261127T080000Z"),
        ("", "19700101T000000Z"),
    ],
)
def test_entries_are_stamped_with_the_time_of_the_generation(
    shipped: Published, built: str, stamp: str
) -> None:
    dated = replace(shipped, facts=replace(shipped.facts, built=built))
    assert {entry["DTSTAMP"] for entry in entries(dated)} == {stamp}


def test_hostile_names_are_text_in_the_calendar(hostile: Published) -> None:
    (entry,) = entries(hostile)
    assert entry["SUMMARY"] == "A\\; B\\, C\\\\D\\nBEGIN:VEVENT"
    last = date(2020, 2, 29)
    assert entry["DTEND;VALUE=DATE"] == f"{last.replace(month=3, day=1):%Y%m%d}"


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_lines_are_folded_between_characters(width: int) -> None:
    character = {1: "a", 2: "é", 3: "東", 4: "🚗"}[width]
    line = f"SUMMARY:{character * 100}"
    pieces = folded(line).removesuffix("\r\n").split("\r\n ")
    assert "".join(pieces) == line
    assert all(len(f" {piece}".encode()) <= 75 for piece in pieces[1:])
    assert len(pieces[0].encode()) <= 75


def test_text_of_a_calendar_is_escaped() -> None:
    assert text("a;b,c\\d\ne\r\nf\x00g") == "a\\;b\\,c\\\\d\\ne\\nfg"
