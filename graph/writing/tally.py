"""How much a store holds, and what changed when: kept in step with its changes, never counted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.generations.record import generation_path
from graph.writing.transaction import UNION

if TYPE_CHECKING:
    from pathlib import Path

    from graph.generations import Generation
    from graph.writing.transaction import GraphName, Transaction


class Tally:
    """What there is to say of the generation after *last*."""

    def __init__(self, last: Generation) -> None:
        self.last = last
        self.number = last.number + 1
        """The number of the generation that shows the changes."""
        self.commit = last.commit
        """The number of the last commit."""
        self.rules = last.rules
        """The digest of the rules that what is derived follows from."""
        self._quads = last.quads
        self._union_triples = last.union_triples or 0
        self._graphs = dict(last.graphs or {})
        self._changed = dict(last.changed)

    @property
    def is_unchanged(self) -> bool:
        """Tell whether the last generation says it all."""
        return (self.commit, self.rules) == (self.last.commit, self.last.rules)

    def version(self, graph: str | None) -> int:
        """Return the generation in which *graph* changed last; None is the default graph."""
        return self._changed.get(graph or "", self.last.number)

    def take(self, transaction: Transaction) -> None:
        """Count what *transaction* changed."""
        for quad in transaction.added:
            self._count(quad.graph_name, 1)
        for quad in transaction.removed:
            self._count(quad.graph_name, -1)
        for graph in transaction.created:
            self._count(graph, 0)
        for graph in transaction.dropped:
            assert not isinstance(graph, ox.DefaultGraph)  # noqa: S101 -- it is always there
            self._graphs.pop(graph.value, None)
            self._changed.pop(graph.value, None)

    def draft(self, store: Path) -> Generation:
        """Describe the generation of *store* that shows the changes, but for its files."""
        return replace(
            self.last,
            number=self.number,
            path=generation_path(store, self.number),
            quads=self._quads,
            graphs=dict(self._graphs),
            union_triples=self._union_triples,
            commit=self.commit,
            rules=self.rules,
            changed=dict(self._changed),
        )

    def _count(self, graph: GraphName, quads: int) -> None:
        if graph == UNION:
            self._union_triples += quads
            return
        self._quads += quads
        if isinstance(graph, ox.DefaultGraph):
            self._changed[""] = self.number
        else:
            self._graphs[graph.value] = self._graphs.get(graph.value, 0) + quads
            self._changed[graph.value] = self.number
