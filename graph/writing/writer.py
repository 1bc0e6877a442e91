"""The writer: makes one change after the other in a scratch store, and publishes what it came to.

    writer = Writer(store, evaluate, Upkeep(rules_dir))
    outcomes = writer.apply_all(wishes)
    generation = writer.publish()

Nothing is promised to anybody before `publish` returns. The scratch store can always be made again
from the newest generation, and is, after anything that was not foreseen; so nobody has to know how
far a change came that failed in the middle.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import pyoxigraph as ox

from graph.errors import GraphError, GraphNotAllowed, KeyReused, StoreUnusable
from graph.generations import current_generation
from graph.generations.publishing import no_step, publish, settle
from graph.generations.sweeping import new_scratch, sweep_leftovers, sweep_old
from graph.history.changes import changes
from graph.history.chapter import chapter_after
from graph.history.folding import fold_when_long
from graph.history.pages import PAGE_ENTRIES
from graph.history.tidying import join_pages
from graph.writing.commits import Commit, commit_numbered, commit_time, commit_with_key
from graph.writing.graph_writes import check_conditions, refuse_reserved, write_graph
from graph.writing.orders import Order
from graph.writing.outcomes import failure
from graph.writing.tally import Tally
from graph.writing.transaction import Transaction
from graph.writing.wishes import GraphWrite

if TYPE_CHECKING:
    from pathlib import Path

    from graph.generations import Generation
    from graph.generations.publishing import Step
    from graph.history.chapter import Chapter
    from graph.writing.outcomes import Outcome
    from graph.writing.transaction import GraphName
    from graph.writing.wishes import Author, Key

Evaluate = Callable[[dict[str, Any], Transaction], object]
"""Carries out the plan of an update."""
Gate = Callable[[Transaction], Mapping[str, Any]]
"""Judges the changes: what an outcome has to say of that; ShapesViolated refuses them."""


class Upkeep(Protocol):
    """Who makes the union, and what is derived, follow from what is stated."""

    @property
    def rules_digest(self) -> str:
        """What tells the rules from others."""
        ...

    def bring_in_step(self, transaction: Transaction) -> None:
        """Make them follow from the changes of *transaction*."""
        ...

    def rebuild(self, transaction: Transaction) -> None:
        """Make them follow from all there is, as rules were others when they were made."""
        ...


def open_gate(_: Transaction) -> Mapping[str, Any]:
    """Let everything through."""
    return {}


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


@dataclass(slots=True)
class _Scratch:
    """A store that nobody else has, and what is known of it."""

    store: ox.Store
    tally: Tally
    chapter: Chapter
    last_commit: datetime | None


class _Changed(NamedTuple):
    """What a change did to the graphs that are not the server's own."""

    added: int
    removed: int
    graphs: list[str | None]
    """Sorted; None is the default graph."""


