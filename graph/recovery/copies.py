"""A copy of one generation as a directory of its own: a store, to be used like any other.

Files are copied, never linked: two links to one file share its damage.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

from graph.errors import StoreUnusable
from graph.generations import verify_generation
from graph.generations.files import flush
from graph.generations.record import (
    current_generation,
    generation_path,
    pointer_path,
    record_path,
    record_text,
)

if TYPE_CHECKING:
    from pathlib import Path

    from graph.generations import Generation, Progress


def copy_generation(generation: Generation, target: Path, progress: Progress) -> Generation:
    """Make the directory *target*, which is empty, a store with *generation* alone, on disk."""
    directory = generation_path(target, generation.number)
    directory.mkdir(parents=True)
    copy_files(generation, directory, progress)
    text = record_text(replace(generation, history="", entries=0))  # which stays where it is
    files = [pointer_path(target), record_path(target, generation.number)]
    for path in files:
        path.write_text(text, encoding="utf-8")
    flush((*directory.iterdir(), *files, directory, directory.parent, target))
    copied = current_generation(target)
    assert copied is not None  # noqa: S101 -- it was written just now
    return copied


def copy_files(generation: Generation, directory: Path, progress: Progress) -> None:
    """Copy the files of *generation* to *directory*, which is there."""
    total = sum(file.size for file in generation.files.values()) or 1
    done = 0
    progress("copy", 0.0)
    for name, file in generation.files.items():
        try:
            shutil.copyfile(generation.path / name, directory / name)
        except FileNotFoundError as error:
            raise StoreUnusable(
                f"{generation.path / name}: is missing; 'metapole check' says more"
            ) from error
        done += file.size
        progress("copy", done / total)


def verify_on_disk(generation: Generation) -> None:
    """Verify *generation* by what is on disk, not by what memory still has of it."""
    for name in generation.files:
        _forget(generation.path / name)
    verify_generation(generation)


def _forget(path: Path) -> None:
    """Have the system read the file from disk when it is read next, where it can be told so."""
    if not hasattr(os, "posix_fadvise"):
        return
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return  # whoever reads it next says what is wrong
    try:
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)
