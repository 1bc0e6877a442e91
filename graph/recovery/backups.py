"""Copy the current generation to another place, while the store is in use, and remember where.

    made = back_up(store, Path("/backup/metapole"), "store")

A backup is there completely and verified, or not at all: it is made under another name beside its
place, flushed, read again from disk, and renamed. The store notes where its backups are, for who
has to erase something from all of them.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from graph.errors import StoreUnusable
from graph.generations import current_generation, verify_generation
from graph.generations.files import flush_one
from graph.generations.holding import holding
from graph.generations.publishing import no_step
from graph.recovery.archive import SUFFIX, examine_archive, is_archive, manifest, write_archive
from graph.recovery.copies import copy_generation, verify_on_disk

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from graph.generations import Generation, Progress
    from graph.generations.publishing import Step

Form = Literal["store", "archive"]

_NAME = re.compile(r"metapole-\d{8}T\d{6}Z-\d{6,}")


@dataclass(frozen=True, slots=True)
class Backup:
    """One backup of a store."""

    path: Path
    form: Form
    """A directory that is a store, or an archive: one file of N-Quads."""
    generation: int
    commit: int
    quads: int
    made: str
    """When (xsd:dateTime, UTC)."""


def back_up(
    store: Path, target: Path, form: Form, *,
    progress: Progress | None = None, warn: Callable[[str], None] | None = None,
    step: Step = no_step,
) -> Backup:  # fmt: skip
    """Copy the current generation of *store* to *target*, which must not be there yet.

    StoreUnusable when there is nothing to copy, when it is damaged, or when *target* is there;
    *warn* is told if the store cannot note where its backup is.
    """
    tell = progress or _silent
    generation = _current(store)
    target = target.parent.resolve() / target.name
    if os.path.lexists(target):
        raise StoreUnusable(
            f"{target}: is there already, and is left alone; name a new place, or add --keep to "
            "have backups in a folder"
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    with holding(generation) as hold, _unfinished(target, form) as unfinished:
        make = _copy if form == "store" else _dump
        make(generation, unfinished, tell, step)
        if not hold.is_unbroken:
            raise StoreUnusable(
                f"{generation.path}: was made anew by an erasure in the meantime, and the backup "
                "is thrown away; try once more"
            )
        made = Backup(target, form, generation.number, generation.commit, generation.quads, _now())
        step("note")  # before it is there: better one too many to look for than one too few
        try:
            _note(store, made)
        except (OSError, StoreUnusable) as error:
            (warn or _say_nothing)(
                f"{store} cannot note where this backup is ({error}); note it yourself, for who "
                "has to erase something from all backups"
            )
        step("rename")
        unfinished.rename(target)
        step("settle")
        flush_one(target.parent)
    step("done")
    return made


def name_in(folder: Path, store: Path, form: Form) -> Path:
    """Return what a backup of *store* that is made now is called among others in *folder*."""
    time = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    suffix = SUFFIX if form == "archive" else ""
    return folder / f"metapole-{time}-{_current(store).number:06d}{suffix}"


def rotate(store: Path, folder: Path, form: Form, keep: int) -> list[Path]:
    """Remove all backups in *folder* but the last *keep*; return those that were removed.

    Only what `name_in` has named and what is a backup of that form is touched.
    """
    made = sorted(
        path
        for path in folder.iterdir()
        if _NAME.fullmatch(path.name.removesuffix(SUFFIX)) and _form_of(path) == form
    )
    old = made[: max(len(made) - keep, 0)]
    for path in old:
        if path.is_dir():
            pointer = path / "current.json"
            pointer.unlink(missing_ok=True)  # first, so that nobody takes half of it for all
            shutil.rmtree(path)
        else:
            path.unlink()
    if old:
        flush_one(folder)
        with suppress(OSError, StoreUnusable):  # who looks for them finds that they are gone
            _forget(store, old)
    return old


def noted_backups(store: Path) -> list[Backup]:
    """Return the backups of *store* that it knows of, the last one last; some may be gone."""
    path = _list(store)
    try:
        noted = json.loads(path.read_text(encoding="utf-8"))
        return [_backup(each) for each in noted]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise StoreUnusable(
            f"{path}: cannot be read ({error}); look for backups yourself, and remove that file"
        ) from error


def _backup(noted: dict[str, Any]) -> Backup:
    return Backup(
        Path(noted["path"]),
        noted["form"],
        int(noted["generation"]),
        int(noted["commit"]),
        int(noted["quads"]),
        str(noted["made"]),
    )


def _current(store: Path) -> Generation:
    generation = current_generation(store)
    if generation is None:
        raise StoreUnusable(f"{store}: there is no store; name one with --store")
    return generation


def _copy(generation: Generation, target: Path, progress: Progress, step: Step) -> None:
    step("copy")
    copied = copy_generation(generation, target, progress)
    step("verify")
    progress("verify", 0.0)
    try:
        verify_on_disk(copied)
    except StoreUnusable as error:
        verify_generation(generation)  # if it is not that one, it is the copy
        raise StoreUnusable(
            f"the copy is not what was copied; is the disk sound? {error}"
        ) from error
    progress("verify", 1.0)


def _dump(generation: Generation, target: Path, progress: Progress, step: Step) -> None:
    verify_generation(generation)
    step("write")
    with target.open("r+b") as file:
        write_archive(generation, file, progress)
        file.flush()
        os.fsync(file.fileno())
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    step("verify")
    examine_archive(target, progress)


@contextmanager
def _unfinished(target: Path, form: Form) -> Generator[Path]:
    """Return where *target* can be made, empty; what is there at the end is removed.

    It is locked as long as somebody is at it, so that what a killed process left can be told.
    """
    path = target.with_name(f"{target.name}.unfinished")
    if form == "store":
        path.mkdir(exist_ok=True)
    else:
        path.touch()
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if not (_lock(descriptor) and _is_open(path, descriptor)):
            raise StoreUnusable(f"{path}: another backup is being made there; wait for it")
        try:
            _empty(path)
            yield path
        finally:
            if _is_open(path, descriptor):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    """Lock the open file or directory; tell whether nobody was in the way."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # there are file systems without locks
        return True
    return True


