"""What the writer ought to do, in plain Python: graphs as sets, commits as a list."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

Triple = tuple[str, str, str]
Graphs = dict["str | None", frozenset[Triple]]


class Refused(Exception):  # noqa: N818 -- the name says what happened
    """The change is not made; its argument is the kind of failure."""


@dataclass(frozen=True)
class Log:
    """What is remembered of one commit."""

    number: int
    author: str
    key: tuple[str, str] | None
    outcome: dict[str, Any]
    changed: tuple[str, ...]

    @property
    def quads(self) -> int:
        """How many quads the log has of it: six that all have, and those that some have."""
        return 6 + len(self.changed) + self.outcome["created"] + 2 * (self.key is not None)


@dataclass(frozen=True)
class Model:
    """One state of the store."""

    generation: int
    graphs: Graphs = field(default_factory=lambda: {None: frozenset[Triple]()})
    changed: Mapping[str | None, int] = field(default_factory=dict[str | None, int])
    commits: tuple[Log, ...] = ()

    @property
    def quads(self) -> int:
        """How many quads there are, the union not counted."""
        return sum(map(len, self.graphs.values())) + sum(each.quads for each in self.commits)

    @property
    def union(self) -> frozenset[Triple]:
        """Every triple once."""
        return frozenset[Triple]().union(*self.graphs.values())

    def after(self, wish: Mapping[str, Any]) -> tuple[Model, dict[str, Any] | str]:
        """Return the state after *wish*, and its outcome or the kind of its failure."""
        try:
            return self._after(wish)
        except Refused as refused:
            return self, str(refused)

    def _after(self, wish: Mapping[str, Any]) -> tuple[Model, dict[str, Any]]:
        author = wish["author"]["name"]
        key = (wish["key"]["value"], wish["key"]["digest"]) if wish["key"] else None
        for each in self.commits:
            if key and each.key and (each.author, each.key[0]) == (author, key[0]):
                if each.key != key:
                    raise Refused("KeyReused")
                return self, {**each.outcome, "is_replay": True}
        if wish["kind"] != "update":
            self._check(wish)
        graphs = dict(self.graphs)
        created = _make(wish, graphs)
        outcome, changed = self._compared(graphs)
        if not all(_may_write(wish, graph) for graph in changed):
            raise Refused("GraphNotAllowed")
        outcome |= {"created": created, "is_replay": False}
        if not changed and key is None:
            return self, {"commit": None, **outcome}
        outcome = {"commit": len(self.commits) + 1, **outcome}
        names = tuple(sorted(graph for graph in changed if graph is not None))
        versions = {**self.changed, **dict.fromkeys(changed, self.generation + 1)}
        return replace(
            self,
            graphs=graphs,
            changed={graph: number for graph, number in versions.items() if graph in graphs},
            commits=(*self.commits, Log(outcome["commit"], author, key, outcome, names)),
        ), outcome

    def published(self) -> Model:
        """Return the state of the generation that shows it."""
        return replace(self, generation=self.generation + 1)

    def _check(self, wish: Mapping[str, Any]) -> None:
        """Refuse a write to a graph that is not as its author takes it to be."""
        graph, conditions = wish["graph"], wish["conditions"]
        is_there = graph in self.graphs
        if not _may_write(wish, graph):
            raise Refused("GraphNotAllowed")
        if conditions["exists"] not in (None, is_there):
            raise Refused("PreconditionFailed")
        versions = conditions["versions"]
        if versions is not None and not (is_there and self.changed[graph] in versions):
            raise Refused("PreconditionFailed")
        if wish["kind"] == "delete" and not is_there:
            raise Refused("UnknownGraph")

    def _compared(self, graphs: Graphs) -> tuple[dict[str, Any], set[str | None]]:
        """Return how many triples come and go if *graphs* are to be, and which graphs differ."""
        names = {*self.graphs, *graphs}
        nothing = frozenset[Triple]()
        pairs = {
            name: (self.graphs.get(name, nothing), graphs.get(name, nothing)) for name in names
        }
        counts = {
            "added": sum(len(new - old) for old, new in pairs.values()),
            "removed": sum(len(old - new) for old, new in pairs.values()),
        }
        return counts, {name for name in names if self.graphs.get(name) != graphs.get(name)}


def _may_write(wish: Mapping[str, Any], graph: str | None) -> bool:
    prefixes = wish["author"]["graph_prefixes"]
    return prefixes is None or (graph is not None and graph.startswith(prefixes))


def _make(wish: Mapping[str, Any], graphs: Graphs) -> bool:
    """Make the change in *graphs*; tell whether a write to a graph has made that graph."""
    if wish["kind"] == "update":
        for verb, operand in wish["plan"]["operations"]:
            _operate(verb, operand, graphs)
        return False
    graph, nothing = wish["graph"], frozenset[Triple]()
    is_new = graph not in graphs
    if wish["kind"] == "delete":
        graphs.pop(graph)
        graphs.setdefault(None, nothing)
        return False
    before = graphs.get(graph, nothing) if wish["kind"] == "post" else nothing
    graphs[graph] = before | frozenset(wish["triples"])
    return is_new


def _operate(verb: str, operand: Any, graphs: Graphs) -> None:  # noqa: ANN401 -- differs by verb
    if verb == "insert":
        for *triple, graph in operand:
            graphs[graph] = graphs.get(graph, frozenset()) | {tuple(triple)}
    elif verb == "delete":
        for *triple, graph in operand:
            if graph in graphs:
                graphs[graph] -= {tuple(triple)}
    elif verb == "create":
        graphs.setdefault(operand, frozenset())
    elif verb == "drop":
        graphs.pop(operand, None)
    elif verb == "fail":
        raise Refused("QueryRejected")
    else:
        raise Refused("ZeroDivisionError")
