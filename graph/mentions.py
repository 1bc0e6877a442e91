"""Where a thing is mentioned by name in what stays after it is erased; only people can judge that.

Looked for are its names, and the last part of its IRI inside other IRIs. Of a person, each word of
the names counts, too: "Mr Doe" is a mention of Jane Doe.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.belongings import kept_by_users, names_one_of
from graph.namespaces import MP, RDF_TYPE, RDFS, SKOS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graph.belongings import Belongings, Node

_FOAF = "http://xmlns.com/foaf/0.1/"
_SCHEMA = "http://schema.org/"
_NAMING = frozenset(
    ox.NamedNode(iri)
    for iri in (
        SKOS + "prefLabel", SKOS + "altLabel", SKOS + "hiddenLabel", RDFS + "label", MP + "name",
        _FOAF + "name", _FOAF + "givenName", _FOAF + "familyName", _SCHEMA + "name",
    )
)  # fmt: skip
_NAME = frozenset((ox.NamedNode(MP + "name"),))
_PRINTED_AS = frozenset((ox.NamedNode(MP + "printedAs"),))
_PERSONS = frozenset(ox.NamedNode(n + "Person") for n in (MP, _FOAF, _SCHEMA))
_SHORTEST = 3
_WORD = re.compile(r"[^\W\d_]{3,}")


def names_in(store: ox.Store, erased: Belongings) -> set[str]:
    """Return what the thing is called in *store*, as it may be written elsewhere."""
    labels = set(_texts(store, erased.thing, _NAMING))
    labels |= {text for node in erased.statements for text in _texts(store, node, _NAME)}
    words = {word.casefold() for label in labels for word in _WORD.findall(label)}
    printed = {
        text
        for node in erased.evidence
        for text in _texts(store, node, _PRINTED_AS)
        if words & {word.casefold() for word in _WORD.findall(text)}
    }
    types = store.quads_for_pattern(erased.thing, ox.NamedNode(RDF_TYPE), None)
    is_person = any(quad.object in _PERSONS for quad in types)
    names = {name.strip() for name in labels | printed | (words if is_person else set[str]())}
    return {name for name in names if len(name) >= _SHORTEST}


def mentions(store: ox.Store, names: set[str], erased: Belongings) -> Iterator[ox.Quad | str]:
    """Yield each quad that stays and whose text has one of *names*, and each IRI like the thing's.

    An IRI is like that of the thing if it has the last part of it as a part: `membership/jane-doe`
    for `person/jane-doe`.
    """
    pattern = _any_of(names)
    slug = re.split(r"[/#:]", erased.thing.value)[-1]
    like = re.compile(rf"(?<![a-z0-9]){re.escape(slug)}(?![a-z0-9])", re.IGNORECASE)
    nodes = erased.nodes
    found: set[str] = set()
    for quad in kept_by_users(store):
        if names_one_of(quad, nodes):
            continue
        if pattern and isinstance(quad.object, ox.Literal) and pattern.search(quad.object.value):
            yield quad
        if len(slug) < _SHORTEST:
            continue
        for term in (quad.subject, quad.predicate, quad.object, quad.graph_name):
            if isinstance(term, ox.NamedNode) and term.value not in found:
                if like.search(term.value):
                    yield term.value
                found.add(term.value)


def _texts(store: ox.Store, node: Node, predicates: frozenset[ox.NamedNode]) -> Iterator[str]:
    for quad in store.quads_for_pattern(node, None, None):
        if quad.predicate in predicates and isinstance(quad.object, ox.Literal):
            yield quad.object.value


def _any_of(names: set[str]) -> re.Pattern[str] | None:
    """Return what finds any of *names* as whole words, however blanks and capitals are written."""
    if not names:
        return None
    spaced = (r"\s+".join(map(re.escape, name.split())) for name in sorted(names, reverse=True))
    return re.compile(rf"(?<!\w)(?:{'|'.join(spaced)})(?!\w)", re.IGNORECASE)
