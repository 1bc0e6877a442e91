"""Rows as they are read, before anything is made of their cells, and what is wrong with them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from graph.errors import ImportRefused

if TYPE_CHECKING:
    from collections.abc import Sequence

_LOOKED_BACK = 20

Cell = str | int | float | bool | date | datetime | list[Any] | None


@dataclass(frozen=True, slots=True)
class Row:
    """One row, with a cell for each name of the header."""

    number: int
    """As a spreadsheet counts: the header is row 1. In a list of records, the first is 1."""
    cells: tuple[Cell, ...]
    lines: tuple[int, int] | None = None
    """The first and the last line of the file that it is on, counted from 1."""


class TooManyDefects(Exception):  # noqa: N818 -- reading ends here, and that is all right
    """More is wrong than anybody will read."""


@dataclass(slots=True)
class Defects:
    """What is wrong with a file, as it is found."""

    most: int
    found: list[dict[str, str]] = field(default_factory=list[dict[str, str]])

    def add(
        self, row: int | None, columns: Sequence[str], found: str, message: str, remedy: str
    ) -> None:
        """Note one defect; TooManyDefects when that was the last that is told."""
        defect = {
            "severity": "error",
            "row": "" if row is None else str(row),
            "column": ", ".join(columns),
            "thing": "",
            "found": found[:200],
            "message": message,
            "remedy": remedy,
        }
        if self.found[-_LOOKED_BACK:].count(defect):  # a cell with several values is one cell
            return
        self.found.append(defect)
        if len(self.found) >= self.most:
            raise TooManyDefects


def refused(
    message: str, remedy: str, *, row: int | None = None, column: str = "", found: str = ""
) -> ImportRefused:
    """Return the error for what makes reading on pointless."""
    defects = Defects(2)
    defects.add(row, [column] if column else [], found, message, remedy)
    return ImportRefused(f"{message}; {remedy}", defects.found)
