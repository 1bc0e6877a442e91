"""What is done to a connection before there is a request: uvicorn's protocol, with its gaps closed.

A client that would like HTTP/2 may say so with its first request (`Upgrade: h2c`; Java's does, by
default). A server may ignore that (RFC 9110, 7.8), and uvicorn means to; but its parser takes the
body for the beginning of the other protocol and drops it. Here the body arrives whole.

The query in a target may be long, though httptools counts in 16 bits: it is not cut.

An answer leaves uvicorn as two writes, its head and its body. A call of the system costs as much as
all else that is done for an answer from the cache, so they are sent together.
"""

import asyncio
import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, cast

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

CONNECTION = "metapole.connection"
"""Where the scope of a request has its connection."""

_FRAMING = (b"content-length", b"transfer-encoding")
_HELD_BYTES = 64 * 1024
_SPLITTABLE_BYTES = 65_535
"""How long a target may be that httptools can split; the older ones cut what is longer."""


class HttpProtocol(HttpToolsProtocol):
    """One connection, which speaks HTTP/1.1 whatever else the client offers."""

    on_lost: Callable[[], object] | None = None
    """What to call when the client is gone."""
    _is_resuming = False
    """The parser reads a head of our own making."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take up a connection."""
        super().connection_made(cast("asyncio.Transport", _Joining(transport, self.loop)))

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell who works for the client that it is gone."""
        super().connection_lost(exc)
        if self.on_lost:
            self.on_lost()

    def data_received(self, data: bytes) -> None:
        """Read what has come in."""
        self._unset_keepalive_if_required()
        rest: bytes | None = data
        try:
            while rest is not None:
                rest = self._read(rest)
        except httptools.HttpParserError:
            self.send_400_response(
                "this is no request of HTTP/1.1; send one, with a method from RFC 9110"
            )

    def send_400_response(self, msg: str) -> None:
        """Answer what is no request with a problem document, and close the connection."""
        self.send_problem(HTTPStatus.BAD_REQUEST, msg)

    def send_problem(self, status: HTTPStatus, detail: str, more_headers: str = "") -> None:
        """Answer with a problem document, and close the connection."""
        document = {
            "type": "about:blank",
            "title": status.phrase,
            "status": status,
            "detail": detail,
        }
        content = json.dumps(document).encode()
        head = (
            f"HTTP/1.1 {status} {status.phrase}\r\ncontent-type: application/problem+json\r\n"
            f"content-length: {len(content)}\r\n{more_headers}connection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + content)
        self.transport.close()

    def on_message_begin(self) -> None:
        """Note the beginning of a request."""
        if not self._is_resuming:
            super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Note a piece of the target."""
        if not self._is_resuming:
            super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Note a header."""
        if not self._is_resuming:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Start to answer."""
        if self._is_resuming:
            return
        if len(self.url) <= _SPLITTABLE_BYTES:
            super().on_headers_complete()
        else:
            self.url, _, query = self.url.partition(b"#")[0].partition(b"?")
            super().on_headers_complete()
            self.scope["query_string"] = query  # the application sees it: it has not started yet
        cast("dict[str, Any]", self.scope)[CONNECTION] = self

    def on_message_complete(self) -> None:
        """Note the end of a request, unless it is only where the parser gives up."""
        if not self.parser.should_upgrade():
            super().on_message_complete()

    def _read(self, data: bytes) -> bytes | None:
        """Feed the parser; return what it leaves unread."""
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._resume()
            return data[upgrade.args[0] :]
        return None

    def _resume(self) -> None:
        """Put a new parser where the old one stopped: behind a head with the same framing."""
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        framing = (name + b": " + value for name, value in self.headers if name in _FRAMING)
        self._is_resuming = True
        try:
            self.parser.feed_data(b"\r\n".join((b"POST / HTTP/1.1", *framing, b"", b"")))
        finally:
            self._is_resuming = False


class _Joining:
    """A transport that sends at once what is written to it in one turn of the event loop."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._held: list[bytes] = []
        self._size = 0

    def write(self, data: bytes) -> None:
        self._held.append(data)
        self._size += len(data)
        if self._size > _HELD_BYTES:
            self._send()
        elif len(self._held) == 1:
            self._loop.call_soon(self._send)

    def close(self) -> None:
        self._send()
        self._transport.close()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 -- whatever the transport has
        return getattr(self._transport, name)

    def _send(self) -> None:
        held, self._held, self._size = self._held, [], 0
        if held:
            self._transport.write(b"".join(held))
