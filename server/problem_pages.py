"""A problem as a page, for who reads pages: the same document in a template.

Programs get the problem document. Which of the two a client is, its `Accept` header says: browsers
name HTML, and like nothing better; curl and most libraries name nothing.
"""

from __future__ import annotations

import asyncio
import json
import logging
from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders

from server.negotiate import UnreadableAccept, wishes_from
from server.pages import page_headers
from server.places import place_asked_for

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from server.pages import Templates

_PROBLEM = b"application/problem+json"
_METHODS = ("GET", "HEAD", "POST")
"""POST is what a form sends; programs name no HTML."""
_HTML = ("text/html", "application/xhtml+xml")
_LOG = logging.getLogger("metapole.server")


class ProblemPages:
    """An ASGI application around another, whose problem documents it shows as pages.

    The status and the headers stay as they are.
    """

    def __init__(self, app: ASGIApp, templates: Templates) -> None:
        self._app = app
        self._templates = templates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application does (ASGI)."""
        if scope["type"] == "http" and scope["method"] in _METHODS and _reads_pages(scope):
            send = _Shown(scope, send, self._templates)
        await self._app(scope, receive, send)


def prefers_page(accept: str) -> bool:
    """Tell whether who sends *accept* names HTML, and names nothing that it likes better."""
    try:
        wishes = wishes_from(accept)
    except UnreadableAccept:
        return False
    named = {f"{each.range.type}/{each.range.subtype}": each.quality for each in wishes}
    best = max((named.get(name, 0.0) for name in _HTML), default=0.0)
    return best > 0 and best == max(named.values())


class _Shown:
    """Where an answer is sent; a problem waits until it is whole, and goes on as a page."""

    def __init__(self, scope: Scope, send: Send, templates: Templates) -> None:
        self._words = dict(place_asked_for(scope).words)
        self._send = send
        self._templates = templates
        self._start: Message | None = None
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_problem(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._finish(self._start)

    async def _finish(self, start: Message) -> None:
        body = bytes(self._body)
        try:
            # In a thread: the first page has to load what makes pages.
            page = await asyncio.to_thread(
                self._templates.about_problem, json.loads(body), self._words
            )
        except Exception:
            _LOG.exception("the page about a problem could not be made")
        else:
            body = page
            self._change(start, len(page))
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body})

    def _change(self, start: Message, length: int) -> None:
        headers = MutableHeaders(scope=start)
        headers.update(page_headers(self._words))
        headers["Content-Type"] = "text/html; charset=utf-8"
        headers["Content-Length"] = str(length)
        headers.add_vary_header("Accept")


def _reads_pages(scope: Scope) -> bool:
    accept = b", ".join(value for name, value in scope["headers"] if name == b"accept")
    return b"html" in accept.lower() and prefers_page(accept.decode("latin-1"))


def _is_problem(start: Message) -> bool:
    return any(
        name == b"content-type" and value.startswith(_PROBLEM) for name, value in start["headers"]
    )
