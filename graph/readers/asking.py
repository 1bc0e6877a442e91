"""Ask a store: the one way a query is evaluated, whoever writes down what it finds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graph.readers.dataset import dataset, text_for_engine
from graph.readers.rows import with_rows
from graph.search.missing import NoIndex

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyoxigraph as ox

    from graph.readers.dataset import GraphName


def results_of(
    store: ox.Store,
    job: dict[str, Any],
    named_graphs: Sequence[GraphName],
    facts: dict[str, Any] | None = None,
    rows: bytes = b"",
) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
    """Begin to evaluate the query of *job* on *store*, which has these *named_graphs*.

    *facts* are what is known of the generation; only a query that searches names needs them. *rows*
    are those of other endpoints.
    """
    asked, graphs = dataset(store, job, named_graphs)
    text = text_for_engine(job)
    if job.get("searches"):
        # What searches takes a while to load.
        from graph.publishing.edition import Facts  # noqa: PLC0415
        from graph.readers.matches import with_matches  # noqa: PLC0415

        if facts is None:
            raise NoIndex("it is not known of which generation names are to be searched")
        text = with_matches(text, store, Facts(**facts))
    if blocks := job.get("blocks"):
        # At last: nothing else has to look through what may be long.
        text = with_rows(text, blocks, rows)
    return asked.query(text, base_iri=job["base_iri"], **graphs)
