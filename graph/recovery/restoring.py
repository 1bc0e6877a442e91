"""Make a state that was kept the next generation of a store: go back, or restore a backup.

    plan = plan_restore(store, state)                  what it means; nothing is written
    make_restore(store, plan, "metapole rollback")

Numbers go up, never back. The log of commits stays: a state from before some commits does not know
of them, so the log of the newest generation that is whole goes along, with a commit of its own that
names those it has undone. Only a directory without anything gets exactly what was copied.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.generations.fallback import (
    NothingWhole,
    find_whole,
    highest_number,
    known_commits,
    last_commit,
    put_aside,
)
from graph.generations.publishing import no_step, prepare, publish
from graph.generations.record import generation_path
from graph.generations.sweeping import new_scratch, sweep_leftovers, sweep_old
from graph.history.changes import changes
from graph.history.chapter import chapter_after
from graph.writing.commits import Commit, all_commits, commit_time
from graph.writing.tally import Tally
from graph.writing.transaction import COMMITS, DERIVED, RESERVED, Transaction

if TYPE_CHECKING:
    from pathlib import Path

    from graph.generations import Generation, Progress
    from graph.generations.fallback import Fallback
    from graph.generations.publishing import Step
    from graph.history.chapter import Chapter
    from graph.recovery.sources import State
    from graph.writing.transaction import GraphName

ERASER = "metapole erase"
"""Who has made the commits that have erased something."""

_NAMED_AT_MOST = 10_000
"""So many commits that are missing are named one by one in the log."""
_GAP = 1_000
"""How many numbers are left out where nobody can tell which were used; more than one batch has."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What going back to a state means."""

    state: State
    base: Generation | None
    """The newest generation of the store that is whole; None if there is none."""
    fallback: Fallback | None
    """What is wrong with the store as it is, if something can be read."""
    damaged: tuple[int, ...]
    """The generations that will be set aside."""
    undone: tuple[Commit, ...]
    """The commits that will be undone, as far as there are records of them."""
    missing: tuple[int, ...]
    """The commits that will be undone and are in damaged generations."""
    erasures: tuple[Commit, ...]
    """What was erased since, and may come back."""
    is_foreign: bool
    """Whether the state has another history: its log is left behind."""
    is_exact: bool
    """Whether there is nothing in the store, so that it gets exactly what was copied."""
    number: int
    """The generation that will be made."""
    commit: int
    """The last commit that it will have."""


def plan_restore(store: Path, state: State, *, progress: Progress | None = None) -> Plan:
    """Say what it means to make *state* the next generation of *store*; nothing is written.

    StoreUnusable when the state is damaged, or another version of metapole made the store.
    """
    log = state.examined(progress or _silent)
    base, fallback, damaged = _look_at(store)
    own = all_commits(ox.Store.read_only(str(base.path))) if base else {}
    is_foreign = any(not _is_same(own[number], log[number]) for number in own.keys() & log.keys())
    undone = tuple(own[number] for number in own if is_foreign or number not in log)
    known = known_commits(store)
    last = max((*known, *own, *log, state.generation.commit), default=0)
    kept = base.commit if base else state.generation.commit
    missing = range(kept + 1, max((*known, 0)) + 1)[:_NAMED_AT_MOST]
    is_exact = highest_number(store) == 0
    is_known = last_commit(store, base.number if base else 0) is not None
    return Plan(
        state,
        base,
        fallback,
        damaged,
        undone,
        tuple(number for number in missing if is_foreign or number not in log),
        tuple(each for each in undone if each.author == ERASER and not state.kept_in),
        is_foreign,
        is_exact,
        state.generation.number
        if is_exact
        else max(highest_number(store), state.generation.number) + 1,
        state.generation.commit if is_exact else last + (1 if is_known else _GAP),
    )


def make_restore(
    store: Path, plan: Plan, agent: str, *, progress: Progress | None = None, step: Step = no_step
) -> Generation:
    """Do what *plan* says to *store*; *agent* is who does it in the log.

    The caller has held the lock of the store since before the plan was made.
    """
    return _Restore(store, plan, agent, progress or _silent, step).make()


