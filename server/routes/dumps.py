"""Dumps: files of all that the store holds, or of one graph, and what to check them by.

    /data/metapole.nq.zst              a dump, in the format that its name says
    /data/metapole.nq.zst.sha256       its checksum
    /data/checksums.txt, .json         those of all dumps

A dump is made while it is sent, so it has no parts to ask for (Range).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.routing import BaseRoute, Route

from graph.publishing.dumps.offered import (
    ANNOTATED,
    OF_ONE_GRAPH,
    WHOLE,
    Dump,
    all_checksums,
    checksum_of,
    dump_called,
)
from server.protocol import generation_from, parameters_from
from server.turns import long_answer

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from graph.publishing.document import Document
    from server.reads import Reads
    from server.settings import Settings

_CHECKSUM = ".sha256"


def dump_routes(settings: Settings, reads: Reads) -> list[BaseRoute]:
    """Return the routes of dumps."""
    data_url = f"{settings.public_url.rstrip('/')}/data/"

    async def dump(request: Request) -> Response:
        name: str = request.scope["path"].partition("/data/")[2]
        found = dump_called(name.removesuffix(_CHECKSUM), data_url)
        if name.endswith(_CHECKSUM):
            return await send(request, checksum_of(found))
        return await send(request, found.document(), {"Content-Disposition": _disposition(found)})

    async def sums(request: Request) -> Response:
        return await send(request, all_checksums(request.scope["path"].rpartition(".")[2]))

    async def send(
        request: Request, document: Document, headers: dict[str, str] | None = None
    ) -> Response:
        asked = parameters_from(request.scope["query_string"], ["generation"])
        generation = generation_from({name: [value] for name, value in asked.items()})
        document = replace(document, generation=generation)
        return await long_answer(request, reads, document, headers or {}, "")

    files = [
        f"/data/{WHOLE}.{{rest}}",
        f"/data/{ANNOTATED}.{{rest}}",
        f"/data/{OF_ONE_GRAPH}{{rest:path}}",
    ]
    return [
        *(Route(path, dump, methods=["GET"]) for path in files),
        *(Route(f"/data/checksums.{each}", sums, methods=["GET"]) for each in ("txt", "json")),
    ]


def _disposition(dump: Dump) -> str:
    """Return how a browser is told what to call the file (RFC 6266)."""
    name = quote(dump.file_name, safe="")
    if name == dump.file_name:
        return f'attachment; filename="{name}"'
    return f"attachment; filename*=UTF-8''{name}"
