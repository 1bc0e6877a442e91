"""The map and the network: their pages, and the same as pictures that stand for themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.routing import BaseRoute, Route

from graph.formats import format_named
from graph.publishing.document import Document
from server.messages import messages
from server.places import place_of
from server.protocol import parameters_from
from server.site_pages import SitePage, site_page_routes

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from server.reads import Reads
    from server.settings import Settings

_MAP = SitePage(
    "/map", "map-page", "map.html", ("asof",), ("country", "sector", "label"), section="map"
)
_NETWORK = SitePage(
    "/network",
    "network-page",
    "network.html",
    ("asof", "country", "focus", "from", "sector", "to", "with"),
    ("kind",),
    section="network",
)
_GEOJSON = format_named("geojson")
_BASE_MAP = Document("base-map", (_GEOJSON,))
_ANY = "*/*"


def picture_pages(settings: Settings, reads: Reads) -> list[BaseRoute]:
    """Return the routes of the pages, and of their pictures, which other files come after."""
    pictures = _Pictures(settings, reads)
    return [
        *(
            Route(f"{page.path}.{name}", pictures.answer(page, name), methods=["GET"])
            for page in (_MAP, _NETWORK)
            for name in ("svg", "png")
        ),
        Route("/map.geojson", pictures.places, methods=["GET"]),
        *site_page_routes(reads, _MAP),
        *site_page_routes(reads, _NETWORK),
    ]


def base_map_routes(reads: Reads) -> list[BaseRoute]:
    """Return the route of the outlines of countries that maps are drawn on."""

    async def base_map(request: Request) -> Response:
        parameters_from(request.scope["query_string"], [])
        return await reads.response(request, _BASE_MAP, accept=_ANY)

    return [Route("/map/base.json", base_map, methods=["GET"])]


class _Pictures:
    def __init__(self, settings: Settings, reads: Reads) -> None:
        self._home = f"{settings.public_url.rstrip('/')}/"
        self._publisher = settings.publisher
        self._reads = reads

    def answer(self, page: SitePage, name: str) -> Callable[[Request], Awaitable[Response]]:
        """Return what answers with the picture of *page* in the format called *name*."""
        writer = page.writer.replace("page", "picture")
        sized = ("width",) if name == "png" else ()

        async def picture(request: Request) -> Response:
            query = request.scope["query_string"]
            asked = parameters_from(query, (*page.once, *sized), page.many)
            asked |= self._words(request, page, asked)
            document = Document(writer, (format_named(name),), tuple(sorted(asked.items())))
            return await self._reads.response(request, document, accept=_ANY)

        return picture

    async def places(self, request: Request) -> Response:
        """Answer with the places of the map, for programs that draw it."""
        asked = parameters_from(request.scope["query_string"], _MAP.once, _MAP.many)
        asked |= {"language": place_of(request).language}
        document = Document("map-places", (_GEOJSON,), tuple(sorted(asked.items())))
        return await self._reads.response(request, document, accept=_ANY)

    def _words(self, request: Request, page: SitePage, asked: Mapping[str, str]) -> dict[str, str]:
        """Return what is to stand around a picture, in the language of its address."""
        place = place_of(request)
        say = messages(place.language)["pictures"]
        prefix = "" if place.language == "en" else f"{place.language}/"
        query = urlencode(
            [(name, each) for name in asked if name != "width" for each in asked[name].split("\n")]
        )
        address = f"{self._home}{prefix}{page.section}{'?' if query else ''}{query}"
        licence = self._publisher.licence_code or self._publisher.licence
        name = page.section
        caption = [
            say[f"{name}_caption"],
            *([say["base_map"]] if name == "map" else []),
            f"{self._publisher.name}. {say['licence']} {licence}. {say['generation']} {address}",
        ]
        return {
            "language": place.language,
            "title": say[f"{name}_title"],
            "caption": "\n".join(caption),
            "lacking": say["lacking"],
        }
