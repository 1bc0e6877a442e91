"""The line of those who ask one server: fairly, so many at once, and not before it said."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING

from graph.errors import EngineUnavailable, RemoteBusy

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from graph.fetching.allowed import Allowed
    from graph.fetching.places import Places

LONGEST_REST_S = 300.0
"""However long it says that it is busy, it is asked again after that."""


class Turns:
    """The line of those who ask *allowed*, each with one of *places*."""

    def __init__(self, allowed: Allowed, places: Places) -> None:
        self._name = allowed.name
        self._limits = allowed.limits
        self._places = places
        self._waiting = 0
        self._rests_until = 0.0

    def rest(self, seconds: float) -> None:
        """Ask it no more for so long."""
        self._rests_until = time.monotonic() + min(seconds, LONGEST_REST_S)

    @contextlib.asynccontextmanager
    async def turn(self) -> AsyncGenerator[None]:
        """Wait for a place, and hold it; RemoteBusy or EngineUnavailable when that is too long."""
        self._refuse_while_resting()
        if self._waiting >= self._limits.waiting and self._is_full:
            raise self._busy(f"{self._waiting} requests wait for it already")
        self._waiting += 1
        try:
            async with asyncio.timeout(self._limits.total_s):
                place = await self._places.take(self._name, self._limits.concurrency)
        except TimeoutError as error:
            raise self._late() from error
        finally:
            self._waiting -= 1
        try:
            self._refuse_while_resting()
            yield
        finally:
            self._places.give_back(place)

    @property
    def _is_full(self) -> bool:
        return self._places.are_taken(self._name, self._limits.concurrency)

    def _late(self) -> RemoteBusy | EngineUnavailable:
        if self._is_full:
            return self._busy(f"no place came free in {self._limits.total_s:g} s")
        return EngineUnavailable(
            f"{self._places.number} requests to other servers are made at once, of which one "
            "client has half at most, and none of them came free; ask again in a minute"
        )

    def _refuse_while_resting(self) -> None:
        left = self._rests_until - time.monotonic()
        if left > 0:
            raise RemoteBusy(f"{self._name} said that it is busy", self._name, left)

    def _busy(self, why: str) -> RemoteBusy:
        return RemoteBusy(
            f"{self._name} is asked by many: {why}", self._name, self._limits.total_s / 2
        )
