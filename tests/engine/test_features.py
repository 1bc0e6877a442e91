"""Clusters and areas as features: which are selected, and how one page leads to the next."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import rdflib

from graph.errors import QueryRejected, UnknownThing
from graph.publishing.features.answers import write_features
from graph.publishing.features.selection import (
    DEFAULT_LIMIT,
    MOST_FEATURES,
    Box,
    Span,
    selection_from,
)
from graph.publishing.tables.geojson import point_from
from tests.engine.published import (
    MP,
    PUBLIC_URL,
    Published,
    of_classes,
)

ID = "https://w3id.org/metapole/id/"
CLASSES = {"clusters": ("Cluster", "MetaCluster"), "areas": ("Area", "Country")}
WKT = rdflib.URIRef("http://www.opengis.net/ont/geosparql#asWKT")


def part(published: Published, name: str, **arguments: str) -> dict[str, Any]:
    return json.loads(published.written(write_features, part=name, **arguments))


def linked(said: dict[str, Any], relation: str) -> list[str]:
    return [link["href"] for link in said["links"] if link["rel"] == relation]


@pytest.mark.parametrize(
    ("collection", "limit"), [("areas", 1), ("areas", 7), ("areas", 1000), ("clusters", 44)]
)
def test_pages_lead_through_every_feature_once(
    shipped: Published, data: rdflib.Graph, collection: str, limit: int
) -> None:
    arguments, found, pages = {"limit": str(limit)}, list[str](), 0
    while True:
        page = part(shipped, "items", collection=collection, **arguments)
        assert page["numberReturned"] == len(page["features"]) <= limit
        found += [feature["properties"][collection[:-1]] for feature in page["features"]]
        pages += 1
        if not (following := linked(page, "next")):
            break
        address = urlsplit(following[0])
        assert following[0].startswith(f"{PUBLIC_URL}ogc/collections/{collection}/items?")
        arguments = {name: value for name, value in parse_qsl(address.query) if name != "f"}
    things = of_classes(data, *CLASSES[collection])
    assert found == sorted(things)
    assert page["numberMatched"] == len(things)
    assert pages == -(-len(things) // limit)


def test_the_first_page_has_nothing_before_it_and_the_last_nothing_after(
    shipped: Published,
) -> None:
    first = part(shipped, "items", collection="areas", limit="50")
    last = part(shipped, "items", collection="areas", limit="50", offset="50")
    assert (linked(first, "prev"), len(linked(first, "next"))) == ([], 1)
    assert (len(linked(last, "prev")), linked(last, "next")) == (1, [])
    beyond = part(shipped, "items", collection="areas", offset="1000")
    assert beyond["features"] == linked(beyond, "next") == []


def test_a_box_finds_the_areas_whose_point_is_in_it_and_those_without_a_point(
    shipped: Published, data: rdflib.Graph
) -> None:
    points = {
        str(data.value(where, MP.about)): tuple(map(float, str(point)[6:-1].split()))
        for where, point in data.subject_objects(WKT)
    }
    inside = {area for area, (lon, lat) in points.items() if 4 <= lon <= 8 and 48 <= lat <= 51}
    assert 0 < len(inside) < len(points)
    page = part(shipped, "items", collection="areas", bbox="4,48,8,51", limit="1000")
    found = {feature["properties"]["area"] for feature in page["features"]}
    without = of_classes(data, "Area", "Country") - set(points)
    assert found == inside | without


def test_a_time_finds_the_areas_that_statements_speak_of_then(
    shipped: Published, data: rdflib.Graph
) -> None:
    spans: dict[str, list[tuple[str, str]]] = {}
    abouts = ("about", "area", "participant", "whole", "part", "locatedIn")
    for name in abouts:
        for statement, area in data.subject_objects(MP[name]):
            first = data.value(statement, MP["from"])
            last = data.value(statement, MP.to)
            if first is not None or last is not None:
                span = (str(first or ""), str(last or ""))
                spans.setdefault(str(area), []).append(span)
    page = part(
        shipped, "items", collection="areas", datetime="1990-01-01/1999-12-31", limit="1000"
    )
    found = {feature["properties"]["area"] for feature in page["features"]}
    timed = {area for area in of_classes(data, "Area", "Country") if area in spans}
    assert found & timed == {
        area
        for area in timed
        if min(first for first, _ in spans[area]) <= "1999-12-31"
        and max(last or "9999" for _, last in spans[area]) >= "1990-01-01"
    }
    assert found - timed == of_classes(data, "Area", "Country") - timed


def test_a_feature_has_an_address_of_its_own(shipped: Published) -> None:
    page = part(shipped, "items", collection="clusters", limit="1000")
    ids = [feature["id"] for feature in page["features"]]
    assert "cluster:cara" in ids
    found = part(shipped, "item", collection="clusters", feature="cluster:cara")
    assert found["properties"]["cluster"] == f"{ID}cluster/cara"
    own = f"{PUBLIC_URL}ogc/collections/clusters/items/cluster:cara"
    assert linked(found, "self") == [f"{own}?f=json"]
    assert linked(found, "collection") == [f"{PUBLIC_URL}ogc/collections/clusters"]
    whole = part(shipped, "item", collection="clusters", feature=f"{ID}cluster/cara")
    assert whole == found


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        pytest.param("item", {"collection": "clusters", "feature": "cluster:nothing"}, id="item"),
        pytest.param("item", {"collection": "areas", "feature": "cluster:cara"}, id="other kind"),
        pytest.param("items", {"collection": "figures"}, id="no such collection"),
        pytest.param("collection", {"collection": "Clusters"}, id="case"),
    ],
)
def test_what_is_not_there_is_unknown(
    shipped: Published, name: str, arguments: dict[str, str]
) -> None:
    with pytest.raises(UnknownThing):
        part(shipped, name, **arguments)


def test_the_api_tells_of_all_that_there_is(shipped: Published, data: rdflib.Graph) -> None:
    landing = part(shipped, "landing")
    relations = {link["rel"] for link in landing["links"]}
    assert {"self", "alternate", "service-desc", "service-doc", "conformance", "data"} <= relations
    assert all(link["type"] and link["title"] for link in landing["links"])
    conforms = part(shipped, "conformance")["conformsTo"]
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in conforms
    collections = part(shipped, "collections")["collections"]
    assert [each["id"] for each in collections] == list(CLASSES)
    points = [tuple(map(float, str(point)[6:-1].split())) for point in data.objects(None, WKT)]
    longitudes, latitudes = zip(*points, strict=True)
    (areas,) = (each for each in collections if each["id"] == "areas")
    assert areas["extent"]["spatial"]["bbox"] == [
        [min(longitudes), min(latitudes), max(longitudes), max(latitudes)]
    ]
    api = part(shipped, "api")
    assert api["openapi"].startswith("3.0.")
    assert api["servers"][0]["url"] == f"{PUBLIC_URL}ogc"
    (operation,) = api["paths"]["/collections/clusters/items"].values()
    names = {parameter["name"] for parameter in operation["parameters"]}
    assert names == {"limit", "offset", "bbox", "datetime", "f"}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param({}, (DEFAULT_LIMIT, 0, None, None), id="nothing"),
        pytest.param({"limit": "1"}, (1, 0, None, None), id="least"),
        pytest.param({"limit": "999999"}, (MOST_FEATURES, 0, None, None), id="more than there is"),
        pytest.param({"offset": "20"}, (DEFAULT_LIMIT, 20, None, None), id="offset"),
        pytest.param(
            {"bbox": "-5,40,10.5,5.1e1"}, (DEFAULT_LIMIT, 0, Box(-5, 40, 10.5, 51), None), id="box"
        ),
        pytest.param(
            {"bbox": "170,-10,0,-170,10,99"},
            (DEFAULT_LIMIT, 0, Box(170, -10, -170, 10), None),
            id="box with heights across the antimeridian",
        ),
        pytest.param(
            {"datetime": "2014-06-30"},
            (DEFAULT_LIMIT, 0, None, Span("2014-06-30", "2014-06-30")),
            id="day",
        ),
        pytest.param(
            {"datetime": "2014-06-30T12:00:00Z/.."},
            (DEFAULT_LIMIT, 0, None, Span("2014-06-30", "")),
            id="open end",
        ),
        pytest.param(
            {"datetime": "/2014-06-30T12:00:00.5+02:00"},
            (DEFAULT_LIMIT, 0, None, Span("", "2014-06-30")),
            id="open start",
        ),
    ],
)
def test_parameters_are_read(arguments: dict[str, str], expected: tuple[object, ...]) -> None:
    found = selection_from(arguments)
    assert (found.limit, found.offset, found.box, found.span) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limit", "0"), ("limit", "-1"), ("limit", "ten"), ("limit", "1e2"), ("limit", "٣"),
        ("limit", "9" * 30), ("offset", "-1"), ("offset", "x"),
        ("bbox", "1,2,3"), ("bbox", "1,2,3,4,5"), ("bbox", "a,b,c,d"), ("bbox", "1,2,3,nan"),
        ("bbox", "-181,0,0,1"), ("bbox", "0,10,1,5"), ("bbox", "0,-91,1,5"), ("bbox", "0,0,inf,1"),
        ("datetime", "yesterday"), ("datetime", "2014"), ("datetime", "../.."), ("datetime", "/"),
        ("datetime", "2014-13-01"), ("datetime", "2015-01-01/2014-01-01"),
        ("datetime", "2014-01-01T10:00:00"), ("datetime", "2014-01-01/2015-01-01/2016-01-01"),
    ],
)  # fmt: skip
def test_a_parameter_that_cannot_be_read_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(QueryRejected, match=f"'{name}' is"):
        selection_from({name: value})


@pytest.mark.parametrize(
    ("span", "first", "last", "meets"),
    [
        (Span("2014-01-01", "2014-12-31"), "2010-01-01", "2013-12-31", False),
        (Span("2014-01-01", "2014-12-31"), "2010-01-01", "2014-01-01", True),
        (Span("2014-01-01", "2014-12-31"), "2015-01-01", "", False),
        (Span("2014-01-01", "2014-12-31"), "", "2013-12-31", False),
        (Span("2014-01-01", "2014-12-31"), "2010-01-01", "", True),
        (Span("2014-01-01", ""), "2010-01-01", "2011-01-01", False),
        (Span("", "2014-01-01"), "2015-01-01", "2016-01-01", False),
        (Span("", "2014-01-01"), "", "", True),
    ],
)
def test_times_meet_when_they_share_a_day(
    span: Span, first: str, last: str, *, meets: bool
) -> None:
    assert span.meets(first, last) is meets


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("POINT(4.624 45.284)", (4.624, 45.284)),
        ("point ( -0.073   48 )", (-0.073, 48.0)),
        ("<http://www.opengis.net/def/crs/OGC/1.3/CRS84> POINT(1 2)", (1.0, 2.0)),
        ("<http://www.opengis.net/def/crs/EPSG/0/4326> POINT(1 2)", None),
        ("POINT(181 0)", None),
        ("POINT(0 91)", None),
        ("POINT(1 2 3)", None),
        ("POINT EMPTY", None),
        ("POLYGON((0 0,1 0,1 1,0 0))", None),
        ("POINT(1e3 2)", None),
        ("", None),
    ],
)
def test_a_point_is_read_or_is_none(text: str, point: tuple[float, float] | None) -> None:
    assert point_from(text) == point


@pytest.mark.parametrize(
    ("box", "point", "inside"),
    [
        (Box(0, 0, 10, 10), (5, 5), True),
        (Box(0, 0, 10, 10), (0, 10), True),
        (Box(0, 0, 10, 10), (11, 5), False),
        (Box(0, 0, 10, 10), (5, -1), False),
        (Box(170, -10, -170, 10), (179, 0), True),
        (Box(170, -10, -170, 10), (-179, 0), True),
        (Box(170, -10, -170, 10), (0, 0), False),
    ],
)
def test_a_box_may_cross_the_antimeridian(
    box: Box, point: tuple[float, float], *, inside: bool
) -> None:
    assert box.holds(point) is inside
