"""What a request may look like, and what is said to those that may not: over HTTP, as bytes."""

import http.client
import json
import socket
from urllib.parse import quote

import httpx2
import pytest

from .conftest import Server

ASK = "ASK {}"
ENCODED = quote(ASK)
FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
DIRECT = {"Content-Type": QUERY}


def send(
    server: Server, method: str, target: str, headers: dict[str, str], body: bytes = b""
) -> httpx2.Response:
    """Send a request as it is: nothing is added, encoded or put right."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.putrequest(method, target, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name, value)
    if body:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body or None)
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return httpx2.Response(response.status, headers=dict(response.getheaders()), content=content)


@pytest.mark.parametrize(
    ("method", "target", "headers", "body"),
    [
        ("QUERY", "/sparql", DIRECT, ASK.encode()),
        ("QUERY", "/sparql", {"Content-Type": FORM}, f"query={ENCODED}".encode()),
        ("QUERY", "/sparql?version=1.2", DIRECT, ASK.encode()),
        ("GET", f"/sparql?query={ENCODED}&version=1.1", {}, b""),
        ("GET", f"/sparql?query={ENCODED}&version=1.2-basic", {}, b""),
        ("GET", f"/sparql?query={ENCODED}&unknown=x&unknown=y", {}, b""),
        ("GET", f"/sparql?query={ENCODED}&default-graph-uri=urn:x:y", {}, b""),
        ("GET", f"/sparql?query={ENCODED}", {"Accept": "text/html, *; q=.2, */*; q=.2"}, b""),
        ("GET", f"/sparql?query={ENCODED}", {"Accept": ""}, b""),
        ("GET", f"/sparql?query={ENCODED}", {"Accept": "rubbish, text/csv"}, b""),
        ("POST", "/sparql", {"Content-Type": f"{QUERY};charset=UTF-8"}, ASK.encode()),
        ("POST", "/sparql", {"Content-Type": f'{QUERY}; Charset="Utf-8"'}, ASK.encode()),
        ("POST", "/sparql", {"Content-Type": f"{QUERY}; charset=utf8"}, ASK.encode()),
        ("POST", "/sparql", {"Content-Type": QUERY.upper()}, ASK.encode()),
        ("POST", "/sparql", DIRECT | {"Content-Encoding": "identity"}, ASK.encode()),
        ("POST", "/sparql", {"Content-Type": f"{FORM}; charset=utf-8"}, b"query=ASK+%7B%7D"),
    ],
)
def test_a_request_is_answered(
    server: Server, method: str, target: str, headers: dict[str, str], body: bytes
) -> None:
    response = send(server, method, target, headers, body)
    assert response.status_code == 200, response.text
    assert "true" in response.text
    assert response.headers["accept-query"] == f"{QUERY}, {FORM}"


WRONG: list[tuple[str, str, str, dict[str, str], bytes, int, str]] = [
    ("repeated query", "GET", f"/sparql?query={ENCODED}&query={ENCODED}", {}, b"", 400,
     "exactly one 'query'; got 2"),
    ("repeated in a form", "POST", "/sparql", {"Content-Type": FORM},
     b"query=ASK+%7B%7D&query=ASK+%7B%7D", 400, "got 2"),
    ("URL and form", "POST", f"/sparql?query={ENCODED}", {"Content-Type": FORM},
     b"query=ASK+%7B%7D", 400, "got 2"),
    ("URL and body", "POST", f"/sparql?query={ENCODED}", DIRECT, b"ASK {}", 400,
     "in the URL and one in the body"),
    ("URL and body of QUERY", "QUERY", f"/sparql?query={ENCODED}", DIRECT, b"ASK {}", 400,
     "in the URL and one in the body"),
    ("empty query", "GET", "/sparql?query=", {}, b"", 400, "the query is empty"),
    ("empty body", "POST", "/sparql", DIRECT, b"", 400, "the query is empty"),
    ("empty form", "POST", "/sparql", {"Content-Type": FORM}, b"", 400, "no 'query'"),
    ("another name", "GET", "/sparql?q=x", {}, b"", 400, "only 'q'. To ask, send a query as GET"),
    ("update by GET", "GET", "/sparql?update=CLEAR+ALL", {}, b"", 400,
     "an update in the address; send an update as"),
    ("query and update", "GET", f"/sparql?query={ENCODED}&update=x", {}, b"", 400,
     "an update in the address"),
    ("using-graph-uri", "GET", f"/sparql?query={ENCODED}&using-graph-uri=x:y", {}, b"",
     400, "'using-graph-uri' belongs to an update"),
    ("no type", "POST", "/sparql", {}, b"ASK {}", 415, "without Content-Type"),
    ("no type of QUERY", "QUERY", "/sparql", {}, b"ASK {}", 415, f"Content-Type: {QUERY}"),
    ("type that is none", "POST", "/sparql", {"Content-Type": "sparql"}, b"ASK {}", 415,
     "of type sparql"),
    ("another type", "POST", "/sparql", {"Content-Type": "application/json"}, b"{}", 415,
     "of type application/json"),
    ("unknown charset", "POST", "/sparql", {"Content-Type": f"{QUERY};charset=latin1"},
     b"ASK {}", 415, "in latin1; SPARQL and RDF are sent in UTF-8"),
    ("UTF-16", "POST", "/sparql", {"Content-Type": f"{QUERY};charset=UTF-16"},
     ASK.encode("utf-16"), 415, "in utf-16"),
    ("UTF-16, not told", "POST", "/sparql", DIRECT, ASK.encode("utf-16"), 400,
     "not UTF-8"),
    ("gzip", "POST", "/sparql", DIRECT | {"Content-Encoding": "gzip"}, b"x", 415,
     "sent as gzip; send it without Content-Encoding"),
    ("bad UTF-8 in the URL", "GET", "/sparql?query=%C3%28", {}, b"", 400,
     "not percent-encoded UTF-8"),
    ("bad UTF-8 in a form", "POST", "/sparql", {"Content-Type": FORM}, b"query=%FF", 400,
     "not percent-encoded UTF-8"),
    ("raw bytes in a form", "POST", "/sparql", {"Content-Type": FORM}, b"query=\xff", 400,
     "not percent-encoded UTF-8"),
    ("bad UTF-8 in the body", "POST", "/sparql", DIRECT, b"ASK { \xff }", 400, "0xff"),
    ("surrogates", "POST", "/sparql", DIRECT, b'ASK { ?s ?p "\xed\xa0\x80" }', 400,
     "not UTF-8"),
    ("NUL in the URL", "GET", f"/sparql?query={quote(chr(10))}ASK%00{{}}", {}, b"", 400,
     "2:4: the query has the character U+0000"),
    ("NUL in a string", "POST", "/sparql", DIRECT, b'ASK { ?s ?p "\0" }', 400,
     "1:14: the query has the character U+0000"),
    ("NUL in a comment", "POST", "/sparql", DIRECT, b"ASK {} #\0", 400, "U+0000"),
    ("rubbish to accept", "GET", f"/sparql?query={ENCODED}", {"Accept": "a;b;c"}, b"", 400,
     "nothing in the Accept header can be read (it starts with 'a;b;c')"),
    ("weight out of range", "GET", f"/sparql?query={ENCODED}", {"Accept": "text/csv;q=2"},
     b"", 400, "weights from 0 to 1"),
    ("nothing acceptable", "GET", f"/sparql?query={ENCODED}", {"Accept": "image/png"}, b"",
     406, "the request accepts image/png"),
    ("refused all", "GET", f"/sparql?query={ENCODED}", {"Accept": "*/*;q=0"}, b"", 406,
     "application/sparql-results+json"),
    ("relative default graph", "GET", f"/sparql?query={ENCODED}&default-graph-uri=one", {},
     b"", 400, "'default-graph-uri' is 'one', which is no absolute IRI"),
    ("relative named graph", "GET", f"/sparql?query={ENCODED}&named-graph-uri=/one", {},
     b"", 400, "'named-graph-uri' is '/one'"),
    ("empty graph name", "GET", f"/sparql?query={ENCODED}&default-graph-uri=", {}, b"", 400,
     "''"),
    ("graph name with a space", "POST", "/sparql?named-graph-uri=x:a%20b", DIRECT,
     b"ASK {}", 400, "'x:a b'"),
    ("graph name in brackets", "POST", "/sparql?default-graph-uri=%3Cx:y%3E", DIRECT,
     b"ASK {}", 400, "'<x:y>'"),
    ("unknown version", "GET", f"/sparql?query={ENCODED}&version=2", {}, b"", 400,
     "'version' is '2'; send one of 1.1, 1.2-basic, 1.2"),
    ("two versions", "GET", f"/sparql?query={ENCODED}&version=1.1&version=1.2", {}, b"",
     400, "'version' is '1.1', '1.2'"),
    ("too long", "GET", "/sparql?query=" + "x" * 300_000, {}, b"", 413, "262144 bytes"),
    ("too long a body", "QUERY", "/sparql", DIRECT, b"x" * 300_000, 413, "262144 bytes"),
    ("PUT", "PUT", "/sparql", {}, b"", 405, "it takes GET, HEAD, OPTIONS, POST, QUERY"),
    ("DELETE", "DELETE", "/sparql", {}, b"", 405, "DELETE is not for /sparql"),
    ("nothing there", "GET", "/sparql/", {}, b"", 404, "endpoint is at /sparql"),
    ("nothing at all", "GET", "/nothing", {}, b"", 404, "nothing at /nothing"),
    ("another path", "PUT", "/healthz", {}, b"", 405, "it takes GET, HEAD"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("method", "target", "headers", "body", "status", "complaint"),
    [pytest.param(*each[1:], id=each[0]) for each in WRONG],
)
def test_what_is_wrong_is_told(
    server: Server, method: str, target: str, headers: dict[str, str], body: bytes, status: int,
    complaint: str,
) -> None:  # fmt: skip
    for _ in range(2):  # as well when it was asked before
        response = send(server, method, target, headers, body)
        assert response.status_code == status, response.text
        assert response.headers["content-type"] == "application/problem+json"
        assert response.headers["access-control-allow-origin"] == "*"
        document = json.loads(response.content)
        assert (document["status"], bool(document["title"])) == (status, True)
        assert complaint in document["detail"]
        if target.partition("?")[0] == "/sparql":
            assert response.headers["accept-query"] == f"{QUERY}, {FORM}"
        if status == 405:
            assert document["detail"].endswith(f"it takes {response.headers['allow']}")


@pytest.mark.parametrize(
    "target", ["/sparql?query=ASK%20%7B", "/sparql?q=x", "/nothing", "/graph/nothing", "/sparql/"]
)
def test_an_error_of_head_has_no_body_and_the_connection_goes_on(
    server: Server, target: str
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    for _ in range(2):
        connection.request("HEAD", target)
        response = connection.getresponse()
        assert 400 <= response.status < 500
        assert response.read() == b""
    connection.request("GET", f"/sparql?query={ENCODED}", headers={"Accept": "text/csv"})
    assert connection.getresponse().read() == b"true"
    connection.close()


def test_the_method_query_is_as_safe_as_get(server: Server) -> None:
    headers = DIRECT | {"Accept": "text/csv"}
    first = send(server, "QUERY", "/sparql", headers, ASK.encode())
    again = send(
        server, "QUERY", "/sparql", headers | {"If-None-Match": first.headers["etag"]}, ASK.encode()
    )
    assert (again.status_code, again.content) == (304, b"")
    posted = send(
        server, "POST", "/sparql", headers | {"If-None-Match": first.headers["etag"]}, ASK.encode()
    )
    assert (posted.status_code, posted.content) == (200, b"true")


def test_what_may_be_sent_is_told_to_who_asks(server: Server) -> None:
    response = send(server, "OPTIONS", "/sparql", {})
    assert response.status_code == 204
    assert response.headers["allow"] == "GET, HEAD, POST, QUERY, OPTIONS"
    assert response.headers["accept-query"] == f"{QUERY}, {FORM}"
    assert "QUERY" in response.headers["access-control-allow-methods"]


def test_a_client_that_waits_to_be_told_to_go_on_is_told(server: Server) -> None:
    head = (
        f"POST /sparql HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Type: {QUERY}\r\n"
        "Content-Length: 6\r\nAccept: text/csv\r\nConnection: close\r\n\r\n"
    )
    refused = head.replace(QUERY, "text/html").encode()
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(head.encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 100 Continue")
        connection.sendall(ASK.encode())
        assert connection.makefile("rb").read().endswith(b"true")
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(refused)
        assert connection.recv(100).startswith(b"HTTP/1.1 415 ")


TERM = "<http://example.org/a> <http://example.org/knows> 'x'@en--rtl"
SELECT = f"SELECT ?t {{ BIND(<<( {TERM} )>> AS ?t) }}"
CONSTRUCT = f"CONSTRUCT {{ <x:s> <x:says> <<( {TERM} )>> }} {{}}"


@pytest.mark.parametrize(
    ("text", "accept", "found"),
    [
        (SELECT, "application/sparql-results+json", '"type":"triple"'),
        (SELECT, "application/sparql-results+json", '"its:dir":"rtl"'),
        (SELECT, "application/sparql-results+xml", "<triple>"),
        (SELECT, "application/sparql-results+xml", 'its:dir="rtl"'),
        (SELECT, "text/tab-separated-values", '"x"@en--rtl'),
        (SELECT, "text/csv", "x"),
        (CONSTRUCT, "text/turtle", '"x"@en--rtl'),
        (CONSTRUCT, "application/n-triples", "<<("),
        (CONSTRUCT, "application/n-quads", "<<("),
        (CONSTRUCT, "application/trig", "<<("),
        (CONSTRUCT, "application/rdf+xml", 'parseType="Triple"'),
    ],
)
def test_triple_terms_and_directions_survive(
    server: Server, text: str, accept: str, found: str
) -> None:
    response = server.ask(text, accept)
    assert response.status_code == 200
    assert found in response.content.decode("utf-8")


def test_json_ld_of_triple_terms_is_not_acceptable(server: Server) -> None:
    response = server.ask(CONSTRUCT, "application/ld+json")
    assert response.status_code == 406
    assert "text/turtle" in response.json()["detail"]


@pytest.mark.parametrize("accept", ["text/csv", "application/sparql-results+json", "text/turtle"])
def test_what_is_written_is_utf_8(server: Server, accept: str) -> None:
    text = (
        'CONSTRUCT { <x:é> <x:p> "日本 🜁" } {}'
        if accept == "text/turtle"
        else 'SELECT ("日本 🜁 é" AS ?x) {}'
    )
    assert "日本 🜁" in server.ask(text, accept).content.decode("utf-8")


def test_an_xml_answer_has_no_character_that_xml_has_not(server: Server) -> None:
    controls = "".join(f"\\u{number:04X}" for number in range(0x20))
    response = server.ask(f'SELECT ("{controls}" AS ?x) {{}}', "application/sparql-results+xml")
    assert response.status_code == 200
    allowed = {0x9, 0xA, 0xD}
    assert not [byte for byte in response.content if byte < 0x20 and byte not in allowed]
