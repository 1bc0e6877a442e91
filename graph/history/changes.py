"""What a change means for each thing: the quads that came and went, told thing by thing.

    entries = changes(transaction.added, transaction.removed, store, number, commit)

What is said of a blank node is said of the things that lead to it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.history.entries import NO_THING, Entry, kind_of
from graph.namespaces import COMMITS_GRAPH, DERIVED_GRAPH, UNION_GRAPH

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graph.writing.commits import Commit

UNION = ox.NamedNode(UNION_GRAPH)
_UNTOLD = frozenset((UNION, ox.NamedNode(DERIVED_GRAPH), ox.NamedNode(COMMITS_GRAPH)))
"""What the server keeps itself, and the history says nothing of."""
_FEW_GRAPHS = 20

GraphName = ox.NamedNode | ox.BlankNode | ox.DefaultGraph | None


@dataclass(slots=True)
class _Change:
    """What came and went of one thing."""

    added: list[ox.Quad] = field(default_factory=list[ox.Quad])
    removed: list[ox.Quad] = field(default_factory=list[ox.Quad])


def changes(
    added: Iterable[ox.Quad],
    removed: Iterable[ox.Quad],
    store: ox.Store,
    generation: int,
    commit: Commit,
) -> Iterator[Entry]:
    """Yield what *commit* did to each thing, by their IRIs; *store* is as it is after it."""
    gone = [quad for quad in removed if quad.graph_name not in _UNTOLD]
    new = [quad for quad in added if quad.graph_name not in _UNTOLD]
    owners = _Owners(store, gone)
    by_thing: defaultdict[str, _Change] = defaultdict(_Change)
    for quad in new:
        by_thing[owners.told(quad, by_thing)].added.append(quad)
    for quad in gone:
        by_thing[owners.told(quad, by_thing)].removed.append(quad)
    for thing, change in sorted(by_thing.items()):
        kept = sorted(set(map(str, _said_of(store, thing))) - set(map(str, change.added)))
        yield Entry(
            thing,
            kind_of(kept, change.added, change.removed),
            generation,
            commit.number,
            commit.time.strftime("%Y-%m-%dT%H:%M:%SZ"),
            tuple(kept),
            tuple(sorted(map(str, change.added))),
            tuple(sorted(map(str, change.removed))),
        )


def everything(store: ox.Store, generation: int, commit: int, time: str) -> Iterator[Entry]:
    """Yield all things of *store* as if *commit* had made them, in the order that the store has.

    One after the other, so that a large store takes little memory.
    """
    graphs = _told_graphs(store)
    subjects = store.query("SELECT DISTINCT ?s { ?s ?p ?o }", default_graph=[UNION])
    assert isinstance(subjects, ox.QuerySolutions)  # noqa: S101 -- it is a SELECT
    for row in subjects:
        thing = row["s"]
        if not isinstance(thing, ox.NamedNode):
            continue
        said = tuple(sorted(map(str, _said_of(store, thing.value, graphs))))
        if said:  # else all of it follows from other things
            yield Entry(thing.value, "create", generation, commit, time, (), said, ())


def _told_graphs(store: ox.Store) -> tuple[GraphName, ...]:
    """Return the graphs that may say something, if they are few: then these alone are asked."""
    names = [name for name in store.named_graphs() if name not in _UNTOLD]
    return (ox.DefaultGraph(), *names) if len(names) < _FEW_GRAPHS else (None,)


def _said_of(
    store: ox.Store, thing: str, graphs: tuple[GraphName, ...] = (None,)
) -> Iterator[ox.Quad]:
    """Yield what *graphs* say of *thing*, and of the blank nodes that it leads to; None is all."""
    if thing == NO_THING:
        return
    seen: set[ox.NamedNode | ox.BlankNode] = {ox.NamedNode(thing)}
    waiting: list[ox.NamedNode | ox.BlankNode] = list(seen)
    while waiting:
        subject = waiting.pop()
        found = (store.quads_for_pattern(subject, None, None, graph) for graph in graphs)
        for quad in chain.from_iterable(found):
            if quad.graph_name in _UNTOLD:
                continue
            yield quad
            if isinstance(quad.object, ox.BlankNode) and quad.object not in seen:
                seen.add(quad.object)
                waiting.append(quad.object)


class _Owners:
    """Which things lead, or led, to a blank node."""

    def __init__(self, store: ox.Store, gone: Iterable[ox.Quad]) -> None:
        self._store = store
        self._led: defaultdict[ox.BlankNode, list[ox.NamedNode | ox.BlankNode]] = defaultdict(list)
        for quad in gone:
            if isinstance(quad.object, ox.BlankNode) and not isinstance(quad.subject, ox.Triple):
                self._led[quad.object].append(quad.subject)
        self._found: dict[ox.BlankNode, list[str]] = {}

    def told(self, quad: ox.Quad, touched: defaultdict[str, _Change]) -> str:
        """Return the one thing that *quad* is told of; note in *touched* all others it is of."""
        if isinstance(quad.subject, ox.NamedNode):
            return quad.subject.value
        if not isinstance(quad.subject, ox.BlankNode):
            return NO_THING
        first, *others = self._of(quad.subject) or [NO_THING]
        for other in others:
            _ = touched[other]
        return first

    def _of(self, node: ox.BlankNode) -> list[str]:
        if node not in self._found:
            things, seen, waiting = set[str](), {node}, [node]
            while waiting:
                for subject in self._leading_to(waiting.pop()):
                    if isinstance(subject, ox.NamedNode):
                        things.add(subject.value)
                    elif isinstance(subject, ox.BlankNode) and subject not in seen:
                        seen.add(subject)
                        waiting.append(subject)
            self._found[node] = sorted(things)
        return self._found[node]

    def _leading_to(self, node: ox.BlankNode) -> Iterator[ox.NamedNode | ox.BlankNode | ox.Triple]:
        yield from self._led.get(node, ())
        for quad in self._store.quads_for_pattern(None, None, node):
            if quad.graph_name not in _UNTOLD:
                yield quad.subject
