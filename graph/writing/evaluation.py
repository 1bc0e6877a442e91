"""Carry out the plan of a SPARQL update in a transaction (SPARQL 1.1 Update, 3 and 4).

The engine answers the WHERE of each operation; what comes and goes is made of its solutions here,
so that it is known. An operation sees what those before it did. The graphs that the server keeps
itself are as they were before the update: they are brought in step after it.

What an update that fails has changed by then stays in the transaction, for the caller to undo.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

import pyoxigraph as ox

from graph.errors import WriteRejected
from graph.readers.dataset import dataset, named_in
from graph.writing.plan_terms import Template, data_quads
from graph.writing.transaction import RESERVED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from graph.writing.plan import Plan
    from graph.writing.transaction import GraphName, Transaction

_AT_ONCE = 10_000
"""How many quads of a data block are in hand besides those that the transaction remembers."""


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What there was to do for an update."""

    operations: int
    solutions: int
    """How many solutions the patterns of all operations had."""


def evaluate(plan: Plan, transaction: Transaction) -> Evaluated:
    """Do what *plan* says, all in the calling thread; raise where it cannot be done.

    WriteRejected when a graph is missing, or is there already; ReservedGraph when solutions lead to
    insertions in a graph that the server keeps itself.
    """
    solutions = 0
    for operation in plan["operations"]:
        solutions += _EVALUATE[operation["kind"]](operation, transaction)
    return Evaluated(len(plan["operations"]), solutions)


# Data and templates


def _insert_data(operation: Plan, transaction: Transaction) -> int:
    for quads in _batches(data_quads(operation["quads"])):
        transaction.insert(quads)
    return 0


def _delete_data(operation: Plan, transaction: Transaction) -> int:
    for quads in _batches(data_quads(operation["quads"])):
        transaction.remove(quads)
    return 0


def _modify(operation: Plan, transaction: Transaction) -> int:
    """Delete and insert what the solutions make of the templates (3.1.3)."""
    delete, insert = Template(operation["delete"]), Template(operation["insert"])
    # The store stays as it is while the engine looks for solutions in it.
    deleted: dict[ox.Quad, None] = {}
    inserted: dict[ox.Quad, None] = {}
    solutions = 0
    for row in _solutions(operation, transaction.store):
        deleted.update(dict.fromkeys(delete.filled(row)))
        inserted.update(dict.fromkeys(insert.filled(row)))
        solutions += 1
    transaction.remove(quad for quad in deleted if quad not in inserted)
    transaction.insert(inserted)
    return solutions


def _solutions(operation: Plan, store: ox.Store) -> Iterator[tuple[Any, ...]]:
    asked, graphs = _dataset(operation, store)
    return map(tuple, cast("ox.QuerySolutions", asked.query(operation["select"], **graphs)))


def _dataset(operation: Plan, store: ox.Store) -> tuple[ox.Store, dict[str, Any]]:
    """Return the store to ask, and what to tell it of graphs (4.1.2): USING beats WITH."""
    every_graph: list[ox.NamedNode | ox.BlankNode] = []
    if operation["asks_named"]:
        every_graph = named_in(operation["select"], store.named_graphs())
    if operation["using"] or operation["using_named"]:
        using = {
            "default_graphs": operation["using"],
            "named_graphs": operation["using_named"],
            "default_graph": "own",
            "text": operation["select"],
        }
        return dataset(store, using, every_graph)
    if operation["with"] is not None:
        default = [ox.NamedNode(operation["with"])]
        return store, {"default_graph": default, "named_graphs": every_graph}
    return store, {"named_graphs": every_graph}


def _batches(quads: Iterable[ox.Quad]) -> Iterator[list[ox.Quad]]:
    iterator = iter(quads)
    while batch := list(islice(iterator, _AT_ONCE)):
        yield batch


# Management of graphs


def _clear(operation: Plan, transaction: Transaction) -> int:
    """Empty graphs (3.1.5)."""
    for name in _cleared(operation, transaction, "clear"):
        transaction.remove(_quads(transaction, name))
    return 0


def _drop(operation: Plan, transaction: Transaction) -> int:
    """Remove graphs; the default graph is emptied (3.2.2)."""
    for name in _cleared(operation, transaction, "drop"):
        transaction.drop_graph(name)
    return 0


def _cleared(operation: Plan, transaction: Transaction, verb: str) -> list[GraphName]:
    if "graph" in operation:
        name = ox.NamedNode(operation["graph"])
        return [name] if _is_there(operation, transaction, name, verb) else []
    names: list[GraphName] = [] if operation["graphs"] == "NAMED" else [ox.DefaultGraph()]
    if operation["graphs"] != "DEFAULT":
        names += (name for name in transaction.store.named_graphs() if name not in RESERVED)
    return names


def _create(operation: Plan, transaction: Transaction) -> int:
    """Make an empty graph (3.2.1)."""
    name = ox.NamedNode(operation["graph"])
    if transaction.store.contains_named_graph(name) and not operation["is_silent"]:
        raise WriteRejected(
            f"{operation['place']}: the graph {name} is there already; leave CREATE out, "
            "or write CREATE SILENT"
        )
    transaction.create_graph(name)
    return 0


def _transfer(operation: Plan, transaction: Transaction) -> int:
    """Copy, move or add one graph to another, which is made if it is not there (3.2.3 to 3.2.5)."""
    source, target = _graph(operation["source"]), _graph(operation["target"])
    action = operation["action"]
    if not _is_there(operation, transaction, source, action.lower()) or source == target:
        return 0
    copied = {
        ox.Quad(quad.subject, quad.predicate, quad.object, target): None
        for quad in transaction.store.quads_for_pattern(None, None, None, source)
    }
    transaction.create_graph(target)
    if action != "ADD":
        transaction.remove([q for q in _quads(transaction, target) if q not in copied])
    transaction.insert(copied)
    if action == "MOVE":
        transaction.drop_graph(source)
    return 0


def _is_there(operation: Plan, transaction: Transaction, name: GraphName, verb: str) -> bool:
    """Tell whether there is a graph *name*; if not, an operation that is not SILENT fails."""
    if isinstance(name, ox.DefaultGraph) or transaction.store.contains_named_graph(name):
        return True
    if operation["is_silent"]:
        return False
    raise WriteRejected(
        f"{operation['place']}: there is no graph {name} to {verb}; check its name, "
        f"or write {verb.upper()} SILENT"
    )


def _graph(iri: str | None) -> GraphName:
    return ox.DefaultGraph() if iri is None else ox.NamedNode(iri)


def _quads(transaction: Transaction, name: GraphName) -> list[ox.Quad]:
    return list(transaction.store.quads_for_pattern(None, None, None, name))


_EVALUATE: dict[str, Callable[[Plan, Transaction], int]] = {
    "insert data": _insert_data,
    "delete data": _delete_data,
    "modify": _modify,
    "clear": _clear,
    "drop": _drop,
    "create": _create,
    "transfer": _transfer,
}
