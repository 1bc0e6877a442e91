"""The SPARQL 1.1 Protocol: from a request, as plain values, to a query or an update.

Of the draft of 1.2 also the method QUERY (RFC 10008) and the parameter `version`.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from graph.iris import fault_of
from graph.query import Operation
from graph.service_description import VERSIONS
from graph.writing.wishes import Update
from server.negotiate import MediaType, media_type

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"

ACCEPT_QUERY = {"Accept-Query": f"{QUERY}, {FORM}"}
"""What bodies the method QUERY takes (RFC 10008)."""

_MAX_FIELDS = 1000
_NUMBER = re.compile("[1-9][0-9]{0,8}")
_MAX_SHORT_BYTES = 64 * 1024
"""How long a query string may be that has no query in it; a graph's name is 24 KB at most."""
_MAX_PARAMETER = 500
"""How long a parameter may be, in characters, that names or selects something."""
_WITH_BODY = ("POST", "QUERY")
_SEND_A_QUERY = (
    "send a query as GET ?query=..., as a form with the field 'query', "
    f"or as the body of a POST or QUERY with 'Content-Type: {QUERY}'"
)
_SEND_AN_UPDATE = (
    "send an update as the field 'update' of a form that is posted, "
    f"or as the body of a POST with 'Content-Type: {UPDATE}'"
)

Fields = Mapping[str, list[str]]


