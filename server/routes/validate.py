"""`/validate`: what the shapes say of a file that is sent, together with the data; nothing is kept.

The file is judged as if it were posted to the graph store. With `?graph=IRI` it is judged as if it
were put in the place of that graph, whose name is the base of its relative IRIs.
"""

import json
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from graph.formats import formats_of
from graph.gate.validator import Verdict
from graph.query import Engine
from server.auth import Tokens, authorise, presented_by
from server.negotiate import choose
from server.problems import COMMON_HEADERS
from server.protocol import BadProtocolRequest, short_fields_from
from server.reads import accepted, not_acceptable
from server.routes.graphs import graph_from_query
from server.scopes import Scope
from server.settings import Settings
from server.streaming import while_connected
from server.uploads import MULTIPART, TAKEN, checked_head, spooled

_JSON = "application/json"
_OFFERS = [*(each.media_type for each in formats_of("graph")), _JSON]
_PREFLIGHT_HEADERS = {
    **COMMON_HEADERS,
    "Accept-Post": ", ".join([*TAKEN, MULTIPART]),
    "Allow": "OPTIONS, POST",
    "Access-Control-Allow-Methods": "OPTIONS, POST",
    "Access-Control-Allow-Headers": "Accept, Content-Type",
    "Access-Control-Max-Age": "86400",
}


def validation_routes(settings: Settings, engine: Engine, tokens: Tokens | None) -> list[BaseRoute]:
    """Return the route of the validator."""

    async def validate(request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=HTTPStatus.NO_CONTENT, headers=_PREFLIGHT_HEADERS)
        request.scope["metapole.operation"] = "validation"
        accept = accepted(request)
        if (media_type := choose(accept, _OFFERS)) is None:
            return not_acceptable(accept, _OFFERS)
        graph = _graph(request, settings)
        limit = _limit(request, settings, tokens)
        head = checked_head(request.headers, limit, may_have_parts=True)
        async with spooled(request.stream(), head, engine.spool, limit) as parts:
            base_iri = graph or f"{settings.public_url.rstrip('/')}/validate"
            work = engine.accept_upload(parts, graph, base_iri, is_kept=False)
            content = await while_connected(request.scope, request.receive, work)
            try:
                wanted = None if media_type == _JSON else media_type
                judging = engine.validate(content, replaces=graph, media_type=wanted)
                verdict = await while_connected(request.scope, request.receive, judging)
            finally:
                content.unlink(missing_ok=True)
        return _answer(verdict, media_type)

    return [Route("/validate", validate, methods=["POST", "OPTIONS"])]


def _graph(request: Request, settings: Settings) -> str | None:
    query: bytes = request.scope["query_string"]
    if not query:
        return None
    graph = graph_from_query(query, settings.graphs_url).name
    if graph is None:
        raise BadProtocolRequest(
            "a file is not judged in the place of the default graph; send ?graph= with the "
            "percent-encoded IRI of another one, or nothing, and it is judged as an addition"
        )
    return graph


def _limit(request: Request, settings: Settings, tokens: Tokens | None) -> int:
    """Return how long the body may be: for who shows a token, as long as one that is stored."""
    if tokens is None or "authorization" not in request.headers:
        return settings.max_body_bytes
    fields = short_fields_from(request.scope["query_string"])
    presented = presented_by(request.scope["headers"])
    authorise(presented, Scope("read"), tokens, settings.public_url, fields)
    return settings.max_upload_bytes


def _answer(verdict: Verdict, media_type: str) -> Response:
    """Return the report: conforming or not, it is what was asked for."""
    headers = {
        **COMMON_HEADERS,
        "Cache-Control": "no-store",
        "Vary": "Accept",
        "Server-Timing": f"shapes;dur={verdict.milliseconds:.1f}",
    }
    if not verdict.is_complete:
        headers["X-Truncated"] = "findings"
    if media_type != _JSON:
        return Response(verdict.report, headers=headers, media_type=media_type)
    return Response(json.dumps(_plain(verdict), ensure_ascii=False), headers=headers,
                    media_type=_JSON)  # fmt: skip


def _plain(verdict: Verdict) -> dict[str, Any]:
    return {
        "conforms": verdict.conforms,
        "nodes": verdict.nodes,
        "complete": verdict.is_complete,
        "findings": [dict(finding) for finding in verdict.findings],
    }
