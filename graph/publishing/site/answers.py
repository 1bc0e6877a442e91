"""What a query finds, as a table for people: things by name, numbers with how exact they are.

Queries of the library give names, not IRIs, as a person would want to read them in a file. Where
only one thing has a name, the page shows what that is called in its own language, and leads to it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from graph.namespaces import DEF, RDFS, SKOS, XSD
from graph.publishing.ahead.rows import kept_rows, read_rows
from graph.publishing.site.figures import INDICATOR, cut, indicator_page, last_word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graph.publishing.edition import Edition
    from graph.publishing.labels import Names

MOST_ROWS = 200
"""How many rows a page shows; the files have all."""
_MOST_COUNTED = 5_000
"""Up to how many rows are counted."""
_MOST_NAMESAKES = 4
"""How many things with the same name are looked at."""
_NUMBERS = frozenset(
    f"{XSD}{name}" for name in ("integer", "decimal", "double", "float", "nonNegativeInteger")
)
_DAYS = frozenset({f"{XSD}date", f"{XSD}dateTime"})
_QUALIFIER = f"{DEF}qualifier/"
_ORDERED = re.compile(r"\bORDER BY\b", re.IGNORECASE)
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_LABELS = (ox.NamedNode(SKOS + "prefLabel"), ox.NamedNode(RDFS + "label"))

Cell = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """A table with what a query finds."""

    columns: list[dict[str, Any]]
    rows: list[list[Cell | None]]
    count: int
    are_all: bool
    """Whether all rows were counted."""

    def values(self) -> dict[str, Any]:
        """Return what a template shows."""
        return {
            "columns": self.columns,
            "rows": self.rows,
            "count": self.count,
            "are_all": self.are_all,
        }


def answer_to(
    edition: Edition, names: Names, query: str, most: int = MOST_ROWS, *, is_fixed: bool = False
) -> Answer:
    """Return the first *most* rows of what the SELECT *query* finds in all graphs.

    If it *is_fixed*, nothing in it is of the request, and what it finds is kept.
    """
    read = kept_rows if is_fixed else read_rows
    variables, found, further = read(edition, query, most, _MOST_COUNTED)
    cells = _Cells(edition, names)
    rows = [[cells.cell(term) for term in row] for row in found]
    if not _ORDERED.search(query):
        rows.sort(key=_by_words)  # the engine gives them in any order
    table = _with_qualifiers(variables, rows)
    return Answer(*table, len(found) + further, further < _MOST_COUNTED)


class _Cells:
    def __init__(self, edition: Edition, names: Names) -> None:
        self._edition = edition
        self._names = names
        self._known: dict[ox.Literal, Cell] = {}

    def cell(self, term: object) -> Cell | None:
        if isinstance(term, ox.NamedNode):
            return {"thing": self._thing(term.value)}
        if isinstance(term, ox.Literal):
            return self._of_literal(term)
        return None if term is None else {"text": cut(str(term)), "language": None}

    def _of_literal(self, literal: ox.Literal) -> Cell:
        datatype = literal.datatype.value
        if datatype in _NUMBERS:
            return {"number": cut(literal.value, 40), "qualifier": None, "remark": ""}
        if datatype in _DAYS:
            return {"day": cut(literal.value, 40)}
        if datatype == f"{XSD}boolean":
            return {"flag": literal.value in ("true", "1")}
        if literal.language:
            return self._called_so(literal)
        return {"text": cut(literal.value), "language": None}

    def _called_so(self, name: ox.Literal) -> Cell:
        """Return what has *name*: a thing, if it is the only one, or a text.

        Where several have the name, and are called the same in the language of the page, so is it.
        """
        if name not in self._known:
            found = {
                quad.subject.value
                for label in _LABELS
                for quad in islice(self._called(label, name), _MOST_NAMESAKES)
                if isinstance(quad.subject, ox.NamedNode)
            }
            things = [self._thing(iri) for iri in sorted(found)]
            labels = {(thing["label"], thing["language"]) for thing in things}
            text, language = cut(name.value), name.language
            if len(labels) == 1 and len(things) < _MOST_NAMESAKES:
                text, language = labels.pop()
            cell: Cell = {"text": text, "language": language}
            self._known[name] = {"thing": things[0]} if len(things) == 1 else cell
        return self._known[name]

    def _thing(self, iri: str) -> dict[str, Any]:
        named = self._names.named(iri)
        if iri.startswith(INDICATOR):
            return {**named, "address": indicator_page(iri, self._edition.public_url)}
        return named

    def _called(self, label: ox.NamedNode, name: ox.Literal) -> Iterator[ox.Quad]:
        return self._edition.store.quads_for_pattern(None, label, name, self._edition.union)


def _with_qualifiers(
    names: Sequence[str], rows: list[list[Cell | None]]
) -> tuple[list[dict[str, Any]], list[list[Cell | None]]]:
    """Return the columns and *rows*, in which a number carries its qualifier with it.

    Columns with nothing in them are left out.
    """
    is_number = [any(cell and "number" in cell for cell in column) for column in _turned(rows)]
    is_number += [False] * (len(names) - len(is_number))
    merged = _qualified_by(names, is_number)
    for row in rows:
        for place, of in merged.items():
            _qualify(row[of], row[place])
    is_empty = [not any(column) for column in _turned(rows)] or [False] * len(names)
    kept = [place for place in range(len(names)) if place not in merged and not is_empty[place]]
    columns = [
        {
            "name": names[place],
            "words": _HUMP.sub(" ", names[place]).replace("_", " ").lower(),
            "is_number": is_number[place],
        }
        for place in kept
    ]
    return columns, [[row[place] for place in kept] for row in rows]


def _qualified_by(names: Sequence[str], is_number: Sequence[bool]) -> dict[int, int]:
    """Return which column tells how exact another is: by its name, or the nearest one before it."""
    merged: dict[int, int] = {}
    for place, name in enumerate(names):
        if not name.lower().endswith("qualifier"):
            continue
        of = name.removesuffix("Qualifier")
        before = [number for number in range(place) if is_number[number]][-1:]
        after = [number for number in range(place, len(names)) if is_number[number]][:1]
        if of in names and is_number[names.index(of)]:
            merged[place] = names.index(of)
        elif before or after:
            merged[place] = (before or after)[0]
    return merged


def _qualify(number: Cell | None, qualifier: Cell | None) -> None:
    if number is None or "number" not in number or qualifier is None:
        return
    thing = qualifier.get("thing")
    if thing and thing["iri"].startswith(_QUALIFIER):
        is_told = last_word(thing["iri"]) not in ("exact", "range")
        number["qualifier"] = thing if is_told else None
    elif "text" in qualifier:
        number["remark"] = qualifier["text"]


def _by_words(row: Sequence[Cell | None]) -> list[str]:
    return [_words(cell) for cell in row]


def _words(cell: Cell | None) -> str:
    """Return what a cell says, to sort by."""
    thing = (cell or {}).get("thing")
    said = thing["label"] if thing else "".join(str(value) for value in (cell or {}).values())
    return str(said).casefold()


def _turned(rows: list[list[Cell | None]]) -> list[tuple[Cell | None, ...]]:
    return list(zip(*rows, strict=True))