class BadProtocolRequest(Exception):  # noqa: N818 -- it names what the client sent
    """The request is not one that the protocols know, or that this server takes."""

    def __init__(
        self,
        detail: str,
        status: HTTPStatus = HTTPStatus.BAD_REQUEST,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.headers = headers or {}
        """What says to programs what this says to people."""


@dataclass(frozen=True, slots=True)
class Received:
    """A request, free of any web framework."""

    method: str
    query_string: bytes = b""
    content_type: str | None = None
    content_encoding: str | None = None
    body: bytes = b""


def fields_of(request: Received) -> Fields:
    """Decode the parameters of *request*: those in its address, and those in a form."""
    fields = fields_from(request.query_string)
    if fields.get("update"):
        raise BadProtocolRequest(f"there is an update in the address; {_SEND_AN_UPDATE}")
    if not has_body(request.method) or check_head(request) != FORM:
        return fields
    in_body = fields_from(request.body)
    if in_body.get("update") and request.method != "POST":
        raise _changes_nothing(request.method)
    return {name: fields.get(name, []) + in_body.get(name, []) for name in fields | in_body}


def operation_from_request(
    request: Received, fields: Fields, max_query_bytes: int, max_update_bytes: int
) -> Operation | Update:
    """Read the operation that *request* with *fields* asks for (2.1 and 2.2 of the protocol)."""
    body_type = check_head(request) if has_body(request.method) else FORM
    if body_type == FORM:
        operation = operation_from_fields(fields)
    else:
        operation = _operation_from_body(request.body, body_type, fields)
    if isinstance(operation, Update):
        _check_text(operation.text, "update", max_update_bytes)
    else:
        _check_text(operation.text, "query", max_query_bytes)
    return operation


def asks_for_description(request: Received) -> bool:
    """Tell whether *request* asks about the service instead of asking it (SD 1.1, 2)."""
    return request.method not in _WITH_BODY and not request.query_string


def has_body(method: str) -> bool:
    """Tell whether the operation may be in the body."""
    return method in _WITH_BODY


def check_head(request: Received) -> str:
    """Refuse a POST by its headers alone, before its body is read; return the type of that."""
    refuse_coding(request.content_encoding)
    found = media_type(request.content_type or "")
    name = f"{found.type}/{found.subtype}" if found else ""
    if found is None or name not in (FORM, QUERY, UPDATE):
        is_said = request.content_type
        sent = f"of type {is_said[:200]}" if is_said else "without Content-Type"
        raise BadProtocolRequest(
            f"a body {sent} cannot be read; {_SEND_A_QUERY}; {_SEND_AN_UPDATE}",
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        )
    refuse_charset(found)
    if name == UPDATE and request.method != "POST":
        raise _changes_nothing(request.method)
    return name


def refuse_coding(content_encoding: str | None) -> None:
    """Refuse a body that is compressed."""
    if content_encoding and content_encoding.strip().lower() != "identity":
        raise BadProtocolRequest(
            f"the body is sent as {content_encoding[:100]}; send it without Content-Encoding",
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            {"Accept-Encoding": "identity"},
        )


def refuse_charset(found: MediaType) -> None:
    """Refuse a body in another charset than UTF-8."""
    charset = dict(found.parameters).get("charset", "utf-8")
    if charset not in ("utf-8", "utf8"):
        raise BadProtocolRequest(
            f"the body is in {charset[:100]}; SPARQL and RDF are sent in UTF-8",
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        )


def operation_from_fields(fields: Fields) -> Operation | Update:
    """Read an operation from decoded form fields, or a query from the decoded query string."""
    queries, updates = fields.get("query", []), fields.get("update", [])
    if queries and updates:
        raise BadProtocolRequest("there is a 'query' and an 'update'; send one of them")
    if not queries and not updates:
        found = f"only {', '.join(map(repr, sorted(fields)))}" if fields else "nothing"
        raise BadProtocolRequest(
            f"the request has no 'query'; found {found[:200]}. To ask, {_SEND_A_QUERY}"
        )
    name, (text, *others) = ("query", queries) if queries else ("update", updates)
    if others:
        raise BadProtocolRequest(f"send exactly one {name!r}; got {len(others) + 1}")
    return _query(text, fields) if queries else _update(text, fields)


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


def short_fields_from(query_string: bytes) -> dict[str, list[str]]:
    """Decode a query string in which there is no query: what takes long is refused."""
    if len(query_string) > _MAX_SHORT_BYTES:
        raise BadProtocolRequest(
            f"what stands behind the ? of the address has more than {_MAX_SHORT_BYTES} bytes; "
            "send only the parameters that are meant for this address",
            HTTPStatus.REQUEST_URI_TOO_LONG,
        )
    return fields_from(query_string)


def parameters_from(
    query_string: bytes, taken: Collection[str], repeated: Collection[str] = ()
) -> dict[str, str]:
    """Read the parameters of an address that takes those named, each at most once.

    Those that may be *repeated* have their values joined by ends of line, of which none has one.
    """
    fields = short_fields_from(query_string)
    if unknown := sorted(fields.keys() - {*taken, *repeated}):
        known = ", ".join(sorted({*taken, *repeated}))
        raise BadProtocolRequest(
            f"this address has no parameter {unknown[0][:40]!a}; it takes {known or 'none'}"
        )
    parameters: dict[str, str] = {}
    for name, values in fields.items():
        if len(values) > 1 and name not in repeated:
            raise BadProtocolRequest(f"'{name}' is there {len(values)} times; send it once")
        for value in values:
            refuse_control(value, f"'{name}'")
        parameters[name] = "\n".join(values)
    return parameters


def refuse_control(text: str, name: str) -> None:
    """Refuse *text* with characters that control something, or that is very long."""
    if not text.isprintable() or len(text) > _MAX_PARAMETER:
        raise BadProtocolRequest(
            f"{name} has a character that is not for text, or more than {_MAX_PARAMETER} of them; "
            "send a short text of one line"
        )


_CONTROLS = re.compile(
    rb"[\x00-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xa8\xa9]"
    rb"|%[01][0-9A-Fa-f]|%7[Ff]|%[Cc]2%[89][0-9A-Fa-f]|%[Ee]2%80%[Aa][89]"
)
"""Control characters (Unicode: Cc), and what separates lines and paragraphs; also encoded."""


def controls(scope: Mapping[str, Any]) -> bool:
    """Tell whether the address in an ASGI *scope* has characters that control something.

    They are of no use in one, and some programs that read it in a header or a log take them for
    the end of it.
    """
    return bool(_CONTROLS.search(scope["raw_path"]) or _CONTROLS.search(scope["query_string"]))


def _operation_from_body(body: bytes, body_type: str, fields: Fields) -> Operation | Update:
    if fields.get("query"):
        raise BadProtocolRequest(
            "there is an operation in the URL and one in the body; send one of them"
        )
    noun, read = ("query", _query) if body_type == QUERY else ("update", _update)
    try:
        return read(body.decode("utf-8"), fields)
    except UnicodeDecodeError as error:
        raise BadProtocolRequest(f"the {noun} is not UTF-8 ({error})") from error


def _query(text: str, fields: Fields) -> Operation:
    for name in ("using-graph-uri", "using-named-graph-uri"):
        if fields.get(name):
            raise BadProtocolRequest(
                f"'{name}' belongs to an update; name the graphs of a query with "
                "'default-graph-uri' and 'named-graph-uri'"
            )
    _check_version(fields.get("version", []))
    graphs = _graphs(fields, "default-graph-uri"), _graphs(fields, "named-graph-uri")
    return Operation(text, *graphs, generation=generation_from(fields))


def _update(text: str, fields: Fields) -> Update:
    for name in ("default-graph-uri", "named-graph-uri"):
        if fields.get(name):
            raise BadProtocolRequest(
                f"'{name}' belongs to a query; name the graphs that an update reads with "
                "'using-graph-uri' and 'using-named-graph-uri'"
            )
    refuse_generation(fields)
    _check_version(fields.get("version", []))
    using = _graphs(fields, "using-graph-uri"), _graphs(fields, "using-named-graph-uri")
    return Update(text, *using)


def _graphs(fields: Fields, name: str) -> tuple[str, ...]:
    iris = fields.get(name, [])
    for iri in iris:
        check_iri(iri, name)
    return tuple(iris)


def generation_from(fields: Fields) -> int | None:
    """Read which generation is asked, if it is not the current one."""
    values = fields.get("generation")
    if not values:
        return None
    (value, *others) = values
    if others or not _NUMBER.fullmatch(value):
        raise BadProtocolRequest(
            f"'generation' is {', '.join(map(repr, values))[:200]}; send one number of a "
            "generation that is kept, such as 'generation=12'"
        )
    return int(value)


def refuse_generation(fields: Fields) -> None:
    """Refuse to change any generation but the current one."""
    if "generation" in fields:
        raise BadProtocolRequest(
            "'generation' belongs to a query; a change is always made to the current generation"
        )


def check_iri(iri: str, name: str) -> None:
    """Refuse what is no absolute IRI as the value of the parameter *name*."""
    if fault := fault_of(iri):
        raise BadProtocolRequest(
            f"'{name}' is {iri[:200]!r}, which is no absolute IRI ({fault[:200]}); send one such "
            "as http://example.org/graph, percent-encoded once"
        )


def _check_version(versions: list[str]) -> None:
    """Refuse a version of SPARQL that is not known (SPARQL 1.2 Protocol, draft)."""
    if len(versions) > 1 or any(version not in VERSIONS for version in versions):
        raise BadProtocolRequest(
            f"'version' is {', '.join(map(repr, versions))[:200]}; send one of "
            f"{', '.join(VERSIONS)}, or none"
        )


def _check_text(text: str, noun: str, max_bytes: int) -> None:
    if (position := text.find("\0")) >= 0:
        line = text.count("\n", 0, position) + 1
        column = position - text.rfind("\n", 0, position)
        raise BadProtocolRequest(
            f"{line}:{column}: the {noun} has the character U+0000; leave it out, or write "
            "\\u0000 in a string"
        )
    if len(text.encode()) > max_bytes:
        raise BadProtocolRequest(
            f"the {noun} is longer than {max_bytes} bytes; send a shorter one",
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        )


def _changes_nothing(method: str) -> BadProtocolRequest:
    return BadProtocolRequest(
        f"the method {method} changes nothing, and this is an update; {_SEND_AN_UPDATE}"
    )
