"""The SPARQL endpoint over HTTP."""

import http.client
from urllib.parse import quote, urlencode

import httpx2
import pyoxigraph as ox
import pytest

from graph.formats import FORMATS, Format

from .conftest import Server

ASK = "ASK { ?s ?p ?o }"
SELECT = "SELECT ?o { <http://example.org/a> <http://example.org/age> ?o }"
CONSTRUCT = "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o . ?s <http://example.org/age> ?o }"
FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"


@pytest.mark.parametrize(
    ("method", "target", "body", "content_type"),
    [
        pytest.param("GET", f"?query={quote(SELECT)}", None, None, id="GET"),
        pytest.param("POST", "", urlencode({"query": SELECT}), FORM, id="form"),
        pytest.param("POST", "", SELECT, QUERY, id="direct"),
    ],
)
def test_a_query_can_be_sent_in_three_ways(
    server: Server, method: str, target: str, body: str | None, content_type: str | None
) -> None:
    headers = {"Accept": "text/csv"} | ({"Content-Type": content_type} if content_type else {})
    response = httpx2.request(method, server.sparql + target, content=body, headers=headers)
    assert (response.status_code, response.text) == (200, "o\r\n36\r\n")
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.headers["x-generation"] == "1"
    assert response.headers["vary"] == "Accept, Accept-Encoding"
    assert response.headers["access-control-allow-origin"] == "*"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "server" not in response.headers


@pytest.mark.parametrize("each", FORMATS, ids=lambda each: each.name)
def test_every_format_can_be_asked_for(server: Server, each: Format) -> None:
    response = server.ask(SELECT if each.kind == "table" else CONSTRUCT, each.media_type)
    assert response.status_code == 200
    assert response.headers["content-type"].partition(";")[0] == each.media_type
    if each.kind == "graph":
        rdf_format = ox.RdfFormat.from_media_type(each.media_type)
        (quad,) = ox.parse(response.content, rdf_format)
        assert quad.object == ox.Literal(36)
    else:
        assert b"36" in response.content


@pytest.mark.parametrize(
    ("text", "accept", "content_type"),
    [
        (ASK, None, "application/sparql-results+json"),
        (CONSTRUCT, None, "text/turtle; charset=utf-8"),
        (ASK, "application/json", "application/json"),
        (CONSTRUCT, "application/json, text/turtle;q=0.9", "application/json"),
        (CONSTRUCT, "text/csv, */*;q=0.1", "text/turtle; charset=utf-8"),
        (ASK, "text/turtle;q=1, application/sparql-results+xml;q=0.1",
         "application/sparql-results+xml"),
    ],
)  # fmt: skip
def test_the_form_of_the_query_decides_what_is_on_offer(
    server: Server, text: str, accept: str | None, content_type: str
) -> None:
    headers = {"Accept": accept} if accept else {}
    with httpx2.Client() as client:
        del client.headers["Accept"]
        response = client.get(server.sparql, params={"query": text}, headers=headers)
    assert response.headers["content-type"] == content_type


def test_nothing_acceptable_is_said_before_the_query_runs(server: Server) -> None:
    response = server.ask("SELECT (<x:no-such-function>(1) AS ?x) {}", "image/png, text/csv;q=0")
    assert response.status_code == 406
    assert response.headers["vary"] == "Accept"
    assert "application/sparql-results+json" in response.json()["detail"]


def test_head_answers_the_headers_of_get(server: Server) -> None:
    got = server.ask(SELECT)
    head = httpx2.head(server.sparql, params={"query": SELECT}, headers={"Accept": "text/csv"})
    varying = ("date", "content-length", "x-request-id")
    assert head.status_code == 200
    assert head.content == b""
    assert {name: value for name, value in got.headers.items() if name not in varying} == {
        name: value for name, value in head.headers.items() if name not in varying
    }


@pytest.mark.parametrize(
    ("text", "status"), [("SELECT * {", 400), ("SELECT (<x:f>() AS ?x){}", 501)]
)
def test_head_of_a_wrong_query_is_an_error(server: Server, text: str, status: int) -> None:
    response = httpx2.head(server.sparql, params={"query": text})
    assert (response.status_code, response.content) == (status, b"")


