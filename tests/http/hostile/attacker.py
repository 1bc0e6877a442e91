"""A client that means no good: it sends what it likes, from an address of its own."""

import contextlib
import http.client
import socket
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
FORM = "application/x-www-form-urlencoded"
TURTLE = "text/turtle"
TOKENS = {
    "updater": ("update", "a-token-that-may-update"),
    "ours": ("write:http://example.org/our/", "a-token-for-our-graphs"),
    "reader": ("read", "a-token-to-read-only"),
}
ANY_TEXT = "text/csv, text/turtle;q=0.5"
PATIENCE_S = 30
_SECRET = (b"Traceback", b"site-packages", b".py", b"/tmp/", b"/home/")
"""What an answer must not tell: what the server is made of, and where it lives."""
_COME_BACK = (429, 503)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    """0 when there was no answer at all, only a closed connection."""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""
    is_whole: bool = True

    def __repr__(self) -> str:
        """Return what a failed assertion shows."""
        return f"<{self.status} {self.body[:200]!r}{'' if self.is_whole else ' cut short'}>"


@dataclass(frozen=True)
class Attacker:
    """One client; its *address* is what the server knows it by."""

    port: int
    address: str
    statuses: set[int] = field(default_factory=set[int])
    """Of all answers so far."""

    def send(
        self,
        method: str,
        target: str,
        content: bytes | str | Iterable[bytes] | None = None,
        content_type: str | None = None,
        author: str | None = None,
        **headers: str,
    ) -> Answer:
        """Send a request and return its answer; other headers are named with _ for -."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if author:
            named["Authorization"] = f"Bearer {TOKENS[author][1]}"
        if content_type:
            named["Content-Type"] = content_type
        body: Any = content.encode() if isinstance(content, str) else content
        connection = self.connection()
        with contextlib.closing(connection):
            with contextlib.suppress(ConnectionError):  # it may answer before it has all
                connection.request(method, target, body, named)
            return self.noted(received(connection))

    def ask(self, text: str, accept: str = ANY_TEXT) -> Answer:
        """Ask a query."""
        return self.send("POST", "/sparql", text, QUERY, Accept=accept)

    def get(self, text: str, accept: str = "text/csv", **fields: str) -> Answer:
        """Ask a query by GET, with more *fields*."""
        return self.send("GET", f"/sparql?{urlencode({'query': text, **fields})}", Accept=accept)

    def update(self, text: str, author: str | None = "updater") -> Answer:
        """Send an update."""
        return self.send("POST", "/sparql", text, UPDATE, author)

    def ask_all(self, texts: Sequence[str], at_once: int = 2) -> list[Answer]:
        """Ask all of *texts*, some of them at once."""
        with ThreadPoolExecutor(at_once) as clients:
            return list(clients.map(self.ask, texts))

    def flood(self, attack: Callable[[int], Answer], clients: int, each: int = 1) -> list[Answer]:
        """Have *clients* do *attack* at the same time, *each* of them so often."""
        with ThreadPoolExecutor(clients) as pool:
            return list(pool.map(attack, range(clients * each)))

    def raw(self, content: bytes, patience: float = PATIENCE_S) -> Answer:
        """Send *content* as it is; return the first answer."""
        with self.connected(patience) as sock:
            with contextlib.suppress(ConnectionError):
                sock.sendall(content)
            return self.noted(first_answer(sock))

    def noted(self, answer: Answer) -> Answer:
        """Note what came back."""
        self.statuses.add(answer.status)
        return answer

    @contextlib.contextmanager
    def connected(self, patience: float = PATIENCE_S) -> Generator[socket.socket]:
        """Be connected, as long as the context lasts."""
        address = ("127.0.0.1", self.port)
        with socket.create_connection(address, patience, (self.address, 0)) as sock:
            yield sock

    def connection(self) -> http.client.HTTPConnection:
        """Return a connection."""
        return http.client.HTTPConnection(
            "127.0.0.1", self.port, timeout=PATIENCE_S, source_address=(self.address, 0)
        )


def received(connection: http.client.HTTPConnection) -> Answer:
    """Return the answer that comes on *connection*."""
    try:
        response = connection.getresponse()
    except (ConnectionError, http.client.RemoteDisconnected):
        return Answer(0, is_whole=False)
    return _read(response)


def first_answer(sock: socket.socket) -> Answer:
    """Return the first answer on *sock*."""
    response = http.client.HTTPResponse(sock)
    try:
        response.begin()
    except (ConnectionError, http.client.BadStatusLine):
        return Answer(0, is_whole=False)
    return _read(response)


def _read(response: http.client.HTTPResponse) -> Answer:
    try:
        body, is_whole = response.read(), True
    except http.client.IncompleteRead as error:
        body, is_whole = error.partial, False
    except ConnectionError:
        body, is_whole = b"", False
    headers = {name.lower(): value for name, value in response.getheaders()}
    answer = Answer(response.status, headers, body, is_whole)
    _check(answer)
    return answer


def _check(answer: Answer) -> None:
    """See to it that an answer says nothing about the inside, and when to come back."""
    if answer.status < 400:
        return
    assert answer.status != 500, answer
    assert not any(secret in answer.body for secret in _SECRET), answer
    assert not any(value.encode() in answer.body for _, value in TOKENS.values()), answer
    if answer.status in _COME_BACK and "connection" not in answer.headers:
        assert int(answer.headers["retry-after"]) >= 1, answer
