"""What a store states, as it is, as it was before a change, or as it would be with a file added."""

from __future__ import annotations

from collections import defaultdict
from itertools import islice
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.gate.profile import SUBCLASS, TYPE
from graph.writing.transaction import RESERVED

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator
    from typing import TypeGuard

    from graph.writing.transaction import GraphName

Node = ox.NamedNode | ox.BlankNode
Term = Node | ox.Literal | ox.Triple


_LONG = 300
"""About a node with more quads, only what is asked for is read."""
_REMEMBERED = 2_000
"""About how many nodes is remembered what there is."""


class Stated:
    """The triples of all graphs but those that the server keeps itself, each once.

    Without the quads *without* and the graphs *hidden*, and with the quads *also*. What was read is
    remembered: look at a store that does not change meanwhile.
    """

    def __init__(
        self,
        store: ox.Store,
        *,
        without: Container[ox.Quad] = (),
        also: Iterable[ox.Quad] = (),
        hidden: Iterable[GraphName] = (),
    ) -> None:
        self._store = store
        self._without = without
        self._hidden = RESERVED.union(hidden)
        self._more: defaultdict[Node, list[tuple[ox.NamedNode, Term]]] = defaultdict(list)
        self._subjects: defaultdict[tuple[ox.NamedNode, Term], list[Node]] = defaultdict(list)
        for quad in also:
            if quad.graph_name not in self._hidden and not isinstance(quad.subject, ox.Triple):
                self._more[quad.subject].append((quad.predicate, quad.object))
                self._subjects[quad.predicate, quad.object].append(quad.subject)
        self._rows: dict[Node, dict[ox.NamedNode, dict[Term, None]] | None] = {}
        self._classes: dict[Node, frozenset[Node]] = {}
        self._superclasses: dict[Node, frozenset[Node]] = {}

    def holds(self, subject: Node, predicate: ox.NamedNode, value: Term) -> bool:
        """Tell whether this triple is stated in some graph."""
        return (predicate, value) in self._more.get(subject, ()) or any(
            True for _ in self._found(subject, predicate, value)
        )

    def values(self, subject: Node, predicate: ox.NamedNode) -> Iterable[Term]:
        """Return what *subject* has as *predicate*."""
        if subject not in self._rows:
            if len(self._rows) >= _REMEMBERED:
                self._rows.clear()
            self._rows[subject] = self._row(subject)
        row = self._rows[subject]
        if row is not None:
            return row.get(predicate, ())
        found = dict.fromkeys(quad.object for quad in self._found(subject, predicate, None))
        more = self._more.get(subject, ())
        found.update((value, None) for each, value in more if each == predicate)
        return found

    def _row(self, subject: Node) -> dict[ox.NamedNode, dict[Term, None]] | None:
        """Return all that there is about *subject*, in one look, or None if that is much."""
        quads = self._store.quads_for_pattern(subject, None, None, None)
        read = list(islice(quads, _LONG + 1))
        if len(read) > _LONG:
            return None
        row: defaultdict[ox.NamedNode, dict[Term, None]] = defaultdict(dict)
        for quad in read:
            if self._is_seen(quad):
                row[quad.predicate][quad.object] = None
        for predicate, value in self._more.get(subject, ()):
            row[predicate][value] = None
        return row

    def subjects(self, predicate: ox.NamedNode, value: Term) -> Iterable[Node]:
        """Return what has *value* as *predicate*."""
        found = dict.fromkeys(
            quad.subject
            for quad in self._found(None, predicate, value)
            if not isinstance(quad.subject, ox.Triple)
        )
        found.update(dict.fromkeys(self._subjects.get((predicate, value), ())))
        return found

    def classes_of(self, node: Node) -> frozenset[Node]:
        """Return the classes that *node* is an instance of (SHACL, 1.1: subclasses count)."""
        if node not in self._classes:
            types = [each for each in self.values(node, TYPE) if can_have_values(each)]
            self._classes[node] = frozenset[Node]().union(*map(self.superclasses, types))
        return self._classes[node]

    def superclasses(self, a_class: Node) -> frozenset[Node]:
        """Return *a_class* and all classes above it."""
        if a_class not in self._superclasses:
            self._superclasses[a_class] = frozenset(self._upwards(a_class))
        return self._superclasses[a_class]

    def _upwards(self, a_class: Node) -> set[Node]:
        found, waiting = {a_class}, [a_class]
        while waiting:
            for each in self.values(waiting.pop(), SUBCLASS):
                if can_have_values(each) and each not in found:
                    found.add(each)
                    waiting.append(each)
        return found

    def _found(
        self, subject: Node | None, predicate: ox.NamedNode, value: Term | None
    ) -> Iterator[ox.Quad]:
        for quad in self._store.quads_for_pattern(subject, predicate, value, None):
            if self._is_seen(quad):
                yield quad

    def _is_seen(self, quad: ox.Quad) -> bool:
        return quad.graph_name not in self._hidden and quad not in self._without


def can_have_values(term: Term) -> TypeGuard[Node]:
    """Tell whether *term* can be the subject of a triple."""
    return isinstance(term, ox.NamedNode | ox.BlankNode)
