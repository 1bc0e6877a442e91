"""What is sent before there is a request, instead of one, and without end."""

import contextlib
import gzip
import io
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from .attacker import FORM, QUERY, TOKENS, TURTLE, UPDATE, Answer, Attacker, first_answer
from .conftest import Scene

pytestmark = pytest.mark.hostile

HEAD = b"Host: x\r\nAccept: text/csv\r\n"
POST = b"POST /sparql HTTP/1.1\r\n" + HEAD + b"Content-Type: application/sparql-query\r\n"
TE = b"Transfer-Encoding: chunked\r\n"
CHUNKED = POST + TE + b"\r\n"
CHUNKS = b"5\r\nASK{}\r\n0\r\n"
CLOSE = b"Connection: close\r\n\r\n"
GET = b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\n" + HEAD
MEGABYTE = b"x" * 1_000_000
TOO_LONG = {413, 0}
"""It was told so, or found the connection closed before it could read that."""


def megabytes(number: int) -> Iterator[bytes]:
    return (MEGABYTE for _ in range(number))


@pytest.mark.parametrize(
    ("method", "target", "content_type", "author", "size"),
    [
        pytest.param("POST", "/sparql", QUERY, None, 262_145, id="query one byte too long"),
        pytest.param("QUERY", "/sparql", QUERY, None, 262_145, id="method QUERY"),
        pytest.param("POST", "/sparql", QUERY, None, 100_000_000, id="query of 100 MB"),
        pytest.param("POST", "/sparql", FORM, None, 100_000_000, id="form of 100 MB"),
        pytest.param("POST", "/sparql", FORM, "updater", 100_000_000, id="form with a token"),
        pytest.param("POST", "/sparql", UPDATE, "updater", 100_000_000, id="update of 100 MB"),
        pytest.param("PUT", "/graph/a", TURTLE, "updater", 300_000_000, id="graph of 300 MB"),
        pytest.param("POST", "/validate", TURTLE, None, 100_000_000, id="file to validate"),
    ],
)
@pytest.mark.parametrize("is_announced", [True, False])
def test_row_20_bodies_that_are_too_long(
    attacker: Attacker, method: str, target: str, content_type: str, author: str | None,
    size: int, is_announced: bool,
) -> None:  # fmt: skip
    pieces = iter([b" " * size]) if size < len(MEGABYTE) else megabytes(size // len(MEGABYTE))
    headers = {"Content_Length": str(size)} if is_announced else {}
    answer = attacker.send(method, target, pieces, content_type, author, **headers)
    assert answer.status in TOO_LONG


def test_row_21_four_large_bodies_at_once(attacker: Attacker) -> None:
    def send(number: int) -> Answer:
        content_type = (QUERY, FORM, TURTLE, UPDATE)[number % 4]
        target = "/validate" if content_type == TURTLE else "/sparql"
        return attacker.send("POST", target, megabytes(127), content_type)

    assert {answer.status for answer in attacker.flood(send, 4)} <= {413, 401, 0}


@pytest.mark.parametrize(
    "coding", ["gzip", "deflate", "br", "zstd", "gzip, gzip", "identity, gzip"]
)
def test_row_22_compressed_bodies(attacker: Attacker, coding: str) -> None:
    with io.BytesIO() as file:
        with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=9) as zipped:
            for piece in megabytes(60):
                zipped.write(piece)
        bomb = file.getvalue()
    for method, target, content_type, author in (
        ("POST", "/sparql", QUERY, None),
        ("POST", "/sparql", FORM, None),
        ("POST", "/sparql", UPDATE, "updater"),
        ("PUT", "/graph/bomb", TURTLE, "updater"),
        ("POST", "/validate", TURTLE, None),
    ):
        answer = attacker.send(method, target, bomb, content_type, author, Content_Encoding=coding)
        assert answer.status in (415, 413), (method, target)


def test_row_23_bodies_that_do_not_end(attacker: Attacker) -> None:
    def drip(kind: int) -> Answer:
        head = (CHUNKED, POST + b"Content-Length: 1000\r\n\r\n")[kind % 2]
        piece = (b"1\r\n#\r\n", b"#")[kind % 2]
        with attacker.connected() as sock, contextlib.suppress(ConnectionError):
            sock.sendall(head)
            for _ in range(60):
                sock.sendall(piece)
                time.sleep(0.1)
        with attacker.connected() as sock:
            sock.sendall(head)
            return attacker.noted(first_answer(sock))

    def endless(_: int) -> Answer:
        with attacker.connected() as sock:
            sock.sendall(CHUNKED)
            with contextlib.suppress(ConnectionError):
                while True:
                    sock.sendall(b"f4240\r\n" + MEGABYTE + b"\r\n")
            return attacker.noted(first_answer(sock))

    with ThreadPoolExecutor(8) as clients:
        dripping = [clients.submit(drip, number) for number in range(6)]
        assert {each.result().status for each in dripping} <= {408}
        assert endless(0).status in TOO_LONG


