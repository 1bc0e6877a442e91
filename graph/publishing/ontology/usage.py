"""How often the concepts of the ontology are used in a generation."""

from __future__ import annotations

import pyoxigraph as ox

from graph.namespaces import COMMITS_GRAPH, UNION_GRAPH
from graph.query_texts import text_of

_WHERE: list[ox.NamedNode | ox.BlankNode | ox.DefaultGraph] = [
    ox.NamedNode(UNION_GRAPH),
    ox.NamedNode(COMMITS_GRAPH),
]
"""The commit log is no part of the union, and some terms are used there alone."""


def uses_of_concepts(store: ox.Store, scheme: str) -> dict[str, int]:
    """Return how many things have each concept of *scheme*."""
    rows = store.query(
        text_of("uses-of-concepts"),
        default_graph=_WHERE,
        substitutions={ox.Variable("scheme"): ox.NamedNode(scheme)},
    )
    assert isinstance(rows, ox.QuerySolutions)  # noqa: S101 -- it is a SELECT query
    return {row["term"].value: int(row["count"].value) for row in rows}
