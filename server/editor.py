"""`/sparql` for people: a page with a query, and with what it finds if it was asked.

It works without scripts: the form asks by GET, the answer is made here, a mistake is shown in its
line. Whoever names no HTML gets what SPARQL says.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from graph.errors import GraphError
from graph.publishing.document import Document
from graph.query import Engine, Operation
from server.explaining import Explaining, asks_for_explanation
from server.pages import HTML, JSON, page_at
from server.places import place_of
from server.problem_pages import prefers_page
from server.problems import COMMON_HEADERS, TITLES, status_of
from server.protocol import (
    ACCEPT_QUERY,
    BadProtocolRequest,
    Received,
    fields_of,
    operation_from_request,
)
from server.reads import VARY, Reads, accepted

if TYPE_CHECKING:
    from starlette.requests import Request

    from server.protocol import Fields
    from server.settings import Settings

_TEMPLATE = "editor.html"
_PLACE = re.compile(r"line (\d+), column (\d+)(?:: (.*))?", re.DOTALL)
_CONTEXT_LINES = 2
_LONGEST_LINE = 400


@dataclass(frozen=True, slots=True)
class Mistake:
    """Where a text is no query, and why."""

    message: str
    line: int = 0
    column: int = 0


def mistake_in(message: str) -> Mistake:
    """Return what *message* says, and at what place of the text if it names one."""
    place = _PLACE.match(message)
    if place is None:
        return Mistake(message)
    return Mistake(place[3] or message, int(place[1]), int(place[2]))


class EditorPage:
    """Answers who reads pages."""

    def __init__(self, settings: Settings, engine: Engine, reads: Reads) -> None:
        self._settings = settings
        self._engine = engine
        self._reads = reads
        self._explaining = Explaining(engine, reads)

    def is_for(self, request: Request) -> bool:
        """Tell whether *request* is that of who reads pages."""
        accept = accepted(request)
        # Most who ask are programs, and name no HTML: they shall not wait for the rest.
        is_named = request.method in ("GET", "HEAD") and "html" in accept
        return is_named and prefers_page(accept)

    async def response(self, request: Request) -> Response:
        """Answer *request* with the page, whose status is that of the query."""
        text = ""
        try:
            received = Received(request.method, request.scope["query_string"])
            fields = fields_of(received)
            text = next(iter(fields.get("query", [])), "")
            if text.strip() and asks_for_explanation(fields):
                return await self._explaining.page(request, self._operation(received, fields))
            document = await self._document(request, received, fields)
            page = page_at(request, document, _TEMPLATE, section="sparql")
            return await self._reads.response(request, page, accept="text/html", headers=_HEADERS)
        except (GraphError, BadProtocolRequest) as error:
            return await self._explained(request, text, error)

    async def operation(self, request: Request) -> Operation:
        """Return the query in the address of *request*."""
        received = Received(request.method, request.scope["query_string"])
        return self._operation(received, fields_of(received))

    def _operation(self, received: Received, fields: Fields) -> Operation:
        limits = (self._settings.max_query_bytes, self._settings.max_update_bytes)
        operation = operation_from_request(received, fields, *limits)
        if not isinstance(operation, Operation):
            raise BadProtocolRequest("updates are sent by POST; send a query")
        return operation

    async def _document(self, request: Request, received: Received, fields: Fields) -> Document:
        language = ("language", place_of(request).language)
        if not any(text.strip() for text in fields.get("query", [])):
            return Document("editor", (JSON,), (language,))
        operation = self._operation(received, fields)
        query = await self._reads.query(request, operation)
        job = json.dumps(self._engine.question_of(query), sort_keys=True)
        return Document(
            "editor",
            (JSON,),
            (("job", job), language, ("text", operation.text)),
            generation=operation.generation,
            is_volatile=query.is_volatile,
            searches=query.searches,
            federation=query.federation,
        )

    async def _explained(
        self, request: Request, text: str, error: GraphError | BadProtocolRequest
    ) -> Response:
        """Return the page with the query, and what is wrong with it."""
        status, title = _told(error)
        page = page_at(request, Document("editor", (JSON,)), _TEMPLATE, section="sparql")
        values = {"query": text, "title": "", "mistake": _mistake_values(text, title, str(error))}
        content = json.dumps(values).encode()
        body = await self._reads.shown(page, content, self._reads.generation)
        headers = {**COMMON_HEADERS, **page.headers, "Cache-Control": "no-store", "Vary": VARY}
        more = error.headers if isinstance(error, BadProtocolRequest) else {}
        if status == HTTPStatus.SERVICE_UNAVAILABLE:
            more = {"Retry-After": "5"}
        return Response(body, status, {**headers, **more}, HTML.media_type)


_HEADERS = {**ACCEPT_QUERY, "Vary": VARY}


def _told(error: GraphError | BadProtocolRequest) -> tuple[HTTPStatus, str]:
    if isinstance(error, BadProtocolRequest):
        return error.status, error.status.phrase
    kind = next(kind for kind in type(error).__mro__ if kind in TITLES)
    return status_of(error), TITLES[kind]


def _mistake_values(text: str, title: str, message: str) -> dict[str, Any]:
    mistake = mistake_in(message)
    shown: dict[str, Any] = {"title": title, "message": mistake.message, "line": 0, "lines": []}
    lines = text.split("\n")
    if 0 < mistake.line <= len(lines):
        first = max(mistake.line - _CONTEXT_LINES, 1)
        shown["line"], shown["column"] = mistake.line, mistake.column
        shown["lines"] = [
            {"number": number, "text": lines[number - 1].rstrip("\r")[:_LONGEST_LINE]}
            for number in range(first, mistake.line + 1)
        ]
        # A tab before the place is as wide below it.
        before = lines[mistake.line - 1][: mistake.column - 1][:_LONGEST_LINE]
        shown["indent"] = "".join("\t" if each == "\t" else " " for each in before)
    return shown
