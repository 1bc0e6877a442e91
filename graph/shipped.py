"""What a build does to a store that holds something: it renews what shipped, and nothing else.

A build makes graphs from files, and the generation remembers a digest of each as it shipped. The
next build looks at every graph that it makes or that the last one made:

    the graph now            the files               what becomes of it
    ---------------------    --------------------    ------------------------------------------
    as in the files          whatever they were      it stays
    as it shipped            changed, or gone        it is replaced, or removed
    changed or dropped       as they were            it stays as it is here, unless told to replace
    changed or dropped       changed, or gone        somebody has to say: keep, or replace

All other graphs, and the default graph, are of users. A build never changes them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import pyoxigraph as ox

from graph.content import content_digest, has_digest
from graph.differences import Difference
from graph.writing.transaction import RESERVED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from graph.writing.transaction import GraphName

Choice = Literal["keep", "replace"]
State = Literal["same", "as shipped", "changed here", "changed on both sides"]
Outcome = Literal["same", "added", "replaced", "removed", "kept"]
_NOTHING: frozenset[ox.Triple] = frozenset()


@dataclass(frozen=True, slots=True)
class ShippedGraph:
    """A graph that a build makes, or made: what the store has of it, and what the files have."""

    name: str
    state: State
    here: frozenset[ox.Triple]
    there: frozenset[ox.Triple]

    @property
    def difference(self) -> Difference:
        """What replacing it removes and adds."""
        return Difference.between(self.name, self.here, self.there)

    def outcome(self, choice: Choice | None) -> Outcome:
        """Return what becomes of it; *choice* counts where somebody touched it."""
        if self.state == "same":
            return "same"
        if self.state != "as shipped" and choice != "replace":
            return "kept"
        if not self.there:
            return "removed"
        return "replaced" if self.here else "added"


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What a build means for each shipped graph of a store, and the names of the others."""

    shipped: tuple[ShippedGraph, ...]
    of_users: tuple[str, ...]

    @property
    def questions(self) -> tuple[ShippedGraph, ...]:
        """The graphs of which somebody has to say whether to keep or to replace them."""
        return tuple(each for each in self.shipped if each.state == "changed on both sides")

    @property
    def touched(self) -> tuple[ShippedGraph, ...]:
        """The graphs that are not as they shipped; the questions are among them."""
        changed: tuple[State, ...] = ("changed here", "changed on both sides")
        return tuple(each for each in self.shipped if each.state in changed)

    def outcomes(self, choices: Mapping[str, Choice]) -> dict[Outcome, list[ShippedGraph]]:
        """Return the shipped graphs by what becomes of them; without a choice one is kept."""
        result: dict[Outcome, list[ShippedGraph]] = defaultdict(list)
        for graph in self.shipped:
            result[graph.outcome(choices.get(graph.name))].append(graph)
        return result

    def changes(self, choices: Mapping[str, Choice]) -> list[ShippedGraph]:
        """Return the graphs that will be as the files have them, and are not yet."""
        outcomes = self.outcomes(choices)
        return [*outcomes["added"], *outcomes["replaced"], *outcomes["removed"]]


def plan_upgrade(
    store: ox.Store,
    shipped_before: Mapping[str, str] | None,
    shipped_now: Mapping[str, frozenset[ox.Triple]],
) -> Upgrade:
    """Compare *store* with *shipped_now*, the graphs of the files by their names.

    *shipped_before* is what the generation remembers, digests by name; None is for a store of the
    time when nobody could write to it, so that all graphs in it are as they shipped.
    """
    present = [name for name in graph_names(store) if isinstance(name, ox.NamedNode)]
    if shipped_before is None:
        shipped_before = {name.value: "" for name in present}
    names = {*shipped_now, *shipped_before}
    shipped = [
        _compare(store, name, shipped_before.get(name), shipped_now.get(name, _NOTHING))
        for name in sorted(names)
    ]
    of_users = sorted(str(name) for name in graph_names(store) if name.value not in names)
    return Upgrade(tuple(shipped), tuple(of_users))


def shipped_graphs(stated: Iterable[ox.Quad]) -> dict[str, frozenset[ox.Triple]]:
    """Return the triples of *stated*, as a store writes them, by the names of their graphs."""
    store = ox.Store()  # 0.70 becomes 0.7 there: what was loaded is compared with what is read
    store.extend(stated)
    return {
        name.value: _triples(store, name)
        for name in graph_names(store)
        if isinstance(name, ox.NamedNode)
    }


def graph_names(store: ox.Store) -> Iterator[ox.NamedNode | ox.BlankNode]:
    """Yield the names of the graphs of *store* that hold what is stated; some may be empty."""
    yield from (name for name in store.named_graphs() if name not in RESERVED)


def _compare(
    store: ox.Store, name: str, digest: str | None, there: frozenset[ox.Triple]
) -> ShippedGraph:
    """Compare one graph; *digest* is None if it never shipped, and "" if it is as it shipped."""
    here = _triples(store, ox.NamedNode(name))
    digest_now = content_digest(there)
    if here == there or has_digest(here, digest_now):
        state: State = "same"
    elif digest == "" or (digest is None and not here) or (digest and has_digest(here, digest)):
        state = "as shipped"
    else:
        state = "changed here" if digest == digest_now else "changed on both sides"
    return ShippedGraph(name, state, here, there)


def _triples(store: ox.Store, name: GraphName) -> frozenset[ox.Triple]:
    return frozenset(quad.triple for quad in store.quads_for_pattern(None, None, None, name))
