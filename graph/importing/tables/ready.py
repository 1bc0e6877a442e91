"""From rows as they are to rows whose cells are terms, each with a key of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graph.errors import ImportRefused
from graph.importing.tables.cells import WrongCell
from graph.importing.tables.filling import Ready
from graph.importing.tables.functions import slug

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import pyoxigraph as ox

    from graph.importing.tables.cells import ColumnReader
    from graph.importing.tables.header import Header
    from graph.importing.tables.rows import Cell, Defects, Row


def ready_rows(
    rows: Iterable[Row],
    header: Header,
    columns: Sequence[ColumnReader],
    key: Sequence[str],
    limits: Mapping[str, Any],
    defects: Defects,
) -> Iterator[Ready]:
    """Yield *rows* with terms; those that have a defect are left out.

    ImportRefused when there are more than the limits have.
    """
    reading = _Reading(header, columns, key, defects)
    for count, row in enumerate(rows, 1):
        if count > limits["rows"]:
            raise ImportRefused(
                f"row {row.number}: the table has more than {limits['rows']:,} rows; "
                "part it into several files, or leave out what is not needed"
            )
        if ready := reading.ready(row):
            yield ready


class _Reading:
    def __init__(
        self, header: Header, columns: Sequence[ColumnReader], key: Sequence[str], defects: Defects
    ) -> None:
        self._header = header
        self._columns = columns
        self._key = key
        self._defects = defects
        self._seen: dict[str, tuple[int, str]] = {}
        """By what keys become in an address: the row that had it first, and the key."""

    def ready(self, row: Row) -> Ready | None:
        if not self._has_width(row):
            return None
        values: dict[str, list[ox.Literal]] = {}
        is_whole = True
        for column in self._columns:
            place = self._header.places.get(column.name)
            if place is None:
                continue
            try:
                terms = column.terms(_cell(row, place))
            except WrongCell as error:
                self._wrong(row, column, error)
                is_whole = False
                continue
            if terms:
                values[column.name] = terms
        return self._with_key(row, values) if is_whole else None

    def _wrong(self, row: Row, column: ColumnReader, error: WrongCell) -> None:
        self._defects.add(
            row.number, [column.title], error.found, str(error), f"expected is {error.expected}"
        )

    def _has_width(self, row: Row) -> bool:
        extra = [cell for cell in row.cells[self._header.width :] if cell not in (None, "")]
        if not extra:
            return True
        self._defects.add(
            row.number, [], str(extra[0]),
            f"the row has {len(row.cells)} cells, and the header has {self._header.width}",
            "put quotation marks around cells that hold the delimiter",
        )  # fmt: skip
        return False

    def _with_key(self, row: Row, values: dict[str, list[ox.Literal]]) -> Ready | None:
        titles = {each.name: each.title for each in self._columns}
        names = [titles[name] for name in self._key]
        if not all(values.get(name) for name in self._key):
            self._defects.add(
                row.number, names, "", "a key is empty", "every row needs it: it tells rows apart"
            )
            return None
        key = " / ".join(values[name][0].value for name in self._key)
        short = "-".join(slug(values[name][0].value) for name in self._key)
        if short in self._seen:
            first, other = self._seen[short]
            same = "the same" if other == key else f"{other!r}, which makes the same address"
            self._defects.add(
                row.number, names, key, f"row {first} has this key already ({same})",
                "remove one of the rows, or tell them apart",
            )  # fmt: skip
            return None
        self._seen[short] = (row.number, key)
        return Ready(row.number, row.lines, key, short, values)


def _cell(row: Row, place: int) -> Cell:
    return row.cells[place] if place < len(row.cells) else None
