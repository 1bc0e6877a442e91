"""Every status that a limit or a rule has: how it is come by, and what is told with it."""

from __future__ import annotations

import re
import socket
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx2
import pytest

from .conftest import Serve, publish, wait_until
from .test_guarded import received, status
from .test_serving import HUNGRY, POINT, values
from .test_stuck_front import ENDLESS, ENDLESS_UPDATE
from .writers import FORM, OURS, TOKENS, TURTLE, UPDATE, Writer, indirect, writing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

QUERY = "application/sparql-query"
LIMITS = {
    "query.timeout-s": 6,
    "query.memory-mb": 64,
    "query.nesting": 20,
    "query.result-bytes": 500_000,
    "query.queue-wait-s": 0.3,
    "query.spares": 1,
    "write.timeout-s": 1,
    "upload.triples": 100,
    "message.query-bytes": 20_000,
    "client.errors-at-once": 10,
    "client.errors-per-minute": 1,
    "connection.head-s": 1,
}
DEEP = "{" * 21 + "}" * 21
TOO_LONG = f"SELECT * {{ {values('abc', 60)} }}"
RETRY = {"retry-after": r"[1-9]\d*"}
CHALLENGE = {"www-authenticate": 'Bearer realm="[^"]+".*'}

clients = count(1)


@pytest.fixture(scope="module")
def writer(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Writer]:
    """A server whose limits are soon reached, and a graph in it."""
    store = tmp_path_factory.mktemp("statuses") / "store"
    publish(store)
    options = [word for name, value in LIMITS.items() for word in ("--limit", f"{name}={value}")]
    with writing(serve, store, *options, "--readers", 1, "--default-graph", "union") as each:
        assert each.send("PUT", indirect(f"{OURS}a"), "<x:s> <x:p> <x:o> .").status_code == 201
        yield each


def sent(
    writer: Writer,
    method: str,
    target: str,
    headers: dict[str, str],
    body: str = "",
    client: str = "",
) -> httpx2.Response:
    """Send a request, as a client that has sent none before unless it is named."""
    address = client or f"127.0.2.{next(clients)}"
    with httpx2.Client(transport=httpx2.HTTPTransport(local_address=address)) as own:
        url = writer.server.url + target
        return own.request(method, url, headers=headers, content=body, timeout=60)


def as_(author: str, **headers: str) -> dict[str, str]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {"Authorization": f"Bearer {TOKENS[author][1]}", **named}


def query(text: str) -> str:
    return f"/sparql?query={quote(text)}"


def told(response: httpx2.Response, expected: int, complaint: str, headers: dict[str, str]) -> None:
    """See that *response* is a problem document with that status, those words and headers."""
    assert response.status_code == expected, response.text
    assert response.headers["content-type"] == "application/problem+json"
    document = response.json()
    assert (document["status"], complaint in document["detail"]) == (expected, True), document
    assert document["title"]
    for name, pattern in headers.items():
        assert response.headers.get(name) is not None, name
        assert re.fullmatch(pattern, response.headers[name]), name


GRAPH, OTHER = indirect(f"{OURS}a"), indirect("x:other")
CSV = {"Accept": "text/csv"}


