"""Find the columns of a mapping in the header of a table, and say what does not fit."""

from __future__ import annotations

import io
from collections import Counter
from typing import TYPE_CHECKING, BinaryIO

from graph.importing.tables.rows import refused
from graph.importing.tables.text_files import DELIMITERS, delimiter_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graph.importing.tables.cells import ColumnReader

_SHOWN = 200
_LONGEST_LINE = 1 << 16


class Header:
    """The columns that are looked for, and where they were found."""

    def __init__(self, columns: Sequence[ColumnReader], key: Sequence[str]) -> None:
        self._columns = columns
        self._needed = [each for each in columns if each.is_required or each.name in key]
        self.delimiter: str | None = None
        """What parts the cells of a text file."""
        self.places: dict[str, int] = {}
        """By the names of columns: which cell of a row is theirs."""
        self.width = 0

    def match(self, header: Sequence[str]) -> None:
        """Find the columns in *header*; ImportRefused when one is twice there, or missing."""
        names = [_plain(each) for each in header]
        self.width = len(names)
        self._refuse_twice(header, names)
        for column in self._columns:
            for title in (*column.titles, column.name):
                if _plain(title) in names:
                    self.places.setdefault(column.name, names.index(_plain(title)))
        missing = [each for each in self._needed if each.name not in self.places]
        if missing:
            raise refused(
                f"the header lacks {', '.join(repr(each.title) for each in missing)}; "
                f"it has {_listed(header)}",
                self._remedy(header),
                row=1,
                column=missing[0].title,
                found=(self.delimiter or ", ").join(header),
            )

    def delimiter_in(self, file: BinaryIO, encoding: str, skip: int) -> str:
        """Return the delimiter with which most columns are found in the first line of *file*."""
        file.seek(0)
        text = io.TextIOWrapper(file, encoding=encoding, newline="")
        try:
            for _ in range(skip):
                text.readline(_LONGEST_LINE)
            line = text.readline(_LONGEST_LINE)
        finally:
            text.detach()
        known = {_plain(title) for each in self._columns for title in (*each.titles, each.name)}
        found = {
            mark: sum(_plain(name.strip('"')) in known for name in line.split(mark))
            for mark in DELIMITERS
        }
        best = max(found, key=lambda mark: found[mark])
        return best if found[best] else delimiter_of(line)

    def _refuse_twice(self, header: Sequence[str], names: Sequence[str]) -> None:
        twice = [name for name, count in Counter(names).items() if name and count > 1]
        if twice:
            places = [str(number) for number, name in enumerate(names, 1) if name == twice[0]]
            title = header[names.index(twice[0])]
            raise refused(
                f"the header has {title!r} more than once, in columns {' and '.join(places)}",
                "give each column a name of its own, or remove one",
                row=1, column=title, found=title,
            )  # fmt: skip

    def _remedy(self, header: Sequence[str]) -> str:
        needed = ", ".join(repr(each.title) for each in self._needed)
        remedy = f"expected are at least {needed}"
        if self.delimiter and len(header) == 1:
            line = header[0]
            other = delimiter_of(line)
            if other != self.delimiter and other in line:
                return (
                    f"its cells seem to be parted by a {DELIMITERS[other]}, not by a "
                    f"{DELIMITERS.get(self.delimiter, repr(self.delimiter))}: "
                    f"say --delimiter {'tab' if other == chr(9) else repr(other)}; {remedy}"
                )
        return (
            f"{remedy}; name the columns so, remove what stands above the header, "
            "or take another mapping"
        )


def _plain(name: str) -> str:
    return " ".join(name.replace("\ufeff", "").split()).casefold()


def _listed(header: Sequence[str]) -> str:
    shown = ", ".join(repr(each) for each in header if each.strip())
    return (shown[: _SHOWN - 3] + "..." if len(shown) > _SHOWN else shown) or "nothing"
