"""What readers are asked to do: a list of it, and its end when whoever runs the server says so."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Any, Literal

from graph.asker import ASKER, Asker
from graph.errors import QueryStopped

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator, Iterator

    from graph.generations import Generation
    from graph.readers.pool import Lease, Lender

State = Literal["waiting", "evaluating", "streaming", "asking"]

STOPPED = "admin"
"""What the end of a reader is counted under that an administrator has caused."""


class Running:
    """All that readers are asked to do now. For use in one event loop."""

    def __init__(self) -> None:
        self._activities: set[Activity] = set()

    def __iter__(self) -> Iterator[Activity]:
        """Return what is being done, what began first before the others."""
        return iter(sorted(self._activities, key=lambda each: each.since))

    def begin(self, kind: str) -> Activity:
        """List a job of *kind* until it ends."""
        activity = Activity(kind, ASKER.get() or Asker(""), self._activities.discard)
        self._activities.add(activity)
        return activity

    def stop(self, asker_id: str) -> int:
        """End all that the request *asker_id* has caused; return how many jobs that were."""
        found = [each for each in self._activities if each.asker.id == asker_id]
        for each in found:
            each.stop()
        return len(found)


class Activity:
    """One job, from the wait for a reader to the last byte of its answer."""

    def __init__(self, kind: str, asker: Asker, on_end: Callable[[Activity], object]) -> None:
        self.kind = kind
        self.asker = asker
        """Who asked first; others may be waiting for the same answer."""
        self.since = time.monotonic()
        self.state: State = "waiting"
        self._on_end = on_end
        self._lease: Lease | None = None
        self._waits: asyncio.Task[object] | None = None
        self._is_stopped = False

    @property
    def process_id(self) -> int | None:
        """The process id of the reader, if one has the job."""
        return self._lease.reader.process_id if self._lease else None

    @property
    def generation(self) -> int | None:
        """The number of the generation that is read, if a reader has the job."""
        return self._lease.reader.generation.number if self._lease else None

    @property
    def seconds(self) -> float:
        """How long the job has taken so far."""
        return time.monotonic() - self.since

    async def lease(self, pool: Lender, pinned: Generation | None = None) -> Lease:
        """Wait for a reader of *pool*, on the generation that is *pinned*, if any.

        QueryStopped when the wait is ended by `stop`.
        """
        self.state, self._lease = "waiting", None
        with self._stoppable():
            self._lease = await pool.lease(pinned)
        self.state = "evaluating"
        return self._lease

    async def wait(self, work: Coroutine[Any, Any, None]) -> None:
        """Do *work*, for which others are waited for; QueryStopped when it is ended by `stop`."""
        self.state = "asking"
        with self._stoppable():
            await work

    @contextlib.contextmanager
    def _stoppable(self) -> Generator[None]:
        """Let `stop` end the wait that is inside."""
        task = self._waits = asyncio.current_task()
        try:
            yield
        except BaseException as error:
            if task and self._is_stopped:
                task.uncancel()
                raise stopped() from error
            raise
        finally:
            self._waits = None

    def stream(self) -> None:
        """Note that the answer is on its way; the job ends with the lease."""
        assert self._lease  # noqa: S101 -- there is an answer
        self.state = "streaming"
        self._lease.when_ended(self.end)

    def end(self) -> None:
        """Take the job from the list."""
        self._on_end(self)

    def stop(self) -> None:
        """End the job, and its reader with it."""
        if self._waits:
            self._is_stopped = True
            self._waits.cancel()
        elif self._lease:
            self._lease.discard(STOPPED)


def stopped() -> QueryStopped:
    """Return the error that an administrator has ended a job."""
    return QueryStopped(
        "it was stopped by an administrator; ask whoever runs this server before you send it again"
    )
