"""How two things are linked: the shortest ways over statements from one to the other.

From both ends at once, always where fewer things are waiting (a breadth-first search in two
directions). All ways of the shortest length pass through the things where the two meet.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from graph.publishing.pictures.relations import Link

    Around = Callable[[str], Sequence[Link]]

MOST_SEEN = 4_000
"""How many things are looked at before the search is given up."""
MOST_PATHS = 5
"""How many of the shortest ways are told."""

Path = tuple[str, ...]
"""The things on a way, both ends among them."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found."""

    paths: tuple[Path, ...] = ()
    are_all: bool = True
    """There are no other ways of that length."""
    was_given_up: bool = False
    """There may be a way, but it was not looked for any further."""
    seen: int = 0
    """How many things were looked at."""


@dataclass(slots=True)
class _Side:
    """One end of the search: what is reached from it, and from where."""

    waiting: list[str]
    before: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    """What is reached, and the things one step nearer to the end."""


def paths_between(one: str, other: str, around: Around) -> Found:
    """Return the shortest ways from *one* to *other*, by the links that there are *around* each."""
    if one == other:
        return Found(((one,),), seen=1)
    near, far = _Side([one], {one: []}), _Side([other], {other: []})
    while near.waiting and far.waiting:
        is_whole = _step(min(near, far, key=lambda side: len(side.waiting)), around)
        if meeting := near.before.keys() & far.before.keys():
            return _met(sorted(meeting), near, far, is_whole=is_whole)
        seen = len(near.before) + len(far.before)
        if not is_whole or seen > MOST_SEEN:
            return Found(was_given_up=True, seen=seen)
    return Found(seen=len(near.before) + len(far.before))


def _step(side: _Side, around: Around) -> bool:
    """Go one step further at all places where *side* waits; tell whether that was all of them."""
    reached: dict[str, list[str]] = {}
    for thing in side.waiting:
        if len(reached) > MOST_SEEN:
            break
        for end in sorted({link.other for link in around(thing)}):
            if end not in side.before:
                reached.setdefault(end, []).append(thing)
    side.before |= reached
    side.waiting = sorted(reached)
    return len(reached) <= MOST_SEEN


def _met(meeting: Sequence[str], near: _Side, far: _Side, *, is_whole: bool) -> Found:
    ways = (
        (*reversed(first), *second[1:])
        for middle in meeting
        for first in _ways(middle, near)
        for second in _ways(middle, far)
    )
    some = tuple(islice(ways, MOST_PATHS + 1))
    seen = len(near.before) + len(far.before)
    return Found(some[:MOST_PATHS], are_all=is_whole and len(some) <= MOST_PATHS, seen=seen)


def _ways(middle: str, side: _Side) -> Iterator[Path]:
    """Yield the ways back from *middle* to where *side* began."""
    before = side.before[middle]
    if not before:
        yield (middle,)
    for thing in before:
        for rest in _ways(thing, side):
            yield (middle, *rest)
