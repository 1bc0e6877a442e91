"""A proxy before an endpoint, which counts requests and what goes up and down."""

from __future__ import annotations

import http.client
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Generator

_NOT_PASSED_ON = ("connection", "keep-alive", "transfer-encoding", "content-length", "host")


class Counted:
    """What went through a proxy since it was last asked to forget."""

    def __init__(self, url: str) -> None:
        self.url = url
        """The address of the proxy, with the path of the endpoint."""
        self.forget()

    def forget(self) -> None:
        self.requests = self.bytes_up = self.bytes_down = 0


@contextmanager
def counting(endpoint: str) -> Generator[Counted]:
    """Run a proxy before *endpoint*."""
    target = urlsplit(endpoint)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._pass_on(b"")

        def do_POST(self) -> None:
            self._pass_on(self.rfile.read(int(self.headers.get("Content-Length", "0"))))

        def _pass_on(self, body: bytes) -> None:
            headers = {
                name: value
                for name, value in self.headers.items()
                if name.lower() not in _NOT_PASSED_ON
            }
            remote = http.client.HTTPConnection(str(target.hostname), target.port, timeout=60)
            remote.request(self.command, self.path, body or None, headers)
            answer = remote.getresponse()
            content = answer.read()
            remote.close()
            counted.requests += 1
            counted.bytes_up += len(self.path) + len(body)
            counted.bytes_down += len(content)
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in _NOT_PASSED_ON:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- its name
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        counted = Counted(f"http://127.0.0.1:{server.server_port}{target.path}")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield counted
        finally:
            server.shutdown()
