"""What the first page and the page of help say is what the store holds."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest
from rdflib import RDF

from graph.publishing.edition import UNION
from graph.publishing.site.help import examples
from graph.publishing.site.home import write_home
from graph.publishing.site.things.page import write_thing_page

from .published import MP, PUBLIC_URL, Published, of_turtle

if TYPE_CHECKING:
    import rdflib


def home(published: Published, language: str = "en") -> dict[str, Any]:
    values: dict[str, Any] = json.loads(
        published.written(write_home, "application/json", language=language)
    )
    return values


def of_class(data: rdflib.Graph, *names: str) -> int:
    return len({each for name in names for each in data.subjects(RDF.type, MP[name])})


def test_the_totals_are_those_of_the_files(shipped: Published, data: rdflib.Graph) -> None:
    totals = {each["name"]: each["count"] for each in home(shipped)["totals"]}

    assert totals == {
        "clusters": of_class(data, "Cluster", "MetaCluster"),
        "partnerships": of_class(data, "Partnership"),
        "figures": of_class(data, "KeyFigure"),
        "evidence": of_class(data, "Evidence"),
    }


def test_there_are_six_questions_in_each_language(shipped: Published) -> None:
    texts = {language: home(shipped, language)["questions"] for language in ("en", "fr", "de")}

    assert all(len(each) == 6 for each in texts.values())
    assert all(each["text"].endswith("?") for some in texts.values() for each in some)
    assert len({each["text"] for some in texts.values() for each in some}) == 18
    assert len({each["address"] for some in texts.values() for each in some}) == 6


def test_the_examples_of_what_to_search_for_are_there(shipped: Published) -> None:
    assert [each["label"] for each in home(shipped)["examples"]] == [
        "Minalogic", "automotive", "Greater Region", "CEA",
    ]  # fmt: skip


def addresses_in(drawing: str) -> set[str]:
    return set(re.findall(r'href="([^"]*)"', drawing))


def test_each_picture_has_the_same_as_a_list(shipped: Published) -> None:
    said = home(shipped)
    links = said["network"]["links"]
    listed = {each[end]["address"] for each in links for end in ("one", "other")}
    drawn = addresses_in(said["network"]["drawing"])

    assert {each for each in drawn if re.search("/(cluster|organisation)/", each)} <= listed
    assert len(links) > 5
    places = said["map"]["places"]
    assert sum(each["count"] for each in places) >= 80
    assert "<svg" in said["map"]["drawing"]


def test_the_network_around_a_thing_has_it_and_its_partners(shipped: Published) -> None:
    iri = "https://w3id.org/metapole/id/cluster/minalogic"
    said = json.loads(shipped.written(write_thing_page, "application/json", iri=iri))
    links = said["network"]["links"]

    near = {
        each[other]["label"]
        for each in links
        for end, other in (("one", "other"), ("other", "one"))
        if each[end]["label"] == "Minalogic"
    }
    assert near >= {"Ahlstrom", "Atmel", "Xerox", "Yamatake", "Foremost"}
    drawn = addresses_in(said["network"]["drawing"])
    assert f"{PUBLIC_URL}organisation/atmel" in drawn


def test_a_store_with_nothing_in_it_has_a_first_page() -> None:
    said = home(of_turtle(""))

    assert {each["count"] for each in said["totals"]} == {0}
    assert said["examples"] == []
    assert said["network"]["links"] == []


def test_hostile_names_are_text_in_pictures() -> None:
    said = home(
        of_turtle(
            """
            PREFIX mp: <https://w3id.org/metapole/def#>
            PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
            PREFIX id: <https://w3id.org/metapole/id/>
            <https://w3id.org/metapole/id/cluster/a> a mp:Cluster ;
                skos:prefLabel "</text></svg><script>alert(1)</script>"@en .
            <javascript:alert(2)> skos:prefLabel "b" .
            <https://w3id.org/metapole/id/partnership/p> a mp:Partnership , mp:Statement ;
                mp:partner <https://w3id.org/metapole/id/cluster/a> , <javascript:alert(2)> .
            """
        )
    )
    assert "<script" not in said["network"]["drawing"]
    assert "javascript:" not in said["network"]["drawing"]


@pytest.mark.parametrize("name", sorted(examples()))
def test_every_example_of_the_help_finds_something(shipped: Published, name: str) -> None:
    rows = shipped.store.query(examples()[name], default_graph=[UNION])
    assert isinstance(rows, ox.QuerySolutions)
    assert next(rows, None) is not None