def test_a_client_that_has_the_answer_is_told_so(server: Server) -> None:
    first = server.ask(SELECT)
    tag = first.headers["etag"]

    def again(method: str = "GET", accept: str = "text/csv", known: str = tag) -> httpx2.Response:
        headers = {"Accept": accept, "If-None-Match": known}
        return httpx2.request(method, server.sparql, params={"query": SELECT}, headers=headers)

    unchanged = again()
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert [unchanged.headers[name] for name in ("etag", "vary", "x-generation")] == [
        tag, "Accept, Accept-Encoding", "1",
    ]  # fmt: skip
    assert again("HEAD").status_code == 304
    assert again(known=f'"x", {tag}').status_code == 304
    assert again(known=tag.removeprefix("W/")).status_code == 304
    assert again(known="*").status_code == 304
    assert again(known='W/"1-other"').status_code == 200
    assert again(accept="application/sparql-results+json").status_code == 200
    assert server.ask(SELECT + " LIMIT 1").headers["etag"] != tag


def test_an_answer_that_changes_by_itself_has_no_tag(server: Server) -> None:
    response = server.ask("SELECT (RAND() AS ?x) {}")
    assert "etag" not in response.headers
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("method", "target", "headers", "body", "status", "complaint"),
    [
        ("GET", "/sparql?qery=x", {}, "", 400, "the request has no 'query'; found only 'qery'"),
        ("GET", "/sparql?query=SELECT", {}, "", 400, "line 1, column 7: found the end of the text"),
        ("GET", f"/sparql?query={quote('ASK {}')}&query=x", {}, "", 400, "got 2"),
        ("GET", f"/sparql?query={quote('LOAD <http://example.org/>')}", {}, "", 400, "an update"),
        ("GET", f"/sparql?query={quote('ASK { service <http://a/> {} }')}", {}, "", 403, "not ask"),
        ("GET", f"/sparql?query={quote('SELECT (<x:f>() AS ?x){}')}", {}, "", 501, "x:f"),
        ("POST", "/sparql", {"Content-Type": QUERY}, "ASK{" + "(" * 100_000, 400, "nest deeper"),
        ("POST", "/sparql", {"Content-Type": QUERY}, "x" * 300_000, 413, "longer than 262144"),
        ("POST", "/sparql", {"Content-Type": FORM}, "x" * 1_100_000, 413, "longer than 1048576"),
        ("POST", "/sparql", {"Content-Type": FORM}, "update=CLEAR+ALL", 403, "--token-file"),
        ("POST", "/sparql", {"Content-Type": "text/html"}, "ASK {}", 415, "text/html"),
        ("POST", "/sparql", {}, "ASK {}", 415, "without Content-Type"),
        ("PUT", "/sparql", {}, "", 405, "PUT is not for /sparql"),
        ("GET", "/nothing-here", {}, "", 404, "/nothing-here"),
    ],
)  # fmt: skip
def test_an_error_is_a_problem_document(
    server: Server, method: str, target: str, headers: dict[str, str], body: str, status: int,
    complaint: str,
) -> None:  # fmt: skip
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.request(method, target, body or None, headers)
    response = connection.getresponse()
    answer = httpx2.Response(response.status, content=response.read())
    connection.close()
    assert (answer.status_code, answer.json()["status"]) == (status, status)
    assert response.getheader("content-type") == "application/problem+json"
    assert response.getheader("x-content-type-options") == "nosniff"
    assert "default-src 'none'" in (response.getheader("content-security-policy") or "")
    assert complaint in answer.json()["detail"]
    assert answer.json()["title"]


def test_a_body_without_an_announced_end_is_cut_off(server: Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    pieces = (b"x" * 65_536 for _ in range(40))
    connection.request("POST", "/sparql", pieces, {"Content-Type": QUERY}, encode_chunked=True)
    assert connection.getresponse().status == 413
    connection.close()


def test_a_page_of_another_origin_may_ask(server: Server) -> None:
    headers = {"Origin": "https://example.org", "Access-Control-Request-Method": "POST"}
    response = httpx2.options(server.sparql, headers=headers)
    assert response.status_code == 204
    assert response.headers["access-control-allow-origin"] == "*"
    assert "POST" in response.headers["access-control-allow-methods"]
    assert "Content-Type" in response.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in response.headers


def test_graphs_can_be_named_in_the_request(server: Server) -> None:
    text = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    graph = "http://example.org/two"
    parameters = {"query": text, "default-graph-uri": graph}
    headers = {"Accept": "text/csv"}
    response = httpx2.get(server.sparql, params=parameters, headers=headers)
    assert response.text == "n\r\n2\r\n"
    assert server.ask(text).text == "n\r\n4\r\n"
    assert response.headers["etag"] != server.ask(text).headers["etag"]


def test_health_says_whether_queries_can_be_answered(server: Server) -> None:
    response = httpx2.get(f"{server.url}/healthz")
    found = response.json()
    assert (response.status_code, found["ready"], found["generation"]) == (200, True, 1)
    assert httpx2.head(f"{server.url}/healthz").status_code == 200
