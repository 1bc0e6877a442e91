"""How often the terms and concepts of the ontology are used in a generation."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox

from graph.namespaces import COMMITS_GRAPH, UNION_GRAPH
from graph.query_texts import text_of

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
_QUERIES = Path(__file__).parents[2] / "queries"
_WHERE: list[ox.NamedNode | ox.BlankNode | ox.DefaultGraph] = [
    ox.NamedNode(UNION_GRAPH),
    ox.NamedNode(COMMITS_GRAPH),
]
"""The commit log is no part of the union, and some terms are used there alone."""


def uses_of_concepts(store: ox.Store, scheme: str) -> dict[str, int]:
    """Return how many things have each concept of *scheme*."""
    return _counts(store, "uses-of-concepts", {ox.Variable("scheme"): ox.NamedNode(scheme)})


def _counts(
    store: ox.Store, query: str, values: dict[ox.Variable, Term] | None = None
) -> dict[str, int]:
    rows = store.query(text_of(query), default_graph=_WHERE, substitutions=values)
    assert isinstance(rows, ox.QuerySolutions)  # noqa: S101 -- it is a SELECT query
    return {row["term"].value: int(row["count"].value) for row in rows}
