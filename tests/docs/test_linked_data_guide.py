"""The commands of the guide to linked data answer what it says they do."""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
import subprocess

import pyoxigraph as ox

from graph.publishing.ontology.offers import FILES
from graph.publishing.things import description, names
from graph.publishing.things.description import PAGE_ENTRIES
from graph.publishing.things.formats import THING_FORMATS

from .test_examples import PROJECT, blocks

GUIDE = "linked-data.md"
AVIA = "https://w3id.org/metapole/id/cluster/avia"


def run(name: str, endpoint: str) -> str:
    """Return what the command of that *name* writes."""
    (text,) = [text for page, found, text in blocks("run") if (page.name, found) == (GUIDE, name)]
    words = shlex.split(text.replace("http://127.0.0.1:8000", endpoint))
    assert words[0] == "curl"
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def test_an_iri_leads_to_turtle(endpoint: str) -> None:
    found = ox.parse(run("follow", endpoint), ox.RdfFormat.TURTLE)
    assert ox.NamedNode(AVIA) in {quad.subject for quad in found}


def test_the_query_is_in_the_file(endpoint: str) -> None:
    said = json.loads(run("query", endpoint))
    assert said["query"].startswith("# What is said of a thing")
    assert said["query_address"].startswith(f"{endpoint}/sparql?query=")


def test_the_iri_of_a_term_leads_to_all_terms(endpoint: str) -> None:
    found = ox.parse(run("terms", endpoint), ox.RdfFormat.TURTLE)
    assert ox.NamedNode("https://w3id.org/metapole/def#Cluster") in {quad.subject for quad in found}


def test_the_guide_names_all_files_of_the_ontology() -> None:
    text = (PROJECT / "docs" / "guides" / GUIDE).read_text(encoding="utf-8")
    for path in FILES:
        name, _, extension = path.partition(".")
        assert f"`/{path}`" in text or (name == "ontology" and f"`.{extension}`" in text), path


def test_a_view_of_a_day_has_the_turnover_that_was_printed(endpoint: str) -> None:
    rows = list(csv.DictReader(io.StringIO(run("asof", endpoint))))
    (turnover,) = [row for row in rows if row["value"] == "11200000000"]
    assert turnover["printed"] == "more than 11.200 million euros"
    assert turnover["time_basis"] == "date of the document"


def test_near_names_are_offered(endpoint: str) -> None:
    problem = json.loads(run("near", endpoint))
    assert problem["status"] == 404
    assert problem["suggestions"][0]["label"] == "Minalogic"


def test_links_are_in_the_head(endpoint: str) -> None:
    head = run("links", endpoint)
    relations = set(" ".join(re.findall(r'rel="([^"]+)"', head)).split())
    assert relations == {"cite-as", "describedby", "alternate", "type", "license", "linkset"}
    assert re.search("(?im)^etag: ", head)
    assert re.search("(?im)^last-modified: ", head)


def test_the_guide_names_all_formats_and_the_limits() -> None:
    text = (PROJECT / "docs" / "guides" / GUIDE).read_text(encoding="utf-8")
    for each in THING_FORMATS:
        assert f"`.{each.extension}`" in text or f"avia.{each.extension}`" in text
    assert f"up to {PAGE_ENTRIES} triples" in text
    assert f"no more than {description.MOST_OF_ONE} triples" in text
    assert f"more than {names.MOST_NAMES:,} names" in text
