"""The protocol over HTTP: one address, no sessions, the limits of `metapole serve`."""

from __future__ import annotations

import contextlib
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from mcp.server.transport_security import TransportSecuritySettings
from starlette.requests import ClientDisconnect

from server.fairness import Fair
from server.problems import problem
from server.streaming import while_connected

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mcp.server.mcpserver import MCPServer
    from starlette.types import ASGIApp, Receive, Scope, Send

    from graph.query import Engine
    from server.limits import AllLimits

PATH = "/mcp"
_LOCAL = ("127.0.0.1", "localhost", "[::1]")


def hosted(
    server: MCPServer[Any], engine: Engine, limits: AllLimits, hosts: Sequence[str]
) -> ASGIApp:
    """Return the application; it answers requests to *hosts*, and to this machine's own names.

    A page of another origin that had its name lead here (DNS rebinding) is refused.
    """
    app = server.streamable_http_app(
        streamable_http_path=PATH,
        json_response=True,
        stateless_http=True,
        max_request_body_size=limits.message.form_bytes,
        transport_security=_known(hosts),
    )
    app.router.redirect_slashes = False  # it would lead to whatever host the client names
    return Fair(_OnlyPost(app), limits.client, lambda: engine.has_all_readers)


def _known(hosts: Sequence[str]) -> TransportSecuritySettings:
    names = [*_LOCAL, *hosts]
    allowed = [name for each in names for name in (each, f"{each}:*")]
    return TransportSecuritySettings(
        allowed_hosts=allowed,
        allowed_origins=[f"{scheme}://{name}" for name in allowed for scheme in ("http", "https")],
    )


class _OnlyPost:
    """Answers to other methods than POST at once: there is no stream to wait at, and no session."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == PATH and scope["method"] != "POST":
            status = HTTPStatus.METHOD_NOT_ALLOWED
            detail = "send messages of the protocol by POST; there are no streams and no sessions"
            response = problem(status, status.phrase, detail, {"Allow": "POST"})
            await response(scope, receive, send)
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        with contextlib.suppress(ClientDisconnect):
            # The SDK does not notice in the older versions of the protocol that a client is gone.
            await while_connected(scope, receive, self._answer(scope, receive, send))

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)
