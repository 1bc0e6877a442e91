"""The map and the network as pictures: whole, honest, readable, and the same every time."""

from __future__ import annotations

import json
import math
import re
import struct
import xml.etree.ElementTree as ET
import zlib
from dataclasses import replace
from itertools import pairwise
from typing import Any, Literal

import pyoxigraph as ox
import pytest

from graph.errors import QueryRejected, UnknownThing, UnwritableAnswer
from graph.namespaces import ID, MP
from graph.publishing.labels import Names
from graph.publishing.pictures import files as picture_files
from graph.publishing.pictures import png, text
from graph.publishing.pictures.base_map import base_map, outlines
from graph.publishing.pictures.files import (
    write_base_map,
    write_map_picture,
    write_map_places,
    write_network_picture,
)
from graph.publishing.pictures.letters import drawable, drawable_in
from graph.publishing.pictures.map import map_drawing
from graph.publishing.pictures.map_page import write_map_page
from graph.publishing.pictures.network import network_drawing
from graph.publishing.pictures.network_page import write_network_page
from graph.publishing.pictures.png import png_of
from graph.publishing.pictures.projection import projected
from graph.publishing.pictures.text import one_line, shortened, width, wrapped
from server.messages import LANGUAGES, messages
from tests.engine.published import Published, Writer, of_turtle

Size = Literal["small", "large"]
SVG = "{http://www.w3.org/2000/svg}"
PREFIXES = f"""
PREFIX area: <{ID}area/>
PREFIX cluster: <{ID}cluster/>
PREFIX country: <{ID}country/>
PREFIX geo: <http://www.opengis.net/ont/geosparql#>
PREFIX mp: <{MP}>
PREFIX partnership: <{ID}partnership/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX code: <http://publications.europa.eu/resource/authority/country/>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
"""
PLACES = (
    PREFIXES
    + """
country:france a mp:Area , mp:Country ; skos:prefLabel "France"@en ; skos:exactMatch code:FRA .
country:italy a mp:Area , mp:Country ; skos:prefLabel "Italy"@en ; skos:exactMatch code:ITA .
country:canada a mp:Area , mp:Country ; skos:prefLabel "Canada"@en ; skos:exactMatch code:CAN .
country:nowhere a mp:Area , mp:Country ; skos:prefLabel "Nowhere"@en .
area:brittany a mp:Area ; skos:prefLabel "Brittany"@en ; mp:partOf country:france ;
  geo:asWKT "POINT(-2.838 48.181)"^^geo:wktLiteral .
area:empty a mp:Area ; skos:prefLabel "Empty"@en ; mp:partOf country:france ;
  geo:asWKT "POINT(5 45)"^^geo:wktLiteral .
cluster:a a mp:Cluster ; skos:prefLabel "A"@en ; mp:locatedIn area:brittany , country:france .
cluster:b a mp:Cluster ; skos:prefLabel "B"@en ; mp:locatedIn area:brittany .
cluster:c a mp:Cluster ; skos:prefLabel "C"@en ; mp:locatedIn country:france .
cluster:d a mp:Cluster ; skos:prefLabel "D"@en ; mp:locatedIn country:canada .
cluster:e a mp:Cluster ; skos:prefLabel "E"@en ; mp:locatedIn country:nowhere .
cluster:f a mp:Cluster ; skos:prefLabel "F"@en .
<http://example.org/company> skos:prefLabel "Company" ; mp:locatedIn country:italy .
partnership:one a mp:Partnership ; mp:partner cluster:a , <http://example.org/company> .
partnership:two a mp:Partnership ; mp:partner cluster:a , cluster:d .
partnership:three a mp:Partnership ; mp:partner cluster:a , cluster:b .
partnership:four a mp:Partnership ; mp:partner cluster:b , cluster:f .
"""
)
HOSTILE = (
    '<script>alert(1)</script> " onload="x',
    "\u202egnp.exe \u2066\u2067 right to left",
    "x" * 10_000,
    "one two " * 2_000,
    "control \x01\x0b\ufffe characters",
    "汉字" * 400,
    "",
)


