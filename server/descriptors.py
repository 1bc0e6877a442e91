"""How many files this process may have open, and how many connections there is room for.

A connection is an open file. Who has no more of those can take no connection, start no reader and
store nothing, so the limits see to it that this cannot happen.
"""

from __future__ import annotations

import contextlib
import dataclasses
import resource
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from server.guarded import ConnectionLimits

BACKLOG = 2048
"""How many connections may wait to be taken; they may all be taken before one is refused."""

_OWN = 256
"""How many open files the server needs besides: for its processes, the store, what is sent."""


def within_reach(
    limits: ConnectionLimits, say: Callable[[str], None], allowed: int | None = None
) -> ConnectionLimits:
    """Return *limits* with no more connections than files may be open; *say* if that changes them.

    As many files are *allowed* as the system lets us have, unless one says otherwise.
    """
    allowed = _raised() if allowed is None else allowed
    most = max(allowed - _OWN - backlog(allowed), 1)
    if limits.total <= most:
        return limits
    say(
        f"only {allowed} files may be open here, so there will be {most} connections instead of "
        f"{limits.total}; raise the limit (ulimit -Hn) or lower connection.total"
    )
    return dataclasses.replace(limits, total=most)


def backlog(allowed: int | None = None) -> int:
    """Return how many connections may wait to be taken."""
    if allowed is None:
        allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return BACKLOG if allowed == resource.RLIM_INFINITY else max(1, min(BACKLOG, allowed // 4))


def _raised() -> int:
    """Raise the number of files that may be open as far as we may; return it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with contextlib.suppress(ValueError, OSError):  # macOS takes no number that it calls hard
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _UNBOUNDED if soft == resource.RLIM_INFINITY else soft


_UNBOUNDED = 1 << 20
