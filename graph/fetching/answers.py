"""Reading the answer to a SELECT into lines that can stand in a VALUES block.

Every term is one that the engine has taken; none can end the place where it is written.
A blank node becomes an IRI of its own, for a VALUES block knows none: it begins with
`BLANK_NODES`, and a number that no other answer has.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, cast

import pyoxigraph as ox

from graph.fetching.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graph.fetching.asking import Reply
    from graph.fetching.body import Body

BLANK_NODES = "urn:x-metapole-blank:"
"""How IRIs begin that stand for blank nodes of others."""

_Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
_FORMATS = {
    "application/sparql-results+json": ox.QueryResultsFormat.JSON,
    "application/json": ox.QueryResultsFormat.JSON,
    "text/json": ox.QueryResultsFormat.JSON,
    "application/sparql-results+xml": ox.QueryResultsFormat.XML,
    "application/xml": ox.QueryResultsFormat.XML,
    "text/xml": ox.QueryResultsFormat.XML,
    "text/tab-separated-values": ox.QueryResultsFormat.TSV,
}
_VIRTUOSO_NODE = re.compile(rb'("bnode"\s{0,8},\s{0,8}"value"\s{0,8}:\s{0,8}"|<bnode>)nodeID://')
_COMUNICA_END = re.compile(
    rb',\s{0,8}"metadata"\s{0,8}:\s{0,8}\{\s{0,8}"httpRequests"\s{0,8}:\s{0,8}\d{1,9}'
    rb"\s{0,8}\}\s{0,8}\}\s{0,8}\Z"
)
"""What Comunica adds to its rows; the engine reads nothing after them."""
_END_OF_XML = re.compile(rb"</(?:[\w.-]+:)?sparql\s*>\s*\Z")
_LONGEST_BEGINNING = 64
_XSD_STRING = "http://www.w3.org/2001/XMLSchema#string"
_ESCAPES = str.maketrans(
    {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
)
_SHOWN = 200
_LONGEST_NUMBER = 12


@dataclass(slots=True)
class Rows:
    """What an answer holds: its lines are still to be read."""

    variables: tuple[str, ...]
    lines: Iterator[str]


def read_rows(reply: Reply) -> Rows:
    """Read the answer to a SELECT; Fault, now or while lines are taken, when it is none."""
    kind = _FORMATS.get(reply.media_type)
    if kind is None:
        raise Fault("broken", f"answered with {_called(reply.media_type)} instead of rows")
    if kind == ox.QueryResultsFormat.TSV and not reply.has_known_end:
        raise Fault("broken", "sends rows of which nobody can tell whether they are all (TSV)")
    file = _Repaired(reply.body)
    try:
        found = ox.parse_query_results(cast("BinaryIO", file), kind)
    except (SyntaxError, ValueError) as error:
        raise _unreadable(error) from error
    if isinstance(found, ox.QueryBoolean):
        raise Fault("broken", "answered with true or false instead of rows")
    variables = tuple(each.value for each in found.variables)
    return Rows(variables, _whole(_lines(found), file, kind))


def most_rows(reply: Reply) -> int:
    """Return how many solutions the server ever makes an answer of; 0 where it does not say."""
    told = reply.headers.get("x-sparql-maxrows", "")
    return int(told[:_LONGEST_NUMBER]) if told.isdecimal() else 0


def left_out(reply: Reply, rows: int) -> str:
    """Say why there may be more rows than the server has sent; nothing when they are all."""
    if rows >= most_rows(reply) > 0:
        return f"sent {rows:,} rows, which is as many as it ever sends (X-SPARQL-MaxRows)"
    if reply.status == 206 or reply.headers.get("x-sql-state", "").startswith("S1TAT"):
        return "says that its answer is not whole"
    return ""


def _whole(lines: Iterator[str], file: _Repaired, kind: ox.QueryResultsFormat) -> Iterator[str]:
    """Yield *lines*; Fault when there should be more: the engine takes XML that ends early."""
    yield from lines
    while file.read():
        pass
    if kind == ox.QueryResultsFormat.XML and not _END_OF_XML.search(file.end):
        raise Fault("broken", "sent rows that cannot be read (the document is cut off)")


def _lines(found: ox.QuerySolutions) -> Iterator[str]:
    prefix = f"{BLANK_NODES}{uuid.uuid4().hex}:"
    blank_nodes: dict[str, str] = {}

    def written(term: _Term | None) -> str:
        match term:
            case None:
                return "UNDEF"
            case ox.BlankNode():
                number = blank_nodes.setdefault(term.value, str(len(blank_nodes) + 1))
                return f"<{prefix}{number}>"
            case ox.NamedNode():
                return str(term)
            case ox.Literal():
                return _literal(term)
            case ox.Triple():
                inner = (term.subject, term.predicate, term.object)
                return f"<<( {' '.join(map(written, inner))} )>>"

    try:
        for row in found:
            yield f"({' '.join(map(written, row))})\n"
    except (SyntaxError, ValueError) as error:
        raise _unreadable(error) from error


def _literal(literal: ox.Literal) -> str:
    text = f'"{literal.value.translate(_ESCAPES)}"'
    if literal.language:
        direction = f"--{literal.direction.value}" if literal.direction else ""
        return f"{text}@{literal.language}{direction}"
    datatype = literal.datatype.value
    return text if datatype == _XSD_STRING else f"{text}^^{literal.datatype}"


class _Repaired:
    """What Virtuoso sends, with names of blank nodes that are some; and Comunica, rows alone."""

    def __init__(self, body: Body) -> None:
        self._body = body
        self.end = b""
        """The last bytes that were read."""
        self._held = b""
        self._ready = b""

    def read(self, size: int = -1) -> bytes:
        """Return up to *size* bytes more; none at the end."""
        while not self._ready:
            piece = self._body.read()
            self.end = (self.end + piece)[-_LONGEST_BEGINNING:]
            text = _VIRTUOSO_NODE.sub(rb"\1nodeID-", self._held + piece)
            if not piece:
                text = _COMUNICA_END.sub(b"}", text)
            cut = max(0, len(text) - _LONGEST_BEGINNING) if piece else len(text)
            self._ready, self._held = text[:cut], text[cut:]
            if not piece and not self._ready:
                return b""
        if size < 0:
            size = len(self._ready)
        taken, self._ready = self._ready[:size], self._ready[size:]
        return taken


def _unreadable(error: Exception) -> Fault:
    return Fault("broken", f"sent rows that cannot be read ({ascii(str(error)[:_SHOWN])[1:-1]})")


def _called(media_type: str) -> str:
    return ascii(media_type[:_SHOWN])[1:-1] if media_type else "something without a media type"
