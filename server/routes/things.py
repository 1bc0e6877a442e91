"""Things and concepts: their IRIs, the pages about them, and the files.

`/id/{type}/{slug}` leads to the page `/{type}/{slug}` or to a file `/data/{type}/{slug}.ttl`, and
`/def/{scheme}/{concept}` to the page of the scheme or to a file. These routes come last: every
address with two parts may be the page of a thing.
"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from graph.addresses import iri_at
from graph.errors import MovedThing, UnknownThing, UnwritableAnswer
from graph.formats import Format, format_named
from graph.publishing.document import Document
from graph.publishing.things.formats import THING_FORMATS
from graph.publishing.things.links import Addresses, Card
from graph.source_texts import SourceTexts
from server.naming import EXTENSIONS, LINKSET, name_at
from server.negotiate import choose, wishes_from
from server.pages import HTML, JSON, page_at
from server.places import place_of
from server.problems import COMMON_HEADERS
from server.reads import accepted, not_acceptable, offers_of
from server.source_pages import with_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.requests import Request

    from graph.publishing.things.links import Link
    from server.naming import Kind, Naming
    from server.reads import Reads
    from server.settings import Settings

_FORMATS = {each.extension: each for each in THING_FORMATS}
_WITH_GRAPHS = ("nquads", "trig")
_LINKSETS = (format_named("linkset-json"), format_named("linkset"))


def thing_pages(settings: Settings, reads: Reads) -> list[BaseRoute]:
    """Return the route of the pages about things."""
    public_url = f"{settings.public_url.rstrip('/')}/"
    things = _Things(public_url, settings.publisher.licence, reads, settings.sources)
    return [Route("/{type}/{slug}", things.page, methods=["GET"])]


def thing_routes(settings: Settings, reads: Reads) -> list[BaseRoute]:
    """Return the routes of the IRIs of things and concepts, and of the files about them."""
    public_url = f"{settings.public_url.rstrip('/')}/"
    things = _Things(public_url, settings.publisher.licence, reads)
    routes = {
        "/id/{name:path}": things.name,
        "/def/{name:path}": things.concept,
        "/data/{name:path}": things.data,
    }
    return [Route(path, endpoint, methods=["GET"]) for path, endpoint in routes.items()]


class _Things:
    def __init__(
        self, public_url: str, licence: str, reads: Reads, sources: SourceTexts | None = None
    ) -> None:
        self._public_url = public_url
        self._complete = partial(with_text, sources or SourceTexts())
        self._told = (("licence", licence),)
        self._reads = reads

    async def name(self, request: Request) -> Response:
        """Send who asks for a thing itself on to a page or a file (Cool URIs, 4.2)."""
        return await self._see_other(request, _named("id", request))

    async def concept(self, request: Request) -> Response:
        """Send who asks for a scheme or a concept on."""
        return await self._see_other(request, _named("def", request))

    async def page(self, request: Request) -> Response:
        """Answer with the page about a thing."""
        named = _named("page", request)
        addresses = self._addresses(named, await self._card(named))
        writer, template = ("thing-page", "thing.html")
        if named.is_listing:
            writer, template = ("thing-statements", "statements.html")
        part = (("part", named.part),) if named.part != "1" else ()
        language = ("language", place_of(request).language)
        document = Document(writer, (JSON,), (*named.arguments, *part, language))
        page = replace(page_at(request, document, template), complete=self._complete)
        return await self._reads.response(request, page, headers=_header(addresses.of_page()))

    async def data(self, request: Request) -> Response:
        """Answer with a file, or with what the client likes best."""
        named = _named("data", request)
        card = await self._card(named)
        if named.extension == LINKSET:
            return await self._linkset(request, named)
        formats, accept = _without_graphs(request, _formats(card)), None
        if named.extension:
            formats = (_wanted(named, _formats(card)),)
            accept = formats[0].media_type
        links = self._addresses(named, card).of_file(named.extension)
        document = _document(named, formats)
        return await self._reads.response(request, document, headers=_header(links), accept=accept)

    async def _linkset(self, request: Request, named: Naming) -> Response:
        """Answer with the typed links around a thing, even who does not know what they are."""
        document = Document("linkset", _LINKSETS, (*named.arguments, *self._told))
        accept = accepted(request)
        is_known = choose(accept, list(offers_of(document)))
        return await self._reads.response(request, document, accept=accept if is_known else "*/*")

    async def _see_other(self, request: Request, named: Naming) -> Response:
        card = await self._card(named)
        formats = _without_graphs(request, _formats(card))
        offers = offers_of(Document("resource", (HTML, *formats)))
        accept = accepted(request)
        if (chosen := choose(accept, list(offers))) is None:
            return not_acceptable(accept, list(offers))
        addresses, wish = self._addresses(named, card), offers[chosen]
        target = addresses.page if wish == HTML else addresses.file(wish.extension)
        headers = {"Location": target, "Vary": "Accept", "Cache-Control": "no-cache"}
        links = _header(addresses.of_page())
        return Response(
            status_code=HTTPStatus.SEE_OTHER, headers={**COMMON_HEADERS, **headers, **links}
        )

    async def _card(self, named: Naming) -> Card:
        """Return the card of the thing that is named; raise what is wrong with its name."""
        card = Document("resource-card", (JSON,), (*named.arguments, *self._told))
        try:
            content, _ = await self._reads.values(card)
        except MovedThing as error:
            raise MovedThing(str(error), self._new_address(named, error.address)) from error
        except UnknownThing as error:
            if not named.stray:
                raise
            raise UnknownThing(
                f"there are no files with the extension .{named.stray}; the file about a thing "
                f"has one of {', '.join(EXTENSIONS)}",
                error.suggestions,
            ) from error
        return Card.of(json.loads(content))

    def _addresses(self, named: Naming, card: Card) -> Addresses:
        return Addresses(card, self._public_url, int(named.page), named.day or "")

    def _new_address(self, named: Naming, address: str) -> str:
        """Return where the same is found of the thing at *address*, which has another name."""
        card = Card(iri_at(address, self._public_url))
        addresses = Addresses(card, self._public_url, int(named.page), named.day or "")
        match named.kind:
            case "page":
                return addresses.page
            case "data" if named.extension == LINKSET:
                return addresses.linkset
            case "data":
                return addresses.file(named.extension)
            case _:
                return addresses.name


def _named(kind: Kind, request: Request) -> Naming:
    request.scope["metapole.operation"] = "document"
    path: bytes = request.scope["raw_path"]
    if kind == "page":
        path = f"/{place_of(request).path}".encode("latin-1")
    return name_at(kind, path, request.scope["query_string"])


def _document(named: Naming, formats: tuple[Format, ...]) -> Document:
    return Document("resource", formats, named.arguments)


def _formats(card: Card) -> tuple[Format, ...]:
    return tuple(_FORMATS[extension] for extension, _ in card.formats)


def _without_graphs(request: Request, formats: tuple[Format, ...]) -> tuple[Format, ...]:
    """Return *formats* without those that have graphs, if the client names others of RDF, too.

    Clients that follow links name all, like N-Quads best, and look into the default graph, where
    nothing is then.
    """
    plain = tuple(each for each in formats if each.name not in _WITH_GRAPHS)
    ranges = (wish.range for wish in wishes_from(accepted(request)) if wish.quality > 0)
    named = {f"{each.type}/{each.subtype}" for each in ranges}
    is_flexible = any(each.kind == "graph" and each.media_type in named for each in plain)
    return plain if is_flexible else formats


def _wanted(named: Naming, formats: tuple[Format, ...]) -> Format:
    """Return the format that the address names, if the thing can be had in it."""
    wanted = _FORMATS[named.extension]
    if wanted not in formats:
        there = ", ".join(f".{each.extension}" for each in formats)
        raise UnwritableAnswer(f"{named.iri} has no .{named.extension}; it has {there}")
    return wanted


def _header(links: Iterable[Link]) -> dict[str, str]:
    return {"Link": ", ".join(link.written() for link in links)}
