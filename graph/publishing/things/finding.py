"""What becomes of the IRI of a thing: it is there, goes by another name, is withdrawn, or unknown.

    what the graph says of the IRI                          the answer
    ---------------------------------------------------     -----------------------------------
    owl:deprecated true, of a thing                         withdrawn, with its successors
    several dct:isReplacedBy, and no class                  the same
    one dct:isReplacedBy, and no class                      an old name: go to the new one
    anything else                                           it is there
    nothing, and it is there in lower case with hyphens     go there
    nothing, and one thing of its type has it as a name     go there
    nothing                                                 unknown; near names are suggested

So whoever withdraws a thing leaves a note in its place. What is deleted without one is unknown, and
what was erased is unknown on purpose: nothing may tell that it was there. A deprecated concept is
still there: there may be data that uses it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.addresses import address_of
from graph.errors import MovedThing, UnknownThing, WithdrawnThing
from graph.namespaces import BASE, ID, OWL, prefixes, short
from graph.publishing.things.description import LABEL_PROPERTIES, TYPE, UNION
from graph.publishing.things.names import Names, is_named, slug_of

if TYPE_CHECKING:
    from graph.errors import GraphError

_DEPRECATED = ox.NamedNode(OWL + "deprecated")
_REPLACED_BY = ox.NamedNode(prefixes()["dct"] + "isReplacedBy")
_TRUE = ox.Literal(True)
_MOST_NEAR = 5
_MOST_SUCCESSORS = 20
_LONGEST_LABEL = 80


def require_thing(store: ox.Store, iri: str, public_url: str) -> ox.NamedNode:
    """Return the thing *iri*; UnknownThing, MovedThing or WithdrawnThing where it is not there.

    They lead to addresses on the server at *public_url*.
    """
    return _Finding(store, public_url).thing(iri)


class _Finding:
    def __init__(self, store: ox.Store, public_url: str) -> None:
        self._store = store
        self._public_url = public_url

    def thing(self, iri: str) -> ox.NamedNode:
        try:
            thing = ox.NamedNode(iri)
        except ValueError as error:
            raise UnknownThing(
                f"{iri[:_LONGEST_LABEL]!a} is no IRI; name a thing by its own"
            ) from error
        if not is_named(self._store, iri):
            raise self._missing(iri)
        if iri.startswith(ID) and self._has(thing, _DEPRECATED, _TRUE):
            raise self._withdrawn(iri, self._successors(thing))
        if not self._has(thing, TYPE) and (successors := self._successors(thing)):
            raise self._replaced(iri, successors)
        return thing

    def _missing(self, iri: str) -> GraphError:
        path = iri.removeprefix(BASE)
        written = BASE + "/".join(slug_of(part) for part in path.split("/"))
        if written != iri and is_named(self._store, written):
            return self._moved(iri, written)
        names = Names(self._store)
        if other := names.only_one(iri):
            return self._moved(iri, other)
        near = [self._told(each) for each in names.near(iri, _MOST_NEAR)]
        hint = "; near it are " + ", ".join(map(_for_people, near)) if near else ""
        return UnknownThing(f"there is nothing called {short(iri)}{hint}", near)

    def _replaced(self, iri: str, successors: list[str]) -> GraphError:
        """Return where *iri* went; nobody is sent in circles, or away from here."""
        seen = {iri}
        while len(successors) == 1 and successors[0].startswith(BASE):
            (target,) = successors
            if target in seen:
                return self._withdrawn(iri, [])
            seen.add(target)
            thing = ox.NamedNode(target)
            following = [] if self._has(thing, TYPE) else self._successors(thing)
            if not following:
                return self._moved(iri, target)
            successors = following
        return self._withdrawn(iri, successors)

    def _moved(self, iri: str, target: str) -> MovedThing:
        message = f"{short(iri)} is {short(target)}"
        return MovedThing(message, address_of(target, self._public_url))

    def _withdrawn(self, iri: str, successors: list[str]) -> WithdrawnThing:
        told = [self._told(each) for each in successors]
        hint = f"; in its place there is {', '.join(map(_for_people, told))}" if told else ""
        return WithdrawnThing(f"{short(iri)} was withdrawn{hint}", told)

    def _successors(self, thing: ox.NamedNode) -> list[str]:
        found = self._store.quads_for_pattern(thing, _REPLACED_BY, None, UNION)
        successors = {quad.object.value for quad in found if isinstance(quad.object, ox.NamedNode)}
        return sorted(successors)[:_MOST_SUCCESSORS]

    def _told(self, iri: str) -> dict[str, str]:
        """Return *iri* as plain values, with its label and where it is found."""
        node = ox.NamedNode(iri)
        labels = (
            quad.object.value
            for predicate in LABEL_PROPERTIES
            for quad in self._store.quads_for_pattern(node, predicate, None, UNION)
            if isinstance(quad.object, ox.Literal)
        )
        label = min(labels, default=short(iri))[:_LONGEST_LABEL]
        return {"iri": iri, "address": address_of(iri, self._public_url), "label": label}

    def _has(
        self, thing: ox.NamedNode, predicate: ox.NamedNode, value: ox.Literal | None = None
    ) -> bool:
        found = self._store.quads_for_pattern(thing, predicate, value, UNION)
        return next(found, None) is not None


def _for_people(told: dict[str, str]) -> str:
    return f"{told['label']} ({short(told['iri'])})"
