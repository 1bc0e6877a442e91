"""What is done to a connection before there is a request: uvicorn's protocol, with its gaps closed.

A client that would like HTTP/2 may say so with its first request (`Upgrade: h2c`; Java's does, by
default). A server may ignore that (RFC 9110, 7.8), and uvicorn means to; but its parser takes the
body for the beginning of the other protocol and drops it. Here the body arrives whole.
"""

import json
from http import HTTPStatus

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_FRAMING = (b"content-length", b"transfer-encoding")


class HttpProtocol(HttpToolsProtocol):
    """One connection, which speaks HTTP/1.1 whatever else the client offers."""

    _is_resuming = False
    """The parser reads a head of our own making."""

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
        status = HTTPStatus.BAD_REQUEST
        document = {"type": "about:blank", "title": status.phrase, "status": status, "detail": msg}
        content = json.dumps(document).encode()
        head = (
            f"HTTP/1.1 {status} {status.phrase}\r\ncontent-type: application/problem+json\r\n"
            f"content-length: {len(content)}\r\nconnection: close\r\n\r\n"
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
        if not self._is_resuming:
            super().on_headers_complete()

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
