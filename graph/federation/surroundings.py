"""What around a SERVICE says which of its solutions can matter.

By the specification the pattern of a SERVICE is answered on its own, and joined. But a solution
that fits nothing of what it is joined with has no effect, and need not be fetched.
What it has to fit is found on the way from the SERVICE outwards:

- what stands before it in its group, and what is joined with it later in the group;
- the same around the group, where the group is joined, too: in braces, UNION or GRAPH, or in a
  sub-SELECT that neither groups nor cuts off its solutions and shows the variable;
- what stands before an OPTIONAL or a MINUS that it is in, but nothing around these: a solution that
  does not fit there may still decide whether something else is left;
- for a pattern in EXISTS the group around the filter, and nothing around that.

Leaving out some of it only makes more be fetched. So a part is left out that gives another answer
each time, or that waits for another SERVICE itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from graph.sparql import tree
from graph.sparql.scope import is_grouped, variables, within
from graph.sparql.template import VOLATILE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from graph.federation.bound import Names
    from graph.sparql.scope import Scopes

_JOINED = (tree.Triples, tree.Group, tree.Union, tree.NamedGraph, tree.Values)
_NONE: frozenset[str] = frozenset()
_PLAIN = (tree.Triples, tree.Values)
"""Patterns that mean the same in EXISTS and outside: nothing in them looks at what is around."""

Position = Literal["joined", "before", "all"]


@dataclass(frozen=True, slots=True)
class Part:
    """Patterns of one group that are used together, or not at all."""

    elements: tuple[tree.Pattern, ...]
    names: frozenset[str]
    """The variables that they show."""


@dataclass(slots=True)
class Level:
    """What one group tells."""

    parts: list[Part]
    filters: list[tree.Filter] = field(default_factory=list[tree.Filter])


@dataclass(frozen=True, slots=True)
class InGraph:
    """All levels so far are answered from this graph."""

    name: tree.Variable | tree.IRI


Surrounding: TypeAlias = Level | InGraph


class Surroundings:
    """What is around patterns of *root*; *is_ready* tells what can be evaluated by now."""

    def __init__(
        self, root: tree.Query, scopes: Scopes, is_ready: Callable[[tree.Node], bool]
    ) -> None:
        self._scopes = scopes
        self._is_ready = is_ready
        self._parents = {
            id(child): node for node in tree.walk(root) for child in tree.children(node)
        }

    def of(self, target: tree.Node) -> list[Surrounding]:
        """Return what is around *target*, the innermost first."""
        return _Outwards(self._scopes, self._is_usable).all(self._way_out(target))

    def _way_out(self, target: tree.Node) -> list[tuple[tree.Node, tree.Node]]:
        """Return each node around *target* with the one below it on the way."""
        way: list[tuple[tree.Node, tree.Node]] = []
        node = target
        while (parent := self._parents.get(id(node))) is not None:
            way.append((parent, node))
            node = parent
        return way

    def _is_usable(self, pattern: tree.Node) -> bool:
        return all(
            self._is_ready(node) and not (isinstance(node, tree.BuiltIn) and node.name in VOLATILE)
            for node in tree.walk(pattern)
        )


class _Outwards:
    """One way out, as far as it has been gone."""

    def __init__(self, scopes: Scopes, is_usable: Callable[[tree.Node], bool]) -> None:
        self._scopes = scopes
        self._is_usable = is_usable
        self._found: list[Surrounding] = []
        self._position: Position = "joined"
        self._is_over = False
        """What comes now tells nothing more, except from which graph all that is answered."""
        self._hidden: set[str] = set()
        """Variables of a sub-SELECT that only have their names in common with those outside."""

    def all(self, way: Iterable[tuple[tree.Node, tree.Node]]) -> list[Surrounding]:
        for parent, child in way:
            match parent:
                case tree.NamedGraph():
                    self._enter_graph(parent)
                case _ if self._is_over:
                    pass
                case tree.Group():
                    self._enter_group(parent, child)
                case tree.Optional() | tree.Minus():
                    self._position = "before"
                case tree.Exists():
                    self._leave_exists()
                case tree.Select() | tree.Construct() | tree.Describe() | tree.Ask():
                    self._enter_query(parent, child)
                case _:
                    pass
        return self._found

    def _enter_graph(self, pattern: tree.NamedGraph) -> None:
        if self._found and isinstance(self._found[-1], Level):
            self._found.append(InGraph(pattern.name))

    def _enter_group(self, group: tree.Group, child: tree.Node) -> None:
        number = next(n for n, each in enumerate(group.elements) if each is child)
        before, after = group.elements[:number], group.elements[number + 1 :]
        if self._position == "all" and not isinstance(child, tree.Filter):
            after = ()
        level = Level(self._parts_before(before), [])
        if self._position != "before":
            level.parts += self._parts_joined(after)
        level.filters += [
            each
            for each in group.elements
            if isinstance(each, tree.Filter) and self._is_usable(each) and not _looks(each)
        ]
        self._found.append(level)
        self._is_over = self._position != "joined"

    def _parts_before(self, elements: tuple[tree.Pattern, ...]) -> list[Part]:
        patterns = [each for each in elements if not isinstance(each, tree.Filter)]
        is_plain = all(isinstance(each, _JOINED) for each in patterns)
        if is_plain or not all(map(self._is_usable, patterns)):
            return self._parts_joined(patterns)
        names = [name for each in patterns for name in self._scopes.of(each)]
        return self._visible([Part(tuple(patterns), frozenset(names))])

    def _parts_joined(self, elements: Iterable[tree.Pattern]) -> list[Part]:
        return self._visible(
            Part((each,), frozenset(self._scopes.of(each)))
            for each in elements
            if isinstance(each, _JOINED) and self._is_usable(each)
        )

    def _visible(self, parts: Iterable[Part]) -> list[Part]:
        return [each for each in parts if self._hidden.isdisjoint(each.names)]

    def _leave_exists(self) -> None:
        """Keep of what is inside only what does not look at the solution that is filtered."""
        for level in self._found:
            if isinstance(level, Level):
                level.filters.clear()
                level.parts = [each for each in level.parts if _is_plain(each)]
        self._position = "all"

    def _enter_query(self, query: tree.Query, child: tree.Node) -> None:
        if child is not query.where or self._position != "joined":
            self._is_over = True
            return
        has_groups = bool(query.modifiers.group_by or query.modifiers.having) or (
            isinstance(query, tree.Select) and is_grouped(query)
        )
        if query.values is not None and not has_groups:
            self._found.append(Level(self._parts_joined([query.values])))
        cuts_off = query.modifiers.limit is not None or query.modifiers.offset is not None
        self._is_over = has_groups or cuts_off or not isinstance(query, tree.Select)
        if isinstance(query, tree.Select) and query.projection is not None:
            shown = {each.name for each in query.projection if isinstance(each, tree.Variable)}
            self._hidden |= self._scopes.of(query.where).keys() - shown


def _is_plain(part: Part) -> bool:
    return all(isinstance(each, _PLAIN) for each in part.elements)


def _looks(condition: tree.Filter) -> bool:
    return any(isinstance(node, tree.Exists) for node in within(condition))


def chosen(
    surroundings: list[Surrounding],
    starts: Iterable[Names],
    certain: Callable[[tree.Node], Names],
) -> tuple[tree.Group, Names] | None:
    """Return the pattern to find keys with, and what it shows: what hangs together by variables.

    For each of *starts* it begins with the innermost part that shows one of these variables.
    *certain* tells what a pattern binds in each of its solutions.
    """
    parts = [p for level in surroundings if isinstance(level, Level) for p in level.parts]
    taken: list[Part] = []
    for start in starts:
        reached: frozenset[str] = start
        first = next((part for part in parts if not part.names.isdisjoint(start)), None)
        while first is not None:
            if first not in taken:
                taken.append(first)
            reached = _NONE.union(*(part.names for part in taken))
            first = next(
                (p for p in parts if p not in taken and not p.names.isdisjoint(reached)), None
            )
    if not taken:
        return None
    names = _NONE.union(*(part.names for part in taken))
    return _pattern(surroundings, taken, certain), names


def _pattern(
    surroundings: list[Surrounding], taken: list[Part], certain: Callable[[tree.Node], Names]
) -> tree.Group:
    elements: list[tree.Pattern] = []
    for each in surroundings:
        if isinstance(each, InGraph):
            if elements:
                elements = [tree.NamedGraph(each.name, tree.Group(tuple(elements)))]
            continue
        inside = [e for part in each.parts if part in taken for e in part.elements]
        if inside:
            sure = certain(tree.Group(tuple(inside)))
            inside += [f for f in each.filters if sure.issuperset(variables([f.condition]))]
            elements.append(tree.Group(tuple(inside)))
    return tree.Group(tuple(elements))
