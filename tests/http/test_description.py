"""What the endpoint says of itself to who asks nothing else."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pyoxigraph as ox
import pytest

from graph.formats import Format, formats_of
from graph.service_description import SD

from .conftest import Serve, Server

PUBLIC = "https://data.example.org/kg"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture(scope="module")
def public(serve: Serve, small_store: Path) -> Iterator[Server]:
    with serve(small_store, "--readers", 1, "--public-url", PUBLIC) as server:
        yield server


def get(server: Server, accept: str | None = None, **headers: str) -> httpx2.Response:
    more = {} if accept is None else {"Accept": accept}
    return httpx2.get(server.sparql, headers={**more, **headers})


@pytest.mark.parametrize("each", formats_of("graph"), ids=lambda each: each.name)
def test_it_comes_in_every_format_and_from_the_public_address(public: Server, each: Format) -> None:
    for _ in range(2):
        response = get(public, each.media_type)
        assert response.status_code == 200
        assert response.headers["content-type"].partition(";")[0] == each.media_type
        rdf_format = ox.RdfFormat.from_media_type(each.media_type)
        triples = [quad.triple for quad in ox.parse(response.content, rdf_format)]
        values = {each.predicate.value: each.object for each in triples}
        assert values[f"{SD}endpoint"] == ox.NamedNode(f"{PUBLIC}/sparql")
        names = {each.object for each in triples if each.predicate.value == f"{SD}name"}
        assert names == {ox.NamedNode(f"http://example.org/{name}") for name in ("one", "two")}


def test_it_is_read_as_everything_is(public: Server) -> None:
    response = get(public)
    assert response.headers["content-type"] == "text/turtle; charset=utf-8"
    assert response.headers["vary"] == "Accept, Accept-Encoding"
    assert response.headers["access-control-allow-origin"] == "*"
    assert response.headers["accept-query"].startswith("application/sparql-query")
    tag = response.headers["etag"]
    assert get(public, **{"If-None-Match": tag}).status_code == 304
    coded = get(public, **{"Accept-Encoding": "gzip"})
    assert coded.headers["content-encoding"] == "gzip"
    assert coded.text == get(public, **{"Accept-Encoding": "identity"}).text
    head = httpx2.head(public.sparql)
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", tag)
    assert get(public, "image/png").status_code == 406


def test_a_browser_gets_a_page_that_loads_nothing_from_elsewhere(public: Server) -> None:
    response = get(public, BROWSER)
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert f"{PUBLIC}/sparql" in response.text
    assert "default-src 'none'" in response.headers["content-security-policy"]
    loaded = re.findall(r'<(?:script|link|img)[^>]* (?:src|href)="([^"]*)"', response.text)
    assert loaded
    assert [each for each in loaded if not each.startswith(PUBLIC)] == []
    assert f'action="{PUBLIC}/sparql" method="get"' in response.text


def test_a_post_without_a_query_is_no_question_about_the_service(public: Server) -> None:
    response = httpx2.post(public.sparql, data={"a": "b"})
    assert response.status_code == 400
    assert "no 'query'" in response.json()["detail"]
