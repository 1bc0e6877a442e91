"""What is in a dump: graphs in the order of their names, and their quads as the store keeps them.

A store keeps quads in the order of digests of their terms, which is the same in every store that
holds them. So equal generations have equal dumps, unless blank nodes are in them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.errors import UnknownThing
from graph.namespaces import COMMITS_GRAPH, UNION_GRAPH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graph.publishing.dumps.offered import Dump

GraphName = ox.NamedNode | ox.BlankNode | ox.DefaultGraph

_NOT_DUMPED = (ox.NamedNode(UNION_GRAPH), ox.NamedNode(COMMITS_GRAPH))


def graphs_in(store: ox.Store) -> list[GraphName]:
    """Return the graphs that a dump of all is made of: the default graph, then by their names."""
    named = (each for each in store.named_graphs() if each not in _NOT_DUMPED)
    return [ox.DefaultGraph(), *sorted(named, key=str)]


def graph_of(store: ox.Store, dump: Dump) -> ox.NamedNode:
    """Return the graph that *dump* has the triples of; UnknownThing if it is not there."""
    if dump.graph is None:
        return ox.NamedNode(UNION_GRAPH)
    try:
        name = ox.NamedNode(dump.graph)
    except ValueError as error:
        raise UnknownThing(f"<{dump.graph}> can name no graph: {error}") from error
    if not store.contains_named_graph(name):
        raise UnknownThing(f"there is no graph <{dump.graph}>, so there is no {dump.name}")
    return name


def quads_of(store: ox.Store, graphs: list[GraphName]) -> Iterator[ox.Quad]:
    """Yield the quads of *graphs*, one graph after the other."""
    for name in graphs:
        yield from store.quads_for_pattern(None, None, None, name)


def content_of(store: ox.Store, dump: Dump) -> Iterator[ox.Quad]:
    """Yield what *dump* says, as quads; those of one graph, or of the union, as of no graph."""
    if dump.has_graphs:
        yield from quads_of(store, graphs_in(store))
    else:
        for quad in store.quads_for_pattern(None, None, None, graph_of(store, dump)):
            yield ox.Quad(quad.subject, quad.predicate, quad.object)
