"""Examples from the data: one thing of each class, one statement with each property."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.description import Description, turtle
from graph.namespaces import COMMITS_GRAPH, DERIVED_GRAPH, RDF_TYPE, UNION_GRAPH

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

UNION, COMMITS = ox.NamedNode(UNION_GRAPH), ox.NamedNode(COMMITS_GRAPH)
_FOLLOWING = (UNION, ox.NamedNode(DERIVED_GRAPH))
_TYPE = ox.NamedNode(RDF_TYPE)
_LOOKED_AT = 50
"""Among how many the best is chosen: there may be millions."""
_ENOUGH = 9


def best_example(said: Mapping[str, int]) -> str:
    """Return the first of those of which enough, or else the most, is *said*."""
    return min(said, key=lambda iri: (-min(said[iri], _ENOUGH), iri))


def thing_of_class(store: ox.Store, cls: str) -> tuple[str, str] | None:
    """Return the IRI of a thing of *cls*, and what is stated of it as Turtle."""
    things = (
        quad.subject
        for graph in (UNION, COMMITS)
        for quad in store.quads_for_pattern(None, _TYPE, ox.NamedNode(cls), graph)
        if isinstance(quad.subject, ox.NamedNode)
    )
    described = {thing.value: _stated(store, thing) for thing in islice(things, _LOOKED_AT)}
    if not described:
        return None
    chosen = best_example({iri: len(each.objects[iri]) for iri, each in described.items()})
    return chosen, turtle(chosen, described[chosen].objects[chosen])


def statement_with(store: ox.Store, prop: str) -> tuple[str, str] | None:
    """Return the subject of a triple with the property *prop*, and the triple as Turtle."""
    quads = store.quads_for_pattern(None, ox.NamedNode(prop), None)
    found = (quad for quad in quads if quad.graph_name != UNION)
    some = [quad for quad in islice(found, _LOOKED_AT) if isinstance(quad.subject, ox.NamedNode)]
    if not some:
        return None
    first = min(some, key=lambda quad: (quad.graph_name in _FOLLOWING, str(quad.triple)))
    subject = first.subject.value if isinstance(first.subject, ox.NamedNode) else ""
    return subject, turtle(subject, {prop: [first.object]})


def _stated(store: ox.Store, thing: ox.NamedNode) -> Description:
    return Description.of(sorted(_stated_quads(store, thing), key=_by_property))


def _stated_quads(store: ox.Store, thing: ox.NamedNode) -> Iterator[ox.Quad]:
    for quad in islice(store.quads_for_pattern(thing, None, None), _LOOKED_AT):
        if quad.graph_name not in _FOLLOWING:
            yield quad


def _by_property(quad: ox.Quad) -> tuple[bool, str, str]:
    return (quad.predicate != _TYPE, quad.predicate.value, str(quad.object))
