"""Make what a scratch store holds the next generation, completely or not at all.

All of it is on disk before the pointer is switched, so a power cut at any time leaves the
generation before, or this one, and nothing in between.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from graph.generations.files import digest_of, flush, flush_one, stored_files
from graph.generations.record import generations_directory, pointer_path, record_path, record_text
from graph.history.chapter import chapter_of_all

if TYPE_CHECKING:
    from pathlib import Path

    import pyoxigraph as ox

    from graph.generations.record import Generation
    from graph.history.chapter import Chapter

Step = Callable[[str], None]
"""Is told of each step before it begins; what it raises stands for a crash there."""


def publish(
    store: Path,
    scratch: ox.Store,
    draft: Generation,
    previous: Generation | None,
    step: Step,
    chapter: Chapter | None = None,
) -> Generation:
    """Make *scratch* the current generation of *store*, which *draft* describes but for its files.

    *previous* is a generation that this one may share files with. The history goes on with
    *chapter*; without one it begins anew, with all that is in *scratch*.
    """
    record, pointer = record_path(store, draft.number), pointer_path(store)
    unfinished, next_pointer = draft.path.with_suffix(".tmp"), pointer.with_suffix(".json.tmp")
    shutil.rmtree(unfinished, ignore_errors=True)
    step("back up")
    scratch.backup(unfinished)
    step("read files")
    files, new = stored_files(unfinished, previous)
    now = datetime.now(UTC)
    generation = replace(
        draft,
        files=files,
        digest=digest_of(files),
        built=now.isoformat(timespec="seconds"),
        store_id=draft.store_id or secrets.token_hex(8),
    )
    # A generation newer than the pointer was never current: its writer died before the switch.
    shutil.rmtree(draft.path, ignore_errors=True)
    step("rename")
    unfinished.rename(draft.path)
    step("history")
    if chapter is None:
        time = now.strftime("%Y-%m-%dT%H:%M:%SZ")
        chapter = chapter_of_all(store, scratch, draft, time)
    in_history = chapter.write()
    generation = replace(generation, history=chapter.name, entries=chapter.end)
    step("record")
    text = record_text(generation)
    # Where there is no pointer, a record is all that tells of a generation: it must be a whole one.
    is_first = not pointer.exists()
    written = record.with_suffix(".json.tmp") if is_first else record
    written.write_text(text, encoding="utf-8")
    step("point")
    next_pointer.write_text(text, encoding="utf-8")
    step("flush")
    made = (draft.path / name for name in new)
    flush((*made, *in_history, draft.path, written, record.parent, next_pointer))
    if is_first:
        written.rename(record)
        flush_one(record.parent)
    step("switch")
    next_pointer.replace(pointer)
    step("settle")
    settle(store)
    step("published")
    return generation


def prepare(store: Path) -> None:
    """See to it that *store* is a directory that can hold generations, on disk."""
    directory = generations_directory(store)
    if not directory.is_dir():
        directory.mkdir(parents=True, exist_ok=True)
        flush_one(store.parent)
    settle(store)


def settle(store: Path) -> None:
    """See to it that the pointer of *store*, as it is now, survives a power cut.

    Whoever finds a pointer that another process switched cannot know how far that one came.
    """
    flush_one(store)


def no_step(name: str) -> None:
    """Tell nobody."""
