"""The pages about key figures, and their charts as pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

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
_ANY = "*/*"


def figure_pages(settings: Settings, reads: Reads) -> list[BaseRoute]:
    """Return the routes of the pages about figures, and of their charts as pictures."""
    charts = _Charts(settings, reads)
    return [
        *(
            Route(f"/figures/{{indicator}}.{name}", charts.answer(name), methods=["GET"])
            for name in ("svg", "png")
        ),
        *(route for page in _PAGES for route in site_page_routes(reads, page)),
    ]


class _Charts:
    def __init__(self, settings: Settings, reads: Reads) -> None:
        self._home = f"{settings.public_url.rstrip('/')}/"
        self._publisher = settings.publisher
        self._reads = reads

    def answer(self, name: str) -> Callable[[Request], Awaitable[Response]]:
        """Return what answers with a chart in the format called *name*."""
        taken = (*_CHOICE, "width") if name == "png" else _CHOICE

        async def chart(request: Request) -> Response:
            asked = parameters_from(request.scope["query_string"], taken)
            said = {**asked, **self._words(request, asked)}
            document = Document("figure-chart", (format_named(name),), tuple(sorted(said.items())))
            return await self._reads.response(request, document, accept=_ANY)

        return chart

    def _words(self, request: Request, asked: Mapping[str, str]) -> dict[str, str]:
        """Return what is to stand below a chart, in the language of its address."""
        language = place_of(request).language
        say, indicator = messages(language), str(request.path_params["indicator"])
        query = urlencode({key: asked[key] for key in _CHOICE if asked.get(key)})
        prefix = "" if language == "en" else f"{language}/"
        address = f"{self._home}{prefix}figures/{quote(indicator)}{'?' if query else ''}{query}"
        licence = self._publisher.licence_code or self._publisher.licence
        source = f"{self._publisher.name}. {say['pictures']['licence']} {licence}. "
        caption = (
            say["figures"]["marks"],
            f"{source}{say['pictures']['generation']} {address}",
        )
        return {
            "indicator": indicator,
            "language": language,
            "caption": "\n".join(caption),
            "lacking": say["pictures"]["lacking"],
        }
