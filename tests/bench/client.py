"""A client that costs little: bytes that were made before go out, and answers are counted."""

from __future__ import annotations

import selectors
import socket
import time
from dataclasses import dataclass
from urllib.parse import urlencode

import httptools

_MOST_SECONDS = 120
"""An answer that takes longer is a failure."""


class AnswerError(Exception):
    """A server answered otherwise than with status 200 and a whole body."""


@dataclass(frozen=True, slots=True)
class Target:
    """A SPARQL endpoint on this machine."""

    port: int
    path: str

    def request(self, query: str, media_type: str) -> bytes:
        """Return the bytes that ask *query*."""
        return (
            f"GET {self.path}?{urlencode({'query': query})} HTTP/1.1\r\n"
            f"Host: 127.0.0.1:{self.port}\r\nAccept: {media_type}\r\n\r\n"
        ).encode()


class _Connection:
    """One connection, and the answer that is being read from it."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=_MOST_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.body: list[bytes] = []
        self._is_complete = False
        self._parser = httptools.HttpResponseParser(self)

    def send(self, request: bytes) -> None:
        self.body.clear()
        self._is_complete = False
        self._parser = httptools.HttpResponseParser(self)
        self.socket.sendall(request)

    def receive(self) -> bool:
        """Read what has come; tell whether the answer is complete."""
        data = self.socket.recv(262_144)
        if not data:
            raise AnswerError("the server closed the connection before its answer was complete")
        self._parser.feed_data(data)
        if self._is_complete and self._parser.get_status_code() != 200:
            text = b"".join(self.body).decode(errors="replace")
            raise AnswerError(f"status {self._parser.get_status_code()}: {text}")
        return self._is_complete

    def on_body(self, body: bytes) -> None:
        self.body.append(body)

    def on_message_complete(self) -> None:
        self._is_complete = True


def answer(target: Target, request: bytes) -> bytes:
    """Return the body of the answer to *request*."""
    connection = _Connection(target.port)
    with connection.socket:
        connection.send(request)
        while not connection.receive():
            pass
        return b"".join(connection.body)


def rate(target: Target, request: bytes, connections: int, seconds: float) -> float:
    """Return how many answers a second *connections* get that ask again and again.

    It takes *seconds*, and as long as the last answers take.
    """
    with selectors.DefaultSelector() as selector:
        opened = [_Connection(target.port) for _ in range(connections)]
        for connection in opened:
            selector.register(connection.socket, selectors.EVENT_READ, connection)
        try:
            started = time.perf_counter()
            answers = _count(selector, opened, request, started + seconds)
            return answers / (time.perf_counter() - started)
        finally:
            for connection in opened:
                connection.socket.close()


def _count(
    selector: selectors.BaseSelector, opened: list[_Connection], request: bytes, deadline: float
) -> int:
    for connection in opened:
        connection.send(request)
    under_way, answers = len(opened), 0
    while under_way:
        ready = selector.select(_MOST_SECONDS)
        if not ready:
            raise AnswerError(f"no answer in {_MOST_SECONDS} s")
        for key, _ in ready:
            connection: _Connection = key.data
            if not connection.receive():
                continue
            answers += 1
            if time.perf_counter() < deadline:
                connection.send(request)
            else:
                under_way -= 1
    return answers
