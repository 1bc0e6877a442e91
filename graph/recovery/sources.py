"""Where a state of the graph can be taken from: generations that are kept, and backups.

states = states_in(Path("/backup/metapole"))      a backup, an archive, or a folder of both
state = chosen(states, at=datetime(...))          the last one that was made until then
"""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol

import pyoxigraph as ox

from graph.errors import StoreUnusable
from graph.generations import current_generation, kept_generations
from graph.generations.fallback import verify_whole
from graph.generations.holding import holding
from graph.generations.record import generations_directory, pointer_path
from graph.recovery.archive import SUFFIX, archived_quads, examine_archive, manifest
from graph.recovery.copies import copy_files
from graph.writing.commits import all_commits
from graph.writing.transaction import COMMITS, UNION

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from graph.generations import Generation, Progress
    from graph.writing.commits import Commit


class State(Protocol):
    """What the graph was at some time, somewhere."""

    @property
    def generation(self) -> Generation:
        """What there is to say of it."""
        ...

    @property
    def place(self) -> str:
        """Where it is, in words."""
        ...

    @property
    def kept_in(self) -> Path | None:
        """The store that keeps it as one of its generations, if it is not a copy."""
        ...

    def held(self) -> AbstractContextManager[object]:
        """See to it that nobody removes it as long as the context lasts."""
        ...

    def examined(self, progress: Progress) -> dict[int, Commit]:
        """Return its log of commits; StoreUnusable when it is damaged."""
        ...

    def fill(self, directory: Path, progress: Progress) -> ox.Store:
        """Return a store in *directory*, which is not there yet, that holds all of it."""
        ...


class Offer(NamedTuple):
    """What can be taken from a place."""

    states: list[State]
    problems: list[str]
    """What is there and cannot be read, in words."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A generation of a store; in the store itself, or in a copy of it."""

    generation: Generation
    kept_in: Path | None = None

    @property
    def place(self) -> str:
        """Where it is, in words."""
        number, path = self.generation.number, self.generation.path
        return (
            f"generation {number}" if self.kept_in else f"{path.parents[1]} (generation {number})"
        )

    def held(self) -> AbstractContextManager[object]:
        """See to it that nobody removes it as long as the context lasts."""
        return holding(self.generation)

    def examined(self, progress: Progress) -> dict[int, Commit]:
        """Return its log of commits; StoreUnusable when it is damaged."""
        progress("verify", 0.0)
        verify_whole(self.generation)
        progress("verify", 1.0)
        return all_commits(ox.Store.read_only(str(self.generation.path)))

    def fill(self, directory: Path, progress: Progress) -> ox.Store:
        """Return a store in *directory* that holds all of it; a copy is copied file by file."""
        if self.kept_in:
            ox.Store.read_only(str(self.generation.path)).backup(directory)
        else:
            directory.mkdir()
            copy_files(self.generation, directory, progress)
        return ox.Store(directory)


@dataclass(frozen=True, slots=True)
class Archived:
    """An archive."""

    generation: Generation
    kept_in: None = None

    @property
    def place(self) -> str:
        """Where it is, in words."""
        return str(self.generation.path)

    @contextmanager
    def held(self) -> Generator[None]:
        """Do nothing: nobody removes files that are not in a store."""
        yield

    def examined(self, progress: Progress) -> dict[int, Commit]:
        """Return its log of commits; StoreUnusable when it is damaged."""
        return all_commits(examine_archive(self.generation.path, progress).log)

    def fill(self, directory: Path, progress: Progress) -> ox.Store:
        """Return a store in *directory* that holds all of it, and the union."""
        store = ox.Store(directory)
        store.bulk_extend(_with_union(self._quads(progress)))
        for name in self.generation.graphs or ():
            store.add_graph(ox.NamedNode(name))  # one that is empty has no quads to tell of it
        store.optimize()
        return store

    def _quads(self, progress: Progress) -> Iterator[ox.Quad]:
        total = self.generation.quads or 1
        for done, quad in enumerate(archived_quads(self.generation.path), start=1):
            yield quad
            if done % 5000 == 0:
                progress("load", done / total)
        progress("load", 1.0)


