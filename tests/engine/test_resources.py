"""A thing in all its formats: each says the same, and is read by whoever reads that format."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.errors import QueryRejected, UnknownThing, UnwritableAnswer
from graph.publishing.json_ld import json_ld
from graph.publishing.json_ld_terms import shipped_terms
from graph.publishing.things.card import write_linkset, write_resource_card
from graph.publishing.things.documents import write_resource
from graph.publishing.things.formats import ALWAYS, CSV, GEOJSON
from graph.publishing.things.links import Card
from graph.publishing.wkt import geometry_of

from .published import PUBLIC_URL, Published
from .things import ID, crowd, of_quads, of_trig

TRIG = """
GRAPH graph:a {
    cluster:avia a mp:Cluster ; skos:prefLabel "AVIA"@en , "АВИА"@ru ; skos:altLabel "A-V-I-A"@es ;
        mp:locatedIn area:valencia ; skos:exactMatch <http://www.wikidata.org/entity/Q1> .
    area:valencia a mp:Area ; skos:prefLabel "Valencia"@en ;
        <http://www.opengis.net/ont/geosparql#asWKT> "POINT(-0.4 39.5)" .
    figure:f a mp:KeyFigure , mp:Statement ; mp:about cluster:avia ; mp:value 36.5 ; mp:unit :eur ;
        mp:from "2014-01-01"^^xsd:date ; mp:timeBasis :stated ; mp:evidence evidence:e .
    evidence:e a mp:Evidence ; mp:printedAs "=36,5; \\"about\\"" ; mp:lineFrom 7 ;
        mp:document :document .
    :document skos:prefLabel "A document"@en .
    :eur skos:prefLabel "euro"@en .
    mp:KeyFigure rdfs:label "key figure"@en .
    area:alone a mp:Area .
}
GRAPH graph:b { cluster:avia skos:note "<script>alert(1)</script>"@en . }
"""
PUBLISHED = of_trig(TRIG)
AVIA = f"{ID}cluster/avia"
LICENCE = "https://creativecommons.org/publicdomain/zero/1.0/"
TOLD = {"iri": AVIA, "licence": LICENCE}
RDF = [each for each in ALWAYS if each.name != "plain-json"]
iris = st.sampled_from(
    ["https://w3id.org/metapole/id/cluster/a", "http://example.org/a(b)", "mp:about", "geo:1,2",
     "https://w3id.org/metapole/def#", "urn:x", "https://w3id.org/metapole/def#about",
     "http://www.w3.org/2004/02/skos/core#prefLabel", "http://www.w3.org/2001/XMLSchema#date"]
).map(ox.NamedNode)  # fmt: skip
literals = st.one_of(
    st.builds(ox.Literal, st.text(max_size=5)),
    st.builds(ox.Literal, st.text(max_size=5), language=st.sampled_from(["en", "fr", "de-ch"])),
    st.builds(
        ox.Literal, st.sampled_from(["1", "true", "2014-01-01", "-7", "9" * 30]), datatype=iris
    ),
    st.builds(ox.Literal, st.one_of(st.booleans(), st.integers())),
)
terms = st.one_of(iris, literals, st.sampled_from("ab").map(ox.BlankNode))
properties = st.sampled_from(sorted(shipped_terms().context)).map(
    lambda name: ox.NamedNode(f"https://w3id.org/metapole/def#{name.strip('@')}")
)
triples = st.builds(ox.Triple, iris, st.one_of(iris, properties), terms)


def write(published: Published, media_type: str, **arguments: str) -> bytes:
    return published.written(write_resource, media_type, **{"iri": AVIA, **arguments})


def values(published: Published = PUBLISHED, **arguments: str) -> dict[str, Any]:
    return json.loads(write(published, "application/json", **arguments))


@pytest.mark.parametrize("written_as", RDF, ids=lambda each: each.extension)
def test_all_rdf_formats_say_the_same(written_as: object) -> None:
    media_type = getattr(written_as, "media_type")  # noqa: B009 -- pytest hands it over untyped
    reference = {
        each.triple for each in ox.parse(write(PUBLISHED, "text/turtle"), ox.RdfFormat.TURTLE)
    }
    rdf_format = ox.RdfFormat.from_media_type(media_type)
    found = list(ox.parse(write(PUBLISHED, media_type), rdf_format))
    assert {each.triple for each in found} == reference
    assert len(reference) == 23
    if media_type in ("application/trig", "application/n-quads"):
        assert all(each in PUBLISHED.store for each in found)
        assert {str(each.graph_name) for each in found} == {
            "<https://w3id.org/metapole/graph/a>",
            "<https://w3id.org/metapole/graph/b>",
        }


# rdflib's own parser uses the class it deprecates.
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
@pytest.mark.parametrize(
    ("media_type", "name"),
    [
        ("text/turtle", "turtle"),
        ("application/rdf+xml", "xml"),
        ("application/ld+json", "json-ld"),
    ],
)
def test_another_library_reads_the_same(media_type: str, name: str) -> None:
    mine = rdflib.Graph().parse(data=write(PUBLISHED, "application/n-triples"), format="nt")
    theirs = rdflib.Graph().parse(data=write(PUBLISHED, media_type), format=name)
    assert set(theirs) == set(mine)


def test_json_ld_reads_well_and_needs_nobody_else() -> None:
    document = json.loads(write(PUBLISHED, "application/ld+json"))
    first = document["@graph"][0]
    assert first["id"] == AVIA
    assert first["type"] == "Cluster"
    assert first["prefLabel"] == {"en": "AVIA", "ru": "АВИА"}
    figure = next(node for node in document["@graph"] if node["id"] == f"{ID}figure/f")
    assert (figure["about"], figure["value"], figure["from"]) == (AVIA, "36.5", "2014-01-01")
    assert isinstance(document["@context"], dict)
    assert document["@context"]["about"] == {"@id": "mp:about", "@type": "@id"}
    assert "locationKind" not in document["@context"]


@settings(max_examples=60, deadline=None)
@given(st.lists(triples, max_size=8))
def test_json_ld_says_any_triples(some: list[ox.Triple]) -> None:
    written = json_ld(ox.Quad(each.subject, each.predicate, each.object) for each in some)
    read = ox.Dataset(ox.parse(written, ox.RdfFormat.JSON_LD))
    meant = ox.Dataset(ox.Quad(each.subject, each.predicate, each.object) for each in some)
    for dataset in (read, meant):
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    assert read == meant


def test_the_values_of_a_page_tell_of_statements_with_time_and_evidence() -> None:
    said = values()
    assert (said["label"], said["address"]) == ("AVIA", f"{PUBLIC_URL}cluster/avia")
    (statement,) = said["statements"]
    assert statement["kinds"][0]["label"] == "key figure"
    assert {fact["property"]["label"]: fact["values"] for fact in statement["facts"]} == {
        "mp:unit": [{"iri": "http://example.org/eur", "label": "euro", "address": "http://example.org/eur"}],
        "mp:value": [{"text": "36.5", "datatype": "http://www.w3.org/2001/XMLSchema#decimal"}],
    }  # fmt: skip
    assert statement["time"]["first_day"]["text"] == "2014-01-01"
    (evidence,) = statement["evidence"]
    assert (evidence["printed"], evidence["line_from"]) == ('=36,5; "about"', "7")
    assert evidence["document"]["label"] == "A document"
    assert said["schema_org"] == {
        "@context": "https://schema.org/",
        "@type": "Thing",
        "@id": AVIA,
        "url": f"{PUBLIC_URL}cluster/avia",
        "mainEntityOfPage": f"{PUBLIC_URL}cluster/avia",
        "name": "AVIA",
        "alternateName": ["АВИА", "A-V-I-A"],
        "sameAs": ["http://www.wikidata.org/entity/Q1"],
    }


def test_the_table_has_a_row_for_each_fact() -> None:
    rows = list(csv.DictReader(io.StringIO(write(PUBLISHED, "text/csv").decode())))
    assert [(row["property"], row["value"], row["label"]) for row in rows] == [
        ("mp:unit", "http://example.org/eur", "euro"),
        ("mp:value", "36.5", ""),
    ]
    assert {(row["first_day"], row["line"], row["printed"]) for row in rows} == {
        ("2014-01-01", "7", '=36,5; "about"')
    }


def test_a_thing_is_drawn_where_it_lies() -> None:
    drawn = json.loads(write(PUBLISHED, "application/geo+json"))
    (feature,) = drawn["features"]
    assert feature["geometry"] == {"type": "Point", "coordinates": [-0.4, 39.5]}
    assert feature["properties"]["place"] == f"{ID}area/valencia"


@pytest.mark.parametrize("extra", [CSV, GEOJSON], ids=lambda each: each.extension)
def test_a_format_that_makes_no_sense_is_refused_with_those_that_do(extra: object) -> None:
    media_type = getattr(extra, "media_type")  # noqa: B009 -- pytest hands it over untyped
    with pytest.raises(UnwritableAnswer, match=r"there is text/turtle, .*application/json$"):
        write(PUBLISHED, media_type, iri=f"{ID}area/alone")


@pytest.mark.parametrize("page", ["0", "-1", "x", "", "1.0", "٣", "9" * 20, "2\r\nX: y"])
def test_what_is_no_number_of_a_page_is_refused(page: str) -> None:
    with pytest.raises(QueryRejected, match="send a number from 1 on") as caught:
        write(PUBLISHED, "text/turtle", page=page)
    assert str(caught.value).isprintable()


def test_a_page_behind_the_last_is_not_there() -> None:
    with pytest.raises(UnknownThing, match=r"no page 2 .*there is one page"):
        write(PUBLISHED, "text/turtle", page="2")


def test_a_page_in_rdf_leads_to_the_others() -> None:
    published = of_quads(crowd(600))
    content = write(published, "text/turtle", iri=f"{ID}cluster/centre", page="2")
    hydra = "http://www.w3.org/ns/hydra/core#"
    links = {
        (quad.predicate.value.removeprefix(hydra), str(quad.object).strip("<>"))
        for quad in ox.parse(content, ox.RdfFormat.TURTLE)
        if quad.predicate.value.startswith(hydra)
    }
    base = f"{PUBLIC_URL}data/cluster/centre.ttl"
    assert {link for link in links if link[0] != "totalItems"} == {
        ("view", f"{base}?page=2"), ("first", f"{base}?page=1"), ("previous", f"{base}?page=1"),
        ("next", f"{base}?page=3"), ("last", f"{base}?page=3"),
    }  # fmt: skip


def test_the_same_graph_gives_the_same_bytes_however_it_came_about() -> None:
    quads = list(crowd(300))
    for media_type in [each.media_type for each in (*ALWAYS, CSV)]:
        iri = f"{ID}cluster/centre"
        one = write(of_quads(quads), media_type, iri=iri)
        assert one == write(of_quads(reversed(quads)), media_type, iri=iri), media_type


def card() -> Card:
    return Card.of(json.loads(PUBLISHED.written(write_resource_card, "application/json", **TOLD)))


def test_a_card_tells_what_links_need() -> None:
    assert card().classes == ("https://w3id.org/metapole/def#Cluster",)
    assert [extension for extension, _ in card().formats] == [
        "ttl", "nt", "rdf", "jsonld", "trig", "nq", "json", "csv", "geojson",
    ]  # fmt: skip
    assert card().license == LICENCE


def test_a_linkset_has_the_links_of_all_addresses() -> None:
    linkset = json.loads(PUBLISHED.written(write_linkset, "application/linkset+json", **TOLD))
    contexts = {each["anchor"]: each for each in linkset["linkset"]}
    page = contexts[f"{PUBLIC_URL}cluster/avia"]
    assert page["cite-as"] == [{"href": AVIA}]
    assert {"href": f"{PUBLIC_URL}data/cluster/avia.ttl", "type": "text/turtle"} in page[
        "describedby"
    ]
    assert {each["href"] for each in page["type"]} >= {"https://schema.org/AboutPage"}
    for extension, _ in card().formats:
        file = contexts[f"{PUBLIC_URL}data/cluster/avia.{extension}"]
        assert file["describes"] == [{"href": f"{PUBLIC_URL}cluster/avia", "type": "text/html"}]
    text = PUBLISHED.written(write_linkset, "application/linkset", **TOLD).decode()
    assert f'<{AVIA}>; rel="cite-as"; anchor="{PUBLIC_URL}cluster/avia"' in text


RING = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0]]
CRS84 = "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>"


@pytest.mark.parametrize(
    ("text", "kind", "coordinates"),
    [
        ("POINT(4.6 45.2)", "Point", [4.6, 45.2]),
        (f"{CRS84} point (1 -2e1)", "Point", [1.0, -20.0]),
        ("MULTIPOINT(1 2, 3 4)", "MultiPoint", [[1.0, 2.0], [3.0, 4.0]]),
        ("MULTIPOINT((1 2), (3 4))", "MultiPoint", [[1.0, 2.0], [3.0, 4.0]]),
        ("LINESTRING(1 2, 3 4)", "LineString", [[1.0, 2.0], [3.0, 4.0]]),
        ("POLYGON((0 0, 1 0, 1 1, 0 0))", "Polygon", [RING]),
        ("MULTIPOLYGON(((0 0, 1 0, 1 1, 0 0)))", "MultiPolygon", [[RING]]),
    ],
)
def test_well_known_text_is_read(text: str, kind: str, coordinates: list[object]) -> None:
    assert geometry_of(text) == {"type": kind, "coordinates": coordinates}


@pytest.mark.parametrize(
    "text",
    ["", "POINT", "POINT()", "POINT(1)", "POINT(1 2 3)", "POINT(1 2", "POINT((1 2))", "POINT EMPTY",
     "POLYGON(0 0, 1 1)", "CIRCLE(1 2)", "<http://www.opengis.net/def/crs/EPSG/0/4326> POINT(1 2)",
     "POINT(1 2) POINT(1 2)", "POINT(١ ٢)", "POLYGON((" + "(" * 5000, "POINT(1e999999 2)"],
)  # fmt: skip
def test_what_is_no_geometry_that_can_be_drawn_is_left_out(text: str) -> None:
    assert geometry_of(text) is None
