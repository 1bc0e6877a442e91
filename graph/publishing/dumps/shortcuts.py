"""Which statements a shortcut is derived from: the rules, asked for their causes.

A rule says: where this holds of a statement node, that shortcut holds. So the pattern of the rule,
with the node as one more column, finds the statements behind each shortcut.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from graph.namespaces import MP, RDF_TYPE
from graph.rules import IsIRI

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graph.rules import Atom, Clause, Filter, Rules, Slot

_STATEMENT = ox.NamedNode(MP + "Statement")
_NOT_SHORTCUTS = (ox.NamedNode(RDF_TYPE),)


class Shortcut(NamedTuple):
    """A triple that follows from a statement."""

    subject: ox.NamedNode
    predicate: ox.NamedNode
    object: ox.NamedNode | ox.Literal
    statement: ox.NamedNode


class ShortcutQuery(NamedTuple):
    """A query for ?subject, ?object and ?statement of shortcuts by one property."""

    predicate: ox.NamedNode
    text: str


def shortcut_queries(rules: Rules) -> list[ShortcutQuery]:
    """Return the queries that find all shortcuts by *rules*, and what they are from."""
    return [query for clause in rules.clauses for query in _queries(clause)]


def shortcuts(store: ox.Store, graph: ox.NamedNode, rules: Rules) -> Iterator[Shortcut]:
    """Yield the shortcuts in *graph* of *store*, each once for every statement it is from.

    A rule may find a shortcut in more than one way; then it comes again.
    """
    for query in shortcut_queries(rules):
        rows = store.query(query.text, default_graph=[graph])
        assert isinstance(rows, ox.QuerySolutions)  # noqa: S101 -- it is a SELECT
        for row in rows:
            yield Shortcut(row["subject"], query.predicate, row["object"], row["statement"])  # pyright: ignore[reportArgumentType] -- the pattern has them in places where nothing else fits


def _queries(clause: Clause) -> Iterator[ShortcutQuery]:
    """Yield a query for each shortcut that *clause* makes and each node that may have caused it.

    The node is one that the shortcut does not show; it has to be a statement.
    """
    said = {slot for atom in clause.head for slot in atom.variables}
    nodes = {
        atom.subject
        for atom in clause.body
        if isinstance(atom.subject, str) and atom.subject not in said
    }
    for head in clause.head:
        if isinstance(head.predicate, ox.NamedNode) and head.predicate not in _NOT_SHORTCUTS:
            for node in sorted(nodes):
                yield ShortcutQuery(head.predicate, _text(clause, head, node))


def _text(clause: Clause, head: Atom, node: str) -> str:
    names = {slot: f"?v{at}" for at, slot in enumerate(_variables(clause))}
    patterns = [
        f"{names[node]} a {_STATEMENT} .",
        *(" ".join(_said(slot, names) for slot in atom) + " ." for atom in clause.body),
        *(_condition(each, names) for each in clause.filters),
    ]
    columns = (("subject", head.subject), ("object", head.object), ("statement", node))
    shown = " ".join(f"({_said(slot, names)} AS ?{name})" for name, slot in columns)
    return f"SELECT {shown} WHERE {{ {' '.join(patterns)} }}"


def _variables(clause: Clause) -> list[str]:
    found = (slot for atom in (*clause.body, *clause.head) for slot in atom)
    return list(dict.fromkeys(slot for slot in found if isinstance(slot, str)))


def _said(slot: Slot, names: dict[str, str]) -> str:
    return names[slot] if isinstance(slot, str) else str(slot)


def _condition(condition: Filter, names: dict[str, str]) -> str:
    if isinstance(condition, IsIRI):
        return f"FILTER isIRI({_said(condition.slot, names)})"
    return f"FILTER ({_said(condition.left, names)} != {_said(condition.right, names)})"
