"""`/sparql?explain&query=...`: what is done with a query before it is evaluated, and by whom."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from starlette.responses import Response

from graph.publishing.document import Document
from server.pages import HTML, JSON, page_at
from server.problems import COMMON_HEADERS
from server.reads import VARY
from server.streaming import while_connected

if TYPE_CHECKING:
    from starlette.requests import Request

    from graph.explaining import Explanation
    from graph.query import Engine, Operation
    from server.protocol import Fields
    from server.reads import Reads

_TEMPLATE = "explain.html"
_NEVER_KEPT = {"Cache-Control": "no-store", "Vary": VARY}


def asks_for_explanation(fields: Fields) -> bool:
    """Tell whether a request with *fields* asks what is done with its query."""
    return "explain" in fields


class Explaining:
    """Explains queries, to programs and to people."""

    def __init__(self, engine: Engine, reads: Reads) -> None:
        self._engine = engine
        self._reads = reads

    async def values(self, request: Request, operation: Operation) -> Response:
        """Return what is done with *operation*, as JSON."""
        content = _written(await self._explained(request, operation))
        headers = {**COMMON_HEADERS, **_NEVER_KEPT}
        return Response(content, headers=headers, media_type=JSON.media_type)

    async def page(self, request: Request, operation: Operation) -> Response:
        """Return a page about it."""
        explanation = await self._explained(request, operation)
        page = page_at(request, Document("editor", (JSON,)), _TEMPLATE, section="sparql")
        body = await self._reads.shown(page, _written(explanation), explanation.generation)
        headers = {**COMMON_HEADERS, **page.headers, **_NEVER_KEPT}
        return Response(body, headers=headers, media_type=HTML.media_type)

    async def _explained(self, request: Request, operation: Operation) -> Explanation:
        query = await self._reads.query(request, operation)
        work = self._engine.explain(query)
        return await while_connected(request.scope, request.receive, work)


def _written(explanation: Explanation) -> bytes:
    return json.dumps(explanation.as_values(), ensure_ascii=False).encode()
