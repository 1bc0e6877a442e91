"""Make a generation of given quads, which replace all that was there: what a build does."""

from __future__ import annotations

from collections.abc import Callable, Sized
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.generations.locks import writing
from graph.generations.publishing import Step, no_step, prepare, publish
from graph.generations.record import (
    Generation,
    generation_path,
    newest_generation,
)
from graph.generations.sweeping import new_scratch, next_number, sweep_leftovers, sweep_old
from graph.namespaces import COMMITS_GRAPH, UNION_GRAPH

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from graph.generations.locks import Lock

Progress = Callable[[str, float], None]


def publish_generation(
    store: Path,
    quads: Iterable[ox.Quad],
    *,
    built_from: str = "",
    rules: str = "",
    shipped: Mapping[str, str] | None = None,
    commit: int | None = None,
    progress: Progress | None = None,
    lock: Lock | None = None,
    step: Step = no_step,
) -> Generation:
    """Make *quads* the next generation of *store*, completely or not at all.

    Hold no other generation's readers up: they keep what they have open. Who holds the *lock* of
    the store already hands it in. Commits go on being numbered from where they were, unless the
    log among *quads* ends with *commit*.
    """
    tell = progress or _silent
    with nullcontext() if lock else writing(store, "metapole build"):
        prepare(store)
        previous = newest_generation(store)
        sweep_leftovers(store)
        number = next_number(store)
        if commit is None:
            commit = previous.commit if previous else 0
        draft = Generation(
            number,
            generation_path(store, number),
            quads=0,
            digest="",
            built_from=built_from,
            commit=commit,
            rules=rules,
            shipped=shipped or {},
            store_id=previous.store_id if previous else "",
        )
        try:
            return _publish(store, draft, _reporting(quads, tell), tell, step)
        finally:
            sweep_leftovers(store)
            sweep_old(store)


def _publish(
    store: Path, draft: Generation, quads: Iterable[ox.Quad], tell: Progress, step: Step
) -> Generation:
    scratch = _loaded(new_scratch(store), quads)
    tell("publish", 0.0)
    with ThreadPoolExecutor(1) as apart:
        # Little is written to it any more, so reading is what counts; it is counted meanwhile.
        optimised = apart.submit(scratch.optimize)
        counted = _counted(draft, scratch)
        optimised.result()
    generation = publish(store, scratch, counted, None, step)
    tell("publish", 1.0)
    return generation


def _loaded(directory: Path, quads: Iterable[ox.Quad]) -> ox.Store:
    """Return a store in *directory* with *quads* and their union."""
    store = ox.Store(directory)
    store.bulk_extend(_with_union(quads, ox.NamedNode(UNION_GRAPH)))
    return store


def _counted(draft: Generation, store: ox.Store) -> Generation:
    """Say in *draft* how much *store* holds; every graph of it is new."""
    graphs = _triples_by_graph(store)
    in_union = graphs.pop(UNION_GRAPH, 0)
    return replace(
        draft,
        quads=len(store) - in_union,
        graphs=graphs,
        union_triples=in_union,
        changed=dict.fromkeys(("", *graphs), draft.number),
    )


def _triples_by_graph(store: ox.Store) -> dict[str, int]:
    rows = store.query("SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g")
    assert isinstance(rows, ox.QuerySolutions)  # noqa: S101 -- it is a SELECT
    counted = ((row["g"], row["n"]) for row in rows)
    return {
        graph.value: int(triples.value)
        for graph, triples in counted
        if isinstance(graph, ox.NamedNode) and isinstance(triples, ox.Literal)
    }


def _with_union(quads: Iterable[ox.Quad], union: ox.NamedNode) -> Iterator[ox.Quad]:
    commits = ox.NamedNode(COMMITS_GRAPH)
    for quad in quads:
        subject, predicate, value, graph = quad
        if graph == union:
            raise ValueError(f"<{UNION_GRAPH}> is derived from the other graphs, not loaded")
        yield quad
        if graph != commits:
            yield ox.Quad(subject, predicate, value, union)


def _reporting(quads: Iterable[ox.Quad], progress: Progress) -> Iterator[ox.Quad]:
    total = len(quads) if isinstance(quads, Sized) else 0
    progress("load", 0.0)
    for done, quad in enumerate(quads, start=1):
        if total and done % 5000 == 0:
            progress("load", done / total)
        yield quad
    progress("load", 1.0)


def _silent(step: str, done: float) -> None:
    """Report to nobody."""
