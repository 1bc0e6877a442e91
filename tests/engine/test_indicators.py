"""The page of an indicator: all its figures, none averaged, and side by side if they contradict."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest

from graph.errors import QueryRejected, UnknownThing
from graph.namespaces import ID
from graph.publishing.site.indicators import (
    write_figure_chart,
    write_indicator,
    write_indicators,
)
from tests.engine.published import of_turtle

if TYPE_CHECKING:
    from tests.engine.published import Published

SVG = "{http://www.w3.org/2000/svg}"
HEAD = """
@prefix mp: <https://w3id.org/metapole/def#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix indicator: <https://w3id.org/metapole/def/indicator/> .
@prefix unit: <https://w3id.org/metapole/def/unit/> .
@prefix qualifier: <https://w3id.org/metapole/def/qualifier/> .
@prefix unit-kind: <https://w3id.org/metapole/def/unit-kind/> .
@prefix cluster: <https://w3id.org/metapole/id/cluster/> .
@prefix country: <https://w3id.org/metapole/id/country/> .
@prefix figure: <https://w3id.org/metapole/id/figure/> .
@prefix area: <https://w3id.org/metapole/id/area/> .
indicator:size a mp:Indicator ; skos:prefLabel "size"@en , "taille"@fr ;
    skos:definition "How large it is."@en .
