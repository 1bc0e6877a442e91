"""Keep the history from growing for ever: of what was long ago, only the last of each thing stays.

A note beside the pages says how far that has come, and is on disk before anything is let go of. An
entry that is gone leaves an empty line, so that all others keep their numbers, and their pages.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from graph.errors import StoreUnusable
from graph.generations.files import flush_one
from graph.history.entries import thing_of
from graph.history.pages import PAGE_ENTRIES, histories, page_files, read_page, write_page

if TYPE_CHECKING:
    from pathlib import Path

    from graph.generations.record import Generation
    from graph.history.pages import PageFile

FOLDED_AFTER = 100_000
"""After so many new entries, or half as many as there are, the older ones are folded."""

_GONE = b"\n"


@dataclass(frozen=True, slots=True)
class Folded:
    """How far a history is folded."""

    entries: int = 0
    """The number of the first entry that is not."""
    generation: int = 0
    """The last generation that entries before it are of; 0 when nothing is folded."""
    kept: int = 0
    """How many entries were left before it."""


def folded(directory: Path) -> Folded:
    """Return how far the history in *directory* is folded."""
    path = directory / "folded.json"
    try:
        return Folded(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return Folded()
    except (OSError, ValueError, TypeError) as error:
        raise StoreUnusable(f"{path}: cannot be read ({error})") from error


def note_folded(directory: Path, note: Folded) -> list[Path]:
    """Write down how far the history in *directory* is folded; return what has to be flushed."""
    following, path = directory / "folded.json.tmp", directory / "folded.json"
    following.write_text(json.dumps(asdict(note)), encoding="utf-8")
    flush_one(following)
    following.replace(path)
    return [directory]


def fold_when_long(store: Path, generation: Generation, most_new: int = FOLDED_AFTER) -> bool:
    """Fold the full pages of the history that *generation* shows, if there are many new ones."""
    directory = histories(store) / generation.history
    files = page_files(directory)
    before = folded(directory)
    if not before.entries:
        begun = [file for file in files if file.last_generation == files[0].first_generation]
        before = Folded(begun[-1].end if begun else 0, 0, begun[-1].end if begun else 0)
    if generation.entries - before.entries <= max(most_new, before.kept // 2):
        return False
    full = [file for file in files if file.end <= generation.entries and file.count == PAGE_ENTRIES]
    if full:
        _fold(directory, files, full)
    return bool(full)


def _fold(directory: Path, files: list[PageFile], full: list[PageFile]) -> None:
    last = _last_entries(files)
    kept = sum(1 for number in last.values() if number < full[-1].end)
    note = Folded(full[-1].end, full[-1].last_generation, kept)
    for path in note_folded(directory, note):
        flush_one(path)
    for file in full:
        lines = read_page(file.path)
        left = [
            line if line == _GONE or last[thing_of(line)] == number else _GONE
            for number, line in enumerate(lines, start=file.first)
        ]
        if left != lines:
            unfinished = file.path.with_suffix(".tmp")
            write_page(unfinished, left)
            flush_one(unfinished)
            unfinished.replace(file.path)
    flush_one(directory)


def _last_entries(files: list[PageFile]) -> dict[bytes, int]:
    """Return the number of the last entry of each thing."""
    last: dict[bytes, int] = {}
    for file in files:
        for number, line in enumerate(read_page(file.path), start=file.first):
            if line != _GONE:
                last[thing_of(line)] = number
    return last
