"""The SPARQL 1.1 Protocol: from a request, as plain values, to an operation.

Of the draft of 1.2 also the method QUERY (RFC 10008) and the parameter `version`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qsl

from graph.query import Operation
from graph.service_description import VERSIONS
from server.negotiate import media_type

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"

ACCEPT_QUERY = {"Accept-Query": f"{QUERY}, {FORM}"}
"""What bodies the method QUERY takes (RFC 10008)."""

_MAX_FIELDS = 1000
_WITH_BODY = ("POST", "QUERY")
_ABSOLUTE_IRI = re.compile(r"""[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20\x7f<>"{}|^`\\]*""")
_SEND_A_QUERY = (
    "send a query as GET ?query=..., as a form with the field 'query', "
    f"or as the body of a POST or QUERY with 'Content-Type: {QUERY}'"
)

Fields = Mapping[str, list[str]]


class BadProtocolRequest(Exception):  # noqa: N818 -- it names what the client sent
    """The request is not one that the SPARQL Protocol knows, or that this server takes."""

    def __init__(self, detail: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(detail)
        self.status = status


@dataclass(frozen=True, slots=True)
class Received:
    """A request, free of any web framework."""

    method: str
    query_string: bytes = b""
    content_type: str | None = None
    content_encoding: str | None = None
    body: bytes = b""


def operation_from_request(request: Received, max_query_bytes: int) -> Operation:
    """Read the operation that *request* asks for (2.1 and 2.2 of the protocol)."""
    fields = fields_from(request.query_string)
    if request.method in _WITH_BODY:
        operation = _operation_from_body(request, fields)
    else:
        operation = operation_from_fields(fields)
    _refuse_nul(operation.text)
    if len(operation.text.encode()) > max_query_bytes:
        raise BadProtocolRequest(
            f"the query is longer than {max_query_bytes} bytes; send a shorter one",
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        )
    return operation


def asks_for_description(request: Received) -> bool:
    """Tell whether *request* asks about the service instead of asking it (SD 1.1, 2)."""
    return request.method not in _WITH_BODY and not request.query_string


def has_body(method: str) -> bool:
    """Tell whether the query may be in the body."""
    return method in _WITH_BODY


def check_head(content_type: str | None, content_encoding: str | None) -> None:
    """Refuse a POST by its headers alone, before its body is read."""
    if content_encoding and content_encoding.strip().lower() != "identity":
        raise BadProtocolRequest(
            f"the body is sent as {content_encoding}; send it without Content-Encoding",
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        )
    _body_type(content_type)


def operation_from_fields(fields: Fields) -> Operation:
    """Read a query operation from decoded form fields or the decoded query string."""
    if fields.get("update"):
        raise _updates_are_off()
    queries = fields.get("query", [])
    if not queries:
        found = f"only {', '.join(map(repr, sorted(fields)))}" if fields else "nothing"
        raise BadProtocolRequest(
            f"the request has no 'query'; found {found[:200]}. To ask, {_SEND_A_QUERY}"
        )
    if len(queries) > 1:
        raise BadProtocolRequest(f"send exactly one 'query'; got {len(queries)}")
    return Operation(queries[0], *_datasets(fields))


def fields_from(encoded: bytes) -> dict[str, list[str]]:
    """Decode a query string or a form body, which must be UTF-8."""
    fields: dict[str, list[str]] = {}
    try:
        pairs = parse_qsl(
            encoded.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MAX_FIELDS,
        )
    except UnicodeDecodeError as error:
        raise BadProtocolRequest(
            "the request is not percent-encoded UTF-8; encode it as UTF-8, then percent-encode it"
        ) from error
    except ValueError as error:
        raise BadProtocolRequest(f"there are more than {_MAX_FIELDS} fields") from error
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return fields


def _operation_from_body(request: Received, fields: dict[str, list[str]]) -> Operation:
    check_head(request.content_type, request.content_encoding)
    if _body_type(request.content_type) == FORM:
        in_body = fields_from(request.body)
        return operation_from_fields(
            {name: fields.get(name, []) + in_body.get(name, []) for name in fields | in_body}
        )
    if fields.get("query") or fields.get("update"):
        raise BadProtocolRequest(
            "there is an operation in the URL and one in the body; send one of them"
        )
    try:
        return Operation(request.body.decode("utf-8"), *_datasets(fields))
    except UnicodeDecodeError as error:
        raise BadProtocolRequest(f"the query is not UTF-8 ({error})") from error


def _body_type(content_type: str | None) -> str:
    found = media_type(content_type or "")
    name = f"{found.type}/{found.subtype}" if found else ""
    if name == UPDATE:
        raise _updates_are_off()
    if found is None or name not in (FORM, QUERY):
        raise BadProtocolRequest(
            f"a body {f'of type {content_type}' if content_type else 'without Content-Type'} "
            f"cannot be read; {_SEND_A_QUERY}",
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        )
    charset = dict(found.parameters).get("charset", "utf-8")
    if charset not in ("utf-8", "utf8"):
        raise BadProtocolRequest(
            f"the body is in {charset}; SPARQL is sent in UTF-8", HTTPStatus.UNSUPPORTED_MEDIA_TYPE
        )
    return name


def _datasets(fields: Fields) -> tuple[tuple[str, ...], tuple[str, ...]]:
    for name in ("using-graph-uri", "using-named-graph-uri"):
        if fields.get(name):
            raise BadProtocolRequest(
                f"'{name}' belongs to an update; name the graphs of a query with "
                "'default-graph-uri' and 'named-graph-uri'"
            )
    _check_version(fields.get("version", []))
    return _graphs(fields, "default-graph-uri"), _graphs(fields, "named-graph-uri")


def _graphs(fields: Fields, name: str) -> tuple[str, ...]:
    iris = fields.get(name, [])
    for iri in iris:
        check_iri(iri, name)
    return tuple(iris)


def check_iri(iri: str, name: str) -> None:
    """Refuse what is no absolute IRI as the value of the parameter *name*."""
    if not _ABSOLUTE_IRI.fullmatch(iri):
        raise BadProtocolRequest(
            f"'{name}' is {iri[:200]!r}, which is no absolute IRI; send one such as "
            "http://example.org/graph, percent-encoded once"
        )


def _check_version(versions: list[str]) -> None:
    """Refuse a version of SPARQL that is not known (SPARQL 1.2 Protocol, draft)."""
    if len(versions) > 1 or any(version not in VERSIONS for version in versions):
        raise BadProtocolRequest(
            f"'version' is {', '.join(map(repr, versions))[:200]}; send one of "
            f"{', '.join(VERSIONS)}, or none"
        )


def _refuse_nul(text: str) -> None:
    if (position := text.find("\0")) >= 0:
        line = text.count("\n", 0, position) + 1
        column = position - text.rfind("\n", 0, position)
        raise BadProtocolRequest(
            f"{line}:{column}: the query has the character U+0000; leave it out, or write "
            "\\u0000 in a string"
        )


def _updates_are_off() -> BadProtocolRequest:
    return BadProtocolRequest(
        "updates are off: the data of this server cannot be changed; send a query instead",
        HTTPStatus.FORBIDDEN,
    )
