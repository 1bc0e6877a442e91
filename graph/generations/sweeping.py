"""Remove from a store directory what nobody will need any more; the caller holds its lock."""

from __future__ import annotations

import itertools
import math
import shutil
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from graph.errors import StoreUnusable
from graph.generations.holding import is_held
from graph.generations.keeping import kept_numbers, policy_of, when_made
from graph.generations.record import (
    current_generation,
    generation_path,
    generations_directory,
    kept_generation,
    pointed_number,
    record_path,
)
from graph.history.chapter import remove_other_histories

if TYPE_CHECKING:
    from pathlib import Path

LINGER_S = 10.0
"""How long a generation stays after it was replaced: a reader may be about to open it."""

_AT_ONCE = 10
"""How many generations one sweep removes, for the next commit waits for it; more than come."""

_SCRATCH_NUMBERS = itertools.count(1)

_APPEARED: dict[Path, dict[tuple[int, int], float]] = {}
"""By store, when each record appeared that the last sweep saw, by a clock that nobody can set."""


def new_scratch(store: Path) -> Path:
    """Return where a scratch store may be made.

    Never the same place twice in one process: the engine keeps the one before locked as long as
    anything refers to it.
    """
    directory = store / "scratch"
    directory.mkdir(exist_ok=True)
    return directory / str(next(_SCRATCH_NUMBERS))


def next_number(store: Path) -> int:
    """Return the number of the next generation; a damaged pointer never has one used again."""
    try:
        current = current_generation(store)
    except StoreUnusable:
        current = None
    return (current.number if current else max(_numbers(store), default=0)) + 1


def sweep_leftovers(store: Path) -> None:
    """Remove what a writer left that ended in the middle: scratch, and what was never current."""
    shutil.rmtree(store / "scratch", ignore_errors=True)
    for unfinished in (*store.glob("*.tmp"), *generations_directory(store).glob("*.tmp")):
        _remove(unfinished)
    pointed = pointed_number(store)
    if pointed is not None:
        for number in _numbers(store):
            if number > pointed:
                _remove_generation(store, number)
        if current := kept_generation(store, pointed):
            remove_other_histories(store, current.history)


def sweep_old(store: Path, linger_s: float = LINGER_S) -> None:
    """Remove the generations that are not to be kept, but for those that were current just now.

    What somebody holds or is damaged is left alone, and all if nobody can tell what is to be kept.
    What is too much for one sweep is there for the next.
    """
    current = _current_number(store)
    if current is None:
        return
    numbers = sorted(_numbers(store))
    try:
        kept = _to_keep(store, [number for number in numbers if number <= current])
    except StoreUnusable:
        return
    ages = _ages(store, numbers)
    unneeded = (
        number
        for number, successor in itertools.pairwise(numbers)
        if number < current
        and number not in kept
        and ages[successor] >= linger_s
        and not is_held(record_path(store, number))
    )
    for number in itertools.islice(unneeded, _AT_ONCE):
        _remove_generation(store, number)


def _to_keep(store: Path, numbers: list[int]) -> frozenset[int]:
    policy = policy_of(store)
    made: dict[int, datetime] = {}
    unknown: set[int] = set()
    for number in numbers:
        try:
            made[number] = when_made(record_path(store, number))
        except FileNotFoundError:
            continue  # somebody has begun to remove it
        except (OSError, ValueError):
            unknown.add(number)  # damaged: somebody has to look at it
    return kept_numbers(made, policy, datetime.now(UTC)) | unknown


def _current_number(store: Path) -> int | None:
    try:
        current = current_generation(store)
    except StoreUnusable:
        return None
    return current.number if current else None


def _numbers(store: Path) -> set[int]:
    """Return the numbers of all generations that anything is there of."""
    names = (path.name.split(".")[0] for path in generations_directory(store).iterdir())
    return {int(name) for name in names if name.isdigit()}


def _ages(store: Path, numbers: list[int]) -> dict[int, float]:
    """Return for how many seconds each generation has been there.

    The clock may be set at any time, and is asked only about what this process has not seen before.
    """
    now, known = time.monotonic(), _APPEARED.get(store, {})
    appeared: dict[tuple[int, int], float] = {}
    ages: dict[int, float] = {}
    for number in numbers:
        try:
            status = record_path(store, number).stat()
        except OSError:
            ages[number] = math.inf
            continue
        record = number, status.st_mtime_ns
        age = time.time() - status.st_mtime
        appeared[record] = known.get(record, now - (age if age >= 0 else math.inf))
        ages[number] = now - appeared[record]
    _APPEARED[store] = appeared
    return ages


def _remove_generation(store: Path, number: int) -> None:
    """Remove a generation; its record goes first, so that nobody takes half of it for all."""
    _remove(record_path(store, number))
    _remove(generation_path(store, number))


def _remove(path: Path) -> None:
    """Remove what is there; what cannot be removed now is there next time."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()
