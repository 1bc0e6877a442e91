"""What belongs to a thing and goes with it when it is erased.

The rule: **erased are the thing, every statement that is about something erased, every piece of
evidence and every blank node that only erased ones use, and every quad that names one of them in
any place.** A statement is about what it names by `mp:about` or a property below it, such as
`mp:member`, and about all terms of a triple that it reifies.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.content import terms
from graph.namespaces import MP, RDF, RDFS
from graph.sources import ontology_files
from graph.writing.transaction import COMMITS, RESERVED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from graph.writing.transaction import GraphName

Node = ox.NamedNode | ox.BlankNode

_ABOUT = ox.NamedNode(MP + "about")
_EVIDENCE = ox.NamedNode(MP + "evidence")
_REIFIES = ox.NamedNode(RDF + "reifies")
_SUB_PROPERTY = ox.NamedNode(RDFS + "subPropertyOf")
_FOLLOWING = RESERVED - {COMMITS}


@dataclass(frozen=True, slots=True)
class Belongings:
    """What is erased from one store together with a thing."""

    thing: ox.NamedNode
    statements: frozenset[Node]
    evidence: frozenset[Node]
    blank_nodes: frozenset[Node]
    quads: Counter[GraphName]
    """How many quads go, by graph; what the server keeps itself (union, derived) is not counted."""
    gaps: frozenset[tuple[Node, ox.NamedNode]]
    """What stays and loses a value: each subject with the property that named something erased."""

    @property
    def nodes(self) -> frozenset[Node]:
        """All that is erased, each as one node."""
        return self.statements | self.evidence | self.blank_nodes | {self.thing}


def belongings(store: ox.Store, thing: ox.NamedNode, about: frozenset[ox.NamedNode]) -> Belongings:
    """Find what belongs to *thing* in *store*, where *about* are the `about_properties`."""
    search = _Search(store, about)
    search.find(thing)
    nodes = search.found
    evidence = (search.evidence & nodes) - search.statements - {thing}
    quads: Counter[GraphName] = Counter()
    gaps: set[tuple[Node, ox.NamedNode]] = set()
    for quad in kept_by_users(store):
        if not names_one_of(quad, nodes):
            continue
        quads[quad.graph_name] += 1
        if quad.subject not in nodes and quad.graph_name not in nodes:
            assert not isinstance(quad.subject, ox.Triple)  # noqa: S101 -- RDF 1.2 allows none
            gaps.add((quad.subject, quad.predicate))
    return Belongings(
        thing,
        frozenset(search.statements),
        frozenset(evidence),
        frozenset(nodes - {thing} - search.statements - evidence),
        quads,
        frozenset(gaps),
    )


def about_properties(store: ox.Store, ontology: Path) -> frozenset[ox.NamedNode]:
    """Return `mp:about` and the properties below it, by *store* and by the folder *ontology*."""
    below: dict[object, set[ox.NamedNode]] = {}
    files = (file.path for file in ontology_files(ontology))
    shipped = (quad for path in files for quad in ox.parse(path=path))
    stored = store.quads_for_pattern(None, _SUB_PROPERTY, None)
    for quad in (*shipped, *stored):
        if quad.predicate == _SUB_PROPERTY and isinstance(quad.subject, ox.NamedNode):
            below.setdefault(quad.object, set()).add(quad.subject)
    found = {_ABOUT}
    waiting = [_ABOUT]
    while waiting:
        new = below.get(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return frozenset(found)


def kept_by_users(store: ox.Store) -> Iterator[ox.Quad]:
    """Yield the quads of *store* that do not follow from others: what is stated, and the log."""
    for quad in store:
        if quad.graph_name not in _FOLLOWING:
            yield quad


def names_one_of(quad: ox.Quad, nodes: frozenset[Node] | set[Node]) -> bool:
    """Tell whether *quad* has one of *nodes* in any place, the name of its graph included."""
    return (
        quad.subject in nodes
        or quad.object in nodes
        or quad.predicate in nodes
        or quad.graph_name in nodes
        or (isinstance(quad.object, ox.Triple) and not nodes.isdisjoint(terms(quad.object)))
    )


class _Search:
    """Follows the rule from a thing until nothing more is found; circles do no harm."""

    def __init__(self, store: ox.Store, about: Iterable[ox.NamedNode]) -> None:
        self._store = store
        self._about = tuple(about)
        self._reifiers: list[tuple[Node, set[Node]]] = [
            (
                quad.subject,
                {each for each in terms(quad.object) if not isinstance(each, ox.Literal)},
            )
            for quad in store.quads_for_pattern(None, _REIFIES, None)
            if isinstance(quad.object, ox.Triple) and not isinstance(quad.subject, ox.Triple)
        ]
        self.found: set[Node] = set()
        self.statements: set[Node] = set()
        self.evidence: set[Node] = set()

    def find(self, thing: Node) -> None:
        new: set[Node] = {thing}
        while new:
            self.found |= new
            self._add_statements_about(new)
            new = self._used_by_these_alone()

    def _add_statements_about(self, nodes: Iterable[Node]) -> None:
        waiting = list(nodes)
        while waiting:
            new = set(self._statements_about(waiting.pop())) - self.found
            self.found |= new
            self.statements |= new
            waiting += new

    def _statements_about(self, node: Node) -> Iterator[Node]:
        for predicate in self._about:
            for quad in self._store.quads_for_pattern(None, predicate, node):
                assert not isinstance(quad.subject, ox.Triple)  # noqa: S101 -- RDF 1.2 allows none
                yield quad.subject
        yield from (reifier for reifier, named in self._reifiers if node in named)

    def _used_by_these_alone(self) -> set[Node]:
        """Return the evidence and the blank nodes that only what was found refers to."""
        reached: set[Node] = set()
        waiting = list(self.found)
        while waiting:
            new = set(self._parts(waiting.pop())) - self.found - reached
            reached |= new
            waiting += new
        while used := {node for node in reached if self._is_used_outside(node, reached)}:
            reached -= used
        return reached

    def _parts(self, node: Node) -> Iterator[Node]:
        for quad in self._store.quads_for_pattern(node, None, None):
            if isinstance(quad.object, ox.BlankNode):
                yield quad.object
            elif quad.predicate == _EVIDENCE and isinstance(quad.object, ox.NamedNode):
                self.evidence.add(quad.object)
                yield quad.object

    def _is_used_outside(self, node: Node, reached: set[Node]) -> bool:
        return any(
            quad.subject not in self.found and quad.subject not in reached
            for quad in self._store.quads_for_pattern(None, None, node)
            if quad.graph_name not in RESERVED
        )
