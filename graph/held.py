"""What is read once of the files that ship: a reader may soon be able to open no file any more."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")
_HELD: list[Callable[[], object]] = []


def held(read: Callable[[], _T]) -> Callable[[], _T]:
    """Have *read* read only once, and before files can be opened no more (`hold_all`)."""
    reading = cache(read)
    _HELD.append(reading)
    return reading


def hold_all() -> None:
    """Read all that is held, of what is loaded."""
    for reading in _HELD:
        reading()
