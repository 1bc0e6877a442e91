"""Change a store, remember exactly what came and went, and be able to take it all back.

The engine tells nobody what an update changed. Here every change is a quad that came or went, so
what depends on it (the union, what is derived, counts, the gate, the log) is kept in step with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.errors import ReservedGraph
from graph.namespaces import COMMITS_GRAPH, DERIVED_GRAPH, UNION_GRAPH
from graph.terms import as_stored

if TYPE_CHECKING:
    from collections.abc import Iterable

GraphName = ox.NamedNode | ox.BlankNode | ox.DefaultGraph

UNION = ox.NamedNode(UNION_GRAPH)
DERIVED = ox.NamedNode(DERIVED_GRAPH)
COMMITS = ox.NamedNode(COMMITS_GRAPH)
RESERVED = frozenset((UNION, DERIVED, COMMITS))
"""The graphs that the server keeps itself."""


class Transaction:
    """Changes to one store; `added` and `removed` are what they come to, compared to the start."""

    def __init__(self, store: ox.Store) -> None:
        self.store = store
        # Dictionaries for their order: what is applied again is applied as it was.
        self.added: dict[ox.Quad, None] = {}
        self.removed: dict[ox.Quad, None] = {}
        self.created: dict[GraphName, None] = {}
        """Named graphs that were not there at the start, and are now; they may be empty."""
        self.dropped: dict[GraphName, None] = {}

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing changed."""
        return not (self.added or self.removed or self.created or self.dropped)

    def insert(self, quads: Iterable[ox.Quad], *, by_server: bool = False) -> None:
        """Add those of *quads* that are not there; ReservedGraph if one is in a reserved graph."""
        new = [quad for quad in dict.fromkeys(map(as_stored, quads)) if quad not in self.store]
        if not by_server:
            _refuse_reserved(quad.graph_name for quad in new)
        for name in {quad.graph_name for quad in new}:
            self.create_graph(name, by_server=by_server)
        self.store.extend(new)
        for quad in new:
            if quad in self.removed:
                del self.removed[quad]
            else:
                self.added[quad] = None

    def remove(self, quads: Iterable[ox.Quad], *, by_server: bool = False) -> None:
        """Remove those of *quads* that are there; what the server keeps itself is left alone."""
        for quad in dict.fromkeys(map(as_stored, quads)):
            if quad not in self.store or (quad.graph_name in RESERVED and not by_server):
                continue
            self.store.remove(quad)
            if quad in self.added:
                del self.added[quad]
            else:
                self.removed[quad] = None

    def create_graph(self, name: GraphName, *, by_server: bool = False) -> None:
        """See to it that there is a graph called *name*."""
        if isinstance(name, ox.DefaultGraph) or self.store.contains_named_graph(name):
            return
        if not by_server:
            _refuse_reserved((name,))
        self.store.add_graph(name)
        if name in self.dropped:
            del self.dropped[name]
        else:
            self.created[name] = None

    def drop_graph(self, name: GraphName, *, by_server: bool = False) -> None:
        """Remove all quads of the graph *name*, and the graph; one that is reserved stays."""
        if name in RESERVED and not by_server:
            return
        self.remove(list(self.store.quads_for_pattern(None, None, None, name)), by_server=by_server)
        if isinstance(name, ox.DefaultGraph) or not self.store.contains_named_graph(name):
            return
        self.store.remove_graph(name)
        if name in self.created:
            del self.created[name]
        else:
            self.dropped[name] = None

    def undo(self) -> None:
        """Put the store back as it was at the start."""
        for quad in self.added:
            self.store.remove(quad)
        for name in self.created:
            self.store.remove_graph(name)
        for name in self.dropped:
            self.store.add_graph(name)
        self.store.extend(self.removed)
        for changes in (self.added, self.removed, self.created, self.dropped):
            changes.clear()


def _refuse_reserved(names: Iterable[GraphName]) -> None:
    for name in names:
        if name in RESERVED:
            raise ReservedGraph(
                f"{name} is kept by the server itself, from the other graphs; "
                "write to a graph of your own"
            )