class Writer:
    """The one who changes the store in a directory, whose lock the caller holds.

    Use it in one thread.
    """

    def __init__(
        self,
        store: Path,
        evaluate: Evaluate,
        upkeep: Upkeep,
        *,
        gate: Gate = open_gate,
        step: Step = no_step,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._directory = store
        self._evaluate = evaluate
        self._upkeep = upkeep
        self._gate = gate
        self._step = step
        self._clock = clock
        self._scratch: _Scratch | None = None
        self._pages_joined = 0

    def begin_anew(self) -> None:
        """Make the scratch store again from the newest generation; StoreUnusable without one.

        What is derived there by other rules is derived again, and is there to be published.
        """
        self._scratch = None
        generation = current_generation(self._directory)
        if generation is None:
            raise StoreUnusable(
                f"{self._directory}: there is no store yet; make one with 'metapole build'"
            )
        settle(self._directory)
        sweep_leftovers(self._directory)
        directory = new_scratch(self._directory)
        self._step("open")
        ox.Store.read_only(str(generation.path)).backup(directory)
        self._step("opened")
        store = ox.Store(directory)
        chapter = chapter_after(self._directory, generation, store)
        last = commit_numbered(store, generation.commit)
        tally = Tally(generation)
        if generation.rules != self._upkeep.rules_digest:
            transaction = Transaction(store)
            self._upkeep.rebuild(transaction)
            tally.take(transaction)
            tally.rules = self._upkeep.rules_digest
        self._scratch = _Scratch(store, tally, chapter, last.time if last else None)

    def apply_all(
        self, wishes: list[dict[str, Any]], begun: Callable[[int], None] = lambda _: None
    ) -> list[Outcome]:
        """Make *wishes*, each all or nothing; *begun* is told the index of each before.

        One that fails in a way that nobody foresaw takes the scratch store along, so all others are
        made again. OSError when the disk is the trouble, which is the fault of none of them.
        """
        blamed: dict[int, Outcome] = {}
        while True:
            outcomes: list[Outcome] = []
            for index, wish in enumerate(wishes):
                if index in blamed:
                    outcomes.append(blamed[index])
                    continue
                begun(index)
                try:
                    outcomes.append(self.apply(wish))
                except OSError:
                    raise
                except Exception as error:
                    blamed[index] = failure(error)
                    break
            else:
                return outcomes

    def apply(self, wish: dict[str, Any]) -> Outcome:
        """Make *wish* in the scratch store and say what became of it.

        After any exception the scratch store is made again: with it go the wishes before this one
        that were not published.
        """
        if self._scratch is None:
            self.begin_anew()
        assert self._scratch  # noqa: S101 -- or begin_anew had raised
        try:
            return self._apply(self._scratch, Order.from_json(wish))
        except BaseException:
            self._scratch = None
            raise

    def publish(self) -> Generation | None:
        """Make what was applied the next generation; None when nothing changed.

        When this raises, what was applied is gone, unless the pointer was switched already.
        """
        scratch = self._scratch
        if scratch is None or scratch.tally.is_unchanged:
            return None
        self._scratch = None
        last, draft = scratch.tally.last, scratch.tally.draft(self._directory)
        generation = publish(
            self._directory, scratch.store, draft, last, self._step, scratch.chapter
        )
        scratch.tally = Tally(generation)
        self._scratch = scratch
        return generation

    def sweep(self) -> None:
        """Remove the generations that nobody needs any more."""
        self._step("sweep")
        sweep_old(self._directory)
        if scratch := self._scratch:
            self._tidy(scratch.tally.last)

    def _tidy(self, generation: Generation) -> None:
        """Join the files of the history to whole pages, when there is one more of these."""
        pages = generation.entries // PAGE_ENTRIES
        if pages != self._pages_joined:
            join_pages(self._directory, generation)
            fold_when_long(self._directory, generation)
            self._pages_joined = pages

    def _apply(self, scratch: _Scratch, order: Order) -> Outcome:
        transaction = Transaction(scratch.store)
        try:
            if order.key and (made := _made_before(scratch.store, order.author, order.key)):
                return _replayed(made)
            return self._made(scratch, order, transaction)
        except GraphError as error:
            self._step("undo")
            transaction.undo()
            return failure(error)

    def _made(self, scratch: _Scratch, order: Order, transaction: Transaction) -> Outcome:
        self._step("apply")
        created = self._change(scratch, order, transaction)
        changed = _changed(transaction)
        _check_allowed(order.author, changed.graphs)
        if transaction.is_empty and order.key is None:
            return _outcome(None, created)
        judgement = self._gate(transaction)
        self._step("bring in step")
        self._upkeep.bring_in_step(transaction)
        commit = Commit(
            scratch.tally.commit + 1,
            commit_time(self._clock(), scratch.last_commit),
            order.author.name,
            changed.added,
            changed.removed,
            tuple(graph for graph in changed.graphs if graph is not None),
            created,
            order.key,
        )
        self._step("log")
        transaction.insert(commit.quads(), by_server=True)
        scratch.chapter.add(
            changes(
                transaction.added, transaction.removed, scratch.store, scratch.tally.number, commit
            )
        )
        scratch.tally.take(transaction)
        scratch.tally.commit = commit.number
        scratch.last_commit = commit.time
        self._step("applied")
        return {**_outcome(commit, created), **judgement}

    def _change(self, scratch: _Scratch, order: Order, transaction: Transaction) -> str | None:
        """Make the change; return the graph that a write to a graph has made."""
        change = order.change
        if not isinstance(change, GraphWrite):
            self._evaluate(change.plan, transaction)
            return None
        refuse_reserved(change)
        _check_allowed(order.author, [change.graph])
        version = scratch.tally.version(change.graph)
        check_conditions(order.conditions, change.graph, version, scratch.store)
        return change.graph if write_graph(change, transaction) else None


def _made_before(store: ox.Store, author: Author, key: Key) -> Commit | None:
    """Return the commit of the same change with the same key; KeyReused if it was another."""
    commit = commit_with_key(store, author.name, key.value)
    if commit and commit.key != key:
        raise KeyReused(
            f"the idempotency key {key.value!r} stands for another change, commit "
            f"{commit.number}; send a new key with a new change"
        )
    return commit


def _changed(transaction: Transaction) -> _Changed:
    added = [quad.graph_name for quad in transaction.added]
    removed = [quad.graph_name for quad in transaction.removed]
    names: set[GraphName] = {*added, *removed, *transaction.created, *transaction.dropped}
    graphs = [None if isinstance(name, ox.DefaultGraph) else name.value for name in names]
    return _Changed(len(added), len(removed), sorted(graphs, key=lambda graph: graph or ""))


def _check_allowed(author: Author, graphs: list[str | None]) -> None:
    for graph in graphs:
        if not author.may_write(graph):
            name = "the default graph" if graph is None else f"<{graph}>"
            prefixes = " or ".join(f"<{prefix}...>" for prefix in author.graph_prefixes or ())
            raise GraphNotAllowed(
                f"{author.name!r} may not write to {name}, only to {prefixes or 'no graph at all'};"
                " ask for a token with a wider scope"
            )


def _replayed(commit: Commit) -> Outcome:
    return {**_outcome(commit, commit.created), "is_replay": True}


def _outcome(commit: Commit | None, created: str | None) -> Outcome:
    return {
        "commit": commit.number if commit else None,
        "added": commit.added if commit else 0,
        "removed": commit.removed if commit else 0,
        "created": created is not None,
        "is_replay": False,
    }