def drawn(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 -- it was written here


def texts_of(root: ET.Element) -> list[tuple[str, ET.Element, float]]:
    """Return every line of text, with the element it is in and its size."""
    found: list[tuple[str, ET.Element, float]] = []
    for element in root.iter(f"{SVG}text"):
        size = float(element.attrib["font-size"])
        spans = element.findall(f"{SVG}tspan")
        found += [(each.text or "", element, size) for each in spans or [element]]
    return found


def assert_no_text_leaves(root: ET.Element, moved: tuple[float, float] = (0, 0)) -> None:
    left, top, wide, high = map(float, root.attrib["viewBox"].split())
    for line, element, size in texts_of(root):
        long = sum(map(text.advance, line)) * size
        start = {"start": 0, "middle": long / 2, "end": long}[element.attrib["text-anchor"]]
        x, y = float(element.attrib["x"]) + moved[0] - start, float(element.attrib["y"]) + moved[1]
        assert left <= x, line
        assert x + long <= left + wide, line
        assert top <= y - size * 0.8, line
        assert y <= top + high, line


def page(published: Published, writer: Writer = write_map_page, **arguments: str) -> dict[str, Any]:
    return json.loads(published.written(writer, **arguments))


@pytest.mark.parametrize(
    ("position", "expected"),
    [
        # As d3-geo 3.1 computes them for the same centre, scale and translation.
        pytest.param((10, 52), (470.1970155581676, 489.2498925912214), id="the centre"),
        pytest.param((10, 90), (470.1970155581676, -433.8893), id="the pole"),
    ],
)
def test_points_are_where_the_projection_puts_them(
    position: tuple[float, float], expected: tuple[float, float]
) -> None:
    assert projected(*position) == pytest.approx(expected, abs=0.01)


def test_areas_of_the_same_size_on_earth_are_of_the_same_size_on_the_map() -> None:
    def area(longitude: float, latitude: float, height: float) -> float:
        corners = [
            projected(longitude + x, latitude + y)
            for x, y in ((0, 0), (1, 0), (1, height), (0, height))
        ]
        return abs(sum(x * v - u * y for (x, y), (u, v) in pairwise([*corners, corners[0]]))) / 2

    # Between two parallels there is as much as between the two that are as far apart by their sine.
    south, north = 0.6, 0.85
    degrees = math.degrees(1)
    heights = [(math.asin(sine + 0.005) - math.asin(sine)) * degrees for sine in (south, north)]
    low = area(12, math.asin(south) * degrees, heights[0])
    high = area(30, math.asin(north) * degrees, heights[1])
    assert low == pytest.approx(high, rel=2e-3)


def test_the_base_map_says_where_it_comes_from_and_that_it_is_free(shipped: Published) -> None:
    told = json.loads(shipped.written(write_base_map))

    assert "Natural Earth" in told["source"]
    assert told["license"] == "public domain"
    codes = {each["properties"]["code"] for each in told["features"]}
    assert {"FRA", "DEU", "LUX", "BEL", "ITA", "SVN", "FIN", "USA", "JPN", "TUN"} <= codes
    assert len(base_map()) < 100_000


def test_no_outline_crosses_the_map_from_one_edge_to_the_other() -> None:
    for country in json.loads(base_map())["features"]:
        for polygon in country["geometry"]["coordinates"]:
            for ring in polygon:
                for (x, y), (u, v) in pairwise(ring):
                    is_edge = abs(y) == abs(v) == 90
                    assert abs(u - x) < 90 or is_edge, country["properties"]


def test_neighbours_share_their_borders() -> None:
    rings = {
        each["properties"]["code"]: {
            tuple(position)
            for polygon in each["geometry"]["coordinates"]
            for ring in polygon
            for position in ring
        }
        for each in json.loads(base_map())["features"]
    }
    for one, other in (("FRA", "DEU"), ("FRA", "BEL"), ("DEU", "LUX"), ("ITA", "SVN")):
        assert len(rings[one] & rings[other]) >= 2, (one, other)


@pytest.mark.parametrize("label", HOSTILE)
def test_what_is_shown_of_a_label_is_short_and_hides_nothing(label: str) -> None:
    shown = one_line(label)

    assert len(shown) <= 301
    assert not re.search("[\x00-\x1f\u202a-\u202e\u2066-\u2069\ufffe]", shown)


@pytest.mark.parametrize("label", HOSTILE)
def test_lines_are_no_wider_and_no_more_than_they_may_be(label: str) -> None:
    lines = wrapped(one_line(label), 12, 100, 3)

    assert len(lines) <= 3
    assert all(width(line, 12) <= 100 for line in lines)
    assert width(shortened(one_line(label), 12, 60), 12) <= 60


def test_clusters_are_counted_where_they_are() -> None:
    document = page(of_turtle(PLACES))

    counts = {each["area"]["label"]: (each["count"], each["kind"]) for each in document["places"]}
    assert counts == {
        "Brittany": (2, "point"),
        "France": (1, "country"),
        "Canada": (1, "outside"),
        "Empty": (0, "point"),
        "Italy": (0, "country"),
    }
    assert (document["total"], document["placed"]) == (6, 4)
    assert [each["label"] for each in document["without"]] == ["E", "F"]


def test_only_partnerships_across_borders_are_lines() -> None:
    document = page(of_turtle(PLACES))

    across = {
        frozenset((each["one"]["label"], each["other"]["label"])): each["count"]
        for each in document["across"]
    }
    assert across == {frozenset(("Brittany", "Italy")): 1, frozenset(("Brittany", "Canada")): 1}
    assert [
        [each["label"] for each in one["partners"]] for one in document["partnerships_without"]
    ] == [["B", "F"]]


def test_programs_get_the_places_of_europe_as_features() -> None:
    features = json.loads(of_turtle(PLACES).written(write_map_places))["features"]

    points = {
        each["properties"]["label"]: each["geometry"]["coordinates"]
        for each in features
        if each["geometry"]["type"] == "Point"
    }
    assert points["Brittany: 2"] == [-2.838, 48.181]
    assert set(points) == {"Brittany: 2", "France: 1", "Empty", "Italy"}
    lines = [each for each in features if each["geometry"]["type"] == "LineString"]
    assert [each["properties"]["label"] for each in lines] == ["Brittany – Italy: 1"]


def test_the_map_draws_all_that_the_table_has() -> None:
    published = of_turtle(PLACES)
    edition = published.edition()
    root = drawn(map_drawing(edition, Names(edition), "large"))

    titles = {each.text for each in root.iter(f"{SVG}title")}
    assert {"Brittany: 2", "France: 1", "Canada 1", "Empty", "Italy"} <= titles
    hollow = [each for each in root.iter(f"{SVG}a") if "hollow" in each.attrib.get("class", "")]
    assert len(hollow) == 2, "where no number of clusters is known"
    assert len(root.findall(f".//{SVG}path[@class='arc']")) == 2
    assert len(root.findall(f".//{SVG}path[@class='country']")) == len(outlines(1.0))


@pytest.mark.parametrize("size", ["small", "large"])
def test_no_text_of_the_shipped_map_is_cut_off(shipped: Published, size: Size) -> None:
    edition = shipped.edition()
    assert_no_text_leaves(drawn(map_drawing(edition, Names(edition), size)))


def things(*names: str) -> str:
    """Return a hub that is a partner of things with these names."""
    lines = [f"cluster:hub skos:prefLabel {ox.Literal('Hub', language='en')} ."]
    for number, name in enumerate(names):
        lines.append(f"cluster:n{number} skos:prefLabel {ox.Literal(name)} .")
        lines.append(f"partnership:p{number} mp:partner cluster:hub , cluster:n{number} .")
    return PREFIXES + "\n".join(lines)


@pytest.mark.parametrize("focus", [None, f"{ID}cluster/hub"])
def test_hostile_labels_stay_text_inside_of_the_picture(focus: str | None) -> None:
    edition = of_turtle(things(*HOSTILE)).edition()
    svg = network_drawing(edition, Names(edition), focus, "large")

    root = drawn(svg)
    assert "<script" not in svg
    assert not any("onload" in element.attrib for element in root.iter())
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        "svg", "g", "a", "title", "path", "circle", "text", "tspan",
    }  # fmt: skip
    assert_no_text_leaves(root)


