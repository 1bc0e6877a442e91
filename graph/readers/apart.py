"""Readers for what takes long: each is started for one job, and killed when it has done it.

No query waits for one, and none is asked twice: a job that takes minutes leaves too much behind.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from graph.errors import EngineUnavailable, StoreUnusable
from graph.generations.holding import holding
from graph.readers.pool import Lease
from graph.readers.process import Reader

if TYPE_CHECKING:
    from collections.abc import Callable

    from graph.generations import Generation
    from graph.limits import DumpLimits

_NICE = 10
"""How far they stand back when there is less of the processors than is wanted (see nice(1))."""


class ReadersApart:
    """The readers of a store that are started for one job each; *current* tells the generation."""

    def __init__(self, limits: DumpLimits, current: Callable[[], Generation]) -> None:
        self._limits = limits
        self._current = current
        self._places = limits.at_once
        self._holds: dict[Reader, contextlib.ExitStack] = {}
        self._reaping: set[asyncio.Task[int]] = set()

    async def lease(self, pinned: Generation | None = None) -> Lease:
        """Start a reader on the current generation, or on the one that is *pinned*.

        EngineUnavailable when there are enough of them, or it does not come up.
        """
        if not self._places:
            raise EngineUnavailable(
                f"{self._limits.at_once} dumps are being made, which is as many as are made at "
                "once; ask again in a minute"
            )
        self._places -= 1
        hold = contextlib.ExitStack()
        try:
            generation = self._held(pinned, hold)
            reader = await Reader.on(generation, self._limits.memory_mb * 1_000_000, nice=_NICE)
        except BaseException:
            self._places += 1
            hold.close()
            raise
        self._holds[reader] = hold
        return Lease(self, reader)

    def take_back(self, reader: Reader, broken_by: str | None) -> None:  # noqa: ARG002 -- whatever it was, the reader goes
        """End the lease of *reader*, and the reader."""
        if (hold := self._holds.pop(reader, None)) is None:
            return  # all were closed
        self._places += 1
        hold.close()
        reader.kill()
        reaping = asyncio.get_running_loop().create_task(reader.exit_status())
        self._reaping.add(reaping)
        reaping.add_done_callback(self._reaping.discard)

    async def close(self) -> None:
        """Kill all readers."""
        for reader in list(self._holds):
            self.take_back(reader, "stop")
        await asyncio.gather(*self._reaping, return_exceptions=True)

    def _held(self, pinned: Generation | None, hold: contextlib.ExitStack) -> Generation:
        """Keep the generation from being swept as long as *hold* is open, and return it."""
        if pinned:
            hold.enter_context(holding(pinned))
            return pinned
        generation = self._current()
        try:
            hold.enter_context(holding(generation))
        except StoreUnusable:  # it was replaced meanwhile, and swept
            generation = self._current()
            hold.enter_context(holding(generation))
        return generation
