"""Make what a scratch store holds the next generation, completely or not at all.

Each step is on disk before the next begins, so a power cut between any two of them leaves the
generation before, or this one, and nothing in between.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from graph.generations.files import digest_of, flush_directory, flush_files
from graph.generations.record import (
    generations_directory,
    pointer_path,
    record_path,
    write_record,
)

if TYPE_CHECKING:
    from pathlib import Path

    import pyoxigraph as ox

    from graph.generations.record import Generation

Step = Callable[[str], None]
"""Is told of each step before it begins; what it raises stands for a crash there."""


def publish(
    store: Path,
    scratch: ox.Store,
    draft: Generation,
    previous: Generation | None,
    step: Step,
) -> Generation:
    """Make *scratch* the current generation of *store*, which *draft* describes but for its files.

    *previous* is a generation that this one may share files with.
    """
    directory = generations_directory(store)
    unfinished = draft.path.with_suffix(".tmp")
    shutil.rmtree(unfinished, ignore_errors=True)
    step("back up")
    scratch.backup(unfinished)
    step("flush files")
    files = flush_files(unfinished, previous)
    built = datetime.now(UTC).isoformat(timespec="seconds")
    generation = replace(draft, files=files, digest=digest_of(files), built=built)
    # A generation newer than the pointer was never current: its writer died before the switch.
    shutil.rmtree(draft.path, ignore_errors=True)
    step("rename")
    unfinished.rename(draft.path)
    step("record")
    write_record(record_path(store, draft.number), generation, lambda: step("rename record"))
    step("flush names")
    flush_directory(directory)
    step("point")
    write_record(pointer_path(store), generation, lambda: step("switch"))
    step("settle")
    settle(store)
    step("published")
    return generation


def prepare(store: Path) -> None:
    """See to it that *store* is a directory that can hold generations, on disk."""
    directory = generations_directory(store)
    if not directory.is_dir():
        directory.mkdir(parents=True, exist_ok=True)
        flush_directory(store.parent)
    settle(store)


def settle(store: Path) -> None:
    """See to it that the pointer of *store*, as it is now, survives a power cut.

    Whoever finds a pointer that another process switched cannot know how far that one came.
    """
    flush_directory(store)


def no_step(name: str) -> None:
    """Tell nobody."""
