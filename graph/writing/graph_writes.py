"""Write to one graph in a transaction (SPARQL 1.1 Graph Store Protocol, 5.3 to 5.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.errors import PreconditionFailed, ReservedGraph, UnknownGraph
from graph.writing.transaction import RESERVED

if TYPE_CHECKING:
    from graph.writing.transaction import GraphName, Transaction
    from graph.writing.wishes import Conditions, GraphWrite


def write_graph(change: GraphWrite, transaction: Transaction) -> bool:
    """Make *change*; tell whether it made the graph.

    Putting a graph changes only what differs: what is there and stays there is not touched.
    """
    name = _name(change.graph)
    is_new = not is_there(change.graph, transaction.store)
    if change.method == "delete":
        if is_new:
            raise UnknownGraph(
                f"there is no graph <{change.graph}>, so there is nothing to delete; "
                "SELECT DISTINCT ?g { GRAPH ?g {} } lists all"
            )
        transaction.drop_graph(name)
        return False
    content = _content(change, name)
    transaction.create_graph(name)
    if change.method == "put":
        there = transaction.store.quads_for_pattern(None, None, None, name)
        transaction.remove([quad for quad in there if quad not in content])
    transaction.insert(content)
    return is_new


def refuse_reserved(change: GraphWrite) -> None:
    """Refuse to write to a graph that the server keeps itself."""
    if (name := _name(change.graph)) in RESERVED:
        raise ReservedGraph(
            f"{name} is kept by the server itself, from the other graphs; "
            "write to a graph of your own"
        )


def check_conditions(
    conditions: Conditions, graph: str | None, version: int, store: ox.Store
) -> None:
    """Raise PreconditionFailed unless *graph* is as *conditions* want it.

    *version* is the generation in which it changed last, if it is there.
    """
    exists = is_there(graph, store)
    name = "the default graph" if graph is None else f"<{graph}>"
    if conditions.exists is True and not exists:
        raise PreconditionFailed(
            f"there is no graph {name}, and If-Match asks for one; leave it out to make the graph"
        )
    if conditions.exists is False and exists:
        raise PreconditionFailed(
            f"{name} is there already, and If-None-Match forbids that; "
            "leave it out to change the graph"
        )
    is_named = conditions.versions is None or (exists and version in conditions.versions)
    if not is_named or (exists and version in conditions.not_versions):
        last = f"changed last in generation {version}" if exists else "is not there"
        raise PreconditionFailed(
            f"{name} {last}, which is not what If-Match or If-None-Match ask for; "
            "get the graph as it is now, with its ETag, and change that"
        )


def is_there(graph: str | None, store: ox.Store) -> bool:
    """Tell whether *store* has the graph; the default graph is always there."""
    return graph is None or store.contains_named_graph(ox.NamedNode(graph))


def _content(change: GraphWrite, name: GraphName) -> ox.Store:
    """Return the triples of the file in *change*, in the form in which a store has them."""
    content = ox.Store()
    try:
        content.load(path=change.content, format=ox.RdfFormat.N_TRIPLES, to_graph=name)
    except (OSError, SyntaxError) as error:
        raise RuntimeError(f"{change.content}: no file of checked N-Triples ({error})") from error
    return content


def _name(graph: str | None) -> GraphName:
    return ox.DefaultGraph() if graph is None else ox.NamedNode(graph)
