"""Tables and features over HTTP: addresses, formats, links, and what is refused."""

import json
import re
from pathlib import Path
from typing import Any

import httpx2
import pytest

from graph.generations import current_generation
from graph.publishing.tables.offered import TABLES
from graph.publishing.tables.writer import write_table
from tests.engine.published import of_generation
from tests.http.conftest import Serve, publish

CSV, JSON = "text/csv; charset=utf-8", "application/json"
GEOJSON, HTML = "application/geo+json", "text/html; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def ask(url: str, method: str = "GET", **headers: str) -> httpx2.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    # There is no TLS, and to get ready for it takes longer than to ask.
    return httpx2.request(method, url, headers=named, timeout=60, verify=False)


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("clusters.csv", CSV),
        ("clusters.json", JSON),
        ("clusters.geojson", GEOJSON),
        ("clusters.xlsx", XLSX),
        ("clusters.csv-metadata.json", "application/csvm+json"),
        ("clusters.rq", "application/sparql-query"),
        ("figures.csv?asof=2008-06-30", CSV),
        ("metapole.xlsx", XLSX),
        ("csv-metadata.json", "application/csvm+json"),
        ("datapackage.json", "application/vnd.datapackage+json"),
        ("places.geojson", GEOJSON),
        ("network.graphml", "application/graphml+xml"),
        ("events.ics", "text/calendar; charset=utf-8"),
    ],
)
def test_an_address_with_a_suffix_is_a_file_of_that_kind(
    endpoint: str, path: str, content_type: str
) -> None:
    url = f"{endpoint}/data/{path}"
    answer = ask(url, accept="text/html")
    assert (answer.status_code, answer.headers["content-type"]) == (200, content_type)
    assert answer.content
    head = ask(url, "HEAD", accept="text/html")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == answer.headers["etag"]
    assert ask(url, if_none_match=answer.headers["etag"]).status_code == 304


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("", CSV),
        ("*/*", CSV),
        ("application/json", JSON),
        ("application/geo+json, application/json;q=0.5", GEOJSON),
        (XLSX, XLSX),
        ("text/html", None),
    ],
)
def test_an_address_without_a_suffix_is_what_the_client_likes_best(
    endpoint: str, accept: str, content_type: str | None
) -> None:
    answer = ask(f"{endpoint}/data/organisations", accept=accept)
    # What is wrong is told as a page to who reads nothing but pages.
    expected = (406, HTML) if content_type is None else (200, content_type)
    assert (answer.status_code, answer.headers["content-type"]) == expected
    assert "Accept" in answer.headers["vary"]


def test_a_table_comes_as_its_writer_writes_it(endpoint: str, shipped_store: Path) -> None:
    generation = current_generation(shipped_store)
    assert generation
    written = of_generation(generation).written(write_table, "text/csv", table="figures")
    assert ask(f"{endpoint}/data/figures.csv").content == written


@pytest.mark.parametrize("table", TABLES)
def test_the_query_that_a_table_names_finds_the_table(endpoint: str, table: str) -> None:
    answer = ask(f"{endpoint}/data/{table}.csv")
    found = re.search(
        r'<([^>]+)>; rel="via"; type="application/sparql-query"', answer.headers["link"]
    )
    assert found
    assert json.loads(ask(f"{endpoint}/data/{table}.json").content)["query"] == found[1]
    query = ask(found[1]).text
    asked = httpx2.post(f"{endpoint}/sparql", data={"query": query}, headers={"Accept": "text/csv"})
    assert asked.status_code == 200
    assert asked.text == answer.text


def test_links_of_a_table_as_of_a_day_are_as_of_that_day(endpoint: str) -> None:
    answer = ask(f"{endpoint}/data/figures.csv?asof=2008-06-30")
    assert f'<{endpoint}/data/figures.rq?asof=2008-06-30>; rel="via"' in answer.headers["link"]
    (metadata,) = re.findall(r'<([^>]+)>; rel="describedby"', answer.headers["link"])
    (table,) = ask(metadata).json()["tables"]
    assert table["url"] == "figures.csv?asof=2008-06-30"


