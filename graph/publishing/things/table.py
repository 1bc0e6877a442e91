"""The statements about a thing as CSV: a row for each fact of each statement."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

COLUMNS: tuple[str, ...] = (
    "statement", "kind", "as", "property", "value", "label", "language", "first_day", "last_day",
    "time_basis", "confidence", "document", "line", "printed",
)  # fmt: skip

Values = Mapping[str, Any]


def table_of(statements: Iterable[Values]) -> bytes:
    """Return *statements*, as they are in `thing_values`, as a table (RFC 4180)."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="")
    writer.writeheader()
    for statement in statements:
        writer.writerows(_rows(statement))
    return text.getvalue().encode()


def _rows(statement: Values) -> Iterator[dict[str, str]]:
    time: Values = statement["time"]
    evidence = _first(statement["evidence"])
    common = {
        "statement": _text(statement),
        "kind": _joined(statement["kinds"]),
        "as": _joined(statement["as"]),
        "first_day": _text(time["first_day"]),
        "last_day": _text(time["last_day"]),
        "time_basis": _label(time["basis"]),
        "confidence": _joined(statement["confidence"]),
        "document": _text(evidence.get("document")),
        "line": evidence.get("line_from", ""),
        "printed": evidence.get("printed", ""),
    }
    facts = [(fact["property"], value) for fact in statement["facts"] for value in fact["values"]]
    for prop, value in facts:
        told = {
            "property": prop["label"],
            "value": _text(value),
            "label": _label(value),
            "language": value.get("language", ""),
        }
        yield common | told
    if not facts:
        yield common


def _first(values: Sequence[Values]) -> Values:
    return values[0] if values else {}


def _text(value: Values | None) -> str:
    """Return the IRI of a link, or what a text says."""
    return "" if value is None else value.get("iri") or value["text"]


def _label(value: Values | None) -> str:
    return "" if value is None else value.get("label", "")


def _joined(values: Iterable[Values]) -> str:
    return "; ".join(_label(value) or _text(value) for value in values)
