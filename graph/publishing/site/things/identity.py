"""What a thing is, what it is called elsewhere, and what search engines are told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from graph.addresses import page_of
from graph.namespaces import MP, OWL, RDFS, SKOS
from graph.publishing.things.schema_org import schema_org

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graph.publishing.edition import Edition
    from graph.publishing.labels import Names

_SUBCLASS = RDFS + "subClassOf"
_SAME = (OWL + "sameAs", SKOS + "exactMatch")
_MOST_KINDS = 5
_MOST_NAMES = 50
_LONGEST_NAME = 600


def classes_of(kinds: Iterable[str]) -> list[str]:
    """Return the IRIs of the classes *kinds*, of which ours have no namespace."""
    return sorted(each if ":" in each else MP + each for each in kinds)


def stated_kinds(edition: Edition, names: Names, kinds: Iterable[str]) -> list[dict[str, Any]]:
    """Return the narrowest of the classes *kinds*: of a country not that it is an area, too."""
    classes = classes_of(kinds)
    left = narrowest(edition, classes)
    ours = [each for each in left if each.startswith(MP)]
    return [names.named(each) for each in (ours or classes)[:_MOST_KINDS]]


def narrowest(edition: Edition, classes: Iterable[str]) -> list[str]:
    """Return those *classes* that have no other of them below."""
    known = list(classes)
    wider = {
        parent for each in known for parent in _iris(edition, each, _SUBCLASS) if parent != each
    }
    return [each for each in known if each not in wider]


def described_for_search_engines(
    edition: Edition, thing: str, label: str, kinds: Iterable[str]
) -> dict[str, Any]:
    """Return *thing* as a JSON-LD document of schema.org."""
    texts = {
        each.value[:_LONGEST_NAME]
        for name in ("prefLabel", "altLabel")
        for each in _objects(edition, thing, SKOS + name)
        if isinstance(each, ox.Literal)
    }
    names = sorted(texts, key=lambda text: (text != label, text))[:_MOST_NAMES]
    same = [iri for name in _SAME for iri in _iris(edition, thing, name)]
    page = page_of(thing, edition.public_url)
    return schema_org(thing, page, classes_of(kinds), names, same)


def _iris(edition: Edition, iri: str, predicate: str) -> list[str]:
    found = _objects(edition, iri, predicate)
    return sorted(each.value for each in found if isinstance(each, ox.NamedNode))


def _objects(edition: Edition, iri: str, predicate: str) -> Iterator[object]:
    found = edition.store.quads_for_pattern(
        ox.NamedNode(iri), ox.NamedNode(predicate), None, edition.union
    )
    return (quad.object for quad in found)