def test_links_lead_to_the_web_or_nowhere() -> None:
    edition = of_turtle(
        PREFIXES + "<javascript:alert(1)> skos:prefLabel 'evil' ."
        "partnership:p mp:partner <javascript:alert(1)> , cluster:a ."
    ).edition()

    root = drawn(network_drawing(edition, Names(edition)))

    hrefs = [each.attrib["href"] for each in root.iter(f"{SVG}a")]
    assert len(hrefs) == 2
    assert all(href.startswith("https://") for href in hrefs)


def test_no_two_names_of_a_network_cover_each_other(shipped: Published) -> None:
    edition = shipped.edition()
    root = drawn(network_drawing(edition, Names(edition), None, "large"))

    boxes: list[tuple[float, float, float, float]] = []
    for group in root.findall(f"{SVG}a"):
        for element in group.iter(f"{SVG}text"):
            size = float(element.attrib["font-size"])
            lines = [each.text or "" for each in element.findall(f"{SVG}tspan")] or [
                element.text or ""
            ]
            half = max(sum(map(text.advance, line)) * size for line in lines) / 2
            x, y = float(element.attrib["x"]), float(element.attrib["y"])
            boxes.append((x - half, y - size * 0.7, x + half, y + (len(lines) - 1) * size * 1.25))
    assert len(boxes) > 20
    for place, one in enumerate(boxes):
        for other in boxes[place + 1 :]:
            is_apart = (
                one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
            )
            assert is_apart, (one, other)


