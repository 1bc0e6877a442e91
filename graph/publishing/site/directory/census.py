"""Who has which value: every thing of a directory, and for each value the things that have it.

Things are numbered in the order of their names. The things with a value are the bits of one number,
so that to choose is to combine numbers, and to count is to count bits. It is taken once for each
generation, in the reader that is asked; a value of ten thousand things takes about a kilobyte.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.publishing.ahead.memory import memory_of
from graph.publishing.site.directory.query import prologue

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from graph.publishing.edition import Edition
    from graph.publishing.site.directory.definitions import Aspect, Directory, Facet

_UNNAMED = "["
"""What the description of a thing begins with that has no name."""


@dataclass(frozen=True, slots=True)
class Census:
    """All things of a directory in the order of their names, and who has which value."""

    things: tuple[str, ...]
    values: Mapping[str, Mapping[str, int]]
    """By the names of facets, for each value the things that have it."""
    aspects: Mapping[str, int]
    """By the names of aspects, the things of which it is known."""
    days: Mapping[int, str] = field(default_factory=dict[int, str])
    """The first day of each thing that has one, by its number."""

    @property
    def everything(self) -> int:
        """All things."""
        return (1 << len(self.things)) - 1

    def chosen(self, choice: Mapping[str, Iterable[str]], but: str = "") -> int:
        """Return the things with one of the values of each facet in *choice*, *but* for one."""
        left = self.everything
        for facet, values in choice.items():
            if facet != but:
                left &= self._any_of(self.values[facet], values)
        return left

    def known(self, number: int) -> int:
        """Return how many aspects are known of the thing with that *number*."""
        return sum(things >> number & 1 for things in self.aspects.values())

    def numbers(self, things: int, order: str) -> list[int]:
        """Return the numbers of *things* in that *order*."""
        found = list(bits(things))
        if order == "completeness":
            known = dict(zip(found, map(self.known, found), strict=True))
            return sorted(found, key=lambda number: -known[number])
        if order == "newest":
            dated = [each for each in found if each in self.days]
            undated = [each for each in found if each not in self.days]
            return sorted(dated, key=self.days.__getitem__, reverse=True) + undated
        return found

    @staticmethod
    def _any_of(by_value: Mapping[str, int], values: Iterable[str]) -> int:
        found = 0
        for value in values:
            found |= by_value[value]
        return found


def bits(number: int) -> Iterator[int]:
    """Yield the places of the bits that are set in *number*, the lowest first."""
    return (place for place, bit in enumerate(reversed(f"{number:b}")) if bit == "1")


def census_of(edition: Edition, directory: Directory) -> Census:
    """Return the census of *directory*, which is kept until there is another generation."""
    memory: dict[str, Census] = memory_of(edition, "census")
    if directory.name not in memory:
        memory[directory.name] = _Taking(edition, directory).census()
    return memory[directory.name]


class _Taking:
    def __init__(self, edition: Edition, directory: Directory) -> None:
        self._edition = edition
        self._directory = directory
        self._class = f"?thing a mp:{directory.class_name} ."
        self._found: dict[str, dict[str, int]] = {}

    def census(self) -> Census:
        names = {row[0]: row[1] for row in self._rows(_NAMES)}
        things = tuple(sorted(names, key=lambda iri: _sorted_by(iri, names[iri])))
        self._number = {iri: number for number, iri in enumerate(things)}
        aspects = {each.name: self._known(each) for each in self._directory.aspects}
        values = {
            each.name: self._values(each)
            for each in self._directory.facets
            if not each.is_completeness
        }
        census = Census(things, values, aspects, self._days())
        for each in self._directory.facets:
            if each.is_completeness:
                values[each.name] = _by_completeness(census)
        return census

    def _values(self, facet: Facet) -> Mapping[str, int]:
        if facet.bands:
            return self._bands(facet)
        found = self._grouped(facet.direct or facet.pattern)
        if facet.above:
            found = _rolled_up(found, self._above(facet.above))
        if facet.only:
            kept = self._nodes(facet.only)
            found = {value: things for value, things in found.items() if value in kept}
        if facet.but:
            left_out = self._nodes(facet.but)
            found = {value: things for value, things in found.items() if value not in left_out}
        return found

    def _grouped(self, pattern: str) -> dict[str, int]:
        """Return for each value that *pattern* finds the things that it finds it for."""
        if pattern not in self._found:
            rows = self._rows(_VALUES.replace("# pattern", pattern))
            masks = {value: self._mask(joined.split(" ")) for value, joined in rows}
            self._found[pattern] = {value: things for value, things in masks.items() if things}
        return self._found[pattern]

    def _above(self, pattern: str) -> dict[str, list[str]]:
        above: defaultdict[str, list[str]] = defaultdict(list)
        for lower, value in self._rows(f"SELECT DISTINCT ?lower ?value WHERE {{ {pattern} }}"):
            above[lower].append(value)
        return above

    def _nodes(self, pattern: str) -> set[str]:
        rows = self._rows(f"SELECT DISTINCT ?value WHERE {{ {pattern} }}")
        return {value for (value,) in rows}

    def _bands(self, facet: Facet) -> dict[str, int]:
        rows = self._rows(f"SELECT ?thing ?value WHERE {{ # things\n {facet.pattern} }}")
        found: defaultdict[str, set[str]] = defaultdict(set)
        for thing, text in rows:
            for band in facet.bands:
                if band.holds(text):
                    found[band.name].add(thing)
        masks = {band.name: self._mask(found[band.name]) for band in facet.bands}
        return {name: things for name, things in masks.items() if things}

    def _known(self, aspect: Aspect) -> int:
        """Return the things of which *aspect* is known."""
        if not aspect.facet:
            return self._having(aspect.pattern)
        facet = self._directory.facet(aspect.facet)
        known = 0
        for things in self._grouped(facet.direct or facet.pattern).values():
            known |= things
        return known

    def _having(self, pattern: str) -> int:
        """Return the things of which *pattern* finds anything."""
        # Not EXISTS: the engine would look for all that the pattern finds, thing by thing.
        select = f"SELECT DISTINCT ?thing WHERE {{ # things\n {pattern} }}"
        rows = self._rows(f"SELECT (GROUP_CONCAT(STR(?thing)) AS ?all) WHERE {{ {{ {select} }} }}")
        return self._mask(iri for (joined,) in rows for iri in joined.split(" "))

    def _mask(self, iris: Iterable[str]) -> int:
        mask = bytearray(len(self._number) // 8 + 1)
        for iri in iris:
            if (number := self._number.get(iri)) is not None:
                mask[number // 8] |= 1 << number % 8
        return int.from_bytes(mask, "little")

    def _days(self) -> dict[int, str]:
        if not self._directory.day:
            return {}
        rows = self._rows(_DAYS.replace("# pattern", self._directory.day))
        return {self._number[iri]: day for iri, day in rows if iri in self._number}

    def _rows(self, text: str) -> Iterator[tuple[str, ...]]:
        """Yield the rows of a query as text, but not those with blank nodes; unbound is empty."""
        found = self._edition.store.query(
            prologue(text.replace("# things", self._class)), default_graph=[self._edition.union]
        )
        assert isinstance(found, ox.QuerySolutions)  # noqa: S101 -- they are all SELECT
        for row in found:
            terms = tuple(row)
            if not any(isinstance(each, ox.BlankNode) for each in terms):
                yield tuple(
                    each.value if isinstance(each, ox.NamedNode | ox.Literal) else ""
                    for each in terms
                )


_NAMES = """
SELECT ?thing (MIN(CONCAT(IF(LANG(?label) = "en", "0", "1"), STR(?label))) AS ?name)
WHERE { # things
  OPTIONAL { ?thing skos:prefLabel ?label } }
