"""`/sparql`: queries by GET, form, direct POST and QUERY, updates by POST; else what there is."""

import asyncio
from dataclasses import replace
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from graph.query import Operation
from graph.service_description import ServiceDescription
from graph.writing.wishes import Update
from server.bodies import body_of, too_long
from server.editor import EditorPage
from server.explaining import Explaining, asks_for_explanation
from server.problems import COMMON_HEADERS
from server.protocol import (
    ACCEPT_QUERY,
    FORM,
    UPDATE,
    Fields,
    Received,
    asks_for_description,
    check_head,
    fields_of,
    has_body,
    operation_from_request,
    short_fields_from,
)
from server.reads import Reads
from server.settings import Settings
from server.writes import Writes

_METHODS = ["GET", "HEAD", "POST", "QUERY", "OPTIONS"]
_PREFLIGHT_HEADERS = {
    **COMMON_HEADERS,
    **ACCEPT_QUERY,
    "Allow": ", ".join(_METHODS),
    "Access-Control-Allow-Methods": ", ".join(_METHODS),
    "Access-Control-Allow-Headers": "Accept, Content-Type, If-None-Match",
    "Access-Control-Max-Age": "86400",
}
_ADVICE = "send a shorter query, or an update with a token and its Content-Length"
_READ_HERE_BYTES = 8 * 1024
"""What is longer, a form or a target, is decoded in a thread: others go on meanwhile."""


def sparql_routes(
    settings: Settings, reads: Reads, writes: Writes, editor: EditorPage, explaining: Explaining
) -> list[Route]:
    """Return the routes of the SPARQL endpoint."""
    federates = bool(settings.federation.endpoints)
    description = ServiceDescription(settings.sparql_url, settings.default_graph, federates)

    async def endpoint(request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=HTTPStatus.NO_CONTENT, headers=_PREFLIGHT_HEADERS)
        if editor.is_for(request):
            return await editor.response(request)
        received = await _received(request, settings, writes)
        if asks_for_description(received):
            return await reads.response(request, description, headers=ACCEPT_QUERY)
        fields, operation = await _read(received, settings)
        if isinstance(operation, Update):
            author = writes.author_of_update(request, fields)
            return await writes.update(request, operation, author)
        if asks_for_explanation(fields):
            return await explaining.values(request, operation)
        query = await reads.query(request, operation)
        return await reads.response(request, query, body=received.body, headers=ACCEPT_QUERY)

    return [Route("/sparql", endpoint, methods=_METHODS)]


async def _received(request: Request, settings: Settings, writes: Writes) -> Received:
    """Receive a request; its body only as far as its headers and its author make that worth it."""
    query_string: bytes = request.scope["query_string"]
    content_type = request.headers.get("content-type")
    content_encoding = request.headers.get("content-encoding")
    head = Received(request.method, query_string, content_type, content_encoding)
    if not has_body(request.method):
        return head
    limit, announced = settings.max_body_bytes, request.headers.get("content-length", "")
    length = int(announced) if announced.isdecimal() else 0
    body_type = check_head(head)
    is_long_form = body_type == FORM and length > limit and "authorization" in request.headers
    if body_type == UPDATE or is_long_form:
        writes.author_of_update(request, short_fields_from(query_string))
        limit = settings.max_update_bytes * (3 if is_long_form else 1)
    if length > limit:
        raise too_long(limit, _ADVICE)
    return replace(head, body=await body_of(request, limit, _ADVICE))


async def _read(received: Received, settings: Settings) -> tuple[Fields, Operation | Update]:
    def read() -> tuple[Fields, Operation | Update]:
        fields, limits = fields_of(received), (settings.max_query_bytes, settings.max_update_bytes)
        return fields, operation_from_request(received, fields, *limits)

    size = len(received.query_string) + len(received.body)
    return await asyncio.to_thread(read) if size > _READ_HERE_BYTES else read()
