"""Tables: `/data/{table}.{csv,json,geojson,xlsx}`, what they mean, and what else is made of rows.

The address without a suffix is answered in the format that the client likes best.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Route

from graph.formats import Format, format_named
from graph.publishing.document import Document
from graph.publishing.tables import PLACES, TABLES, Table
from graph.publishing.tables_metadata import LICENCE
from server.protocol import parameters_from

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from server.reads import Reads
    from server.settings import Settings

_FORMATS = tuple(format_named(name) for name in ("plain-csv", "plain-json", "geojson", "xlsx"))
_GEOJSON = (format_named("geojson"),)
_METADATA = format_named("csv-metadata")
_QUERY = format_named("sparql")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

WHOLE: Mapping[str, Document] = {
    "metapole.xlsx": Document("tables", (format_named("xlsx"),)),
    "csv-metadata.json": Document("csv-metadata", (_METADATA,)),
    "datapackage.json": Document("datapackage", (format_named("datapackage"),)),
    "network.graphml": Document("network", (format_named("graphml"),)),
    "events.ics": Document("calendar", (format_named("icalendar"),)),
}
"""What is made of all rows of a kind, by its name under `/data`."""


def tables_routes(settings: Settings, reads: Reads) -> list[BaseRoute]:
    """Return the routes of tables and of what else is made of rows."""
    root = f"{settings.public_url.rstrip('/')}/data/"

    def table_routes(table: Table, formats: tuple[Format, ...]) -> list[BaseRoute]:
        files = {each.extension: Document("table", (each,)) for each in formats}
        files[_QUERY.extension] = Document("table-query", (_QUERY,))
        files[_METADATA.extension] = Document("csv-metadata", (_METADATA,))
        if table is PLACES:
            del files[_METADATA.extension]

        async def negotiated(request: Request) -> Response:
            return await answer(request, Document("table", formats), None)

        async def named(request: Request) -> Response:
            extension: str = request.path_params["extension"]
            if (document := files.get(extension)) is None:
                raise HTTPException(
                    HTTPStatus.NOT_FOUND,
                    f"the table of {table.titles[0]} is there as {', '.join(files)}; there is no "
                    "other file of it",
                )
            return await answer(request, document, "*/*")

        async def answer(request: Request, document: Document, accept: str | None) -> Response:
            asked = parameters_from(request.scope["query_string"], ["asof"])
            arguments = (("table", table.name), *asked.items())
            found = Document(document.writer, document.formats, arguments)
            headers = {"Link": _links(root, table, files, asked)}
            return await reads.response(request, found, headers=headers, accept=accept)

        return [
            Route(f"/data/{table.name}", negotiated, methods=["GET"]),
            Route(f"/data/{table.name}.{{extension}}", named, methods=["GET"]),
        ]

    def whole(document: Document) -> object:
        async def answer(request: Request) -> Response:
            parameters_from(request.scope["query_string"], [])
            return await reads.response(request, document, accept="*/*")

        return answer

    return [
        *(route for table in TABLES.values() for route in table_routes(table, _FORMATS)),
        *table_routes(PLACES, _GEOJSON),
        *(
            Route(f"/data/{name}", whole(document), methods=["GET"])  # pyright: ignore[reportArgumentType] -- a function of a request
            for name, document in WHOLE.items()
        ),
    ]


def _links(root: str, table: Table, files: Mapping[str, Document], asked: Mapping[str, str]) -> str:
    """Return where the meaning, the query and the other files of *table* are (RFC 8288)."""
    day = f"?asof={asked['asof']}" if _DAY.fullmatch(asked.get("asof", "")) else ""
    links = [f'<{LICENCE}>; rel="license"']
    for extension, document in files.items():
        (each,) = document.formats
        relation = {_METADATA: "describedby", _QUERY: "via"}.get(each, "alternate")
        address = f"{root}{table.name}.{extension}{day}"
        links.append(f'<{address}>; rel="{relation}"; type="{each.media_type}"')
    return ", ".join(links)