class _Restore:
    def __init__(self, store: Path, plan: Plan, agent: str, progress: Progress, step: Step) -> None:
        self._store = store
        self._plan = plan
        self._copied = plan.state.generation
        self._is_own = plan.state.kept_in == store
        self._agent = agent
        self._progress = progress
        self._step = step
        self._chapter: Chapter | None = None

    def make(self) -> Generation:
        """Make the next generation."""
        prepare(self._store)
        with self._plan.state.held():
            # First, so that their numbers are known and never used again, wherever this ends.
            for number in self._plan.damaged:
                self._step("set aside")
                put_aside(self._store, number)
            sweep_leftovers(self._store)
            try:
                return self._publish()
            finally:
                sweep_leftovers(self._store)
                sweep_old(self._store)

    def _publish(self) -> Generation:
        self._step("fill")
        content = self._plan.state.fill(new_scratch(self._store), self._progress)
        self._step("filled")
        draft = replace(
            self._copied if self._plan.is_exact else self._described(content),
            number=self._plan.number,
            path=generation_path(self._store, self._plan.number),
            # A directory that was empty becomes another store, which counts on by itself.
            store_id=self._plan.base.store_id if self._plan.base else "",
        )
        self._progress("publish", 0.0)
        previous = self._copied if self._is_own else None
        generation = publish(self._store, content, draft, previous, self._step, self._chapter)
        self._progress("publish", 1.0)
        return generation

    def _described(self, content: ox.Store) -> Generation:
        """Bring the log in *content* up to date, and describe what the store will hold."""
        base = self._plan.base
        before = ox.Store.read_only(str(base.path)) if base else ox.Store()
        log = set(before.quads_for_pattern(None, None, None, COMMITS))
        difference = self._difference(before, content)
        transaction = Transaction(content)
        if base:
            self._take_over(log, transaction)
        commit = self._record(before, difference)
        transaction.insert(commit.quads(), by_server=True)
        self._tell(before, content, difference, commit)
        tally = Tally(replace(self._copied, number=self._plan.number - 1))
        tally.take(transaction)
        tally.commit = self._plan.commit
        draft = tally.draft(self._store)
        graphs = ("", *(draft.graphs or ()))
        versions = {name: self._version(name, base) for name in graphs}
        return replace(draft, changed=versions)

    def _tell(
        self, before: ox.Store, content: ox.Store, difference: _Difference, commit: Commit
    ) -> None:
        """Have the history go on with the *difference*, if it knows all that was *before*."""
        plan = self._plan
        if plan.base and not (plan.is_foreign or plan.fallback):
            self._chapter = chapter_after(self._store, plan.base, before)
            came, went = difference.added, difference.removed
            self._chapter.add_many(changes(came, went, content, plan.number, commit))

    def _take_over(self, log: set[ox.Quad], transaction: Transaction) -> None:
        """Have the log be that of the store, and after it what only the state knows of."""
        ours = {quad.subject for quad in log}
        theirs = transaction.store.quads_for_pattern(None, None, None, COMMITS)
        others = [
            quad
            for quad in theirs
            if quad not in log and (self._plan.is_foreign or quad.subject in ours)
        ]
        transaction.remove(others, by_server=True)
        transaction.insert(log, by_server=True)

    def _record(self, before: ox.Store, difference: _Difference) -> Commit:
        last = max(all_commits(before).values(), key=lambda each: each.number, default=None)
        undone = {*(each.number for each in self._plan.undone), *self._plan.missing}
        graphs = (name.value for name in difference.graphs if isinstance(name, ox.NamedNode))
        return Commit(
            self._plan.commit,
            commit_time(datetime.now(UTC), last.time if last else None),
            self._agent,
            len(difference.added),
            len(difference.removed),
            tuple(sorted(graphs)),
            rolled_back=tuple(sorted(undone)),
        )

    def _difference(self, before: ox.Store, after: ox.Store) -> _Difference:
        """Compare what is stated, but in graphs that are known to be the same."""
        names: set[GraphName] = {ox.DefaultGraph(), *before.named_graphs(), *after.named_graphs()}
        different = _Difference()
        for name in names - RESERVED:
            if self._version(_key(name), self._plan.base) == self._plan.number:
                different.take(name, before, after)
        return different

    def _version(self, name: str, base: Generation | None) -> int:
        """Return in which generation the graph *name* will have changed last."""
        is_same = (
            self._is_own
            and base is not None
            and name in self._copied.changed
            and name not in (COMMITS.value, DERIVED.value)
            and base.changed.get(name) == self._copied.changed[name]
        )
        return self._copied.changed[name] if is_same else self._plan.number


class _Difference:
    """Which statements came and went, and in which graphs."""

    def __init__(self) -> None:
        self.added: list[ox.Quad] = []
        self.removed: list[ox.Quad] = []
        self.graphs: list[GraphName] = []

    def take(self, name: GraphName, before: ox.Store, after: ox.Store) -> None:
        """Compare the graph *name*."""
        removed, added = _only_in(before, after, name), _only_in(after, before, name)
        came_or_went = not isinstance(name, ox.DefaultGraph) and (
            before.contains_named_graph(name) != after.contains_named_graph(name)
        )
        if removed or added or came_or_went:
            self.graphs.append(name)
        self.added += added
        self.removed += removed


def _look_at(store: Path) -> tuple[Generation | None, Fallback | None, tuple[int, ...]]:
    """Return what of *store* can be read, what is wrong with it, and what is damaged."""
    try:
        found = find_whole(store)
    except NothingWhole as error:
        return None, None, error.damaged
    if found is None:
        return None, None, ()
    return found.generation, found.fallback, found.fallback.damaged if found.fallback else ()


def _only_in(one: ox.Store, other: ox.Store, name: GraphName) -> list[ox.Quad]:
    return [quad for quad in one.quads_for_pattern(None, None, None, name) if quad not in other]


def _is_same(one: Commit, other: Commit) -> bool:
    """Tell whether these are the same commit; an erasure may have changed what is said of it."""
    return (one.time, one.author) == (other.time, other.author)


def _key(name: GraphName) -> str:
    """Return what a record calls the graph *name*."""
    return "" if isinstance(name, ox.DefaultGraph) else name.value


def _silent(step: str, done: float) -> None:
    """Report to nobody."""
