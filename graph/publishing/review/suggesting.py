"""Which things of one graph may be which things of the rest.

Only things of one kind are matched, and only those that the rest describes. What is linked already,
what was suggested before and what somebody has rejected is left out.
"""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from graph.errors import QueryRejected, UnknownThing
from graph.iris import fault_of
from graph.matching.candidates import identifiers_in
from graph.matching.countries import Countries
from graph.matching.matcher import Matcher
from graph.matching.origins import DESCRIBING_NOTHING, Origins
from graph.matching.wanted import Wanted
from graph.namespaces import MP, OWL, RDFS, SKOS
from graph.publishing.labels import Names
from graph.publishing.site.things.identity import narrowest
from graph.review.terms import (
    EXACT,
    MAPPING,
    REVIEW_GRAPH,
    SAME,
    SEMAPV,
    TYPE,
    match_iri,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graph.matching.wanted import Candidate
    from graph.publishing.edition import Edition

AT_ONCE = 200
"""How many things one document looks at; the next one goes on."""
LEAST, BEHIND = 60.0, 20.0
"""What has a lower score, or is so far behind the best for the same thing, is not suggested."""
_MOST_OF_ONE = 3
_LOOKED_AT = 10
_MOST_NAMES = 4
"""By how many of its names a thing is looked for."""
_NAMES = tuple(
    ox.NamedNode(iri)
    for iri in (
        f"{SKOS}prefLabel",
        f"{RDFS}label",
        "http://xmlns.com/foaf/0.1/name",
        "http://purl.org/dc/terms/title",
        f"{SKOS}altLabel",
    )
)
_UNNAMED = ox.NamedNode(f"{MP}unnamed")
_NO_NAME = "["
"""What the description of a thing begins with that has no name."""
_CONCEPT = f"{SKOS}Concept"
_NO_KINDS = {MAPPING.value, "http://www.w3.org/ns/prov#Activity"}
"""Matches and imports have names, too, but nobody asks which other one is meant."""
_LINKS = (SAME, EXACT)
_EXACT_SCORE, _SURE = 97.0, 100.0
Values = dict[str, Any]


def write_suggested_matches(edition: Edition) -> None:
    """Write suggestions for the things of `graph` that come `after` one, as JSON."""
    graph = edition.arguments.get("graph", "")
    if fault := fault_of(graph):
        raise QueryRejected(f"'graph' is {graph[:200]!a}, which is no IRI ({fault})")
    if not edition.store.contains_named_graph(ox.NamedNode(graph)) or graph in DESCRIBING_NOTHING:
        raise UnknownThing(f"there is no graph <{graph[:200]}> with things to match")
    values = _Suggesting(edition, graph).values(edition.arguments.get("after", ""))
    if edition.is_wanted:
        edition.out.write(json.dumps(values, ensure_ascii=False).encode())


class _Suggesting:
    def __init__(self, edition: Edition, graph: str) -> None:
        self._edition = edition
        self._store = edition.store
        self._union = edition.union
        self._graph = ox.NamedNode(graph)
        self._matcher = Matcher(edition.store, edition.generation)
        self._countries = Countries(edition.store, edition.union)
        self._names = Names(edition)
        self._origins = Origins(edition.store)

    def values(self, after: str) -> Values:
        things = sorted(self._named_things())
        left = [each for each in things if each > after]
        now = left[:AT_ONCE]
        found = [each for thing in now for each in self._suggestions(thing)]
        following = now[-1] if len(left) > len(now) else ""
        return {"suggestions": found, "looked_at": len(now), "of": len(things), "next": following}

    def _named_things(self) -> set[str]:
        """Return the things that the graph names, and that nothing else describes."""
        subjects = {
            quad.subject
            for name in _NAMES
            for quad in self._store.quads_for_pattern(None, name, None, self._graph)
        }
        return {
            each.value
            for each in subjects
            if isinstance(each, ox.NamedNode)
            and self._types(each)
            and not self._is_described_elsewhere(each)
        }

    def _suggestions(self, thing: str) -> Iterator[Values]:
        node = ox.NamedNode(thing)
        if next(self._store.quads_for_pattern(node, _UNNAMED, None, self._union), None):
            return
        found = self._candidates(node)
        least = max(LEAST, found[0].score - BEHIND) if found else LEAST
        fitting = (
            each
            for each in found
            if each.score >= least
            and self._is_described_elsewhere(ox.NamedNode(each.thing))
            and self._is_of_one_kind(node, ox.NamedNode(each.thing))
        )
        for candidate in islice(fitting, _MOST_OF_ONE):
            if suggestion := self._suggestion(node, candidate):
                yield suggestion

    def _candidates(self, node: ox.NamedNode) -> list[Candidate]:
        """Return the candidates for *node* by any of its names, the best first."""
        found: dict[str, Candidate] = {}
        types = tuple(narrowest(self._edition, sorted(self._types(node))))
        identifiers = tuple(identifiers_in(self._store, node.value))
        country = min(self._countries.of(node.value), default="")
        for name in self._texts(node)[:_MOST_NAMES] or [""]:
            wanted = Wanted(
                name, identifiers, country, types, but=frozenset((node.value,)), limit=_LOOKED_AT
            )
            for each in self._matcher.find(wanted):
                if each.thing not in found or found[each.thing].score < each.score:
                    found[each.thing] = each
        return sorted(found.values(), key=lambda each: (-each.score, each.thing))

    def _suggestion(self, node: ox.NamedNode, candidate: Candidate) -> Values | None:
        other = ox.NamedNode(candidate.thing)
        is_concept = _CONCEPT in self._types(node)
        predicate = EXACT if is_concept else SAME
        iri = match_iri(node.value, predicate.value, other.value)
        reverse = match_iri(other.value, predicate.value, node.value)
        if self._is_known(iri) or self._is_known(reverse) or self._is_linked(node, other):
            return None
        return {
            "iri": iri,
            "subject": node.value,
            "predicate": predicate.value,
            "object": other.value,
            "subject_label": str(self._names.named(node.value)["label"]),
            "object_label": str(self._names.named(other.value)["label"]),
            "score": candidate.score,
            "justification": SEMAPV + _justification(candidate),
            "reasons": [each.text for each in candidate.reasons],
        }

    def _texts(self, node: ox.NamedNode) -> list[str]:
        texts = [
            quad.object.value
            for name in _NAMES
            for quad in self._store.quads_for_pattern(node, name, None, self._graph)
            if isinstance(quad.object, ox.Literal)
        ]
        return [each for each in dict.fromkeys(texts) if not each.startswith(_NO_NAME)]

    def _types(self, node: ox.NamedNode) -> set[str]:
        found = self._store.quads_for_pattern(node, TYPE, None, self._union)
        types = {each.object.value for each in found if isinstance(each.object, ox.NamedNode)}
        return {each for each in types if not each.startswith((OWL, RDFS))} - _NO_KINDS

    def _is_of_one_kind(self, node: ox.NamedNode, other: ox.NamedNode) -> bool:
        """Tell whether one is all that the other is, if not more: a meta-cluster is a cluster."""
        mine, theirs = self._types(node), self._types(other)
        return any(
            set(narrowest(self._edition, sorted(few))) & many
            for few, many in ((mine, theirs), (theirs, mine))
        )

    def _is_described_elsewhere(self, node: ox.NamedNode) -> bool:
        return bool(self._origins.graphs_of(node.value) - {self._graph.value})

    def _is_known(self, iri: str) -> bool:
        return ox.Quad(ox.NamedNode(iri), TYPE, MAPPING, ox.NamedNode(REVIEW_GRAPH)) in self._store

    def _is_linked(self, one: ox.NamedNode, other: ox.NamedNode) -> bool:
        return any(
            ox.Quad(subject, link, value, self._union) in self._store
            for link in _LINKS
            for subject, value in ((one, other), (other, one))
        )


def _justification(candidate: Candidate) -> str:
    """Return how the match was found, in the words of the vocabulary SEMAPV."""
    named = next((each for each in candidate.reasons if each.kind == "name"), None)
    if candidate.is_by_identifier:
        return "CompositeMatching" if named else "BackgroundKnowledgeBasedMatching"
    if named and named.value >= _EXACT_SCORE:
        return "LexicalMatching"
    return "LexicalSimilarityThresholdMatching"