def test_row_24_connections_that_say_nothing(attacker: Attacker) -> None:
    first = [b"", b"GET / HT", GET, POST, POST + b"Content-Length: 9\r\n\r\n", b"\r\n\r\n"]
    with contextlib.ExitStack() as stack:
        socks = [stack.enter_context(attacker.connected()) for _ in range(400)]
        for number, sock in enumerate(socks):
            with contextlib.suppress(ConnectionError):
                sock.sendall(first[number % len(first)])
        began = time.monotonic()
        answers = [attacker.noted(first_answer(sock)) for sock in socks]
        assert time.monotonic() - began < 10
    assert {answer.status for answer in answers} <= {0, 408, 429}


@pytest.mark.parametrize(
    ("sent", "statuses"),
    [
        pytest.param(
            POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nASK{}",
            {400}, id="two lengths",
        ),
        pytest.param(POST + b"Content-Length: 5, 6\r\n\r\nASK{}", {400}, id="list of lengths"),
        pytest.param(POST + b"Content-Length: -5\r\n\r\nASK{}", {400}, id="negative length"),
        pytest.param(POST + b"Content-Length: +5\r\n\r\nASK{}", {400}, id="length with a sign"),
        pytest.param(POST + b"Content-Length: 0x5\r\n\r\nASK{}", {400}, id="length in hex"),
        pytest.param(
            POST + b"Content-Length: 18446744073709551621\r\n\r\nASK{}",
            {400}, id="length of 2**64+5",
        ),
        pytest.param(
            POST + b"Content-Length: 5\r\n" + TE + b"\r\n" + CHUNKS + b"\r\n",
            {400}, id="length and chunks",
        ),
        pytest.param(
            POST + TE + b"Content-Length: 5\r\n\r\n" + CHUNKS + b"\r\n",
            {400}, id="chunks and length",
        ),
        pytest.param(
            POST + b"Transfer-Encoding: xchunked\r\n\r\n5\r\nASK{}\r\n0\r\n\r\n",
            {400}, id="xchunked",
        ),
        pytest.param(
            POST + b"Transfer-Encoding: chunked, identity\r\n\r\n5\r\nASK{}\r\n0\r\n\r\n",
            {400}, id="chunked not last",
        ),
        pytest.param(
            POST + b"Transfer-Encoding : chunked\r\n\r\n5\r\nASK{}\r\n0\r\n\r\n",
            {400}, id="space before colon",
        ),
        pytest.param(
            POST + b"Transfer-Encoding:\x0bchunked\r\n\r\n5\r\nASK{}\r\n0\r\n\r\n",
            {400}, id="vertical tab",
        ),
        pytest.param(CHUNKED + b"5;a=b\nASK{}\r\n0\r\n\r\n", {400, 408}, id="bare LF in a chunk"),
        pytest.param(CHUNKED + b"-1\r\nASK{}\r\n0\r\n\r\n", {400}, id="negative chunk"),
        pytest.param(CHUNKED + b"fffffffffffffffff\r\nASK{}", {400}, id="chunk of 2**68"),
        pytest.param(CHUNKED + b"5\r\nASK{}XX0\r\n\r\n", {400}, id="chunk too long"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: x\r\n folded: y\r\n\r\n", {400}, id="folded header"),
        pytest.param(
            b"GET / HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\n\r\n",
            {400}, id="NUL in a header",
        ),
        pytest.param(
            b"GET / HTTP/1.1\r\nHost: x\r\nX: a\rb: c\r\n\r\n",
            {400}, id="bare CR in a header",
        ),
        pytest.param(b"GET / HTTP/1.1\r\nHost: x\r\nnot a header\r\n\r\n", {400}, id="no colon"),
        pytest.param(b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n", {400}, id="NUL in the target"),
        pytest.param(
            b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
            {400, 404}, id="bytes in the target",
        ),
        pytest.param(b"GET / \r\n\r\n", {400}, id="no version"),
        pytest.param(b"GET / HTTP/9.9\r\nHost: x\r\n\r\n", {400}, id="version 9.9"),
        pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400, 404, 405}, id="HTTP/2"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 50, {400}, id="TLS"),
        pytest.param(b"GIMME /sparql HTTP/1.1\r\nHost: x\r\n\r\n", {400, 405}, id="unknown method"),
        pytest.param(
            b"CONNECT 127.0.0.1:80 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            {400, 404, 405}, id="CONNECT",
        ),
        pytest.param(
            b"GET http://127.0.0.1:1/sparql HTTP/1.1\r\nHost: evil.example\r\n" + CLOSE,
            {200, 404}, id="absolute target",
        ),
        pytest.param(GET + b"X: y\r\n" * 20_000 + b"\r\n", {431}, id="20 000 headers"),
        pytest.param(GET + b"X: " + b"y" * 20_000_000 + b"\r\n\r\n", {431}, id="a header of 20 MB"),
        pytest.param(
            b"GET /" + b"y" * 20_000_000 + b" HTTP/1.1\r\n\r\n",
            {414}, id="a target of 20 MB",
        ),
        pytest.param(CHUNKED + b"5;" + b"x" * 20_000_000, {431}, id="a chunk extension of 20 MB"),
        pytest.param(
            CHUNKED + b"5\r\nASK{}\r\n0\r\n" + b"X: y\r\n" * 2_000_000,
            {200, 431}, id="trailers",
        ),
        pytest.param(
            CHUNKED + b"5\r\nASK{}\r\n0\r\nX: " + b"y" * 20_000_000,
            {200, 431}, id="a trailer of 20 MB",
        ),
        pytest.param(
            CHUNKED + CHUNKS + b"Authorization: Bearer x\r\nContent-Encoding: gzip\r\n" + CLOSE,
            {200}, id="headers in a trailer",
        ),
        pytest.param(b"GET /sparql?query=ASK%7B%7D HTTP/1.0\r\n\r\n", {200}, id="HTTP/1.0"),
        pytest.param(
            GET + b"Expect: 200-maybe\r\nConnection: close\r\n\r\n",
            {200, 417}, id="unknown expectation",
        ),
        pytest.param(
            GET + b"Range: bytes=0-,0-,0-,0-\r\nConnection: close\r\n\r\n",
            {200}, id="ranges",
        ),
        pytest.param(
            GET + b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\n\r\n",
            {200}, id="websocket",
        ),
        pytest.param(
            POST
            + b"Upgrade: h2c\r\nConnection: Upgrade\r\nContent-Length: 5\r\n"
            + TE
            + b"\r\n"
            + CHUNKS
            + b"\r\n",
            {400}, id="upgrade and both framings",
        ),
    ],
)  # fmt: skip
def test_framing(attacker: Attacker, sent: bytes, statuses: set[int]) -> None:
    answer = attacker.raw(sent)
    assert answer.status in statuses | {0}
    assert b"evil" not in answer.body


