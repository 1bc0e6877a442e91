"""Clients of other makers read from a real server; what they find was taken from the sources."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from .conftest import program

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Client

pytestmark = [pytest.mark.interop, pytest.mark.timeout(600)]

PREFIXES = """
PREFIX cluster: <https://w3id.org/metapole/id/cluster/>
PREFIX label-category: <https://w3id.org/metapole/def/label-category/>
PREFIX mp: <https://w3id.org/metapole/def#>
PREFIX organisation: <https://w3id.org/metapole/id/organisation/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""
BASE = "https://w3id.org/metapole/"
CARA = "graph/source/cara-what-is-a-cluster"


def test_specialties_of_minalogic(any_client: Client, endpoint: str) -> None:
    rows = any_client.rows(
        endpoint,
        PREFIXES
        + """SELECT ?specialty {
            ?cluster skos:prefLabel "Minalogic"@en ; mp:specialty / skos:prefLabel ?specialty .
            FILTER (LANG(?specialty) = "en")
        }""",
    )
    assert {row["specialty"] for row in rows} == {
        "micro- and nano-technologies",
        "embedded software",
    }


def test_sixteen_clusters_have_international_rank(any_client: Client, endpoint: str) -> None:
    rows = any_client.rows(
        endpoint,
        PREFIXES
        + """SELECT (COUNT(DISTINCT ?cluster) AS ?clusters) {
            ?labelling mp:labelled ?cluster ; mp:category label-category:international .
        }""",
    )
    assert [row["clusters"] for row in rows] == ["16"]


def test_letters_with_accents_go_there_and_come_back(any_client: Client, endpoint: str) -> None:
    rows = any_client.rows(
        endpoint,
        PREFIXES
        + """SELECT ?area ?text {
            cluster:vehicule-du-futur skos:prefLabel "Véhicule du futur"@fr ; mp:locatedIn ?place .
            ?place skos:prefLabel ?area .
            BIND ("Škofja Loka, 東京, 🚗" AS ?text)
        }""",
    )
    assert {"area": "Bourgogne-Franche-Comté", "text": "Škofja Loka, 東京, 🚗"} in rows


def test_a_query_of_60_kilobytes_arrives_whole(client: Client, endpoint: str) -> None:
    others = " ".join(f'"Cluster that is not there, number {number}"' for number in range(1600))
    query = f"""{PREFIXES} SELECT ?cluster {{
        VALUES ?name {{ {others} "Minalogic" }}
        ?cluster a mp:Cluster ; skos:prefLabel ?label . FILTER (STR(?label) = ?name)
    }}"""
    assert len(query) > 60_000
    rows = client.rows(endpoint, query)
    assert [row["cluster"] for row in rows] == [f"{BASE}id/cluster/minalogic"]


@pytest.mark.parametrize(
    ("partner", "answer"),
    [pytest.param("ahlstrom", True, id="yes"), pytest.param("ibm", False, id="no")],
)
def test_who_works_with_minalogic(
    client: Client, endpoint: str, partner: str, *, answer: bool
) -> None:
    query = f"{PREFIXES} ASK {{ cluster:minalogic mp:partnerOf organisation:{partner} }}"
    assert client.truth(endpoint, query) is answer


def test_a_graph_is_made_of_the_specialties_of_minalogic(client: Client, endpoint: str) -> None:
    query = """CONSTRUCT { cluster:minalogic mp:specialty ?specialty }
        WHERE { cluster:minalogic mp:specialty ?specialty }"""
    minalogic = f"<{BASE}id/cluster/minalogic> <{BASE}def#specialty> <{BASE}def/specialty/"
    assert client.triples(endpoint, PREFIXES + query) == {
        f"{minalogic}micro-and-nano-technologies> .",
        f"{minalogic}embedded-software> .",
    }


def test_a_cluster_is_described_in_its_own_language(client: Client, endpoint: str) -> None:
    triples = client.triples(endpoint, f"{PREFIXES} DESCRIBE cluster:vehicule-du-futur")
    label = "<http://www.w3.org/2004/02/skos/core#prefLabel>"
    assert f'<{BASE}id/cluster/vehicule-du-futur> {label} "Véhicule du futur"@fr .' in triples


def test_a_query_that_is_refused_is_a_failure_that_says_why(
    any_client: Client, endpoint: str
) -> None:
    query = f"{PREFIXES} SELECT (<http://example.org/f>(?it) AS ?of) {{ ?it a mp:Cluster }}"
    said = any_client.failure(endpoint, query)
    assert re.search(any_client.complaint, said), said


def test_a_slip_in_a_query_is_told_with_its_place(unread_client: Client, endpoint: str) -> None:
    said = unread_client.failure(endpoint, "SELECT *\nWERE { ?s ?p ?o }")
    assert "line 2, column 1: 'WERE' is no word of SPARQL" in said.replace("\\'", "'")


def _lines(command: list[str | Path]) -> set[str]:
    done = subprocess.run(command, check=True, capture_output=True, encoding="utf-8", timeout=100)
    return set(done.stdout.splitlines())


def test_jena_and_rdflib_read_a_graph_by_its_address(
    endpoint: str, jena: Callable[[str], list[str]], python: Path
) -> None:
    address = f"{endpoint}/{CARA}"
    curl = [program("curl"), "--silent", "--fail", "--header", "Accept: application/n-triples"]
    script = "import rdflib, sys; print(len(rdflib.Graph().parse(sys.argv[1])))"
    expected = len(_lines([*curl, address]))
    assert expected == 671
    assert len(_lines([*jena("riotcmd.riot"), "--output=nt", address])) == expected
    assert _lines([python, "-c", script, address]) == {str(expected)}
