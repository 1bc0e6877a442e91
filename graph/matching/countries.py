"""Which country a text means, and in which countries things are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.namespaces import ID, MP, RDF_TYPE, SKOS, UNION_GRAPH
from graph.search.folding import folded

if TYPE_CHECKING:
    from collections.abc import Iterator

_UNION = ox.NamedNode(UNION_GRAPH)
_UP = (ox.NamedNode(MP + "locatedIn"), ox.NamedNode(MP + "partOf"))
_TYPE, _IS_COUNTRY = ox.NamedNode(RDF_TYPE), ox.NamedNode(MP + "Country")
_SAME = ox.NamedNode(SKOS + "exactMatch")
_NAMES = (ox.NamedNode(SKOS + "prefLabel"), ox.NamedNode(SKOS + "altLabel"))
_MOST_STEPS = 200
"""How many areas are looked at for one thing."""
_CODE = re.compile(r"/([A-Z]{2,3})$")
"""What the IRIs of countries end with in the lists of the European Union."""
_SINGLE_SIGNS = {"EL": "GR", "UK": "GB"}
"""Codes that NUTS has instead of those of ISO 3166."""


class Countries:
    """The countries of one generation."""

    def __init__(self, store: ox.Store, union: ox.NamedNode = _UNION) -> None:
        self._store = store
        self._union = union
        self._of: dict[str, frozenset[str]] = {}
        self._by_text: dict[str, str] | None = None

    def of(self, thing: str) -> frozenset[str]:
        """Return the countries that *thing* is in, and that these are parts of."""
        if thing not in self._of:
            self._of[thing] = frozenset(self._above(thing))
        return self._of[thing]

    def is_country(self, iri: str) -> bool:
        """Tell whether *iri* names a country."""
        try:
            node = ox.NamedNode(iri)
        except ValueError:
            return False
        return ox.Quad(node, _TYPE, _IS_COUNTRY, self._union) in self._store

    def meant(self, text: str) -> str | None:
        """Return the country that *text* names or that has it as a code; None if none is known."""
        if self._by_text is None:
            self._by_text = self._read()
        found = self._by_text.get(text.strip()) or self._by_text.get(folded(text))
        return found or self._by_text.get(folded(f"{ID}country/{text.strip()}"))

    def _read(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for quad in self._store.quads_for_pattern(None, _TYPE, _IS_COUNTRY, self._union):
            if isinstance(quad.subject, ox.NamedNode):
                for text in self._texts(quad.subject):
                    found.setdefault(text, quad.subject.value)
        return found

    def _texts(self, country: ox.NamedNode) -> Iterator[str]:
        yield country.value
        yield folded(country.value)
        for name in _NAMES:
            for quad in self._store.quads_for_pattern(country, name, None, self._union):
                if isinstance(quad.object, ox.Literal):
                    yield folded(quad.object.value)
        for quad in self._store.quads_for_pattern(country, _SAME, None, self._union):
            if isinstance(quad.object, ox.NamedNode):
                yield quad.object.value
                if code := _CODE.search(quad.object.value):
                    yield folded(_SINGLE_SIGNS.get(code[1], code[1]))
                    yield folded(code[1])

    def _above(self, thing: str) -> Iterator[str]:
        seen, waiting = {thing}, [thing]
        while waiting and len(seen) < _MOST_STEPS:
            here = waiting.pop()
            if self.is_country(here):
                yield here
            new = {area for up in _UP for area in self._objects(here, up)} - seen
            seen |= new
            waiting += new

    def _objects(self, iri: str, predicate: ox.NamedNode) -> Iterator[str]:
        found = self._store.quads_for_pattern(ox.NamedNode(iri), predicate, None, self._union)
        return (each.object.value for each in found if isinstance(each.object, ox.NamedNode))
