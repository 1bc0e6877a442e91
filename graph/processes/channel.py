"""Our end of the socket to a child: frames go out and come in, whole and in order.

Not asyncio's streams: a small answer would cost four turns of the event loop more.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, cast

from graph.processes import frames

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST_UNREAD_BYTES = 2 * frames.FRAME_BYTES
"""Who does not take the frames that came makes the child wait from here on."""


class Channel(asyncio.Protocol):
    """Frames to and from a child. One at a time waits for the next of them."""

    def __init__(self) -> None:
        self.on_end: Callable[[], object] | None = None
        """What to call when the child is gone."""
        self._transport: asyncio.Transport
        self._rest = bytearray()
        self._frames: deque[frames.Frame] = deque()
        self._unread_bytes = 0
        self._is_paused = False
        self._is_over = False
        self._came: asyncio.Future[None] | None = None
        self._can_write = asyncio.Event()
        self._can_write.set()

    @property
    def is_over(self) -> bool:
        """Tell whether the child is gone, and all that it said is taken."""
        return self._is_over and not self._frames

    def write(self, frame: bytes) -> None:
        """Send *frame*; a child that is gone is noticed when we receive."""
        if not self._is_over:
            self._transport.write(frame)

    async def drain(self) -> None:
        """Wait until the child has read most of what was written."""
        await self._can_write.wait()

    async def receive(self) -> frames.Frame | None:
        """Return the next frame, or None when the child is gone."""
        while not self._frames:
            if self._is_over:
                return None
            self._came = asyncio.get_running_loop().create_future()
            try:
                await self._came
            finally:
                self._came = None
        frame = self._frames.popleft()
        self._unread_bytes -= len(frame[1])
        if self._is_paused and self._unread_bytes < _MOST_UNREAD_BYTES:
            self._is_paused = False
            self._transport.resume_reading()
        return frame

    def close(self) -> None:
        """Close our end."""
        self._transport.close()

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Take what the child has said."""
        self._rest += data
        while frame := frames.taken_from(self._rest):
            self._frames.append(frame)
            self._unread_bytes += len(frame[1])
        if self._frames and self._unread_bytes >= _MOST_UNREAD_BYTES and not self._is_paused:
            self._is_paused = True
            self._transport.pause_reading()
        if self._frames:
            self._wake()

    def eof_received(self) -> None:
        """Note that the child says no more."""
        self._end()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 -- however it ended
        """Note that the child is gone."""
        self._end()

    def pause_writing(self) -> None:
        """Have those wait who have more to send."""
        self._can_write.clear()

    def resume_writing(self) -> None:
        """Let them go on."""
        self._can_write.set()

    def _end(self) -> None:
        if self.on_end and not self._is_over:
            self.on_end()
        self._is_over = True
        self._can_write.set()
        self._wake()

    def _wake(self) -> None:
        if self._came and not self._came.done():
            self._came.set_result(None)
