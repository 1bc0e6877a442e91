"""Where a thing is, as GeoJSON (RFC 7946)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from graph.namespaces import GEO, MP, SKOS
from graph.publishing.things.description import UNION
from graph.publishing.wkt import geometry_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_WKT = ox.NamedNode(GEO + "asWKT")
_LOCATED_IN = ox.NamedNode(MP + "locatedIn")
_LABEL = ox.NamedNode(SKOS + "prefLabel")
_MOST_AREAS = 200


def features_of(store: ox.Store, thing: ox.NamedNode) -> list[dict[str, Any]]:
    """Return a feature for each geometry of *thing*, else of the areas that it lies in."""
    own = list(_features_at(store, thing, thing))
    if own:
        return own
    areas = sorted(_areas_of(store, thing))[:_MOST_AREAS]
    return [each for area in areas for each in _features_at(store, thing, ox.NamedNode(area))]


def _areas_of(store: ox.Store, thing: ox.NamedNode) -> Iterator[str]:
    for quad in store.quads_for_pattern(thing, _LOCATED_IN, None, UNION):
        if isinstance(quad.object, ox.NamedNode):
            yield quad.object.value


def _features_at(
    store: ox.Store, thing: ox.NamedNode, place: ox.NamedNode
) -> Iterator[dict[str, Any]]:
    texts = (quad.object for quad in store.quads_for_pattern(place, _WKT, None, UNION))
    for text in sorted(text.value for text in texts if isinstance(text, ox.Literal)):
        if geometry := geometry_of(text):
            yield {
                "type": "Feature",
                "geometry": geometry,
                "properties": {
                    "iri": thing.value,
                    "names": _names(store, thing),
                    "place": place.value,
                    "place_names": _names(store, place),
                },
            }


def _names(store: ox.Store, node: ox.NamedNode) -> list[str]:
    found = store.quads_for_pattern(node, _LABEL, None, UNION)
    return sorted({quad.object.value for quad in found if isinstance(quad.object, ox.Literal)})
