"""Which thing is meant: candidates in order, each with a score from 0 to 100 and why.

    Matcher(store, facts).find(Wanted("Pole Vehicule du Futur", country="FR"))

Who has the very identifier comes first. Then names count; countries, types and values speak for or
against. A thing without a name is never offered: what it is called here describes it.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.matching.candidates import Candidates
from graph.matching.countries import Countries
from graph.matching.identifiers import told_by
from graph.matching.likeness import ACRONYM, EXACT, Asked, Likeness, likeness
from graph.matching.origins import Origins
from graph.matching.wanted import MOST, Candidate, Reason, Wanted
from graph.namespaces import ID, MP, OWL, RDF_TYPE, SKOS, UNION_GRAPH, expanded, short
from graph.search.current import current_names
from graph.search.folding import folded
from graph.search.kinds import KINDS, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graph.matching.identifiers import Identifier
    from graph.publishing.edition import Facts
    from graph.search.names import Name

SURE, LEAD = 90.0, 6.0
"""From which score on a candidate is the one, if it is ahead of the next by so much."""
LEAST = 35.0
"""What has a lower score is not offered."""

_UNION, _TYPE = ox.NamedNode(UNION_GRAPH), ox.NamedNode(RDF_TYPE)
_TRUE = ox.Literal(True)
_NOT_OFFERED = tuple(ox.NamedNode(iri) for iri in (f"{MP}unnamed", f"{OWL}deprecated"))
_NO_THINGS = frozenset(("term", "graph"))
_ONLY_IF_ASKED_FOR = frozenset(("concept", "document", "indicator"))
_CONCEPT, _DOCUMENT = f"{SKOS}Concept", f"{MP}SourceDocument"
_ALIKE = 60.0
"""From which score on a name speaks for what was found by a number."""
_ALL = (_CONCEPT,)
_IN_PART, _HALF_IN_PART = 0.95, 0.8
"""How much a name counts that is only a part of what was asked for, such as in parentheses, and how
much if it is only alike."""
_WITHOUT_IDENTIFIER = 98.0
_BY_HOW = {"name": 0.0, "other": -1.0, "printed": -1.0, "code": -10.0}
_CALLED = {
    "name": "",
    "other": " (another name of it)",
    "printed": " (as a source calls it)",
    "code": " (a code of it)",
}
_FOUND = {
    "same": (100.0, "has the same {}"),
    "close": (80.0, "is close to what has the {}"),
    "number": (85.0, "has the same number as the {}, of which kind is not said"),
}
_COUNTRY_FOR, _COUNTRY_AGAINST = 4.0, -25.0
_TYPE_AGAINST, _IDENTIFIER_AGAINST = -15.0, -40.0
_IMPORT_AGAINST = -8.0
"""More than the lead that is asked for: what was imported again does not keep from a match."""
_VALUE_FOR, _VALUE_AGAINST = 3.0, -4.0
_MOST_VALUES = 100


class Matcher:
    """Finds what is meant in the generation that is open as *store*; NoIndex without its names."""

    def __init__(self, store: ox.Store, facts: Facts) -> None:
        self._store = store
        self._candidates = Candidates(store, current_names(store, facts))
        self._countries = Countries(store)

    def find(self, wanted: Wanted) -> list[Candidate]:
        """Return the candidates for *wanted*, the best first."""
        search = _Search(self._store, self._candidates, self._countries, wanted)
        return search.candidates()

    def beginning(self, typed: str) -> list[str]:
        """Return the things that are called so or begin so, the best first."""
        search = _Search(self._store, self._candidates, self._countries, Wanted(typed, types=_ALL))
        found = self._candidates.found(typed)
        return [each for each in found if search.is_offered(each)]

    def countries_of(self, thing: str) -> frozenset[str]:
        """Return the countries that *thing* is in."""
        return self._countries.of(thing)


class _Search:
    def __init__(
        self, store: ox.Store, candidates: Candidates, countries: Countries, wanted: Wanted
    ) -> None:
        self._store = store
        self._candidates = candidates
        self._countries = countries
        self._origins = Origins(store)
        self._wanted = wanted
        self._asked = Asked(wanted.text)
        self._country = countries.meant(wanted.country) if wanted.country else None

    def candidates(self) -> list[Candidate]:
        found = [each for each in self._all() if each.score >= LEAST]
        in_order = sorted(found, key=_order)
        return _decided(in_order)[: max(1, min(self._wanted.limit, MOST))]

    def _all(self) -> Iterator[Candidate]:
        by_number: dict[str, list[Reason]] = {}
        for thing, reasons in self._by_identifiers().items():
            by_number.setdefault(self._origins.meant(thing), []).extend(reasons)
        named = self._candidates.named_like(self._asked) if self._asked.words else set[str]()
        found = {self._origins.meant(each) for each in named | self._by_iri}
        for thing in found | by_number.keys():
            if self.is_offered(thing):
                yield self._candidate(thing, by_number.get(thing, []))

    def _by_identifiers(self) -> dict[str, list[Reason]]:
        found: dict[str, list[Reason]] = {}
        for identifier in self._identifiers():
            for thing, how in self._candidates.with_identifier(identifier).items():
                value, text = _FOUND[how]
                reason = Reason("identifier", text.format(identifier), value)
                found.setdefault(thing, []).append(reason)
        return found

    def _identifiers(self) -> Iterable[Identifier]:
        return dict.fromkeys((*self._wanted.identifiers, *told_by(self._wanted.text)))

    @cached_property
    def _by_iri(self) -> set[str]:
        """The things that the text is the IRI of, in full or in short."""
        text = self._wanted.text.strip()
        iris = (text, expanded(text), f"{ID}{text}")
        return {iri for iri in iris if iri and ":" in iri and self._is_described(iri)}

    def _is_described(self, iri: str) -> bool:
        try:
            node = ox.NamedNode(iri)
        except ValueError:
            return False
        return next(self._store.quads_for_pattern(node, _TYPE, None, _UNION), None) is not None

    def is_offered(self, thing: str) -> bool:
        """Tell whether *thing* may be what is wanted, whatever it is called."""
        kind, types = kind_of(thing), self._wanted.types
        if thing in self._wanted.but or kind in _NO_THINGS:
            return False
        if kind in _ONLY_IF_ASKED_FOR and not {_CONCEPT, _DOCUMENT} & set(types):
            return False
        if types and self._wanted.has_type and not self._has_type(thing):
            return False
        node = ox.NamedNode(thing)
        if any(ox.Quad(node, each, _TRUE, _UNION) in self._store for each in _NOT_OFFERED):
            return False
        return self._has_required(thing)

    def _has_required(self, thing: str) -> bool:
        wanted = self._wanted
        return all(
            _agree(self._values(thing, each), wanted.values[each]) for each in wanted.required
        )

    def _candidate(self, thing: str, by_number: list[Reason]) -> Candidate:
        name, named = self._named(thing)
        if by_number and named and named.value < _ALIKE:
            named = None  # what was asked for is a number, and no name
        leading = [*by_number, *([named] if named else [])]
        others = list(self._evidence(thing, by_number))
        best = max((each.value for each in leading), default=0.0)
        most = EXACT if best >= EXACT else max(best, _WITHOUT_IDENTIFIER)
        # What speaks for a thing cannot make up for what speaks against it.
        score = min(most, best + sum(each.value for each in others if each.value > 0))
        score += sum(each.value for each in others if each.value < 0)
        return Candidate(thing, round(max(0.0, score), 1), (*leading, *others), name)

    def _named(self, thing: str) -> tuple[str, Reason | None]:
        """Return the name of *thing* that fits best, and what it says."""
        if thing in self._by_iri:
            return "", Reason("identifier", "is the thing of this IRI", 100.0)
        things = (thing, *self._origins.accepted_as(thing))
        names = [name for each in things for name in self._candidates.names_of(each)]
        rated = [(self._rated(name), name) for name in names]
        if not rated or not self._asked.words:
            return (names[0].text if names else ""), None
        (score, like), name = max(rated, key=lambda each: (each[0][0], each[1].order))
        text = f"{like.reason}: {name.text[:200]}{_CALLED[name.how]}"
        return name.text, Reason("name", text, score)

    def _rated(self, name: Name) -> tuple[float, Likeness]:
        weigh = self._candidates.weigher(name.kind)
        asked = self._asked
        found = [(like.score, like) for like in (likeness(asked, name.plain, weigh),)]
        for other in asked.others:
            like = likeness(other, name.plain, weigh)
            found.append((like.score * (_IN_PART if like.score > ACRONYM else _HALF_IN_PART), like))
        score, like = max(found, key=lambda each: each[0])
        return round(max(0.0, score + _BY_HOW[name.how]), 1), like

    def _evidence(self, thing: str, by_number: list[Reason]) -> Iterator[Reason]:
        yield from self._about_country(thing)
        if self._wanted.types and not self._has_type(thing):
            yield Reason("type", "is not of the kind that is looked for", _TYPE_AGAINST)
        if not by_number:
            yield from self._other_identifiers(thing)
        if self._origins.is_import_only(thing):
            yield Reason("origin", "is known from an import alone", _IMPORT_AGAINST)
        for iri, values in self._wanted.values.items():
            yield from self._about_value(thing, iri, values)

    def _about_country(self, thing: str) -> Iterator[Reason]:
        theirs = self._countries.of(thing)
        if self._country is None or not theirs:
            return
        if self._country in theirs:
            yield Reason("country", f"is in {self._called(self._country)}", _COUNTRY_FOR)
        else:
            places = ", ".join(sorted(map(self._called, theirs)))
            text = f"is in {places}, not in {self._called(self._country)}"
            yield Reason("country", text, _COUNTRY_AGAINST)

    def _called(self, thing: str) -> str:
        names = self._candidates.names_of(thing)
        return names[0].text if names else thing

    def _other_identifiers(self, thing: str) -> Iterator[Reason]:
        for identifier in self._wanted.identifiers:
            theirs = self._candidates.identifiers_of(thing, identifier)
            if theirs and identifier.value not in theirs:
                has = f"has another {identifier.scheme.label}: {', '.join(sorted(theirs))}"
                yield Reason("identifier", has, _IDENTIFIER_AGAINST)

    def _about_value(self, thing: str, iri: str, values: tuple[str, ...]) -> Iterator[Reason]:
        known = self._values(thing, iri)
        if not known:
            return
        if _agree(known, values):
            yield Reason("property", f"has the value that is given of {short(iri)}", _VALUE_FOR)
        else:
            yield Reason("property", f"has another value of {short(iri)}", _VALUE_AGAINST)

    def _values(self, thing: str, iri: str) -> set[str]:
        """Return the values of a property as texts: of things also what they are called."""
        try:
            pattern = (ox.NamedNode(thing), ox.NamedNode(iri))
        except ValueError:
            return set()
        found: set[str] = set()
        quads = self._store.quads_for_pattern(*pattern, None, _UNION)
        for quad in islice(quads, _MOST_VALUES):
            if isinstance(quad.object, ox.Literal):
                found |= {quad.object.value, folded(quad.object.value)}
            elif isinstance(quad.object, ox.NamedNode):
                names = self._candidates.names_of(quad.object.value)
                found |= {quad.object.value, *(name.plain for name in names)}
        return found

    def _has_type(self, thing: str) -> bool:
        node = ox.NamedNode(thing)
        return any(
            ox.Quad(node, _TYPE, ox.NamedNode(each), _UNION) in self._store
            for each in self._wanted.types
        )


def _agree(known: set[str], values: tuple[str, ...]) -> bool:
    return any(value in known or folded(value) in known for value in values)


def _order(candidate: Candidate) -> tuple[float, int, str]:
    return -candidate.score, KINDS.index(kind_of(candidate.thing)), candidate.thing


def _decided(candidates: list[Candidate]) -> list[Candidate]:
    """Return *candidates*, the first marked if it is hardly anything else."""
    if not candidates:
        return []
    first, *others = candidates
    is_ahead = not others or first.score - others[0].score >= LEAD
    is_doubtful = any(each.value < 0 and each.kind != "origin" for each in first.reasons)
    if first.score < SURE or not is_ahead or is_doubtful:
        return candidates
    return [replace(first, is_match=True), *others]
