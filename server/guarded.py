"""What one client may do to a connection: nothing for long, and nothing without end.

uvicorn waits for ever for a head or a body that does not come, takes heads of any size, and counts
connections for all clients together. A client is a network address, for IPv6 its /64.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, cast

from server.connections import HttpProtocol

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterable

    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

_LOOK_S = 1.0
_RETRY_AFTER_S = 5
_GONE = (7, 8)
"""The states of a TCP connection that the other side has closed: CLOSE, CLOSE-WAIT (Linux)."""
_MOST_SURPLUS = 4 * 1024 * 1024
"""How many bytes are read after the answer of a body that nobody knows the length of."""
_HOST = re.compile(rb"[A-Za-z0-9._~!$&'()*+,;=:\[\]%-]*")
"""What a host and a port are written with (RFC 3986, 3.2.2 and 3.2.3)."""
_MOST_FRAMING = 16
"""How many bytes of framing there may be for each byte of a body: a chunk of one byte has six."""
_TARGET_AND_MORE = 16
"""How many bytes a request line has besides its target, at least: method, version, spaces."""


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """What a client may do before there is a request, and after."""

    head_s: Annotated[
        float, "Seconds that a head may take, from the opening of the connection or its first byte."
    ] = 10.0
    head_bytes: Annotated[int, "How long all headers may be together, the target not counted."] = (
        32 * 1024
    )
    target_bytes: Annotated[
        int, "How long a target may be; a query may be in it, percent-encoded."
    ] = 1024 * 1024
    body_grace_s: Annotated[float, "Seconds before the speed of a body counts."] = 10.0
    body_bytes_per_s: Annotated[int, "How fast a body has to come then, on the whole."] = 1000
    unread_bytes: Annotated[
        int, "How long a body may be of which the rest is taken after its answer, and not read."
    ] = 256 * 1024 * 1024
    stalled_s: Annotated[float, "Seconds that a client may read nothing of an answer."] = 30.0
    idle_s: Annotated[float, "Seconds that a connection may be idle between two requests."] = 130.0
    per_client: Annotated[int, "How many connections a client may have open."] = 128
    total: Annotated[
        int, "How many connections there may be; as they get scarce, a client may have fewer."
    ] = 4096
    pipelined: Annotated[
        int, "How many requests may be sent on a connection before one is answered."
    ] = 32


class _Refused(Exception):  # noqa: N818 -- it stops the parser
    """Nothing more is to be read of this connection."""


class GuardedProtocol(HttpProtocol):
    """One connection, which is closed when its client does not keep to the limits."""

    limits: ClassVar[ConnectionLimits]
    proxies: ClassVar[tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]]
    """Who has connections for many clients, which are counted for none."""
    open: ClassVar[Counter[str]]
    """How many connections each client has; "" are the proxies."""
    refused: ClassVar[Counter[int]]
    """How many were closed for what their client did, by the status that says so."""

    _is_counted = False
    _in_head = True
    """Whether a head is on its way, or might come: there has been no request yet."""
    _head_bytes = 0
    _head_since = 0.0
    _body_bytes = 0
    _body_since: float | None = None
    _received_bytes = 0
    """How many bytes have come in for a body, its framing included."""
    _surplus_bytes = 0
    _most_surplus = _MOST_SURPLUS
    """How many of them came after the answer."""
    _paused_s = 0.0
    _unsent = 0
    """How many bytes waited to be read by the client when we looked last."""
    _reads_since = 0.0
    """When it was seen to read last, or had nothing to read."""
    _watch: asyncio.TimerHandle | None = None
    _is_refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take up a connection, unless the client has too many."""
        super().connection_made(transport)
        self._unanswered: list[RequestResponseCycle] = []
        self._head_since = self.loop.time()
        self.timeout_keep_alive = cast("int", self.limits.idle_s)  # uvicorn only adds it to a time
        self._client = "" if self._is_proxy() else client_of(self.client[0] if self.client else "")
        if not self._has_place():
            return
        self.open[self._client] += 1
        self._is_counted = True
        self._watch = self.loop.call_later(_LOOK_S, self._look)

    def _has_place(self) -> bool:
        """Tell whether there is a place for this connection; if there is none, refuse it.

        A client may have as many connections as there are free ones left, so that the last are for
        those who have few: whoever takes all that they can get leaves half of them, and two such a
        third.
        """
        own, limits = self.open[self._client], self.limits
        free = limits.total - self.open.total()
        if self._client and own >= limits.per_client:
            self._refuse(
                HTTPStatus.TOO_MANY_REQUESTS,
                f"you have {own} connections open already; use those",
                f"retry-after: {_RETRY_AFTER_S}\r\n",
            )
        elif free <= (own if self._client else 0):
            self._refuse(
                HTTPStatus.SERVICE_UNAVAILABLE,
                f"of {limits.total} connections {max(free, 0)} are free and you have {own}; use "
                "those, or come back in a few seconds",
                f"retry-after: {_RETRY_AFTER_S}\r\n",
            )
        return not self._is_refused

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        if self._is_counted:
            self._is_counted = False
            self.open[self._client] -= 1
            if not self.open[self._client]:
                del self.open[self._client]
        if self._watch:
            self._watch.cancel()
        for cycle in self._unanswered:  # uvicorn tells the latest only
            cycle.disconnected = True
            cycle.message_event.set()
        self._unanswered.clear()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read what has come in, unless it is too much."""
        if self._is_refused:
            return
        if self._in_head:
            if not self._head_bytes:
                self._head_since = self.loop.time()
            self._head_bytes += len(data)
        else:
            self._received_bytes += len(data)
            if self._latest and self._latest.response_complete:
                self._surplus_bytes += len(data)
        super().data_received(data)
        if self._is_refused:
            return
        if self._surplus_bytes > self._most_surplus:
            self.transport.abort()
        elif not self._in_head:
            self._check_framing()
        elif self._head_bytes:
            target = len(cast("bytes | None", getattr(self, "url", None)) or b"")
            self._check_head(target, self._head_bytes - target)

    def on_message_begin(self) -> None:
        """Note the beginning of a request, unless too many wait."""
        if not self._is_resuming and len(self.pipeline) >= self.limits.pipelined:
            self._refuse(
                HTTPStatus.TOO_MANY_REQUESTS,
                f"{self.limits.pipelined} of your requests wait on this connection already",
            )
            raise _Refused
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Note a header; one that follows a body is of no use to anybody here."""
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Start to answer, unless the head is too long."""
        if not self._is_resuming:
            target = len(self.url)
            headers = sum(len(name) + len(value) + 4 for name, value in self.headers)
            self._check_head(target, headers)
            self._check_host()
            if self._is_refused:
                raise _Refused
            self._in_head, self._head_bytes = False, 0
            self._body_since, self._body_bytes, self._paused_s = self.loop.time(), 0, 0.0
            self._received_bytes = self._surplus_bytes = 0
            self._most_surplus = self._surplus_of(self.headers)
        super().on_headers_complete()
        if not self._is_resuming:
            self._unanswered = [each for each in self._unanswered if not each.response_complete]
            self._unanswered.append(self.cycle)

    def _surplus_of(self, headers: Iterable[tuple[bytes, bytes]]) -> int:
        """Return how much of a body is read after its answer: who still sends reads no answer."""
        announced = next((value for name, value in headers if name == b"content-length"), b"")
        length = int(announced) if announced.isdigit() else 0
        return max(_MOST_SURPLUS, length if length <= self.limits.unread_bytes else 0)

    def on_body(self, body: bytes) -> None:
        """Take a piece of a body."""
        if self._is_refused:
            return
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Note the end of a request."""
        if self._is_refused:
            return
        if not self.parser.should_upgrade():
            self._body_since = None
            self._in_head, self._head_bytes = True, 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no request, unless that is because it was refused."""
        if not self._is_refused:
            super().send_400_response(msg)

    def _is_proxy(self) -> bool:
        if not self.proxies or not self.client:
            return False
        address = ipaddress.ip_address(self.client[0])
        return any(address in network for network in self.proxies)

    @property
    def _latest(self) -> RequestResponseCycle | None:
        """The latest request and its answer."""
        return cast("RequestResponseCycle | None", self.cycle)

    def _check_head(self, target: int, headers: int) -> None:
        limits = self.limits
        if target > limits.target_bytes:
            self._refuse(
                HTTPStatus.REQUEST_URI_TOO_LONG,
                f"the target has more than {limits.target_bytes} bytes; send the query by POST",
            )
        elif headers > limits.head_bytes + _TARGET_AND_MORE:
            self._refuse(
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
                f"the headers have more than {limits.head_bytes} bytes; send fewer",
            )

    def _check_host(self) -> None:
        """Refuse what does not name one host (RFC 9112, 3.2): others may take it for another."""
        hosts = [value for name, value in self.headers if name == b"host"]
        if len(hosts) != 1 and (hosts or self.parser.get_http_version() != "1.0"):
            self._refuse(
                HTTPStatus.BAD_REQUEST, f"the request has {len(hosts)} Host headers; send one"
            )
        elif hosts and not _HOST.fullmatch(hosts[0]):
            self._refuse(
                HTTPStatus.BAD_REQUEST,
                "the Host header names no host; send one such as data.example.org:8000",
            )

    def _check_framing(self) -> None:
        """Refuse a body that is little but framing: chunks have extensions, and trailers follow."""
        framing = self._received_bytes - self._body_bytes
        if framing > self.limits.head_bytes + _MOST_FRAMING * self._body_bytes:
            self._refuse(
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
                f"around {self._body_bytes} bytes of the body there are {framing} others; "
                "send fewer",
            )

    def _look(self) -> None:
        """Close the connection if its client has been too slow; else look again later."""
        now, limits = self.loop.time(), self.limits
        self._watch = self.loop.call_later(_LOOK_S, self._look)
        is_idle = self._in_head and not self._head_bytes
        cycle = self._latest
        is_answering = cycle is not None and not cycle.response_complete
        unsent = self.transport.get_write_buffer_size()
        if unsent == 0 or unsent != self._unsent:
            self._unsent, self._reads_since = unsent, now
        if now - self._reads_since > limits.stalled_s or self._is_gone():
            self.transport.abort()
        elif self.transport.is_closing():
            return  # to look again, at whether the last bytes are taken
        elif self._in_head and not (is_idle and cycle) and not is_answering:
            # Between two requests uvicorn waits, and not for long (keep-alive).
            if now - self._head_since > limits.head_s:
                self._refuse(
                    HTTPStatus.REQUEST_TIMEOUT,
                    f"there was no whole head of a request in {limits.head_s:g} s",
                    is_silent=is_idle,
                )
        elif self._body_since is not None:
            self._look_at_body(now)

    def _is_gone(self) -> bool:
        """Tell whether the client has hung up while we do not read, which is how it is noticed."""
        if not self.flow.read_paused or not hasattr(socket, "TCP_INFO"):
            return False
        connection = self.transport.get_extra_info("socket")
        return connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] in _GONE

    def _look_at_body(self, now: float) -> None:
        assert self._body_since is not None  # noqa: S101 -- the caller has looked
        if self.flow.read_paused:  # it is us who do not read
            self._paused_s += _LOOK_S
            return
        taken = now - self._body_since - self._paused_s - self.limits.body_grace_s
        if taken > 0 and self._body_bytes < taken * self.limits.body_bytes_per_s:
            self._refuse(
                HTTPStatus.REQUEST_TIMEOUT,
                f"the body came at less than {self.limits.body_bytes_per_s} bytes a second",
            )

    def _refuse(
        self, status: HTTPStatus, detail: str, more_headers: str = "", *, is_silent: bool = False
    ) -> None:
        """Answer with a problem, if an answer has not begun, and close the connection."""
        if self._is_refused:
            return
        self._is_refused = True
        self.refused[status] += 1
        cycle = self._latest
        if self.pipeline:  # whatever is said now would be taken for the answer to another request
            self.transport.abort()
            return
        if cycle and not cycle.response_complete:
            cycle.disconnected = True
            cycle.message_event.set()
            if cycle.response_started:
                self.transport.abort()
                return
        if is_silent:
            self.transport.close()
        else:
            self.send_problem(status, detail, more_headers)


def guarded(limits: ConnectionLimits, proxies: Iterable[str] = ()) -> type[GuardedProtocol]:
    """Return the protocol with *limits*, and a count of connections of its own.

    The connections of *proxies*, addresses or networks, count in the total alone.
    """
    networks = tuple(ipaddress.ip_network(each, strict=False) for each in proxies)
    content: dict[str, Any] = {
        "limits": limits,
        "proxies": networks,
        "open": Counter[str](),
        "refused": Counter[int](),
    }
    return type("GuardedProtocol", (GuardedProtocol,), content)


@lru_cache(maxsize=4096)
def client_of(address: str) -> str:
    """Return which client has *address*: an IPv6 client usually has all of a /64."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return address
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False))
