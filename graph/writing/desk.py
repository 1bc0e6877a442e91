"""The desk: takes wishes from the front, and has the writer make them, those that wait together.

    desk = Desk(store, Writing(), on_published)
    desk.open()
    written = await desk.write(wish)

A wish is answered when its commit is on disk and current. The writer may be killed at any time, by
a wish that takes too long or by anything else: what was not published is then begun anew from the
newest generation, without the wish that was to blame, so nobody is told of what is not there.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import time
from collections import Counter, deque
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from graph.errors import EngineUnavailable, GraphError, QueryOutOfMemory, QueryTimedOut
from graph.generations import Generation, current_generation
from graph.generations.locks import is_asked_for, let_go, take_again
from graph.generations.publishing import settle
from graph.paths import bundled
from graph.processes import frames
from graph.processes.child import Child
from graph.sparql.parser import tables
from graph.writing.outcomes import error_of
from graph.writing.wishes import Update, Written

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from graph.limits import Writing
    from graph.writing.wishes import Wish

_LOG = logging.getLogger("metapole.writer")
_BACK_OFF_S = (0.05, 5.0)
_LOOK_AROUND_S = 1.0
_LOOK_AGAIN_S = 0.05
_LAST_BATCH_S = 5.0
_STOPPING = "the server is stopping; nothing was changed"
_RESTORING = (
    "the store is being restored or goes back, nothing was changed; send it again in a few seconds"
)


class Gate(Protocol):
    """Who says whether changed data may be published."""

    async def verdict(self, extract: bytes) -> dict[str, Any]:
        """Return what the writer is told about *extract*, which it made."""
        ...

    async def profile(self) -> list[dict[str, Any]]:
        """Return what the shapes look at, which tells the writer what to extract."""
        ...


@dataclass(eq=False, slots=True)
class _Waiting:
    """A wish that nobody has answered."""

    content: bytes
    since: float
    answer: asyncio.Future[Written]
    attempts: int = 0
    is_taken: bool = False
    """The writer has it, or will have it again."""

    def refuse(self, error: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)


class _Lost(Exception):  # noqa: N818 -- a fact to act on, never shown
    """The writer is gone before it has said that the batch is published."""

    def __init__(self, blamed: int | None, reason: GraphError | None) -> None:
        super().__init__(blamed, reason)
        self.blamed = blamed
        """Which wish of the batch it was at."""
        self.reason = reason
        """Why that is the fault of this wish; None if it is nobody's."""


@dataclass(slots=True)
class _Batch:
    """Wishes that the writer works on together."""

    wishes: list[_Waiting]
    generation: int
    """The generation that they were to change."""
    at: int | None = None
    """Which of them the writer is at."""
    outcomes: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """What became of each, if the batch is published."""


