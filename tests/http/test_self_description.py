"""What describes the data answers at its addresses, as every other document does."""

from __future__ import annotations

import html
import json
import re
from http import HTTPStatus
from typing import TYPE_CHECKING

import httpx2
import pytest
import rdflib
from rdflib import DCAT, FOAF, RDF

from server.cli import main

if TYPE_CHECKING:
    from tests.http.conftest import Serve

RDF_FORMATS = {
    "text/turtle": "ttl",
    "application/n-triples": "nt",
    "application/n-quads": "nq",
    "application/trig": "trig",
    "application/rdf+xml": "rdf",
    "application/ld+json": "jsonld",
}


def get(address: str, accept: str = "*/*", **headers: str) -> httpx2.Response:
    return httpx2.get(address, headers={"Accept": accept, **headers}, timeout=30, verify=False)


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/data", "text/html"),
        ("/.well-known/void", "text/turtle"),
        ("/data/catalogue", "text/turtle"),
        ("/data/catalogue/metapole", "text/turtle"),
        ("/data/catalogue/graph/source/ifa-competitive-clusters-2007", "text/turtle"),
        ("/data/profile", "text/turtle"),
        ("/data/questions", "text/turtle"),
        ("/data/questions.ttl", "text/turtle"),
        ("/data/citation.cff", "application/yaml"),
        ("/data/citation.bib", "application/x-bibtex"),
        ("/sitemap.xml", "application/xml"),
        ("/sitemap-1.xml", "application/xml"),
        ("/robots.txt", "text/plain"),
    ],
)
def test_it_answers_and_says_what_it_is(endpoint: str, path: str, media_type: str) -> None:
    answer = get(endpoint + path)
    head = httpx2.head(endpoint + path, timeout=30, verify=False)

    assert (answer.status_code, head.status_code) == (HTTPStatus.OK, HTTPStatus.OK)
    for each in (answer, head):
        assert each.headers["Content-Type"].partition(";")[0] == media_type
        assert each.headers["ETag"] == answer.headers["ETag"]
        assert each.headers["Last-Modified"]
    again = get(endpoint + path, **{"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == HTTPStatus.NOT_MODIFIED


@pytest.mark.parametrize("path", ["/.well-known/void", "/data/catalogue", "/data/profile"])
@pytest.mark.parametrize("media_type", RDF_FORMATS)
def test_it_comes_in_the_format_that_is_asked_for(
    endpoint: str, path: str, media_type: str
) -> None:
    answer = get(endpoint + path, media_type)

    assert answer.status_code == HTTPStatus.OK
    assert answer.headers["Content-Type"].partition(";")[0] == media_type
    assert "Accept" in answer.headers["Vary"]


@pytest.mark.parametrize("name", ["catalogue", "profile", "questions"])
def test_the_end_of_an_address_names_a_format_whatever_is_accepted(
    endpoint: str, name: str
) -> None:
    for media_type, extension in RDF_FORMATS.items():
        answer = get(f"{endpoint}/data/{name}.{extension}", "text/html")
        assert answer.headers["Content-Type"].partition(";")[0] == media_type


@pytest.mark.parametrize(
    ("path", "accept", "target"),
    [
        ("/data/catalogue", "text/html,application/xhtml+xml,*/*;q=0.8", "/data"),
        ("/data", "text/turtle", "/data/catalogue"),
    ],
)
def test_people_get_the_page_and_programs_the_catalogue(
    endpoint: str, path: str, accept: str, target: str
) -> None:
    answer = get(endpoint + path, accept)

    assert answer.status_code == HTTPStatus.SEE_OTHER
    assert answer.headers["Location"] == endpoint + target


@pytest.mark.parametrize(
    ("path", "status", "detail"),
    [
        ("/data/catalogue?page=x", 400, "send a number from 1 on"),
        ("/data/catalogue?page=0", 400, "send a number from 1 on"),
        ("/data/catalogue?page=99", 404, "the last is"),
        ("/data/catalogue?page=1&page=2", 400, "send it once"),
        ("/data/catalogue?color=red", 400, "no parameter 'color'"),
        ("/data/catalogue?page=1%0d%0aX-A:b", 400, "not for text"),
        ("/data/catalogue.xyz", 404, "endings ttl, nt, nq, trig, rdf, jsonld"),
        ("/data/catalogue/nothing", 404, "has no dataset"),
        ("/data/catalogue/%0d%0aX-A:b", 400, "not for text"),
        ("/data?lang=it", 400, "it takes page"),
        ("/sitemap-99.xml", 404, "sitemap.xml names them"),
        ("/sitemap-%0a.xml", 400, "not for text"),
    ],
)
def test_what_is_not_there_is_said_with_what_there_is(
    endpoint: str, path: str, status: int, detail: str
) -> None:
    answer = get(endpoint + path)

    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert detail in answer.json()["detail"]
    assert "X-A" not in answer.headers
    assert "\r" not in answer.text
    assert "X-A:b" not in answer.text


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_the_page_speaks_the_language_of_its_reader(endpoint: str, language: str) -> None:
    titles = {"en": "data on industrial", "fr": "données sur les", "de": "Daten zu Industrie"}

    prefix = "" if language == "en" else f"/{language}"
    page = get(f"{endpoint}{prefix}/data", "text/html")

    assert f'<html lang="{language}">' in page.text
    assert titles[language] in page.text


@pytest.mark.parametrize("path", ["/data", "/data/catalogue/metapole"])
def test_the_page_holds_what_search_engines_read(endpoint: str, path: str) -> None:
    page = get(endpoint + path, "text/html").text

    (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    said = json.loads(html.unescape(text))
    assert said["@context"] == "https://schema.org/"
    assert said["@type"] in ("DataCatalog", "Dataset")
    assert "<" not in text


def test_the_operator_says_who_publishes(serve: Serve, small_store: object) -> None:
    options = {
        "--publisher-name": "Cluster </script> & Co",
        "--publisher-type": "Company",
        "--contact": "data@example.org",
        "--licence": "https://example.org/licence",
        "--public-url": "https://data.example.org/metapole/",
    }
    flat = [part for option in options.items() for part in option]
    with serve(small_store, "--readers", 2, *flat) as server:
        text = get(f"{server.url}/data/catalogue").text
        page = get(f"{server.url}/data", "text/html").text
        cff = get(f"{server.url}/data/citation.cff").text
        robots = get(f"{server.url}/robots.txt").text

    graph = rdflib.Graph().parse(data=text, format="turtle")
    (publisher,) = graph.subjects(RDF.type, FOAF.Agent)
    assert str(publisher) == "https://data.example.org/metapole/data/catalogue#publisher"
    assert str(graph.value(publisher, FOAF.name)) == options["--publisher-name"]
    assert {str(each) for each in graph.objects(None, DCAT.endpointURL)} >= {
        "https://data.example.org/metapole/sparql"
    }
    assert "</script> &" not in page
    assert "mailto:data@example.org" in page
    assert '- name: "Cluster </script> & Co"' in cff
    assert "Sitemap: https://data.example.org/metapole/sitemap.xml" in robots


@pytest.mark.parametrize(
    ("option", "value", "complaint"),
    [
        ("--publisher-name", "a\nb", "a name is one line"),
        ("--publisher-type", "Cluster", "give one of Academia"),
        ("--contact", "javascript:alert(1)", "neither a mail address nor a web address"),
        ("--licence", "CC-BY", "give one that begins with https://"),
    ],
)
def test_what_is_no_fact_about_a_publisher_is_refused(
    capsys: pytest.CaptureFixture[str], option: str, value: str, complaint: str
) -> None:
    with pytest.raises(SystemExit) as error:
        main(["serve", option, value])

    assert error.value.code == 2
    assert complaint in capsys.readouterr().err


def test_every_address_that_is_told_of_answers(endpoint: str) -> None:
    addresses = set[str]()
    for path in ("/.well-known/void", "/data/catalogue", "/data/profile", "/data/questions"):
        graph = rdflib.Graph().parse(data=get(endpoint + path).text, format="turtle")
        # The names of things begin elsewhere, and lead here from there.
        iris = [
            str(node).replace("https://w3id.org/metapole", endpoint)
            for node in graph.all_nodes()
            if isinstance(node, rdflib.URIRef)
        ]
        addresses |= {iri.partition("#")[0] for iri in iris if iri.startswith(endpoint)}
    # A file that is packed is the same as the one that is not; one of each will do.
    packed = {each for each in addresses if each.endswith((".gz", ".zst"))}
    assert len(packed) > 50
    one_of_each = {f"{endpoint}/data/metapole.nt.gz", f"{endpoint}/data/graph/links.ttl.zst"}
    assert one_of_each < packed
    addresses -= packed - one_of_each
    assert len(addresses) > 100

    with httpx2.Client(verify=False, timeout=30, follow_redirects=True) as client:
        answers = {
            address: client.head(
                address, headers={"Accept": "text/turtle, text/html;q=0.9, */*;q=0.5"}
            ).status_code
            for address in sorted(addresses)
        }
    assert {address: status for address, status in answers.items() if status != HTTPStatus.OK} == {}
