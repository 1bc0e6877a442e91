"""The queries of the guide to other endpoints find what people expect, from a portal that is small.

What it holds and what is expected was written by hand: questions F1, F2 and F4.
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, get_args

import httpx2
import pyoxigraph as ox
import pytest

from graph.federation.outcome import Status
from graph.limits import FetchLimits
from tests.http.conftest import Serve, serve
from tests.http.portal import Portal, running_portal

from .test_examples import PROJECT, blocks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["serve"]  # a fixture

QUERIES = {name: text for _, name, text in blocks("federated")}
THERE = "https://publications.europa.eu/webapi/rdf/sparql"
TITLE = "Manufacture of motor vehicles, trailers and semi-trailers"
NUTS = "http://data.europa.eu/nuts/code/"
FIXTURE = f"""
PREFIX country: <http://publications.europa.eu/resource/authority/country/>
PREFIX euvoc: <http://publications.europa.eu/ontology/euvoc#>
PREFIX nace: <http://data.europa.eu/ux2/nace2.1/>
PREFIX nuts: <{NUTS}>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
nuts:FRK skos:prefLabel "Auvergne-Rhône-Alpes" .
nuts:FRB skos:prefLabel "Centre — Val de Loire" .
nuts:FRF skos:prefLabel "Grand Est" .
nuts:DEB skos:prefLabel "Rheinland-Pfalz" .
nuts:DEC skos:prefLabel "Saarland" .
nuts:LU0 skos:prefLabel "Luxembourg" .
nuts:BE3 skos:prefLabel "Région wallonne" .
nuts:FRF3 skos:prefLabel "Lorraine" .
nace:29 skos:prefLabel "{TITLE}"@en , "Construction de véhicules automobiles"@fr .
country:FIN skos:notation "FIN"^^euvoc:ISO_3166_1_ALPHA_3 , "FI"^^euvoc:ISO_3166_1_ALPHA_2 .
country:JPN skos:notation "JPN"^^euvoc:ISO_3166_1_ALPHA_3 .
country:USA skos:notation "USA"^^euvoc:ISO_3166_1_ALPHA_3 .
country:FRA skos:notation "FRA"^^euvoc:ISO_3166_1_ALPHA_3 .
"""
EXPECTED = {
    "F1": {
        (f"{NUTS}FRK", "Auvergne-Rhône-Alpes"),
        (f"{NUTS}FRB", "Centre — Val de Loire"),
        (f"{NUTS}DEC", "Saarland"),
        (f"{NUTS}DEB", "Rheinland-Pfalz"),
        (f"{NUTS}FRF3", "Lorraine"),
        (f"{NUTS}LU0", "Luxembourg"),
        (f"{NUTS}BE3", "Région wallonne"),
    },
    "F2": {
        ("I-Trans", TITLE),
        ("Mov’eo", TITLE),
        ("Automobile Haut de Gamme", TITLE),
        ("EMC2", TITLE),
        ("MTA", TITLE),
        ("Véhicule du futur", TITLE),
        ("Viameca", TITLE),
    },
    "F4": {
        ("Ahlstrom", "FIN"),
        ("Yamatake", "JPN"),
        ("Atmel", "USA"),
        ("Xerox", "USA"),
        ("IBM", "USA"),
        ("HP", "USA"),
    },
}


@pytest.fixture(scope="module")
def portal() -> Iterator[Portal]:
    store = ox.Store()
    store.load(FIXTURE, format=ox.RdfFormat.TURTLE)
    with running_portal(store) as portal:
        yield portal


@pytest.fixture(scope="module")
def asking(serve: Serve, portal: Portal, shipped_store: Path) -> Iterator[str]:
    with serve(shipped_store, "--federate", portal.url) as server:
        yield server.sparql


def test_every_question_is_in_the_guide() -> None:
    assert QUERIES.keys() == EXPECTED.keys()


@pytest.mark.parametrize("name", EXPECTED)
def test_a_question_that_needs_the_portal_is_answered(
    asking: str, portal: Portal, name: str
) -> None:
    portal.forget()
    text = QUERIES[name].replace(THERE, portal.url)
    answer = httpx2.post(asking, data={"query": text}, headers={"Accept": "text/csv"}, timeout=60)
    assert answer.status_code == 200, answer.text
    _, *rows = csv.reader(io.StringIO(answer.text))
    assert len(rows) == len(EXPECTED[name])
    assert set(map(tuple, rows)) == EXPECTED[name]
    assert portal.requests == 1
    assert "left-out" not in answer.headers["X-Federation"]


def test_names_that_are_searched_for_narrow_what_is_asked(asking: str, portal: Portal) -> None:
    portal.forget()
    text = f"""
    PREFIX mpf: <https://w3id.org/metapole/function#>
    PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
    SELECT ?name {{
      ?area mpf:matches ("saarland" ?score) ; skos:exactMatch ?region .
      SERVICE <{portal.url}> {{ ?region skos:prefLabel ?name }}
    }}"""
    answer = httpx2.post(asking, data={"query": text}, headers={"Accept": "text/csv"}, timeout=60)
    assert answer.text == "name\r\nSaarland\r\n", answer.text
    (sent,) = portal.queries
    assert sent.startswith(f"SELECT ?region ?name WHERE {{ VALUES ?region {{ <{NUTS}DEC> }}")


def test_the_numbers_of_the_guide_are_those_of_the_program() -> None:
    text = (PROJECT / "docs/guides/federate.md").read_text(encoding="utf-8")
    assert f"Values are sent {FetchLimits().batch} at a time" in text
    statuses = re.findall(r"^- `([a-z-]+)`: ", text, re.MULTILINE)
    assert statuses == list(get_args(Status))
