"""Where things come from: from imports alone, and which of them were accepted as which others.

What was accepted stands for the thing that it was accepted as: its names lead there, too.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.namespaces import (
    COMMITS_GRAPH,
    DERIVED_GRAPH,
    IMPORT_GRAPHS,
    RDF_TYPE,
    UNION_GRAPH,
)
from graph.review.terms import ACCEPTED_GRAPH, EXACT, REVIEW_GRAPH, SAME

if TYPE_CHECKING:
    from collections.abc import Iterator

DESCRIBING_NOTHING = frozenset(
    (UNION_GRAPH, DERIVED_GRAPH, COMMITS_GRAPH, REVIEW_GRAPH, ACCEPTED_GRAPH)
)
"""Graphs that follow from others, or tell of what was done."""
_TYPE, _ACCEPTED = ox.NamedNode(RDF_TYPE), ox.NamedNode(ACCEPTED_GRAPH)
_MOST = 10


class Origins:
    """The origins of the things in *store*."""

    def __init__(self, store: ox.Store) -> None:
        self._store = store

    def graphs_of(self, thing: str) -> set[str]:
        """Return the graphs that say of which class *thing* is, and follow from no others."""
        found = self._store.quads_for_pattern(ox.NamedNode(thing), _TYPE, None)
        graphs = (each.graph_name for each in found)
        names = {each.value for each in graphs if isinstance(each, ox.NamedNode)}
        return names - DESCRIBING_NOTHING

    def is_import_only(self, thing: str) -> bool:
        """Tell whether nothing but imports tells of *thing*."""
        graphs = self.graphs_of(thing)
        return bool(graphs) and all(each.startswith(IMPORT_GRAPHS) for each in graphs)

    def meant(self, thing: str) -> str:
        """Return what *thing* was accepted as; itself if it was not."""
        for link in (SAME, EXACT):
            found = self._store.quads_for_pattern(ox.NamedNode(thing), link, None, _ACCEPTED)
            for quad in found:
                if isinstance(quad.object, ox.NamedNode):
                    return quad.object.value
        return thing

    def accepted_as(self, thing: str) -> list[str]:
        """Return what was accepted as *thing*."""
        return list(islice(self._linked_to(ox.NamedNode(thing)), _MOST))

    def _linked_to(self, node: ox.NamedNode) -> Iterator[str]:
        for link in (SAME, EXACT):
            for quad in self._store.quads_for_pattern(None, link, node, _ACCEPTED):
                if isinstance(quad.subject, ox.NamedNode):
                    yield quad.subject.value
