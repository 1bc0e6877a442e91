"""The HTTP server, and how it stops: it takes nothing new, and ends the rest, in time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

import uvicorn

from server.notify import notify

if TYPE_CHECKING:
    import socket

    from server.front import Front
    from server.guarded import GuardedProtocol

STOP_S = 10
"""How long requests may go on when the server is told to stop."""

_LAST_WRITE_S = 8
"""How long changes may go on: then there is time to tell what became of them."""

BEGIN_ANEW = 75
"""The exit status of a server that is to be started again (EX_TEMPFAIL)."""

_LOOK_TICKS = 5
"""How often we look whether there is reason to begin anew, in ticks of a tenth of a second."""

_ALIVE_TICKS = 50
"""How often systemd hears that the server is alive, in ticks of a tenth of a second."""


class GentleServer(uvicorn.Server):
    """Serves *front* as *config* says, and tells systemd about it."""

    def __init__(self, config: uvicorn.Config, front: Front) -> None:
        super().__init__(config)
        self._front = front
        self._is_outdated = False
        protocol = cast("type[GuardedProtocol]", config.http)
        front.watch_connections(lambda: len(self.server_state.connections), protocol.refused)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve."""
        await super().startup(sockets)
        if self.started:
            notify("READY=1")

    async def on_tick(self, counter: int) -> bool:
        """Do what is to be done now and then; tell whether to stop."""
        if counter % _ALIVE_TICKS == 0:
            notify("WATCHDOG=1")
        if counter % _LOOK_TICKS == 0 and self._front.is_outdated:
            self._is_outdated = self.should_exit = True
        return await super().on_tick(counter)

    @property
    def exit_status(self) -> int:
        """What whoever started the server is told after it has ended."""
        if self._is_outdated:
            return BEGIN_ANEW
        return 0 if self.started else 1

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more connections, and let the requests that are there come to their end."""
        notify("STOPPING=1")
        hurrying = asyncio.create_task(self._hurry())
        await super().shutdown(sockets)
        hurrying.cancel()

    async def _hurry(self) -> None:
        await asyncio.sleep(_LAST_WRITE_S)
        await self._front.stop_writing()
