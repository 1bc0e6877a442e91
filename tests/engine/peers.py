"""A server that does what a script says, byte by byte, and remembers what it was asked."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator, Mapping

JSON = "application/sparql-results+json"
XML = "application/sparql-results+xml"
TSV = "text/tab-separated-values"
X = {"type": "uri", "value": "http://example.org/x"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, as it came."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    connection: int

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> str:
        form = self.body.decode() if self.method == "POST" else urlsplit(self.target).query
        return parse_qs(form)["query"][0]


class Peer:
    """Answers each path as its script does; a script that is bytes is sent as it is."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.scripts: dict[str, Callable[[socket.socket, Asked], None] | bytes] = {}
        self.asked: list[Asked] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._tls = tls
        self._connections = 0
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        scheme = "https" if self._tls else "http"
        return f"{scheme}://{host}:{self.port}{path}"

    def asked_at(self, path: str) -> list[Asked]:
        return [each for each in self.asked if each.path == path]

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._connections += 1
                arguments = (connection, self._connections)
                threading.Thread(target=self._serve, args=arguments, daemon=True).start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
            stack.enter_context(connection)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for asked in _requests(connection, number):
                self.asked.append(asked)
                script = self.scripts[asked.path]
                if isinstance(script, bytes):
                    connection.sendall(script)
                else:
                    script(connection, asked)
                if b"Connection: close" in (script if isinstance(script, bytes) else b""):
                    return


def _requests(connection: socket.socket, number: int) -> Iterator[Asked]:
    with connection.makefile("rb") as file:
        while line := file.readline():
            method, target, _ = line.decode().split()
            headers: dict[str, str] = {}
            while (header := file.readline().decode().strip()) != "":
                name, _, value = header.partition(":")
                headers[name.lower()] = value.strip()
            body = file.read(int(headers.get("content-length", 0)))
            yield Asked(method, target, headers, body, number)


def answer(
    body: bytes | str, media_type: str | None = JSON, *headers: str, status: str = "200 OK"
) -> bytes:
    """Return a whole answer that is as it should be, but for what it says."""
    body = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    if media_type:
        lines.append(f"Content-Type: {media_type}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def rows(*bindings: Mapping[str, object], variables: tuple[str, ...] = ("x",)) -> str:
    """Return SPARQL JSON; a binding is the term of ?x, or of each variable by its name."""
    full = [each if "value" not in each else {"x": each} for each in bindings]
    return json.dumps({"head": {"vars": list(variables)}, "results": {"bindings": full}})


def literal(value: str, **more: str) -> dict[str, str]:
    return {"type": "literal", "value": value, **more}
