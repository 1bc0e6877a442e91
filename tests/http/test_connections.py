"""Connections as bytes: an offer to upgrade changes nothing about the request."""

import contextlib
import json
import socket
from collections.abc import Callable, Iterator

import pytest

from server.connections import HttpProtocol

from .conftest import Server

OFFER = (
    b"Connection: Upgrade, HTTP2-Settings\r\n"
    b"Upgrade: h2c\r\n"
    b"HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\n"
)
PLAIN = b""
HEAD = (
    b"POST /sparql HTTP/1.1\r\nHost: localhost\r\n%s"
    b"Content-Type: application/sparql-query\r\nAccept: text/csv\r\n%s\r\n"
)
QUERY = b'SELECT ("whole" AS ?body) {} #' + b"x" * 70_000
CHUNKED = b"%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (9, QUERY[:9], len(QUERY) - 9, QUERY[9:])
GET = b"GET /sparql?query=ASK%%20%%7B%%7D HTTP/1.1\r\nHost: localhost\r\n%sAccept: text/csv\r\n\r\n"


@pytest.fixture
def connection(server: Server) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as each:
        yield each


def answers(connection: socket.socket, count: int) -> list[tuple[int, bytes]]:
    """Read *count* answers, each with a length, off one connection."""
    found: list[tuple[int, bytes]] = []
    with connection.makefile("rb") as file:
        for _ in range(count):
            status = int(file.readline().split()[1])
            headers = dict(line.lower().split(b": ", 1) for line in iter(file.readline, b"\r\n"))
            found.append((status, file.read(int(headers[b"content-length"]))))
    return found


def with_length(offer: bytes) -> bytes:
    return HEAD % (offer, b"Content-Length: %d\r\n" % len(QUERY)) + QUERY


def in_chunks(offer: bytes) -> bytes:
    return HEAD % (offer, b"Transfer-Encoding: chunked\r\n") + CHUNKED


@pytest.mark.parametrize("offer", [PLAIN, OFFER, b"Connection: upgrade\r\nUpgrade: websocket\r\n"])
@pytest.mark.parametrize("request_", [with_length, in_chunks])
@pytest.mark.parametrize("piece", [10, 1000, 1_000_000])
def test_a_body_arrives_whole_whatever_the_client_offers(
    connection: socket.socket, offer: bytes, request_: Callable[[bytes], bytes], piece: int
) -> None:
    content = request_(offer)
    start = content[:2000]
    for at in range(0, len(start), piece):
        connection.sendall(start[at : at + piece])
    connection.sendall(content[len(start) :])
    assert answers(connection, 1) == [(200, b"body\r\nwhole\r\n")]


def test_requests_go_on_after_an_offer(connection: socket.socket) -> None:
    connection.sendall(with_length(OFFER) + GET % OFFER + in_chunks(OFFER) + GET % PLAIN)
    whole, true = (200, b"body\r\nwhole\r\n"), (200, b"true")
    assert answers(connection, 4) == [whole, true, whole, true]
    connection.sendall(with_length(OFFER))
    assert answers(connection, 1) == [whole]


@pytest.mark.parametrize("length", [65_000, 65_520, 65_536, 131_072 + 40, 200_000])
def test_a_long_target_is_not_cut(connection: socket.socket, length: int) -> None:
    target = b"/sparql?query=SELECT%20(%22whole%22%20AS%20%3Fbody)%20%7B%7D%23" + b"x" * length
    request = b"GET %s&version=1.1 HTTP/1.1\r\nHost: x\r\nAccept: text/csv\r\n\r\n"
    connection.sendall(request % target)
    connection.sendall((request % target).replace(b"version=1.1", b"version=9"))
    answered, refused = answers(connection, 2)
    assert answered == (200, b"body\r\nwhole\r\n")
    assert refused[0] == 400
    assert b"'9'" in refused[1]


@pytest.mark.parametrize(
    "content",
    [
        b"FOO /sparql HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"POST /sparql HTTP/1.1\r\nHost: x\r\n" + OFFER + b"Content-Length: x\r\n\r\n",
        in_chunks(OFFER).replace(b"\r\n9\r\n", b"\r\nnine\r\n"),
        HEAD % (OFFER, b"Transfer-Encoding: chunked\r\nContent-Length: 9\r\n") + QUERY[:9],
    ],
)
def test_what_is_no_request_gets_a_problem_document(
    connection: socket.socket, content: bytes
) -> None:
    connection.sendall(content)
    ((status, body),) = answers(connection, 1)
    assert (status, json.loads(body)["status"]) == (400, 400)
    assert "HTTP/1.1" in json.loads(body)["detail"]
    with contextlib.suppress(ConnectionResetError):  # closed all the same, with input left unread
        assert connection.recv(1) == b""


def test_nothing_is_logged_about_an_offer(server: Server, connection: socket.socket) -> None:
    connection.sendall(GET % OFFER)
    assert answers(connection, 1) == [(200, b"true")]
    assert "upgrade" not in server.log.read_text().lower()


def test_only_what_is_public_in_uvicorn_or_tested_here_is_replaced() -> None:
    own = {name for name in vars(HttpProtocol) if callable(getattr(HttpProtocol, name))}
    own -= {"send_problem"}
    inherited = set(dir(HttpProtocol.__mro__[1]))
    assert {name for name in own if not name.startswith("_")} <= inherited
