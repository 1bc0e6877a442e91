"""Put a folder in the place of another in one step, so that at any time one of them is whole."""

from __future__ import annotations

import ctypes
import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


@contextmanager
def replacing(target: Path) -> Generator[Path]:
    """Yield a new folder beside *target*, which takes its place if nothing is raised."""
    _sweep(target)
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.unfinished")
    unfinished.mkdir(parents=True)
    try:
        yield unfinished
        if target.exists():
            _exchange(unfinished, target)
        else:
            unfinished.rename(target)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _sweep(target: Path) -> None:
    """Remove what was left by those who were killed."""
    for left in target.parent.glob(f".{target.name}.*.unfinished"):
        number = left.name.removesuffix(".unfinished").rpartition(".")[2]
        if number.isdigit() and not _is_alive(int(number)):
            shutil.rmtree(left, ignore_errors=True)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return process != os.getpid()


def _exchange(one: Path, other: Path) -> None:
    """Have each of two folders the name of the other.

    In one step where the system can (Linux, by rename(2)); else there is a moment without *other*.
    """
    library = ctypes.CDLL(None, use_errno=True)
    if hasattr(library, "renameat2"):
        names = (_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other))
        if library.renameat2(*names, _RENAME_EXCHANGE) == 0:
            return
    aside = one.with_name(f"{one.name}.aside")
    other.rename(aside)
    one.rename(other)
    aside.rename(one)
