"""The files of a generation: that they are on disk, and that they are those that were published."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from graph.errors import StoreUnusable
from graph.generations.record import StoredFile

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from graph.generations.record import Generation

_IMMUTABLE = ".sst"
"""What the names of files end in that the engine never changes once they are there."""


def verify_generation(generation: Generation) -> None:
    """Read all files of *generation*; StoreUnusable when they are not those that were published."""
    for name, published in generation.files.items():
        path = generation.path / name
        try:
            found = StoredFile(path.stat().st_size, _sha256(path))
        except OSError as error:
            raise _unlike_published(path, f"it cannot be read ({error.strerror})") from error
        if found != published:
            raise _unlike_published(path, "its content differs from what was published")
    if digest_of(generation.files) != generation.digest:
        raise _unlike_published(generation.path, "the list of its files was changed")


def flush_files(directory: Path, previous: Generation | None) -> dict[str, StoredFile]:
    """Flush *directory*, which nobody writes to any more, to disk; return its files.

    What it shares with the *previous* generation was flushed and read then, and cannot change.
    """
    shared = _by_inode(previous) if previous else {}
    files: dict[str, StoredFile] = {}
    with os.scandir(directory) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            status = entry.stat()
            known = shared.get((status.st_dev, status.st_ino))
            if known and known.size == status.st_size:
                files[entry.name] = known
            else:
                files[entry.name] = _flush_and_read(directory / entry.name)
    flush_directory(directory)
    return files


def digest_of(files: Mapping[str, StoredFile]) -> str:
    """Return one digest over the names, sizes and contents of *files*."""
    digest = hashlib.sha256()
    for name, file in sorted(files.items()):
        digest.update(f"{name} {file.size} {file.sha256}\n".encode())
    return digest.hexdigest()


def flush_directory(directory: Path) -> None:
    """See to it that the names in *directory* are on disk."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _by_inode(generation: Generation) -> dict[tuple[int, int], StoredFile]:
    found: dict[tuple[int, int], StoredFile] = {}
    with os.scandir(generation.path) as entries:
        for entry in entries:
            if entry.name.endswith(_IMMUTABLE) and (known := generation.files.get(entry.name)):
                status = entry.stat()
                found[status.st_dev, status.st_ino] = known
    return found


def _flush_and_read(path: Path) -> StoredFile:
    with path.open("rb") as file:
        os.fsync(file.fileno())
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        return StoredFile(file.tell(), sha256)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _unlike_published(path: Path, finding: str) -> StoreUnusable:
    return StoreUnusable(
        f"{path}: {finding}; go back to an earlier generation, or build the store again with "
        "'metapole build'"
    )
