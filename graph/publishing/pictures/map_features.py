"""What the map shows, as features for programs that draw it on their own ground."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graph.publishing.edition import Edition
    from graph.publishing.labels import Names
    from graph.publishing.pictures.areas import Spot
    from graph.publishing.pictures.places import Places

_MOST_LINES = 300


def map_features(edition: Edition, names: Names, shown: Places) -> list[dict[str, Any]]:
    """Return a point for each place in Europe, and a line for partnerships between two of them."""
    spots = [
        spot for spot in dict.fromkeys((*shown.clusters, *shown.partners)) if spot.kind != "outside"
    ]
    lines = [
        _line(edition, names, pair, len(statements))
        for pair, statements in list(shown.across.items())[:_MOST_LINES]
        if all(spot.kind != "outside" for spot in pair)
    ]
    return [*(_point(names, spot, len(shown.clusters.get(spot, ()))) for spot in spots), *lines]


def _point(names: Names, spot: Spot, number: int) -> dict[str, Any]:
    named = names.named(spot.area)
    label = f"{named['label']}: {number}" if number else named["label"]
    return _feature(
        "Point",
        list(spot.on_earth),
        {
            "iri": spot.area,
            "label": label,
            "address": named["address"],
            "clusters": number,
            "position": spot.kind,
        },
    )


def _line(edition: Edition, names: Names, pair: tuple[Spot, Spot], number: int) -> dict[str, Any]:
    label = " – ".join(names.named(spot.area)["label"] for spot in pair)
    properties = {
        "label": f"{label}: {number}",
        "address": f"{edition.public_url}network",
        "partnerships": number,
    }
    return _feature("LineString", [list(spot.on_earth) for spot in pair], properties)


def _feature(kind: str, coordinates: list[Any], properties: dict[str, Any]) -> dict[str, Any]:
    geometry = {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "geometry": geometry, "properties": properties}
