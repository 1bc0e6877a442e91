"""Make triples of rows: the rows become the VALUES of the mapping's query, some at a time."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import pyoxigraph as ox

from graph.importing.names import document_of, evidence_of
from graph.importing.tables.functions import functions
from graph.importing.tables.mapping import ROWS, SPECIAL
from graph.namespaces import MP, RDF_TYPE, XSD
from graph.writing.plan_terms import Template

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from graph.importing.tables.rows import Defects

_MOST_COMBINATIONS = 1_000
_PRINTED_WORDS = 12
_PRINTED_CHARACTERS = 200
_INTEGER = ox.NamedNode(f"{XSD}integer")
_LEXICAL = {
    f"{XSD}date": re.compile(r"-?\d{4,}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(Z|[+-]\d\d:\d\d)?"),
    f"{XSD}dateTime": re.compile(r"-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?"),
    f"{XSD}gYear": re.compile(r"-?\d{4,}(Z|[+-]\d\d:\d\d)?"),
    f"{XSD}decimal": re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)"),
    f"{XSD}integer": re.compile(r"[+-]?\d+"),
    f"{XSD}boolean": re.compile(r"true|false|0|1"),
}
"""How values of types are written that a mapping may make without asking."""


@dataclass(frozen=True, slots=True)
class Ready:
    """One row, whose cells have become terms."""

    number: int
    lines: tuple[int, int] | None
    key: str
    """What tells it from others, as it is in the file."""
    slug: str
    """The same, fit for an address."""
    values: dict[str, list[ox.Literal]]
    """By the names of columns; those that are empty are not there."""


class Filling:
    """A mapping at work."""

    def __init__(self, job: Mapping[str, Any], titles: Mapping[str, str], defects: Defects) -> None:
        self._names: Sequence[str] = job["names"]
        self._select: str = job["select"]
        self._template = Template(job["template"])
        self._checks: Sequence[Mapping[str, Any]] = job["checks"]
        self._import: str = job["import"]
        self._document = ox.NamedNode(document_of(self._import, job["document"]))
        self._part: str = job["part"]
        self._titles = titles
        self._defects = defects
        self._functions = functions()
        self._store = ox.Store()

    def triples(self, rows: Sequence[Ready]) -> Iterator[tuple[int, ox.Triple]]:
        """Yield what *rows* make, each triple with the number of its row."""
        by_number = {row.number: row for row in rows}
        lines = "\n".join(line for row in rows for line in self._lines(row))
        solutions = cast(
            "ox.QuerySolutions",
            self._store.query(self._select.replace(ROWS, lines), custom_functions=self._functions),
        )
        place = [each.value for each in solutions.variables].index("_row")
        supported: dict[int, None] = {}
        for solution in solutions:
            values = tuple(solution)
            row = by_number[int(values[place].value)]
            if not self._is_whole(row, values):
                continue
            evidence = self._evidence(row)
            for quad in self._template.filled(values):
                if not self._is_well_written(row, quad.object):
                    continue
                if quad.object == evidence:
                    supported[row.number] = None
                yield row.number, quad.triple
        for number in supported:
            for triple in self._about_evidence(by_number[number]):
                yield number, triple

    def _lines(self, row: Ready) -> Iterator[str]:
        """Yield *row* as a row of VALUES, or several where cells have several values."""
        special = {
            "_row": ox.Literal(str(row.number), datatype=_INTEGER),
            "_key": ox.Literal(row.slug),
            "_import": ox.Literal(self._import),
            "_evidence": self._evidence(row),
            "_document": self._document,
        }
        columns = [row.values.get(name) or [None] for name in self._names[len(SPECIAL) :]]
        combinations = 1
        for values in columns:
            combinations *= len(values)
        if combinations > _MOST_COMBINATIONS:
            self._defects.add(
                row.number, [], "",
                f"its cells with several values make {combinations:,} combinations",
                f"{_MOST_COMBINATIONS:,} at most; part them into rows",
            )  # fmt: skip
            return
        fixed = " ".join(str(special[name]) for name in SPECIAL)
        for combination in itertools.product(*columns):
            cells = " ".join("UNDEF" if each is None else str(each) for each in combination)
            yield f"({fixed} {cells})"

    def _is_whole(self, row: Ready, values: tuple[Any, ...]) -> bool:
        """Tell whether all has a value that should have one; what has none would be left out."""
        told: set[tuple[str, ...]] = set()
        for check in self._checks:
            names: tuple[str, ...] = tuple(check["columns"])
            if values[check["variable"]] is not None or told.intersection([names]):
                continue
            if all(row.values.get(name) for name in names):
                found = "; ".join(str(row.values[name][0].value) for name in names)
                self._defects.add(
                    row.number,
                    [self._titles.get(name, name) for name in names],
                    found,
                    f"the mapping can make no ?{check['name']} of it",
                    f"expected is {check['expected']}",
                )
                told.add(names)
        return not told

    def _is_well_written(self, row: Ready, term: object) -> bool:
        if not isinstance(term, ox.Literal):
            return True
        form = _LEXICAL.get(term.datatype.value)
        if form is None or form.fullmatch(term.value):
            return True
        self._defects.add(
            row.number, [], term.value,
            f"the mapping makes a {term.datatype.value.rpartition('#')[2]} of it, which it is not",
            "correct the cell, or have the mapping convert it: xsd:date(?x) instead of STRDT",
        )  # fmt: skip
        return False

    def _evidence(self, row: Ready) -> ox.NamedNode:
        return ox.NamedNode(evidence_of(self._import, f"{self._part}{row.slug}"))

    def _about_evidence(self, row: Ready) -> Iterator[ox.Triple]:
        evidence = self._evidence(row)

        def say(name: str, value: ox.NamedNode | ox.Literal) -> ox.Triple:
            return ox.Triple(evidence, ox.NamedNode(MP + name), value)

        yield ox.Triple(evidence, ox.NamedNode(RDF_TYPE), ox.NamedNode(f"{MP}Evidence"))
        yield say("document", self._document)
        yield say("row", ox.Literal(row.number))
        yield say("printedAs", ox.Literal(self._printed(row)))
        if row.lines:
            yield say("lineFrom", ox.Literal(row.lines[0]))
            yield say("lineTo", ox.Literal(row.lines[1]))

    def _printed(self, row: Ready) -> str:
        """Return the first words of the row that are not its key."""
        texts = (
            value.value for values in row.values.values() for value in values if _is_text(value)
        )
        text = next((each for each in texts if each != row.key and not each.isdigit()), row.key)
        return " ".join(text.split()[:_PRINTED_WORDS])[:_PRINTED_CHARACTERS]


def _is_text(value: ox.Literal) -> bool:
    return value.language is not None or value.datatype.value == f"{XSD}string"


def batches(rows: Iterable[Ready], size: int) -> Iterator[list[Ready]]:
    """Yield *rows*, some at a time."""
    waiting = iter(rows)
    while some := list(itertools.islice(waiting, size)):
        yield some