@pytest.mark.parametrize(
    ("path", "status", "complaint"),
    [
        ("/data/clusters.pdf", 404, "csv, json, geojson, xlsx, rq, csv-metadata.json"),
        ("/data/places.csv", 404, "geojson, rq"),
        ("/data/figures.csv?asof=2008", 400, "no day"),
        ("/data/figures.csv?as_of=2008-01-01", 400, "it takes asof"),
        ("/data/clusters.csv?asof=2008-01-01", 400, "about things"),
        ("/data/figures.csv?asof=2008-01-01&asof=2009-01-01", 400, "2 times"),
        ("/data/figures.csv?asof=2008-01-01%0d%0aX-Evil:%20yes", 400, "line break"),
        ("/data/figures.csv?asof=%22%3E%3B%20rel=%22x", 400, "no day"),
        ("/data/figures.csv?%0aasof=1", 400, "line break"),
        ("/data/events.ics?limit=3", 400, "it takes none"),
        ("/ogc?f=xml", 400, "json or html"),
        ("/ogc/collections/clusters/items?limit=0", 400, "'limit'"),
        ("/ogc/collections/clusters/items?bbox=1,2,3", 400, "'bbox'"),
        ("/ogc/collections/clusters/items?datetime=soon", 400, "'datetime'"),
        ("/ogc/collections/clusters/items?colour=red", 400, "'colour'"),
        ("/ogc/collections/clusters/items/cluster:none", 404, "no feature"),
        ("/ogc/collections/clusters/items/a%0d%0ab", 400, "line break"),
        ("/ogc/collections/a%0d%0ab", 400, "line break"),
        ("/ogc/collections/figures", 404, "there are clusters, areas"),
    ],
)
def test_what_cannot_be_answered_is_told_and_never_reflected(
    endpoint: str, path: str, status: int, complaint: str
) -> None:
    answer = ask(endpoint + path)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert complaint in answer.json()["detail"]
    assert "X-Evil" not in answer.headers
    assert 'rel="x' not in answer.headers.get("link", "")


@pytest.mark.parametrize(
    ("query", "accept", "content_type"),
    [
        ("", "", GEOJSON),
        ("", "application/geo+json", GEOJSON),
        ("", "application/json", JSON),
        ("", "text/html,application/xhtml+xml,*/*;q=0.8", HTML),
        ("?f=json", "text/html", GEOJSON),
        ("?f=html", "application/json", HTML),
    ],
)
def test_features_come_as_geojson_or_as_a_page(
    endpoint: str, query: str, accept: str, content_type: str
) -> None:
    answer = ask(f"{endpoint}/ogc/collections/areas/items{query}", accept=accept)
    assert (answer.status_code, answer.headers["content-type"]) == (200, content_type)
    assert "Brittany" in answer.text


def test_a_page_of_features_says_what_they_are_and_where(endpoint: str) -> None:
    page = ask(f"{endpoint}/ogc/collections/clusters/items?f=html&limit=100").text

    assert "<h1>Clusters</h1>" in page
    assert "4.624, 45.284; 1.684, 47.485" in " ".join(page.split()), "CARA is in two regions"
    assert "[[" not in page


def test_the_api_comes_in_the_media_type_that_its_link_tells(endpoint: str) -> None:
    (link,) = (
        link for link in ask(f"{endpoint}/ogc").json()["links"] if link["rel"] == "service-desc"
    )
    answer = ask(link["href"], accept=link["type"])
    assert (answer.status_code, answer.headers["content-type"]) == (200, link["type"])
    assert answer.json()["openapi"].startswith("3.0.")


def test_every_link_of_the_features_leads_somewhere(endpoint: str) -> None:
    waiting, seen = [f"{endpoint}/ogc", f"{endpoint}/ogc/"], set[str]()
    while waiting:
        url = waiting.pop()
        if url in seen or not url.startswith(endpoint) or len(seen) > 60:
            continue
        seen.add(url)
        answer = ask(url, accept="*/*")
        assert answer.status_code == 200, url
        if "json" in answer.headers["content-type"]:
            waiting += [link["href"] for link in links_in(answer.json())]
        else:
            assert "<h1>" in answer.text
    assert f"{endpoint}/ogc/api?f=html" in seen
    assert f"{endpoint}/ogc/collections/clusters/items?f=json" in seen


def links_in(said: dict[str, Any]) -> list[dict[str, str]]:
    inner: list[dict[str, Any]] = [*said.get("collections", []), *said.get("features", [])]
    links: list[dict[str, str]] = list(said.get("links", []))
    for each in inner:
        links += each.get("links", [])
    return links


def test_links_are_made_of_the_public_address_and_names_are_text(
    serve: Serve, tmp_path: Path
) -> None:
    publish(
        tmp_path / "store",
        """PREFIX mp: <https://w3id.org/metapole/def#>
        PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
        GRAPH <http://example.org/g> {
          <http://example.org/x> a mp:Cluster ; skos:prefLabel "<script>alert(1)</script>"@en .
          <javascript:alert> a mp:Cluster ; skos:prefLabel "bad"@en .
        }""",
    )
    options = ("--public-url", "https://data.example.org/m", "--readers", 1)
    with serve(tmp_path / "store", *options) as server:
        said = ask(f"{server.url}/ogc", host="evil.example.org").json()
        hrefs = [link["href"] for link in said["links"] if link["rel"] != "license"]
        assert all(href.startswith("https://data.example.org/m/ogc") for href in hrefs)
        page = ask(f"{server.url}/ogc/collections/clusters/items?f=html").text
        assert "<script>" not in page
        assert "&lt;script&gt;" in page
        assert 'href="javascript' not in page
        item = "items/http:%2F%2Fexample.org%2Fx?f=json"
        found = ask(f"{server.url}/ogc/collections/clusters/{item}").json()
        assert found["id"] == "http://example.org/x"
        assert found["geometry"] is None
