"""What a generation adds to the history: gathered while it is made, and written before it appears.

chapter = chapter_after(store, generation, content)
chapter.add(changes(...))
paths = chapter.write()         to be flushed before the pointer is switched
"""

from __future__ import annotations

import secrets
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graph.history.changes import everything
from graph.history.entries import written
from graph.history.pages import PAGE_ENTRIES, histories, packed, page_files, page_path

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import pyoxigraph as ox

    from graph.generations.record import Generation
    from graph.history.entries import Entry

TOLD_QUADS = 500_000
"""How many quads may be there when a history begins for it to tell of them.

To tell of more would take longer than to load them; who follows such a store begins with a dump.
"""


@dataclass(frozen=True, slots=True)
class _Page:
    first: int
    count: int
    generations: tuple[int, int]
    content: bytes


class Chapter:
    """New entries of the history in *directory*, the next of which has the number *end*."""

    def __init__(self, directory: Path, end: int, made: Iterable[Path] = ()) -> None:
        self.directory = directory
        """Where the history is."""
        self.end = end
        """The number of entries that the history has with these."""
        self._lines: list[bytes] = []
        self._generations: set[int] = set()
        self._pages: list[_Page] = []
        self._paths = list(made)

    @property
    def name(self) -> str:
        """What the history is called."""
        return self.directory.name

    def add(self, entries: Iterable[Entry]) -> None:
        """Add *entries* at the end."""
        for entry in entries:
            self._lines.append(written(entry))
            self._generations.add(entry.generation)
            self.end += 1
            if not self.end % PAGE_ENTRIES:
                self._close()

    def add_many(self, entries: Iterable[Entry]) -> None:
        """Add *entries* and write them page by page, for there may be any number of them."""
        for entry in entries:
            self.add((entry,))
            if self._pages:
                self._write_pages()

    def write(self) -> list[Path]:
        """Write what was added; return what has to be flushed for it to last."""
        self._close()
        self._write_pages()
        paths, self._paths = self._paths, []
        return [*paths, self.directory] if paths else []

    def _close(self) -> None:
        if not self._lines:
            return
        count = len(self._lines)
        generations = min(self._generations), max(self._generations)
        self._pages.append(_Page(self.end - count, count, generations, packed(self._lines)))
        self._lines.clear()
        self._generations.clear()

    def _write_pages(self) -> None:
        for page in self._pages:
            path = page_path(self.directory, page.first, page.count, *page.generations)
            path.write_bytes(page.content)
            self._paths.append(path)
        self._pages.clear()


def new_chapter(store: Path) -> Chapter:
    """Begin the history of *store* anew; nobody reads it before a generation shows it."""
    directory = histories(store) / secrets.token_hex(4)
    directory.mkdir(parents=True)
    return Chapter(directory, 0, (store, directory.parent))


def chapter_of_all(store: Path, content: ox.Store, generation: Generation, time: str) -> Chapter:
    """Begin the history of *store* anew with all things of *content*, which is *generation*.

    It is as if its commit had made them, at *time*. Of more than `TOLD_QUADS` nothing is told.
    """
    chapter = new_chapter(store)
    if generation.quads <= TOLD_QUADS:
        chapter.add_many(everything(content, generation.number, generation.commit, time))
    return chapter


def chapter_after(store: Path, generation: Generation, content: ox.Store) -> Chapter:
    """Go on with the history that *generation* shows, which holds *content*; else begin it anew.

    What lies beyond it, by a process that did not come far enough, is removed. Whoever calls this
    holds the lock of the store.
    """
    directory = histories(store) / generation.history
    files = page_files(directory) if generation.history else []
    if not is_whole(store, generation):
        time = generation.built.replace("+00:00", "Z")
        return chapter_of_all(store, content, generation, time)
    beyond = (file.path for file in files if file.first >= generation.entries)
    for path in (*beyond, *directory.glob("*.tmp")):
        path.unlink()
    return Chapter(directory, generation.entries)


def is_whole(store: Path, generation: Generation) -> bool:
    """Tell whether the history that *generation* shows is there."""
    if not generation.history:
        return False
    directory = histories(store) / generation.history
    if not directory.is_dir():
        return False
    end = max((file.end for file in page_files(directory)), default=0)
    return end >= generation.entries


def remove_other_histories(store: Path, name: str) -> None:
    """Remove every history of *store* but the one called *name*, which goes on."""
    try:
        found = list(histories(store).iterdir())
    except OSError:
        return
    for path in found:
        if path.name != name:
            shutil.rmtree(path, ignore_errors=True)
