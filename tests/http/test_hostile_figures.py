"""What literals and IRIs say stays text on the pages about figures, questions and quality."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph.generations import Generation
from graph.publishing.document import Document
from graph.publishing.writers import writer_of
from server.pages import Page, Templates
from tests.engine.published import BUILT, PUBLIC_URL, of_turtle

HEAD = """
@prefix mp: <https://w3id.org/metapole/def#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix indicator: <https://w3id.org/metapole/def/indicator/> .
@prefix cluster: <https://w3id.org/metapole/id/cluster/> .
@prefix specialty: <https://w3id.org/metapole/def/specialty/> .
@prefix figure: <https://w3id.org/metapole/id/figure/> .
indicator:size a mp:Indicator ; skos:prefLabel LABEL@en ; skos:definition LABEL@en .
<javascript:alert(1)> a mp:Unit ; skos:prefLabel LABEL@en ; skos:notation LABEL .
cluster:minalogic a mp:Cluster ; skos:prefLabel LABEL@en ; mp:specialty specialty:x .
specialty:x skos:prefLabel LABEL@en .
<javascript:alert(2)> a mp:Cluster ; skos:prefLabel LABEL@en ; mp:unnamed true .
"""
FIGURE = """
figure:FIGURE a mp:KeyFigure ; mp:about cluster:minalogic ; mp:indicator indicator:size ;
    mp:value VALUE ; mp:unit <javascript:alert(1)> ; mp:qualifier <javascript:alert(3)> ;
    mp:from "2010-01-01"^^xsd:date ; mp:to "2010-12-31"^^xsd:date ; skos:note LABEL@en ;
    mp:evidence <javascript:alert(4)> .
<javascript:alert(4)> mp:printedAs LABEL ; mp:document <javascript:alert(5)> .
<javascript:alert(5)> skos:prefLabel LABEL@en .
"""
FIGURES = "".join(
    FIGURE.replace("FIGURE", f"f{number}").replace("VALUE", f"{number}.0") for number in range(12)
)
LABELS = [
    '"<script>alert(1)</script>"',
    '"\\"><img src=x onerror=alert(1)>"',
    '"{{ 7 * 7 }}</title><svg onload=alert(1)>"',
    '"\\u202Egnp.exe"',
    f'"{"long " * 2000}"',
]


@pytest.mark.parametrize("label", LABELS, ids=["script", "attribute", "title", "rtl", "long"])
@pytest.mark.parametrize(
    ("writer", "template", "arguments"),
    [
        ("indicators", "indicators.html", {}),
        ("indicator", "indicator.html", {"indicator": "size"}),
        ("question", "question.html", {"slug": "specialties-of-a-cluster"}),
        ("quality", "quality.html", {"validate": "reject"}),
        ("lacking", "lacking.html", {"class": "Cluster", "what": "place"}),
    ],
)
def test_hostile_names_are_text(
    writer: str, template: str, arguments: dict[str, str], label: str
) -> None:
    published = of_turtle((HEAD + FIGURES).replace("LABEL", label))
    values = published.written(writer_of(writer), language="en", **arguments)
    page = Page(Document(writer, ()), template, (("section", "figures"),))
    generation = Generation(12, Path(), 0, "", built=BUILT)
    html = Templates(PUBLIC_URL).rendered(page, values, generation).decode()

    for dangerous in ("<script>alert", "<img", "<svg onload", 'href="javascript:', "49</title>"):
        assert dangerous not in html
    assert len(html) < 100_000
