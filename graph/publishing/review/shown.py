"""Matches side by side: what is known of both things, why they may be one, and what was decided."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from graph.errors import QueryRejected
from graph.matching.candidates import identifiers_in
from graph.matching.countries import Countries
from graph.matching.origins import Origins
from graph.namespaces import GRAPH, SKOS
from graph.publishing.labels import Names
from graph.publishing.review.states import query_text
from graph.publishing.site.paging import paging_at
from graph.publishing.site.things.identity import narrowest
from graph.publishing.site.tools import tools
from graph.review.terms import MATCHES, PROLOGUE, SAME, STATES, TYPE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graph.publishing.edition import Edition
    from graph.review.terms import State

PAGE_MATCHES = 20
"""How many matches a page shows."""
_MOST_NAMES, _MOST_GRAPHS, _MOST_LETTERS = 8, 5, 300
_PAGE = re.compile(r"[1-9][0-9]{0,5}", re.ASCII)
_NAMES = (ox.NamedNode(f"{SKOS}prefLabel"), ox.NamedNode(f"{SKOS}altLabel"))
_COUNTS = """
SELECT ?decision (COUNT(?match) AS ?count)
WHERE {
  GRAPH <https://w3id.org/metapole/graph/review/matches> {
    ?match a sssom:Mapping .
    OPTIONAL { ?match mp:decision ?decision }
  }
}
GROUP BY ?decision
"""
Values = dict[str, Any]


def write_review(edition: Edition) -> None:
    """Write a page of matches in `state`, the surest first."""
    said = edition.arguments
    state, text = _state(said.get("state", "")), said.get("page", "")
    if text and not _PAGE.fullmatch(text):
        raise QueryRejected(f"'page' is {text[:40]!a}; it is a number from 1 on")
    values = _Shown(edition).values(state, int(text or 1))
    if edition.is_wanted:
        edition.out.write(json.dumps(values, ensure_ascii=False).encode())


def _state(text: str) -> State:
    for each in STATES:
        if each == (text or "open"):
            return each
    raise QueryRejected(f"'state' is {text[:40]!a}; it is one of {', '.join(STATES)}")


class _Shown:
    def __init__(self, edition: Edition) -> None:
        self._edition = edition
        self._names = Names(edition)
        self._countries = Countries(edition.store, edition.union)
        self._origins = Origins(edition.store)

    def values(self, state: State, page: int) -> Values:
        counts = self._counts()
        pages = max(1, -(-counts[state] // PAGE_MATCHES))
        number = min(page, pages)
        first = (number - 1) * PAGE_MATCHES
        limited = f"{query_text(state)}LIMIT {PAGE_MATCHES} OFFSET {first}"
        rows = list(self._rows(limited))
        return {
            "state": state,
            "states": [{"state": each, "count": counts[each]} for each in STATES],
            "matches": [self._match(row) for row in rows],
            "first": first + 1,
            "paging": paging_at(number, pages, f"{self._edition.public_url}review?state={state}"),
            "tools": tools(self._edition.public_url, query_text(state)),
        }

    def _counts(self) -> dict[State, int]:
        counts: dict[State, int] = dict.fromkeys(STATES, 0)
        for row in self._rows(PROLOGUE + _COUNTS):
            decision = row["decision"]
            counts[_state(decision.value if decision else "")] += int(row["count"].value)
        return counts

    def _match(self, row: ox.QuerySolution) -> Values:
        decision, by, when = row["decision"], row["by"], row["when"]
        match = row["match"].value
        return {
            "iri": match,
            "id": match.removeprefix(MATCHES),
            "score": round(float(row["confidence"].value) * 100, 1),
            "predicate": "same" if row["predicate"] == SAME else "exact",
            "reasons": [each[:_MOST_LETTERS] for each in row["reasons"].value.split("; ")],
            "decision": decision.value if decision else None,
            "by": by.value[:_MOST_LETTERS] if by else None,
            "when": when.value[:10] if when else None,
            "subject": self._side(row["subject"].value),
            "object": self._side(row["object"].value),
        }

    def _side(self, thing: str) -> Values:
        node, store, union = ox.NamedNode(thing), self._edition.store, self._edition.union
        named = self._names.named(thing)
        texts = {
            (quad.object.value[:_MOST_LETTERS], quad.object.language)
            for name in _NAMES
            for quad in store.quads_for_pattern(node, name, None, union)
            if isinstance(quad.object, ox.Literal) and quad.object.value != named["label"]
        }
        types = [
            quad.object.value
            for quad in store.quads_for_pattern(node, TYPE, None, union)
            if isinstance(quad.object, ox.NamedNode)
        ]
        shown = narrowest(self._edition, sorted(types))
        countries = sorted(self._countries.of(thing) - {thing})
        return {
            "thing": {**named, "label": str(named["label"])[:_MOST_LETTERS]},
            "types": [self._names.named(each) for each in shown[:_MOST_GRAPHS]],
            "countries": [self._names.named(each) for each in countries],
            "names": [
                {"text": text, "language": language}
                for text, language in sorted(texts, key=str)[:_MOST_NAMES]
            ],
            "identifiers": [str(each) for each in identifiers_in(store, thing)][:_MOST_NAMES],
            # Where the evidence for it is to be found.
            "graphs": [
                self._graph(each) for each in sorted(self._origins.graphs_of(thing))[:_MOST_GRAPHS]
            ],
        }

    def _graph(self, iri: str) -> Values:
        """Return a graph by its label, or by the last part of its name."""
        named = self._names.named(iri)
        label = str(named["label"])
        return {**named, "label": label.removeprefix(GRAPH)[:_MOST_LETTERS]}

    def _rows(self, text: str) -> Iterator[ox.QuerySolution]:
        found = self._edition.store.query(text)
        assert isinstance(found, ox.QuerySolutions)  # noqa: S101 -- the text is a SELECT
        return iter(found)
