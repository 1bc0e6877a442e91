"""`/ogc`: clusters and areas for programs that make maps (OGC API Features 1.0, core)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import BaseRoute, Route

from graph.formats import format_named
from graph.publishing.document import Document
from server.negotiate import choose
from server.pages import HTML, JSON, page_at
from server.places import place_of
from server.protocol import BadProtocolRequest, parameters_from, refuse_control
from server.reads import accepted, not_acceptable

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from graph.formats import Format
    from server.reads import Reads
    from server.settings import Settings

_GEOJSON = format_named("geojson")
_PARTS: dict[str, tuple[str, Format]] = {
    "": ("landing", JSON),
    "/": ("landing", JSON),  # so some clients write the address of an API
    "/conformance": ("conformance", JSON),
    "/api": ("api", format_named("openapi")),
    "/collections": ("collections", JSON),
    "/collections/{collection}": ("collection", JSON),
    "/collections/{collection}/items": ("items", _GEOJSON),
    "/collections/{collection}/items/{feature:path}": ("item", _GEOJSON),
}
"""What is at each path, and its format beside HTML."""
_SELECTING = ("limit", "offset", "bbox", "datetime")
_HTML_TYPE = f"{HTML.media_type}; charset=utf-8"
_ON_A_PAGE = "25"
"""How many features a page for people shows, unless its address says so."""


def features_pages(settings: Settings, reads: Reads) -> list[BaseRoute]:
    """Return the routes of OGC API Features, whose pages are there in every language."""

    def route(path: str, part: str, own: Format) -> BaseRoute:
        taken = ("f", *_SELECTING) if part == "items" else ("f",)
        offers = [own.media_type, own.generic_media_type or own.media_type, _HTML_TYPE]

        async def answer(request: Request) -> Response:
            asked = parameters_from(request.scope["query_string"], taken)
            named: dict[str, str] = request.path_params
            for name, value in named.items():
                refuse_control(value, f"the name of the {name}")
            accept = _accept(asked.pop("f", None), own) or accepted(request)
            if (chosen := choose(accept, list(dict.fromkeys(offers)))) is None:
                return not_acceptable(accept, offers)
            if part == "items" and chosen == _HTML_TYPE:
                asked.setdefault("limit", _ON_A_PAGE)
            told = settings.publisher.arguments
            arguments = (*told, ("part", part), *named.items(), *sorted(asked.items()))
            if chosen == _HTML_TYPE:
                spoken = (*arguments, ("language", place_of(request).language))
                document = Document("features", (JSON,), spoken)
                words = {"part": part, "collection": named.get("collection", "")}
                page = page_at(request, document, "features.html", section="data", **words)
                return await reads.response(request, page, accept=HTML.media_type)
            document = Document("features", (own,), arguments)
            return await reads.response(request, document, accept=chosen)

        return Route(f"/ogc{path}", answer, methods=["GET"])

    return [route(path, part, own) for path, (part, own) in _PARTS.items()]


def _accept(wished: str | None, own: Format) -> str | None:
    """Return what the parameter `f` says is accepted; None when it is not there."""
    if wished is None:
        return None
    if wished not in ("json", "html"):
        raise BadProtocolRequest(f"'f' is {wished[:40]!a}; send json or html, or leave it out")
    return own.media_type if wished == "json" else HTML.media_type
