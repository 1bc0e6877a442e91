"""Candidates for names, and suggestions for who types (Reconciliation API, sections 4 and 6)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from graph.errors import QueryRejected
from graph.matching.matcher import Matcher
from graph.namespaces import MP, RDF_TYPE, SKOS
from graph.publishing.labels import Names
from graph.publishing.reconciliation.asked import batch_of, conditions_of, single_of
from graph.publishing.reconciliation.offered import Offers, as_values, beginning_with
from graph.publishing.site.things.identity import narrowest

if TYPE_CHECKING:
    from graph.matching.wanted import Candidate, Wanted
    from graph.publishing.edition import Edition

SUGGESTED = 20
"""How many suggestions there are at once."""
_MOST_SKIPPED = 10_000
_NUMBER = re.compile("[0-9]{1,9}")
_CONCEPT = f"{SKOS}Concept"
_TYPE = ox.NamedNode(RDF_TYPE)
Values = dict[str, Any]


def write_candidates(edition: Edition) -> None:
    """Write the candidates for the `queries` of a batch, for a `query`, or for `conditions`."""
    said = edition.arguments
    if "conditions" in said:
        asked = conditions_of(said["conditions"])
        shown = _Shown(edition)
        values: Values = {"results": [{"candidates": shown.candidates(each)} for each in asked]}
    elif "queries" in said:
        batch = batch_of(said["queries"])
        shown = _Shown(edition)
        values = {key: {"result": shown.candidates(each)} for key, each in batch.items()}
    else:
        wanted = single_of(said["query"])
        values = {"result": _Shown(edition).candidates(wanted)}
    _write(edition, values)


def write_suggested(edition: Edition) -> None:
    """Write the entities, types or properties, as `kind` says, that begin with `prefix`."""
    prefix, first = edition.arguments.get("prefix", ""), _cursor(edition)
    kind = edition.arguments["kind"]
    if kind == "entity":
        found = _Shown(edition).suggested(prefix, first)
    else:
        offers = Offers(edition)
        offered = offers.types() if kind == "type" else offers.properties()
        found = as_values(beginning_with(offered, prefix)[first : first + SUGGESTED])
    _write(edition, {"result": found})


class _Shown:
    """Candidates as the API writes them."""

    def __init__(self, edition: Edition) -> None:
        self._edition = edition
        self._matcher = Matcher(edition.store, edition.generation)
        self._names = Names(edition)
        self._offers = Offers(edition)
        self._types: dict[str, list[Values]] = {}

    def candidates(self, wanted: Wanted) -> list[Values]:
        return [self._candidate(each) for each in self._matcher.find(wanted)]

    def suggested(self, prefix: str, first: int) -> list[Values]:
        found = self._matcher.beginning(prefix)[first : first + SUGGESTED]
        return [
            {
                "id": thing,
                "name": self._names.named(thing)["label"],
                "description": self._description(thing),
                "notable": self._types_of(thing),
            }
            for thing in found
        ]

    def _candidate(self, candidate: Candidate) -> Values:
        why = "; ".join(each.text for each in candidate.reasons)
        what = self._description(candidate.thing)
        return {
            "id": candidate.thing,
            "name": self._names.named(candidate.thing)["label"],
            "description": f"{what}: {why}" if what else why,
            "type": self._types_of(candidate.thing),
            "score": candidate.score,
            "match": candidate.is_match,
            "features": _features(candidate),
        }

    def _description(self, thing: str) -> str:
        kinds = ", ".join(each["name"] for each in self._types_of(thing))
        places = sorted(self._matcher.countries_of(thing) - {thing})
        named = (str(self._names.named(place)["label"]) for place in places)
        return " · ".join(each for each in (kinds, *named) if each)

    def _types_of(self, thing: str) -> list[Values]:
        if thing not in self._types:
            store, union = self._edition.store, self._edition.union
            classes = {
                quad.object.value
                for quad in store.quads_for_pattern(ox.NamedNode(thing), _TYPE, None, union)
                if isinstance(quad.object, ox.NamedNode)
                and (quad.object.value.startswith(MP) or quad.object.value == _CONCEPT)
            }
            shown = narrowest(self._edition, sorted(classes))
            self._types[thing] = [
                {"id": each, "name": self._offers.name_of(each)} for each in shown
            ]
        return self._types[thing]


def _features(candidate: Candidate) -> list[Values]:
    """Return what speaks for and against, one number for each kind of it."""
    found: dict[str, float] = {}
    for reason in candidate.reasons:
        found[reason.kind] = found.get(reason.kind, 0.0) + reason.value
    return [{"id": kind, "name": kind, "value": round(found[kind], 1)} for kind in found]


def _cursor(edition: Edition) -> int:
    text = edition.arguments.get("cursor", "0") or "0"
    if not _NUMBER.fullmatch(text) or int(text) > _MOST_SKIPPED:
        raise QueryRejected(f"'cursor' is {text[:40]!a}; it is a number from 0 to {_MOST_SKIPPED}")
    return int(text)


def _write(edition: Edition, values: Values) -> None:
    if edition.is_wanted:
        edition.out.write(json.dumps(values, ensure_ascii=False).encode())
