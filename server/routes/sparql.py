"""`/sparql`: queries by GET, form, direct POST and QUERY; without a query, what the service is."""

import html
from http import HTTPStatus

from fastapi import Request, Response
from starlette.routing import BaseRoute, Route

from graph.service_description import ServiceDescription
from server.negotiate import choose
from server.problems import COMMON_HEADERS
from server.protocol import (
    ACCEPT_QUERY,
    BadProtocolRequest,
    Received,
    asks_for_description,
    check_head,
    has_body,
    operation_from_request,
)
from server.reads import VARY, Reads, accepted, offers_of
from server.settings import Settings

_METHODS = ["GET", "HEAD", "POST", "QUERY", "OPTIONS"]
_PREFLIGHT_HEADERS = {
    **COMMON_HEADERS,
    **ACCEPT_QUERY,
    "Allow": ", ".join(_METHODS),
    "Access-Control-Allow-Methods": ", ".join(_METHODS),
    "Access-Control-Allow-Headers": "Accept, Content-Type, If-None-Match",
    "Access-Control-Max-Age": "86400",
}
_HTML = "text/html; charset=utf-8"
_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Metapole SPARQL endpoint</title>
<h1>Metapole SPARQL endpoint</h1>
<p>Programs send queries to <code>{endpoint}</code>;
with <code>Accept: text/turtle</code> it describes itself.</p>
<form>
<p><label for="query">Query</label></p>
<p><textarea id="query" name="query" rows="12" cols="80" spellcheck="false" required>
SELECT * WHERE {{ ?subject ?property ?value }} LIMIT 10</textarea></p>
<p><button>Ask</button></p>
</form>
</html>
"""


def sparql_routes(settings: Settings, reads: Reads) -> list[BaseRoute]:
    """Return the routes of the SPARQL endpoint."""
    description = ServiceDescription(settings.sparql_url, settings.default_graph)

    async def endpoint(request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=HTTPStatus.NO_CONTENT, headers=_PREFLIGHT_HEADERS)
        received = await _received(request, settings.max_body_bytes)
        if not asks_for_description(received):
            operation = operation_from_request(received, settings.max_query_bytes)
            query = await reads.query(request, operation)
            return await reads.response(request, query, body=received.body, headers=ACCEPT_QUERY)
        if choose(accepted(request), [*offers_of(description), _HTML]) == _HTML:
            return _page(settings)
        return await reads.response(request, description, headers=ACCEPT_QUERY)

    return [Route("/sparql", endpoint, methods=_METHODS)]


def _page(settings: Settings) -> Response:
    """Return a page for people, until there is an editor."""
    endpoint = html.escape(settings.sparql_url)
    headers = {
        **COMMON_HEADERS,
        **ACCEPT_QUERY,
        "Content-Security-Policy": "default-src 'none'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'",
        "Vary": VARY,
        "Cache-Control": "no-cache",
    }
    return Response(_PAGE.format(endpoint=endpoint), headers=headers, media_type=_HTML)


async def _received(request: Request, max_body_bytes: int) -> Received:
    content_type = request.headers.get("content-type")
    content_encoding = request.headers.get("content-encoding")
    body = b""
    if has_body(request.method):
        check_head(content_type, content_encoding)
        body = await _body(request, max_body_bytes)
    query_string: bytes = request.scope["query_string"]
    return Received(request.method, query_string, content_type, content_encoding, body)


async def _body(request: Request, limit: int) -> bytes:
    """Read the body, but no more than *limit* bytes of it."""
    announced = request.headers.get("content-length", "0")
    body = bytearray()
    if announced.isdecimal() and int(announced) <= limit:
        async for piece in request.stream():
            body += piece
            if len(body) > limit:
                break
        else:
            return bytes(body)
    raise BadProtocolRequest(
        f"the body is longer than {limit} bytes; send a shorter query",
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    )