@pytest.mark.parametrize(
    ("expected", "method", "target", "headers", "body", "complaint", "said"),
    [
        pytest.param(400, "GET", query("SELECT {"), {}, "", "line 1, column 8", {}, id="syntax"),
        pytest.param(400, "GET", query(f"ASK {DEEP}"), {}, "", "deeper than 20", {}, id="nesting"),
        pytest.param(
            400, "POST", "/sparql", as_("updater", Content_Type=UPDATE),
            f"INSERT {{ <x:s> <x:p> 1 }} WHERE {DEEP}", "deeper than 20", {}, id="update nesting",
        ),
        pytest.param(
            400, "POST", "/sparql", {"Content-Type": QUERY}, f"ASK {DEEP} # {'x' * 5_000}",
            "deeper than 20", {}, id="nesting of a long text",
        ),
        pytest.param(
            403, "GET", query("ASK { SERVICE <http://127.0.0.1:1/> {} }"), {}, "",
            "it may ask none", {}, id="SERVICE",
        ),
        pytest.param(
            400, "POST", "/sparql", as_("updater", Content_Type=UPDATE),
            "LOAD <http://127.0.0.1:1/>", "LOAD", {}, id="LOAD",
        ),
        pytest.param(
            401, "PUT", GRAPH, {"Content-Type": TURTLE}, "", "Bearer", CHALLENGE, id="no token"
        ),
        pytest.param(
            401, "POST", "/sparql",
            {"Content-Type": UPDATE, "Authorization": "Bearer nobody-has-this"},
            "CLEAR ALL", "token", CHALLENGE, id="no such token",
        ),
        pytest.param(
            403, "PUT", OTHER, as_("ours", Content_Type=TURTLE), "", "this needs write:x:other",
            {}, id="a narrow token",
        ),
        pytest.param(
            403, "GET", query(TOO_LONG), CSV, "", "more than 500,000 bytes", {}, id="a long answer"
        ),
        pytest.param(404, "GET", OTHER, {}, "", "no graph <x:other>", {}, id="no such graph"),
        pytest.param(
            405, "PUT", "/sparql", {}, "", "PUT is not for /sparql",
            {"allow": "GET, HEAD, OPTIONS, POST, QUERY"}, id="method",
        ),
        pytest.param(
            406, "GET", query(POINT), {"Accept": "image/png"}, "", "text/csv", {"vary": "Accept.*"},
            id="format",
        ),
        pytest.param(
            409, "POST", "/sparql", as_("updater", Content_Type=UPDATE),
            f"CREATE GRAPH <{OURS}a>", "is there", {}, id="conflict",
        ),
        pytest.param(
            412, "PUT", GRAPH, as_("ours", Content_Type=TURTLE, If_Match='"x"'), "", "If-Match", {},
            id="precondition",
        ),
        pytest.param(
            413, "POST", "/sparql", {"Content-Type": QUERY}, f"ASK {{}} # {'x' * 20_000}",
            "longer than 20000", {}, id="a long query",
        ),
        pytest.param(
            413, "PUT", GRAPH, as_("ours", Content_Type=TURTLE),
            "".join(f"<x:s> <x:p> {number} .\n" for number in range(101)),
            "more than 100 statements", {}, id="many triples",
        ),
        pytest.param(
            415, "POST", "/sparql", {"Content-Type": "text/html"}, "ASK {}", "text/html", {},
            id="media type",
        ),
        pytest.param(
            415, "POST", "/sparql", {"Content-Type": QUERY, "Content-Encoding": "gzip"}, "ASK {}",
            "gzip", {"accept-encoding": "identity"}, id="coding",
        ),
        pytest.param(
            501, "GET", query("ASK { FILTER(<x:f>(1)) }"), {}, "", "x:f", {}, id="function"
        ),
        pytest.param(504, "GET", query(ENDLESS), CSV, "", "after 6 s", {}, id="time"),
        pytest.param(
            504, "POST", "/sparql", as_("updater", Content_Type=UPDATE), ENDLESS_UPDATE,
            "after 1 s, nothing was changed", {}, id="time of a change",
        ),
        pytest.param(
            507, "POST", "/sparql", {"Content-Type": QUERY}, HUNGRY, "64 MB", {}, id="memory"
        ),
    ],
)  # fmt: skip
def test_what_is_refused_is_told_with_its_status(
    writer: Writer, expected: int, method: str, target: str, headers: dict[str, str], body: str,
    complaint: str, said: dict[str, str],
) -> None:  # fmt: skip
    told(sent(writer, method, target, headers, body), expected, complaint, said)


@pytest.mark.parametrize(
    ("expected", "head"),
    [
        pytest.param(400, b"this is no request\r\n\r\n", id="no request"),
        pytest.param(408, b"GET / HTTP/1.1\r\nHost: x\r\n", id="half a head"),
        pytest.param(414, b"GET /" + b"x" * 1_048_577, id="a long target"),
        pytest.param(431, b"GET / HTTP/1.1\r\nX: " + b"x" * 33_000 + b"\r\n\r\n", id="head"),
    ],
)
def test_what_is_no_request_is_told_so(writer: Writer, expected: int, head: bytes) -> None:
    with socket.create_connection(("127.0.0.1", writer.server.port), timeout=20) as connection:
        connection.sendall(head)
        answer = received(connection)
    assert status(answer) == expected
    assert b"application/problem+json" in answer


def test_who_fails_too_often_is_told_when_to_come_back(writer: Writer) -> None:
    for _ in range(10):
        assert sent(writer, "GET", query("SELECT {"), {}, client="127.0.3.1").status_code == 400
    refused = sent(writer, "GET", query(POINT), CSV, client="127.0.3.1")
    told(refused, 429, "have failed", RETRY)
    assert sent(writer, "GET", query(POINT), CSV, client="127.0.3.2").text == "o\r\n36\r\n"


def test_who_waits_too_long_for_a_reader_is_told_when_to_come_back(writer: Writer) -> None:
    with ThreadPoolExecutor(1) as others:
        endless = others.submit(sent, writer, "GET", query(ENDLESS), CSV)
        wait_until(
            lambda: (
                'metapole_running{state="evaluating"} 1.0'
                in httpx2.get(f"{writer.server.url}/metrics").text
            )
        )
        refused = sent(writer, "GET", query("ASK { ?never ?asked ?before }"), CSV)
        told(refused, 503, "were busy for 0.3 s", RETRY)
        assert endless.result(30).status_code == 504


def test_an_answer_that_is_too_long_on_its_way_is_broken_off(
    serve: Serve, small_store: Path
) -> None:
    most = 3_000_000
    with (
        serve(small_store, "--limit", f"query.result-bytes={most}") as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection,
    ):
        text = quote(f"SELECT * {{ {values('abcd', 100)} }}")
        head = f"GET /sparql?query={text} HTTP/1.1\r\nHost: x\r\nAccept: text/csv\r\n\r\n"
        connection.sendall(head.encode())
        answer = received(connection)
        assert status(answer) == 200
        assert 1_000_000 < len(answer) < most + 50_000  # in chunks, each with its length
        assert not answer.endswith(b"\r\n0\r\n\r\n")
        metrics = httpx2.get(f"{server.url}/metrics").text
        assert 'metapole_readers_ended_total{reason="size"} 1.0' in metrics
        assert "more than 3,000,000 bytes" in server.log.read_text()


def test_a_form_is_as_long_as_its_limit_says(writer: Writer) -> None:
    form = f"query={'x' * 1_048_577}"
    refused = sent(writer, "POST", "/sparql", {"Content-Type": FORM}, form)
    told(refused, 413, "longer than 1048576", {})
