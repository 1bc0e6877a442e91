"""The files of a generation: that they are on disk, and that they are those that were published."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING

from graph.errors import StoreUnusable
from graph.generations.record import StoredFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from graph.generations.record import Generation

_IMMUTABLE = ".sst"
"""What the names of files end in that the engine never changes once they are there."""
_FILES_AT_ONCE = 4


def verify_generation(generation: Generation) -> None:
    """Read all files of *generation*; StoreUnusable when they are not those that were published."""
    for name, published in generation.files.items():
        path = generation.path / name
        try:
            found = _stored(path)
        except OSError as error:
            raise _unlike_published(path, f"it cannot be read ({error.strerror})") from error
        if found != published:
            raise _unlike_published(path, "its content differs from what was published")
    if digest_of(generation.files) != generation.digest:
        raise _unlike_published(generation.path, "the list of its files was changed")


def stored_files(
    directory: Path, previous: Generation | None
) -> tuple[dict[str, StoredFile], list[str]]:
    """Return the files in *directory*, and the names of those that are to be flushed to disk.

    What it shares with the *previous* generation was read and flushed then, and cannot change.
    """
    shared = _by_inode(previous) if previous else {}
    files: dict[str, StoredFile] = {}
    new: list[str] = []
    with os.scandir(directory) as entries:
        for entry in entries:
            status = entry.stat()
            known = shared.get((status.st_dev, status.st_ino))
            if known and known.size == status.st_size:
                files[entry.name] = known
            else:
                new.append(entry.name)
    files |= zip(new, _at_once().map(_stored, (directory / name for name in new)), strict=True)
    return files, new


def flush(paths: Iterable[Path]) -> None:
    """See to it that the content of files, and the names in directories, are on disk.

    All at once: the disk then has to be asked a few times instead of once for each.
    """
    for _ in _at_once().map(flush_one, paths):
        pass  # or raise what went wrong


def flush_one(path: Path) -> None:
    """See to it that the content of a file, or the names in a directory, are on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def digest_of(files: Mapping[str, StoredFile]) -> str:
    """Return one digest over the names, sizes and contents of *files*."""
    digest = hashlib.sha256()
    for name, file in sorted(files.items()):
        digest.update(f"{name} {file.size} {file.sha256}\n".encode())
    return digest.hexdigest()


@cache
def _at_once() -> ThreadPoolExecutor:
    """Return threads that stay: to start them takes longer than to read or flush a file."""
    return ThreadPoolExecutor(_FILES_AT_ONCE)


def _by_inode(generation: Generation) -> dict[tuple[int, int], StoredFile]:
    found: dict[tuple[int, int], StoredFile] = {}
    with os.scandir(generation.path) as entries:
        for entry in entries:
            if entry.name.endswith(_IMMUTABLE) and (known := generation.files.get(entry.name)):
                status = entry.stat()
                found[status.st_dev, status.st_ino] = known
    return found


def _stored(path: Path) -> StoredFile:
    return StoredFile(path.stat().st_size, _sha256(path))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _unlike_published(path: Path, finding: str) -> StoreUnusable:
    return StoreUnusable(
        f"{path}: {finding}; go back to an earlier generation, or build the store again with "
        "'metapole build'"
    )
