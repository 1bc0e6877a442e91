"""Run the rules (CONSTRUCT queries) to a fixpoint: shortcuts, and types along the ontology."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from graph.namespaces import DERIVED_GRAPH
from graph.rules import read_rules

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from graph.rules import Rules


class Closure(NamedTuple):
    """What is stated and all that follows from it."""

    union: ox.Store
    """Every triple once, in the default graph."""
    derived: list[ox.Quad]
    """The quads of `graph/derived`: what follows and is not stated."""


def derive(quads: Iterable[ox.Quad], rules_dir: Path) -> list[ox.Quad]:
    """Return the quads of `graph/derived`: what follows from *quads* and is not among them."""
    return closure(quads, read_rules(rules_dir)).derived


def closure(quads: Iterable[ox.Quad], rules: Rules) -> Closure:
    """Add to *quads* what follows from them by *rules*, which make no new terms: it has an end.

    The rules see one graph, the union of all, so that a triple stated twice counts once.
    """
    known = ox.Store()
    known.extend(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in quads)
    derived: list[ox.Quad] = []
    graph = ox.NamedNode(DERIVED_GRAPH)
    while new := _one_round(known, rules.texts):
        derived += (ox.Quad(quad.subject, quad.predicate, quad.object, graph) for quad in new)
    return Closure(known, derived)


def _one_round(known: ox.Store, rules: Iterable[str]) -> list[ox.Quad]:
    """Run every rule once, each on what the ones before it found, and return what is new."""
    new: list[ox.Quad] = []
    for text in rules:
        triples = known.query(text)
        assert isinstance(triples, ox.QueryTriples)  # noqa: S101 -- it is a CONSTRUCT query
        found = (ox.Quad(*triple) for triple in triples)
        fresh = list(dict.fromkeys(quad for quad in found if quad not in known))
        known.extend(fresh)
        new += fresh
    return new
