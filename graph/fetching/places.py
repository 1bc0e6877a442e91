"""Places at the fetchers, which clients share: who has the fewest gets the next.

A place is for one request to one server. Nobody holds a place at a server while all fetchers are
busy, nor a fetcher while the server has enough: both are given at once.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass

from graph.asker import CLIENT


@dataclass(slots=True, eq=False)
class Place:
    """A place of *client* at *server*, which gets *most* requests at once."""

    client: str
    server: str
    most: int


class Places:
    """So many places. A client takes one while more are free than it has, and so does a server.

    So a client that asks whom nobody hears from holds half of them at most, the next one half of
    the rest, and somebody who comes later need not wait until those give up; nor does who asks
    another server than the many who wait for silent ones. What is nobody's request, such as a
    mirror, may have all.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self._held: set[Place] = set()
        self._by_client: Counter[str] = Counter()
        self._by_server: Counter[str] = Counter()
        self._waiting: dict[Place, asyncio.Future[None]] = {}

    def are_taken(self, server: str, most: int) -> bool:
        """Tell whether *server* gets *most* requests already."""
        return self._by_server[server] >= most

    async def take(self, server: str, most: int) -> Place:
        """Wait for a place at *server*, for whoever asks; it is to be given back."""
        place = Place(CLIENT.get(), server, most)
        given: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[place] = given
        self._share()
        try:
            await given
        except asyncio.CancelledError:
            self._waiting.pop(place, None)
            if place in self._held:
                self.give_back(place)
            raise
        return place

    def give_back(self, place: Place) -> None:
        """Let somebody else have *place*."""
        self._held.remove(place)
        self._count(place, -1)
        self._share()

    def _share(self) -> None:
        """Give what is free to those who have the fewest, and of these to who came first."""
        while ready := [place for place in self._waiting if self._is_for(place)]:
            place = min(ready, key=lambda each: self._by_client[each.client])
            given = self._waiting.pop(place)
            if not given.done():  # else it was cancelled, and has not noticed yet
                self._held.add(place)
                self._count(place, 1)
                given.set_result(None)

    def _is_for(self, place: Place) -> bool:
        held = max(self._by_client[place.client], self._by_server[place.server])
        is_free = self.number - len(self._held) > (held if place.client else 0)
        return is_free and not self.are_taken(place.server, place.most)

    def _count(self, place: Place, change: int) -> None:
        for counter, name in ((self._by_client, place.client), (self._by_server, place.server)):
            counter[name] += change
            if not counter[name]:
                del counter[name]
