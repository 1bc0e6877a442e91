"""Build on a store that holds something already: a commit like any other, and all or nothing.

    plan = plan_build(store, release)         what it means (`graph.shipped`)
    make_build(store, release, plan, {})      the next generation

What users wrote is never read from files, so a build goes on from the newest generation that is
whole. Only a store without one is filled with the files alone.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.content import content_digest
from graph.errors import StoreUnusable
from graph.generations import (
    current_generation,
    kept_generations,
    publish_generation,
    verify_generation,
)
from graph.generations.publishing import no_step, prepare, publish
from graph.generations.record import newest_generation
from graph.generations.sweeping import new_scratch, next_number, sweep_leftovers, sweep_old
from graph.history.changes import changes
from graph.history.chapter import chapter_after
from graph.rules import rules_digest
from graph.shipped import Upgrade, plan_upgrade, shipped_graphs
from graph.writing.commits import Commit, commit_numbered, commit_time
from graph.writing.tally import Tally
from graph.writing.transaction import DERIVED, RESERVED, Transaction
from graph.writing.upkeep import Upkeep

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from graph.generations import Generation, Lock, Progress
    from graph.generations.publishing import Step
    from graph.shipped import Choice, ShippedGraph

AGENT = "metapole build"


@dataclass(frozen=True, slots=True)
class Release:
    """What a build makes a store of: all that was read from files, and what follows from it."""

    quads: tuple[ox.Quad, ...]
    built_from: str
    """The digest of all the files."""
    rules: Path
    """The folder of the rules that the derived quads follow from."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a build would do."""

    base: Generation | None
    """The generation that it goes on from; None: it fills the store with the files alone."""
    upgrade: Upgrade
    notes: tuple[str, ...] = ()
    """What somebody should know of the state of the store."""


def plan_build(store: Path, release: Release, *, from_scratch: bool = False) -> Plan:
    """Compare *store* with *release*; nothing is written.

    With *from_scratch*, as if there was nothing in it. StoreUnusable when a newer version of
    metapole made it, or when none of its generations is whole.
    """
    newest = newest_generation(store)
    shipped = shipped_graphs(_stated(release))
    if newest is None or from_scratch:
        return Plan(None, plan_upgrade(ox.Store(), {}, shipped))
    base, notes = _newest_whole(store, newest)
    content = ox.Store.read_only(str(base.path))
    return Plan(base, plan_upgrade(content, base.shipped, shipped), tuple(notes))


def make_build(
    store: Path, release: Release, plan: Plan, choices: Mapping[str, Choice], lock: Lock,
    *, progress: Progress | None = None, step: Step = no_step,
) -> Generation:  # fmt: skip
    """Make what *plan* says the next generation of *store*, whose *lock* is held.

    *choices* are the answers to the questions of the plan; without one, a graph is kept. Returns
    the generation that was there when nothing would be different.
    """
    if plan.base is None:
        return _fill(store, release, plan, lock, progress, step)
    return _Making(store, release, plan.base, step).make(plan.upgrade, choices)


def _stated(release: Release) -> list[ox.Quad]:
    return [quad for quad in release.quads if quad.graph_name != DERIVED]


def _newest_whole(store: Path, newest: Generation) -> tuple[Generation, list[str]]:
    """Return the newest generation of *store* that is as it was published, and why it is that."""
    notes: list[str] = []
    try:
        current_generation(store)
    except StoreUnusable as error:
        notes.append(str(error))
    older = sorted(kept_generations(store), key=lambda each: -each.number)
    for each in (newest, *(kept for kept in older if kept.number < newest.number)):
        try:
            verify_generation(each)
        except StoreUnusable as error:
            notes.append(str(error))
        else:
            if notes:
                notes.append(
                    f"Going on from generation {each.number} (commit {each.commit}, {each.built}); "
                    "what was written after it is lost"
                )
            return each, notes
    raise StoreUnusable(
        "\n".join(
            [*notes, f"{store}: no generation is whole; --from-scratch builds from the files alone"]
        )
    )


