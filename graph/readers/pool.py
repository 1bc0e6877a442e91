"""The readers of a store: how many there are, who gets one, and that there are always enough.

All in one event loop, without locks. A reader is idle, busy or starting; one that was killed or
died is replaced by a fresh one, and one with an old generation open opens the new one.
"""

import asyncio
import contextlib
import logging
import time
from collections import Counter, deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from graph.errors import EngineUnavailable, GraphError, StoreUnusable
from graph.generations import Generation, current_generation, pointer_path
from graph.generations.holding import holding
from graph.generations.pinning import gone_generation
from graph.processes.child import START_LIMIT_S
from graph.readers.process import Reader

_LOG = logging.getLogger("metapole.readers")
_POINTER_AGE_S = 0.5
_BACK_OFF_S = (0.05, 2.0)
_STARTS_AT_ONCE = 2
_LOOK_AROUND_S = 1.0


@dataclass(frozen=True, slots=True)
class ReaderCounts:
    """How many readers there are, and what became of those that there were."""

    idle: int
    busy: int
    started: int
    ended: dict[str, int]
    """By reason.

    `time`, `memory`, `size`, `growth`, `client`, `admin`, `crash`, `lost`, `generation`.
    """


class ReaderPool:
    """The readers of one store directory, *size* of them working at a time and *spares* waiting."""

    def __init__(
        self,
        store: Path,
        *,
        size: int,
        spares: int,
        memory: int,
        queue_length: int,
        queue_wait_s: float,
    ) -> None:
        self._store = store
        self._size = size
        self._target = size + spares
        self._memory = memory
        self._queue_length = queue_length
        self._queue_wait_s = queue_wait_s
        self._slots = asyncio.Semaphore(size)
        self._queued = 0
        self._idle: deque[Reader] = deque()
        self._busy: set[Reader] = set()
        self._idle_came = asyncio.Condition()
        self._waiting = 0
        """How many have a right to a reader, and wait for one that is idle."""
        self._wanted = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._refilling: asyncio.Task[None] | None = None
        self._generation: Generation
        self._pointer_seen: tuple[int, int] | None = None
        self._pointer_looked_at = 0.0
        self._started = 0
        self._ended = Counter[str]()

    async def open(self, instead: Generation | None = None) -> None:
        """Start the readers and wait for the first; StoreUnusable when nothing was built.

        They read the current generation, or what is there *instead* until the pointer is switched.
        """
        generation = instead or current_generation(self._store)
        if generation is None:
            raise StoreUnusable(
                f"{self._store}: no store is here; make one with 'metapole build --store "
                f"{self._store}', or name another directory with --store"
            )
        self._pointer_seen = self._pointer_stamp()
        self._generation = generation
        first = await self._start_reader()
        for lack in first.missing:
            _LOG.warning("the sandbox of readers and parsers lacks something here: %s", lack)
        self._idle.append(first)
        self._wanted.set()
        self._refilling = self._run(self._refill())

    async def close(self) -> None:
        """Kill all readers."""
        if self._refilling:
            self._refilling.cancel()
        readers = [*self._idle, *self._busy]
        self._idle.clear()
        self._busy.clear()
        for reader in readers:
            self._bury(reader, "stop")
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def generation(self) -> Generation:
        """The generation that the next query runs on."""
        self._look_at_pointer()
        return self._generation

    def move_to(self, generation: Generation) -> None:
        """Have the next query run on *generation*, which was published just now."""
        self._pointer_seen = self._pointer_stamp()
        self._generation = generation
        self._wanted.set()

    @property
    def is_ready(self) -> bool:
        """Tell whether a reader is alive that has the current generation open, or can open it."""
        return any(
            reader.is_alive and (reader.generation == self._generation or reader.can_move)
            for reader in (*self._idle, *self._busy)
        )

    @property
    def counts(self) -> ReaderCounts:
        """How many readers there are and were."""
        return ReaderCounts(len(self._idle), len(self._busy), self._started, dict(self._ended))

    @property
    def process_ids(self) -> list[int]:
        """The process ids of all readers."""
        return [reader.process_id for reader in (*self._idle, *self._busy)]

    async def lease(self, pinned: Generation | None = None) -> "Lease":
        """Wait for a reader on the current generation, or on the one that is *pinned*.

        EngineUnavailable when in vain, GoneGeneration when the pinned one was swept meanwhile.
        """
        hold = self._hold(pinned) if pinned else None
        try:
            if self._slots.locked():
                await self._admit()
            else:
                await self._slots.acquire()
            try:
                reader = await self._reader(pinned)
            except BaseException:
                self._slots.release()
                raise
        except BaseException:
            if hold:
                hold.close()
            raise
        self._busy.add(reader)
        lease = Lease(self, reader)
        if hold:
            lease.when_let_go(hold.close)
        return lease

    def take_back(self, reader: Reader, broken_by: str | None) -> None:
        """End the lease of *reader*; kill it and have it replaced if it was *broken_by* something.

        The reasons are those of `ReaderCounts.ended`.
        """
        self._slots.release()
        if reader not in self._busy:
            return  # the pool was closed
        self._busy.discard(reader)
        if broken_by is None:
            # Who has another generation open is the last to be asked: to move takes a while.
            is_ahead = reader.generation == self._generation
            (self._idle.append if is_ahead else self._idle.appendleft)(reader)
            if self._waiting:
                self._run(self._announce_idle())
        else:
            self._bury(reader, broken_by)
            self._wanted.set()

    def _hold(self, generation: Generation) -> contextlib.ExitStack:
        """Keep *generation* from being swept until what is returned is closed."""
        hold = contextlib.ExitStack()
        try:
            hold.enter_context(holding(generation))
        except StoreUnusable as error:
            raise gone_generation(self._store, generation.number, self._generation) from error
        return hold

    async def _reader(self, pinned: Generation | None) -> Reader:
        self._look_at_pointer()
        if pinned is None or pinned == self._generation:
            return self._fit_reader() or await self._next_idle()
        return self._moved_reader(pinned) or await self._start_on(pinned)

    def _moved_reader(self, pinned: Generation) -> Reader | None:
        """Return an idle reader that has *pinned* open, or one that was told to open it."""
        able = [each for each in self._idle if each.is_alive]
        open_already = [each for each in able if each.generation == pinned]
        for reader in open_already or [each for each in able if each.can_move]:
            self._idle.remove(reader)
            if reader.generation != pinned:
                reader.move_to(pinned)
            return reader
        return None

    async def _admit(self) -> None:
        if self._queued >= self._queue_length:
            raise EngineUnavailable(
                f"all {self._size} readers are busy and {self._queued} queries wait already; "
                "send the query again in a few seconds"
            )
        self._queued += 1
        try:
            # Not wait_for: in Python 3.11 it can lose a cancellation, and the slot with it.
            async with asyncio.timeout(self._queue_wait_s):
                await self._slots.acquire()
        except TimeoutError as error:
            raise EngineUnavailable(
                f"all {self._size} readers were busy for {self._queue_wait_s:g} s; "
                "send the query again in a few seconds"
            ) from error
        finally:
            self._queued -= 1

    async def _next_idle(self) -> Reader:
        self._waiting += 1
        try:
            async with asyncio.timeout(START_LIMIT_S), self._idle_came:
                while (reader := self._fit_reader()) is None:
                    self._wanted.set()
                    await self._idle_came.wait()
        except TimeoutError as error:
            raise EngineUnavailable(
                f"no reader came up in {START_LIMIT_S:g} s; the log of the server says why"
            ) from error
        finally:
            self._waiting -= 1
        return reader

    def _fit_reader(self) -> Reader | None:
        while self._idle:
            reader = self._idle.pop()  # the one used last: what it read is still at hand
            if self._is_fit(reader):
                return reader
        return None

    def _is_fit(self, reader: Reader) -> bool:
        """Move *reader* to the current generation if it has another open; bury it if it cannot."""
        if not reader.is_alive:
            self._bury(reader, "lost")
        elif reader.generation == self._generation:
            return True
        elif reader.can_move:
            reader.move_to(self._generation)
            return True
        else:
            self._bury(reader, "generation")
        return False

    def _bury(self, reader: Reader, reason: str) -> None:
        self._ended[reason] += 1
        reader.kill()
        self._run(self._reap(reader))

    async def _reap(self, reader: Reader) -> None:
        await reader.exit_status()

    async def _announce_idle(self) -> None:
        async with self._idle_came:
            self._idle_came.notify()

    async def _refill(self) -> None:
        """Start what is missing, for ever; a start that fails is tried again, ever more slowly."""
        shortest, longest = _BACK_OFF_S
        pause = shortest
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_AROUND_S):
                    await self._wanted.wait()
            self._wanted.clear()
            self._drop_dead()
            missing = self._target - len(self._idle) - len(self._busy)
            while missing > 0:
                self._drop_dead()
                batch = [self._start_one() for _ in range(min(missing, _STARTS_AT_ONCE))]
                results = await asyncio.gather(*batch)
                if any(results):  # one that was killed meanwhile holds nobody up
                    pause = shortest
                else:
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, longest)
                missing = self._target - len(self._idle) - len(self._busy)

    async def _start_one(self) -> bool:
        try:
            reader = await self._start_reader()
        except (GraphError, OSError) as error:
            _LOG.warning("a reader did not start (%s); trying again", error)
            return False
        self._idle.append(reader)
        await self._announce_idle()
        return True

    async def _start_reader(self) -> Reader:
        return await self._start_on(self._generation)

    async def _start_on(self, generation: Generation) -> Reader:
        reader = await Reader.on(generation, self._memory)
        reader.when_gone(self._wanted.set)
        self._started += 1
        return reader

    def _drop_dead(self) -> None:
        self._look_at_pointer()
        self._idle = deque(filter(self._is_fit, self._idle))

    def _look_at_pointer(self) -> None:
        """Move to the generation that was published last, if there is a new one."""
        now = time.monotonic()
        if now - self._pointer_looked_at < _POINTER_AGE_S:
            return
        self._pointer_looked_at = now
        stamp = self._pointer_stamp()
        if stamp is None or stamp == self._pointer_seen:
            return
        self._pointer_seen = stamp
        try:
            generation = current_generation(self._store)
        except StoreUnusable as error:
            _LOG.error("staying on generation %d: %s", self._generation.number, error)
            return
        if generation is not None and generation != self._generation:
            _LOG.info("moving to generation %d", generation.number)
            self._generation = generation
            self._wanted.set()

    def _pointer_stamp(self) -> tuple[int, int] | None:
        try:
            status = pointer_path(self._store).stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_ino

    def _run(self, coroutine: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


class Lender(Protocol):
    """Where readers come from, and where they go when they have done their job."""

    async def lease(self, pinned: Generation | None = None) -> "Lease":
        """Wait for a reader on the current generation, or on the one that is *pinned*."""
        ...

    def take_back(self, reader: Reader, broken_by: str | None) -> None:
        """End the lease of *reader*; it was *broken_by* something, or has ended its job."""
        ...


class Lease:
    """The right to one reader, ended once, by whoever comes first."""

    def __init__(self, pool: Lender, reader: Reader) -> None:
        self.reader = reader
        self.broken_by: str | None = None
        """Why the reader was killed, if it was."""
        self._pool = pool
        self._has_ended = False
        self._on_end: Callable[[], None] | None = None
        self._let_go: Callable[[], None] | None = None

    def when_let_go(self, call: Callable[[], None]) -> None:
        """Have *call* called when the reader has done with the generation that was pinned."""
        self._let_go = call

    def when_ended(self, call: Callable[[], None]) -> None:
        """Have *call* called when the lease ends, or now if it has."""
        if self._has_ended:
            call()
        else:
            self._on_end = call

    def give_back(self) -> None:
        """End the lease; the reader has ended its job."""
        self._end(None)

    def discard(self, broken_by: str) -> None:
        """End the lease; the reader is killed and replaced, for a reason to be counted."""
        self._end(broken_by)

    def _end(self, broken_by: str | None) -> None:
        if not self._has_ended:
            self._has_ended = True
            self.broken_by = broken_by
            self._pool.take_back(self.reader, broken_by)
            if self._let_go:
                self._let_go()
            if self._on_end:
                self._on_end()
