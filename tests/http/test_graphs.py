"""The Graph Store Protocol for reading, over HTTP."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx2
import pyoxigraph as ox
import pytest

from graph.formats import Format, formats_of
from graph.generations import UNION_GRAPH
from graph.query import WholeGraph
from server.protocol import BadProtocolRequest
from server.routes.graphs import graph_from_path, graph_from_query

from .conftest import Serve, Server, publish

BASE = "https://w3id.org/metapole/graph/"
PUBLIC = "https://data.example.org/kg"
TRIG = f"""
PREFIX : <http://example.org/>
:d :in "default" .
GRAPH <{BASE}source/one> {{ :a :knows :b ; :name "Zoé"@fr . }}
GRAPH <{BASE}été> {{ :a :season "summer" . }}
GRAPH :g%31 {{ :a :in "percent" . }}
GRAPH :g1 {{ :a :in "plain" . }}
GRAPH :terms {{ :a :says <<( :a :knows :b )>> . }}
"""
ONE = f"{BASE}source/one"
TURTLE = {"Accept": "text/turtle"}


@pytest.fixture(scope="module")
def graphs(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    store = tmp_path_factory.mktemp("graphs")
    publish(store, TRIG)
    with serve(store, "--readers", 2, "--public-url", PUBLIC) as server:
        yield server


def get(server: Server, target: str, **headers: str) -> httpx2.Response:
    return httpx2.get(f"{server.url}{target}", headers=headers, timeout=20)


def indirect(iri: str) -> str:
    return f"/graph-store?graph={quote(iri, safe='')}"


def test_the_list_of_graphs_is_a_page_and_a_file(graphs: Server) -> None:
    page = get(graphs, "/graph", Accept="text/html").text
    rows = list(csv.DictReader(io.StringIO(get(graphs, "/graph.csv").text)))

    counts = {row["graph"]: int(row["statements"]) for row in rows}
    assert counts[ONE] == 2
    assert len(counts) == len(re.findall(r'<th scope="row"', page))
    assert f'href="{PUBLIC}/graph/source/one"' in page
    assert f'href="{PUBLIC}{indirect("http://example.org/g1")}"' in page  # here, not elsewhere


@pytest.mark.parametrize(
    ("name", "says", "shown"),
    [
        pytest.param("import/free", "cc0", "CC0-1.0", id="an import with a licence"),
        pytest.param("import/silent", "", "not said", id="an import without"),
        pytest.param("source/here", "", "as all the data here", id="what was read here"),
    ],
)
def test_the_list_of_graphs_says_each_licence(
    serve: Serve, tmp_path: Path, name: str, says: str, shown: str
) -> None:
    licence = "http://purl.org/dc/terms/license"
    link = f"<{BASE}{name}> <{licence}> <https://creativecommons.org/publicdomain/zero/1.0/> ."
    publish(tmp_path, f"GRAPH <{BASE}{name}> {{ <x:a> <x:b> <x:c> . {link if says else ''} }}")
    with serve(tmp_path) as server:
        page = get(server, "/graph", Accept="text/html").text
        (row,) = csv.DictReader(io.StringIO(get(server, "/graph.csv").text))
        assert re.search(rf"<td>(?:<a [^>]*>)?(?:<bdi>)?{shown}", page)
        assert bool(row["licence"]) == bool(says)
        if not says:
            assert "publicdomain" not in page


@pytest.mark.parametrize(
    "target",
    [
        pytest.param("/graph/source/one", id="direct"),
        pytest.param(indirect(ONE), id="indirect"),
        pytest.param(indirect(f"{PUBLIC}/graph/source/one"), id="by its public address"),
        pytest.param(f"/graph-store?graph={ONE}", id="indirect, not encoded"),
    ],
)
@pytest.mark.parametrize("each", formats_of("graph"), ids=lambda each: each.name)
def test_a_graph_has_one_content_under_all_its_addresses(
    graphs: Server, target: str, each: Format
) -> None:
    response = get(graphs, target, Accept=each.media_type)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].partition(";")[0] == each.media_type
    assert response.headers["vary"] == "Accept, Accept-Encoding"
    assert response.headers["access-control-allow-origin"] == "*"
    quads = list(ox.parse(response.content, ox.RdfFormat.from_media_type(each.media_type)))
    assert len(quads) == 2
    in_graph = each.name in ("nquads", "trig")
    assert {quad.graph_name for quad in quads} == {
        ox.NamedNode(ONE) if in_graph else ox.DefaultGraph()
    }


@pytest.mark.parametrize(
    ("target", "content"),
    [
        ("/graph-store?default", "default"),
        ("/graph-store?default=", "default"),
        (indirect(f"{BASE}été"), "summer"),
        ("/graph/%C3%A9t%C3%A9", "summer"),
        (indirect("http://example.org/g%31"), "percent"),
        (indirect("http://example.org/g1"), "plain"),
        ("/graph-store?graph=http%3A%2F%2Fexample.org%2Fg%31", "plain"),
    ],
)
def test_names_are_percent_decoded_once(graphs: Server, target: str, content: str) -> None:
    response = get(graphs, target, Accept="application/n-triples")
    assert response.status_code == 200, response.text
    assert f'"{content}"' in response.text


def test_what_is_preferred_decides_and_turtle_is_the_default(graphs: Server) -> None:
    assert get(graphs, "/graph/source/one").headers["content-type"].startswith("text/turtle")
    wanted = get(graphs, "/graph/source/one", Accept="text/turtle;q=.5, application/ld+json")
    assert wanted.headers["content-type"] == "application/ld+json"


def test_head_and_if_none_match_are_those_of_queries(graphs: Server) -> None:
    got = get(graphs, "/graph/source/one", **TURTLE)
    head = httpx2.head(f"{graphs.url}/graph/source/one", headers=TURTLE)
    varying = ("date", "content-length", "x-request-id")
    assert (head.status_code, head.content) == (200, b"")
    assert {k: v for k, v in got.headers.items() if k not in varying} == {
        k: v for k, v in head.headers.items() if k not in varying
    }
    for known in (got.headers["etag"], "*"):
        again = get(graphs, "/graph/source/one", **TURTLE, **{"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == got.headers["etag"]
    assert get(graphs, "/graph-store?default", **TURTLE).headers["etag"] != got.headers["etag"]


@pytest.mark.parametrize(
    ("target", "headers", "status", "complaint"),
    [
        (indirect(f"{BASE}source/on"), {}, 404, f"names near it are <{ONE}>"),
        ("/graph/source/onee", {}, 404, f"no graph <{BASE}source/onee>"),
        ("/graph/", {}, 404, f"no graph <{BASE}>"),
        ("/graph.ttl", {}, 404, "this page can be had with the endings"),
        (indirect(UNION_GRAPH), {}, 404, "no graph"),
        ("/graph/union", {}, 404, "no graph"),
        ("/graph/nothing", {"If-None-Match": "*"}, 404, "no graph"),
        ("/graph-store", {}, 400, "0 'graph' and 0 'default'"),
        (f"{indirect(ONE)}&default", {}, 400, "1 'graph' and 1 'default'"),
        (f"{indirect(ONE)}&graph=x:y", {}, 400, "2 'graph'"),
        ("/graph-store?default=yes", {}, 400, "'yes'"),
        ("/graph-store?graph=source/one", {}, 400, "'source/one', which is no absolute IRI"),
        ("/graph-store?graph=", {}, 400, "no absolute IRI"),
        ("/graph-store?graph=http://a%20b", {}, 400, "'http://a b'"),
        ("/graph-store?graph=x:%FF", {}, 400, "not percent-encoded UTF-8"),
        ("/graph/%FF", {}, 400, "not percent-encoded UTF-8"),
        ("/graph/a%20b", {}, 404, "a%20b"),
        ("/graph/source/one", {"Accept": "image/png"}, 406, "text/turtle"),
        ("/graph/source/one", {"Accept": "rubbish"}, 400, "'rubbish'"),
        (indirect("http://example.org/terms"), {"Accept": "application/ld+json"}, 406, "turtle"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told(
    graphs: Server, target: str, headers: dict[str, str], status: int, complaint: str
) -> None:
    response = get(graphs, target, **headers)
    assert (response.status_code, response.json()["status"]) == (status, status)
    assert response.headers["content-type"] == "application/problem+json"
    assert complaint in response.json()["detail"]
    if "Accept" not in headers:
        head = httpx2.head(f"{graphs.url}{target}", headers=headers)
        assert (head.status_code, head.content) == (status, b"")


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH", "QUERY", "TRACE"])
@pytest.mark.parametrize("target", ["/graph/source/one", "/graph-store?default"])
def test_graphs_are_only_read(graphs: Server, method: str, target: str) -> None:
    response = httpx2.request(method, f"{graphs.url}{target}")
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD, OPTIONS"
    assert "token" in response.json()["detail"]
    assert "access-control-allow-origin" not in response.headers


def test_a_page_of_another_origin_may_read_graphs(graphs: Server) -> None:
    response = httpx2.options(f"{graphs.url}/graph/source/one")
    assert response.status_code == 204
    assert response.headers["access-control-allow-methods"] == "GET, HEAD, OPTIONS"
    assert response.headers["access-control-allow-origin"] == "*"


def test_triple_terms_are_read_back(graphs: Server) -> None:
    response = get(graphs, indirect("http://example.org/terms"), **TURTLE)
    (quad,) = ox.parse(response.content, ox.RdfFormat.TURTLE)
    assert isinstance(quad.object, ox.Triple)


def test_a_graph_follows_its_generation(serve: Serve, tmp_path: Path) -> None:
    publish(tmp_path, TRIG)
    with serve(tmp_path, "--readers", 1, in_place=True) as server:
        first = get(server, "/graph/source/one", **TURTLE)
        publish(tmp_path, TRIG.replace("Zoé", "Zazie"))
        while (second := get(server, "/graph/source/one", **TURTLE)).text == first.text:
            assert second.headers["x-generation"] == "1"
        assert "Zazie" in second.text
        assert second.headers["x-generation"] == "2"
        assert second.headers["etag"] != first.headers["etag"]


@pytest.mark.parametrize(
    ("query", "wish"),
    [
        (b"default", WholeGraph(None)),
        (b"graph=x:a+b", WholeGraph("x:a+b")),
        (b"graph=x:a%2Bb%2541", WholeGraph("x:a+b%41")),
        (b"graph=https://e.org/graph/a/b", WholeGraph(f"{BASE}a/b")),
        (b"graph=https://e.org/graphs", WholeGraph("https://e.org/graphs")),
    ],
)
def test_the_query_string_names_a_graph(query: bytes, wish: WholeGraph) -> None:
    assert graph_from_query(query, "https://e.org/graph/") == wish


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (b"/graph/a", "a"),
        (b"/graph/a%2Fb%41", "a%2Fb%41"),
        (b"/graph/%E2%82%AC/graph/", "€/graph/"),
    ],
)
def test_the_path_is_the_name(path: bytes, name: str) -> None:
    assert graph_from_path(path) == WholeGraph(BASE + name)


@pytest.mark.parametrize("path", [b"/graph/<", b"/graph/%C3%28", b"/graph/a^b"])
def test_another_path_is_refused(path: bytes) -> None:
    with pytest.raises(BadProtocolRequest):
        graph_from_path(path)
