"""Short bodies, which are read as a whole: of a type that is known, and not too long."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from server.negotiate import media_type
from server.protocol import BadProtocolRequest, refuse_charset, refuse_coding

if TYPE_CHECKING:
    from starlette.requests import Request


async def body_of(request: Request, most: int, advice: str) -> bytes:
    """Return the body of *request*; one of more than *most* bytes is refused, with *advice*."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > most:
            raise too_long(most, advice)
    return bytes(body)


def too_long(most: int, advice: str) -> BadProtocolRequest:
    """Return the refusal of a request that has more than *most* bytes."""
    return BadProtocolRequest(
        f"the request is longer than {most} bytes; {advice}", HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    )


def type_of(request: Request, *known: str) -> str:
    """Return of which of the *known* types the body is; another one is refused, unread."""
    refuse_coding(request.headers.get("content-encoding"))
    found = media_type(request.headers.get("content-type", ""))
    name = f"{found.type}/{found.subtype}" if found else ""
    if found is None or name not in known:
        raise BadProtocolRequest(
            f"the body is not of the type {' or '.join(known)}; send it so",
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        )
    refuse_charset(found)
    return name
