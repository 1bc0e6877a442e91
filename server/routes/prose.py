"""Pages of prose: how to ask in SPARQL, what this is, how it is made to be read by everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import BaseRoute, Route

from graph.publishing.document import Document
from server.pages import JSON, page_at
from server.protocol import parameters_from

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from server.reads import Reads

_WRITERS = {"help": "help", "about": "about", "accessibility": "about"}
"""What writes the document of each page."""


def prose_pages(reads: Reads) -> list[BaseRoute]:
    """Return the routes of these pages."""
    return [
        Route(f"/{name}", _answer(reads, name, writer), methods=["GET"])
        for name, writer in _WRITERS.items()
    ]


def _answer(reads: Reads, name: str, writer: str) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        parameters_from(request.scope["query_string"], ())
        page = page_at(request, Document(writer, (JSON,)), f"{name}.html")
        return await reads.response(request, page)

    return answer