def test_what_has_no_room_in_a_network_is_counted() -> None:
    names = [f"Thing {number}" for number in range(30)]
    edition = of_turtle(things(*names)).edition()

    small = drawn(network_drawing(edition, Names(edition), f"{ID}cluster/hub", "small"))

    shown = [each for each in small.findall(f"{SVG}a") if "thing" in each.attrib["class"]]
    more = small.find(f"{SVG}text[@class='more']")
    assert more is not None
    assert len(shown) + int((more.text or "").removeprefix("+ ")) == 31


def test_a_thing_without_links_has_no_picture() -> None:
    edition = of_turtle(PLACES).edition()
    assert network_drawing(edition, Names(edition), f"{ID}cluster/c") == ""
    with pytest.raises(UnknownThing, match="nothing is linked"):
        of_turtle(PLACES).written(write_network_picture, "image/svg+xml", sector="none")


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param({"focus": "nothing-of-that-name"}, id="unknown"),
        pytest.param({"from": "cluster/a", "to": "cluster/c"}, id="no way"),
    ],
)
def test_no_picture_shows_something_else_than_was_asked_for(asked: dict[str, str]) -> None:
    published = of_turtle(PLACES)
    with pytest.raises(UnknownThing, match="nothing is linked"):
        published.written(write_network_picture, "image/svg+xml", **asked)
    assert page(published, write_network_page, **asked)["tools"]["pictures"] == []


@pytest.mark.parametrize("writer", [write_map_picture, write_network_picture])
@pytest.mark.parametrize("media_type", ["image/svg+xml", "image/png"])
def test_the_same_generation_gives_the_same_bytes(
    shipped: Published, writer: Writer, media_type: str
) -> None:
    said = {"title": "Title", "caption": "Generation {generation} of {day}.", "language": "en"}
    first = shipped.written(writer, media_type, **said)

    assert shipped.written(writer, media_type, **said) == first


@pytest.mark.parametrize("writer", [write_map_picture, write_network_picture])
def test_a_file_stands_for_itself(shipped: Published, writer: Writer) -> None:
    caption = "Base map: Natural Earth.\nGeneration {generation} of {day}. Licence: CC BY."
    svg = shipped.written(writer, "image/svg+xml", title="A title", caption=caption).decode()

    root = drawn(svg)
    lines = [line for line, _, _ in texts_of(root)]
    assert "A title" in lines
    assert "Base map: Natural Earth." in lines
    assert any(
        re.fullmatch(r"Generation \d+ of \d{4}-\d\d-\d\d\. Licence: CC BY\.", each)
        for each in lines
    )
    assert root.find(f"{SVG}style") is not None
    inner = root.find(f"{SVG}svg")
    assert inner is not None
    _, _, wide, high = map(float, root.attrib["viewBox"].split())
    assert float(inner.attrib["x"]) + float(inner.attrib["width"]) <= wide
    assert float(inner.attrib["y"]) + float(inner.attrib["height"]) <= high
    inner.attrib["viewBox"] = f"0 0 {inner.attrib['width']} {inner.attrib['height']}"
    assert_no_text_leaves(inner)
    root.remove(inner)
    assert_no_text_leaves(root)
    assert not re.search(r"(?:url\(|@import|xlink:href|<image|<use|<script)", svg)


