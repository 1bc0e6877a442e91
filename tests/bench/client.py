"""A client that costs little: bytes that were made before go out, and answers are counted."""

from __future__ import annotations

import itertools
import selectors
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import httptools

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MOST_SECONDS = 120
"""An answer that takes longer is a failure, unless less is asked for."""


class AnswerError(Exception):
    """A server answered otherwise than with status 200 and a whole body."""


class TooLongError(AnswerError):
    """A server did not answer in time."""


@dataclass(frozen=True, slots=True)
class Target:
    """A SPARQL endpoint on this machine."""

    port: int
    path: str
    process_id: int = 0
    parameters: tuple[tuple[str, str], ...] = ()
    """What a request has to say besides the query."""
    is_patient: bool = False
    """Whether it goes on with a query for ever, until its worker is killed and replaced."""

    def request(self, query: str, media_type: str) -> bytes:
        """Return the bytes that ask *query*."""
        return (
            f"GET {self.path}?{urlencode((('query', query), *self.parameters))} HTTP/1.1\r\n"
            f"Host: 127.0.0.1:{self.port}\r\nAccept: {media_type}\r\n\r\n"
        ).encode()


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole body, how long it took, and how long its first row."""

    body: bytes
    seconds: float
    first_row: float


class Connection:
    """One connection, and the answer that is being read from it."""

    def __init__(self, port: int, most_seconds: float = _MOST_SECONDS) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=most_seconds)
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
    return ask(target, request).body


def ask(
    target: Target,
    request: bytes,
    most_seconds: float = _MOST_SECONDS,
    has_row: Callable[[bytes], bool] = bool,
) -> Answer:
    """Return the answer to *request*; TooLongError when it takes more than *most_seconds*.

    *has_row* tells whether the beginning of a body has a row yet; as delivered, any byte is one.
    """
    try:
        connection = Connection(target.port, most_seconds)
        with connection.socket:
            return _timed(connection, request, most_seconds, has_row)
    except TimeoutError as error:
        raise TooLongError(f"over {most_seconds:g} s") from error
    except (OSError, httptools.HttpParserError) as error:
        raise AnswerError(f"no answer: {error}") from error


def _timed(
    connection: Connection, request: bytes, most_seconds: float, has_row: Callable[[bytes], bool]
) -> Answer:
    started = time.perf_counter()
    first_row = passed = 0.0
    connection.send(request)
    is_complete = False
    while not is_complete:
        is_complete = connection.receive()
        passed = time.perf_counter() - started
        if not first_row and has_row(b"".join(connection.body)):
            first_row = passed
        if passed > most_seconds:
            raise TooLongError(f"over {most_seconds:g} s")
    return Answer(b"".join(connection.body), passed, first_row or passed)


def rate(target: Target, request: bytes, connections: int, seconds: float) -> float:
    """Return how many answers a second *connections* get that ask again and again.

    It takes *seconds*, and as long as the last answers take.
    """
    return rate_of(target, itertools.repeat(request), connections, seconds)


def rate_of(target: Target, requests: Iterator[bytes], connections: int, seconds: float) -> float:
    """Return how many answers a second *connections* get that take one request after the other."""
    opened: list[Connection] = []
    with selectors.DefaultSelector() as selector:
        try:
            for _ in range(connections):
                opened.append(Connection(target.port))
                selector.register(opened[-1].socket, selectors.EVENT_READ, opened[-1])
            started = time.perf_counter()
            answers = _count(selector, opened, requests, started + seconds)
            return answers / (time.perf_counter() - started)
        except (OSError, httptools.HttpParserError) as error:
            raise AnswerError(f"no answer: {error}") from error
        finally:
            for connection in opened:
                connection.socket.close()


def _count(
    selector: selectors.BaseSelector,
    opened: list[Connection],
    requests: Iterator[bytes],
    deadline: float,
) -> int:
    for connection in opened:
        connection.send(next(requests))
    under_way, answers = len(opened), 0
    while under_way:
        ready = selector.select(_MOST_SECONDS)
        if not ready:
            raise TooLongError(f"no answer in {_MOST_SECONDS} s")
        for key, _ in ready:
            connection: Connection = key.data
            if not connection.receive():
                continue
            answers += 1
            if time.perf_counter() < deadline:
                connection.send(next(requests))
            else:
                under_way -= 1
    return answers
