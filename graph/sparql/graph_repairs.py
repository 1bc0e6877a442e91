"""Repair `GRAPH ?g {}`, whose variable the engine lets into the group, or loses.

Upstream issues 1450 and 1905. By the specification (18.6), the group is answered for one named
graph after the other, `?g` is a variable like any other inside it, and only afterwards is joined
with the name of the graph. The engine gives the name to each triple pattern of the group instead.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from graph.errors import UnsupportedFeature
from graph.sparql import tree
from graph.sparql.scope import Names, is_grouped, variables

if TYPE_CHECKING:
    from collections.abc import Iterator

_Op = TypeVar("_Op", bound=tree.Operation)
_ELSEWHERE = (tree.NamedGraph, tree.Service)
"""Patterns that are not answered from the graph around them."""
_MAX_LEVELS = 10


def scoped_graphs(operation: _Op, names: Names) -> _Op:
    """Answer the group of `GRAPH ?g` for one graph after the other."""
    _refuse_deep_graphs(operation)
    if not any(_needs_repair(node) for node in tree.walk(operation)):
        return operation

    def change(node: tree.Node) -> tree.Node:
        if (
            isinstance(node, tree.NamedGraph)
            and isinstance(node.name, tree.Variable)
            and _needs_repair(node)
        ):
            return _scoped(node, node.name, names)
        return node

    return tree.rewrite(operation, change)


def _refuse_deep_graphs(operation: tree.Operation) -> None:
    """Refuse what would take long: each level looks through all levels below it."""
    waiting: list[tuple[tree.Node, int]] = [(operation, 0)]
    while waiting:
        node, depth = waiting.pop()
        if isinstance(node, tree.NamedGraph) and isinstance(node.name, tree.Variable):
            depth += 1
            if depth > _MAX_LEVELS:
                raise UnsupportedFeature(
                    f"GRAPH with a variable nests deeper than {_MAX_LEVELS}; "
                    "put the patterns side by side"
                )
        waiting.extend((child, depth) for child in tree.children(node))


def _needs_repair(node: tree.Node) -> bool:
    """Tell whether the group has what the engine gets wrong."""
    if not isinstance(node, tree.NamedGraph) or not isinstance(node.name, tree.Variable):
        return False
    return any(
        isinstance(part, tree.Select | tree.Values | tree.Minus | tree.NamedGraph)
        or (isinstance(part, tree.Variable) and part.name == node.name.name)
        for part in _answered_here(node.group)
    )


def _answered_here(group: tree.Group) -> Iterator[tree.Node]:
    """Yield all nodes below *group* that are about the graph it is answered from."""
    waiting: list[tree.Node] = [group]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, _ELSEWHERE):
            waiting.append(node.name if isinstance(node, tree.NamedGraph) else node.endpoint)
            waiting.extend(n for n in tree.walk(node.group) if isinstance(n, tree.Variable))
        else:
            waiting.extend(tree.children(node))


def _scoped(pattern: tree.NamedGraph, name: tree.Variable, names: Names) -> tree.Group:
    used = variables([pattern.group, *_exists_groups(pattern.group)])
    graph = names.new() if name.name in used else name
    inside = _in_graph(pattern.group, graph, names)
    elements: list[tree.Pattern] = [_any_graph(graph), tree.NamedGraph(graph, inside)]
    if graph is not name:
        same = tree.BuiltIn("SAMETERM", (name, graph))
        elements += (_any_graph(name), tree.Filter(same))
    return tree.Group(tuple(elements), at=pattern.at)


def _exists_groups(group: tree.Group) -> Iterator[tree.Group]:
    return (node.group for node in tree.walk(group) if isinstance(node, tree.Exists))


def _any_graph(name: tree.Variable) -> tree.NamedGraph:
    return tree.NamedGraph(name, tree.Group(()))


def _in_graph(group: tree.Group, graph: tree.Variable, names: Names) -> tree.Group:
    """Return *group* so that the engine answers it for one *graph* after the other."""
    # What a rewrite passes on are new nodes, so what is elsewhere is told by its place.
    elsewhere = {
        below.at
        for node in _answered_here(group)
        if isinstance(node, _ELSEWHERE)
        for below in tree.walk(node.group)
    }
    _refuse_uncertain_minus(tree.postorder(group), elsewhere)

    def change(node: tree.Node) -> tree.Node:
        if isinstance(node, tree.Select) and node.at not in elsewhere:
            return _select_in_graph(node, graph, names)
        return node

    return tree.rewrite(group, change)


def _refuse_uncertain_minus(nodes: list[tree.Node], elsewhere: set[int]) -> None:
    """Refuse a MINUS whose sides may share no value: to the engine they share the graph."""
    if not any(isinstance(node, tree.Minus) for node in nodes):
        return
    certain = _certain(nodes)
    for group in nodes:
        if not isinstance(group, tree.Group) or group.at in elsewhere:
            continue
        before: set[str] = set()
        for element in group.elements:
            if not isinstance(element, tree.Minus | tree.Optional):
                before.update(certain.get(id(element), ()))
            elif isinstance(element, tree.Minus) and before.isdisjoint(certain[id(element.group)]):
                raise UnsupportedFeature(
                    "the engine has no MINUS inside GRAPH with a variable where the variables "
                    "that both sides share may have no value; write FILTER NOT EXISTS"
                )


def _certain(nodes: list[tree.Node]) -> dict[int, frozenset[str]]:
    """Return, of each pattern, the variables that have a value in all of its solutions."""
    found: dict[int, frozenset[str]] = {}
    none: frozenset[str] = frozenset()
    for node in nodes:
        match node:
            case tree.Triples():
                found[id(node)] = frozenset(variables(node.triples))
            case tree.Group():
                parts = [e for e in node.elements if not isinstance(e, tree.Minus | tree.Optional)]
                found[id(node)] = none.union(*(found.get(id(each), none) for each in parts))
            case tree.Union():
                first, *others = (found[id(each)] for each in node.groups)
                found[id(node)] = first.intersection(*others)
            case tree.NamedGraph(name=name) | tree.Service(endpoint=name):
                found[id(node)] = found[id(node.group)].union(variables([name]))
            case tree.Lateral():
                found[id(node)] = found[id(node.group)]
            case tree.Values():
                found[id(node)] = frozenset(
                    variable.name
                    for variable, *column in zip(node.variables, *node.rows, strict=True)
                    if all(term is not None for term in column)
                )
            case tree.Select():
                shown = {e.name for e in node.projection or () if isinstance(e, tree.Variable)}
                found[id(node)] = found[id(node.where)] & shown
            case _:
                pass
    return found


# Sub-queries: they are answered for each graph, so the graph is one of their columns.


def _select_in_graph(query: tree.Select, graph: tree.Variable, names: Names) -> tree.Select:
    modifiers = query.modifiers
    if modifiers.limit is not None or modifiers.offset is not None:
        raise UnsupportedFeature(
            "the engine has no LIMIT or OFFSET for each graph; leave it out of the sub-SELECT "
            "inside GRAPH with a variable, or name the graph"
        )
    if query.projection is None:
        return query
    inside = tree.NamedGraph(graph, query.where)
    projection = (graph, *query.projection)
    if not is_grouped(query):
        where = tree.Group((_any_graph(graph), inside))
        return replace(query, projection=projection, where=where)
    if modifiers.group_by:
        where = tree.Group((_any_graph(graph), inside))
        grouped = replace(modifiers, group_by=(graph, *modifiers.group_by))
        return replace(query, projection=projection, where=where, modifiers=grouped)
    return _one_row_per_graph(query, graph, names)


def _one_row_per_graph(query: tree.Select, graph: tree.Variable, names: Names) -> tree.Select:
    """Count what a graph without solutions has, too: without GROUP BY there is always one group.

    Such a graph has one row that is nothing but its name, and `mark` tells it from the others.
    """
    mark = names.new()
    solutions = tree.Group(
        (tree.NamedGraph(graph, query.where), tree.Bind(tree.Literal("true"), mark))
    )
    where = tree.Group((_any_graph(graph), tree.Optional(solutions)))

    def change(node: tree.Node) -> tree.Node:
        return _of_marked(node, mark, names) if isinstance(node, tree.Aggregate) else node

    projection = tuple(tree.rewrite(each, change) for each in query.projection or ())
    modifiers = replace(tree.rewrite(query.modifiers, change), group_by=(graph,))
    return replace(query, projection=(graph, *projection), where=where, modifiers=modifiers)


def _of_marked(aggregate: tree.Aggregate, mark: tree.Variable, names: Names) -> tree.Expression:
    """Return *aggregate* so that a row without a mark adds nothing to it (18.5.1)."""
    if aggregate.argument is None:
        if aggregate.is_distinct:
            raise UnsupportedFeature(
                "the engine has no COUNT(DISTINCT *) for each graph; count a variable"
            )
        return replace(aggregate, argument=mark)
    empty: dict[str, tree.Expression] = {"SUM": _ZERO, "GROUP_CONCAT": tree.Literal("")}
    nothing = empty.get(aggregate.name) or names.new()
    is_marked = tree.BuiltIn("BOUND", (mark,))
    argument = tree.BuiltIn("IF", (is_marked, aggregate.argument, nothing))
    marked = replace(aggregate, argument=argument)
    if aggregate.name != "AVG":
        return marked
    is_empty = tree.Comparison("=", tree.Aggregate("COUNT", mark), _ZERO)
    return tree.BuiltIn("IF", (is_empty, _ZERO, marked))


_ZERO = tree.Literal("0", tree.IRI(tree.XSD + "integer"))
