"""The names that there are in a generation: those of a file, and what has changed since.

The history of the store tells which subjects were changed after the file was made. What the file
says of their names is left out, and what the generation says of them is put in its place. So the
answer is that of the very generation that queries are answered from, and no commit waits for it.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from graph.errors import StoreUnusable, UnsupportedFeature
from graph.history.entries import thing_of
from graph.history.reading import History
from graph.search.files import MOST_ENTRIES, IndexFile, State, serving_file
from graph.search.missing import NoIndex
from graph.search.names import names_by

if TYPE_CHECKING:
    import pyoxigraph as ox

    from graph.publishing.edition import Facts
    from graph.search.names import Name

_CACHE_KB = 4_000
"""How much of a file SQLite may hold in memory."""


@dataclass(slots=True)
class Current:
    """What is known of the names of one generation."""

    file: IndexFile
    database: sqlite3.Connection
    generation: int
    """The number of the generation whose names these are."""
    changed: set[str] = field(default_factory=set[str])
    """The subjects of whose names the file does not count."""
    added: dict[str, list[Name]] = field(default_factory=dict[str, list["Name"]])
    """The names that these subjects state now."""
    read_to: int = 0
    """How many entries of the history these come from, and all before."""


def current_names(store: ox.Store, facts: Facts) -> Current:
    """Return the names of the generation that is open as *store*; NoIndex without a file."""
    state = _state_of(facts)
    try:
        file = serving_file(Path(facts.store), state)
    except OSError as error:
        # A new one would not help: this reader gave up opening files (`sandbox.enter`).
        raise UnsupportedFeature(
            "names cannot be searched here: this system filters no system calls, so that "
            "readers can open no file"
        ) from error
    if file is None:
        raise NoIndex("there is no index of names for this generation")
    known = _KEPT.get("current")
    if known is None or known.file != file or known.generation > state.number:
        known = Current(file, _opened(file.path), file.state.number, read_to=file.state.entries)
        _KEPT.clear()
    if known.generation != state.number:
        _catch_up(known, store, facts, state)
    _KEPT["current"] = known
    return known


_KEPT: dict[str, Current] = {}
"""What was opened last, for the next question."""


def _state_of(facts: Facts) -> State:
    """Return what says which file serves the generation that *facts* tell of."""
    history = Path(facts.history).name if facts.history else ""
    return State(facts.store_id, facts.number, history, facts.entries)


def _catch_up(known: Current, store: ox.Store, facts: Facts, state: State) -> None:
    """Take in what the history tells; NoIndex if that is too much."""
    if state.entries - known.file.state.entries > MOST_ENTRIES:
        raise NoIndex("too much has changed since the index of names was made")
    try:
        history = History(Path(facts.history), state.entries)
        lines = list(history.lines(known.read_to))
    except StoreUnusable as error:
        raise NoIndex(str(error)) from error
    for subject in {thing_of(line).decode() for _, line in lines}:
        known.changed.add(subject)
        known.added[subject] = [each for each in names_by(store, subject) if each.plain]
    known.read_to = state.entries
    known.generation = state.number


def _opened(path: Path) -> sqlite3.Connection:
    """Open a file that nobody changes; NoIndex when it is none."""
    # Immutable: no locks, and no files beside it. Who reads here may write nowhere.
    address = f"file:{quote(str(path))}?mode=ro&immutable=1"
    try:
        database = sqlite3.connect(address, uri=True, isolation_level=None)
        database.execute(f"PRAGMA cache_size = -{_CACHE_KB}")
        database.execute("SELECT plain FROM name WHERE id = 0").fetchall()
    except sqlite3.Error as error:
        raise NoIndex(f"the index of names cannot be read ({error})") from error
    return database
