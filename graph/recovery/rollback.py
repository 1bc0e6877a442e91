"""Which of its own generations a store goes back to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph.errors import StoreUnusable
from graph.generations.fallback import find_whole
from graph.recovery.sources import Kept, listed, states_of

if TYPE_CHECKING:
    from pathlib import Path

    from graph.generations import Generation
    from graph.recovery.sources import State


def state_before(store: Path, *, to: int | None = None, commits: int | None = None) -> State:
    """Return the state that *store* had in the generation *to*, or that many *commits* ago.

    With neither, the newest one that is whole if the current one is damaged, else the one before.
    StoreUnusable when it is not kept.
    """
    found = find_whole(store)
    if found is None:
        raise StoreUnusable(f"{store}: there is no store; name one with --store")
    base = found.generation
    if to is not None:
        return _generation(store, to, None if found.fallback else base.number)
    if commits is not None:
        return _commits_ago(store, base, commits)
    if found.fallback:
        return Kept(base, kept_in=store)
    older = [each for each in states_of(store) if each.generation.number < base.number]
    if not older:
        raise StoreUnusable(
            f"{store}: keeps no generation but the current one; 'metapole restore' takes one from "
            "a backup"
        )
    return max(older, key=lambda each: each.generation.number)


def _generation(store: Path, number: int, current: int | None) -> State:
    if number == current:
        raise StoreUnusable(f"{store}: generation {number} is the current one; name an older one")
    for each in states_of(store):
        if each.generation.number == number:
            return each
    raise StoreUnusable(f"{store}: generation {number} is not kept; there is:\n{_kept(store)}")


def _commits_ago(store: Path, base: Generation, commits: int) -> State:
    wanted = base.commit - commits
    fitting = [
        each
        for each in states_of(store)
        if each.generation.commit == wanted and each.generation.number < base.number
    ]
    if not fitting:
        raise StoreUnusable(
            f"{store}: no kept generation ends with commit {wanted}, which is {commits} before "
            f"commit {base.commit}; choose one with --to:\n{_kept(store)}"
        )
    return max(fitting, key=lambda each: each.generation.number)


def _kept(store: Path) -> str:
    return listed(states_of(store))
