"""Search: `/search`, suggestions while somebody types, and what browsers need to offer it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from graph.publishing.document import Document
from server.pages import JSON
from server.places import place_of
from server.problems import COMMON_HEADERS
from server.protocol import parameters_from
from server.site_pages import SitePage, site_page_routes

if TYPE_CHECKING:
    from starlette.requests import Request

    from server.reads import Reads

_PAGE = SitePage(
    "/search", "search", "search.html", ("q", "page"), ("kind",), "search", searches=True
)
_FOR_A_WHILE = {"Cache-Control": "public, max-age=60"}
"""What is suggested may be a minute old: it is asked for at every letter."""

_OPENSEARCH = """<?xml version="1.0" encoding="UTF-8"?>
<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">
  <ShortName>Metapole</ShortName>
  <Description>Industrial clusters and all that is known of them</Description>
  <InputEncoding>UTF-8</InputEncoding>
  <OutputEncoding>UTF-8</OutputEncoding>
  <Url type="text/html" method="get" template="{root}search?q={{searchTerms}}"/>
  <Url type="application/opensearchdescription+xml" rel="self" template="{root}opensearch.xml"/>
  <Query role="example" searchTerms="automotive"/>
</OpenSearchDescription>
"""


def search_pages(reads: Reads) -> list[BaseRoute]:
    """Return the routes of the page of results, and of suggestions."""

    async def suggest(request: Request) -> Response:
        asked = parameters_from(request.scope["query_string"], ("q",))
        arguments = {"language": place_of(request).language, **asked}
        document = Document("suggestions", (JSON,), tuple(sorted(arguments.items())), searches=True)
        return await reads.response(request, document, headers=_FOR_A_WHILE, accept="*/*")

    return [
        Route("/search/suggest.json", suggest, methods=["GET"]),
        *site_page_routes(reads, _PAGE),
    ]


def opensearch_routes(public_url: str) -> list[BaseRoute]:
    """Return the route of what tells browsers how to search here (OpenSearch 1.1)."""
    content = _OPENSEARCH.format(root=escape(f"{public_url.rstrip('/')}/", {'"': "&quot;"}))
    headers = {**COMMON_HEADERS, "Cache-Control": "public, max-age=86400"}

    async def description(_: Request) -> Response:
        return Response(
            content, headers=headers, media_type="application/opensearchdescription+xml"
        )

    return [Route("/opensearch.xml", description, methods=["GET"])]
