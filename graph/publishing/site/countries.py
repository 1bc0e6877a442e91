"""In which countries things are: where they are located, and what that is a part of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from graph.errors import QueryRejected
from graph.namespaces import ID, MP, RDF_TYPE
from graph.publishing.things.names import Names as Near

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from graph.publishing.edition import Edition
    from graph.publishing.labels import Names
    from graph.publishing.site.observations import Observation

_COUNTRY = f"{ID}country/"
_UP = (ox.NamedNode(MP + "locatedIn"), ox.NamedNode(MP + "partOf"))
_TYPE, _IS_COUNTRY = ox.NamedNode(RDF_TYPE), ox.NamedNode(MP + "Country")
_MOST_STEPS = 200
"""How many areas are looked at for one thing."""
_MOST_NEAR = 5


class Countries:
    """The countries of things, each looked up once."""

    def __init__(self, edition: Edition, names: Names) -> None:
        self._edition = edition
        self._names = names
        self._known: dict[str, frozenset[str]] = {}

    def asked_for(self, slug: str) -> dict[str, Any] | None:
        """Return the country *slug* by its name; None if it is empty.

        QueryRejected, with near names, when there is no such country.
        """
        if not slug:
            return None
        iri = f"{_COUNTRY}{slug}"
        if not self._is_country(iri):
            raise QueryRejected(
                f"'country' is {slug[:60]!a}, which is no country here; "
                + (f"did you mean {near}?" if (near := self._near(iri)) else "leave it out")
            )
        return {**self._names.named(iri), "slug": slug}

    def of(self, observations: Iterable[Observation]) -> list[dict[str, Any]]:
        """Return the countries of the things of *observations*, by name."""
        found: set[str] = set()
        for thing in {each.thing for each in observations}:
            found |= self._of_thing(thing)
        named = [
            {**self._names.named(iri), "slug": iri.removeprefix(_COUNTRY)}
            for iri in found
            if iri.startswith(_COUNTRY)
        ]
        return sorted(named, key=lambda each: each["label"])

    def only_in(
        self, country: dict[str, Any] | None, observations: Sequence[Observation]
    ) -> list[Observation]:
        """Return those *observations* whose things are in *country*; all if it is None."""
        if country is None:
            return list(observations)
        return [each for each in observations if country["iri"] in self._of_thing(each.thing)]

    def _of_thing(self, thing: str) -> frozenset[str]:
        if thing not in self._known:
            self._known[thing] = frozenset(self._above(thing))
        return self._known[thing]

    def _above(self, thing: str) -> Iterable[str]:
        seen, waiting = {thing}, [thing]
        while waiting and len(seen) < _MOST_STEPS:
            here = waiting.pop()
            if self._is_country(here):
                yield here
            new = {area for up in _UP for area in self._objects(here, up)} - seen
            seen |= new
            waiting += new

    def _objects(self, iri: str, predicate: ox.NamedNode) -> Iterable[str]:
        for quad in self._edition.store.quads_for_pattern(
            ox.NamedNode(iri), predicate, None, self._edition.union
        ):
            if isinstance(quad.object, ox.NamedNode):
                yield quad.object.value

    def _is_country(self, iri: str) -> bool:
        try:
            node = ox.NamedNode(iri)
        except ValueError:
            return False
        return ox.Quad(node, _TYPE, _IS_COUNTRY, self._edition.union) in self._edition.store

    def _near(self, iri: str) -> str:
        try:
            found = Near(self._edition.store).near(iri, _MOST_NEAR)
        except ValueError:
            return ""
        slugs = [each.removeprefix(_COUNTRY) for each in found if each.startswith(_COUNTRY)]
        return ", ".join(slugs)
