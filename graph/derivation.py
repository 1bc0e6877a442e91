"""Run the rules (CONSTRUCT queries) to a fixpoint: shortcuts, and types along the ontology."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.errors import UnreadableSource
from graph.findings import unreadable_query
from graph.namespaces import DERIVED_GRAPH

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_MOST_ROUNDS = 50


def derive(quads: Iterable[ox.Quad], rules_dir: Path) -> list[ox.Quad]:
    """Return the quads of `graph/derived`: what follows from *quads* and is not among them.

    The rules see one graph, the union of all, so that a triple stated twice counts once.
    """
    rules = [(path, path.read_text(encoding="utf-8")) for path in sorted(rules_dir.glob("*.rq"))]
    known = ox.Store()
    known.extend(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in quads)
    derived: list[ox.Quad] = []
    graph = ox.NamedNode(DERIVED_GRAPH)
    for _ in range(_MOST_ROUNDS):
        new = _one_round(known, rules)
        if not new:
            return derived
        derived += (ox.Quad(quad.subject, quad.predicate, quad.object, graph) for quad in new)
    raise UnreadableSource(
        f"{rules_dir}: still new triples after {_MOST_ROUNDS} rounds; "
        "look for a rule that makes new IRIs or literals from its own results"
    )


def _one_round(known: ox.Store, rules: list[tuple[Path, str]]) -> list[ox.Quad]:
    """Run every rule once, each on what the ones before it found, and return what is new."""
    new: list[ox.Quad] = []
    for path, text in rules:
        try:
            triples = known.query(text)
        except SyntaxError as error:
            raise UnreadableSource(str(unreadable_query(str(path), error))) from error
        if not isinstance(triples, ox.QueryTriples):
            raise UnreadableSource(f"{path} is not a CONSTRUCT query; a rule has to be one")
        found = [ox.Quad(*triple) for triple in triples]
        fresh = list(dict.fromkeys(quad for quad in found if quad not in known))
        known.extend(fresh)
        new += fresh
    return new
