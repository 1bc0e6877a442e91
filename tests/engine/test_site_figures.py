"""A figure is shown as the source prints it: number, unit, precision, time and place."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest

from graph.namespaces import DEF, ID, MP, RDF_TYPE
from graph.publishing.labels import Names
from graph.publishing.site.figures import figure_values, figures_about
from graph.publishing.site.wording import amount, period
from tests.data.test_facts import Graph, facts_of, left_out
from tests.engine.published import of_turtle

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engine.published import Published

NO_FIGURES = {"year"}
"""What is counted in these is the time of a milestone."""
PRECISE = {"exact", "counted"}


def figures_in(published: Published, language: str = "en") -> list[dict[str, Any]]:
    edition = published.edition(language=language)
    names = Names(edition)
    found = edition.store.quads_for_pattern(
        None, ox.NamedNode(RDF_TYPE), ox.NamedNode(MP + "KeyFigure"), edition.union
    )
    nodes = [quad.subject for quad in found]
    return [
        figure_values(edition, names, node.value)
        for node in nodes
        if isinstance(node, ox.NamedNode)
    ]


def words(figure: dict[str, Any], language: str) -> str:
    """Return a figure as a page has it: the qualifier, and the amount."""
    said = [] if figure["precision"] in PRECISE | {"range"} else [figure["qualifier"]["label"]]
    return " ".join([*said, amount(figure, language)]).replace("\xa0", " ").replace("\u202f", " ")


def test_every_number_of_the_reference_list_is_shown_at_its_place(
    shared: Path, project: Path, shipped: Published
) -> None:
    shown = {figure["iri"]: figure["value"] for figure in figures_in(shipped)}
    places = Graph(project / "data").places
    with (shared / "truth" / "facts.csv").open(encoding="utf-8", newline="") as lines:
        rows = {row["id"]: row for row in csv.DictReader(lines)}
    numbers = [
        fact
        for fact in facts_of(shared)
        if fact.has_number
        and fact.row not in left_out(project)
        and rows[fact.row]["unit"] not in NO_FIGURES
    ]

    assert len(numbers) > 50
    for fact in numbers:
        values = {
            shown.get(statement)
            for place in places
            if place.file == fact.file and place.start < fact.end and fact.start < place.end
            for statement in place.statements
        }
        assert float(rows[fact.row]["value"]) in values, fact


NOT_EXACT = {
    "unnamed-normandy-idf-automotive-expert-count": "more than 100 persons",
    "caar-employee-count": "more than 6,800 persons",
    "caar-turnover": "more than 1.4 billion EUR",
    "avia-turnover": "more than 11.2 billion EUR",
    "avia-employee-count": "more than 22,800 persons",
    "scandinavian-automotive-suppliers-company-count": "more than 350 companies",
    "clusters-in-france-policy-support-duration": "more than 20 years",
    "swhec-employee-count": "around 5,000 persons",
    "unnamed-nrw-automotive-employee-count": "around 84,500 persons",
    "unnamed-nrw-automotive-turnover": "around 36 billion",
    "swhec-export-share": "70–80%",
    "greater-region-grand-est-and-adjacent-company-count": "at least 2,500 companies",
    "greater-region-grand-est-and-adjacent-vehicle-production": "nearly 2 million vehicles",
}
"""The answer to question V2 of the reference material, in words."""


def test_figures_that_are_not_exact_say_how(shipped: Published) -> None:
    inexact = {
        figure["iri"].removeprefix(f"{ID}figure/"): words(figure, "en")
        for figure in figures_in(shipped)
        if not figure["is_exact"]
    }

    assert inexact == NOT_EXACT


@pytest.mark.parametrize(
    ("slug", "language", "expected"),
    [
        ("avia-turnover", "fr", "plus de 11,2 milliards EUR"),
        ("avia-turnover", "de", "mehr als 11,2 Milliarden EUR"),
        ("avia-turnover-to-regional-gdp", "en", "9.1%"),
        ("avia-turnover-to-regional-gdp", "fr", "9,1 %"),
        ("swhec-export-share", "de", "70–80 %"),
        ("greater-region-grand-est-and-adjacent-company-count", "fr", "au moins 2 500 entreprises"),
        ("clusters-in-france-policy-support-duration", "de", "mehr als 20 Jahre"),
        ("unnamed-normandy-idf-automotive-labelled-project-budget", "en", "1.49 billion EUR"),
    ],
)
def test_a_figure_reads_as_people_write_it(
    shipped: Published, slug: str, language: str, expected: str
) -> None:
    edition = shipped.edition(language=language)
    figure = figure_values(edition, Names(edition), f"{ID}figure/{slug}")

    assert words(figure, language) == expected


@pytest.mark.parametrize(
    ("number", "compact", "in_full"),
    [
        ("2159358.74", "2,159,358.74", "2,159,358.74"),  # nothing is rounded
        ("1490000000.0", "1.49 billion", "1,490,000,000"),
        ("84500", "84,500", "84,500"),
        ("999999", "999,999", "999,999"),
        ("1234567890000", "1,234,567,890,000", "1,234,567,890,000"),
        ("-1500000", "-1.5 million", "-1,500,000"),
        ("0", "0", "0"),
        ("1E+400", "1E400", "1E400"),
    ],
)
def test_a_number_is_never_rounded(number: str, compact: str, in_full: str) -> None:
    figure = {"numbers": [number], "unit_kind": "", "unit_symbol": "", "unit": None}

    assert amount(figure, "en") == compact
    assert amount(figure, "en", is_long=True) == in_full


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2013-01-01", "2013-12-31", "2013"),
        ("2014-01-01", "2020-12-31", "2014 – 2020"),
        ("2008-03-01", "2008-03-31", "March 2008"),
        ("2018-07-01", "2021-12-31", "July 2018 – December 2021"),
        ("2024-02-01", "2024-02-29", "February 2024"),
        ("2021-10-25", "2021-11-16", "25 Oct – 16 Nov 2021"),
        ("2009-01-01", None, "1 January 2009 – …"),
        (None, None, ""),
        ("2007", "2007", "2007 – 2007"),  # what is no day is shown as it is
        ("2021-01-02", "2020-01-01", "2 January 2021 – 1 January 2020"),
    ],
)
def test_a_time_is_as_long_as_it_has_to_be(
    first: str | None, last: str | None, expected: str
) -> None:
    written = period(first, last, "en")

    assert written.replace("\u2009", " ").replace("\u202f", " ") == expected


def test_a_figure_tells_its_proof(shipped: Published) -> None:
    edition = shipped.edition(language="fr")
    figure = figure_values(edition, Names(edition), f"{ID}figure/avia-turnover")

    (evidence,) = figure["evidence"]
    assert evidence["printed"] == "more than 11.200 million euros"
    assert (evidence["line_from"], evidence["line_to"]) == ("63", "63")
    assert evidence["document"]["iri"] == f"{ID}document/cooperation-with-clusters"
    assert figure["unit"]["iri"] == f"{DEF}unit/eur"
    assert (figure["unit_symbol"], figure["unit_kind"]) == ("EUR", "money")
    assert (figure["from"], figure["to"]) == ("2014-01-01", "2020-12-31")
    assert figure["is_of_document"]


def test_the_figures_about_a_thing_come_by_indicator(shipped: Published) -> None:
    edition = shipped.edition(language="en")
    found = figures_about(edition, Names(edition), f"{ID}cluster/avia")

    assert [figure["indicator"]["label"] for figure in found] == sorted(
        figure["indicator"]["label"] for figure in found
    )
    assert {figure["value"] for figure in found} == {86.0, 22800.0, 11.2e9, 0.14, 0.091}


HOSTILE = """
@prefix mp: <https://w3id.org/metapole/def#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<http://e.org/f> a mp:KeyFigure ; mp:value VALUE ;
    mp:about <http://e.org/a>, <http://e.org/b>, "a literal" ;
    mp:from "soon" ; mp:to "9999-99-99"^^xsd:date ;
    mp:unit <javascript:alert(1)> ; mp:qualifier "about" ;
    skos:note "LONG"@en ; mp:evidence <http://e.org/nothing> .
"""


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('"NaN"^^xsd:double', None),
        ('"INF"^^xsd:double', None),
        ('"many"', None),
        ("<http://e.org/seven>", None),
        ("7 , 8", 7.0),
        ('"1e400"^^xsd:decimal', float("inf")),
        (f'"{"9" * 10_000}"^^xsd:integer', float("inf")),
        ('"007"', 7.0),
    ],
)
def test_nonsense_for_a_figure_is_shown_and_breaks_nothing(
    value: str, expected: float | None
) -> None:
    text = HOSTILE.replace("VALUE", value).replace("LONG", "x" * 10_000)
    edition = of_turtle(text).edition(language="en")
    figure = figure_values(edition, Names(edition), "http://e.org/f")

    assert figure["value"] == expected if expected != float("inf") else figure["value"] is None
    assert figure["about"]["iri"] == "http://e.org/a"
    assert len(amount(figure, "en")) < 100
    assert period(figure["from"], figure["to"], "en") == "soon – 9999-99-99"
    assert len(figure["notes"][0]["text"]) == 300
    assert figure["qualifier"] is None