def _is_open(path: Path, descriptor: int) -> bool:
    """Tell whether *path* is still what was opened, and nobody has renamed or replaced it."""
    try:
        there = path.stat()
    except OSError:
        return False
    opened = os.fstat(descriptor)
    return (there.st_dev, there.st_ino) == (opened.st_dev, opened.st_ino)


def _empty(path: Path) -> None:
    if path.is_file():
        os.truncate(path, 0)
        return
    for each in path.iterdir():
        shutil.rmtree(each) if each.is_dir() else each.unlink()


def _form_of(path: Path) -> Form | None:
    try:
        if path.is_dir():
            return "store" if current_generation(path) else None
        return "archive" if is_archive(path) and manifest(path) else None
    except StoreUnusable:
        return None


def _note(store: Path, made: Backup) -> None:
    _change(store, lambda noted: [*(each for each in noted if each.path != made.path), made])


def _forget(store: Path, paths: list[Path]) -> None:
    _change(store, lambda noted: [each for each in noted if each.path not in paths])


def _change(store: Path, change: Callable[[list[Backup]], list[Backup]]) -> None:
    """Replace the list of backups in one step, one process after the other."""
    descriptor = os.open(store, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        noted = [{**asdict(each), "path": str(each.path)} for each in change(noted_backups(store))]
        following = store / "backups.json.next"
        following.write_text(f"{json.dumps(noted, indent=1)}\n", encoding="utf-8")
        flush_one(following)
        following.replace(_list(store))
        flush_one(store)
    finally:
        os.close(descriptor)


def _list(store: Path) -> Path:
    return store / "backups.json"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _silent(step: str, done: float) -> None:
    """Report to nobody."""


def _say_nothing(warning: str) -> None:
    """Warn nobody."""
