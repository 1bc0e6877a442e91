"""A page is a query is a file: the routes of a page whose document tells the query behind it.

The page is at `/path`; what its query finds, as a file, is at `/path.csv` and the other endings of
answers. Both take the same parameters.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Route

from graph.formats import FORMATS, format_named
from graph.publishing.document import Document
from graph.query import Operation
from server.pages import JSON, page_at
from server.places import place_of
from server.protocol import parameters_from

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from server.pages import Complete
    from server.reads import Reads

_BY_EXTENSION = {each.extension: each for each in FORMATS} | {
    name: format_named(name) for name in ("json", "xml")
}


@dataclass(frozen=True, slots=True)
class SitePage:
    """A page at *path*, made by *template* of what *writer* says.

    Its address takes the parameters *once* and *many*, the latter several times each (the values
    are then joined by ends of line); the writer gets them as arguments, and `language`, and what
    *path* has in braces.
    """

    path: str
    writer: str
    template: str
    once: tuple[str, ...] = ()
    many: tuple[str, ...] = ()
    section: str = ""
    """Which place in the navigation it belongs to."""
    given: tuple[tuple[str, str], ...] = ()
    """Arguments of the writer that no address says."""
    searches: bool = False
    """Names are searched for it."""
    is_volatile: bool = False
    """The same generation may show otherwise next time."""
    complete: Callable[[Document], Complete] | None = None
    """Returns what adds to a document of the writer what comes from elsewhere."""


def site_page_routes(reads: Reads, page: SitePage) -> list[BaseRoute]:
    """Return the routes of *page*: that of the file first, for the other takes any ending."""

    async def html(request: Request) -> Response:
        words = {"section": page.section} if page.section else {}
        document = _document(request, page)
        shown = page_at(request, document, page.template, **words)
        if page.complete:
            shown = replace(shown, complete=page.complete(document))
        return await reads.response(request, shown)

    async def file(request: Request) -> Response:
        document = _document(request, page)
        content, _ = await reads.values(document)
        query = await reads.query(request, Operation(_query_in(content)))
        there = {name: each for name, each in _BY_EXTENSION.items() if each.kind == query.kind}
        extension: str = request.path_params["extension"]
        if extension not in there:
            raise HTTPException(
                HTTPStatus.NOT_FOUND,
                f"there is no such file; this page can be had with the endings {', '.join(there)}",
            )
        spoken = {"Content-Language": place_of(request).language}
        media_type = there[extension].media_type
        return await reads.response(request, query, headers=spoken, accept=media_type)

    return [
        Route(f"{page.path}.{{extension}}", file, methods=["GET"]),
        Route(page.path, html, methods=["GET"]),
    ]


def _query_in(content: bytes) -> str:
    """Return the query that a page tells; 404 for a page that tells none."""
    told = json.loads(content).get("tools", {})
    if "query" not in told:
        raise HTTPException(
            HTTPStatus.NOT_FOUND, "there is nothing to put into a file yet; see the page itself"
        )
    return told["query"]


def _document(request: Request, page: SitePage) -> Document:
    asked = parameters_from(request.scope["query_string"], page.once, page.many)
    named = {name: value for name, value in request.path_params.items() if name != "extension"}
    language = {"language": place_of(request).language}
    arguments = asked | named | language | dict(page.given)
    sorted_arguments = tuple(sorted(arguments.items()))
    return Document(
        page.writer,
        (JSON,),
        sorted_arguments,
        searches=page.searches,
        is_volatile=page.is_volatile,
    )
