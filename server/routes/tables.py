"""Tables: `/data/{table}.{csv,json,geojson,xlsx}`, what they mean, and what else is made of rows.

The address without a suffix is answered in the format that the client likes best.
"""

from __future__ import annotations

import re
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Route

from graph.publishing.document import Document
from graph.publishing.tables.files import (
    MAPPED,
    METADATA,
    QUERY,
    WHOLE,
    files_of_table,
    formats_of_table,
)
from server.protocol import parameters_from
from server.turns import long_answer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from graph.publishing.tables.offered import Table
    from server.reads import Reads
    from server.settings import Settings

LONG_TRIPLES = 1_000_000
"""From how many triples on all rows of a kind take long; what is shorter is kept for who asks."""

_OF_ADDRESSES = ":/?#[]@!$&'()*+,;=%"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def tables_routes(settings: Settings, reads: Reads) -> list[BaseRoute]:
    """Return the routes of tables and of what else is made of rows."""
    root = f"{settings.public_url.rstrip('/')}/data/"
    licence = quote(settings.publisher.licence, safe=_OF_ADDRESSES)

    def of_table(table: Table) -> list[BaseRoute]:
        async def negotiated(request: Request) -> Response:
            return await answer(request, None)

        async def named(request: Request) -> Response:
            return await answer(request, request.path_params["extension"])

        async def answer(request: Request, extension: str | None) -> Response:
            asked = parameters_from(request.scope["query_string"], ["asof"])
            arguments = (*settings.publisher.arguments, *asked.items())
            files = files_of_table(table, arguments)
            document = files.get(extension) if extension else _negotiable(table, arguments)
            if document is None:
                raise HTTPException(
                    HTTPStatus.NOT_FOUND,
                    f"the table of {table.titles[0]} is there as {', '.join(files)}; there is no "
                    "other file of it",
                )
            links = _links(root, table, files, asked.get("asof", ""))
            headers = {"Link": f'<{licence}>; rel="license", {links}'}
            return await send(request, document, headers, "*/*" if extension else None)

        return [
            Route(f"/data/{table.name}", negotiated, methods=["GET"]),
            Route(f"/data/{table.name}.{{extension}}", named, methods=["GET"]),
        ]

    def of_all(document: Document) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            parameters_from(request.scope["query_string"], [])
            arguments = (*settings.publisher.arguments, *document.arguments)
            return await send(request, replace(document, arguments=arguments), {}, "*/*")

        return answer

    async def send(
        request: Request, document: Document, headers: Mapping[str, str], accept: str | None
    ) -> Response:
        if (reads.generation.union_triples or 0) < LONG_TRIPLES:
            return await reads.response(request, document, headers=headers, accept=accept)
        document = replace(document, is_long=True)
        return await long_answer(request, reads, document, headers, accept)

    return [
        *(route for table in MAPPED for route in of_table(table)),
        *(Route(f"/data/{name}", of_all(each), methods=["GET"]) for name, each in WHOLE.items()),
    ]


def _negotiable(table: Table, arguments: tuple[tuple[str, str], ...]) -> Document:
    return Document("table", formats_of_table(table), (("table", table.name), *arguments))


def _links(root: str, table: Table, files: Mapping[str, Document], day: str) -> str:
    """Return where the meaning, the query and the other files of *table* are (RFC 8288)."""
    query = f"?asof={day}" if _DAY.fullmatch(day) else ""
    links: list[str] = []
    for extension, document in files.items():
        (each,) = document.formats
        relation = {METADATA: "describedby", QUERY: "via"}.get(each, "alternate")
        address = f"{root}{table.name}.{extension}{query}"
        links.append(f'<{address}>; rel="{relation}"; type="{each.media_type}"')
    return ", ".join(links)
