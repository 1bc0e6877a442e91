"""The types and properties that things can be asked about: those of the ontology that are used."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from graph.matching.identifiers import SCHEMES
from graph.namespaces import DEF, MP, OWL, RDF_TYPE, RDFS, SKOS
from graph.publishing.labels import Names
from graph.publishing.reconciliation.limits import DEFAULT_TYPES
from graph.publishing.site.editor.counting import Counting
from graph.search.folding import folded

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graph.publishing.edition import Edition

COUNTRY = "country"
"""The property that has the countries of a thing, wherever in them it is."""
INDICATORS = f"{DEF}indicator/"
"""What the IRIs of indicators begin with: each is a property, with the figures as values."""
_WORDS = {
    COUNTRY: {"en": "country", "fr": "pays", "de": "Land"},
    f"{SKOS}prefLabel": {"en": "name", "fr": "nom", "de": "Name"},
    f"{SKOS}altLabel": {"en": "other name", "fr": "autre nom", "de": "anderer Name"},
    f"{SKOS}Concept": {"en": "concept", "fr": "concept", "de": "Begriff"},
    f"{SKOS}note": {"en": "note", "fr": "note", "de": "Anmerkung"},
}
_INNER = frozenset(
    (RDF_TYPE, f"{MP}evidence", f"{MP}statedIn", f"{RDFS}isDefinedBy", f"{MP}unnamed")
)
_NAMED = ox.NamedNode(f"{SKOS}prefLabel")
_TYPE, _CLASS = ox.NamedNode(RDF_TYPE), ox.NamedNode(f"{OWL}Class")
_LOOKED_AT = 20
"""How many things of a class are looked at for one with a name."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A type or a property, as clients show it."""

    id: str
    name: str
    description: str = ""

    @property
    def values(self) -> dict[str, str]:
        """The same as plain values."""
        more = {"description": self.description} if self.description else {}
        return {"id": self.id, "name": self.name, **more}


class Offers:
    """What *edition* offers, in its language."""

    def __init__(self, edition: Edition) -> None:
        self._edition = edition
        self._names = Names(edition)
        self._language = edition.arguments.get("language", "en")

    def name_of(self, iri: str) -> str:
        """Return what *iri* is called."""
        words = _WORDS.get(iri)
        if words:
            return words.get(self._language, words["en"])
        scheme = next((each for each in SCHEMES if each.name == iri), None)
        return scheme.label if scheme else str(self._names.named(iri)["label"])

    def types(self) -> list[Offer]:
        """Return the classes of things that have names, the usual ones first."""
        store, union = self._edition.store, self._edition.union
        classes = {
            quad.subject.value
            for quad in store.quads_for_pattern(None, _TYPE, _CLASS, union)
            if isinstance(quad.subject, ox.NamedNode) and quad.subject.value.startswith(MP)
        }
        used = {each for each in classes if self._has_named(each)} | {f"{SKOS}Concept"}
        rank = {
            each: place for place, each in enumerate(f"{MP}{name}" for name, _ in DEFAULT_TYPES)
        }
        in_order = sorted(used, key=lambda each: (rank.get(each, len(rank)), each))
        return [Offer(each, self.name_of(each)) for each in in_order]

    def properties(self, of_class: str = "") -> list[Offer]:
        """Return what can be asked of things, of those *of_class* if it is given."""
        counting = Counting(self._edition)
        used = counting.properties_of_class(of_class) if of_class else counting.properties()
        ours = [each.iri for each in used if self._is_ours(each.iri)]
        first = [COUNTRY, f"{SKOS}prefLabel", f"{SKOS}altLabel"]
        numbers = [each.name for each in SCHEMES]
        found = [*first, *ours, *numbers, *self._indicators()]
        return [self._offer(each) for each in dict.fromkeys(found)]

    def _offer(self, iri: str) -> Offer:
        definition = self._text(iri, f"{SKOS}definition") if ":" in iri else ""
        return Offer(iri, self.name_of(iri), definition)

    def _is_ours(self, iri: str) -> bool:
        return iri.startswith((MP, SKOS)) and iri not in _INNER

    def _indicators(self) -> Iterable[str]:
        scheme = ox.NamedNode(INDICATORS.rstrip("/"))
        found = self._edition.store.quads_for_pattern(
            None, ox.NamedNode(f"{SKOS}inScheme"), scheme, self._edition.union
        )
        return sorted(
            each.subject.value for each in found if isinstance(each.subject, ox.NamedNode)
        )

    def _has_named(self, cls: str) -> bool:
        store, union = self._edition.store, self._edition.union
        things = store.quads_for_pattern(None, _TYPE, ox.NamedNode(cls), union)
        return any(
            next(store.quads_for_pattern(quad.subject, _NAMED, None, union), None) is not None
            for quad in islice(things, _LOOKED_AT)
        )

    def _text(self, iri: str, predicate: str) -> str:
        found = self._edition.store.quads_for_pattern(
            ox.NamedNode(iri), ox.NamedNode(predicate), None, self._edition.union
        )
        best = self._names.best(
            each.object for each in found if isinstance(each.object, ox.Literal)
        )
        return best.value[:300] if best else ""


def beginning_with(offers: Iterable[Offer], prefix: str) -> list[Offer]:
    """Return those *offers* that have a word beginning with *prefix*, or are it."""
    typed = folded(prefix)
    if not typed:
        return list(offers)
    return [
        each
        for each in offers
        if f" {typed}" in f" {folded(each.name)}" or each.id == prefix.strip()
        or folded(each.id.rpartition("#")[2]).startswith(typed)
    ]  # fmt: skip


def as_values(offers: Iterable[Offer]) -> list[dict[str, Any]]:
    """Return *offers* as plain values."""
    return [dict(each.values) for each in offers]
