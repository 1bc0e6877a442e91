"""What lies between two generations: for each thing, what came, went and stayed, all in all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from graph.errors import QueryRejected
from graph.history.entries import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graph.history.entries import Entry, Kind

MOST_STATEMENTS = 200_000
"""More of a difference is not worked out at once."""


@dataclass(slots=True)
class ThingDifference:
    """What is different of one thing; statements are those of entries."""

    thing: str
    before: tuple[str, ...]
    after: tuple[str, ...] = ()
    added: dict[str, None] = field(default_factory=dict[str, None])
    removed: dict[str, None] = field(default_factory=dict[str, None])

    @property
    def kind(self) -> Kind:
        """Tell whether the thing is new, gone or changed."""
        kept = [each for each in self.after if each not in self.added]
        return kind_of(kept, self.added, self.removed)

    def take(self, entry: Entry) -> int:
        """Add what *entry* tells; return by how much the difference has grown."""
        size = len(self.added) + len(self.removed)
        for went in entry.removed:
            if went in self.added:
                del self.added[went]
            else:
                self.removed[went] = None
        for came in entry.added:
            if came in self.removed:
                del self.removed[came]
            else:
                self.added[came] = None
        self.after = entry.after
        return len(self.added) + len(self.removed) - size

    def reversed(self) -> ThingDifference:
        """Return the way back."""
        return ThingDifference(self.thing, self.after, self.before, self.removed, self.added)


def differences(entries: Iterable[Entry]) -> list[ThingDifference]:
    """Return what *entries* come to, by the IRIs of things; what came and went again is nothing.

    QueryRejected when that is too much.
    """
    found: dict[str, ThingDifference] = {}
    size = 0
    for entry in entries:
        if entry.thing not in found:
            found[entry.thing] = ThingDifference(entry.thing, entry.before)
        size += found[entry.thing].take(entry)
        if size > MOST_STATEMENTS:
            raise QueryRejected(
                f"more than {MOST_STATEMENTS:,} statements are different; compare generations that "
                "are closer to each other, or compare two dumps"
            )
    changed = (each for each in found.values() if each.added or each.removed)
    return sorted(changed, key=lambda each: each.thing)
