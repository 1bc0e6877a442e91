"""The ontology: pages about its terms, schemes and shapes, and the same as files.

`def#Term` is an IRI with a fragment, so a client asks for `/def`. It is sent on to the page, where
every term is a part with its name as id, or to a file.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Route

from graph.formats import format_named
from graph.publishing.document import Document
from graph.publishing.ontology.links import (
    links_of_file,
    links_of_ontology,
    links_of_scheme,
    links_of_shapes,
)
from graph.publishing.ontology.offers import FILE_FORMATS, FILES
from server.choosing import chosen_format, see_other
from server.pages import HTML, JSON, page_at
from server.protocol import parameters_from
from server.reads import accepted, not_acceptable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.requests import Request
    from starlette.responses import Response

    from graph.publishing.things.links import Link
    from server.pages import Page
    from server.reads import Reads
    from server.settings import Settings

_RDF = tuple(format_named(name) for name in FILE_FORMATS)
_HEADER = Document("ontology-header", (JSON,))
_LINKSET = Document("ontology-linkset", (format_named("linkset-json"), format_named("linkset")))


def ontology_pages(settings: Settings, reads: Reads) -> list[BaseRoute]:
    """Return the routes of the pages about the ontology."""
    pages = _Pages(f"{settings.public_url.rstrip('/')}/", reads)
    return [
        Route("/ontology", pages.ontology, methods=["GET"]),
        Route("/ontology/shapes", pages.shapes, methods=["GET"]),
        Route("/ontology/network", pages.network, methods=["GET"]),
        Route("/ontology/term/{term}", pages.term, methods=["GET"]),
        Route("/ontology/{scheme}", pages.scheme, methods=["GET"]),
    ]


def ontology_routes(settings: Settings, reads: Reads) -> list[BaseRoute]:
    """Return the routes of the files of the ontology, and of the IRIs of its terms."""
    pages = _Pages(f"{settings.public_url.rstrip('/')}/", reads)
    return [
        *(Route(f"/{path}", pages.file, methods=["GET"]) for path in FILES),
        Route("/def", pages.terms, methods=["GET"]),
        Route("/def/{major:int}.{minor:int}.{patch:int}", pages.version, methods=["GET"]),
        Route("/ontology/linkset", pages.linkset, methods=["GET"]),
        Route("/ontology.{extension}", pages.unknown_file, methods=["GET"]),
        Route("/ontology/{name}.{extension}", pages.unknown_file, methods=["GET"]),
    ]


class _Pages:
    """What is answered at the addresses of the ontology, of a server that is found at *home*."""

    def __init__(self, home: str, reads: Reads) -> None:
        self._home = home
        self._reads = reads

    async def file(self, request: Request) -> Response:
        path = request.url.path.removeprefix("/")
        document = FILES[path]
        accept = document.formats[0].media_type
        headers = _header(links_of_file(path, self._home))
        return await self._reads.response(request, document, headers=headers, accept=accept)

    async def linkset(self, request: Request) -> Response:
        return await self._reads.response(request, _LINKSET)

    async def terms(self, request: Request) -> Response:
        if (wish := chosen_format(request, (HTML, *_RDF))) is None:
            return not_acceptable(accepted(request), _offers())
        suffix = "" if wish == HTML else f".{wish.extension}"
        return see_other(f"{self._home}ontology{suffix}")

    async def version(self, request: Request) -> Response:
        said, _ = await self._reads.values(_HEADER)
        asked = request.url.path.rpartition("/")[2]
        if (here := json.loads(said)["about"]["version"]) != [asked]:
            raise _not_found(
                f"the ontology here is of version {', '.join(here)}, not {asked}; "
                f"it is found at {self._home}ontology"
            )
        return see_other(f"{self._home}ontology")

    async def ontology(self, request: Request) -> Response:
        if (wish := chosen_format(request, (HTML, *_RDF))) is None:
            return not_acceptable(accepted(request), _offers())
        links = links_of_ontology(self._home)
        if wish == HTML:
            page = _page(request, "ontology-page", "ontology.html")
            return await self._answer(request, page, links)
        document = Document("ontology", (wish,))
        return await self._reads.response(request, document, headers=_header(links))

    async def scheme(self, request: Request) -> Response:
        name: str = request.path_params["scheme"]
        page = _page(request, "scheme-page", "scheme.html", (("scheme", name),))
        return await self._answer(request, page, links_of_scheme(name, self._home))

    async def network(self, request: Request) -> Response:
        return await self._reads.response(
            request, _page(request, "ontology-network", "ontology_network.html")
        )

    async def term(self, request: Request) -> Response:
        arguments = (("term", request.path_params["term"]),)
        page = _page(request, "ontology-term", "ontology_term.html", arguments)
        return await self._reads.response(request, page)

    async def shapes(self, request: Request) -> Response:
        page = _page(request, "shapes-page", "shapes.html")
        return await self._answer(request, page, links_of_shapes(self._home))

    async def unknown_file(self, request: Request) -> Response:
        there = ", ".join(f"/{path}" for path in FILES)
        raise _not_found(f"there is no {request.url.path[:200]!a}; there are {there}")

    async def _answer(self, request: Request, page: Page, links: list[Link]) -> Response:
        return await self._reads.response(request, page, headers=_header(links))


def _offers() -> list[str]:
    return [each.media_type for each in (HTML, *_RDF)]


def _page(
    request: Request, writer: str, template: str, arguments: tuple[tuple[str, str], ...] = ()
) -> Page:
    parameters_from(request.scope["query_string"], [])
    return page_at(request, Document(writer, (JSON,), arguments), template)


def _header(links: Iterable[Link]) -> dict[str, str]:
    return {"Link": ", ".join(link.written() for link in links)}


def _not_found(what: str) -> HTTPException:
    return HTTPException(HTTPStatus.NOT_FOUND, what)
