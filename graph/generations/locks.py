"""The locks of a store directory: one process writes to it, one server answers from it.

A lock belongs to an open file, and ends with the last process that has it open, however that ends.
A server that hands its descriptor down to its writer thus holds the lock until both are gone.

Whoever has little to do may ask the server to let go of the lock for that time (`asks`): it ends
its writer, goes on answering queries, and takes the lock again afterwards.
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graph.errors import StoreUnusable

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

_WAIT_FOR_THE_DEAD_S = 5.0
_WAIT_FOR_THE_ASKED_S = 30.0
_LOOK_AGAIN_S = 0.05
_NOT_WRITABLE = (errno.EACCES, errno.EPERM, errno.EROFS)


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock that is held."""

    path: Path
    descriptor: int
    """A child that writes for its holder inherits it."""


@contextmanager
def writing(store: Path, holder: str, *, asks: bool = False) -> Generator[Lock]:
    """Be the only one who writes to *store*, and say to others that it is *holder*.

    StoreUnusable when another process is, and does not let go when it *asks* for that.
    """
    path = store / "lock"
    try:
        store.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise StoreUnusable(
            f"{store}: cannot be written ({error.strerror}); give another directory with --store"
        ) from error
    with _closing(descriptor), ExitStack() as asking:
        taken_by = _lock(descriptor)
        if taken_by and asks:
            asking.enter_context(_asking(store))
            taken_by = _lock(descriptor, _WAIT_FOR_THE_ASKED_S)
        if taken_by:
            raise StoreUnusable(
                f"{store}: {taken_by} is writing to it; wait until it has finished, or stop it"
            )
        _sign(descriptor, holder)
        yield Lock(path, descriptor)


@contextmanager
def serving(store: Path, holder: str) -> Generator[Lock | None]:
    """Be the only server that answers from *store*; StoreUnusable when there is one.

    None where the directory cannot be written: nothing can change there, so nothing is in the way.
    """
    path = store / "server.lock"
    try:
        store.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        if error.errno in _NOT_WRITABLE:
            yield None
            return
        raise StoreUnusable(f"{path}: cannot be opened ({error.strerror})") from error
    with _closing(descriptor):
        if taken_by := _lock(descriptor):
            raise StoreUnusable(
                f"{store}: {taken_by} serves it already; stop that one, or give another "
                "directory with --store"
            )
        _sign(descriptor, holder)
        yield Lock(path, descriptor)


def is_asked_for(store: Path) -> bool:
    """Tell whether somebody who is alive asks for the lock for writing to *store*."""
    try:
        descriptor = os.open(_request(store), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    with _closing(descriptor):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
        return False


def let_go(descriptor: int) -> None:
    """Let go of a lock, in all processes that share its *descriptor*."""
    fcntl.flock(descriptor, fcntl.LOCK_UN)


def take_again(descriptor: int, process_id: int, holder: str) -> bool:
    """Take a lock that was let go, unless somebody has it; tell whether we have it now."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    _sign(descriptor, holder, process_id)
    return True


@contextmanager
def _asking(store: Path) -> Generator[None]:
    """Ask for as long as the file of requests is open, and locked by us."""
    descriptor = os.open(_request(store), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    with _closing(descriptor):
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield


def _request(store: Path) -> Path:
    return store / "lock.wanted"


@contextmanager
def _closing(descriptor: int) -> Generator[None]:
    try:
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, patience_s: float = 0.0) -> str:
    """Lock the open file, in *patience_s* at the latest; return who has it, if that fails."""
    started = time.monotonic()
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            process_id, holder = _signature(descriptor)
            # One who was killed leaves a writer that is about to be: the lock is free in a moment.
            if process_id is None:
                return "another process"
            patience = max(patience_s, 0.0 if _is_alive(process_id) else _WAIT_FOR_THE_DEAD_S)
            if time.monotonic() - started >= patience:
                return f"process {process_id} ({holder})"
            time.sleep(_LOOK_AGAIN_S)
        else:
            return ""


def _signature(descriptor: int) -> tuple[int | None, str]:
    """Return who has signed the open file."""
    text = os.pread(descriptor, 200, 0).decode(errors="replace").strip()
    process_id, _, holder = text.partition(" ")
    return (int(process_id) if process_id.isdigit() else None), holder


def _sign(descriptor: int, holder: str, process_id: int | None = None) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{process_id or os.getpid()} {holder}\n".encode(), 0)


def _is_alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