def test_no_second_request_is_in_the_body_of_a_first(attacker: Attacker) -> None:
    hidden = b"GET /healthz/live HTTP/1.1\r\nHost: x\r\n\r\n"
    for head in (
        POST + b"Content-Length: %d\r\n" % (5 + len(hidden)) + TE + b"\r\n0\r\n\r\n",
        POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n",
        POST + b"Content-Length: 0\r\nContent-Length: %d\r\n\r\n" % len(hidden),
    ):  # fmt: skip
        with attacker.connected(3) as sock:
            sock.sendall(head + hidden)
            content = bytearray()
            with contextlib.suppress(OSError):
                while piece := sock.recv(65_536):
                    content += piece
        assert content.count(b"HTTP/1.1 ") <= 1
        assert b'"live"' not in content


@pytest.mark.parametrize("connections", [1, 100])
def test_requests_sent_ahead_of_answers(attacker: Attacker, connections: int) -> None:
    pieces = (b"GET /healthz/live HTTP/1.1\r\nHost: x\r\n\r\n" * 8000, (GET + b"\r\n") * 8000)
    with contextlib.ExitStack() as stack:
        socks = [stack.enter_context(attacker.connected()) for _ in range(connections)]
        for sock in socks:
            sock.setblocking(False)
        ends = time.monotonic() + 1.5
        while time.monotonic() < ends:
            for number, sock in enumerate(socks):
                with contextlib.suppress(OSError):
                    sock.send(pieces[number % 2])
            time.sleep(0.01)


