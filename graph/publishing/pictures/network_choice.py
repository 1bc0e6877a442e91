"""Which links of the network somebody chooses to see: by kind, country and sector."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from graph.errors import QueryRejected
from graph.namespaces import DEF, ID, SKOS
from graph.publishing.ahead.memory import memory_of
from graph.publishing.asof import day_from
from graph.publishing.pictures.areas import Areas
from graph.publishing.pictures.chosen import choice_from
from graph.publishing.pictures.networks import SHOWN, of_concept
from graph.publishing.pictures.relations import RELATIONS
from graph.publishing.site.directory.definitions import Facet

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from graph.publishing.edition import Edition
    from graph.publishing.labels import Names
    from graph.publishing.pictures.relations import Link

PARTNERSHIP_KIND = f"{DEF}partnership-kind/"
_SECTOR = f"{DEF}sector/"
_COUNTRY = f"{ID}country/"
_FACETS = (
    Facet("kind", "", PARTNERSHIP_KIND),
    Facet("country", "", _COUNTRY),
    Facet("with", "", _COUNTRY),
    Facet("sector", "", _SECTOR),
)
_MOST_OFFERED = 100
"""How many values are offered of one facet."""
PARAMETERS = ("kind", "country", "with", "sector")
_NAMES = tuple(each.name for each in RELATIONS)
_IN_COUNTRY = "?{end} mp:locatedIn?/mp:partOf* {iri} ."
_PARTNERS = 'FILTER(?relation != "partnership" || EXISTS { ?statement mp:partner ?one, ?other })'
"""What leaves out whoever arranges a partnership: two countries are those of two partners."""
_IN_SECTOR = "?{end} mp:sector/skos:broader* {iri} ."


@dataclass(frozen=True, slots=True)
class NetworkChoice:
    """What is chosen; what is empty is not asked for."""

    relations: tuple[str, ...] = SHOWN
    kinds: frozenset[str] = frozenset()
    """Kinds of partnerships; if there are any, no other partnerships are meant."""
    country: str = ""
    partner_country: str = ""
    """Of the other end."""
    sector: str = ""
    day: date | None = None

    @property
    def patterns(self) -> str:
        """What a query asks of `?one`, `?other` and `?statement`."""
        lines: list[str] = []
        if self.kinds:
            listed = " ".join(str(ox.NamedNode(iri)) for iri in sorted(self.kinds))
            of_kind = (
                f"EXISTS {{ VALUES ?kind {{ {listed} }} ?statement mp:partnershipKind ?kind }}"
            )
            lines.append(f'FILTER(?relation != "partnership" || {of_kind})')
        if self.country and self.partner_country:
            ways = (("one", "other"), ("other", "one"))
            lines.append(f"FILTER({' || '.join(self._both(*way) for way in ways)})")
            lines.append(_PARTNERS)
        elif self.country:
            lines.append(_either(_IN_COUNTRY, self.country))
        if self.sector:
            lines.append(_either(_IN_SECTOR, self.sector))
        return "".join(f"  {line}\n" for line in lines)

    def _both(self, one: str, other: str) -> str:
        first = _IN_COUNTRY.format(end=one, iri=ox.NamedNode(self.country))
        second = _IN_COUNTRY.format(end=other, iri=ox.NamedNode(self.partner_country))
        return f"EXISTS {{ {first} {second} }}"


def network_choice(arguments: Mapping[str, str]) -> NetworkChoice:
    """Read what is chosen; QueryRejected where that is nonsense."""
    chosen = choice_from(arguments, _FACETS)
    if chosen.of("with") and not chosen.of("country"):
        raise QueryRejected("'with' names the country at the other end; choose a 'country', too")
    for name in ("country", "with", "sector"):
        if len(chosen.of(name)) > 1:
            raise QueryRejected(f"'{name}' is there {len(chosen.of(name))} times; send it once")
    words = [iri.removeprefix(PARTNERSHIP_KIND) for iri in chosen.of("kind")]
    kinds = frozenset(PARTNERSHIP_KIND + word for word in words if word not in _NAMES)
    asked = {*words, "partnership"} if kinds else set(words)
    return NetworkChoice(
        tuple(name for name in _NAMES if name in asked) or SHOWN,
        frozenset() if "partnership" in words else kinds,
        country="".join(chosen.of("country")),
        partner_country="".join(chosen.of("with")),
        sector="".join(chosen.of("sector")),
        day=day_from(arguments["asof"]) if arguments.get("asof") else None,
    )


@dataclass(slots=True)
class Chooser:
    """Tells which links are chosen, and what else could be."""

    edition: Edition
    choice: NetworkChoice
    areas: Areas = field(init=False)
    _countries: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    _sectors: dict[str, frozenset[str]] = field(init=False)

    def __post_init__(self) -> None:
        """Look at the areas of one generation."""
        self.areas = Areas(self.edition)
        self._sectors = memory_of(self.edition, "sectors")

    def is_chosen(self, link: Link) -> bool:
        """Tell whether *link* is among those that are chosen."""
        return self._is_of_kind(link) and self._is_of_country(link) and self._is_of_sector(link)

    def countries_of(self, thing: str) -> list[str]:
        """Return the countries that *thing* is in."""
        if thing not in self._countries:
            self._countries[thing] = self.areas.countries(self.areas.of(thing))
        return self._countries[thing]

    def sectors_of(self, thing: str) -> frozenset[str]:
        """Return the sectors that *thing* works in, and those above them."""
        if thing not in self._sectors:
            self._sectors[thing] = frozenset(self._with_broader(thing))
        return self._sectors[thing]

    def values(self, names: Names, links: Iterable[Link]) -> list[dict[str, Any]]:
        """Return what can be chosen by each facet, and how many statements there are of it."""
        counts = self._counts(links)
        chosen = {"country": self.choice.country, "sector": self.choice.sector}
        return [
            {
                "name": facet.name,
                "chosen": [chosen[facet.name].removeprefix(facet.namespace)]
                if chosen[facet.name]
                else [],
                "values": _values(names, facet, counts),
            }
            for facet in _FACETS
            if facet.name in chosen
        ]

    def _counts(self, links: Iterable[Link]) -> dict[str, int]:
        """Return how many statements there are of each country and sector."""
        if self.choice != NetworkChoice():
            return self._counted(links)
        memory = memory_of(self.edition, "counts")
        if "network" not in memory:
            memory["network"] = self._counted(links)
        return memory["network"]

    def _counted(self, links: Iterable[Link]) -> dict[str, int]:
        told: dict[str, set[str]] = {}
        for link in links:
            for end in (link.one, link.other):
                for iri in (*self.countries_of(end), *self.sectors_of(end)):
                    told.setdefault(iri, set()).add(link.statement)
        return {iri: len(statements) for iri, statements in told.items()}

    def _is_of_kind(self, link: Link) -> bool:
        if link.relation != "partnership" or not self.choice.kinds:
            return True
        found = of_concept(self.edition, link.statement, "partnershipKind")
        return not self.choice.kinds.isdisjoint(found)

    def _is_of_country(self, link: Link) -> bool:
        if not self.choice.country:
            return True
        one, other = self.countries_of(link.one), self.countries_of(link.other)
        if not self.choice.partner_country:
            return self.choice.country in (*one, *other)
        if link.relation == "partnership" and link.of_other != "partner":
            return False
        wanted = self.choice.country, self.choice.partner_country
        return (wanted[0] in one and wanted[1] in other) or (
            wanted[0] in other and wanted[1] in one
        )

    def _is_of_sector(self, link: Link) -> bool:
        if not self.choice.sector:
            return True
        return any(self.choice.sector in self.sectors_of(end) for end in (link.one, link.other))

    def _with_broader(self, thing: str) -> set[str]:
        found: set[str] = set()
        waiting = of_concept(self.edition, thing, "sector")
        while waiting and len(found) < 200:
            sector = waiting.pop()
            if sector not in found:
                found.add(sector)
                waiting += of_concept(self.edition, sector, "broader", SKOS)
        return found


def _values(names: Names, facet: Facet, counts: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return the values of *facet*, by name."""
    found = [iri for iri in counts if iri.startswith(facet.namespace)]
    found.sort(key=lambda iri: str(names.named(iri)["label"]).casefold())
    return [
        {
            "value": iri.removeprefix(facet.namespace),
            "named": names.named(iri),
            "count": counts[iri],
        }
        for iri in found[:_MOST_OFFERED]
    ]


def _either(pattern: str, iri: str) -> str:
    node = ox.NamedNode(iri)
    ways = " UNION ".join(f"{{ {pattern.format(end=end, iri=node)} }}" for end in ("one", "other"))
    return f"FILTER EXISTS {{ {ways} }}"
