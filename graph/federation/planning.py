"""Plan a query that asks other endpoints: what is sent where, and what our engine is asked then.

The plan is made of the tree, once, before anything is asked. A call whose keys can be found is made
before one whose keys cannot; else they are made as they stand in the text, from left to right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from graph.errors import QueryRejected, UnsupportedFeature
from graph.federation.bound import bound
from graph.federation.plan import PLACEHOLDER, Call, Local, Plan, head_of
from graph.federation.surroundings import Surroundings, chosen
from graph.sparql import printer, tree
from graph.sparql.hidden_graphs import filtered_graphs
from graph.sparql.matches import with_placeholders
from graph.sparql.repairs import HIDES_GRAPHS, named_columns, with_repairs
from graph.sparql.scope import Names, Scopes, variables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graph.federation.bound import Names as BoundNames
    from graph.sparql.template import Reading
    from graph.sparql.tokens import Source

_MOST_CALLS = 20
"""How many SERVICE one query may have."""


class Planned(NamedTuple):
    """A query that asks other endpoints."""

    local: Local
    """What our engine is asked when all rows are there."""
    plan: Plan
    repairs: tuple[str, ...]
    """What was written in another way for our engine: what others are sent is as it was."""


def planned(reading: Reading) -> Planned:
    """Return the plan for *reading*, which has a SERVICE; say where one cannot be planned."""
    operation = reading.operation
    assert not isinstance(operation, tree.Update)  # noqa: S101 -- updates are refused before
    named = named_columns(operation)
    found = _Planning(named, reading.source).planned()
    first = () if named is operation else (named_columns.__name__,)
    return found._replace(repairs=(*first, *found.repairs))


class _Planning:
    def __init__(self, query: tree.Query, source: Source) -> None:
        self._source = source
        self._query = query
        self._services = list(_outermost(query))
        self._refuse()
        self._scopes = Scopes(query)
        self._names = Names(query)
        self._sure = {each.at: _sure(each) for each in self._services}
        self._markers: set[int] = set()
        self._columns = {each.at: self._needed(each) for each in self._services}
        numbers = {each.at: number for number, each in enumerate(self._services)}
        blocks = tree.rewrite(query, lambda node: self._block(node, numbers))
        self._placed = with_placeholders(blocks, source)
        self._uses_names = self._placed is not blocks
        self._placed_scopes = Scopes(self._placed)

    def planned(self) -> Planned:
        waiting = list(enumerate(self._services))
        done: set[int] = set()
        calls: list[Call] = []
        while waiting:
            found = [self._call(number, service, done) for number, service in waiting]
            position = min(range(len(found)), key=lambda n: _haste(found[n]))
            calls.append(found[position])
            done.add(waiting.pop(position)[1].at)
        self._refuse_unnamed(calls)
        local, repairs = self._repaired(self._placed)
        return Planned(local, Plan(tuple(calls)), repairs)

    # What is refused

    def _refuse(self) -> None:
        if len(self._services) > _MOST_CALLS:
            raise self._source.rejected(
                self._services[_MOST_CALLS].at,
                f"there are more than {_MOST_CALLS} SERVICE; ask for less at a time",
            )
        for node in tree.walk(self._query):
            if isinstance(node, tree.Lateral) and any(_outermost(node)):
                raise UnsupportedFeature(
                    f"{self._source.place(node.at)}: SERVICE inside LATERAL would be asked once "
                    "for each solution; write it without LATERAL, what it shares is sent along"
                )
            if isinstance(node, tree.IRI) and str(node.value).startswith(PLACEHOLDER):
                raise self._source.rejected(
                    node.at, f"<{PLACEHOLDER}...> stands for rows of another endpoint here"
                )
            if isinstance(node, tree.Exists):
                self._refuse_free_variables(node)
        for service in self._services:
            self._refuse_nested(service)

    def _refuse_free_variables(self, exists: tree.Exists) -> None:
        """Refuse an expression sent along that would need the solution around EXISTS."""
        for service in _outermost(exists):
            scopes = Scopes(service.group)
            shown = scopes.of(service.group)
            for node in tree.walk(service.group):
                if isinstance(node, tree.Filter | tree.Bind):
                    part = node.condition if isinstance(node, tree.Filter) else node.expression
                    free = [name for name in variables([part]) if name not in shown]
                    if free:
                        raise UnsupportedFeature(
                            f"{self._source.place(node.at)}: ?{free[0]} has its value outside of "
                            "SERVICE, and inside EXISTS it would have to be sent along with each "
                            "solution; compare it outside of SERVICE"
                        )

    def _refuse_nested(self, service: tree.Service) -> None:
        for node in tree.walk(service.group):
            if isinstance(node, tree.Service) and isinstance(node.endpoint, tree.Variable):
                raise UnsupportedFeature(
                    f"{self._source.place(node.at)}: the other endpoint would ask further ones, "
                    "and which is not known before; name the endpoint, or put this SERVICE beside "
                    "the one that it is in"
                )

    def _refuse_unnamed(self, calls: list[Call]) -> None:
        for call in calls:
            if call.variable is not None and call.variable not in call.keys:
                raise QueryRejected(
                    f"{call.place}: nothing beside SERVICE gives ?{call.variable} a value; bind it "
                    f"with VALUES ?{call.variable} {{ <endpoint> }} or by a pattern before"
                )

    # Calls

    def _call(self, number: int, service: tree.Service, done: set[int]) -> Call:
        endpoint = service.endpoint
        keys, local = self._keys(service, done)
        printed = printer.text(service.group)
        query = tree.Select(None, service.group)
        base = printer.text(query).partition("SELECT")[0]
        assert isinstance(endpoint, tree.Variable) or isinstance(endpoint.value, str)  # noqa: S101 -- constants are filled in
        return Call(
            number,
            self._source.place(service.at),
            printed,
            base,
            self._columns[service.at],
            None if isinstance(endpoint, tree.Variable) else str(endpoint.value),
            _variable(service),
            service.is_silent,
            keys,
            local,
            service.at in self._markers,
            tuple(
                str(node.endpoint.value)
                for node in tree.walk(service.group)
                if isinstance(node, tree.Service) and isinstance(node.endpoint, tree.IRI)
            ),
        )

    def _keys(self, service: tree.Service, done: set[int]) -> tuple[tuple[str, ...], Local | None]:
        """Return the variables whose values say what to ask for, and the text that finds them."""
        scopes = self._placed_scopes
        block = next(
            node
            for node in scopes.nodes
            if isinstance(node, tree.Values) and node.at == service.at and is_block(node)
        )
        ready = Surroundings(
            self._placed, scopes, lambda node: not is_block(node) or node.at in done
        )
        wanted = bound(service.group)
        starts = [wanted]
        if isinstance(service.endpoint, tree.Variable):
            wanted |= {service.endpoint.name}
            starts.insert(0, frozenset((service.endpoint.name,)))
        found = chosen(ready.of(block), starts, self._certain)
        if found is None:
            return (), None
        pattern, names = found
        keys = tuple(sorted(wanted & names))
        select = tree.Select(
            tuple(map(tree.Variable, keys)),
            pattern,
            dataset=self._query.dataset,
            reduction="DISTINCT",
        )
        return keys, self._repaired(select)[0]

    def _certain(self, pattern: tree.Node) -> BoundNames:
        return bound(pattern, self._sure)

    def _needed(self, service: tree.Service) -> tuple[str, ...]:
        """Return the variables of the pattern that something outside of it can see.

        A SELECT needs one, so a pattern without variables gets one that says nothing.
        """
        shown = self._scopes.of(service.group)
        inside = {id(node) for node in tree.walk(service.group)}
        used = {
            node.name
            for node in tree.walk(self._query)
            if isinstance(node, tree.Variable) and id(node) not in inside
        }
        needed = tuple(name for name in shown if name in used) or tuple(shown)[:1]
        if not needed:
            self._markers.add(service.at)
        return needed or (self._names.new().name,)

    def _block(self, node: tree.Node, numbers: dict[int, int]) -> tree.Node:
        if not isinstance(node, tree.Service) or node.at not in numbers:
            return node
        head = head_of(_variable(node), self._columns[node.at])
        name = tree.IRI(f"{PLACEHOLDER}{numbers[node.at]}")
        row = (name, *(None for _ in head[1:]))
        return tree.Values(tuple(map(tree.Variable, head)), (row,), at=node.at)

    def _repaired(self, query: tree.Query) -> tuple[Local, tuple[str, ...]]:
        after, repairs = with_repairs(query)
        assert not isinstance(after, tree.Update)  # noqa: S101 -- it was none before
        shown = filtered_graphs(after)
        local = Local(printer.text(shown), shown is not after, self._uses_names)
        return local, (*repairs, HIDES_GRAPHS) if local.filters_graphs else repairs


def _variable(service: tree.Service) -> str | None:
    """Return the name of the variable that names the endpoint."""
    return service.endpoint.name if isinstance(service.endpoint, tree.Variable) else None


def _haste(call: Call) -> int:
    """Return how soon *call* is to be made: what says least of what to ask for comes last."""
    if call.variable is not None and call.variable not in call.keys:
        return 2
    return 0 if call.keys else 1


def is_block(node: tree.Node) -> bool:
    """Tell whether *node* stands for the rows of a call."""
    return (
        isinstance(node, tree.Values)
        and len(node.rows) == 1
        and bool(node.variables)
        and isinstance(node.rows[0][0], tree.IRI)
        and str(node.rows[0][0].value).startswith(PLACEHOLDER)
    )


def _sure(service: tree.Service) -> BoundNames:
    """Return the variables that every row of a call binds; one that failed silently has none."""
    endpoint = frozenset(variables([service.endpoint]))
    return endpoint if service.is_silent else endpoint | bound(service.group)


def _outermost(root: tree.Node) -> Iterator[tree.Service]:
    """Yield each SERVICE below *root* that is in no other, in the order of the text."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, tree.Service):
            yield node
        else:
            waiting.extend(reversed(list(tree.children(node))))
