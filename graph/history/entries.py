"""One entry of the history: what one commit did to one thing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

import pyoxigraph as ox

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Kind = Literal["create", "update", "delete"]

NO_THING = ""
"""What statements are about that have a blank node to which nothing leads."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What one commit did to one thing; statements are lines of N-Quads without the full stop.

    The statements of a thing have it as their subject, or a blank node that it leads to. What the
    server keeps itself, the derived graph and the union, is left out.
    """

    thing: str
    """Its IRI; or `NO_THING`."""
    kind: Kind
    generation: int
    commit: int
    time: str
    """When, as an xsd:dateTime in UTC."""
    kept: tuple[str, ...]
    """What was said of it before and after."""
    added: tuple[str, ...]
    removed: tuple[str, ...]

    @property
    def after(self) -> tuple[str, ...]:
        """What was said of it after the commit."""
        return (*self.kept, *self.added)

    @property
    def before(self) -> tuple[str, ...]:
        """What was said of it before the commit."""
        return (*self.kept, *self.removed)


def kind_of(kept: Iterable[object], added: Iterable[object], removed: Iterable[object]) -> Kind:
    """Return what became of a thing of which that was *kept*, *added* and *removed*."""
    if any(True for _ in kept):
        return "update"
    if not any(True for _ in removed):
        return "create"
    return "update" if any(True for _ in added) else "delete"


def written(entry: Entry) -> bytes:
    """Return *entry* as one line; the thing comes first, so that it can be told unread."""
    fields = (
        entry.thing,
        entry.kind,
        entry.generation,
        entry.commit,
        entry.time,
        entry.kept,
        entry.added,
        entry.removed,
    )
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def read(line: bytes) -> Entry:
    """Read what `written` has written; ValueError when it is something else."""
    try:
        thing, kind, generation, commit, time, *statements = json.loads(line)
        kept, added, removed = (tuple(map(str, each)) for each in statements)
        known = cast("Kind", str(kind))
        return Entry(
            str(thing), known, int(generation), int(commit), str(time), kept, added, removed
        )
    except (ValueError, TypeError) as error:
        raise ValueError(f"no entry of a history: {line[:80]!r}") from error


def thing_of(line: bytes) -> bytes:
    """Return the thing of an entry that was not read; no IRI has a character that JSON escapes."""
    return line[2 : line.index(b'"', 2)]


def quads(statements: Iterable[str]) -> Iterator[ox.Quad]:
    """Read statements of an entry."""
    text = "".join(f"{each} .\n" for each in statements)
    return ox.parse(text, ox.RdfFormat.N_QUADS)
