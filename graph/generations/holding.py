"""Keep a generation from being swept while it is copied.

Its record is locked, shared by all who copy; who sweeps leaves alone what is locked. A lock ends
with its process, so nobody who was killed holds anything.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graph.errors import StoreUnusable

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from graph.generations.record import Generation


@dataclass(frozen=True, slots=True)
class Hold:
    """A generation that nobody sweeps."""

    record: Path
    descriptor: int

    @property
    def is_unbroken(self) -> bool:
        """Tell whether the generation is still what it was: an erasure makes it anew."""
        try:
            there = self.record.stat()
        except OSError:
            return False
        held = os.fstat(self.descriptor)
        return (there.st_dev, there.st_ino) == (held.st_dev, held.st_ino)


@contextmanager
def holding(generation: Generation) -> Generator[Hold]:
    """Keep *generation* from being swept; StoreUnusable when that has happened already."""
    record = generation.path.with_name(f"{generation.path.name}.json")
    try:
        descriptor = os.open(record, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise _gone(generation) from error
    try:
        _lock(descriptor, fcntl.LOCK_SH)
        hold = Hold(record, descriptor)
        if not hold.is_unbroken:
            raise _gone(generation)
        yield hold
    finally:
        os.close(descriptor)


def is_held(record: Path) -> bool:
    """Tell whether somebody holds the generation whose record this is."""
    try:
        descriptor = os.open(record, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return not _lock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        os.close(descriptor)


def _lock(descriptor: int, operation: int) -> bool:
    """Lock the open file; tell whether nobody was in the way."""
    try:
        fcntl.flock(descriptor, operation)
    except BlockingIOError:
        return False
    except OSError:  # there are file systems without locks: nobody can hold anything there
        return True
    return True


def _gone(generation: Generation) -> StoreUnusable:
    return StoreUnusable(
        f"{generation.path}: was removed or made anew in the meantime; try once more"
    )
