"""Write in another way what the engine gets wrong, so that the answer is the specification's.

Each repair is a function from tree to tree, with the fault it is for (pyoxigraph 0.5.13). Where a
repair would change the meaning, the query is refused and the message names what to avoid.
Booleans need no repair: `TRUE` is printed as `true`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from graph.errors import UnsupportedFeature
from graph.sparql import tree
from graph.sparql.graph_repairs import scoped_graphs
from graph.sparql.path_repairs import separate_alternatives, zero_length_paths
from graph.sparql.scope import Names, Scopes, is_grouped, within

if TYPE_CHECKING:
    from collections.abc import Callable

_Op = TypeVar("_Op", bound=tree.Operation)
_ONCE = frozenset(("RAND", "UUID", "STRUUID", "BNODE"))
"""Functions whose value is another one when they are called again."""
_MAX_WRITTEN_OUT = 10_000
"""How many nodes an expression may have when what its variables stand for is written out."""


def repaired(operation: tree.Operation) -> tree.Operation:
    """Return *operation* so that the engine answers it as the specification says."""
    return with_repairs(operation)[0]


def with_repairs(operation: tree.Operation) -> tuple[tree.Operation, tuple[str, ...]]:
    """Return *operation* repaired, and the names of the repairs that were needed."""
    names, made = Names(operation), list[str]()
    for repair in _REPAIRS:
        before, operation = operation, repair(operation, names)
        if operation is not before:
            made.append(repair.__name__)
    return operation, tuple(made)


def named_columns(operation: _Op, _: Names | None = None) -> _Op:
    """Name what `*` stands for: the engine sorts the columns, and repairs add variables."""
    if not any(_has_star(node) for node in tree.walk(operation)):
        return operation
    scopes = Scopes(operation)
    columns = {
        node.at: tuple(map(tree.Variable, scopes.columns(node)))
        for node in scopes.nodes
        if isinstance(node, tree.Select | tree.Describe)
    }

    def change(node: tree.Node) -> tree.Node:
        if not _has_star(node) or not columns[node.at]:
            return node
        if isinstance(node, tree.Describe):
            return replace(node, resources=columns[node.at])
        return replace(node, projection=columns[node.at])  # pyright: ignore[reportCallIssue]

    return tree.rewrite(operation, change)


def _has_star(node: tree.Node) -> bool:
    if isinstance(node, tree.Select):
        return node.projection is None
    return isinstance(node, tree.Describe) and node.resources is None


def without_aliases(operation: _Op, _: Names | None = None) -> _Op:
    """Write `(COUNT(?v) AS ?c) (?c + 1 AS ?d)` without `?c` in it: the engine does not know it.

    Upstream issue 1789.
    """

    def change(node: tree.Node) -> tree.Node:
        if not isinstance(node, tree.Select) or not is_grouped(node):
            return node
        aliases = _Aliases()
        projection = tuple(map(aliases.written_out, node.projection or ()))
        return replace(node, projection=projection) if aliases.are_used else node

    return tree.rewrite(operation, change)


class _Aliases:
    """What the variables after AS stand for, from left to right."""

    def __init__(self) -> None:
        self.are_used = False
        self._values: dict[str, tree.Expression] = {}
        self._sizes: dict[str, int] = {}
        self._volatile: set[str] = set()

    def written_out(self, each: tree.Variable | tree.Assignment) -> tree.Variable | tree.Assignment:
        """Return *each* without the variables of those before it."""
        if isinstance(each, tree.Variable):
            return each
        nodes = list(tree.walk(each.expression))
        used = [n.name for n in nodes if isinstance(n, tree.Variable) and n.name in self._values]
        name = each.variable.name
        self._sizes[name] = len(nodes) + sum(self._sizes[each] for each in used)
        if used:
            self._refuse(name, used, nodes)
            each = replace(each, expression=tree.rewrite(each.expression, self._value))
            self.are_used = True
        if any(isinstance(node, tree.BuiltIn) and node.name in _ONCE for node in nodes):
            self._volatile.add(name)
        self._values[name] = each.expression
        return each

    def _value(self, node: tree.Node) -> tree.Node:
        return self._values.get(node.name, node) if isinstance(node, tree.Variable) else node

    def _refuse(self, name: str, used: list[str], nodes: list[tree.Node]) -> None:
        advice = "compute it in a sub-SELECT, and use it around that"
        volatile = self._volatile.intersection(used)
        if volatile:
            raise UnsupportedFeature(
                f"?{min(volatile)} is used again after SELECT, and would have another value; "
                f"{advice}"
            )
        if any(isinstance(node, tree.Exists) for node in nodes):
            raise UnsupportedFeature(
                f"?{used[0]} is used again after SELECT beside EXISTS; {advice}"
            )
        if self._sizes[name] > _MAX_WRITTEN_OUT:
            raise UnsupportedFeature(f"?{used[0]} is used again after SELECT too often; {advice}")


def decided_memberships(operation: _Op, _: Names | None = None) -> _Op:
    """Write what `IN ()` and `NOT IN ()` come to, which compare with nothing (17.4.1.9, 17.4.1.10).

    The engine finds an error in both when the value is an IRI.
    """

    def change(node: tree.Node) -> tree.Node:
        if not isinstance(node, tree.Membership) or node.choices:
            return node
        return tree.Literal("true" if node.is_negated else "false", tree.IRI(tree.XSD + "boolean"))

    return tree.rewrite(operation, change)


def plain_group_concat(operation: _Op, _: Names | None = None) -> _Op:
    """Take the language off what GROUP_CONCAT returns (18.5.1.7): the engine leaves it on."""

    def change(node: tree.Node) -> tree.Node:
        if isinstance(node, tree.Aggregate) and node.name == "GROUP_CONCAT":
            return tree.BuiltIn("STR", (node,), at=node.at)
        return node

    return tree.rewrite(operation, change)


def distinct_blank_nodes(operation: _Op, names: Names) -> _Op:
    """Give `BNODE("x")` another node in each solution (17.4.2.9): the engine has one for all.

    The engine takes the string for the label, so the label is made of the string and of a salt
    that each solution gets of its own.
    """
    if not any(_is_labelled(node) for node in tree.walk(operation)):
        return operation

    def change(node: tree.Node) -> tree.Node:
        match node:
            case tree.Group():
                return _salted_group(node, names)
            case tree.Select():
                return _salted_select(node, names)
            case _:
                return node

    return tree.rewrite(operation, change)


def _is_labelled(node: tree.Node) -> bool:
    return isinstance(node, tree.BuiltIn) and node.name == "BNODE" and len(node.arguments) == 1


def _asks_for_label(root: tree.Node) -> bool:
    return any(map(_is_labelled, within(root)))


def _salted(root: Any, salt: tree.Variable) -> Any:  # noqa: ANN401 -- of one kind with *root*
    def change(node: tree.Node) -> tree.Node:
        if not isinstance(node, tree.BuiltIn) or not _is_labelled(node):
            return node
        salted = tree.BuiltIn("CONCAT", (salt, node.arguments[0]))
        label = tree.BuiltIn("CONCAT", (tree.Literal("b"), tree.BuiltIn("MD5", (salted,))))
        return replace(node, arguments=(label,))

    return tree.rewrite(root, change)


def _new_salt(salt: tree.Variable) -> tree.Bind:
    return tree.Bind(tree.BuiltIn("STRUUID", ()), salt)


def _salted_group(group: tree.Group, names: Names) -> tree.Group:
    if not any(
        isinstance(each, tree.Bind | tree.Filter) and _asks_for_label(each)
        for each in group.elements
    ):
        return group
    salt, is_bound = names.new(), False
    elements: list[tree.Pattern] = []
    for each in group.elements:
        if isinstance(each, tree.Bind) and _asks_for_label(each) and not is_bound:
            elements.append(_new_salt(salt))
            is_bound = True
        elements.append(_salted(each, salt) if isinstance(each, tree.Bind | tree.Filter) else each)
    if not is_bound:
        elements.append(_new_salt(salt))
    return replace(group, elements=tuple(elements))


def _salted_select(query: tree.Select, names: Names) -> tree.Select:
    roots = [*(query.projection or ()), *query.modifiers.having, *query.modifiers.order_by]
    if not any(map(_asks_for_label, (*roots, *query.modifiers.group_by))):
        return query
    if is_grouped(query):
        raise UnsupportedFeature(
            "the engine has no BNODE with a label in a grouped query; make the node with BIND "
            "around a sub-SELECT"
        )
    salt = names.new()
    where = tree.Group((query.where, _new_salt(salt)))
    modifiers = _salted(query.modifiers, salt)
    projection = tuple(_salted(each, salt) for each in query.projection or ())
    return replace(query, projection=projection, where=where, modifiers=modifiers)


def without_idle_minus(operation: _Op, _: Names | None = None) -> _Op:
    """Leave out each MINUS that shares no variable with what is before it (8.3.3).

    It takes nothing away. Inside EXISTS and `GRAPH ?g` the engine lets both sides share what is
    bound around them, and takes all away.
    """
    if not any(isinstance(node, tree.Minus) for node in tree.walk(operation)):
        return operation
    scopes = Scopes(operation)
    idle: set[int] = set()
    for group in scopes.nodes:
        before: set[str] = set()
        for element in group.elements if isinstance(group, tree.Group) else ():
            if not isinstance(element, tree.Minus):
                before.update(scopes.of(element))
            elif before.isdisjoint(scopes.of(element.group)):
                idle.add(element.at)

    def change(node: tree.Node) -> tree.Node:
        if not isinstance(node, tree.Group):
            return node
        kept = [e for e in node.elements if not (isinstance(e, tree.Minus) and e.at in idle)]
        return node if len(kept) == len(node.elements) else replace(node, elements=tuple(kept))

    return tree.rewrite(operation, change)


_REPAIRS: tuple[Callable[[tree.Operation, Names], tree.Operation], ...] = (
    named_columns,
    without_aliases,
    plain_group_concat,
    decided_memberships,
    distinct_blank_nodes,
    without_idle_minus,
    separate_alternatives,
    zero_length_paths,
    scoped_graphs,
)
"""In the order in which they are made."""

HIDES_GRAPHS = "filtered_graphs"
"""The name of what is done beside these: see `graph.sparql.hidden_graphs`."""

REPAIRS = (*(each.__name__ for each in _REPAIRS), HIDES_GRAPHS)
"""The names of all that may be done."""
