"""Read the history that a generation shows."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from graph.errors import StoreUnusable
from graph.history.entries import read
from graph.history.folding import folded
from graph.history.pages import PAGE_ENTRIES, page_files, read_page

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from graph.history.entries import Entry
    from graph.history.folding import Folded
    from graph.history.pages import PageFile

_ATTEMPTS = 3
"""How often the files are listed again when one was joined to another before it was opened."""


class History:
    """The first *size* entries in *directory*, as the generation *generation* shows them."""

    def __init__(self, directory: Path, size: int) -> None:
        self.directory = directory
        """Where its pages are."""
        self.size = size
        self._files: list[PageFile] = []
        self._list()

    @property
    def name(self) -> str:
        """What it is called; another one has other entries."""
        return self.directory.name

    @property
    def pages(self) -> int:
        """How many pages there are; the last of them may not be full."""
        return -(-self.size // PAGE_ENTRIES)

    @property
    def first_generation(self) -> int:
        """The generation that it begins with; 1 when nothing has happened yet."""
        return self._files[0].first_generation if self._files else 1

    @property
    def folded(self) -> Folded:
        """How far only the last entry of each thing was kept."""
        return folded(self.directory)

    @property
    def full_pages(self) -> int:
        """How many pages are full, so that nothing will be added to them."""
        return self.size // PAGE_ENTRIES

    def page(self, number: int) -> list[tuple[int, Entry]]:
        """Return the entries of a page, by their numbers; pages count from 0."""
        first = number * PAGE_ENTRIES
        return list(self.entries(first, first + PAGE_ENTRIES))

    def entries(self, first: int = 0, end: int | None = None) -> Iterator[tuple[int, Entry]]:
        """Yield the entries from *first* on, but none from *end* on, by their numbers."""
        for number, line in self.lines(first, end):
            yield number, _read(line)

    def lines(self, first: int = 0, end: int | None = None) -> Iterator[tuple[int, bytes]]:
        """Yield the same, unread."""
        end = self.size if end is None else min(end, self.size)
        while first < end:
            file, lines = self._file_with(first)
            for number, line in enumerate(lines, start=file.first):
                if first <= number < end and line != b"\n":
                    yield number, line
            first = file.end

    def backwards(self) -> Iterator[tuple[int, Entry]]:
        """Yield all entries, the last first."""
        for page in range(self.pages - 1, -1, -1):
            first = page * PAGE_ENTRIES
            for number, line in reversed(list(self.lines(first, first + PAGE_ENTRIES))):
                yield number, _read(line)

    def first_after(self, generation: int) -> int:
        """Return the number of the first entry of a later generation than *generation*."""
        for file in self._files:
            if file.last_generation <= generation:
                continue
            for number, entry in self.entries(file.first, file.end):
                if entry.generation > generation:
                    return number
        return self.size

    def _file_with(self, number: int) -> tuple[PageFile, list[bytes]]:
        for _ in range(_ATTEMPTS):
            at = bisect_right(self._files, number, key=lambda file: file.first) - 1
            file = self._files[at] if at >= 0 else None
            if file is None or file.end <= number:
                raise StoreUnusable(
                    f"{self.directory}: entry {number} of the history is missing; the next "
                    "start of a server that takes changes begins it anew"
                )
            try:
                return file, read_page(file.path)
            except FileNotFoundError:
                self._list()
        raise StoreUnusable(f"{self.directory}: the history changes too fast to be read; try again")

    def _list(self) -> None:
        self._files = page_files(self.directory)


def _read(line: bytes) -> Entry:
    try:
        return read(line)
    except ValueError as error:
        raise StoreUnusable(f"the history is damaged ({error})") from error