class Desk:
    """The only way to the writer of a store, whose lock the caller holds."""

    def __init__(
        self,
        store: Path,
        writing: Writing,
        on_published: Callable[[Generation], None],
        gate: Gate | None = None,
    ) -> None:
        self._store = store
        self._limits = writing.limits
        self._validate = writing.validate
        self._lock = writing.lock
        self._on_published = on_published
        self._gate = gate
        self._queue: deque[_Waiting] = deque()
        self._came = asyncio.Event()
        self._writer: Child | None = None
        self._loop: asyncio.Task[None] | None = None
        self._start_at = 0.0
        self._is_closing = False
        self.has_let_go = False
        """Whether somebody else writes to the store now, who has asked for it."""
        self.on_batch: Callable[[float], None] | None = None
        """What to call with the seconds that a batch took."""
        self.counts = Counter[str]()
        """`commits`, `batches`, `refused`, and `lost` writers."""
        self.seconds = 0.0
        """How long all batches took."""

    def open(self) -> None:
        """Begin to start the writer; what comes meanwhile waits for it.

        A server that ended after it had let go of the lock is followed by one that has to wait.
        """
        self.has_let_go = not self._has_lock()
        self._loop = asyncio.create_task(self._begin())

    async def close(self) -> None:
        """Kill the writer; what it has published by then is answered, all else is refused."""
        self._is_closing = True
        self._came.set()
        if self._writer:
            self._writer.kill()
        if self._loop:
            await asyncio.wait((self._loop,), timeout=_LAST_BATCH_S)
            self._loop.cancel()
            await asyncio.gather(self._loop, return_exceptions=True)
        for waiting in self._queue:
            waiting.refuse(EngineUnavailable(_STOPPING))
        if self._writer:
            await self._end(self._writer)

    @property
    def process_id(self) -> int | None:
        """The process id of the writer, when there is one."""
        return self._writer.process_id if self._writer else None

    @property
    def is_up(self) -> bool:
        """Tell whether the writer is there."""
        return self._writer is not None and self._writer.is_alive

    @property
    def waiting(self) -> int:
        """How many wishes wait."""
        return len(self._queue)

    async def write(self, wish: Wish, plan: bytes = b"") -> Written:
        """Have *wish* made, an update by its *plan*; raise why it is not."""
        if self._is_closing:
            raise EngineUnavailable(_STOPPING)
        if self.has_let_go:
            raise EngineUnavailable(_RESTORING)
        if len(self._queue) >= self._limits.queue_length:
            raise EngineUnavailable(
                f"{len(self._queue)} changes wait already, nothing was changed; "
                "send it again in a few seconds"
            )
        loop = asyncio.get_running_loop()
        waiting = _Waiting(_content(wish, plan), loop.time(), loop.create_future())
        self._queue.append(waiting)
        self._came.set()
        try:
            return await asyncio.shield(waiting.answer)
        except asyncio.CancelledError:
            if waiting.is_taken:  # what it refers to has to stay until the writer is done with it
                await asyncio.wait((waiting.answer,))
                waiting.answer.exception()
            waiting.answer.cancel()
            raise

    async def _begin(self) -> None:
        if not self.has_let_go:
            await self._keep_up()
        for lack in self._writer.missing if self._writer else ():
            _LOG.warning("the sandbox of the writer lacks something here: %s", lack)
        await self._work()

    async def _work(self) -> None:
        """Make one batch after the other until the desk is closed."""
        while not self._is_closing:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_AROUND_S):
                    await self._came.wait()
            self._came.clear()
            if self.has_let_go or (self._lock is not None and is_asked_for(self._store)):
                await self._step_aside()
            while not self._is_closing and (batch := self._next_batch()):
                try:
                    await self._make(batch)
                except Exception as error:
                    _LOG.exception("a batch of changes failed")
                    for waiting in batch:
                        waiting.refuse(
                            EngineUnavailable(f"the writer failed ({type(error).__name__})")
                        )
                    await self._end_writer()
            await self._keep_up()

    async def _step_aside(self) -> None:
        """Let another process write, as long as it wants; then begin anew from what it left."""
        assert self._lock is not None  # noqa: S101 -- the caller has looked
        _LOG.warning("letting another process write to the store")
        self.has_let_go = True
        await self._end_writer()
        for waiting in self._queue:
            waiting.refuse(EngineUnavailable(_RESTORING))
        self._queue.clear()
        let_go(self._lock)
        while not self._is_closing and (is_asked_for(self._store) or not self._has_lock()):
            await asyncio.sleep(_LOOK_AGAIN_S)
        if self._is_closing:
            return
        if generation := current_generation(self._store):
            self._on_published(generation)
        await self._keep_up()
        self.has_let_go = False
        _LOG.warning("writing to the store again")

    def _has_lock(self) -> bool:
        return self._lock is None or take_again(self._lock, os.getppid(), "metapole serve")

    def _next_batch(self) -> list[_Waiting]:
        batch: list[_Waiting] = []
        oldest = asyncio.get_running_loop().time() - self._limits.queue_wait_s
        while self._queue and len(batch) < self._limits.batch:
            waiting = self._queue.popleft()
            if waiting.answer.done():
                continue
            if waiting.since < oldest and not waiting.attempts:
                waiting.refuse(
                    EngineUnavailable(
                        f"others were changing the data for {self._limits.queue_wait_s:g} s, "
                        "nothing was changed; send it again in a few seconds"
                    )
                )
                continue
            waiting.is_taken = True
            batch.append(waiting)
        return batch

    async def _make(self, wishes: list[_Waiting]) -> None:
        """Have the writer make *wishes* and publish them; put back those to be tried again."""
        started = time.perf_counter()
        try:
            writer = await self._running_writer()
            if self._is_closing:
                raise EngineUnavailable(_STOPPING)
        except GraphError as error:
            for waiting in wishes:
                waiting.refuse(error)
            return
        generation = current_generation(self._store)
        batch = _Batch(wishes, generation.number if generation else 0)
        try:
            await self._run(writer, batch)
        except _Lost as loss:
            self.counts["lost"] += 1
            await self._end_writer()
            self._recover(batch, loss)
        seconds = time.perf_counter() - started
        self.counts["batches"] += 1
        self.seconds += seconds
        if self.on_batch:
            self.on_batch(seconds)

    async def _run(self, writer: Child, batch: _Batch) -> None:
        """Send *batch* to *writer* and do what it asks for until it has published it."""
        await writer.send_frame(frames.packed(frames.JOB, _job(batch.wishes)))
        limit = self._limits.timeout_s
        while True:
            frame = await self._receive(writer, batch, limit)
            kind, payload = frame
            if kind == frames.BEGUN:
                batch.at = int(json.loads(payload)["wish"])
                limit = self._limits.timeout_s
            elif kind == frames.EXTRACT:
                verdict = await self._verdict(payload)
                await writer.send_frame(frames.packed_json(frames.VERDICT, verdict))
            elif kind == frames.OUTCOMES:
                batch.outcomes = json.loads(payload)
                batch.at, limit = None, self._limits.publish_timeout_s
            else:
                self._finish(batch, json.loads(payload))
                return

    async def _receive(self, writer: Child, batch: _Batch, limit: float) -> frames.Frame:
        try:
            async with asyncio.timeout(limit):
                frame = await writer.receive()
        except TimeoutError as error:
            writer.kill()
            await writer.exit_status()
            raise _Lost(batch.at, None if batch.at is None else self._too_slow()) from error
        if frame is None:
            status = await writer.exit_status()
            raise _Lost(batch.at, self._own_fault(status) if batch.at is not None else None)
        return frame

    async def _verdict(self, extract: bytes) -> dict[str, Any]:
        if self._gate is None:
            raise RuntimeError("the writer asks for a verdict, and there is no gate")
        if extract:
            return await self._gate.verdict(extract)
        try:
            return {"profile": await self._gate.profile()}
        except EngineUnavailable as error:
            return {"failure": "EngineUnavailable", "message": str(error)}

    def _finish(self, batch: _Batch, ending: dict[str, Any]) -> None:
        """Answer all wishes of *batch*, which is published unless *ending* says otherwise."""
        if "failure" in ending:
            error = EngineUnavailable(
                f"the change could not be stored ({ending['message']}), nothing was changed; "
                "send it again in a few seconds"
            )
            for waiting in batch.wishes:
                waiting.refuse(error)
            self.counts["refused"] += len(batch.wishes)
            return
        self._answer(batch)

    def _answer(self, batch: _Batch) -> None:
        generation = current_generation(self._store)
        assert generation  # noqa: S101 -- there was one, and another may only follow it
        self._on_published(generation)
        for waiting, outcome in zip(batch.wishes, batch.outcomes, strict=True):
            if "failure" in outcome:
                self.counts["refused"] += 1
                waiting.refuse(error_of(outcome))
            elif not waiting.answer.done():
                waiting.answer.set_result(_written(generation, outcome))
            self.counts["commits"] += outcome.get("commit") is not None

    def _recover(self, batch: _Batch, loss: _Lost) -> None:
        """Answer *batch* if it was published before the writer was lost; else begin it anew."""
        generation = current_generation(self._store)
        if batch.outcomes and generation and generation.number > batch.generation:
            self._answer_settled(batch)
            return
        again: list[_Waiting] = []
        for number, waiting in enumerate(batch.wishes):
            waiting.attempts += 1
            if number == loss.blamed and loss.reason:
                waiting.refuse(loss.reason)
            elif self._is_closing:
                waiting.refuse(EngineUnavailable(_STOPPING))
            elif waiting.attempts >= self._limits.attempts:
                waiting.refuse(
                    EngineUnavailable(
                        f"the writer was lost {waiting.attempts} times on this change, nothing "
                        "was changed; send it again in a few seconds"
                    )
                )
            else:
                again.append(waiting)
        self._queue.extendleft(reversed(again))

    def _answer_settled(self, batch: _Batch) -> None:
        """Answer *batch*, whose pointer was switched by a writer that may not have flushed it."""
        try:
            settle(self._store)
        except OSError as error:
            for waiting in batch.wishes:
                waiting.refuse(
                    EngineUnavailable(
                        f"the change was made, but may not last ({error.strerror}); look whether "
                        "it is there, or send it again with the Idempotency-Key it had"
                    )
                )
            return
        self._answer(batch)

    def _too_slow(self) -> GraphError:
        return QueryTimedOut(
            f"the change was stopped after {self._limits.timeout_s:g} s, nothing was changed; "
            "send smaller ones, or patterns that share variables"
        )

    def _own_fault(self, status: int) -> GraphError | None:
        if status == -signal.SIGABRT:
            return QueryOutOfMemory(
                f"the change needed more than {self._limits.memory_mb} MB, nothing was changed; "
                "send smaller ones"
            )
        if status == -signal.SIGXCPU:
            return self._too_slow()
        if status in (-signal.SIGSEGV, -signal.SIGBUS, -signal.SIGILL, -signal.SIGFPE):
            return EngineUnavailable(
                f"the change made the writer crash (signal {-status}), nothing was changed; "
                "please report it"
            )
        return None

    async def _running_writer(self) -> Child:
        """Return the writer; start one if there is none, more than once if need be."""
        pause, longest = _BACK_OFF_S
        deadline = asyncio.get_running_loop().time() + self._limits.queue_wait_s / 2
        while self._writer is None or not self._writer.is_alive:
            await self._end_writer()
            try:
                self._writer = await self._start()
            except (GraphError, OSError) as error:
                _LOG.warning("the writer did not start (%s)", error)
                if asyncio.get_running_loop().time() + pause > deadline:
                    raise EngineUnavailable(
                        f"the writer does not start ({error}), nothing was changed; "
                        "the log of the server says more"
                    ) from error
                await asyncio.sleep(pause)
                pause = min(2 * pause, longest)
        return self._writer

    async def _keep_up(self) -> None:
        """Start the writer again if it is gone, before somebody has to wait for it."""
        now = asyncio.get_running_loop().time()
        if self.is_up or self._is_closing or now < self._start_at:
            return
        await self._end_writer()
        try:
            self._writer = await self._start()
        except (GraphError, OSError) as error:
            _LOG.warning("the writer did not start (%s); trying again", error)
            self._start_at = now + _BACK_OFF_S[1]

    async def _start(self) -> Child:
        memory = self._limits.memory_mb * 1_000_000
        arguments = (
            self._store,
            memory,
            bundled("ontology") / "rules",
            self._validate,
            self._limits.timeout_s,
            self._limits.publish_timeout_s,
        )
        writer = await Child.start(
            "the writer",
            "graph.writing.child",
            arguments,
            inherit=() if self._lock is None else (self._lock,),
            start_limit_s=self._limits.start_limit_s,
            first=frames.packed(frames.TABLES, tables()),
        )
        writer.when_gone(self._came.set)
        if generation := current_generation(self._store):
            self._on_published(generation)  # it may hold what a new release derives
        return writer

    async def _end_writer(self) -> None:
        writer, self._writer = self._writer, None
        if writer:
            await self._end(writer)

    async def _end(self, writer: Child) -> None:
        writer.kill()
        with contextlib.suppress(ProcessLookupError):
            await writer.exit_status()


def _content(wish: Wish, plan: bytes) -> bytes:
    """Return *wish* as JSON; a plan is JSON already, and may be long."""
    change = wish.change
    content: dict[str, Any] = {
        "author": asdict(wish.author),
        "key": asdict(wish.key) if wish.key else None,
        "conditions": asdict(wish.conditions),
    }
    if isinstance(change, Update):
        return b'{"kind":"update","plan":' + plan + b"," + json.dumps(content).encode()[1:]
    file = str(change.content) if change.content else None
    content |= {"kind": change.method, "graph": change.graph, "content": file}
    return json.dumps(content).encode()


def _job(wishes: Sequence[_Waiting]) -> bytes:
    """Join wishes that are JSON already into one job."""
    return b'{"wishes":[' + b",".join(waiting.content for waiting in wishes) + b"]}"


def _written(generation: Generation, outcome: dict[str, Any]) -> Written:
    return Written(
        generation,
        outcome.get("commit"),
        outcome.get("added", 0),
        outcome.get("removed", 0),
        outcome.get("created", False),
        outcome.get("is_replay", False),
        tuple(outcome.get("findings", ())),
        outcome.get("gate_ms"),
    )
