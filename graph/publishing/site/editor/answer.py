"""What a query finds, as a page shows it: the first rows, with things by name."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from graph.namespaces import RDF, XSD, short
from graph.publishing.labels import Names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from graph.publishing.edition import Edition

    Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple

MOST_ROWS = 1_000
"""How many rows a page shows; files have all."""
_LONGEST_TEXT = 500
"""How much of a text a cell shows, in characters."""
_NUMBERS = frozenset(
    XSD + name for name in ("integer", "decimal", "double", "float", "int", "long", "gYear")
)
_PLAIN = (XSD + "string", RDF + "langString")
_OF_TRIPLES = ("subject", "predicate", "object")

Values = dict[str, Any]


def answer_values(
    edition: Edition, results: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples
) -> Values:
    """Return what *results* hold; only as much is evaluated as is shown."""
    if isinstance(results, ox.QueryBoolean):
        return {"form": "boolean", "boolean": bool(results)}
    if isinstance(results, ox.QueryTriples):
        rows = ((each.subject, each.predicate, each.object) for each in results)
        return {"form": "graph", **_table(edition, _OF_TRIPLES, rows)}
    columns = [variable.value for variable in results.variables]
    rows = ([row[number] for number in range(len(columns))] for row in results)
    return {"form": "table", **_table(edition, columns, rows)}


def _table(
    edition: Edition, columns: Sequence[str], rows: Iterator[Sequence[Term | None]]
) -> Values:
    if not edition.is_wanted:
        return {}
    names = Names(edition)
    shown = [[_cell(term, names) for term in row] for row in islice(rows, MOST_ROWS)]
    return {"columns": list(columns), "rows": shown, "is_cut": _has_more(rows)}


def _has_more(rows: Iterable[object]) -> bool:
    return next(iter(rows), None) is not None


def _cell(term: Term | None, names: Names) -> Values | None:
    match term:
        case ox.NamedNode():
            named = names.named(term.value)
            return {
                "kind": "iri",
                **named,
                "label": cut(named["label"]),
                "short": short(term.value),
            }
        case ox.Literal():
            kind = term.datatype.value
            return {
                "kind": "literal",
                "text": cut(term.value),
                "language": term.language,
                "datatype": "" if kind in _PLAIN else short(kind),
                "is_number": kind in _NUMBERS,
            }
        case None:
            return None
        case _:
            return {"kind": "other", "text": cut(str(term))}


def cut(text: str) -> str:
    """Return *text*, or its beginning where it is too long to be shown."""
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}…"
