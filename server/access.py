"""The access log: one line per request, of what nobody minds to have in a log.

Not in it are headers, tokens, bodies and what stands behind the `?` of an address. Of a query there
is the beginning; of an update, which may hold what nobody may read, only the fingerprint.
"""

from __future__ import annotations

import logging
import os
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from server.logs import visible
from server.token_changes import PREFIX

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from starlette.types import Message, Scope, Send

    from graph.asker import Asker

REQUEST_ID = "X-Request-Id"

_LOG = logging.getLogger("metapole.access")
_HEADER = REQUEST_ID.lower().encode()
_SANE = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_TOKEN = re.compile(PREFIX + r"[A-Za-z0-9._~+/=-]+")
_SHORTEST_TOKEN = 8
_LONGEST_PATH = 200
_LONGEST_CLIENT = 64
_UNWATCHED = ("/healthz", "/metrics")
"""What machines ask for again and again; it is logged when it fails."""


@dataclass(frozen=True, slots=True)
class LogLimits:
    """How much is logged."""

    lines_per_s: Annotated[
        int, "How many requests are logged in a second; of the others only their number."
    ] = 200


def request_id(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Return what a request is called: as its client says, if that is sane, else by chance."""
    for name, value in headers:
        if name == _HEADER and _SANE.fullmatch(value):
            return value.decode()
    return os.urandom(8).hex()


class Exchange:
    """One request, and what is sent in answer to it."""

    def __init__(self, scope: Scope, send: Send, asker: Asker) -> None:
        self.scope = scope
        self.asker = asker
        self.status = 500
        self.sent = 0
        """How many bytes of the body."""
        self.has_begun = False
        self.is_whole = False
        """Whether the answer got to its end."""
        self.generation = ""
        self.more_headers = [(_HEADER, asker.id.encode())]
        self._send = send
        self._started = time.perf_counter()

    @property
    def operation(self) -> str:
        """What the request is for."""
        operation = self.scope.get("metapole.operation", "other")
        is_upload = operation == "graph-write" and self.scope["method"] != "DELETE"
        return "upload" if is_upload else operation

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return time.perf_counter() - self._started

    async def send(self, message: Message) -> None:
        """Send *message*, and note what it says (ASGI)."""
        if message["type"] == "http.response.start":
            self.has_begun, self.status = True, message["status"]
            headers = message.get("headers", ())
            self.generation = next((v.decode() for n, v in headers if n == b"x-generation"), "")
            message["headers"] = [*headers, *self.more_headers]
        else:
            self.sent += len(message.get("body", b""))
            self.is_whole = not message.get("more_body", False)
        await self._send(message)


class AccessLog:
    """Tells of requests that have ended, but of no more than some in a second."""

    def __init__(
        self, limits: LogLimits | None = None, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._limits = limits or LogLimits()
        self._now = now
        self._second = 0.0
        self._lines = 0
        self._left_out = 0

    def tell(self, exchange: Exchange) -> None:
        """Log a line about *exchange*, which is over."""
        if exchange.status < 400 and exchange.scope["path"].startswith(_UNWATCHED):
            return
        if not self._has_room():
            self._left_out += 1
            return
        if self._left_out:
            left_out, self._left_out = self._left_out, 0
            _LOG.warning("requests left out of the log: %d", left_out)
        _LOG.info("request", extra={"fields": fields_of(exchange)})

    def _has_room(self) -> bool:
        now = self._now()
        if now - self._second >= 1:
            self._second, self._lines = now, 0
        self._lines += 1
        return self._lines <= self._limits.lines_per_s


def fields_of(exchange: Exchange) -> dict[str, Any]:
    """Return what the line about *exchange* says."""
    scope, asker = exchange.scope, exchange.asker
    path = scope.get("raw_path", b"").decode("latin-1")
    fields: dict[str, Any] = {
        "request_id": asker.id,
        "method": scope["method"],
        "path": visible(without_tokens(path, scope)[:_LONGEST_PATH]),
        "operation": exchange.operation,
        "status": exchange.status,
        "ms": round(exchange.seconds * 1000, 2),
        "bytes": exchange.sent,
        "client": visible(asker.client[:_LONGEST_CLIENT]),
    }
    if exchange.generation:
        fields["generation"] = int(exchange.generation)
    if not exchange.is_whole:
        fields["is_cut_short"] = True
    if asker.fingerprint:
        fields["fingerprint"] = asker.fingerprint
    if asker.text:
        fields["query"] = visible(without_tokens(asker.text, scope))
    return fields


def without_tokens(text: str, scope: Scope) -> str:
    """Return *text* without what is, or was sent as, a token: some put it anywhere."""
    for name, value in scope["headers"]:
        sent = value.rpartition(b" ")[2].decode("latin-1")
        if name == b"authorization" and len(sent) >= _SHORTEST_TOKEN:
            text = text.replace(sent, "[token]")
    return _TOKEN.sub("[token]", text)
