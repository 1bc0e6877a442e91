"""What describes the data: VoID, the catalogue, the profile, questions, citations, the sitemap.

`/data/catalogue` in a browser is the page `/data`, and `/data` for a program is the catalogue.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Route

from graph.formats import Format, format_named, formats_of
from graph.publishing.document import Document
from server.choosing import chosen_format, see_other
from server.pages import HTML, JSON, page_at
from server.places import place_of
from server.protocol import parameters_from
from server.reads import accepted, not_acceptable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from graph.query import Engine
    from server.reads import Reads
    from server.settings import Settings

_RDF = formats_of("graph")
_BY_EXTENSION = {each.extension: each for each in _RDF}
_PAGE_FIRST, _PAGE_LAST = (HTML, *_RDF), (*_RDF, HTML)
_ANY = "*/*"


def catalogue_pages(settings: Settings, engine: Engine, reads: Reads) -> list[BaseRoute]:
    """Return the routes of the pages about the data."""
    routes = _Routes(settings, engine, reads)
    return [
        Route("/data", routes.data, methods=["GET"]),
        Route("/data/catalogue/{dataset:path}", routes.dataset, methods=["GET"]),
    ]


def catalogue_routes(settings: Settings, engine: Engine, reads: Reads) -> list[BaseRoute]:
    """Return the routes of all that describes the data."""
    routes = _Routes(settings, engine, reads)
    single = {
        "/data/citation.cff": ("citation", "citation"),
        "/data/citation.bib": ("bibtex", "bibtex"),
        "/sitemap.xml": ("sitemap-index", "sitemap"),
        "/robots.txt": ("robots", "plain-text"),
    }
    return [
        Route("/.well-known/void", routes.negotiated("void"), methods=["GET"]),
        Route("/data/catalogue", routes.catalogue, methods=["GET"]),
        Route("/data/catalogue.{extension}", routes.catalogue_file, methods=["GET"]),
        *(
            route
            for name in ("profile", "questions")
            for route in (
                Route(f"/data/{name}", routes.negotiated(name), methods=["GET"]),
                Route(f"/data/{name}.{{extension}}", routes.file(name), methods=["GET"]),
            )
        ),
        *(
            Route(path, routes.single(writer, name), methods=["GET"])
            for path, (writer, name) in single.items()
        ),
        Route("/sitemap-{part}.xml", routes.sitemap, methods=["GET"]),
    ]


class _Routes:
    def __init__(self, settings: Settings, engine: Engine, reads: Reads) -> None:
        self._home = f"{settings.public_url.rstrip('/')}/"
        self._engine = engine
        self._reads = reads
        self._publisher = settings.publisher

    def negotiated(self, writer: str) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            parameters_from(request.scope["query_string"], [])
            return await self._reads.response(request, self._document(writer, _RDF))

        return answer

    def file(self, writer: str) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            parameters_from(request.scope["query_string"], [])
            document = self._document(writer, (_format(request, writer),))
            return await self._reads.response(request, document, accept=_ANY)

        return answer

    def single(self, writer: str, name: str) -> Callable[[Request], Awaitable[Response]]:
        document = self._document(writer, (format_named(name),))

        async def answer(request: Request) -> Response:
            parameters_from(request.scope["query_string"], [])
            return await self._reads.response(request, document, accept=_ANY)

        return answer

    async def data(self, request: Request) -> Response:
        """Answer with the page; who reads no pages is sent on to the catalogue."""
        if (wish := chosen_format(request, _PAGE_FIRST)) is None:
            return not_acceptable(accepted(request), [each.media_type for each in _PAGE_FIRST])
        if wish == HTML:
            return await self._page(request, "catalogue-page", "data.html", ("page",))
        return see_other(f"{self._home}data/catalogue")

    async def catalogue(self, request: Request) -> Response:
        """Answer with the catalogue; who reads pages is sent on to the page."""
        if chosen_format(request, _PAGE_LAST) == HTML:
            return see_other(f"{self._home}data")
        return await self._catalogue(request, "data/catalogue", _RDF, None)

    async def catalogue_file(self, request: Request) -> Response:
        """Answer with the catalogue in the format that the address names."""
        chosen = _format(request, "catalogue")
        path = f"data/catalogue.{chosen.extension}"
        return await self._catalogue(request, path, (chosen,), _ANY)

    async def _catalogue(
        self, request: Request, path: str, formats: tuple[Format, ...], accept: str | None
    ) -> Response:
        asked = parameters_from(request.scope["query_string"], ["page"])
        document = self._document("catalogue", formats, path=path, kept=self._kept, **asked)
        links = [f'<{self._home}data>; rel="describedby"; type="text/html"']
        if len(formats) > 1:
            links += [
                f'<{self._home}{path}.{each.extension}>; rel="alternate"; type="{each.media_type}"'
                for each in formats
            ]
        headers = {"Link": ", ".join(links)}
        return await self._reads.response(request, document, headers=headers, accept=accept)

    async def dataset(self, request: Request) -> Response:
        """Answer with what the catalogue says of one dataset, or with a page about it."""
        path: bytes = request.scope["raw_path"]
        try:
            slug = path.partition(b"/data/catalogue/")[2].decode("ascii")
        except UnicodeDecodeError:
            slug = ""
        if (wish := chosen_format(request, _PAGE_LAST)) == HTML:
            writer, template = "catalogue-dataset-page", "dataset.html"
            return await self._page(request, writer, template, (), dataset=slug)
        parameters_from(request.scope["query_string"], [])
        formats = (wish,) if wish else _RDF
        document = self._document("catalogue-dataset", formats, dataset=slug, kept=self._kept)
        return await self._reads.response(request, document)

    async def sitemap(self, request: Request) -> Response:
        """Answer with one part of the sitemap."""
        parameters_from(request.scope["query_string"], [])
        formats = (format_named("sitemap"),)
        document = self._document("sitemap", formats, part=request.path_params["part"])
        return await self._reads.response(request, document, accept=_ANY)

    async def _page(
        self,
        request: Request,
        writer: str,
        template: str,
        taken: tuple[str, ...],
        **arguments: str,
    ) -> Response:
        asked = parameters_from(request.scope["query_string"], taken)
        language = place_of(request).language
        document = self._document(writer, (JSON,), language=language, **arguments, **asked)
        page = page_at(request, document, template, section="data")
        return await self._reads.response(request, page)

    @property
    def _kept(self) -> str:
        return " ".join(map(str, self._engine.kept_numbers))

    def _document(self, writer: str, formats: tuple[Format, ...], **arguments: str) -> Document:
        return Document(writer, formats, (*self._publisher.arguments, *arguments.items()))


def _format(request: Request, name: str) -> Format:
    """Return the format that the end of the address names."""
    extension: str = request.path_params["extension"]
    if extension in _BY_EXTENSION:
        return _BY_EXTENSION[extension]
    raise HTTPException(
        HTTPStatus.NOT_FOUND,
        f"there is no such file; /data/{name} is there with the endings {', '.join(_BY_EXTENSION)}",
    )
