"""The names of things: labels, and what statements say that they are called or coded.

Only what is stated counts. A name belongs to the *subject* that states it, which is the thing
itself or a statement about it: so whoever knows which subjects have changed knows which names have.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import pyoxigraph as ox

from graph.namespaces import DERIVED_GRAPH, MP, RDFS, SKOS, UNION_GRAPH, prefixes
from graph.search.folding import LONGEST, folded, joined, words_of
from graph.search.kinds import KINDS, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator

How = Literal["name", "other", "printed", "code"]
"""Why a thing has a name: it is called so, also so, was by a source, or has it as a code."""

HOWS: tuple[How, ...] = ("name", "other", "printed", "code")
"""From what is asked for most to what is asked for least."""

UNION, DERIVED = ox.NamedNode(UNION_GRAPH), ox.NamedNode(DERIVED_GRAPH)
_ABOUT = ox.NamedNode(MP + "about")
_OWN: dict[ox.NamedNode, How] = {
    ox.NamedNode(SKOS + "prefLabel"): "name",
    ox.NamedNode(RDFS + "label"): "name",
    ox.NamedNode(prefixes()["dct"] + "title"): "name",
    ox.NamedNode("http://xmlns.com/foaf/0.1/name"): "name",
    ox.NamedNode(SKOS + "altLabel"): "other",
    ox.NamedNode(SKOS + "hiddenLabel"): "other",
    ox.NamedNode(SKOS + "notation"): "code",
    ox.NamedNode(prefixes()["dct"] + "identifier"): "code",
    ox.NamedNode("http://schema.org/identifier"): "code",
    ox.NamedNode(MP + "siren"): "code",
    ox.NamedNode(MP + "vatNumber"): "code",
    ox.NamedNode(MP + "participantCode"): "code",
}
_OF_ANOTHER: dict[ox.NamedNode, How] = {
    ox.NamedNode(MP + "name"): "printed",
    ox.NamedNode(MP + "nutsCode"): "code",
}
"""What a statement says of the thing that it is about."""
_HOW = _OWN | _OF_ANOTHER


@dataclass(frozen=True)
class Name:
    """One name of one thing."""

    subject: str
    """What states it: the thing, or a statement about it."""
    thing: str
    text: str
    language: str
    how: How
    plain: str
    """The name, *folded*."""

    @cached_property
    def joined(self) -> str:
        """The same as one word."""
        return joined(self.plain)

    @cached_property
    def words(self) -> list[str]:
        """The words of it."""
        return words_of(self.plain)

    @cached_property
    def kind(self) -> str:
        """The kind of the thing."""
        return kind_of(self.thing)

    @property
    def order(self) -> tuple[int, int, int, str, str]:
        """What puts names that fit equally well in order: plain names of clusters first."""
        return (
            HOWS.index(self.how),
            KINDS.index(self.kind),
            len(self.plain),
            self.plain,
            self.thing,
        )


def all_names(store: ox.Store) -> Iterator[Name]:
    """Yield all names in *store*."""
    for predicate in _HOW:
        is_derived = _is_derived(store, predicate)
        for quad in store.quads_for_pattern(None, predicate, None, UNION):
            if not is_derived or not _follows(store, quad):
                yield from _names(store, quad)


def names_by(store: ox.Store, subject: str) -> Iterator[Name]:
    """Yield the names in *store* that *subject* states."""
    try:
        node = ox.NamedNode(subject)
    except ValueError:  # what has no name in the history
        return
    for quad in store.quads_for_pattern(node, None, None, UNION):
        if quad.predicate in _HOW and not _follows(store, quad):
            yield from _names(store, quad)


def _is_derived(store: ox.Store, predicate: ox.NamedNode) -> bool:
    """Tell whether anything with *predicate* follows from something else."""
    return next(store.quads_for_pattern(None, predicate, None, DERIVED), None) is not None


def _follows(store: ox.Store, quad: ox.Quad) -> bool:
    return ox.Quad(quad.subject, quad.predicate, quad.object, DERIVED) in store


def _names(store: ox.Store, quad: ox.Quad) -> Iterator[Name]:
    subject, text = quad.subject, quad.object
    if not isinstance(subject, ox.NamedNode) or not isinstance(text, ox.Literal):
        return
    for thing in _things(store, subject, quad.predicate):
        how = _HOW[quad.predicate]
        name = text.value[:LONGEST]
        yield Name(subject.value, thing, name, text.language or "", how, folded(name))


def _things(store: ox.Store, subject: ox.NamedNode, predicate: ox.NamedNode) -> list[str]:
    if predicate in _OWN:
        return [subject.value]
    found = store.quads_for_pattern(subject, _ABOUT, None, UNION)
    return [quad.object.value for quad in found if isinstance(quad.object, ox.NamedNode)]
