"""Wishes as the writer gets them, and the simplest tools that make them: no SPARQL, no rules."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from graph.errors import QueryRejected
from graph.writing.transaction import COMMITS, UNION, Transaction

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

Statement = tuple[str, str, str, str | None]
"""Subject, predicate and object, which is a literal unless it has a colon, and the graph."""


@contextmanager
def fast_directory() -> Generator[Path]:
    """Make a directory in memory, if the system has a place for that: fsync costs nothing there."""
    memory = "/dev/shm"  # noqa: S108 -- a name of its own is made below it
    parent = memory if os.access(memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=parent) as directory:
        yield Path(directory)


def quad(statement: Statement) -> ox.Quad:
    """Return *statement* as the engine has it."""
    subject, predicate, value, graph = statement
    return ox.Quad(
        ox.NamedNode(subject),
        ox.NamedNode(predicate),
        ox.NamedNode(value) if ":" in value else ox.Literal(value),
        ox.DefaultGraph() if graph is None else ox.NamedNode(graph),
    )


def wish(
    change: dict[str, Any],
    *,
    author: str = "ada",
    prefixes: tuple[str, ...] | None = None,
    key: tuple[str, str] | None = None,
    **conditions: object,
) -> dict[str, Any]:
    """Return a wish for *change*; a key is its value and the digest of the request."""
    return {
        **change,
        "author": {"name": author, "graph_prefixes": prefixes},
        "key": {"value": key[0], "digest": key[1]} if key else None,
        "conditions": {"versions": None, "exists": None, "not_versions": [], **conditions},
    }


def update(*operations: tuple[str, Any]) -> dict[str, Any]:
    """Return an update: ("insert" or "delete", statements) and ("create" or "drop", graph)."""
    return {"kind": "update", "plan": {"operations": operations}}


def insert(*statements: Statement) -> dict[str, Any]:
    """Return an update that inserts *statements*."""
    return update(("insert", statements))


def put(file: Path, graph: str | None, *triples: tuple[str, str, str]) -> dict[str, Any]:
    """Return a write of *triples*, by way of *file*, that replaces *graph*."""
    lines = (f"{quad((*triple, None)).triple} .\n" for triple in triples)
    file.write_text("".join(lines))
    return {"kind": "put", "graph": graph, "content": str(file)}


def post(file: Path, graph: str | None, *triples: tuple[str, str, str]) -> dict[str, Any]:
    """Return a write of *triples*, by way of *file*, that adds to *graph*."""
    return {**put(file, graph, *triples), "kind": "post"}


def delete(graph: str | None) -> dict[str, Any]:
    """Return a write that removes *graph*."""
    return {"kind": "delete", "graph": graph, "content": None}


def carry_out(plan: dict[str, Any], transaction: Transaction) -> None:
    """Do what *plan* says; "fail" is refused, "break" is a fault that nobody foresaw."""
    for verb, operand in plan["operations"]:
        if verb == "insert":
            transaction.insert(map(quad, operand))
        elif verb == "delete":
            transaction.remove(map(quad, operand))
        elif verb == "create":
            transaction.create_graph(ox.NamedNode(operand))
        elif verb == "drop":
            transaction.drop_graph(ox.NamedNode(operand))
        elif verb == "fail":
            raise QueryRejected(operand)
        elif verb == "increment":
            _increment(transaction, ox.NamedNode(operand))
        else:
            raise ZeroDivisionError(operand)


def _increment(transaction: Transaction, subject: ox.NamedNode) -> None:
    predicate = ox.NamedNode("x:count")
    old = list(transaction.store.quads_for_pattern(subject, predicate, None, ox.DefaultGraph()))
    value = old[0].object if old else ox.Literal(0)
    assert isinstance(value, ox.Literal)
    transaction.remove(old)
    transaction.insert([ox.Quad(subject, predicate, ox.Literal(int(value.value) + 1))])


class UnionOnly:
    """Keeps the union in step by looking at everything; there are no rules."""

    rules_digest = ""

    def bring_in_step(self, transaction: Transaction) -> None:
        """Make the union what it is."""
        store = transaction.store
        joined = (each for each in store if each.graph_name not in (UNION, COMMITS))
        wanted = {ox.Quad(each.subject, each.predicate, each.object, UNION) for each in joined}
        there = set(store.quads_for_pattern(None, None, None, UNION))
        transaction.remove(there - wanted, by_server=True)
        transaction.insert(wanted - there, by_server=True)

    def rebuild(self, transaction: Transaction) -> None:
        """Make the union what it is."""
        self.bring_in_step(transaction)


def statements(store: ox.Store, graphs: Iterable[str | None]) -> dict[str | None, set[str]]:
    """Return what *store* holds in each of *graphs*."""
    return {
        graph: {
            str(found.triple)
            for found in store.quads_for_pattern(
                None, None, None, ox.DefaultGraph() if graph is None else ox.NamedNode(graph)
            )
        }
        for graph in graphs
    }