GROUP BY ?thing
"""
_VALUES = """
SELECT ?value (GROUP_CONCAT(STR(?thing)) AS ?things)
WHERE { { SELECT DISTINCT ?value ?thing WHERE { # things
  # pattern
} } }
GROUP BY ?value
"""
_DAYS = """
SELECT ?thing (MIN(STR(?value)) AS ?day)
WHERE { # things
  # pattern
}
GROUP BY ?thing
"""


def _rolled_up(found: Mapping[str, int], above: Mapping[str, list[str]]) -> dict[str, int]:
    """Return *found* with the things of each value at all that is *above* it, too."""
    whole: defaultdict[str, int] = defaultdict(int)
    for value, things in found.items():
        seen, waiting = {value}, [value]
        while waiting:
            reached = waiting.pop()
            whole[reached] |= things
            higher = [each for each in above.get(reached, ()) if each not in seen]
            seen.update(higher)
            waiting += higher
    return dict(whole)


def _by_completeness(census: Census) -> dict[str, int]:
    """Return for each number of aspects the things of which so many are known."""
    exactly = [census.everything, *(0 for _ in census.aspects)]
    for things in census.aspects.values():
        for count in range(len(exactly) - 1, 0, -1):
            moved = exactly[count - 1] & things
            exactly[count - 1] &= ~things
            exactly[count] |= moved
    return {str(count): things for count, things in enumerate(exactly) if things}


def _sorted_by(iri: str, name: str) -> tuple[bool, str, str]:
    """Return what puts names in the order that people look for them, the unnamed behind."""
    shown = name[1:] or iri.rpartition("/")[2]
    bare = unicodedata.normalize("NFKD", shown).casefold()
    letters = "".join(each for each in bare if each.isalnum() or each == " ")
    return shown.startswith(_UNNAMED), letters, iri
