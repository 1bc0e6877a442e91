"""What search engines are told of a thing: a few words of schema.org."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graph.namespaces import MP, SKOS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SCHEMA = "https://schema.org/"

_CLASSES = {
    MP + "Country": "Country",
    MP + "Area": "Place",
    MP + "Person": "Person",
    MP + "Project": "Project",
    MP + "Event": "Event",
    MP + "Programme": "Project",
    MP + "SourceDocument": "CreativeWork",
    MP + "Actor": "Organization",
    SKOS + "ConceptScheme": "DefinedTermSet",
    SKOS + "Concept": "DefinedTerm",
}
"""The nearest classes of schema.org; the first that fits counts."""


def schema_class(classes: Iterable[str]) -> str:
    """Return what schema.org calls a thing that is of *classes*."""
    known = set(classes)
    return next((name for iri, name in _CLASSES.items() if iri in known), "Thing")


def schema_org(
    iri: str, page: str, classes: Iterable[str], names: Sequence[str], same_as: Sequence[str]
) -> dict[str, Any]:
    """Return the thing *iri*, which *page* is about, as a JSON-LD document."""
    document: dict[str, Any] = {
        "@context": SCHEMA,
        "@type": schema_class(classes),
        "@id": iri,
        "url": page,
        "mainEntityOfPage": page,
    }
    if names:
        document["name"] = names[0]
    if names[1:]:
        document["alternateName"] = list(names[1:])
    if same_as:
        document["sameAs"] = list(same_as)
    return document
