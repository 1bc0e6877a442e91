"""Keep the front running: start it, tell it to stop, and start it again when it dies.

The supervisor opens the socket and holds the store's locks, so while one front follows another no
connection is refused and nobody else takes the store. It does nothing else, so nothing kills it.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
import time
from typing import TYPE_CHECKING, NoReturn

from graph.processes.sandbox import die_with

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    Front = Callable[[Callable[[], None]], int]
    """Serves until told to stop; calls what it is given once it serves; returns a status."""

_LOG = logging.getLogger("metapole.supervisor")
_BACK_OFF_S = (0.05, 5.0)
_CALM_S = 2.0
"""A front that has served, lasted so long and dies, is started again at once: clients wait."""


def supervise(
    front: Front, say: Callable[[str], None], on_stop: Callable[[], None] = lambda: None
) -> int:
    """Run *front* in a process of its own, again and again until it is told to stop.

    Then *on_stop* is called, which lets nobody else connect, and the front is told to stop; if we
    are told so again, it is killed.
    A front that ends before it has ever served is not started again: its exit status is ours.
    Where processes cannot be forked there is no supervisor, and *front* runs in this one.
    """
    if not hasattr(os, "fork"):
        say("this system cannot fork: nobody restarts the server if it dies")
        return front(lambda: None)
    return _Supervisor(front, say, on_stop).run()


def run_apart(work: Callable[[], int]) -> int:
    """Run *work* in a process of its own, so that none of what it needs stays; return its status.

    Where processes cannot be forked it runs in this one.
    """
    if not hasattr(os, "fork"):
        return work()
    sys.stdout.flush()
    sys.stderr.flush()
    parent = os.getpid()
    if child := os.fork():
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        return code if code >= 0 else 128 - code
    status = 1
    try:
        die_with(parent)
        status = work()
    except KeyboardInterrupt:
        status = 130
    except Exception:
        _LOG.exception("a part of the start failed")
    finally:
        sys.stderr.flush()
        os._exit(status)


class _Supervisor:
    def __init__(
        self, front: Front, say: Callable[[str], None], on_stop: Callable[[], None]
    ) -> None:
        self._front = front
        self._say = say
        self._on_stop = on_stop
        self._child = 0
        self._is_stopping = False

    def run(self) -> int:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        shortest, longest = _BACK_OFF_S
        pause = shortest
        has_served = False
        while True:
            started = time.monotonic()
            status, served = self._run_once()
            has_served = has_served or served
            if self._is_stopping:
                return max(status, 0)
            if status == 0 or not has_served:
                return status if status >= 0 else 128 - status
            self._say(f"the server ended by itself ({_ending(status)}); starting it again")
            if served and time.monotonic() - started > _CALM_S:
                pause = shortest
                continue
            time.sleep(pause)
            pause = min(2 * pause, longest)
            if self._is_stopping:
                return 0

    def _run_once(self) -> tuple[int, bool]:
        """Run the front to its end; return its status and whether it has served."""
        supervisor = os.getpid()
        told, tells = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        self._child = os.fork()
        if not self._child:
            os.close(told)
            self._be_front(supervisor, tells)
        os.close(tells)
        if self._is_stopping:  # told so before there was anyone to tell
            os.kill(self._child, signal.SIGTERM)
        _, status = os.waitpid(self._child, 0)
        self._child = 0
        _bury_orphans()
        with os.fdopen(told, "rb") as pipe:
            return os.waitstatus_to_exitcode(status), bool(pipe.read(1))

    def _be_front(self, supervisor: int, tells: int) -> NoReturn:
        status = 1
        try:
            # Out of the terminal's sight: what it sends to all comes from the supervisor, once.
            os.setpgid(0, 0)
            die_with(supervisor)
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_DFL)
            status = self._front(lambda: _tell(tells))
        except Exception:
            _LOG.exception("the server failed")
        finally:
            sys.stderr.flush()
            os._exit(status)

    def _stop(self, _: int, __: FrameType | None) -> None:
        number = signal.SIGKILL if self._is_stopping else signal.SIGTERM
        self._is_stopping = True
        self._on_stop()
        if self._child:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._child, number)


def _bury_orphans() -> None:
    """Take leave of what the front has left behind: in a container we are who has to."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _tell(pipe: int) -> None:
    os.write(pipe, b"1")
    os.close(pipe)


def _ending(status: int) -> str:
    return f"status {status}" if status >= 0 else signal.Signals(-status).name
