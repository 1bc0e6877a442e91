"""What is where: the clusters at each spot of the map, the partnerships between spots, the rest."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.namespaces import MP, RDF_TYPE
from graph.publishing.ahead.memory import memory_of
from graph.publishing.pictures.areas import Areas, Spot
from graph.publishing.pictures.chosen import Choice, placed_query
from graph.publishing.pictures.relations import RELATIONS, Links

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graph.publishing.edition import Edition

_AREA = ox.NamedNode(f"{MP}Area")
_TYPE = ox.NamedNode(RDF_TYPE)
_MOST_AREAS = 400
"""How many areas with a point are looked at that have no cluster."""
(_PARTNERSHIP, *_) = RELATIONS

Pair = tuple[Spot, Spot]


@dataclass(frozen=True, slots=True)
class Places:
    """What a map shows, and what it cannot show."""

    clusters: Mapping[Spot, Sequence[str]]
    """Those at each spot; none where something else is there, but no cluster that is known."""
    partners: Mapping[Spot, Sequence[str]]
    """Who else is there: partners of partnerships across borders."""
    across: Mapping[Pair, Sequence[str]]
    """The partnerships across borders, as statements, between each two spots."""
    without: Sequence[str]
    """The clusters that no map can show, for nothing tells where they are."""
    partnerships_without: Sequence[str]
    """The partnerships of which that is true of a partner."""
    total: int
    """How many clusters there are."""
    are_all: bool
    """All partnerships were looked at."""


def places(edition: Edition, choice: Choice) -> Places:
    """Return where all clusters are that are chosen, and their partnerships across borders."""
    areas = Areas(edition)
    located = _located(edition, choice)
    clusters: dict[Spot, list[str]] = defaultdict(list)
    without: list[str] = []
    for cluster, where in sorted(located.items()):
        spots = areas.spots(where)
        for spot in spots:
            clusters[spot].append(cluster)
        if not spots:
            without.append(cluster)
    crossing = _Crossing(areas)
    links, are_all = Links(edition, choice.day).all(_PARTNERSHIP)
    areas.learn(end for link in links for end in (link.one, link.other))
    for link in links:
        if link.of_other == "partner" and (link.one in located or link.other in located):
            crossing.add(link.statement, link.one, link.other, located)
    if not choice.is_narrow:
        for spot in _other_points(edition, areas):
            clusters.setdefault(spot, [])
    return Places(
        _sorted(clusters),
        _sorted({spot: sorted(found) for spot, found in crossing.partners.items()}),
        {pair: sorted(found) for pair, found in sorted(crossing.across.items(), key=_pair_order)},
        without,
        sorted(crossing.without),
        len(located),
        are_all,
    )


@dataclass(slots=True)
class _Crossing:
    """Collects partnerships across borders."""

    areas: Areas
    across: dict[Pair, set[str]] = field(default_factory=lambda: defaultdict(set))
    partners: dict[Spot, set[str]] = field(default_factory=lambda: defaultdict(set))
    without: set[str] = field(default_factory=set[str])

    def add(self, statement: str, one: str, other: str, located: Mapping[str, object]) -> None:
        """Add the partnership of *one* and *other*, if they are of different countries."""
        where = [self.areas.of(each) for each in (one, other)]
        countries = [set(self.areas.countries(each)) for each in where]
        spots = [self.areas.spots(each) for each in where]
        if not all(countries) or not all(spots):
            self.without.add(statement)
            return
        if countries[0] & countries[1]:
            return
        for end, found in zip((one, other), spots, strict=True):
            if end not in located:
                self.partners[found[0]].add(end)
        first, second = sorted((spots[0][0], spots[1][0]), key=_spot_order)
        self.across[first, second].add(statement)


def _located(edition: Edition, choice: Choice) -> dict[str, frozenset[str]]:
    """Return the areas of each cluster that is chosen."""
    if choice != Choice():
        return _read_located(edition, choice)
    memory = memory_of(edition, "located")
    if not memory:
        memory.update(_read_located(edition, choice))
    return memory


def _read_located(edition: Edition, choice: Choice) -> dict[str, frozenset[str]]:
    rows = edition.store.query(placed_query(choice), default_graph=[edition.union])
    assert isinstance(rows, ox.QuerySolutions)  # noqa: S101 -- it is a SELECT query
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        cluster, area = row["thing"], row["area"]
        if isinstance(cluster, ox.NamedNode):
            found[cluster.value] |= {area.value} if isinstance(area, ox.NamedNode) else set()
    return {cluster: frozenset(where) for cluster, where in found.items()}


def _other_points(edition: Edition, areas: Areas) -> list[Spot]:
    """Return the spots of all areas that have a point."""
    quads = edition.store.quads_for_pattern(None, _TYPE, _AREA, edition.union)
    iris = sorted(quad.subject.value for quad in quads if isinstance(quad.subject, ox.NamedNode))
    return [
        spot
        for iri in iris[:_MOST_AREAS]
        if areas.area(iri).point
        for spot in areas.spots(frozenset((iri,)))
        if spot.area == iri
    ]


def _sorted(found: Mapping[Spot, Sequence[str]]) -> dict[Spot, Sequence[str]]:
    return {spot: found[spot] for spot in sorted(found, key=_spot_order)}


def _spot_order(spot: Spot) -> tuple[str, str]:
    return spot.area, spot.kind


def _pair_order(item: tuple[Pair, object]) -> tuple[object, ...]:
    return tuple(map(_spot_order, item[0]))
