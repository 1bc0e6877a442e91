"""What every request meets first: its id, the responses that are ready, counts and the log."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graph.asker import ASKER, Asker
from graph.generations import Generation
from graph.query import Engine
from server.access import AccessLog, Exchange, request_id
from server.cache import Fingerprint, Ready, ResultCache
from server.metrics import Metrics
from server.problems import problem
from server.protocol import ACCEPT_QUERY

_LOG = logging.getLogger("metapole.server")

_ACCEPT_QUERY = [(name.encode().lower(), value.encode()) for name, value in ACCEPT_QUERY.items()]
_METHODS = ("GET", "POST", "QUERY")
_PARTS = {b"accept": 0, b"accept-encoding": 1, b"content-type": 2, b"accept-language": 3}


class Front:
    """An ASGI application around another, which is spared what the cache can answer."""

    def __init__(
        self,
        app: ASGIApp,
        engine: Engine,
        cache: ResultCache,
        metrics: Metrics,
        access: AccessLog | None = None,
    ) -> None:
        self._app = app
        self._engine = engine
        self._cache = cache
        self._metrics = metrics
        self._access = access or AccessLog()

    @property
    def generation(self) -> Generation:
        """The generation that is served."""
        return self._engine.generation

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from the cache, or have the application answer (ASGI)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        address: str = scope["client"][0] if scope.get("client") else ""
        asker = Asker(request_id(scope["headers"]), address)
        exchange = Exchange(scope, send, asker)
        if scope["method"] in _METHODS:
            body: bytes | None = b""
            if scope["method"] != "GET":
                body, receive = await _peeked(scope, receive)
            key = None if body is None else fingerprint(scope, body)
            if key and (ready := self._cache.recall(key, self.generation)):
                scope["metapole.operation"] = ready.operation
                asker.text, asker.fingerprint = ready.text, ready.fingerprint
                await _send_ready(ready, exchange)
                self._note(exchange)
                return
        ASKER.set(asker)
        try:
            await self._app(scope, receive, _explaining(exchange))
        except asyncio.CancelledError:
            await _stop(exchange, receive)
        finally:
            self._note(exchange)

    @property
    def is_outdated(self) -> bool:
        """Tell whether the store was mended since, so that the server has to begin anew."""
        return self._engine.is_outdated

    async def stop_writing(self) -> None:
        """Have every write answered now: as made if it is published, else as not made."""
        await self._engine.stop_writing()

    def watch_connections(self, count: Callable[[], int], refused: Mapping[int, int]) -> None:
        """Have the metrics tell of connections; see there."""
        self._metrics.watch_connections(count, refused)

    def _note(self, exchange: Exchange) -> None:
        """Count and log *exchange*, which is over."""
        self._metrics.count(exchange.operation, exchange.status, exchange.seconds)
        if reason := exchange.scope.get("metapole.refusal"):
            self._metrics.refuse(reason)
        self._access.tell(exchange)


def fingerprint(scope: Scope, body: bytes) -> Fingerprint | None:
    """Return all of a request that its answer depends on; None if it has to be looked at."""
    parts = [b""] * len(_PARTS)
    for name, value in scope["headers"]:
        if name in _PARTS:
            parts[_PARTS[name]] += value + b"\n"
        elif name == b"content-encoding":
            return None
    return (scope["method"], scope["raw_path"], scope["query_string"], *parts, body)


def knows(if_none_match: str, tag: str) -> bool:
    """Tell whether a client has what *tag* stands for; the comparison is weak (RFC 9110, 8.8.3)."""
    opaque = tag.removeprefix("W/")
    known = [each.strip() for each in if_none_match.split(",")]
    return any(each == "*" or each.removeprefix("W/") == opaque for each in known)


async def _peeked(scope: Scope, receive: Receive) -> tuple[bytes | None, Receive]:
    """Return the body if it is there already and whole, and how to receive it again."""
    if any(name == b"expect" for name, _ in scope["headers"]):
        return None, receive
    first = await receive()
    unread = [first]

    async def again() -> Message:
        return unread.pop() if unread else await receive()

    is_whole = first["type"] == "http.request" and not first.get("more_body", False)
    return first.get("body", b"") if is_whole else None, again


def _explaining(exchange: Exchange) -> Send:
    """Return how to send an answer which, if it is none, says how to ask."""
    if exchange.scope["path"] != "/sparql":
        return exchange.send

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] >= 400:
            message["headers"] = [*message["headers"], *_ACCEPT_QUERY]
        await exchange.send(message)

    return send


async def _stop(exchange: Exchange, receive: Receive) -> None:
    """Answer what the server, which is being stopped, has waited for long enough."""
    if exchange.has_begun:
        _LOG.warning("%s: an answer was cut short: the server is stopping", exchange.scope["path"])
        return
    status, detail = HTTPStatus.SERVICE_UNAVAILABLE, "the server is stopping; send it again later"
    response = problem(status, status.phrase, detail, {"Retry-After": "5", "Connection": "close"})
    await response(exchange.scope, receive, exchange.send)


async def _send_ready(ready: Ready, exchange: Exchange) -> None:
    scope = exchange.scope
    tags = b",".join(value for name, value in scope["headers"] if name == b"if-none-match")
    is_known = tags and scope["method"] != "POST" and knows(tags.decode("latin-1"), ready.tag)
    status = HTTPStatus.NOT_MODIFIED if is_known else HTTPStatus.OK
    headers = ready.headers_if_unchanged if is_known else ready.headers
    await exchange.send({"type": "http.response.start", "status": status, "headers": headers})
    await exchange.send({"type": "http.response.body", "body": b"" if is_known else ready.body})