def pixels(png: bytes) -> tuple[int, int]:
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", png[16:24])


@pytest.mark.parametrize("wide", ["200", "640", "2400"])
def test_a_png_is_as_wide_as_was_asked_for(shipped: Published, wide: str) -> None:
    png = shipped.written(write_map_picture, "image/png", width=wide, title="Map")

    assert pixels(png)[0] == int(wide)
    assert 0.8 < pixels(png)[1] / int(wide) < 1.2


@pytest.mark.parametrize("wide", ["199", "2401", "wide", "-5", "1e3", "9" * 40])
def test_no_other_width_is_drawn(shipped: Published, wide: str) -> None:
    with pytest.raises(QueryRejected, match="from 200 to 2400"):
        shipped.written(write_map_picture, "image/png", width=wide)


def dark_share(png: bytes) -> float:
    """Return which share of the pixels is darker than the middle."""
    (wide, high), content, at = pixels(png), b"", 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            content += png[at + 8 : at + 8 + length]
        at += length + 12
    lines = zlib.decompress(content)
    step = len(lines) // high
    assert step == 4 * wide + 1
    # Filters keep what is all of one colour all zeros; what is not was drawn.
    return sum(1 for each in lines if each) / len(lines)


def test_what_is_very_high_is_made_less_wide() -> None:
    tower = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 5000"></svg>'

    assert pixels(png_of(tower, 2400)) == (120, 6000)


def test_a_machine_where_no_font_can_be_opened_makes_no_picture_without_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(png, "FILE", "/nowhere/font.ttf")

    with pytest.raises(UnwritableAnswer, match="take the SVG"):
        png_of('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 50"></svg>', 200)


def test_what_was_read_of_a_generation_is_not_told_of_the_next() -> None:
    one, other = of_turtle(PLACES), of_turtle(PLACES.replace("area:brittany ,", "area:empty ,"))
    following = Published(other.store, replace(one.facts, number=one.facts.number + 1))

    before, after = page(one), page(following)

    counts = [
        {each["area"]["label"]: each["count"] for each in d["places"]} for d in (before, after)
    ]
    assert [each["Brittany"] for each in counts] == [2, 1]
    assert page(one) == before


def test_text_does_not_vanish_where_a_machine_has_no_fonts() -> None:
    head = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 60" width="400" height="60">'
    said = (
        head
        + '<text x="10" y="40" font-size="24" font-family="Any">Île-de-France Ж Ω ß</text></svg>'
    )

    assert dark_share(png_of(said, 400)) > dark_share(png_of(head + "</svg>", 400)) + 0.02


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("Île-de-France Ж Ω ß ﬁ", "Île-de-France Ж Ω ß ﬁ"),
        ("北京 Cluster", "[…] Cluster"),
        ("Cluster 北京 and 上海", "Cluster […] and […]"),
        ("مرحبا", "[…]"),
        ("e\u0301 \u200d", "e\u0301 \u200d"),
        ("", ""),
    ],
)
def test_letters_that_the_font_lacks_are_no_empty_boxes(text: str, drawn: str) -> None:
    assert drawable(text) == drawn
    svg = f'<svg class="北"><style>a</style><text>{text}</text></svg>'
    assert drawable_in(svg) == f'<svg class="北"><style>a</style><text>{drawn}</text></svg>'


LACKING = "{mark} stands for letters"