unit:members skos:prefLabel "members"@en ; mp:unitKind unit-kind:count .
unit:eur skos:prefLabel "euro"@en ; mp:unitKind unit-kind:money ; skos:notation "EUR" .
cluster:a skos:prefLabel "A"@en ; mp:locatedIn area:north .
cluster:b skos:prefLabel "B"@en ; mp:locatedIn country:sweden .
area:north mp:partOf country:norway .
country:norway a mp:Country ; skos:prefLabel "Norway"@en , "Norvège"@fr .
country:sweden a mp:Country ; skos:prefLabel "Sweden"@en .
"""


def figure(
    slug: str,
    about: str = "cluster:a",
    value: str = "10.0",
    first: str = "2010-01-01",
    last: str = "2010-12-31",
    unit: str = "unit:members",
    more: str = "",
) -> str:
    ends = f'mp:from "{first}"^^xsd:date ;' if first else ""
    ends += f' mp:to "{last}"^^xsd:date ;' if last else ""
    return (
        f"figure:{slug} a mp:KeyFigure ; mp:about {about} ; mp:indicator indicator:size ; {ends} "
        f"mp:value {value} ; mp:unit {unit} ; mp:qualifier qualifier:exact {more} .\n"
    )


def page_of(*figures: str, head: str = HEAD, **arguments: str) -> dict[str, Any]:
    published = of_turtle(head + "".join(figures))
    asked = {"indicator": "size", "language": "en", **arguments}
    return json.loads(published.written(write_indicator, **asked))


def drawn(chart: str | bytes) -> ET.Element:
    return ET.fromstring(chart)  # noqa: S314 -- it is our own


def slugs(figures: list[dict[str, Any]]) -> list[str]:
    return [each["iri"].removeprefix(f"{ID}figure/") for each in figures]


def conflicting(page: dict[str, Any]) -> list[list[str]]:
    return [slugs(each["figures"]) for each in page["conflicts"]]


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        pytest.param([figure("x"), figure("y", value="12.0")], [["x", "y"]], id="same year"),
        pytest.param(
            [figure("x"), figure("y", value="12.0", first="2010-06-01", last="2011-06-01")],
            [["x", "y"]],
            id="times that overlap",
        ),
        pytest.param([figure("x"), figure("y")], [], id="the same number"),
        pytest.param(
            [figure("x"), figure("y", value="12.0", first="2011-01-01", last="2011-12-31")],
            [],
            id="other years",
        ),
        pytest.param([figure("x"), figure("y", "cluster:b", "12.0")], [], id="other things"),
        pytest.param([figure("x"), figure("y", value="12.0", unit="unit:eur")], [], id="units"),
        pytest.param([figure("x"), figure("y", value="12.0", last="")], [], id="an open end"),
        pytest.param(
            [figure("x", more="; mp:sumOf figure:y"), figure("y", value="4.0")], [], id="a part"
        ),
        pytest.param(
            [
                figure("x", more="; mp:sumOf figure:y , figure:z"),
                figure("y", value="4.0"),
                figure("z", value="6.0"),
            ],
            [],
            id="parts of one sum",
        ),
        pytest.param(
            [figure("x"), figure("y", value="12.0"), figure("z", value="13.0")],
            [["x", "y", "z"]],
            id="three that disagree",
        ),
    ],
)
def test_figures_that_contradict_stand_side_by_side(
    figures: list[str], expected: list[list[str]]
) -> None:
    page = page_of(*figures)

    assert conflicting(page) == expected
    assert page["conflict_count"] == len(expected)
    assert page["all"] == page["chosen"] == len(figures)


def test_units_are_kept_apart_and_what_has_no_date_is_apart_from_both() -> None:
    page = page_of(
        figure("x"),
        figure("y", "cluster:b", "12.0"),
        figure("money", value="7.0", unit="unit:eur"),
        figure("undated", first="", last=""),
    )

    groups = [(each["unit"]["label"], slugs(each["figures"])) for each in page["groups"]]
    assert groups == [("members", ["x", "y"]), ("euro", ["money"])]
    assert slugs(page["undated"]) == ["undated"]
    assert "undated" not in page["groups"][0]["chart"]


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ({}, ["x", "y", "later"]),
        ({"country": "norway"}, ["x", "later"]),
        ({"country": "sweden"}, ["y"]),
        ({"asof": "2010-07-01"}, ["x", "y"]),
        ({"asof": "2012-01-01"}, ["later"]),
        ({"asof": "2010-07-01", "country": "norway"}, ["x"]),
        ({"asof": "1900-01-01"}, []),
    ],
)
def test_a_choice_leaves_out_the_others_and_its_query_does_so_too(
    choice: dict[str, str], expected: list[str]
) -> None:
    published = of_turtle(
        HEAD
        + figure("x")
        + figure("y", "cluster:b")
        + figure("later", first="2012-01-01", last="2012-12-31")
    )
    asked = {"indicator": "size", "language": "en", **choice}
    page = json.loads(published.written(write_indicator, **asked))
    shown = [slug for group in page["groups"] for slug in slugs(group["figures"])]

    assert sorted(shown) == sorted(expected)
    rows = published.store.query(page["tools"]["query"], default_graph=[published.edition().union])
    assert isinstance(rows, ox.QuerySolutions)
    assert sorted(slugs([{"iri": row["figure"].value} for row in rows])) == sorted(expected)
    assert [each["label"] for each in page["countries"]] == ["Norway", "Sweden"]


@pytest.mark.parametrize(
    ("choice", "complaint"),
    [
        ({"asof": "yesterday"}, "'asof' is 'yesterday', which is no day"),
        ({"country": "norwey"}, "did you mean norway"),
        ({"country": "> } #"}, "which is no country here"),
        ({"page": "0"}, "send a number from 1 to 1"),
        ({"page": "2"}, "send a number from 1 to 1"),
        ({"page": "-1"}, "send a number from 1 to 1"),
    ],
)
def test_a_choice_that_means_nothing_is_refused_in_plain_words(
    choice: dict[str, str], complaint: str
) -> None:
    with pytest.raises(QueryRejected, match=complaint):
        page_of(figure("x"), **choice)


@pytest.mark.parametrize("slug", ["sise", "x> } #", "", "../size", "x" * 400])
def test_an_indicator_that_is_not_there_is_unknown(slug: str) -> None:
    with pytest.raises(UnknownThing, match="there is no indicator") as raised:
        page_of(indicator=slug)

    near = [each["address"] for each in raised.value.suggestions]
    assert not near or near == ["https://data.example.org/metapole/figures/size"]
    assert bool(near) == (slug in ("sise", "../size"))


def test_many_figures_come_a_page_at_a_time() -> None:
    figures = [figure(f"f{number:03}", value=f"{number}.0") for number in range(120)]
    first, last = page_of(*figures), page_of(*figures, page="3", language="fr")

    assert [len(group["figures"]) for group in first["groups"]] == [50]
    assert [len(group["figures"]) for group in last["groups"]] == [20]
    assert first["paging"]["count"] == 3
    assert first["paging"]["addresses"]["next"].endswith("/figures/size?page=2")
    assert last["paging"]["addresses"]["first"].endswith("/fr/figures/size")
    assert first["groups"][0]["charted"] == 40


def test_a_figure_that_is_not_exact_looks_so_on_the_chart() -> None:
    page = page_of(
        figure("exact"),
        figure("more", "cluster:b").replace("qualifier:exact", "qualifier:more-than"),
        head=HEAD + 'qualifier:more-than skos:prefLabel "more than"@en .\n',
    )

    rows = drawn(page["groups"][0]["chart"]).findall(f"{SVG}g[@class='row']")
    looks = [
        [each.get("class") for each in row if each.tag in (f"{SVG}circle", f"{SVG}polygon")]
        for row in rows
    ]
    assert looks == [["dot"], ["dot hollow", "arrow"]]
    titles = [row.findtext(f"{SVG}title") for row in rows]
    assert titles == ["A: 10 members (2010)", "B: more than 10 members (2010)"]


def test_a_time_with_an_open_end_has_an_arrow() -> None:
    chart = page_of(figure("x", last=""))["groups"][0]["chart"]

    (row,) = drawn(chart).findall(f"{SVG}g[@class='row']")
    assert [each.get("class") for each in row if each.tag == f"{SVG}polygon"] == ["arrow"]


HOSTILE = (
    '"<script>alert(1)</script>"',
    '"\\u202Eevil"',
    f'"{"long " * 2000}"',
    '"]]></title><script/>"',
    '"nul \\u0007 bell"',
)


@pytest.mark.parametrize("label", HOSTILE)
def test_hostile_names_break_no_chart(label: str) -> None:
    head = HEAD.replace('skos:prefLabel "A"@en', f"skos:prefLabel {label}@en")
    figures = figure("x"), figure("y", value="1e300")
    written = page_of(*figures, head=head)["groups"][0]["chart"]

    root = drawn(written)
    names = ("svg", "title", "rect", "g", "line", "text", "a", "circle")
    assert {each.tag for each in root.iter()} == {SVG + name for name in names}
    assert not [each for each in root.iter() if "style" in each.attrib or "onload" in each.attrib]
    assert "\u202e" not in written
    texts = [text.text or "" for text in root.iter(f"{SVG}text")]
    assert max(map(len, texts)) <= 60
    assert drawn(chart_of(head + "".join(figures)))


def chart_of(turtle: str, media_type: str = "", **arguments: str) -> bytes:
    """Return the chart of the indicator as a file."""
    asked = {"indicator": "size", "language": "en", "caption": "Below it.", **arguments}
    return of_turtle(turtle).written(write_figure_chart, media_type, **asked)


def test_a_link_of_a_chart_leads_nowhere_off_the_web() -> None:
    written = chart_of(HEAD + figure("x", "<javascript:alert(1)>"))

    assert not list(drawn(written).iter(f"{SVG}a"))
    assert b"href" not in written


def test_a_chart_speaks_the_language_of_its_page_and_says_what_it_is() -> None:
    root = drawn(chart_of(HEAD + figure("x", value="12000.0"), language="fr"))

    assert root.findtext(f"{SVG}title") == "taille (members)"
    links = [each.get("href") for each in root.iter(f"{SVG}a")]
    assert links == ["https://data.example.org/metapole/fr/cluster/a"]
    texts = [(each.text or "").replace("\u202f", " ") for each in root.iter(f"{SVG}text")]
    assert {"12 000 members", "taille (members)", "Below it."} <= set(texts)


@pytest.mark.parametrize("width", [200, 1200])
def test_a_chart_is_there_in_pixels(width: int) -> None:
    pixels = chart_of(HEAD + figure("x"), "image/png", width=str(width))

    assert pixels.startswith(b"\x89PNG")
    assert int.from_bytes(pixels[16:20], "big") == width


def test_without_a_date_there_is_no_chart() -> None:
    with pytest.raises(UnknownThing, match="has a date, so there is no chart"):
        chart_of(HEAD + figure("x", first="", last=""))


def test_all_indicators_are_listed_with_what_there_is_of_them() -> None:
    text = HEAD + figure("x") + figure("y", "cluster:b", first="2012-01-01", last="")
    unused = "indicator:unused a mp:Indicator ; skos:prefLabel 'unused'@en .\n"
    page = json.loads(of_turtle(text + unused).written(write_indicators, language="en"))

    (used,) = page["used"]
    counted = [used[key] for key in ("label", "figures", "things", "first", "last")]
    assert counted == ["size", 2, 2, "2010", ""]  # one has an open end
    assert used["definition"] == {"text": "How large it is.", "language": "en"}
    assert [each["label"] for each in page["unused"]] == ["unused"]


def test_every_indicator_of_the_shipped_graph_has_a_page(shipped: Published) -> None:
    listed = json.loads(shipped.written(write_indicators, language="de"))

    slugs = [each["address"].rpartition("/")[2] for each in listed["used"]]
    pages = [
        json.loads(shipped.written(write_indicator, indicator=slug, language="de"))
        for slug in slugs
    ]
    assert len(pages) > 40
    assert sum(page["all"] for page in pages) == listed["figures"]
    for page in pages:
        shown = sum(len(group["figures"]) for group in page["groups"]) + len(page["undated"])
        assert shown == page["all"]
        for group in page["groups"]:
            drawn(group["chart"])
