"""Errors as problem documents (RFC 9457): what was found, and what to do."""

import json
import logging
import math
from collections.abc import Callable, Mapping
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from graph.asker import ASKER
from graph.errors import (
    AnswerTooLong,
    BuildRejected,
    EngineUnavailable,
    ExportRefused,
    ForbiddenOperation,
    GoneGeneration,
    GraphError,
    GraphNotAllowed,
    ImportRefused,
    KeyReused,
    MovedThing,
    NotAllowed,
    NothingWhole,
    PreconditionFailed,
    QueryOutOfMemory,
    QueryRejected,
    QueryStopped,
    QueryTimedOut,
    RemoteBusy,
    RemoteFailed,
    RemoteTooMuch,
    RemoteTooSlow,
    ReservedGraph,
    ShapesViolated,
    StoreUnusable,
    UnknownGeneration,
    UnknownGraph,
    UnknownThing,
    UnreadableList,
    UnreadableSource,
    UnreadableUpload,
    UnsupportedFeature,
    UnwritableAnswer,
    UploadTooLarge,
    WithdrawnThing,
    WriteRejected,
)
from server.auth import NotAuthorised
from server.negotiate import UnreadableAccept
from server.protocol import BadProtocolRequest

STATUS: dict[type[GraphError], HTTPStatus] = {
    QueryRejected: HTTPStatus.BAD_REQUEST,
    ForbiddenOperation: HTTPStatus.BAD_REQUEST,
    NotAllowed: HTTPStatus.FORBIDDEN,
    UnsupportedFeature: HTTPStatus.NOT_IMPLEMENTED,
    WriteRejected: HTTPStatus.CONFLICT,
    ReservedGraph: HTTPStatus.FORBIDDEN,
    GraphNotAllowed: HTTPStatus.FORBIDDEN,
    PreconditionFailed: HTTPStatus.PRECONDITION_FAILED,
    KeyReused: HTTPStatus.UNPROCESSABLE_ENTITY,
    ShapesViolated: HTTPStatus.UNPROCESSABLE_ENTITY,
    UnreadableUpload: HTTPStatus.BAD_REQUEST,
    UploadTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    UnknownGraph: HTTPStatus.NOT_FOUND,
    UnknownThing: HTTPStatus.NOT_FOUND,
    WithdrawnThing: HTTPStatus.GONE,
    MovedThing: HTTPStatus.PERMANENT_REDIRECT,
    UnknownGeneration: HTTPStatus.NOT_FOUND,
    GoneGeneration: HTTPStatus.GONE,
    UnwritableAnswer: HTTPStatus.NOT_ACCEPTABLE,
    # The query is understood and refused: it would be the next time, too (RFC 9110, 15.5.4).
    AnswerTooLong: HTTPStatus.FORBIDDEN,
    QueryTimedOut: HTTPStatus.GATEWAY_TIMEOUT,
    QueryOutOfMemory: HTTPStatus.INSUFFICIENT_STORAGE,
    QueryStopped: HTTPStatus.SERVICE_UNAVAILABLE,
    RemoteFailed: HTTPStatus.BAD_GATEWAY,
    RemoteTooMuch: HTTPStatus.BAD_GATEWAY,
    RemoteTooSlow: HTTPStatus.GATEWAY_TIMEOUT,
    RemoteBusy: HTTPStatus.SERVICE_UNAVAILABLE,
    EngineUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    StoreUnusable: HTTPStatus.SERVICE_UNAVAILABLE,
    NothingWhole: HTTPStatus.SERVICE_UNAVAILABLE,
    UnreadableList: HTTPStatus.INTERNAL_SERVER_ERROR,
    UnreadableSource: HTTPStatus.INTERNAL_SERVER_ERROR,
    ExportRefused: HTTPStatus.INTERNAL_SERVER_ERROR,
    ImportRefused: HTTPStatus.UNPROCESSABLE_ENTITY,
    BuildRejected: HTTPStatus.INTERNAL_SERVER_ERROR,
}
TITLES: dict[type[GraphError], str] = {
    QueryRejected: "The operation is rejected",
    ForbiddenOperation: "The operation asks for something that is off",
    NotAllowed: "That address may not be asked",
    UnsupportedFeature: "The operation asks for something that is not there",
    WriteRejected: "The change cannot be made",
    ReservedGraph: "The server keeps this graph itself",
    GraphNotAllowed: "The token does not allow changes to this graph",
    PreconditionFailed: "The graph is not as you take it to be",
    KeyReused: "The idempotency key stands for another change",
    ShapesViolated: "The data would break shapes",
    UnreadableUpload: "What was sent cannot be read",
    UploadTooLarge: "What was sent is too large",
    UnknownGraph: "There is no such graph",
    UnknownThing: "There is no such thing",
    WithdrawnThing: "It is not there any more",
    MovedThing: "It has another address",
    UnknownGeneration: "There is no such generation",
    GoneGeneration: "The generation is no longer kept",
    UnwritableAnswer: "The answer does not fit into that format",
    AnswerTooLong: "The answer is too long",
    QueryTimedOut: "The operation took too long",
    QueryOutOfMemory: "The operation needed too much memory",
    QueryStopped: "The operation was stopped",
    RemoteFailed: "Another server gave no answer that can be used",
    RemoteTooMuch: "Another server sent too much",
    RemoteTooSlow: "Another server took too long",
    RemoteBusy: "Another server is busy",
    EngineUnavailable: "The operation could not be done now",
    StoreUnusable: "The store cannot be used",
    NothingWhole: "Nothing in the store is whole",
    UnreadableList: "The list of other servers cannot be read",
    UnreadableSource: "A source cannot be read",
    ExportRefused: "The files cannot be written",
    ImportRefused: "The file cannot be imported",
    BuildRejected: "The sources have errors",
}
RETRY_AFTER_S = 5
CLIENT_GONE = 499

