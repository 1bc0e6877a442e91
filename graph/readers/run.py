"""One job on one reader: its answer, held back while it is short, and its end in time."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from graph.errors import AnswerTooLong, EngineUnavailable, QueryTimedOut
from graph.limits import DumpLimits, Limits
from graph.processes import frames
from graph.publishing.edition import facts_of
from graph.readers.failures import out_of_memory, raise_failure
from graph.readers.pool import Lease
from graph.readers.running import STOPPED, stopped

if TYPE_CHECKING:
    from graph.federation.outcome import Asked

HELD_BACK_BYTES = 1_000_000
"""An answer shorter than this is complete before anything is said about it."""

Content = Path | Sequence[bytes]
"""What belongs to a job and is sent after it: a file, or bytes."""

_ANSWERS = frozenset(("query", "graph", "document"))
"""What kinds of jobs are answered to clients; the answers to others stay here."""

_SIGABRT = -signal.SIGABRT
_SIGXCPU = -signal.SIGXCPU
_OWN_FAULTS = {-signal.SIGSEGV, -signal.SIGBUS, -signal.SIGILL, -signal.SIGFPE}


class Answer:
    """The bytes that answer an operation; iterate over it once, and close it in any case."""

    def __init__(self, run: "Run", start: bytes, *, is_complete: bool) -> None:
        self.generation = run.generation
        self.deadline = run.deadline
        """When the answer is cut short, in the time of the event loop."""
        self.size = len(start) if is_complete else None
        """How many bytes the answer has, where that is known before it is sent."""
        self.asked: tuple[Asked, ...] = ()
        """What came of asking other endpoints for it."""
        self._start = start
        self._run = run

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield the bytes as they come; raise GraphError when no more will come."""
        start, self._start = self._start, b""
        if start:
            yield start
        del start
        async for piece in self._run.rest():
            yield piece

    def close(self) -> None:
        """Let go of the reader; kill it if it has more to say."""
        self._run.stop()


class ReaderLost(Exception):  # noqa: N818 -- a fact to act on, never shown
    """The reader died, and the query is not to blame."""


class Run:
    """One job on one reader, which is killed when the job's time is up."""

    def __init__(self, lease: Lease, deadline: float, limits: Limits | DumpLimits) -> None:
        self.generation = lease.reader.generation
        self.deadline = deadline
        self._lease = lease
        self._limits = limits
        self._is_over = False
        # Not a timeout around the reading: nobody may be reading, when the client does not.
        self._alarm = asyncio.get_running_loop().call_at(deadline, lease.discard, "time")
        self._broken_by = "client"
        self._bytes_left = float("inf")

    async def answer(self, job: dict[str, Any], content: Content | None = None) -> Answer:
        """Do *job*, which *content* may belong to.

        Hold its answer back until it is complete or long.
        """
        start = bytearray()
        if job["kind"] in _ANSWERS:
            self._bytes_left = self._limits.result_bytes
        if job["kind"] == "document" or job.get("searches"):
            job = {**job, "generation": facts_of(self.generation)}
        try:
            await self._lease.reader.send(job)
            if content is not None:
                await self._send(content)
            async for piece in self.rest():
                start += piece
                if len(start) > HELD_BACK_BYTES:
                    break
        except BaseException:
            self.stop()
            raise
        return Answer(self, bytes(start), is_complete=self._is_over)

    async def _send(self, content: Content) -> None:
        reader = self._lease.reader
        if isinstance(content, Path):
            with content.open("rb") as file:
                while piece := await asyncio.to_thread(file.read, frames.FRAME_BYTES):
                    await reader.send_frame(frames.packed(frames.DATA, piece))
        else:
            for piece in (piece for each in content for piece in frames.pieces(each)):
                await reader.send_frame(frames.packed(frames.DATA, piece))
        await reader.send_frame(frames.packed(frames.END, b""))

    async def rest(self) -> AsyncIterator[bytes]:
        """Yield what the reader has to say until its end; raise what went wrong."""
        while not self._is_over:
            frame = await self._lease.reader.receive()
            if frame is None:
                await self._raise_loss()
            kind, payload = frame
            if kind == frames.DATA:
                self._count(len(payload))
                yield payload
            else:
                self._finish(json.loads(payload))

    def stop(self) -> None:
        """Let go of the reader; kill it unless it has ended its job."""
        self._alarm.cancel()
        self._lease.discard(self._broken_by)

    def _count(self, size: int) -> None:
        self._bytes_left -= size
        if self._bytes_left < 0:
            self._broken_by = "size"
            self.stop()
            raise AnswerTooLong(
                f"the answer has more than {self._limits.result_bytes:,} bytes, and was stopped; "
                "ask for less: a LIMIT, fewer columns, or one part after the other"
            )

    def _finish(self, ending: dict[str, Any]) -> None:
        self._is_over = True
        self._alarm.cancel()
        if ending["is_usable"]:
            self._lease.give_back()
        else:
            self._lease.discard("memory" if ending.get("failure") == "memory" else "growth")
        if "failure" in ending:
            raise_failure(ending, self._limits, self.generation)

    async def _raise_loss(self) -> NoReturn:
        if self._lease.broken_by == STOPPED:
            raise stopped()
        if asyncio.get_running_loop().time() >= self.deadline:
            raise self._too_slow()
        status = await self._lease.reader.exit_status()
        if status == _SIGXCPU:
            self._broken_by = "time"
            raise self._too_slow()
        self._broken_by = "lost"
        if status == _SIGABRT:
            self._broken_by = "memory"
            raise out_of_memory(self._limits)
        if status in _OWN_FAULTS:
            self._broken_by = "crash"
            raise EngineUnavailable(
                f"the query made its reader crash (signal {-status}); other queries are not "
                "affected. Write it with fewer terms in a row, and please report it"
            )
        raise ReaderLost

    def _too_slow(self) -> QueryTimedOut:
        return QueryTimedOut(
            f"the query was stopped after {self._limits.timeout_s:g} s; ask for less: "
            "a LIMIT, fewer patterns, or patterns that share variables"
        )
