"""The page of the ontology as plain values: classes, properties, and how they hang together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph.description import Description
from graph.publishing.ontology import reading
from graph.publishing.ontology.diagram import hierarchy, network, relations_of
from graph.publishing.ontology.drawing import WIDE, svg
from graph.publishing.ontology.examples import statement_with, thing_of_class
from graph.publishing.ontology.names import Names, files
from graph.publishing.ontology.schemes import ontology_quads, scheme_summary, shapes, write_values
from graph.publishing.ontology.shapes import constraints_of
from graph.publishing.ontology.usage import uses_of_terms
from graph.publishing.ontology.values import alignment_values, constraint_values, named_values
from graph.publishing.site.tools import tools
from graph.query_texts import text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graph.publishing.edition import Edition
    from graph.publishing.ontology.names import Reference
    from graph.publishing.ontology.reading import Term
    from graph.publishing.ontology.shapes import Shape
    from graph.publishing.ontology.values import Values


def write_ontology_page(edition: Edition) -> None:
    """Write what the page of the ontology says, as JSON."""
    write_values(edition, lambda: _Terms(edition).values())


def write_ontology_header(edition: Edition) -> None:
    """Write what the ontology says of itself, as JSON."""
    write_values(edition, lambda: _header(Description.of(ontology_quads(edition.store))))


def _header(described: Description) -> Values:
    head = reading.header(described)
    return {
        "iri": reading.ONTOLOGY,
        "titles": head.titles,
        "descriptions": head.descriptions,
        "about": {name: list(found) for name, found in head.values.items()},
    }


class _Terms:
    """All that there is to say about classes and properties."""

    def __init__(self, edition: Edition) -> None:
        self._store = edition.store
        self._names = Names(edition.public_url, is_ontology=True)
        self._described = Description.of(ontology_quads(edition.store))
        self._classes = reading.classes(self._described)
        self._properties = reading.properties(self._described)
        self._shapes = shapes()
        self._uses: Mapping[str, int] = {}

    def values(self) -> Values:
        self._uses = uses_of_terms(self._store)
        relations = relations_of(self._classes, self._properties, self._shapes)
        schemes = reading.schemes(self._described)
        return {
            "files": files(f"{self._names.public_url}ontology"),
            **_header(self._described),
            "hierarchy": svg(hierarchy(self._classes), "_hierarchy"),
            "network": svg(network(relations), "_network", column=WIDE),
            "tree": self._tree(),
            "relations": [
                {
                    "domain": self._names.reference(each.domain),
                    "property": self._names.reference(each.property),
                    "range": self._names.reference(each.range),
                    "how_many": each.how_many,
                }
                for each in relations
            ],
            "classes": [self._class(term) for term in self._classes],
            "properties": [self._property(term) for term in self._properties],
            "schemes": [scheme_summary(each, self._names) for each in schemes],
            "tools": self._tools(),
        }

    def _tools(self) -> Values:
        public_url = self._names.public_url
        told = tools(public_url, text_of("terms"), (), permalink=reading.ONTOLOGY)
        return {**told, "files": files(f"{public_url}ontology")}

    def _tree(self) -> list[Values]:
        """Return the classes, each in the first that is above it."""
        terms = {term.iri: term for term in self._classes}
        tops: list[Values] = []
        places = [tops]
        for box in hierarchy(self._classes).boxes:
            term: Values = {
                "term": self._names.reference(box.iri),
                "labels": terms[box.iri].labels,
                "below": [],
            }
            places[box.column].append(term)
            places[box.column + 1 :] = [term["below"]]
        return tops

    def _class(self, term: Term) -> Values:
        below = [each.iri for each in self._classes if term.iri in each.parents]
        return {
            **self._term(term),
            "children": self._names.references(below),
            "disjoint": self._names.references(term.disjoint),
            "constraints": self._constraints(term),
            "properties": self._ended_by(term, "domains"),
            "reached_by": self._ended_by(term, "ranges"),
            "example": self._example(thing_of_class(self._store, term.iri)),
        }

    def _property(self, term: Term) -> Values:
        return {
            **self._term(term),
            "domains": self._names.references(term.domains),
            "ranges": self._names.references(term.ranges),
            "inverses": self._names.references(term.inverses),
            "constraints": self._constraints_on(term),
            "example": self._example(statement_with(self._store, term.iri)),
        }

    def _term(self, term: Term) -> Values:
        return {
            **named_values(term, self._names),
            "name": term.name,
            "kind": term.kind,
            "is_derived": term.is_derived,
            "is_symmetric": term.is_symmetric,
            "parents": self._names.references(term.own_parents),
            "alignments": alignment_values(term.alignments, self._names),
            "uses": self._uses.get(term.iri, 0),
        }

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