OWN_SITE_HEADERS = {"X-Content-Type-Options": "nosniff"}
COMMON_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": (
        "ETag, Link, Retry-After, X-Federation, X-Generation, X-Request-Id"
    ),
    **OWN_SITE_HEADERS,
}
OWN_SITE = frozenset({"update", "graph-write", "admin"})
"""What requests are for whose answers no page of another site may read, refusals included."""

_INERT = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"}
_LOG = logging.getLogger("metapole.server")


def problem(
    status: int,
    title: str,
    detail: str,
    headers: Mapping[str, str] | None = None,
    *,
    common: Mapping[str, str] = COMMON_HEADERS,
    members: Mapping[str, object] | None = None,
) -> Response:
    """Return a problem document, with *members* besides those that all have."""
    document = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    named = {"request_id": asker.id} if (asker := ASKER.get()) else {}
    return Response(
        json.dumps({**document, **named, **(members or {})}, ensure_ascii=False),
        status,
        {**common, **_INERT, "Cache-Control": "no-store", **(headers or {})},
        "application/problem+json",
    )


def common_headers(request: Request) -> Mapping[str, str]:
    """Return the headers that every answer to *request* has."""
    is_ours = request.scope.get("metapole.operation") in OWN_SITE
    return OWN_SITE_HEADERS if is_ours else COMMON_HEADERS


def status_of(error: GraphError) -> HTTPStatus:
    """Return the status that tells of *error*, or of the nearest error that it is a case of."""
    return STATUS[_known(error)]


def install_problem_handlers(app: Starlette) -> None:
    """Have *app* answer every error with a problem document."""
    for kind, handler in _HANDLERS.items():
        app.add_exception_handler(kind, handler)


def answer_to_error(request: Request, error: Exception) -> tuple[Response, bool]:
    """Return the problem document about *error*, and whether such errors are foreseen."""
    kind = next(kind for kind in type(error).__mro__ if kind in _HANDLERS)
    return _HANDLERS[kind](request, error), kind is not Exception


def _known(error: GraphError) -> type[GraphError]:
    return next(kind for kind in type(error).__mro__ if kind in STATUS)


def _told(
    request: Request,
    status: int,
    title: str,
    detail: str,
    headers: Mapping[str, str] | None = None,
    members: Mapping[str, object] | None = None,
) -> Response:
    common = common_headers(request)
    return problem(status, title, detail, headers, common=common, members=members)


def _graph_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, GraphError)  # noqa: S101 -- the handler is registered for it
    status = status_of(error)
    title, detail = TITLES[_known(error)], str(error)
    return _told(request, status, title, detail, _headers_of(error, status), _members_of(error))


def _headers_of(error: GraphError, status: HTTPStatus) -> Mapping[str, str]:
    if isinstance(error, RemoteBusy):
        return {"Retry-After": str(max(1, math.ceil(error.retry_after_s)))}
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return {"Retry-After": str(RETRY_AFTER_S)}
    return {"Location": error.address} if isinstance(error, MovedThing) else {}


def _members_of(error: GraphError) -> Mapping[str, object]:
    """Return what the problem document says of *error* beside its message."""
    match error:
        case RemoteFailed():
            return {"remote": error.remote}
        case ShapesViolated():
            return {"findings": error.findings}
        case UnknownThing():
            return {"suggestions": error.suggestions}
        case WithdrawnThing():
            return {"successors": error.successors}
        case _:
            return {}


def _bad_protocol_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, BadProtocolRequest)  # noqa: S101 -- the handler is registered for it
    return _told(request, error.status, error.status.phrase, str(error), error.headers)


def _not_authorised(request: Request, error: Exception) -> Response:
    assert isinstance(error, NotAuthorised)  # noqa: S101 -- the handler is registered for it
    return _told(request, error.status, error.title, error.detail, error.headers)


def _unreadable_accept(request: Request, error: Exception) -> Response:
    title = "The Accept header cannot be read"
    return _told(request, HTTPStatus.BAD_REQUEST, title, str(error))


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 -- the handler is registered for it
    phrase = HTTPStatus(error.status_code).phrase
    detail, headers = error.detail, dict(error.headers or {})
    if "Allow" in headers:
        headers["Allow"] = ", ".join(sorted(headers["Allow"].split(", ")))
    if error.status_code == HTTPStatus.NOT_FOUND and detail == phrase:
        detail = f"there is nothing at {request.url.path}; the SPARQL endpoint is at /sparql"
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED and detail == phrase:
        allowed = headers.get("Allow", "others")
        detail = f"{request.method} is not for {request.url.path}; it takes {allowed}"
    return _told(request, error.status_code, phrase, detail, headers)


def _client_gone(_: Request, __: Exception) -> Response:
    """Answer nobody; the server writes this to a closed connection."""
    return Response(status_code=CLIENT_GONE)


def _unforeseen(request: Request, error: Exception) -> Response:
    _LOG.error("%s %s failed (%s)", request.method, request.url.path, type(error).__name__)
    return _told(
        request,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "The server made a mistake",
        "something unforeseen happened; it is in the log of the server, not in your request",
    )


_HANDLERS: dict[type[Exception], Callable[[Request, Exception], Response]] = {
    GraphError: _graph_error,
    BadProtocolRequest: _bad_protocol_request,
    NotAuthorised: _not_authorised,
    UnreadableAccept: _unreadable_accept,
    HTTPException: _http_error,
    ClientDisconnect: _client_gone,
    Exception: _unforeseen,
}
"""How each kind of error is answered: by the nearest of these that it is a case of."""
