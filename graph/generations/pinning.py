"""Find the older generation that somebody asks for by its number, and say which there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph.errors import GoneGeneration, UnknownGeneration
from graph.generations.record import generations_directory, kept_generation

if TYPE_CHECKING:
    from pathlib import Path

    from graph.generations.record import Generation

_LISTED = 20
"""How many of those that there are a message names, the newest of them."""


def pinned_generation(store: Path, number: int, current: Generation) -> Generation:
    """Return the generation *number* of *store*, where *current* is the newest that is shown.

    UnknownGeneration when there is none and never was, GoneGeneration when it is no longer kept.
    """
    if number == current.number:
        return current
    if not 0 < number < current.number:
        raise UnknownGeneration(
            f"there is no generation {number}; {_kept(store, current)}, and {current.number} is "
            "current"
        )
    if found := kept_generation(store, number):
        return found
    raise gone_generation(store, number, current)


def gone_generation(store: Path, number: int, current: Generation) -> GoneGeneration:
    """Return the error that the generation *number* is no longer kept."""
    return GoneGeneration(f"generation {number} is no longer kept; {_kept(store, current)}")


def kept_until(store: Path, current: Generation) -> list[int]:
    """Return the numbers of the generations that are kept, *current* the last of them."""
    names = (path.stem for path in generations_directory(store).glob("[0-9]*.json"))
    older = (int(name) for name in names if name.isdigit())
    return [*sorted(number for number in older if number < current.number), current.number]


def _kept(store: Path, current: Generation) -> str:
    numbers = kept_until(store, current)
    listed = ", ".join(map(str, numbers[-_LISTED:]))
    more = " (and older ones)" if len(numbers) > _LISTED else ""
    return f"there {'are' if len(numbers) > 1 else 'is'} {listed}{more}"
