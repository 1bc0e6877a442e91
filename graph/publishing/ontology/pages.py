"""The page of the ontology as plain values: every term in short, and how classes hang together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph.publishing.ontology import reading
from graph.publishing.ontology.diagram import hierarchy, network, relations_of
from graph.publishing.ontology.drawing import WIDE, svg
from graph.publishing.ontology.names import Names, files
from graph.publishing.ontology.schemes import scheme_summary, shapes, write_values
from graph.publishing.ontology.whole import ontology_of
from graph.publishing.site.tools import tools
from graph.query_texts import text_of

if TYPE_CHECKING:
    from graph.publishing.edition import Edition
    from graph.publishing.ontology.reading import Header, Term
    from graph.publishing.ontology.values import Values


def write_ontology_page(edition: Edition) -> None:
    """Write what the page of the ontology says, as JSON."""
    write_values(edition, lambda: _Terms(edition).values())


def write_ontology_network(edition: Edition) -> None:
    """Write what the page about how classes are linked says, as JSON."""
    write_values(edition, lambda: _network(edition))


def write_ontology_header(edition: Edition) -> None:
    """Write what the ontology says of itself, as JSON."""
    write_values(edition, lambda: _header(ontology_of(edition).header))


def _header(head: Header) -> Values:
    return {
        "iri": reading.ONTOLOGY,
        "titles": head.titles,
        "descriptions": head.descriptions,
        "about": {name: list(found) for name, found in head.values.items()},
    }


def _tools(edition: Edition) -> Values:
    told = tools(edition.public_url, text_of("terms"), (), permalink=reading.ONTOLOGY)
    return {**told, "files": files(f"{edition.public_url}ontology")}


def _network(edition: Edition) -> Values:
    ontology = ontology_of(edition)
    names = Names(edition.public_url, terms="pages")
    relations = relations_of(ontology.classes, ontology.properties, shapes())
    address = f"{edition.public_url}ontology"
    return {
        "files": [],
        "network": svg(network(relations), "_network", address=address, column=WIDE),
        "relations": [
            {
                "domain": names.reference(each.domain),
                "property": names.reference(each.property),
                "range": names.reference(each.range),
                "how_many": each.how_many,
            }
            for each in relations
        ],
        "tools": _tools(edition),
    }


class _Terms:
    """All terms, with what they mean; each has a page of its own with all the rest."""

    def __init__(self, edition: Edition) -> None:
        self._edition = edition
        self._names = Names(edition.public_url, terms="parts")
        self._ontology = ontology_of(edition)

    def values(self) -> Values:
        ontology = self._ontology
        return {
            "files": files(f"{self._names.public_url}ontology"),
            **_header(ontology.header),
            "hierarchy": svg(hierarchy(ontology.classes), "_hierarchy"),
            "tree": self._tree(),
            "classes": [self._term(term) for term in ontology.classes],
            "properties": [self._term(term) for term in ontology.properties],
            "schemes": [scheme_summary(each, self._names) for each in ontology.schemes],
            "tools": _tools(self._edition),
        }

    def _tree(self) -> list[Values]:
        """Return the classes, each in the first that is above it."""
        terms = {term.iri: term for term in self._ontology.classes}
        tops: list[Values] = []
        places = [tops]
        for box in hierarchy(self._ontology.classes).boxes:
            term: Values = {
                "name": terms[box.iri].name,
                "labels": terms[box.iri].labels,
                "below": [],
            }
            places[box.column].append(term)
            places[box.column + 1 :] = [term["below"]]
        return tops

    def _term(self, term: Term) -> Values:
        return {
            "iri": term.iri,
            "name": term.name,
            "labels": term.labels,
            "definitions": term.definitions,
            "is_deprecated": term.is_deprecated,
            "replaced_by": self._names.references(term.replaced_by),
        }
