"""The page of one term: all that there is to say about a class or a property, as plain values."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.errors import UnknownThing
from graph.namespaces import COMMITS_GRAPH, RDF_TYPE, UNION_GRAPH
from graph.publishing.ontology.examples import statement_with, thing_of_class
from graph.publishing.ontology.names import Names, files
from graph.publishing.ontology.schemes import shapes, write_values
from graph.publishing.ontology.shapes import constraints_of
from graph.publishing.ontology.values import alignment_values, constraint_values, named_values
from graph.publishing.ontology.whole import ontology_of
from graph.publishing.site.tools import tools
from graph.query_texts import text_of

if TYPE_CHECKING:
    from graph.publishing.edition import Edition
    from graph.publishing.ontology.names import Reference
    from graph.publishing.ontology.reading import Term
    from graph.publishing.ontology.shapes import Shape
    from graph.publishing.ontology.values import Values

MOST_USES = 20_000
"""Up to how many uses of a term are counted."""
_TYPE = ox.NamedNode(RDF_TYPE)
_USED_IN = (ox.NamedNode(UNION_GRAPH), ox.NamedNode(COMMITS_GRAPH))
"""The commit log is no part of the union, and some terms are used there alone."""


def write_ontology_term(edition: Edition) -> None:
    """Write what there is to say of the term that the argument `term` names, as JSON."""
    name = edition.arguments["term"]
    ontology = ontology_of(edition)
    terms = {term.name: term for term in (*ontology.properties, *ontology.classes)}
    if name not in terms:
        alike = [each for each in terms if each.casefold() == name.casefold()]
        near = [f"{edition.public_url}ontology/term/{each}" for each in alike]
        there = f"; there is {near[0]}" if near else ""
        raise UnknownThing(f"the ontology has no term {name[:80]!a}{there}")
    write_values(edition, lambda: _Described(edition).values(terms[name]))


class _Described:
    def __init__(self, edition: Edition) -> None:
        self._store = edition.store
        self._public_url = edition.public_url
        self._names = Names(edition.public_url, terms="pages")
        ontology = ontology_of(edition)
        self._classes, self._properties = ontology.classes, ontology.properties
        self._shapes = shapes()

    def values(self, term: Term) -> Values:
        own = self._class(term) if term.kind == "Class" else self._property(term)
        address = f"{self._public_url}ontology"
        told = tools(self._public_url, text_of("terms"), (), permalink=term.iri)
        return {
            "iri": term.iri,
            "files": files(address),
            "term": {**self._term(term), **own},
            "tools": {**told, "files": files(address)},
        }

    def _class(self, term: Term) -> Values:
        below = [each.iri for each in self._classes if term.iri in each.parents]
        return {
            "children": self._names.references(below),
            "disjoint": self._names.references(term.disjoint),
            "constraints": self._constraints(term),
            "properties": self._ended_by(term, "domains"),
            "reached_by": self._ended_by(term, "ranges"),
            "example": self._example(thing_of_class(self._store, term.iri)),
        }

    def _property(self, term: Term) -> Values:
        return {
            "domains": self._names.references(term.domains),
            "ranges": self._names.references(term.ranges),
            "inverses": self._names.references(term.inverses),
            "constraints": self._constraints_on(term),
            "example": self._example(statement_with(self._store, term.iri)),
        }

    def _term(self, term: Term) -> Values:
        uses = self._uses(term)
        return {
            **named_values(term, self._names),
            "name": term.name,
            "kind": term.kind,
            "is_derived": term.is_derived,
            "is_symmetric": term.is_symmetric,
            "parents": self._names.references(term.own_parents),
            "alignments": alignment_values(term.alignments, self._names),
            "uses": min(uses, MOST_USES),
            "are_all_uses": uses <= MOST_USES,
        }

    def _uses(self, term: Term) -> int:
        """Return how many things are of a class, or have a property; of many no more than that."""
        node = ox.NamedNode(term.iri)
        pattern = (None, _TYPE, node) if term.kind == "Class" else (None, node, None)
        return sum(
            1
            for graph in _USED_IN
            for _ in islice(self._store.quads_for_pattern(*pattern, graph), MOST_USES + 1)
        )

    def _ended_by(self, term: Term, side: str) -> list[Reference]:
        found = (each.iri for each in self._properties if term.iri in getattr(each, side))
        return self._names.references(found)

    def _constraints(self, term: Term) -> list[Values]:
        """Return what its own shapes ask of things of the class, and those of the classes above."""
        return [
            constraint_values(each, self._names) | {"of": self._names.reference(cls)}
            for cls in (term.iri, *self._above(term))
            for each in constraints_of(self._shapes, cls)
        ]

    def _above(self, term: Term) -> list[str]:
        known = {each.iri: each for each in self._classes}
        found: dict[str, None] = {}
        waiting = list(term.own_parents)
        while waiting:
            iri = waiting.pop(0)
            if iri in known and iri not in found and iri != term.iri:
                found[iri] = None
                waiting += known[iri].own_parents
        return list(found)

    def _constraints_on(self, term: Term) -> list[Values]:
        return [
            constraint_values(each, self._names)
            | {"shape": self._names.reference(shape.iri), "of": self._targets(shape)}
            for shape in self._shapes
            for each in shape.constraints
            if each.path == term.iri
        ]

    def _targets(self, shape: Shape) -> list[Reference]:
        return self._names.references(shape.classes)

    def _example(self, found: tuple[str, str] | None) -> Values | None:
        if found is None:
            return None
        return {"thing": self._names.reference(found[0]), "turtle": found[1]}