def test_who_hangs_up_ahead_of_answers_is_not_worked_for(scene: Scene, attacker: Attacker) -> None:
    heavy = "SELECT (COUNT(*) AS ?n) { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f }"
    request = POST + b"Content-Length: %d\r\n\r\n" % len(heavy) + heavy.encode()
    large = POST + b"Content-Length: 200000\r\n\r\n" + b"#" * 200_000
    for more in (request, large, (GET + b"\r\n") * 5):
        with attacker.connected() as sock:
            sock.sendall(request + more)
            time.sleep(0.3)
        began = time.monotonic()
        while _busy(attacker):
            assert time.monotonic() - began < 1.5, "it is worked for somebody who has gone"
            time.sleep(0.05)
    assert scene.server.process.poll() is None


def _busy(attacker: Attacker) -> int:
    metrics = attacker.send("GET", "/metrics").body.decode()
    line = next(each for each in metrics.splitlines() if each.startswith("metapole_readers_busy"))
    return int(float(line.split()[1])) if _is_ours(metrics) else 0


def _is_ours(metrics: str) -> bool:
    """Tell whether the longest that runs has taken longer than the canary ever asks for."""
    for line in metrics.splitlines():
        if line.startswith("metapole_running_longest_seconds"):
            return float(line.split()[1]) > 0.25
    return False


def test_long_targets_and_headers_hold_nobody_up(attacker: Attacker) -> None:
    spaces, iris = (
        "%20" * 340_000,
        "&".join(f"default-graph-uri=x:{'%41' * 300}{n}" for n in range(900)),
    )
    wishes = ",".join(f"a/b{n};q=0.{n % 9}" for n in range(1800))

    def attack(number: int) -> Answer:
        kinds = number % 7
        if kinds == 0:
            return attacker.send("GET", f"/sparql?query={spaces}ASK%7B%7D%23{number}")
        if kinds == 1:
            return attacker.send("GET", f"/sparql?{iris}&query=ASK%7B%7D%23{number}")
        if kinds == 2:
            return attacker.send("GET", f"/graph-store?graph=x:{'%2525' * 100_000}")
        if kinds == 3:
            return attacker.send("GET", f"/sparql?query=ASK%7B%7D%23{number}", Accept=wishes)
        if kinds == 4:
            return attacker.send("POST", "/sparql", "ASK{}", f'{QUERY}; a="{"x;" * 12_000}"')
        if kinds == 5:
            return attacker.send("POST", "/sparql", f"query={spaces}ASK%7B%7D%23{number}", FORM)
        return attacker.send("POST", "/sparql", f"#{number}\nASK {{}} " + "<a> " * 60_000, QUERY)

    answers = attacker.flood(attack, 6, 4)
    assert {answer.status for answer in answers} <= {200, 400, 413, 414, 415, 429, 503, 504}


def test_who_asks_for_metrics_all_the_time_waits_for_himself(attacker: Attacker) -> None:
    def ask(number: int) -> Answer:
        target = ("/metrics", "/healthz", "/healthz/ready", "/admin/queries")[number % 4]
        return attacker.send("GET", target)

    assert {answer.status for answer in attacker.flood(ask, 40, 8)} <= {200, 401}


def test_a_token_in_many_places_is_in_no_log(scene: Scene, attacker: Attacker) -> None:
    token = TOKENS["updater"][1]
    attacker.send("GET", f"/healthz?access_token={token}", Authorization=f"Bearer {token}")
    attacker.send("POST", "/sparql", f"access_token={token}&update=CLEAR%20ALL", FORM)
    attacker.send("POST", "/sparql", f"ASK {{}} # {token}", QUERY, Authorization=f"Bearer {token}")
    attacker.send("DELETE", f"/graph/a?access_token={token}")
    time.sleep(0.3)
    assert token not in scene.server.log.read_text()


def test_what_a_client_calls_itself_makes_no_line(scene: Scene, attacker: Attacker) -> None:
    for value in ("a\tb", "{}", "x" * 200, "../../etc", "\x1b[31m"):
        with contextlib.suppress(ValueError):
            attacker.send("GET", "/healthz", X_Request_Id=value, X_Forwarded_For="127.0.0.2")
    attacker.send("GET", "/%0d%0afake:%20line%00%1b[31m")
    time.sleep(0.3)
    log = scene.server.log.read_text()
    assert "\x1b" not in log
    assert "\nfake" not in log
