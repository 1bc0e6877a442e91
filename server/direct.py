"""Answer what is asked most without the router, whose layers would take a quarter of the time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from starlette.requests import Request

from server.problems import answer_to_error
from server.protocol import BadProtocolRequest, controls

_WITH_TEXTS = re.compile(r"(/embed)?(/[a-z]{2})?/sparql(\.[a-z]+)?")
"""The paths of addresses that have a query in them, which has ends of line."""

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from starlette.responses import Response
    from starlette.routing import Route
    from starlette.types import ASGIApp, Receive, Scope, Send

    Endpoint = Callable[[Request], Awaitable[Response]]


class Direct:
    """An ASGI application around another, which goes to the endpoints of some *routes* directly.

    Their paths have no parameters. What they do not match goes on to the application.
    """

    def __init__(self, app: ASGIApp, routes: Iterable[Route]) -> None:
        self._app = app
        self._endpoints: dict[tuple[str, str], Endpoint] = {
            (method, route.path): route.endpoint
            for route in routes
            for method in route.methods or ()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, with a problem document if there is a problem (ASGI)."""
        endpoint = None
        if scope["type"] == "http":
            endpoint = self._endpoints.get((scope["method"], scope["path"]))
        request = Request(scope, receive, send) if scope["type"] == "http" else None
        if request is None or (endpoint is None and not _is_odd(scope)):
            await self._app(scope, receive, send)
            return
        try:
            response = await (endpoint or _refuse)(request)
        except Exception as error:
            response, is_foreseen = answer_to_error(request, error)
            await response(scope, receive, send)
            if not is_foreseen:
                raise
        else:
            await response(scope, receive, send)


def _is_odd(scope: Scope) -> bool:
    """Tell whether there is anything in an address that none has."""
    return controls(scope) and not _WITH_TEXTS.fullmatch(scope["path"])


async def _refuse(_: Request) -> Response:
    """Refuse what no address may have in it; nor is it told, for who knows who reads that."""
    raise BadProtocolRequest(
        "the address has a character that is not for text, such as a line break; leave it out"
    )
