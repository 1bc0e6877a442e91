"""Keep what is derived, and the union of all graphs, in step with what is stated.

    Upkeep(ontology / "rules").bring_in_step(transaction)

What follows from changed triples is found from these alone, by delete and rederive (A. Gupta,
I. S. Mumick, V. S. Subrahmanian: Maintaining views incrementally, SIGMOD 1993): remove all that may
depend on what is gone, put back what follows all the same, then add what follows from what is new.
A change of a good part of the graph has the engine derive everything again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.derivation import closure
from graph.rules import read_rules
from graph.writing.joins import Triples
from graph.writing.reasoner import Reasoner
from graph.writing.transaction import DERIVED, RESERVED, UNION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from graph.writing.transaction import Transaction

_ALWAYS_FOLLOWED = 5_000
"""So many triples are followed up one by one, however small the store is."""
_PART_FOLLOWED = 0.25
"""Beyond this part of the quads of the store, everything is derived again.

To follow one triple takes as long as to derive one triple of the union again (30 to 55 microseconds
of processor time, with 27,000 triples as with a million), and that one is two quads of the store.
Whoever gives up half way has lost half as much again.
"""


class Upkeep:
    """The rules, ready to tell what a change means for what is derived.

    Reading them takes a moment; one of these serves any number of transactions.
    """

    def __init__(self, rules_dir: Path) -> None:
        self._rules = read_rules(rules_dir)
        self._reasoner = Reasoner(self._rules.clauses)

    @property
    def rules_digest(self) -> str:
        """Tell which rules they are (`graph.rules.rules_digest`)."""
        return self._rules.digest

    def bring_in_step(self, transaction: Transaction) -> None:
        """Make `graph/derived` and `graph/union` what they are for the graphs as they are now.

        At the start of *transaction* they were in step, and it has not changed them since.
        """
        gone, new = _net_changes(transaction)
        if not gone and not new:
            return
        try:
            _Step(transaction, self._reasoner).make(gone, new)
        except _TooMuch:
            self.rebuild(transaction)

    def rebuild(self, transaction: Transaction) -> None:
        """Derive everything again, whatever `graph/derived` and `graph/union` hold."""
        store = transaction.store
        goal = closure((quad for quad in store if quad.graph_name not in RESERVED), self._rules)
        derived = {quad.triple for quad in goal.derived}
        superfluous = [
            quad
            for quad in store.quads_for_pattern(None, None, None, UNION)
            if _quad(quad.triple, None) not in goal.union
        ]
        superfluous += (
            quad
            for quad in store.quads_for_pattern(None, None, None, DERIVED)
            if quad.triple not in derived
        )
        transaction.remove(superfluous, by_server=True)
        transaction.insert(goal.derived, by_server=True)
        in_union = (_quad(quad.triple, UNION) for quad in goal.union)
        transaction.insert((quad for quad in in_union if quad not in store), by_server=True)


class _TooMuch(Exception):  # noqa: N818 -- it is no error
    """The change reaches so far that it is faster to derive everything again."""


class _Step:
    """One change, followed up triple by triple."""

    def __init__(self, transaction: Transaction, reasoner: Reasoner) -> None:
        self._transaction = transaction
        self._store = transaction.store
        self._reasoner = reasoner
        self._union = Triples(transaction.store, UNION)
        self._followed = 0
        self._most = _ALWAYS_FOLLOWED

    def make(self, gone: list[ox.Triple], new: list[ox.Triple]) -> None:
        """Bring all in step when *gone* is no longer stated, and *new* is now; or _TooMuch."""
        fallen = self._dependents(gone, frozenset(new))
        self._remove(DERIVED, (*fallen, *new))
        self._remove(UNION, fallen)
        still = [triple for triple in fallen if self._reasoner.follows(triple, self._union)]
        self._insert(DERIVED, still)
        self._insert(UNION, still)
        fresh = self._not_in_union(new)
        self._insert(UNION, fresh)
        fresh += still
        while fresh:
            found = (each for triple in fresh for each in self._consequences(triple))
            fresh = self._not_in_union(found)
            self._insert(DERIVED, fresh)
            self._insert(UNION, fresh)

    def _dependents(self, gone: list[ox.Triple], stated: frozenset[ox.Triple]) -> list[ox.Triple]:
        """Return *gone* and all that was derived by way of it, but what is *stated*."""
        fallen = dict.fromkeys(gone)
        waiting = list(gone)
        while waiting:
            for each in self._consequences(waiting.pop()):
                if each in fallen or each in stated or _quad(each, DERIVED) not in self._store:
                    continue
                fallen[each] = None
                waiting.append(each)
        return list(fallen)

    def _consequences(self, triple: ox.Triple) -> Iterator[ox.Triple]:
        self._followed += 1
        for each in self._reasoner.consequences(triple, self._union):
            self._followed += 1
            if self._followed > self._most:
                self._most = max(self._most, int(len(self._store) * _PART_FOLLOWED))
                if self._followed > self._most:
                    raise _TooMuch
            yield each

    def _not_in_union(self, triples: Iterable[ox.Triple]) -> list[ox.Triple]:
        return [each for each in dict.fromkeys(triples) if _quad(each, UNION) not in self._store]

    def _insert(self, graph: ox.NamedNode, triples: Iterable[ox.Triple]) -> None:
        self._transaction.insert((_quad(each, graph) for each in triples), by_server=True)
        self._union.forget()

    def _remove(self, graph: ox.NamedNode, triples: Iterable[ox.Triple]) -> None:
        self._transaction.remove((_quad(each, graph) for each in triples), by_server=True)
        self._union.forget()


def _net_changes(transaction: Transaction) -> tuple[list[ox.Triple], list[ox.Triple]]:
    """Return the triples that no graph states any more, and those that none stated before."""
    store = transaction.store
    changed = dict.fromkeys(
        quad.triple
        for quad in (*transaction.removed, *transaction.added)
        if quad.graph_name not in RESERVED
    )
    gone: list[ox.Triple] = []
    new: list[ox.Triple] = []
    for triple in changed:
        was_stated = _quad(triple, UNION) in store and _quad(triple, DERIVED) not in store
        is_stated = any(
            each.graph_name not in RESERVED
            for each in store.quads_for_pattern(triple.subject, triple.predicate, triple.object)
        )
        if was_stated and not is_stated:
            gone.append(triple)
        elif is_stated and not was_stated:
            new.append(triple)
    return gone, new


def _quad(triple: ox.Triple, graph: ox.NamedNode | None) -> ox.Quad:
    return ox.Quad(triple.subject, triple.predicate, triple.object, graph)
