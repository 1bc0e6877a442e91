"""How many values of a property a thing of a class may have, by the shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.namespaces import RDFS
from graph.publishing.ontology.schemes import shapes
from graph.publishing.ontology.shapes import constraints_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graph.publishing.edition import Edition

_ABOVE = ox.NamedNode(RDFS + "subClassOf")


def how_many_of(edition: Edition, classes: Iterable[str]) -> dict[str, str]:
    """Return by property how many values there may be: `1`, `0..1`, `2..n`."""
    found: dict[str, str] = {}
    for cls in classes:
        for each in (cls, *_above(edition, cls)):
            for constraint in constraints_of(shapes(), each):
                found.setdefault(constraint.path, constraint.how_many)
    return found


def _above(edition: Edition, cls: str) -> Iterator[str]:
    """Yield the classes above *cls*, the nearest first."""
    seen, waiting = {cls}, [cls]
    while waiting:
        below = ox.NamedNode(waiting.pop(0))
        for quad in edition.store.quads_for_pattern(below, _ABOVE, None, edition.union):
            if isinstance(quad.object, ox.NamedNode) and quad.object.value not in seen:
                seen.add(quad.object.value)
                waiting.append(quad.object.value)
                yield quad.object.value
