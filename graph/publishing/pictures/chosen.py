"""Which clusters somebody chooses to see on the map: by country, sector and label, and on a day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.errors import QueryRejected
from graph.publishing.asof import HOLDS, day_from, literal_of
from graph.publishing.site.directory.offered import CLUSTERS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from graph.publishing.site.directory.definitions import Facet

_MOST_ROWS = 50_000
_MOST_VALUES = 20
"""How many values of one facet may be chosen."""
PREFIXES = """\
PREFIX geo: <http://www.opengis.net/ont/geosparql#>
PREFIX location-kind: <https://w3id.org/metapole/def/location-kind/>
PREFIX mp: <https://w3id.org/metapole/def#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""
_LOCATED = "?thing mp:locatedIn ?area ."
_LOCATED_ON_A_DAY = """\
?statement mp:about ?thing ; mp:area ?area ; mp:locationKind ?how .
    VALUES ?how {
      location-kind:area-of-activity location-kind:country location-kind:main-site
      location-kind:seat location-kind:venue
    }"""


FACETS = tuple(CLUSTERS.facet(name) for name in ("country", "sector", "label"))
"""Those of the list of clusters that the map has, too."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What is chosen: values by facet, and a day."""

    values: tuple[tuple[str, tuple[str, ...]], ...] = ()
    day: date | None = None

    @property
    def is_narrow(self) -> bool:
        """Tell whether not all clusters are meant."""
        return bool(self.values)

    def of(self, facet: str) -> tuple[str, ...]:
        """Return the values that are chosen of *facet*."""
        return dict(self.values).get(facet, ())


def choice_from(arguments: Mapping[str, str], facets: tuple[Facet, ...] = FACETS) -> Choice:
    """Read what is chosen; QueryRejected where that is nonsense."""
    values = {each.name: _values(each, arguments.get(each.name, "")) for each in facets}
    day = day_from(arguments["asof"]) if arguments.get("asof") else None
    return Choice(tuple((name, chosen) for name, chosen in values.items() if chosen), day)


def conditions(choice: Choice, facets: tuple[Facet, ...] = FACETS) -> str:
    """Return what a query asks of `?thing`, so that it is chosen."""
    return "".join(
        f"  VALUES ?{facet.name} {{ {_listed(choice.of(facet.name))} }}\n"
        f"  {facet.pattern.replace('?value', f'?{facet.name}')}\n"
        for facet in facets
        if choice.of(facet.name)
    )


def placed_query(choice: Choice) -> str:
    """Return a query for the clusters that are chosen, and for the areas that they are in."""
    return (
        f"{PREFIXES}SELECT DISTINCT ?thing ?area\nWHERE {{\n  ?thing a mp:Cluster .\n"
        f"{conditions(choice)}  OPTIONAL {{\n    {located(choice.day)}\n  }}\n}}\n"
        f"LIMIT {_MOST_ROWS}\n"
    )


def located(day: date | None) -> str:
    """Return the pattern that finds the `?area` of a `?thing`, on a *day* if one is given."""
    if day is None:
        return _LOCATED
    holds = HOLDS.strip().replace("?day", str(literal_of(day))).replace("\n", "\n    ")
    return f"{_LOCATED_ON_A_DAY}\n    {holds}"


def _values(facet: Facet, text: str) -> tuple[str, ...]:
    slugs = [each for each in dict.fromkeys(text.split("\n")) if each]
    if len(slugs) > _MOST_VALUES:
        raise QueryRejected(
            f"'{facet.name}' is there {len(slugs)} times; choose {_MOST_VALUES} at most"
        )
    return tuple(_iri(facet, slug) for slug in slugs)


def _iri(facet: Facet, slug: str) -> str:
    is_slug = slug.replace("-", "").isalnum() and slug.isascii() and slug == slug.lower()
    if not is_slug:
        raise QueryRejected(
            f"'{facet.name}' is {slug[:60]!a}, which names nothing here; choose one from the page"
        )
    return facet.namespace + slug


def _listed(iris: tuple[str, ...]) -> str:
    return " ".join(str(ox.NamedNode(iri)) for iri in iris)
