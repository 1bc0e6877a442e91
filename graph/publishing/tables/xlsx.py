"""Tables as a workbook, for people who open things in a spreadsheet.

The same generation gives the same bytes: the file says when the generation was made, not itself.
Text is written as text, whatever it begins with; nothing in it is a formula.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import xlsxwriter  # pyright: ignore[reportMissingTypeStubs] -- there are none

from graph.addresses import address_of
from graph.publishing.publisher import publisher_of
from graph.publishing.tables.cells import number_from, values_of
from graph.publishing.tables.columns import SEPARATOR
from graph.publishing.tables.rows import rows
from graph.publishing.version import moment_of, version_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graph.publishing.edition import Edition
    from graph.publishing.tables.columns import Column
    from graph.publishing.tables.offered import Table
    from graph.publishing.tables.rows import Row

MOST_ROWS = 1_048_576
"""How many rows a sheet of Excel has."""
MOST_CELLS = 500_000
"""How many cells a workbook gets here: it is complete before it can be sent, and takes memory."""
_ROWS_TO_SPARE = 2
"""For the names of columns, and for the row that says that there are more."""

_LONGEST_TEXT = 32_767
_CUT = " ... (cut; the CSV file has all)"
_MOST_LINKS = 65_000
"""Of a sheet; Excel takes 65,530."""
_LONGEST_LINK = 2_000
_PIECE = 256 * 1024


def write_workbook(edition: Edition, tables: Sequence[Table], day: date | None = None) -> None:
    """Write a sheet for each of *tables*, and one that says what they are.

    A sheet that would be too long ends with a row that says so; the first sheet does, too.
    """
    content = io.BytesIO()
    book = _Book(edition, content)
    about = book.sheet("about")
    room = rows_that_fit(
        {table.name: (len(table.listing.items(edition)), len(table.columns)) for table in tables}
    )
    counts = {table.name: book.write_table(table, room[table.name], day) for table in tables}
    book.write_about(about, tables, counts, day)
    book.close()
    written = content.getbuffer()
    for start in range(0, len(written), _PIECE):
        edition.out.write(bytes(written[start : start + _PIECE]))


def rows_that_fit(sizes: Mapping[str, tuple[int, int]]) -> dict[str, int]:
    """Return how many rows each table gets, from how many rows and columns it has.

    What small tables leave over, larger ones share.
    """
    cells_left, fitting = MOST_CELLS, dict[str, int]()
    by_size = sorted(sizes, key=lambda name: sizes[name][0] * sizes[name][1])
    for place, name in enumerate(by_size):
        size, columns = sizes[name]
        share = cells_left // (len(by_size) - place) // columns
        fitting[name] = min(size, share, MOST_ROWS - _ROWS_TO_SPARE)
        cells_left -= fitting[name] * columns
    return fitting


@dataclass(frozen=True, slots=True)
class _Count:
    """How many rows a sheet shows, and whether there are more."""

    shown: int
    is_cut: bool


class _Book:
    """A workbook that is being written to memory."""

    def __init__(self, edition: Edition, content: io.BytesIO) -> None:
        self._edition = edition
        self._publisher = publisher_of(edition.arguments)
        self._book: Any = xlsxwriter.Workbook(  # the library has few types
            content,
            {
                "in_memory": True,  # no file can be written where this runs
                "strings_to_formulas": False,
                "strings_to_numbers": False,
                "strings_to_urls": False,
            },
        )
        self._bold = self._book.add_format({"bold": True})
        self._wrapped = self._book.add_format({"text_wrap": True, "valign": "top"})
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._link = self._book.add_format({"font_color": "blue", "underline": 1})
        self._links = 0
        self._book.set_properties(
            {
                "title": "Metapole: industrial clusters",
                "author": self._publisher.name,
                "comments": f"{edition.public_url} - {self._publisher.licence}",
                "created": moment_of(edition.generation),
            }
        )

    def sheet(self, name: str) -> Any:  # noqa: ANN401 -- the library has no types
        return self._book.add_worksheet(name)

    def close(self) -> None:
        self._book.close()

    def write_table(self, table: Table, room: int, day: date | None) -> _Count:
        """Write a sheet with *room* rows of *table* at most."""
        sheet, self._links, number = self.sheet(table.name), 0, 0
        for place, column in enumerate(table.columns):
            sheet.write_string(0, place, column.name, self._bold)
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, len(table.columns) - 1, 24)
        for row in rows(self._edition, table.listing, day=day):
            if number == room:
                address = f"{self._edition.public_url}data/{table.name}.csv"
                text = f"This sheet ends here, and the table does not; all of it is at {address}"
                sheet.write_string(number + 1, 0, text, self._bold)
                return _Count(number, is_cut=True)
            number += 1
            for place, column in enumerate(table.columns):
                self._write_cell(sheet, number, place, column, row)
        return _Count(number, is_cut=False)

    def _write_cell(
        self,
        sheet: Any,  # noqa: ANN401 -- the library has no types
        number: int,
        place: int,
        column: Column,
        row: Row,
    ) -> None:
        values = values_of(column, row)
        if not values:
            return
        if column.is_many:
            sheet.write_string(number, place, _short(f" {SEPARATOR} ".join(values)))
            return
        (value,) = values
        if column.datatype in ("integer", "decimal") and (found := number_from(value)) is not None:
            sheet.write_number(number, place, found)
        elif column.datatype == "date" and (day := _day_from(value)):
            sheet.write_datetime(number, place, day, self._day)
        elif column.datatype == "boolean" and value in ("true", "false"):
            sheet.write_boolean(number, place, value == "true")
        elif column.datatype == "anyURI" and self._may_link(value):
            address = address_of(value, self._edition.public_url)
            sheet.write_url(number, place, address, self._link, value)
        else:
            sheet.write_string(number, place, _short(value))

    def _may_link(self, iri: str) -> bool:
        self._links += 1
        is_web = iri.startswith(("https://", "http://"))
        return is_web and len(iri) < _LONGEST_LINK and self._links < _MOST_LINKS

    def write_about(
        self,
        sheet: Any,  # noqa: ANN401 -- the library has no types
        tables: Sequence[Table],
        counts: Mapping[str, _Count],
        day: date | None,
    ) -> None:
        """Say on *sheet* what there is, from where, and under which licence."""
        facts, edition = self._edition.generation, self._edition
        lines = [
            ("Title", "Metapole: industrial clusters"),
            ("Source", edition.public_url),
            ("Licence", self._publisher.licence),
            ("Attribution", self._publisher.name),
            ("Version", version_of(facts)),
            ("Generation", f"{facts.number}, made {facts.built}"),
            *([("As of", day.isoformat())] if day else []),
            ("Cells", f"Several values in a cell are separated by {SEPARATOR}."),
            (
                "Complete",
                f"No. A sheet of Excel holds {MOST_ROWS:,} rows, and this workbook "
                f"{MOST_CELLS:,} cells at most; the CSV files have all."
                if any(count.is_cut for count in counts.values())
                else "Yes.",
            ),
        ]
        for number, line in enumerate(lines):
            sheet.write_string(number, 0, line[0], self._bold)
            sheet.write_string(number, 1, line[1])
        number = len(lines) + 1
        for table in tables:
            sheet.write_string(number, 0, table.name, self._bold)
            count = counts[table.name]
            size = (
                f"The first {count.shown:,} rows, not all"
                if count.is_cut
                else f"{count.shown:,} rows"
            )
            sheet.write_string(number, 1, f"{size}. {table.says}")
            sheet.write_string(number, 2, f"{edition.public_url}data/{table.name}.rq")
            number += 1
            for column in table.columns:
                sheet.write_string(number, 0, f"{table.name}: {column.name}")
                sheet.write_string(number, 1, f"{', '.join(column.titles)}. {column.says}")
                number += 1
        sheet.set_column(0, 0, 32)
        sheet.set_column(1, 1, 100, self._wrapped)
        sheet.set_column(2, 2, 48)


def _day_from(text: str) -> date | None:
    """Return a day that a sheet can hold: Excel's calendar begins in 1900."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year >= 1900 else None


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - len(_CUT)] + _CUT