def _fill(
    store: Path, release: Release, plan: Plan, lock: Lock, progress: Progress | None, step: Step
) -> Generation:
    number = _last_commit(store) + 1
    stated = _stated(release)
    names = {quad.graph_name for quad in stated}
    commit = _commit(number, len(stated), 0, names, None)
    return publish_generation(
        store,
        (*release.quads, *commit.quads()),
        built_from=release.built_from,
        rules=rules_digest(release.rules),
        shipped=_digests(plan.upgrade),
        commit=number,
        progress=progress,
        lock=lock,
        step=step,
    )


class _Making:
    """A build that goes on from a generation."""

    def __init__(self, store: Path, release: Release, base: Generation, step: Step) -> None:
        self._store = store
        self._release = release
        self._base = base
        self._step = step

    def make(self, upgrade: Upgrade, choices: Mapping[str, Choice]) -> Generation:
        prepare(self._store)
        sweep_leftovers(self._store)
        try:
            return self._make(Transaction(self._scratch()), upgrade, choices)
        finally:
            sweep_leftovers(self._store)
            sweep_old(self._store)

    def _scratch(self) -> ox.Store:
        directory = str(new_scratch(self._store))
        ox.Store.read_only(str(self._base.path)).backup(directory)
        return ox.Store(directory)

    def _make(
        self, transaction: Transaction, upgrade: Upgrade, choices: Mapping[str, Choice]
    ) -> Generation:
        is_current = self._base.number == next_number(self._store) - 1
        chapter = None  # what was lost is no news that could be told
        if is_current:
            chapter = chapter_after(self._store, self._base, transaction.store)
        _apply(transaction, upgrade.changes(choices))
        changed = Counter(quad.graph_name for quad in (*transaction.added, *transaction.removed))
        added, removed = len(transaction.added), len(transaction.removed)
        upkeep = Upkeep(self._release.rules)
        same_rules = self._base.rules == upkeep.rules_digest
        (upkeep.bring_in_step if same_rules else upkeep.rebuild)(transaction)
        made = replace(
            self._base,
            built_from=self._release.built_from,
            rules=upkeep.rules_digest,
            shipped=_digests(upgrade),
        )
        if transaction.is_empty and made == self._base and is_current:
            return self._base
        last = commit_numbered(transaction.store, self._base.commit)
        number = _last_commit(self._store) + 1
        commit = _commit(number, added, removed, changed, last)
        transaction.insert(commit.quads(), by_server=True)
        tally = Tally(replace(made, number=next_number(self._store) - 1))
        tally.take(transaction)
        tally.commit = number
        if chapter:
            came, went = transaction.added, transaction.removed
            chapter.add_many(changes(came, went, transaction.store, tally.number, commit))
        draft = tally.draft(self._store)
        return publish(self._store, transaction.store, draft, self._base, self._step, chapter)


def _apply(transaction: Transaction, changes: Iterable[ShippedGraph]) -> None:
    for graph in changes:
        name, difference = ox.NamedNode(graph.name), graph.difference
        if not graph.there:
            transaction.drop_graph(name)
        transaction.remove(_quads(difference.removed, name))
        transaction.insert(_quads(difference.added, name))


def _quads(triples: Iterable[ox.Triple], name: ox.NamedNode) -> Iterator[ox.Quad]:
    for triple in triples:
        yield ox.Quad(triple.subject, triple.predicate, triple.object, name)


def _commit(
    number: int, added: int, removed: int, graphs: Iterable[object], last: Commit | None
) -> Commit:
    names = (name for name in graphs if isinstance(name, ox.NamedNode) and name not in RESERVED)
    time = commit_time(datetime.now(UTC), last.time if last else None)
    return Commit(number, time, AGENT, added, removed, tuple(sorted(each.value for each in names)))


def _digests(upgrade: Upgrade) -> dict[str, str]:
    """Return the digests of the graphs of the files, also of those that are kept as they are."""
    return {each.name: content_digest(each.there) for each in upgrade.shipped if each.there}


def _last_commit(store: Path) -> int:
    """Return the highest number of a commit that anything is known of."""
    return max((each.commit for each in kept_generations(store)), default=0)
