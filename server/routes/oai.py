"""`/oai`: OAI-PMH 2.0, by GET and by POST of a form; errors are the protocol's own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from starlette.routing import BaseRoute, Route

from graph.formats import format_named
from graph.publishing.document import Document
from server.bodies import body_of
from server.protocol import FORM, BadProtocolRequest, fields_from, refuse_coding, short_fields_from

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from server.reads import Reads
    from server.settings import Settings

_FORMAT = format_named("plain-xml")
_MOST_BYTES = 16 * 1024


def oai_routes(settings: Settings, reads: Reads) -> list[BaseRoute]:
    """Return the route of OAI-PMH."""

    async def endpoint(request: Request) -> Response:
        body = b""
        if request.method == "POST":
            body = await _form(request)
            fields = fields_from(body)
        else:
            fields = short_fields_from(request.scope["query_string"])
        said = ("fields", json.dumps(fields, sort_keys=True))
        arguments = (*settings.publisher.arguments, said)
        document = Document("oai", (_FORMAT,), arguments)
        # Whatever a harvester says that it accepts: the protocol knows one answer.
        return await reads.response(request, document, body=body, accept="text/xml")

    return [Route("/oai", endpoint, methods=["GET", "POST"])]


async def _form(request: Request) -> bytes:
    refuse_coding(request.headers.get("content-encoding"))
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM:
        raise BadProtocolRequest(f"the body is {kind[:100]!a}; send the arguments as {FORM}")
    return await body_of(request, _MOST_BYTES, "send a shorter form")
