"""Find the generation to go on from: the current one if it is whole, else the newest that is.

    found = find_whole(store)
    found.generation    what can be read
    found.fallback      None; or what is wrong, and what is missing from it

Nothing is changed here. A disk that could not be read may be read again tomorrow, so what looks
damaged stays where it is until somebody decides to go on without it (`graph.recovery.rollback`):
then it is set aside, beside the generations, and nothing removes it but its owner or an erasure.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from graph.errors import NothingWhole, StoreUnusable
from graph.generations.files import flush_one, verify_generation
from graph.generations.opening import Trial
from graph.generations.record import (
    FORMAT,
    SET_ASIDE,
    current_generation,
    format_of,
    generation_path,
    generations_directory,
    kept_generations,
    pointed_number,
    pointer_path,
    record_path,
    record_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from graph.generations.record import Generation


@dataclass(frozen=True, slots=True)
class Fallback:
    """What is wrong with the current generation, and what there is in its place."""

    generation: Generation
    """What can be read."""
    findings: tuple[str, ...]
    """What is wrong, in words."""
    damaged: tuple[int, ...]
    """The numbers of the generations that are not whole and newer."""
    last_commit: int | None
    """The last commit that was made; None when nobody can tell."""
    is_newest: bool
    """Whether nothing is there of a newer generation."""
    pointer: bytes | None
    """What the pointer said then."""

    @property
    def loses_nothing(self) -> bool:
        """Tell whether all that was made is there: only the pointer is damaged."""
        return self.is_newest and self.last_commit == self.generation.commit

    @property
    def lost(self) -> str:
        """Say which commits are missing."""
        first = self.generation.commit + 1
        if self.last_commit == self.generation.commit:
            return "no commit"
        if self.last_commit is None:
            return f"the commits from {first} on, nobody can tell how many"
        return f"commit {first}" if self.last_commit == first else (
            f"the commits {first} to {self.last_commit}"
        )  # fmt: skip

    @property
    def trouble(self) -> str:
        """Say in a few words, and without a place, why nothing can be changed."""
        if self.loses_nothing:
            return "the record of which generation is current is damaged"
        return f"{self.lost} cannot be read from the disk"

    @property
    def message(self) -> str:
        """Say what happened, what is missing, and what to do."""
        kept = self.generation
        lines = [
            *self.findings,
            f"Going on from generation {kept.number} (commit {kept.commit}, {kept.built}).",
        ]
        if self.loses_nothing:
            lines.append("No commit is missing.")
        else:
            lines.append(
                f"MISSING: {self.lost}. Nothing can be changed until somebody decides: mend the "
                "disk and start again, or 'metapole restore' from a backup, or 'metapole rollback' "
                "to go on without them."
            )
        return "\n".join(lines)

    def still_holds(self, store: Path) -> bool:
        """Tell whether nobody has switched the pointer of *store* since."""
        return _pointer(store) == self.pointer


class Found(NamedTuple):
    """The generation to go on from, and why it is not the current one, if it is not."""

    generation: Generation
    fallback: Fallback | None


def find_whole(store: Path) -> Found | None:
    """Return the newest generation of *store* that is whole; None when nothing was built there.

    NothingWhole when none is, StoreUnusable when another version of metapole made it.
    """
    if format_of(store) not in (0, FORMAT):
        current_generation(store)  # which says why not
    pointer = _pointer(store)
    findings: list[str] = []
    damaged: set[int] = set()
    for generation in _candidates(store, findings):
        try:
            verify_whole(generation)
        except StoreUnusable as error:
            findings.append(str(error))
            damaged.add(generation.number)
            continue
        if not findings:
            return Found(generation, None)
        newer = {each for each in _numbers(store) if each > generation.number}
        damaged |= {each for each in newer if _was_current(store, each)}
        fallback = Fallback(
            generation,
            tuple(dict.fromkeys(findings)),
            tuple(sorted(damaged - {generation.number})),
            last_commit(store, generation.number),
            generation.number >= max((*_aside_numbers(store), *newer), default=0),
            pointer,
        )
        return Found(generation, fallback)
    if pointer is None and not findings:
        return None
    raise NothingWhole(
        "\n".join(
            [
                *dict.fromkeys(findings),
                f"{store}: no generation is whole; 'metapole restore' takes one from a backup",
            ]
        ),
        tuple(sorted(_numbers(store))),
    )


def verify_whole(generation: Generation) -> None:
    """Read all files of *generation* and open it; StoreUnusable when it is not whole."""
    with Trial(generation) as trial:
        verify_generation(generation)
        trial.wait()


def mend_pointer(store: Path, fallback: Fallback) -> None:
    """Have the pointer name the generation that was found; the caller holds the lock of *store*.

    Only where no commit is missing.
    """
    if not fallback.loses_nothing:
        raise ValueError("commits are missing; somebody has to decide")
    pointer = pointer_path(store)
    following = pointer.with_suffix(".json.tmp")
    following.write_text(record_text(fallback.generation), encoding="utf-8")
    flush_one(following)
    following.replace(pointer)
    flush_one(store)


def known_commits(store: Path) -> set[int]:
    """Return the number of the last commit of each generation that anything is known of."""
    records = (pointer_path(store), *generations_directory(store).glob("*.json"))
    return {commit for path in records if (commit := _number_in(path, "commit")) is not None}


def last_commit(store: Path, after: int) -> int | None:
    """Return the last commit that was made; None when nobody can tell.

    *after* is the generation from which on records may be missing.
    """
    if pointed_number(store) is not None:
        return _number_in(pointer_path(store), "commit")
    newer = {each for each in (*_numbers(store), *_aside_numbers(store)) if each > after}
    if any(_commit_of(store, number) is None for number in newer):
        return None
    return max((0, *known_commits(store)))


def highest_number(store: Path) -> int:
    """Return the highest number of a generation that anything is known of, 0 without any."""
    named = _number_in(pointer_path(store), "generation") or 0
    return max((*_numbers(store), *_aside_numbers(store), named), default=0)


def set_aside(store: Path) -> list[Path]:
    """Return what is kept of damaged generations: directories, and records as `.json` files."""
    return sorted(generations_directory(store).glob(f"{SET_ASIDE}*"))


def aside_number(path: Path) -> int:
    """Return the number of the generation that *path* of `set_aside` is a part of; 0 if of none."""
    name = path.name.removeprefix(SET_ASIDE).partition(".")[0]
    return int(name) if name.isdigit() else 0


def put_aside(store: Path, number: int) -> None:
    """Keep the damaged generation *number* of *store* out of the way; the caller holds the lock.

    Whoever owns the store removes it. Numbers are not used again, so the place is free.
    """
    for path in (generation_path(store, number), record_path(store, number)):
        if path.exists():
            path.rename(path.with_name(f"{SET_ASIDE}{path.name}"))
    flush_one(generations_directory(store))


def _candidates(store: Path, findings: list[str]) -> Iterator[Generation]:
    """Yield what may be whole, the best first; add to *findings* what cannot even be tried."""
    current = None
    try:
        current = current_generation(store)
    except StoreUnusable as error:
        findings.append(str(error))
    else:
        if current:
            yield current
        elif any(generations_directory(store).glob("[0-9]*.json")):
            findings.append(f"{pointer_path(store)}: missing, though there are generations")
    for kept in sorted(kept_generations(store), key=lambda each: -each.number):
        if kept != current and _was_current(store, kept.number):
            yield kept


def _was_current(store: Path, number: int) -> bool:
    """Tell whether the generation *number* was current, as far as anybody can tell.

    One that is newer than the pointer was not: its writer died before it was.
    """
    pointed = pointed_number(store)
    return pointed is None or number <= pointed


def _commit_of(store: Path, number: int) -> int | None:
    record = record_path(store, number)
    places = (record, record.with_name(f"{SET_ASIDE}{record.name}"), pointer_path(store))
    said = (
        _number_in(path, "commit") for path in places if _number_in(path, "generation") == number
    )
    return next((commit for commit in said if commit is not None), None)


def _aside_numbers(store: Path) -> set[int]:
    return {aside_number(path) for path in set_aside(store)}


def _pointer(store: Path) -> bytes | None:
    try:
        return pointer_path(store).read_bytes()
    except FileNotFoundError:
        return None
    except OSError:
        return b""


def _number_in(record: Path, name: str) -> int | None:
    """Return what *record* says of *name*, however little of it can be read."""
    try:
        return int(json.loads(record.read_text(encoding="utf-8"))[name])
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _numbers(store: Path) -> set[int]:
    """Return the numbers of all generations that anything is there of."""
    directory = generations_directory(store)
    names = (path.name.split(".") for path in directory.iterdir()) if directory.is_dir() else ()
    return {int(name) for name, *suffix in names if name.isdigit() and suffix in ([], ["json"])}
