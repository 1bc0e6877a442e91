"""`/`, where people begin, and the files that all pages share."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from graph.publishing.document import Document
from server.pages import JSON, WEB, Page
from server.problems import COMMON_HEADERS

if TYPE_CHECKING:
    from starlette.requests import Request

    from server.reads import Reads

_HOME = Page(Document("about", (JSON,)), "home.html")
_STATIC_HEADERS = {**COMMON_HEADERS, "Cache-Control": "public, max-age=3600"}
_MEDIA_TYPES = {".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}


def home_routes(reads: Reads) -> list[BaseRoute]:
    """Return the routes of the first page and of static files."""
    files = {
        path.name: (path.read_bytes(), _MEDIA_TYPES[path.suffix])
        for path in sorted((WEB / "static").iterdir())
        if path.suffix in _MEDIA_TYPES
    }

    async def home(request: Request) -> Response:
        return await reads.response(request, _HOME)

    async def static(request: Request) -> Response:
        name: str = request.path_params["name"]
        if name not in files:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        content, media_type = files[name]
        return Response(content, headers=_STATIC_HEADERS, media_type=media_type)

    return [Route("/", home, methods=["GET"]), Route("/static/{name}", static, methods=["GET"])]
