"""What every request meets first: the responses that are ready, and the count of all requests."""

import time
from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graph.generations import Generation
from graph.query import Engine
from server.cache import Fingerprint, Ready, ResultCache
from server.metrics import Metrics
from server.protocol import ACCEPT_QUERY

_ACCEPT_QUERY = [(name.encode().lower(), value.encode()) for name, value in ACCEPT_QUERY.items()]
_METHODS = ("GET", "POST", "QUERY")
_PARTS = {b"accept": 0, b"accept-encoding": 1, b"content-type": 2}


class Front:
    """An ASGI application around another, which is spared what the cache can answer."""

    def __init__(self, app: ASGIApp, engine: Engine, cache: ResultCache, metrics: Metrics) -> None:
        self._app = app
        self._engine = engine
        self._cache = cache
        self._metrics = metrics

    @property
    def generation(self) -> Generation:
        """The generation that is served."""
        return self._engine.generation

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from the cache, or have the application answer (ASGI)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status: int = HTTPStatus.INTERNAL_SERVER_ERROR
        if scope["method"] in _METHODS:
            body: bytes | None = b""
            if scope["method"] != "GET":
                body, receive = await _peeked(scope, receive)
            key = None if body is None else fingerprint(scope, body)
            if key and (ready := self._cache.recall(key, self.generation)):
                status = await _send_ready(ready, scope, send)
                self._metrics.count(ready.operation, status, time.perf_counter() - started)
                return

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                if status >= 400 and scope["path"] == "/sparql":
                    message["headers"] = [*message["headers"], *_ACCEPT_QUERY]
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            operation = scope.get("metapole.operation", "other")
            self._metrics.count(operation, status, time.perf_counter() - started)


def fingerprint(scope: Scope, body: bytes) -> Fingerprint | None:
    """Return all of a request that its answer depends on; None if it has to be looked at."""
    parts = [b"", b"", b""]
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


async def _send_ready(ready: Ready, scope: Scope, send: Send) -> int:
    tags = b",".join(value for name, value in scope["headers"] if name == b"if-none-match")
    is_known = tags and scope["method"] != "POST" and knows(tags.decode("latin-1"), ready.tag)
    status = HTTPStatus.NOT_MODIFIED if is_known else HTTPStatus.OK
    headers = ready.headers_if_unchanged if is_known else ready.headers
    await send({"type": "http.response.start", "status": int(status), "headers": headers})
    await send({"type": "http.response.body", "body": b"" if is_known else ready.body})
    return status
