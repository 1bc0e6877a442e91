"""What follows from one triple by the rules, and whether a triple follows at all."""

from __future__ import annotations

from collections import defaultdict
from itertools import product
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from graph.writing.joins import Plan, Triples, instance, plan, solutions, unified

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyoxigraph as ox

    from graph.rules import Atom, Clause, Term

_T = TypeVar("_T")


class Reasoner:
    """The rules, ready to be asked about single triples."""

    def __init__(self, clauses: Iterable[Clause]) -> None:
        self._causes: _ByAtom[_Cause] = _ByAtom()
        self._reasons: _ByAtom[Plan] = _ByAtom()
        for clause in clauses:
            for number, atom in enumerate(clause.body):
                others = clause.body[:number] + clause.body[number + 1 :]
                way = plan(others, clause.filters, atom.variables)
                self._causes.add(atom, _Cause(way, clause.head))
            for atom in clause.head:
                self._reasons.add(atom, plan(clause.body, clause.filters, atom.variables))

    def consequences(self, triple: ox.Triple, triples: Triples) -> Iterator[ox.Triple]:
        """Yield what follows in one step from *triple* with *triples*, and would not without it.

        What follows in several ways comes several times.
        """
        for atom, (way, head) in self._causes.of(triple):
            start = unified(atom, triple, {})
            if start is not None:
                for bindings, result in product(solutions(triples, way, start), head):
                    if (consequence := instance(result, bindings)) is not None:
                        yield consequence

    def follows(self, triple: ox.Triple, triples: Triples) -> bool:
        """Tell whether *triple* follows from *triples* in one step."""
        for atom, way in self._reasons.of(triple):
            start = unified(atom, triple, {})
            if start is not None and any(True for _ in solutions(triples, way, start)):
                return True
        return False


class _Cause(NamedTuple):
    """What else has to hold beside one atom of a rule, and what holds then."""

    way: Plan
    head: tuple[Atom, ...]


class _ByAtom(Generic[_T]):
    """Things by an atom, to be found by the triples that may be an instance of it."""

    def __init__(self) -> None:
        self._things: defaultdict[tuple[Term | None, Term | None], list[tuple[Atom, _T]]]
        self._things = defaultdict(list)

    def add(self, atom: Atom, thing: _T) -> None:
        predicate, value = (
            None if isinstance(slot, str) else slot for slot in (atom.predicate, atom.object)
        )
        self._things[predicate, value].append((atom, thing))

    def of(self, triple: ox.Triple) -> Iterator[tuple[Atom, _T]]:
        for key in product((triple.predicate, None), (triple.object, None)):
            yield from self._things.get(key, ())
