"""Which variables a pattern shows to what is around it (18.2.1 of SPARQL 1.2 Query)."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from graph.sparql import tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Scope = dict[str, int]
"""The variables, in the order in which they are found, each with where it stands first."""


class Scopes:
    """The variables in scope at every pattern of a tree."""

    def __init__(self, root: tree.Node) -> None:
        self.nodes = tree.postorder(root)
        """All nodes of the tree, each after those below it."""
        self._found: dict[int, Scope] = {}
        for node in self.nodes:
            if (scope := self._scope(node)) is not None:
                self._found[id(node)] = scope

    def of(self, pattern: tree.Node | None) -> Scope:
        """Return the variables in scope after *pattern*; none after a filter."""
        return self._found.get(id(pattern), {})

    def columns(self, query: tree.Query) -> tuple[str, ...]:
        """Return the variables that SELECT or DESCRIBE `*` stands for, first things first."""
        scope = _joined([self.of(query.where), self.of(query.values)])
        return tuple(sorted(scope, key=lambda name: scope[name]))

    def _scope(self, node: tree.Node) -> Scope | None:
        match node:
            case tree.Triples():
                return variables(node.triples)
            case tree.Group():
                return _joined(
                    self.of(each) for each in node.elements if not isinstance(each, tree.Minus)
                )
            case tree.Union():
                return _joined(map(self.of, node.groups))
            case tree.Optional() | tree.Lateral():
                return self.of(node.group)
            case tree.NamedGraph(name=name) | tree.Service(endpoint=name):
                return _joined([variables([name]), self.of(node.group)])
            case tree.Bind():
                return variables([node.variable])
            case tree.Values():
                return variables(node.variables)
            case tree.Select():
                return self._selected(node)
            case _:
                return None

    def _selected(self, query: tree.Select) -> Scope:
        if query.projection is None:
            return _joined([self.of(query.where), self.of(query.values)])
        shown = [
            each.variable if isinstance(each, tree.Assignment) else each
            for each in query.projection
        ]
        return _joined([variables(shown), self.of(query.values)])


class Names:
    """Variables that a tree does not use."""

    def __init__(self, root: tree.Node) -> None:
        self._used = {n.name for n in tree.walk(root) if isinstance(n, tree.Variable)}
        self._numbers = count(1)

    def new(self) -> tree.Variable:
        """Return another variable that is nowhere in the tree."""
        return tree.Variable(next(name for name in self._candidates() if name not in self._used))

    def _candidates(self) -> Iterator[str]:
        return (f"m{number}" for number in self._numbers)


def is_grouped(query: tree.Select) -> bool:
    """Tell whether the solutions are grouped, by GROUP BY or because of an aggregate (11.1)."""
    modifiers = query.modifiers
    return bool(modifiers.group_by) or any(
        isinstance(node, tree.Aggregate)
        for root in (*(query.projection or ()), *modifiers.having, *modifiers.order_by)
        for node in within(root)
    )


def variables(nodes: Iterable[tree.Node]) -> Scope:
    """Return the variables in *nodes*, patterns in expressions left aside."""
    found: Scope = {}
    for root in nodes:
        for node in within(root):
            if isinstance(node, tree.Variable):
                found.setdefault(node.name, node.at)
    return found


def within(expression: tree.Node) -> Iterator[tree.Node]:
    """Yield *expression* and what is below it, but not the pattern of an EXISTS."""
    waiting = [expression]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, tree.Exists):
            waiting.extend(reversed(list(tree.children(node))))


def _joined(scopes: Iterable[Scope]) -> Scope:
    joined: Scope = {}
    for scope in scopes:
        for name, at in scope.items():
            if not 0 <= joined.get(name, -1) <= at:
                joined[name] = at
    return joined
