"""The fetchers: processes that ask other servers, started when there is something to ask.

Each has one request at a time. One that is late is killed, and so is one whose client went away;
one that has had nothing to do for a while is ended.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from typing import TYPE_CHECKING, Any

from graph.processes import frames
from graph.processes.child import Child

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from graph.limits import FetcherLimits

_OLD_S = 600.0
"""After that long another takes its place, which may read the files that say how names resolve.

They are replaced when a network changes, and a fetcher may read those alone that were there.
"""

_LOG = logging.getLogger("metapole.fetching")


class Pool:
    """The fetchers, which are told *setting* when they start; who takes one has a place."""

    def __init__(self, setting: dict[str, Any], limits: FetcherLimits) -> None:
        self._setting = frames.packed_json(frames.JOB, setting)
        self._limits = limits
        self._idle: dict[Child, asyncio.TimerHandle] = {}
        self._busy: set[Child] = set()
        self._told: set[str] = set()
        self._old_at: dict[Child, float] = {}
        self._reaping: set[asyncio.Task[int]] = set()

    @property
    def process_ids(self) -> list[int]:
        """The process ids of those that are there."""
        return [child.process_id for child in (*self._idle, *self._busy)]

    @contextlib.asynccontextmanager
    async def fetcher(self) -> AsyncGenerator[Child]:
        """Give a fetcher; it is killed unless it has ended its job by then, in peace."""
        child = self._rested() or await self._started()
        self._busy.add(child)
        try:
            yield child
        except BaseException:
            self._end(child)
            raise
        finally:
            self._busy.discard(child)
        self._rest(child)

    async def close(self) -> None:
        """Kill them all."""
        for child in (*self._idle, *self._busy):
            self._end(child)
        await asyncio.gather(*self._reaping, return_exceptions=True)

    def _rested(self) -> Child | None:
        while self._idle:
            child, timer = self._idle.popitem()  # the one that rested last
            timer.cancel()
            if child.is_alive:
                return child
            self._end(child)
        return None

    async def _started(self) -> Child:
        child = await Child.start(
            "a fetcher",
            "graph.fetching.child",
            (self._limits.memory_mb * 1_000_000,),
        )
        child.send_soon(self._setting)
        self._old_at[child] = time.monotonic() + _OLD_S
        for lack in set(child.missing) - self._told:
            _LOG.warning("the sandbox of fetchers lacks something here: %s", lack)
        self._told.update(child.missing)
        return child

    def _rest(self, child: Child) -> None:
        if not child.is_alive or time.monotonic() > self._old_at[child]:
            self._end(child)
            return
        loop = asyncio.get_running_loop()
        self._idle[child] = loop.call_later(self._limits.idle_s, self._end, child)

    def _end(self, child: Child) -> None:
        if timer := self._idle.pop(child, None):
            timer.cancel()
        self._old_at.pop(child, None)
        child.kill()
        reaping = asyncio.get_running_loop().create_task(child.exit_status())
        self._reaping.add(reaping)
        reaping.add_done_callback(self._reaping.discard)
