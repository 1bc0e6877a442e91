"""Make terms of cells, by what CSVW says of their column."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from graph.importing.tables.description import described
from graph.namespaces import XSD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graph.importing.tables.rows import Cell

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_MIDNIGHT = (0, 0, 0, 0)
EXAMPLES = {
    "date": "a day, written as 2026-11-27",
    "dateTime": "a time, written as 2026-11-27T10:00:00Z",
    "decimal": "a number, written as 1234.5",
    "double": "a number, written as 1234.5",
    "integer": "a whole number, written as 1234",
    "nonNegativeInteger": "a whole number, 0 or more",
    "gYear": "a year, written as 2026",
    "boolean": "true or false",
    "anyURI": "an address that begins with https:// or http://, without blanks",
}
"""What cells of each type look like."""
_DAY_NUMBER = re.compile(r"[1-9][0-9]{4}")
"""Days since 1899-12-30, which is what is in a cell that spreadsheets show as a date."""
_ALTERNATIVES = re.compile(r"[\w -]+(?:\|[\w -]+)+")
"""A form that is no more than a list of words."""
_YEAR = re.compile(r"-?[0-9]{4}")


class WrongCell(ValueError):  # noqa: N818 -- it becomes a defect with its place
    """A cell is not what its column asks for; `found`, and what is `expected`."""

    def __init__(self, message: str, expected: str, found: str) -> None:
        super().__init__(message)
        self.expected = expected
        self.found = found


class ColumnReader:
    """Reads the cells of one column."""

    def __init__(self, column: Any) -> None:  # noqa: ANN401 -- a csvw.Column
        self.name: str = str(column.name)
        kind: Any = column.inherit("datatype")
        self._column: Any = column
        self._base = str(kind.base) if kind else "string"
        self._format: str | None = kind.format if kind else None
        language = column.inherit("lang")
        self._language = None if language in (None, "und") else str(language)
        self._separator: str | None = column.inherit("separator")
        titles: Mapping[str, list[str]] = column.titles or {}
        self.titles: list[str] = [each for names in titles.values() for each in names]
        self.is_required = bool(column.inherit("required"))

    @property
    def title(self) -> str:
        """What people call it."""
        return self.titles[0] if self.titles else self.name

    @property
    def expected(self) -> str:
        """What a cell has to be, in words."""
        if self._format:
            kind = EXAMPLES.get(self._base, "text").partition(",")[0]
            return f"{kind} in the form {self._format}"
        return EXAMPLES.get(self._base, "text")

    def terms(self, cell: Cell) -> list[ox.Literal]:
        """Return what *cell* says; nothing if it is empty. WrongCell says why it cannot be read."""
        values = cell if isinstance(cell, list) else [cell]
        texts = [self._text(each) for each in values]
        if self._separator and not isinstance(cell, list):
            texts = [part.strip() for text in texts for part in text.split(self._separator)]
        terms = [term for text in texts if (term := self._term(text)) is not None]
        if self.is_required and not terms:
            raise WrongCell("the cell is empty", f"{self.expected}: every row needs it", "")
        return list(dict.fromkeys(terms))

    def _text(self, value: Any) -> str:  # noqa: ANN401 -- any plain value
        if value is None:
            return ""
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, datetime | date):
            return self._day(value)
        if isinstance(value, float) and value.is_integer():
            return str(int(value))
        text = " ".join(str(value).split())
        if _CONTROL.search(str(value)):
            raise WrongCell("it holds a control character", "text without it", ascii(text)[1:-1])
        if text.startswith("=") and len(text) > 1:
            raise WrongCell("it holds a formula", "its value, not the formula", text)
        return text

    def _day(self, value: date) -> str:
        is_day = not isinstance(value, datetime) or value.timetuple()[3:6] == _MIDNIGHT[:3]
        if self._base == "date" and self._format:
            return str(self._column.datatype.formatted(value))
        return value.isoformat()[:10] if is_day else value.isoformat()

    def _term(self, text: str) -> ox.Literal | None:
        if not text or text in self._column.inherit_null():
            return None
        if self._base == "anyURI":
            return self._address(text)
        if self._base == "gYear" and not _YEAR.fullmatch(text):
            raise WrongCell("it is no year", self.expected, text)
        try:
            value = self._column.inherit("datatype").read(text) if self._base != "string" else text
        except (ValueError, ArithmeticError, TypeError) as error:
            remedy = self.expected
            if self._base == "date" and _DAY_NUMBER.fullmatch(text):
                remedy += "; if it is how the spreadsheet keeps a day, have it shown as a date"
            raise WrongCell(f"it is no {self._base}", remedy, text) from error
        if self._base == "string":
            if kind := self._column.inherit("datatype"):
                self._checked(kind, text)
            return ox.Literal(text, language=self._language) if self._language else ox.Literal(text)
        return ox.Literal(_lexical(value, self._base), datatype=ox.NamedNode(XSD + self._base))

    def _checked(self, kind: Any, text: str) -> None:  # noqa: ANN401 -- a csvw.Datatype
        try:
            kind.read(text)
        except ValueError as error:
            if self._format and _ALTERNATIVES.fullmatch(self._format):
                expected = f"one of {', '.join(self._format.split('|'))}"
                raise WrongCell("it is not on the list", expected, text) from error
            expected = f"text of the form {self._format}" if self._format else str(error)
            raise WrongCell("it has another form", expected, text) from error

    def _address(self, text: str) -> ox.Literal:
        whole = f"https://{text}" if text.lower().startswith("www.") else text
        try:
            ox.NamedNode(whole)
        except ValueError as error:
            raise WrongCell("it is no address", self.expected, text) from error
        if not whole.lower().startswith(("https://", "http://")):
            raise WrongCell("it is no address on the web", self.expected, text)
        return ox.Literal(whole, datatype=ox.NamedNode(f"{XSD}anyURI"))


def _lexical(value: Any, base: str) -> str:  # noqa: ANN401 -- what csvw makes of a cell
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.date().isoformat() if base == "date" else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value)


def titles_of(metadata: Mapping[str, Any]) -> dict[str, str]:
    """Return what people call the columns of a table, by their names in the mapping."""
    columns = described(metadata).tableSchema.columns
    return {each.name: ColumnReader(each).title for each in columns}
