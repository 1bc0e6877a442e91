"""Another portal: a store in memory behind SPARQL's protocol, which counts what it is asked."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import pyoxigraph as ox

if TYPE_CHECKING:
    from collections.abc import Generator

_JSON = "application/sparql-results+json"


@dataclass(slots=True)
class Portal:
    """A portal that runs."""

    url: str
    requests: int = 0
    bytes_up: int = 0
    """Of bodies and of queries in addresses."""
    bytes_down: int = 0
    """Of bodies."""
    queries: list[str] = field(default_factory=list[str])
    status: int = 200
    """What it answers, if that is no success."""
    may_answer: Event = field(default_factory=Event)
    """It waits for this."""
    is_asked: Event = field(default_factory=Event)
    """Somebody waits for it."""
    _lock: Lock = field(default_factory=Lock)

    def forget(self) -> None:
        """Begin to count anew, and answer."""
        self.requests = self.bytes_up = self.bytes_down = 0
        self.queries.clear()
        self.status = 200
        self.may_answer.set()
        self.is_asked.clear()

    def count(self, query: str, up: int, down: int) -> None:
        """Count one request."""
        with self._lock:
            self.requests += 1
            self.bytes_up += up
            self.bytes_down += down
            self.queries.append(query)


@contextmanager
def running_portal(store: ox.Store) -> Generator[Portal]:
    """Serve *store*."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            form = self.path.partition("?")[2]
            self._answer(parse_qs(form)["query"][0], len(form))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            is_form = "form" in self.headers["Content-Type"]
            self._answer(parse_qs(body)["query"][0] if is_form else body, len(body))

        def _answer(self, query: str, up: int) -> None:
            portal.is_asked.set()
            portal.may_answer.wait(60)
            body = b"" if portal.status != 200 else _found(store, query)
            portal.count(query, up, len(body))
            self.send_response(portal.status)
            self.send_header("Content-Type", _JSON)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- so it is called
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    portal = Portal(f"http://127.0.0.1:{server.server_address[1]}/sparql")
    portal.forget()
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield portal
    finally:
        portal.may_answer.set()
        server.shutdown()
        server.server_close()


def _found(store: ox.Store, query: str) -> bytes:
    found = store.query(query)
    assert isinstance(found, ox.QuerySolutions)
    return found.serialize(format=ox.QueryResultsFormat.JSON) or b""
