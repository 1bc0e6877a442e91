"""Find where a conjunction of patterns holds when some of its variables are known already.

The engine would look at whole patterns; here each look-up begins at what is known, so that all
costs as much as it finds, however large the graph is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import pyoxigraph as ox

from graph.rules import IsIRI

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from graph.rules import Atom, Filter, Slot, Term

    Bindings: TypeAlias = Mapping[str, Term]
    """What variables are bound to."""
    Pattern: TypeAlias = tuple[Term | None, Term | None, Term | None]
    """A subject, a predicate and an object; None is any."""

_PREFERRED = (
    (True, True, True),
    (True, True, False),
    (True, False, True),
    (False, True, True),
    (True, False, False),
    (False, False, True),
    (False, True, False),
    (False, False, False),
)
"""Whether subject, predicate and object are known: what is likely to find less comes first."""
_ONE_WILL_DO = 3
"""With that many of the first of them, it is not worth while to find out which finds least."""


@dataclass(frozen=True, slots=True)
class Plan:
    """In which order to look up the atoms of a conjunction."""

    filters: tuple[Filter, ...]
    choices: tuple[tuple[Atom, Plan], ...]
    """What may be looked up next, and what is to be done then; empty when nothing is left."""


def plan(atoms: Sequence[Atom], filters: Sequence[Filter], bound: frozenset[str]) -> Plan:
    """Plan how to look up *atoms* when the variables *bound* are known at the start."""
    rank = {atom: _rank(atom, bound) for atom in dict.fromkeys(atoms)}
    best = min(rank.values(), default=0)
    chosen = [atom for atom in rank if rank[atom] == best]
    if best < _ONE_WILL_DO:
        chosen = chosen[:1]
    return Plan(
        tuple(filters),
        tuple(
            (atom, plan([a for a in rank if a != atom], filters, bound | atom.variables))
            for atom in chosen
        ),
    )


def _rank(atom: Atom, bound: frozenset[str]) -> int:
    """Return a lower number for what is better looked up earlier."""
    subject, predicate, value = (not isinstance(slot, str) or slot in bound for slot in atom)
    rank = _PREFERRED.index((subject, predicate, value))
    has_nothing_to_do_with_what_is_known = atom.variables and bound.isdisjoint(atom.variables)
    return rank + len(_PREFERRED) if has_nothing_to_do_with_what_is_known else rank


class Triples:
    """The triples of one graph; what was looked up is remembered until `forget`."""

    def __init__(self, store: ox.Store, graph: ox.NamedNode) -> None:
        self._store = store
        self._graph = graph
        self._found: dict[Pattern, Sequence[ox.Quad]] = {}

    def forget(self) -> None:
        """Look everything up anew, for the graph has changed."""
        self._found.clear()

    def find_fewest(self, patterns: Sequence[Pattern]) -> tuple[int, Sequence[ox.Quad]]:
        """Return which of *patterns* finds least, and what it finds.

        They are read side by side until one ends: a long one costs no more than a short one.
        """
        for number, pattern in enumerate(patterns):
            if (known := self._found.get(pattern)) is not None and len(known) < 2:
                return number, known
        iterators = [self._read(pattern) for pattern in patterns]
        read: list[list[ox.Quad]] = [[] for _ in patterns]
        while True:
            for number, iterator in enumerate(iterators):
                quad = next(iterator, None)
                if quad is None:
                    self._found[patterns[number]] = read[number]
                    return number, read[number]
                read[number].append(quad)

    def find(self, pattern: Pattern) -> Sequence[ox.Quad]:
        """Return what has the subject, predicate and object of *pattern*."""
        found = self._found.get(pattern)
        if found is None:
            found = self._found[pattern] = list(self._read(pattern))
        return found

    def _read(self, pattern: Pattern) -> Iterator[ox.Quad]:
        subject, predicate, value = pattern
        if isinstance(subject, ox.Literal | ox.Triple):
            return iter(())
        if predicate is not None and not isinstance(predicate, ox.NamedNode):
            return iter(())
        return self._store.quads_for_pattern(subject, predicate, value, self._graph)


def solutions(triples: Triples, way: Plan, bindings: Bindings) -> Iterator[Bindings]:
    """Yield each way to complete *bindings* so that all that was planned for holds in *triples*."""
    if not way.choices:
        if all(is_true(each, bindings) for each in way.filters):
            yield bindings
        return
    patterns = [_pattern(atom, bindings) for atom, _ in way.choices]
    if len(patterns) == 1:
        number, found = 0, triples.find(patterns[0])
    else:
        number, found = triples.find_fewest(patterns)
    atom, rest = way.choices[number]
    for quad in found:
        completed = unified(atom, quad, bindings)
        if completed is not None:
            yield from solutions(triples, rest, completed)


def unified(atom: Atom, triple: ox.Triple | ox.Quad, bindings: Bindings) -> Bindings | None:
    """Return *bindings* and what *triple* gives to the variables of *atom*; None if they differ."""
    completed = dict(bindings)
    for slot, term in (
        (atom.predicate, triple.predicate),
        (atom.object, triple.object),
        (atom.subject, triple.subject),
    ):
        known = completed.setdefault(slot, term) if isinstance(slot, str) else slot
        if known != term:
            return None
    return completed


def instance(atom: Atom, bindings: Bindings) -> ox.Triple | None:
    """Return the triple that *atom* is with *bindings*; None when no triple is like that."""
    subject, predicate, value = _pattern(atom, bindings)
    if not isinstance(subject, ox.NamedNode | ox.BlankNode) or value is None:
        return None
    return ox.Triple(subject, predicate, value) if isinstance(predicate, ox.NamedNode) else None


def is_true(condition: Filter, bindings: Bindings) -> bool:
    """Tell whether *condition* is true; one that cannot be answered is not."""
    if isinstance(condition, IsIRI):
        return isinstance(_value(condition.slot, bindings), ox.NamedNode)
    left, right = _value(condition.left, bindings), _value(condition.right, bindings)
    if isinstance(left, _NODES) or isinstance(right, _NODES):
        return left != right
    return _values_differ(left, right)


_NODES = ox.NamedNode | ox.BlankNode
_ANY = ox.NamedNode("any:")
_LEFT, _RIGHT = ox.NamedNode("left:"), ox.NamedNode("right:")
_DIFFER = "ASK { ?any <left:> ?left ; <right:> ?right FILTER (?left != ?right) }"


def _values_differ(left: Term | None, right: Term | None) -> bool:
    """Ask the engine, for 1 and 1.0 are the same number (SPARQL 1.2 Query, 17.4.1.7)."""
    if left is None or right is None:
        return False
    store = ox.Store()
    store.extend((ox.Quad(_ANY, _LEFT, left), ox.Quad(_ANY, _RIGHT, right)))
    return bool(store.query(_DIFFER))


def _pattern(atom: Atom, bindings: Bindings) -> Pattern:
    subject, predicate, value = atom
    return _value(subject, bindings), _value(predicate, bindings), _value(value, bindings)


def _value(slot: Slot, bindings: Bindings) -> Term | None:
    return bindings.get(slot) if isinstance(slot, str) else slot
