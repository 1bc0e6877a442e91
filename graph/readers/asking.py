"""Ask a store: the one way a query is evaluated, whoever writes down what it finds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graph.readers.dataset import dataset, text_for_engine

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyoxigraph as ox

    from graph.readers.dataset import GraphName


def results_of(
    store: ox.Store, job: dict[str, Any], named_graphs: Sequence[GraphName]
) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
    """Begin to evaluate the query of *job* on *store*, which has these *named_graphs*."""
    asked, graphs = dataset(store, job, named_graphs)
    return asked.query(text_for_engine(job), base_iri=job["base_iri"], **graphs)
