"""Which variables a pattern binds in each of its solutions, whatever the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph.sparql import tree
from graph.sparql.scope import is_grouped, variables

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Names = frozenset[str]
_NONE: Names = frozenset()


def bound(pattern: tree.Node, calls: Mapping[int, Names] | None = None) -> Names:
    """Return the variables that every solution of *pattern* binds.

    *calls* tells it of the blocks of values that stand for a SERVICE, by where they stand.
    """
    calls = calls or {}
    found: dict[int, Names] = {}
    for node in tree.postorder(pattern):
        found[id(node)] = _bound(node, found, calls)
    return found[id(pattern)]


def _bound(node: tree.Node, found: dict[int, Names], calls: Mapping[int, Names]) -> Names:
    match node:
        case tree.Triples():
            return frozenset(variables(node.triples))
        case tree.Group():
            return _all(found[id(each)] for each in node.elements)
        case tree.Union():
            first, *others = (found[id(each)] for each in node.groups)
            return first.intersection(*others)
        case tree.NamedGraph():
            return found[id(node.group)] | frozenset(variables([node.name]))
        case tree.Service():
            inside = _NONE if node.is_silent else found[id(node.group)]
            return inside | frozenset(variables([node.endpoint]))
        case tree.Values():
            return calls[node.at] if node.at in calls else _in_every_row(node)
        case tree.Select():
            return _selected(node, found)
        case _:  # OPTIONAL, MINUS and FILTER bind nothing for sure, nor does BIND: it may fail
            return _NONE


def _all(several: Iterable[Names]) -> Names:
    return _NONE.union(*several)


def _in_every_row(values: tree.Values) -> Names:
    return frozenset(
        variable.name
        for number, variable in enumerate(values.variables)
        if all(row[number] is not None for row in values.rows)
    )


def _selected(query: tree.Select, found: dict[int, Names]) -> Names:
    inside = found[id(query.where)] | (found[id(query.values)] if query.values else _NONE)
    if query.projection is None:
        return inside
    shown = {each.name for each in query.projection if isinstance(each, tree.Variable)}
    if is_grouped(query):
        shown &= {k.name for k in query.modifiers.group_by if isinstance(k, tree.Variable)}
    return inside & shown
