"""`/sparql`: queries by GET, by form and by direct POST."""

import hashlib
from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from graph.formats import Format, formats_of
from graph.query import Answer, Engine, Operation
from server.negotiate import choose
from server.problems import COMMON_HEADERS, problem
from server.protocol import BadProtocolRequest, Received, check_head, operation_from_request
from server.settings import Settings
from server.streaming import AnswerResponse, while_connected

_PREFLIGHT_HEADERS = {
    **COMMON_HEADERS,
    "Allow": "GET, HEAD, POST, OPTIONS",
    "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Accept, Content-Type, If-None-Match",
    "Access-Control-Max-Age": "86400",
}
_TEXT_TYPES = ("text/", "application/n-", "application/trig")


def sparql_routes(settings: Settings, engine: Engine) -> APIRouter:
    """Return the routes of the SPARQL endpoint."""
    router = APIRouter()

    @router.api_route("/sparql", methods=["GET", "HEAD", "POST"])
    async def query(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction] -- the router has it
        """Answer a SPARQL query."""
        received = await _received(request, settings.max_body_bytes)
        operation = operation_from_request(received, settings.max_query_bytes)
        return await _Exchange(request, engine, operation).response()

    @router.options("/sparql")
    async def preflight() -> Response:  # pyright: ignore[reportUnusedFunction] -- the router has it
        """Let pages of other origins ask (CORS)."""
        return Response(status_code=HTTPStatus.NO_CONTENT, headers=_PREFLIGHT_HEADERS)

    return router


class _Exchange:
    """One operation, and the headers of the request that matter to its answer."""

    def __init__(self, request: Request, engine: Engine, operation: Operation) -> None:
        self._request = request
        self._engine = engine
        self._operation = operation
        self._reading = operation.reading

    async def response(self) -> Response:
        """Answer, with as little work as the request allows."""
        offers = _offers(formats_of(self._reading.kind))
        accept = ", ".join(self._request.headers.getlist("accept"))
        if (chosen := choose(accept, list(offers))) is None:
            return _not_acceptable(accept, list(offers))
        if self._is_known_to_client(chosen):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=self._headers(chosen))
        with_body = self._request.method != "HEAD"
        answer = await while_connected(
            self._request.receive,
            self._engine.answer(self._operation, offers[chosen], evaluate=with_body),
        )
        return AnswerResponse(answer, self._headers(chosen, answer), with_body=with_body)

    def _is_known_to_client(self, content_type: str) -> bool:
        if self._request.method == "POST" or self._reading.is_volatile:
            return False
        known = [tag.strip() for tag in self._request.headers.get("if-none-match", "").split(",")]
        tag = self._entity_tag(content_type)
        return "*" in known or tag in known or tag.removeprefix("W/") in known

    def _headers(self, content_type: str, answer: Answer | None = None) -> dict[str, str]:
        generation = answer.generation if answer else self._engine.generation
        headers = {
            **COMMON_HEADERS,
            "Content-Type": content_type,
            "Vary": "Accept",
            "X-Generation": str(generation.number),
        }
        if self._reading.is_volatile:
            return {**headers, "Cache-Control": "no-store"}
        tag = self._entity_tag(content_type, answer)
        return {**headers, "Cache-Control": "no-cache", "ETag": tag}

    def _entity_tag(self, content_type: str, answer: Answer | None = None) -> str:
        """Return the tag of the answer: the generation, the operation and the media type.

        It is weak: the same generation gives the same answer, but where the query does not order
        its rows, not always in the same order.
        """
        generation = answer.generation if answer else self._engine.generation
        operation = self._operation
        parts = (
            generation.number,
            generation.digest,
            operation.text,
            operation.default_graphs,
            operation.named_graphs,
            content_type,
        )
        return f'W/"{generation.number}-{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"'


async def _received(request: Request, max_body_bytes: int) -> Received:
    content_type = request.headers.get("content-type")
    content_encoding = request.headers.get("content-encoding")
    body = b""
    if request.method == "POST":
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


def _offers(formats: tuple[Format, ...]) -> dict[str, Format]:
    """Return the content types on offer: each format by its own name first, then by a wider one."""
    own = {_content_type(each.media_type): each for each in formats}
    wider = {each.generic_media_type: each for each in formats if each.generic_media_type}
    return own | wider


def _content_type(media_type: str) -> str:
    is_text = media_type.startswith(_TEXT_TYPES)
    return f"{media_type}; charset=utf-8" if is_text else media_type


def _not_acceptable(accept: str, offers: list[str]) -> Response:
    return problem(
        HTTPStatus.NOT_ACCEPTABLE,
        "No format that you accept",
        f"this query can be answered as {', '.join(offers)}; the request accepts {accept}",
        {"Vary": "Accept"},
    )
