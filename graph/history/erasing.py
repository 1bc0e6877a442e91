"""Have a history without a thing: its entries, and what others say of it, are left out.

What was said once and is not said any more goes altogether, for nobody looks there whether the
thing is mentioned: of each thing the last entry stays, with what it says now.
The history goes on under another name, so that whoever follows it begins anew, and what they have
kept of the old one has no address any more.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.belongings import belongings, names_one_of
from graph.history.chapter import is_whole, new_chapter
from graph.history.entries import NO_THING, Entry, quads, thing_of
from graph.history.folding import Folded, note_folded
from graph.history.pages import histories
from graph.history.reading import History

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from graph.belongings import Belongings, Node
    from graph.generations.record import Generation
    from graph.history.chapter import Chapter


def chapter_without(
    store: Path,
    current: Generation,
    erased: Belongings,
    about: frozenset[ox.NamedNode],
    directory: Path,
) -> Chapter | None:
    """Begin the history of *store* anew, with all that *current* shows of it but what is erased.

    None when there is none that is whole. *directory* is where a store may be made: what belonged
    to the thing at any time goes, too, as *about* tells (`belongings`).
    """
    if not is_whole(store, current):
        return None
    history = History(histories(store) / current.history, current.entries)
    told = ox.Store(str(directory))
    told.bulk_extend(quad for _, entry in history.entries() for quad in _told(entry))
    nodes = erased.nodes | belongings(told, erased.thing, about).nodes
    last = {thing_of(line): number for number, line in history.lines()}
    chapter = new_chapter(store)
    for number, entry in history.entries():
        if last[entry.thing.encode()] == number:
            chapter.add_many(_without(entry, nodes))
    note_folded(chapter.directory, Folded(chapter.end, current.number, chapter.end))
    return chapter


def _told(entry: Entry) -> Iterator[ox.Quad]:
    return quads((*entry.kept, *entry.added, *entry.removed))


def _without(entry: Entry, nodes: frozenset[Node]) -> Iterator[Entry]:
    if entry.thing != NO_THING and ox.NamedNode(entry.thing) in nodes:
        return
    kept, added = _free(entry.kept, nodes), _free(entry.added, nodes)
    if kept or added or entry.kind == "delete":
        yield replace(entry, kept=kept, added=added, removed=())


def _free(statements: Iterable[str], nodes: frozenset[Node]) -> tuple[str, ...]:
    """Return those of *statements* that name none of *nodes*."""
    return tuple(str(quad) for quad in quads(statements) if not names_one_of(quad, nodes))
