"""The sitemap has the page of each thing once, however many there are, and says when it changed."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from graph.errors import UnknownThing
from graph.generations import current_generation
from graph.publishing.catalogue import sitemap
from graph.publishing.catalogue.robots import write_robots
from graph.publishing.catalogue.sitemap import write_sitemap, write_sitemap_index
from tests.engine.published import (
    PUBLIC_URL,
    Published,
    of_classes,
    of_quads,
    of_whole_generation,
    read_with_rdflib,
)

if TYPE_CHECKING:
    from pathlib import Path

SPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
TRIG = """
    PREFIX mp: <https://w3id.org/metapole/def#>
    PREFIX cluster: <https://w3id.org/metapole/id/cluster/>
    PREFIX graph: <https://w3id.org/metapole/graph/>
    PREFIX commit: <https://w3id.org/metapole/id/commit/>
    PREFIX prov: <http://www.w3.org/ns/prov#>
    PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
    GRAPH graph:old { cluster:a a mp:Actor . cluster:b a mp:Actor , mp:Area . }
    GRAPH graph:new {
        cluster:b a mp:Actor .
        <https://w3id.org/metapole/id/cluster/é&b> a mp:Actor .
        <https://w3id.org/metapole/id/statement/s> a mp:Statement .
        <http://example.org/elsewhere> a mp:Actor .
    }
    GRAPH graph:derived { cluster:a a mp:Thing . }
    GRAPH graph:commits {
        commit:1 prov:endedAtTime "2026-01-01T00:00:00Z"^^xsd:dateTime ; mp:changedGraph graph:old .
        commit:2 prov:endedAtTime "2026-02-01T00:00:00Z"^^xsd:dateTime ; mp:changedGraph graph:new .
    }
"""


@pytest.fixture(scope="module")
def small() -> Published:
    return of_quads(list(ox.parse(TRIG, ox.RdfFormat.TRIG)))


@pytest.fixture(scope="module")
def shipped(shipped_store: Path) -> Published:
    generation = current_generation(shipped_store)
    assert generation
    return of_whole_generation(generation)


def entries(content: bytes, root: str) -> list[tuple[str, str]]:
    tree = ET.fromstring(content)  # noqa: S314 -- our own
    assert tree.tag == SPACE + root
    return [
        (each.findtext(f"{SPACE}loc") or "", each.findtext(f"{SPACE}lastmod") or "")
        for each in tree
    ]


def pages(published: Published) -> list[tuple[str, str]]:
    parts = entries(published.written(write_sitemap_index), "sitemapindex")
    assert [address for address, _ in parts] == [
        f"{PUBLIC_URL}sitemap-{number}.xml" for number in range(1, len(parts) + 1)
    ]
    return [
        page
        for number in range(1, len(parts) + 1)
        for page in entries(published.written(write_sitemap, part=str(number)), "urlset")
    ]


def test_every_thing_of_the_data_is_there(shipped: Published, project: Path) -> None:
    data = read_with_rdflib(project / "data")
    things = of_classes(
        data,
        *("Cluster", "ClusterOrganisation", "Organisation", "Person", "ClusterGroup"),
        *("Project", "Programme", "Event", "Area", "Country", "SourceDocument"),
    )
    assert len(things) > 100

    addresses = [address for address, _ in pages(shipped)]

    expected = {iri.replace("https://w3id.org/metapole/id/", PUBLIC_URL) for iri in things}
    assert expected <= set(addresses)
    assert len(addresses) == len(set(addresses))
    assert not [each for each in addresses if "/evidence/" in each or "/figure/" in each]


def test_what_has_no_page_is_not_there_and_what_has_is_there_once(small: Published) -> None:
    addresses = [address for address, _ in pages(small)]

    assert [each for each in addresses if "/cluster/" in each] == [
        f"{PUBLIC_URL}cluster/a",
        f"{PUBLIC_URL}cluster/b",
        f"{PUBLIC_URL}cluster/%C3%A9&b",
    ]
    assert not [each for each in addresses if "statement" in each or "elsewhere" in each]


def test_a_page_changes_when_a_graph_does_that_says_what_the_thing_is(small: Published) -> None:
    times = dict(pages(small))

    assert times[f"{PUBLIC_URL}cluster/a"] == "2026-01-01T00:00:00Z"
    assert times[f"{PUBLIC_URL}cluster/b"] == "2026-02-01T00:00:00Z"


def test_many_pages_are_many_parts(shipped: Published, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = pages(shipped)
    monkeypatch.setattr(sitemap, "PER_PART", 100)

    parts = entries(shipped.written(write_sitemap_index), "sitemapindex")
    assert len(parts) == -(-len(whole) // 100) > 1
    assert pages(shipped) == whole


def test_there_is_an_end_to_what_is_listed(
    shipped: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sitemap, "PER_PART", 40)
    monkeypatch.setattr(sitemap, "MOST_PARTS", 1)

    assert len([each for each, _ in pages(shipped) if "/cluster/" in each]) <= 40


@pytest.mark.parametrize("part", ["0", "2", "-1", "x", "", "news", "9" * 50])
def test_another_part_is_not_there(small: Published, part: str) -> None:
    with pytest.raises(UnknownThing, match=r"sitemap\.xml names them"):
        small.written(write_sitemap, part=part)


def test_robots_keep_away_from_what_costs_much(small: Published) -> None:
    lines = small.written(write_robots).decode().splitlines()

    assert lines[0] == "User-agent: *"
    assert "Disallow: /metapole/sparql" in lines
    assert "Disallow: /metapole/graph-store" in lines
    assert "Disallow: /metapole/data/checksums" in lines
    assert f"Sitemap: {PUBLIC_URL}sitemap.xml" in lines
    assert not [line for line in lines if line.strip() == "Disallow: /metapole/data"]
