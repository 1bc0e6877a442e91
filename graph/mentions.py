"""Where a thing is mentioned by name in what stays after it is erased; only people can judge that.

Looked for are its names, and the last part of its IRI inside texts and other IRIs. Of a person,
each word of the names counts, too: "Mr Doe" is a mention of Jane Doe.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.belongings import kept_by_users, names_one_of
from graph.content import terms
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
    slug = re.split(r"[/#:]", erased.thing.value)[-1]
    slugs = {slug} if len(slug) >= _SHORTEST else set[str]()
    like, named = _any_of(slugs, r"[^\W_]"), _any_of(names | slugs, r"\w")
    nodes = erased.nodes
    looked_at: set[str] = set()
    for quad in kept_by_users(store):
        if names_one_of(quad, nodes):
            continue
        iris = [quad.graph_name]
        for term in terms(quad.triple):
            if not isinstance(term, ox.Literal):
                iris.append(term)
            elif named and named.search(term.value):
                yield quad
        for term in iris:
            if like and isinstance(term, ox.NamedNode) and term.value not in looked_at:
                looked_at.add(term.value)
                if like.search(term.value):
                    yield term.value


def _texts(store: ox.Store, node: Node, predicates: frozenset[ox.NamedNode]) -> Iterator[str]:
    for quad in store.quads_for_pattern(node, None, None):
        if quad.predicate in predicates and isinstance(quad.object, ox.Literal):
            yield quad.object.value


def _any_of(words: set[str], letter: str) -> re.Pattern[str] | None:
    """Return what finds any of *words* where no *letter* is next to it.

    However blanks and capitals are written; None when there is nothing to find.
    """
    if not words:
        return None
    spaced = (r"\s+".join(map(re.escape, word.split())) for word in sorted(words, reverse=True))
    return re.compile(rf"(?<!{letter})(?:{'|'.join(spaced)})(?!{letter})", re.IGNORECASE)
