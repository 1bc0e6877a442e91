"""The pages about key figures, and their charts as pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import BaseRoute, Route

from graph.formats import format_named
from graph.publishing.document import Document
from server.places import place_of
from server.protocol import parameters_from
from server.site_pages import SitePage, site_page_routes

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from server.reads import Reads

_CHOICE = ("asof", "country")
_PAGES = (
    SitePage("/figures", "indicators", "indicators.html", section="figures"),
    SitePage(
        "/figures/{indicator}",
        "indicator",
        "indicator.html",
        once=(*_CHOICE, "page"),
        section="figures",
    ),
)
_SVG = format_named("svg")


def figure_pages(reads: Reads) -> list[BaseRoute]:
    """Return the routes of the pages about figures."""

    async def chart(request: Request) -> Response:
        asked = parameters_from(request.scope["query_string"], _CHOICE)
        named = {
            "indicator": request.path_params["indicator"],
            "language": place_of(request).language,
        }
        document = Document("figure-chart", (_SVG,), tuple(sorted((asked | named).items())))
        return await reads.response(request, document, accept=_SVG.media_type)

    return [
        Route("/figures/{indicator}.svg", chart, methods=["GET"]),
        *(route for page in _PAGES for route in site_page_routes(reads, page)),
    ]
