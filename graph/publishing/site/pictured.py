"""Pictures on other pages than their own, each with the same as a list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graph.publishing.pictures import map as maps
from graph.publishing.pictures import network as networks
from graph.publishing.pictures.chosen import Choice
from graph.publishing.pictures.networks import around, everything, kinds_of, of_links
from graph.publishing.pictures.places import places

if TYPE_CHECKING:
    import pyoxigraph as ox

    from graph.publishing.edition import Edition
    from graph.publishing.labels import Names
    from graph.publishing.pictures.networks import Network

Pictured = dict[str, Any]
"""A `drawing`, which is SVG, and what is in it as a list; both are empty if nothing is."""

NOTHING: Pictured = {"drawing": "", "links": []}


def network_around(edition: Edition, names: Names, thing: ox.NamedNode) -> Pictured:
    """Return who *thing* works with; the page has a heading with the id `network`."""
    return _network(edition, names, around(edition, thing.value, networks.MOST["small"]))


def network_of_all(edition: Edition, names: Names) -> Pictured:
    """Return those who work with most others, and how they are linked."""
    return _network(edition, names, of_links(everything(edition)[0], networks.MOST["small"]))


def map_of_all(edition: Edition, names: Names) -> Pictured:
    """Return where all clusters are; the page has a heading with the id `map`."""
    shown = places(edition, Choice())
    spots: list[dict[str, Any]] = [
        {**names.named(spot.area), "count": len(clusters)}
        for spot, clusters in shown.clusters.items()
        if clusters
    ]
    return {
        "drawing": maps.drawing(edition, names, shown, "small", "map"),
        "places": sorted(spots, key=lambda each: (-each["count"], each["label"].casefold())),
        "without": len(shown.without),
    }


def _network(edition: Edition, names: Names, network: Network) -> Pictured:
    return {
        "drawing": networks.drawing(edition, names, network, "network"),
        "links": [
            {
                "one": names.named(edge.one),
                "other": names.named(edge.other),
                "kinds": kinds_of(edition, names, edge),
                "address": names.named(edge.statements[0])["address"],
            }
            for edge in network.edges
        ],
    }
