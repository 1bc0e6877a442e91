"""The change feed: as a linked data event stream for programs, and as Atom for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import BaseRoute, Route

from graph.formats import format_named
from graph.history.pages import PAGE_ENTRIES
from graph.publishing.document import Document
from server.protocol import parameters_from

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from server.reads import Reads

_STREAM = tuple(format_named(name) for name in ("trig", "nquads", "jsonld", "turtle", "ntriples"))
_ATOM = (format_named("atom"),)
_FIXED = {"Cache-Control": "public, max-age=31536000, immutable"}
_GROWING = {"Cache-Control": "public, max-age=10"}
"""A client that asks more often than this may be told what it knows."""


def feeds_routes(reads: Reads) -> list[BaseRoute]:
    """Return the routes of the feeds."""

    async def stream(request: Request) -> Response:
        parameters_from(request.scope["query_string"], ())
        return await reads.response(request, Document("ldes", _STREAM), headers=_GROWING)

    async def page(request: Request) -> Response:
        parameters_from(request.scope["query_string"], ())
        name: str = request.path_params["page"]
        document = Document("ldes-page", _STREAM, (("page", name),))
        return await reads.response(request, document, headers=_lasting(name))

    async def atom(request: Request) -> Response:
        arguments = parameters_from(request.scope["query_string"], ("page",))
        headers = _lasting(arguments["page"]) if arguments else _GROWING
        document = Document("atom", _ATOM, tuple(arguments.items()))
        return await reads.response(request, document, headers=headers)

    def _lasting(name: str) -> dict[str, str]:
        """Say how long a page lasts: for ever, when it is full."""
        history, _, number = name.rpartition("-")
        generation = reads.generation
        is_full = (
            history == generation.history
            and number.isascii()
            and number.isdigit()
            and len(number) <= 12
            and int(number) < generation.entries // PAGE_ENTRIES
        )
        return _FIXED if is_full else _GROWING

    return [
        Route("/ldes", stream, methods=["GET"]),
        Route("/ldes/{page}", page, methods=["GET"]),
        Route("/feed.atom", atom, methods=["GET"]),
    ]
