"""What things are called: the name to show for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.namespaces import RDFS, SKOS, short

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graph.publishing.edition import Edition

_NAMES = tuple(
    ox.NamedNode(iri)
    for iri in (
        SKOS + "prefLabel",
        RDFS + "label",
        "http://purl.org/dc/terms/title",
        "http://xmlns.com/foaf/0.1/name",
    )
)
"""The properties that name a thing, the preferred one first."""
_LANGUAGES = ("en", None, "fr", "de")
"""In this order; None is a name without a language."""


def shown_name(edition: Edition, iri: str, said: Iterable[ox.Quad] = ()) -> str:
    """Return how to show *iri*: by a name that it has, or had by what is *said*; else its IRI."""
    node = ox.NamedNode(iri)
    for name in _NAMES:
        found = edition.store.quads_for_pattern(node, name, None, edition.union)
        if label := _best(found):
            return label
    told = [quad for quad in said if quad.subject == node]
    for name in _NAMES:
        if label := _best(quad for quad in told if quad.predicate == name):
            return label
    return short(iri)


def _best(quads: Iterable[ox.Quad]) -> str:
    labels = {
        quad.object.language: quad.object.value
        for quad in sorted(quads, key=str)
        if isinstance(quad.object, ox.Literal)
    }
    for language in _LANGUAGES:
        if language in labels:
            return labels[language]
    return next(iter(labels.values()), "")
