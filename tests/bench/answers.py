"""What an answer says, so that the answers of different engines can be compared.

Engines may differ in the order of rows, in the spelling of numbers ("1", "1.0"), in whether
`xsd:string` is written, in the case of language tags, in the names of blank nodes and in the form
of a yes. They may not differ in anything else, but in what they DESCRIBE.
"""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from graph.namespaces import XSD

if TYPE_CHECKING:
    from collections.abc import Mapping

TABLE, GRAPH = "application/sparql-results+json", "application/n-triples"
TAB_SEPARATED = "text/tab-separated-values"

UNION = "urn:bench"
"""The graph that stands for the union where there is no default graph: none that anyone loaded."""
_YES = "__ASK_RETVAL"
"""What Virtuoso calls the one column of its answer to ASK."""

Content = Counter[tuple[str, ...]]
"""How often an answer says what."""

_NUMBERS = {XSD + name for name in ("integer", "decimal", "double", "float", "int", "long")}
_DIGITS = 9
"""How many digits of a number have to be the same; averages are rounded somewhere."""


def content(media_type: str, body: bytes) -> Content:
    """Return what the answer in *body* says."""
    if media_type == GRAPH:
        return Counter(set(map(_triple, ox.parse(body, ox.RdfFormat.N_TRIPLES))))
    answer: dict[str, Any] = json.loads(body)
    if "boolean" in answer:
        return Counter([(str(bool(answer["boolean"])),)])
    rows: list[dict[str, dict[str, str]]] = answer["results"]["bindings"]
    if answer["head"]["vars"] == [_YES]:
        return Counter([(str(any(row[_YES]["value"] == "1" for row in rows)),)])
    in_union = {"type": "uri", "value": UNION}
    return Counter(_row(row) for row in rows if in_union not in row.values())


def row_count(media_type: str, body: bytes) -> int:
    """Return how many rows the table in *body* has; ValueError when it is another kind of text."""
    if media_type == TAB_SEPARATED:
        if body.lstrip()[:1] in (b"<", b"{"):
            raise ValueError(f"no {media_type}, though it was asked for")
        return body.count(b"\n") - 1  # a line break within a literal is escaped
    return len(json.loads(body)["results"]["bindings"])


def difference(found: Content, expected: Content) -> str:
    """Say how *found* differs from *expected*; nothing if it does not."""
    if found == expected:
        return ""
    if found.total() != expected.total():
        return f"other answer: {found.total():,} rows, not {expected.total():,}"
    return f"other answer: {(found - expected).total():,} of {expected.total():,} rows differ"


def most_given(answers: Mapping[str, Content]) -> Content:
    """Return what most servers answer; of several, what the first of them does."""
    given = list(answers.values())
    return max(given, key=given.count)


def _row(row: dict[str, dict[str, str]]) -> tuple[str, ...]:
    return tuple(f"{name}={_json_term(row[name])}" for name in sorted(row))


def _json_term(term: Mapping[str, str]) -> str:
    if term["type"] == "bnode":
        return "_:"
    if term["type"] == "uri":
        return f"<{term['value']}>"
    return _literal(term["value"], term.get("datatype", ""), term.get("xml:lang", ""))


def _triple(quad: ox.Quad) -> tuple[str, ...]:
    return tuple(map(_term, (quad.subject, quad.predicate, quad.object)))


def _term(term: object) -> str:
    if isinstance(term, ox.BlankNode):
        return "_:"
    if isinstance(term, ox.Literal):
        return _literal(term.value, term.datatype.value, term.language or "")
    return str(term)


def _literal(value: str, datatype: str, language: str) -> str:
    if language:
        return f"{value!r}@{language.lower()}"
    if datatype in _NUMBERS:
        return _number(value)
    return repr(value) if datatype in ("", XSD + "string") else f"{value!r}^^{datatype}"


def _number(value: str) -> str:
    try:
        return format(Decimal(value).normalize(), f".{_DIGITS}g")
    except InvalidOperation:
        return value
