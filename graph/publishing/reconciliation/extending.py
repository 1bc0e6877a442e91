"""Values of properties of many things (Reconciliation API, section 7).

A property is one of the ontology, an indicator with the figures as values, a kind of identifier, or
the countries of a thing.
"""

from __future__ import annotations

import json
import math
import re
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from graph.errors import QueryRejected
from graph.matching.candidates import identifiers_in
from graph.matching.countries import Countries
from graph.matching.identifiers import scheme_named
from graph.namespaces import BASE, MP, RDFS, XSD
from graph.publishing.labels import Names
from graph.publishing.reconciliation.asked import extension_of, full_iri
from graph.publishing.reconciliation.limits import MOST_PROPERTIES
from graph.publishing.reconciliation.offered import COUNTRY, INDICATORS, Offers, as_values

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graph.publishing.edition import Edition

_LONGEST = 2_000
"""How much of a text is told, in characters."""
_PROPOSED = 40
_MOST_READ = 1_000
"""How many statements of one property of one thing are read."""
_INTEGERS = frozenset(f"{XSD}{name}" for name in ("integer", "int", "long", "nonNegativeInteger"))
_NUMBERS = frozenset(f"{XSD}{name}" for name in ("decimal", "double", "float"))
_COUNT = re.compile("[1-9][0-9]{0,8}")
_INTEGER = re.compile("[+-]?[0-9]{1,100}")
"""Longer ones are told as texts: Python reads none of thousands of digits."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})?")
Values = dict[str, Any]


def write_extension(edition: Edition) -> None:
    """Write the values that `extend` asks for; as rows in a list if `form` is `list`."""
    asked = extension_of(edition.arguments["extend"])
    extending = _Extending(edition)
    meta = [extending.meta(name) for name, _, _ in asked.properties]
    rows = {
        thing: {
            name: extending.values(thing, name, most, language)
            for name, most, language in asked.properties
        }
        for thing in asked.things
    }
    listed = [
        {"id": thing, "properties": [{"id": name, "values": each} for name, each in row.items()]}
        for thing, row in rows.items()
    ]
    is_list = edition.arguments.get("form") == "list"
    _write(edition, {"meta": meta, "rows": listed if is_list else rows})


def write_proposals(edition: Edition) -> None:
    """Write which properties things of `type` have, the most used first."""
    said = edition.arguments
    limit = said.get("limit", "") or str(_PROPOSED)
    if not _COUNT.fullmatch(limit):
        raise QueryRejected(f"'limit' is {limit[:40]!a}; it is a number from 1 on")
    asked = said.get("type", "")
    most = min(int(limit), MOST_PROPERTIES)
    offered = Offers(edition).properties(full_iri(asked) if asked else "")[:most]
    more = {"type": asked} if asked else {}
    _write(edition, {"properties": as_values(offered), "limit": most, **more})


class _Extending:
    def __init__(self, edition: Edition) -> None:
        self._edition = edition
        self._names = Names(edition)
        self._offers = Offers(edition)
        self._countries = Countries(edition.store, edition.union)

    def meta(self, name: str) -> Values:
        """Return what a column is called, and of what kind the things in it are."""
        iri = name if name == COUNTRY or scheme_named(name) else full_iri(name)
        told: Values = {"id": name, "name": self._offers.name_of(iri)}
        if name == COUNTRY:
            kind = f"{MP}Country"
        else:
            ranges = self._objects(iri, f"{RDFS}range")
            kind = next((each for each in ranges if each.startswith(MP)), "")
        return told | ({"type": {"id": kind, "name": self._offers.name_of(kind)}} if kind else {})

    def values(self, thing: str, name: str, most: int, language: str) -> list[Values]:
        """Return at most so many values of one property of *thing*."""
        try:
            ox.NamedNode(thing)
            ox.NamedNode(full_iri(name))
        except ValueError:
            return []
        if name == COUNTRY:
            return [self._thing(each) for each in sorted(self._countries.of(thing))][:most]
        if scheme := scheme_named(name):
            known = identifiers_in(self._edition.store, thing)
            return [{"str": each.value} for each in known if each.scheme == scheme][:most]
        iri = full_iri(name)
        if iri.startswith(INDICATORS):
            return list(islice(self._figures(thing, iri), most))
        terms = list(islice(self._terms(thing, iri), _MOST_READ))
        return [self._value(each) for each in self._in_language(terms, language)[:most]]

    def _terms(self, thing: str, predicate: str) -> Iterator[ox.NamedNode | ox.Literal]:
        found = self._edition.store.quads_for_pattern(
            ox.NamedNode(thing), ox.NamedNode(predicate), None, self._edition.union
        )
        terms = (each.object for each in found)
        yield from sorted(
            (each for each in terms if isinstance(each, ox.NamedNode | ox.Literal)), key=str
        )

    def _in_language(
        self, terms: list[ox.NamedNode | ox.Literal], language: str
    ) -> list[ox.NamedNode | ox.Literal]:
        """Return *terms*; of texts in several languages those in *language*, or the page's."""
        texts = [each for each in terms if isinstance(each, ox.Literal) and each.language]
        wished = language or self._edition.arguments.get("language", "en")
        chosen = [each for each in texts if each.language == wished]
        if not chosen and not language and (best := self._names.best(texts)):
            chosen = [each for each in texts if each.language == best.language]
        return [each for each in terms if each not in texts or each in chosen]

    def _value(self, term: ox.NamedNode | ox.Literal) -> Values:
        if isinstance(term, ox.NamedNode):
            return self._thing(term.value)
        value, datatype = term.value, term.datatype.value
        if datatype in _INTEGERS and _INTEGER.fullmatch(value):
            return {"int": int(value)}
        if datatype in _NUMBERS and (number := _number(value)) is not None:
            return {"float": number}
        if datatype == f"{XSD}date" and _DAY.fullmatch(value[:10]):
            return {"date": f"{value[:10]}T00:00:00Z"}
        if datatype == f"{XSD}dateTime" and _TIME.fullmatch(value):
            return {"date": value}
        return {"str": value[:_LONGEST]}

    def _thing(self, iri: str) -> Values:
        """Return a thing by name; what is not ours cannot be asked about here, so as a text."""
        if not iri.startswith(BASE):
            return {"str": iri}
        return {"id": iri, "name": str(self._names.named(iri)["label"])}

    def _figures(self, thing: str, indicator: str) -> Iterator[Values]:
        """Yield the figures of *thing* for *indicator*, the newest first."""
        dated: list[tuple[str, str, Values]] = []
        store, union = self._edition.store, self._edition.union
        about = store.quads_for_pattern(
            None, ox.NamedNode(f"{MP}about"), ox.NamedNode(thing), union
        )
        of = ox.NamedNode(f"{MP}indicator")
        for quad in islice(about, _MOST_READ):
            node = quad.subject
            if not isinstance(node, ox.NamedNode):
                continue
            if ox.Quad(node, of, ox.NamedNode(indicator), union) not in store:
                continue
            days = [each for end in ("to", "from") for each in self._objects(node.value, MP + end)]
            numbers = self._terms(node.value, f"{MP}value")
            dated += [(max(days, default=""), node.value, self._value(each)) for each in numbers]
        yield from (value for _, _, value in sorted(dated, key=lambda each: each[:2], reverse=True))

    def _objects(self, iri: str, predicate: str) -> Iterable[str]:
        try:
            return [each.value for each in islice(self._terms(iri, predicate), _MOST_READ)]
        except ValueError:
            return []


def _number(value: str) -> float | None:
    """Return the number that *value* is; None if it is none, or none that JSON has."""
    with suppress(ValueError):
        return number if math.isfinite(number := float(value)) else None
    return None


def _write(edition: Edition, values: Values) -> None:
    if edition.is_wanted:
        edition.out.write(json.dumps(values, ensure_ascii=False).encode())