@pytest.mark.parametrize(("name", "is_told"), [("北京", True), ("Minalogic", False)])
def test_a_png_says_what_it_cannot_show_and_the_svg_shows_it(
    monkeypatch: pytest.MonkeyPatch, name: str, *, is_told: bool
) -> None:
    published = of_turtle(PLACES.replace('"Brittany"', f'"{name}"'))
    drawn: list[str] = []

    def seen(svg: str, _: int) -> bytes:
        drawn.append(svg)
        return b""

    monkeypatch.setattr(picture_files, "png_of", seen)

    published.written(write_map_picture, "image/png", title=f"Map of {name}", lacking=LACKING)
    svg = published.written(write_map_picture, "image/svg+xml", title=f"Map of {name}").decode()

    assert f"Map of {name}" in svg
    assert (name in drawn[0]) != is_told
    assert ("Map of […]" in drawn[0]) == ("[…] stands for letters" in drawn[0]) == is_told


def test_what_pages_say_themselves_can_be_drawn_in_every_language() -> None:
    for language in LANGUAGES:
        for said in messages(language)["pictures"].values():
            assert drawable(said) == said


def test_the_matrix_counts_what_a_query_counts(shipped: Published) -> None:
    matrix = page(shipped, write_network_page, kind="partnership")["matrix"]
    rows = shipped.store.query(
        """
        PREFIX mp: <https://w3id.org/metapole/def#>
        SELECT ?x ?y (COUNT(DISTINCT ?p) AS ?n) {
          ?p mp:partner ?a , ?b FILTER(?a != ?b)
          ?a mp:locatedIn/mp:partOf* ?x . ?x a mp:Country .
          ?b mp:locatedIn/mp:partOf* ?y . ?y a mp:Country .
        } GROUP BY ?x ?y
        """,
        default_graph=[shipped.edition().union],
    )
    assert isinstance(rows, ox.QuerySolutions)
    expected = {(row["x"].value, row["y"].value): int(row["n"].value) for row in rows}

    countries = [each["iri"] for each in matrix["countries"]]
    found = {
        (row["country"]["iri"], country): cell["count"]
        for row in matrix["rows"]
        for country, cell in zip(countries, row["cells"], strict=True)
        if cell["count"]
    }
    assert found == expected
    assert len(expected) > 10


def test_every_cell_leads_to_as_many_partnerships(shipped: Published) -> None:
    matrix = page(shipped, write_network_page)["matrix"]
    for row in matrix["rows"]:
        for cell in row["cells"]:
            if cell["count"]:
                asked = dict(re.findall(r"(\w+)=([\w-]+)", cell["address"]))
                assert page(shipped, write_network_page, **asked)["statements"] == cell["count"]


@pytest.mark.parametrize(
    ("writer", "arguments"),
    [
        pytest.param(write_map_page, {}, id="map"),
        pytest.param(write_map_page, {"asof": "2007-06-01"}, id="map on a day"),
        pytest.param(
            write_map_page, {"country": "france", "sector": "automotive"}, id="map by facets"
        ),
        pytest.param(write_network_page, {}, id="network"),
        pytest.param(write_network_page, {"focus": "cluster/minalogic"}, id="around a thing"),
        pytest.param(write_network_page, {"country": "france", "with": "canada"}, id="countries"),
        pytest.param(write_network_page, {"kind": "joint-agreement\nmembership"}, id="kinds"),
        pytest.param(write_network_page, {"asof": "2007-06-01"}, id="network on a day"),
    ],
)
def test_the_query_of_a_page_finds_what_the_page_tells(
    shipped: Published, writer: Writer, arguments: dict[str, str]
) -> None:
    document = page(shipped, writer, **arguments)
    rows = shipped.store.query(document["tools"]["query"], default_graph=[shipped.edition().union])

    assert isinstance(rows, ox.QuerySolutions)
    names = [variable.value for variable in rows.variables]
    found = [dict(zip(names, row, strict=True)) for row in rows]
    if writer is write_map_page:
        clusters = {row["cluster"].value for row in found}
        assert len(clusters) == document["total"] > 0
    else:
        told = {row["iri"] for row in document["rows"]}
        asked = {row["statement"].value for row in found}
        assert asked <= told if "focus" in arguments else asked == told
        assert asked


def test_facets_count_what_choosing_them_shows(shipped: Published) -> None:
    facets = {each["name"]: each["values"] for each in page(shipped)["facets"]}

    for name in ("country", "sector", "label"):
        for value in facets[name][:5]:
            chosen = page(shipped, **{name: value["value"]})
            assert chosen["total"] == value["count"], (name, value)
