"""Areas: where their points are, which country they belong to, and what of that a map can show."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.namespaces import GEO, MP, RDF_TYPE, SKOS
from graph.publishing.ahead.memory import memory_of
from graph.publishing.pictures.base_map import countries_shown, middle_of
from graph.publishing.pictures.projection import Position, is_on_the_map, projected
from graph.publishing.tables.geojson import point_from

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graph.publishing.edition import Edition

_LOCATED_IN = ox.NamedNode(f"{MP}locatedIn")
_PART_OF = ox.NamedNode(f"{MP}partOf")
_COUNTRY = ox.NamedNode(f"{MP}Country")
_TYPE = ox.NamedNode(RDF_TYPE)
_WKT = ox.NamedNode(f"{GEO}asWKT")
_SAME = ox.NamedNode(f"{SKOS}exactMatch")
_COUNTRY_CODES = "http://publications.europa.eu/resource/authority/country/"
_MOST_VALUES = 50
"""How many values of one property are looked at."""
_MOST_WHOLES = 100
_AT_ONCE = 500
_AREAS = f"""
SELECT ?thing ?area {{
  VALUES ?thing {{ # things }}
  {{ ?thing <{MP}locatedIn> ?area }} UNION {{ ?thing a <{MP}Area> BIND(?thing AS ?area) }}
}}
"""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place on the map that things are shown at: that of an area."""

    area: str
    """Its IRI."""
    kind: str
    """`point`: the area has a point; `country`: the middle of a country; `outside`: at the edge."""
    at: Position
    on_earth: Position
    """Its longitude and latitude."""


@dataclass(frozen=True, slots=True)
class Area:
    """What there is to know of an area."""

    iri: str
    point: Position | None
    """Longitude and latitude."""
    is_country: bool
    code: str
    """Of a country, in three letters; "" if it is none, or has none."""
    parts_of: tuple[str, ...]
    """The areas that it is directly a part of."""


class Areas:
    """All areas that were asked for."""

    def __init__(self, edition: Edition) -> None:
        self._edition = edition
        self._known: dict[str, Area] = memory_of(edition, "areas")
        self._spots: dict[frozenset[str], tuple[Spot, ...]] = memory_of(edition, "spots")
        self._of: dict[str, frozenset[str]] = memory_of(edition, "areas of things")
        self._countries: dict[frozenset[str], list[str]] = memory_of(edition, "countries")

    def of(self, thing: str) -> frozenset[str]:
        """Return the areas that *thing* is in; itself, if it is one."""
        if thing not in self._of:
            self._of[thing] = self._read_areas(thing)
        return self._of[thing]

    def learn(self, things: Iterable[str]) -> None:
        """Read the areas of many things at once, which takes less than one after the other."""
        unknown = iter(sorted({thing for thing in things if thing not in self._of}))
        while some := list(islice(unknown, _AT_ONCE)):
            found: dict[str, set[str]] = {thing: set() for thing in some}
            named = " ".join(str(ox.NamedNode(thing)) for thing in some)
            rows = self._edition.store.query(
                _AREAS.replace("# things", named), default_graph=[self._edition.union]
            )
            assert isinstance(rows, ox.QuerySolutions)  # noqa: S101 -- it is a SELECT query
            for row in rows:
                if isinstance(row["area"], ox.NamedNode):
                    found[row["thing"].value].add(row["area"].value)
            self._of.update({thing: frozenset(areas) for thing, areas in found.items()})

    def _read_areas(self, thing: str) -> frozenset[str]:
        node = ox.NamedNode(thing)
        found = frozenset(self._values(node, _LOCATED_IN))
        is_area = self._has(node, _TYPE, ox.NamedNode(f"{MP}Area"))
        return found | {thing} if is_area else found

    def area(self, iri: str) -> Area:
        """Return what there is to know of the area *iri*."""
        if iri not in self._known:
            self._known[iri] = self._read(iri)
        return self._known[iri]

    def countries(self, areas: frozenset[str]) -> list[str]:
        """Return the countries among *areas* and what they are parts of, in order."""
        if areas not in self._countries:
            found = (each for area in areas for each in self._with_wholes(area))
            self._countries[areas] = sorted({each.iri for each in found if each.is_country})
        return self._countries[areas]

    def spots(self, areas: frozenset[str]) -> tuple[Spot, ...]:
        """Return where a thing is shown that is in *areas*; nothing if no map can tell.

        It is at the points of the smallest areas, else in the middle of the countries.
        """
        if areas not in self._spots:
            self._spots[areas] = tuple(self._points(areas) or self._middles(areas))
        return self._spots[areas]

    def _points(self, areas: frozenset[str]) -> list[Spot]:
        placed = [(each, each.point) for each in map(self.area, sorted(areas)) if each.point]
        wholes = {
            whole.iri
            for each, _ in placed
            for whole in self._with_wholes(each.iri)
            if whole.iri != each.iri
        }
        return [
            Spot(each.iri, "point", at, point)
            for each, point in placed
            if each.iri not in wholes and is_on_the_map(at := projected(*point))
        ]

    def _middles(self, areas: frozenset[str]) -> Iterator[Spot]:
        for iri in self.countries(areas):
            area = self.area(iri)
            if area.point and is_on_the_map(at := projected(*area.point)):
                yield Spot(iri, "point", at, area.point)
            elif middle := middle_of(area.code):
                at = projected(*middle)
                is_shown = area.code in countries_shown() and is_on_the_map(at)
                yield Spot(iri, "country" if is_shown else "outside", at, middle)

    def _with_wholes(self, iri: str) -> list[Area]:
        """Return the area, and all that it is a part of."""
        found: dict[str, Area] = {}
        waiting = [iri]
        while waiting and len(found) < _MOST_WHOLES:
            next_one = waiting.pop()
            if next_one not in found:
                found[next_one] = self.area(next_one)
                waiting += found[next_one].parts_of
        return list(found.values())

    def _read(self, iri: str) -> Area:
        node = ox.NamedNode(iri)
        texts = sorted(
            quad.object.value
            for quad in self._quads(node, _WKT)
            if isinstance(quad.object, ox.Literal)
        )
        points = [point for point in map(point_from, texts) if point]
        codes = [
            each.removeprefix(_COUNTRY_CODES)
            for each in self._values(node, _SAME)
            if each.startswith(_COUNTRY_CODES)
        ]
        is_country = self._has(node, _TYPE, _COUNTRY)
        return Area(
            iri,
            points[0] if points else None,
            is_country,
            codes[0] if codes and is_country else "",
            tuple(self._values(node, _PART_OF)),
        )

    def _values(self, node: ox.NamedNode, predicate: ox.NamedNode) -> list[str]:
        found = (quad.object for quad in self._quads(node, predicate))
        return sorted(each.value for each in found if isinstance(each, ox.NamedNode))

    def _quads(self, node: ox.NamedNode, predicate: ox.NamedNode) -> Iterator[ox.Quad]:
        union = self._edition.union
        found = self._edition.store.quads_for_pattern(node, predicate, None, union)
        return islice(found, _MOST_VALUES)

    def _has(self, node: ox.NamedNode, predicate: ox.NamedNode, value: ox.NamedNode) -> bool:
        found = self._edition.store.quads_for_pattern(node, predicate, value, self._edition.union)
        return next(found, None) is not None
