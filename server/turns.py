"""Answers that take long: how many of them a client may have at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.fairness import TURN, TooMuch, Turn, refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from graph.publishing.document import Document
    from server.reads import Reads

_NO_PARTS = {"Accept-Ranges": "none"}
"""What is made while it is sent has no parts to ask for (Range)."""


async def long_answer(
    request: Request,
    reads: Reads,
    document: Document,
    headers: Mapping[str, str],
    accept: str | None,
) -> Response:
    """Answer with *document*, which takes long, unless the client has enough of these."""
    turn: Turn = request.scope.get(TURN) or Turn()
    try:
        turn.take_dump()
    except TooMuch as error:
        return refused(request.scope, error)
    headers = {**_NO_PARTS, **headers}
    response = await reads.response(request, document, headers=headers, accept=accept)
    turn.leave()
    return response
