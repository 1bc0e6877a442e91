"""`/`, where people begin, and the files that all pages share."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from graph.publishing.document import Document
from server.compression import choose_coding, compressed
from server.pages import JSON, STATIC, page_at
from server.places import place_of
from server.problems import COMMON_HEADERS

if TYPE_CHECKING:
    from starlette.requests import Request

    from server.reads import Reads

_UNCHANGING = "public, max-age=31536000, immutable"
"""A file that changes has another address: its version is in it."""


def home_pages(reads: Reads) -> list[BaseRoute]:
    """Return the route of the first page."""

    async def home(request: Request) -> Response:
        language = (("language", place_of(request).language),)
        document = Document("home", (JSON,), language)
        return await reads.response(request, page_at(request, document, "home.html"))

    return [Route("/", home, methods=["GET"])]


def static_routes() -> list[BaseRoute]:
    """Return the route of the files that pages load."""

    async def static(request: Request) -> Response:
        name: str = request.path_params["name"]
        if (file := STATIC.find(name)) is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        is_unchanging = STATIC.is_unchanging(name, request.query_params.get("v", ""))
        headers = {
            **COMMON_HEADERS,
            "Cache-Control": _UNCHANGING if is_unchanging else "no-cache",
            "Vary": "Accept-Encoding",
        }
        coding = choose_coding(request.headers.get("accept-encoding", ""), len(file.content))
        if coding is None:
            return Response(file.content, headers=headers, media_type=file.media_type)
        if coding not in file.coded:
            file.coded[coding] = await compressed(file.content, coding)
        headers["Content-Encoding"] = coding
        return Response(file.coded[coding], headers=headers, media_type=file.media_type)

    return [Route("/static/{name}", static, methods=["GET"])]
