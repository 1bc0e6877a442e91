"""The line of those who ask one server: in order, so many at once, and not before it said."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING

from graph.errors import RemoteBusy

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from graph.fetching.allowed import Allowed

LONGEST_REST_S = 300.0
"""However long it says that it is busy, it is asked again after that."""


class Turns:
    """The line of those who ask *allowed*."""

    def __init__(self, allowed: Allowed) -> None:
        self._name = allowed.name
        self._limits = allowed.limits
        self._places = asyncio.Semaphore(allowed.limits.concurrency)
        self._waiting = 0
        self._rests_until = 0.0

    def rest(self, seconds: float) -> None:
        """Ask it no more for so long."""
        self._rests_until = time.monotonic() + min(seconds, LONGEST_REST_S)

    @contextlib.asynccontextmanager
    async def turn(self) -> AsyncGenerator[None]:
        """Wait for a place, and hold it; RemoteBusy when that is too long."""
        self._refuse_while_resting()
        if self._waiting >= self._limits.waiting and self._places.locked():
            raise self._busy(f"{self._waiting} requests wait for it already")
        self._waiting += 1
        try:
            async with asyncio.timeout(self._limits.total_s):
                await self._places.acquire()
        except TimeoutError as error:
            raise self._busy(f"no place came free in {self._limits.total_s:g} s") from error
        finally:
            self._waiting -= 1
        try:
            self._refuse_while_resting()
            yield
        finally:
            self._places.release()

    def _refuse_while_resting(self) -> None:
        left = self._rests_until - time.monotonic()
        if left > 0:
            raise RemoteBusy(f"{self._name} said that it is busy", self._name, left)

    def _busy(self, why: str) -> RemoteBusy:
        return RemoteBusy(
            f"{self._name} is asked by many: {why}", self._name, self._limits.total_s / 2
        )