def states_of(store: Path) -> list[State]:
    """Return the generations that *store* has kept, whole or not, the last one last."""
    return [Kept(each, kept_in=store) for each in kept_generations(store)]


def generations_to_check(
    store: Path, only: int | None = None
) -> list[tuple[int, Generation | None]]:
    """Return what *store* has kept, by number: None where a record is there that says nothing.

    StoreUnusable when there is nothing, or not the generation *only*.
    """
    kept: dict[int, Generation | None] = {}
    for path in generations_directory(store).glob("[0-9]*.json"):
        if path.stem.isdigit():
            kept[int(path.stem)] = None
    kept.update({each.number: each for each in kept_generations(store)})
    with suppress(StoreUnusable):  # whoever asks says so
        if current := current_generation(store):
            kept[current.number] = current
    found = [(number, kept[number]) for number in sorted(kept) if only in (None, number)]
    if not found:
        what = "there is no store" if only is None else f"generation {only} is not kept"
        raise StoreUnusable(f"{store}: {what}")
    return found


def states_in(path: Path) -> Offer:
    """Return what can be taken from *path*: a backup, an archive, or a folder of both.

    StoreUnusable when it is none of these.
    """
    if path.is_file():
        return Offer([Archived(manifest(path))], [])
    offer = Offer([], [])
    if path.is_dir():
        offer = Offer(_in_store(path), []) if _is_store(path) else _in_folder(path)
    if not offer.states:
        reason = "no backup is there" if os.path.lexists(path) else "it is not there"
        problems = "".join(f"{each}\n" for each in offer.problems)
        raise StoreUnusable(
            f"{problems}{path}: {reason}; name a store, an archive, or a folder of backups"
        )
    return offer


def chosen(
    states: Sequence[State], *, at: datetime | None = None, commit: int | None = None
) -> State:
    """Return the last of *states* that was made until *at*, and has no commit after *commit*.

    StoreUnusable when there is none.
    """
    fitting = [
        state
        for state in states
        if (at is None or when_made(state) <= at)
        and (commit is None or state.generation.commit <= commit)
    ]
    if not fitting:
        raise StoreUnusable(f"nothing is kept {_wanted(at, commit)}; there is:\n{listed(states)}")
    return max(fitting, key=lambda state: (when_made(state), state.generation.number))


def when_made(state: State) -> datetime:
    """Return when *state* became current."""
    time = datetime.fromisoformat(state.generation.built)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def listed(states: Iterable[State]) -> str:
    """Return *states* as lines to choose from, the oldest first."""
    return "\n".join(
        f"  {state.place}: commit {state.generation.commit}, {state.generation.built}"
        for state in sorted(states, key=when_made)
    )


def _is_store(path: Path) -> bool:
    return pointer_path(path).exists() or generations_directory(path).exists()


def _in_store(path: Path) -> list[State]:
    kept = {each.number: each for each in kept_generations(path)}
    with suppress(StoreUnusable):  # its pointer is damaged, and its generations may be whole
        if current := current_generation(path):
            kept.setdefault(current.number, current)
    return [Kept(each) for each in kept.values()]


def _in_folder(path: Path) -> Offer:
    offer = Offer([], [])
    for each in sorted(path.iterdir()):
        if each.is_dir() and _is_store(each):
            found = _in_store(each)
            offer.states.extend(found)
            if not found:
                offer.problems.append(f"{each}: nothing in it can be read")
        elif each.name.endswith(SUFFIX):
            try:
                offer.states.append(Archived(manifest(each)))
            except StoreUnusable as error:
                offer.problems.append(str(error))
    return offer


def _wanted(at: datetime | None, commit: int | None) -> str:
    parts: list[str] = []
    if at is not None:
        parts.append(f"that was made until {at.astimezone(UTC).isoformat(timespec='seconds')}")
    if commit is not None:
        parts.append(f"that ends with commit {commit} or before")
    return " and ".join(parts)


def _with_union(quads: Iterable[ox.Quad]) -> Iterator[ox.Quad]:
    for quad in quads:
        yield quad
        if quad.graph_name != COMMITS:
            yield ox.Quad(quad.subject, quad.predicate, quad.object, UNION)
