"""Where the files with the names are, and which of them serves a generation.

A file serves the generation that it was made from, and every later one that goes on with the same
history: that tells which things have changed since. All of this can be made again at any time.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

if TYPE_CHECKING:
    from pathlib import Path

    from graph.generations import Generation

_FORMAT = 2
"""Raised when files made before cannot be read any more, or would answer otherwise."""
MOST_ENTRIES = 2_000
"""With how many more entries in the history a file serves no longer: each search reads them."""
_NAME = re.compile(r"names-(\d+)-(.*)-([0-9a-z]+)-(\d+)-(\d+)\.sqlite")
_NO_HISTORY = "none"
_KEPT = 2
"""How many files are kept: a reader may be about to open the one before."""


@dataclass(frozen=True, slots=True)
class State:
    """Of a generation, what says which file serves it."""

    store_id: str
    number: int
    history: str
    """What its history is called; "" for none."""
    entries: int


def state_of(generation: Generation) -> State:
    """Return what says which file serves *generation*."""
    return State(generation.store_id, generation.number, generation.history, generation.entries)


@dataclass(frozen=True, slots=True)
class IndexFile:
    """One file, by its name."""

    path: Path
    state: State
    """That of the generation that it was made from."""

    def serves(self, state: State) -> bool:
        """Tell whether it serves the generation of that *state*."""
        made = self.state
        if made.store_id != state.store_id:
            return False
        if not state.history:
            return made == state
        return (
            made.history == state.history
            and made.entries <= state.entries
            and made.number <= state.number
        )


def index_folder(store: Path) -> Path:
    """Return where the files of *store* are."""
    return store / "search"


def serving_file(store: Path, state: State) -> IndexFile | None:
    """Return the file that serves *state* with the fewest changes since; None if none does."""
    found = [each for each in _files(store) if each.serves(state)]
    return max(found, key=lambda each: (each.state.entries, each.state.number), default=None)


class Unfinished:
    """A file that is being written, from the generation of that *state*; OSError if that fails."""

    def __init__(self, store: Path, state: State) -> None:
        folder = index_folder(store)
        folder.mkdir(exist_ok=True)
        self._state = state
        self._path = folder / _name(state)
        self._written = self._path.with_suffix(f".{os.getpid()}.tmp")
        self._file = self._written.open("wb")

    def write(self, content: bytes) -> None:
        """Write the next bytes."""
        self._file.write(content)

    def finish(self) -> IndexFile:
        """Put the file in its place, and remove those that it replaces."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._written.replace(self._path)
        _remove_others(self._path)
        return IndexFile(self._path, self._state)

    def close(self) -> None:
        """Remove what was not finished."""
        self._file.close()
        self._written.unlink(missing_ok=True)


def forget(store: Path) -> None:
    """Remove all files of *store*, for they may have names that nobody is to find any more."""
    shutil.rmtree(index_folder(store), ignore_errors=True)


def _files(store: Path) -> list[IndexFile]:
    try:
        names = os.listdir(index_folder(store))  # noqa: PTH208 -- asked for every search, and quicker
    except OSError as error:
        if error.errno == errno.EMFILE:  # who may open nothing cannot know what is there
            raise
        return []
    found: list[IndexFile] = []
    for name in names:
        match = _NAME.fullmatch(name)
        if match and int(match[1]) == _FORMAT:
            history = "" if match[3] == _NO_HISTORY else match[3]
            state = State(unquote(match[2]), int(match[5]), history, int(match[4]))
            found.append(IndexFile(index_folder(store) / name, state))
    return found


def _name(state: State) -> str:
    history = state.history or _NO_HISTORY
    store_id = quote(state.store_id, safe="")  # "" of stores that older versions made
    return f"names-{_FORMAT}-{store_id}-{history}-{state.entries}-{state.number}.sqlite"


def _remove_others(newest: Path) -> None:
    files = sorted(
        (each for each in newest.parent.iterdir() if each != newest),
        key=lambda each: each.stat().st_mtime,
        reverse=True,
    )
    for path in files[_KEPT - 1 :]:
        path.unlink(missing_ok=True)
