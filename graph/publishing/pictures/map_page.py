"""The page with the map: what is where, as a picture and as a table, and what has no place."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from graph.namespaces import ID
from graph.publishing.labels import Names
from graph.publishing.pictures.chosen import (
    FACETS,
    PREFIXES,
    choice_from,
    conditions,
    located,
)
from graph.publishing.pictures.facets import facet_values
from graph.publishing.pictures.map import MOST_ARCS, drawing
from graph.publishing.pictures.networks import of_concept
from graph.publishing.pictures.offered import pictures_of
from graph.publishing.pictures.places import places
from graph.publishing.site.tools import tools

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graph.publishing.edition import Edition
    from graph.publishing.pictures.areas import Spot
    from graph.publishing.pictures.chosen import Choice
    from graph.publishing.pictures.places import Places

_MOST_NAMED = 5
"""How many things are named of one place."""
_MOST_ACROSS, _MOST_OF_ONE = 15, 3
_MOST_WITHOUT = 30


def write_map_page(edition: Edition) -> None:
    """Write what the page with the map shows."""
    choice = choice_from(edition.arguments)
    if not edition.is_wanted:
        return
    names = Names(edition)
    shown = places(edition, choice)
    named = _Named(edition, names)
    document = {
        "drawing": drawing(edition, names, shown, "large", "map-name"),
        "asof": choice.day.isoformat() if choice.day else None,
        "is_narrow": choice.is_narrow,
        "facets": facet_values(edition, names, "Cluster", FACETS, choice),
        "total": shown.total,
        "placed": shown.total - len(shown.without),
        "kinds": _counts(shown),
        "places": named.places(shown),
        "across": named.across(shown),
        "lines_are_all": shown.are_all and len(shown.across) <= MOST_ARCS,
        "more_across": max(0, len(shown.across) - _MOST_ACROSS),
        "without": named.some(shown.without, _MOST_WITHOUT),
        "more_without": max(0, len(shown.without) - _MOST_WITHOUT),
        "partnerships_without": named.partnerships(shown.partnerships_without[:_MOST_WITHOUT]),
        "tools": tools(
            edition.public_url,
            map_query(choice),
            pictures=pictures_of(edition, "map", ("asof", *(each.name for each in FACETS))),
        ),
    }
    edition.out.write(json.dumps(document, ensure_ascii=False).encode())


def map_query(choice: Choice) -> str:
    """Return the query behind the page: the clusters, their areas, and a point in each of these."""
    where = located(choice.day).replace("\n", "\n    ")
    text = (
        "# Which clusters are in which areas, and where is a point within each?\n"
        "#defaultView:Map\n"
        f"{PREFIXES}\n"
        "SELECT ?cluster ?name ?area ?area_name ?point\nWHERE {\n"
        "  ?thing a mp:Cluster .\n"
        f"{conditions(choice)}"
        f"  OPTIONAL {{\n    {where}\n"
        "    OPTIONAL { ?area geo:asWKT ?point }\n"
        "    OPTIONAL {\n      SELECT ?area (MIN(STR(?area_label)) AS ?area_name)\n"
        "      WHERE { ?area a mp:Area ; skos:prefLabel ?area_label }\n"
        "      GROUP BY ?area\n    }\n"
        "  }\n"
        "  OPTIONAL {\n    SELECT ?thing (MIN(STR(?label)) AS ?name)\n"
        "    WHERE { ?thing a mp:Cluster ; skos:prefLabel ?label }\n    GROUP BY ?thing\n  }\n"
        "}\nORDER BY ?cluster ?area\n"
    )
    return text.replace("?thing", "?cluster")


def _counts(shown: Places) -> dict[str, int]:
    """Return how many clusters are shown in each way; one may be shown in several."""
    found: dict[str, set[str]] = {"point": set(), "country": set(), "outside": set()}
    for spot, clusters in shown.clusters.items():
        found[spot.kind].update(clusters)
    return {kind: len(clusters) for kind, clusters in found.items()}


class _Named:
    def __init__(self, edition: Edition, names: Names) -> None:
        self._edition = edition
        self._names = names

    def partnerships(self, statements: Sequence[str]) -> list[dict[str, Any]]:
        """Return partnerships, which have no names, by their partners."""
        return [
            {
                "address": self._names.named(statement)["address"],
                "partners": self.some(of_concept(self._edition, statement, "partner")),
            }
            for statement in statements
        ]

    def some(self, iris: Sequence[str], most: int = _MOST_NAMED) -> list[dict[str, Any]]:
        return [self._names.named(iri) for iri in iris[:most]]

    def places(self, shown: Places) -> list[dict[str, Any]]:
        """Return the places, those with the most clusters first."""
        spots = dict.fromkeys((*shown.clusters, *shown.partners))
        found = [self._place(spot, shown) for spot in spots]
        return sorted(found, key=lambda each: (-each["count"], each["area"]["label"]))

    def _place(self, spot: Spot, shown: Places) -> dict[str, Any]:
        clusters, partners = shown.clusters.get(spot, ()), shown.partners.get(spot, ())
        return {
            "area": self._names.named(spot.area),
            "kind": spot.kind,
            "list": self._list_of(spot),
            "count": len(clusters),
            "clusters": self.some(clusters),
            "more": max(0, len(clusters) - _MOST_NAMED),
            "partners": self.some(partners),
            "more_partners": max(0, len(partners) - _MOST_NAMED),
        }

    def _list_of(self, spot: Spot) -> str:
        """Return the address of the list of all clusters in an area."""
        space, slash, slug = spot.area.rpartition("/")
        name = "country" if space == f"{ID}country" else "region"
        is_ours = slash and space in (f"{ID}country", f"{ID}area")
        return f"{self._edition.public_url}clusters?{urlencode({name: slug})}" if is_ours else ""

    def across(self, shown: Places) -> list[dict[str, Any]]:
        return [
            {
                "one": self._names.named(one.area),
                "other": self._names.named(other.area),
                "count": len(statements),
                "partnerships": self.partnerships(statements[:_MOST_OF_ONE]),
                "more": max(0, len(statements) - _MOST_OF_ONE),
            }
            for (one, other), statements in list(shown.across.items())[:_MOST_ACROSS]
        ]
