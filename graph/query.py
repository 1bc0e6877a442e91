"""The seam between the front and the engine: an operation goes in, bytes come out.

async with Engine(store, Limits()) as engine:
    answer = await engine.answer(Operation("ASK {}"), format_named("json"))
    async for piece in answer: ...
"""

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, NoReturn, Self

from graph.errors import (
    EngineUnavailable,
    GraphError,
    QueryOutOfMemory,
    QueryRejected,
    QueryTimedOut,
    UnsupportedFeature,
)
from graph.formats import Format
from graph.generations import Generation
from graph.readers import frames
from graph.readers.pool import ReaderPool
from graph.readers.process import Reader
from graph.sparql.lexer import Reading, read_query

DefaultGraph = Literal["union", "own"]

HELD_BACK_BYTES = 1_000_000
"""An answer shorter than this is complete before anything is said about it."""

_LOG = logging.getLogger("metapole.query")
_SIGABRT, _SIGSEGV = -6, -11
_OWN_FAULTS = (_SIGABRT, _SIGSEGV, -4, -7, -8)


@dataclass(frozen=True)
class Operation:
    """What a client asked for, free of HTTP. QueryRejected when *text* is no query."""

    text: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()

    @cached_property
    def reading(self) -> Reading:
        """What the text tells before it is evaluated."""
        return read_query(self.text)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may use, and how many may run at once."""

    readers: int = 4
    spares: int = 1
    timeout_s: float = 30.0
    memory_mb: int = 512
    queue_length: int = 16
    queue_wait_s: float = 5.0


class Engine:
    """Answers operations on the current generation of a store, each in a killable process.

    Use it in one event loop, as an async context manager.
    """

    def __init__(
        self,
        store: Path,
        limits: Limits | None = None,
        *,
        default_graph: DefaultGraph = "union",
        base_iri: str = "http://localhost:8000/sparql",
    ) -> None:
        self._limits = limits or Limits()
        self._default_graph = default_graph
        self._base_iri = base_iri
        self._pool = ReaderPool(
            store,
            size=self._limits.readers,
            spares=self._limits.spares,
            memory=self._limits.memory_mb * 1_000_000,
            queue_length=self._limits.queue_length,
            queue_wait_s=self._limits.queue_wait_s,
        )

    async def __aenter__(self) -> Self:
        """Start the readers; StoreUnusable when nothing was built."""
        await self._pool.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Kill the readers."""
        await self._pool.close()

    @property
    def generation(self) -> Generation:
        """The generation that the next operation is answered from."""
        return self._pool.generation

    @property
    def is_ready(self) -> bool:
        """Tell whether operations can be answered now."""
        return self._pool.is_ready

    @property
    def process_ids(self) -> list[int]:
        """The process ids of the readers."""
        return self._pool.process_ids

    async def answer(
        self, operation: Operation, answer_format: Format, *, evaluate: bool = True
    ) -> "Answer":
        """Begin to answer *operation*; what fails before its first megabyte is raised here.

        Without *evaluate* the query is only checked, and the answer is empty.
        """
        job = self._job(operation, answer_format, evaluate)
        deadline = asyncio.get_running_loop().time() + self._limits.timeout_s
        try:
            return await self._begin(job, deadline)
        except _ReaderLost:
            _LOG.warning("a reader was lost before it answered; asking another")
        try:
            return await self._begin(job, deadline)
        except _ReaderLost as error:
            raise EngineUnavailable(
                "two readers in a row were lost on this query; send it again in a few seconds"
            ) from error

    async def _begin(self, job: dict[str, Any], deadline: float) -> "Answer":
        async with AsyncExitStack() as held:
            await held.enter_async_context(self._pool.admitted())
            reader = await self._pool.take()
            run = _Run(self._pool, reader, deadline, self._limits)
            held.callback(run.stop)
            start = await run.start(job)
            return Answer(reader.generation, start, run, held.pop_all())

    def _job(self, operation: Operation, answer_format: Format, evaluate: bool) -> dict[str, Any]:
        reading = operation.reading
        return {
            "text": reading.engine_text,
            "base_iri": self._base_iri,
            "media_type": answer_format.media_type,
            "default_graphs": operation.default_graphs,
            "named_graphs": operation.named_graphs,
            "default_graph": self._default_graph,
            "has_dataset": reading.has_dataset,
            "prefixes": reading.prefixes,
            "evaluate": evaluate,
        }


class Answer:
    """The bytes that answer an operation; iterate over it once, and close it in any case."""

    def __init__(
        self, generation: Generation, start: "_Start", run: "_Run", held: AsyncExitStack
    ) -> None:
        self.generation = generation
        self.size = len(start.content) if start.is_complete else None
        """How many bytes the answer has, where that is known before it is sent."""
        self._start = start
        self._run = run
        self._held = held

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield the bytes as they come; raise GraphError when no more will come."""
        try:
            if self._start.content:
                yield self._start.content
            if not self._start.is_complete:
                async for piece in self._run.rest():
                    yield piece
        finally:
            await self.aclose()

    async def aclose(self) -> None:
        """Let go of the reader; kill it if it has more to say."""
        await self._held.aclose()


class _ReaderLost(Exception):  # noqa: N818 -- a fact to act on, never shown
    """The reader died, and the query is not to blame."""


@dataclass(frozen=True, slots=True)
class _Start:
    content: bytes
    is_complete: bool


class _Run:
    """One job on one reader, which is killed when the job's time is up."""

    def __init__(self, pool: ReaderPool, reader: Reader, deadline: float, limits: Limits) -> None:
        self._pool = pool
        self._reader = reader
        self._deadline = deadline
        self._limits = limits
        self._is_over = False
        loop = asyncio.get_running_loop()
        # Not a timeout around the reading: nobody may be reading, when the client does not.
        self._alarm = loop.call_at(deadline, self._pool.discard, reader)

    async def start(self, job: dict[str, Any]) -> _Start:
        """Send *job* and hold its answer back until it is complete or long."""
        await self._reader.send(job)
        content = bytearray()
        try:
            async for piece in self.rest():
                content += piece
                if len(content) > HELD_BACK_BYTES:
                    return _Start(bytes(content), is_complete=False)
        except _ReaderLost:
            if content:
                raise EngineUnavailable("the reader was lost while it answered") from None
            raise
        return _Start(bytes(content), is_complete=True)

    async def rest(self) -> AsyncIterator[bytes]:
        """Yield what the reader has to say until its end; raise what went wrong."""
        while not self._is_over:
            frame = await self._reader.receive()
            if frame is None:
                await self._raise_loss()
            kind, payload = frame
            if kind == frames.DATA:
                yield payload
                continue
            self._is_over = True
            self._finish()
            if kind == frames.FAILURE:
                _raise_failure(json.loads(payload), self._limits)

    def stop(self) -> None:
        """Kill the reader, unless its query has ended and it may serve another by now."""
        self._alarm.cancel()
        if not self._is_over:
            self._pool.discard(self._reader)

    def _finish(self) -> None:
        self._alarm.cancel()
        self._pool.give_back(self._reader)

    async def _raise_loss(self) -> NoReturn:
        if asyncio.get_running_loop().time() >= self._deadline:
            raise QueryTimedOut(
                f"the query was stopped after {self._limits.timeout_s:g} s; ask for less: "
                "a LIMIT, fewer patterns, or patterns that share variables"
            )
        self._pool.discard(self._reader)
        status = await self._reader.exit_status()
        if status == _SIGABRT:
            raise _out_of_memory(self._limits)
        if status in _OWN_FAULTS:
            raise EngineUnavailable(
                f"the query made its reader crash (signal {-status}); other queries are not "
                "affected. Write it with fewer terms in a row, and please report it"
            )
        raise _ReaderLost


def _raise_failure(failure: dict[str, str], limits: Limits) -> NoReturn:
    message = failure["message"]
    match failure["kind"]:
        case "syntax":
            raise QueryRejected(_readable(message))
        case "unsupported":
            raise UnsupportedFeature(message)
        case "memory":
            raise _out_of_memory(limits)
        case "store":
            raise EngineUnavailable(f"the store could not be read: {message}")
        case _:
            raise RuntimeError(f"a reader failed:\n{message}")


def _out_of_memory(limits: Limits) -> GraphError:
    return QueryOutOfMemory(
        f"the query needed more than {limits.memory_mb} MB and was stopped; ask for less: "
        "a LIMIT, no ORDER BY or DISTINCT over everything, patterns that share variables"
    )


_PLACE = re.compile(r"error at (\d+):(\d+): (?:expected )?(?:one of )?")


def _readable(message: str) -> str:
    """Return the engine's message without its lists of character ranges.

    It names all that could have stood at a place, and among it, if we are lucky, one sentence.
    """
    place = _PLACE.match(message)
    if place is None:
        return message
    expected = message[place.end() :].replace("\n", " ").split(", ")
    words = [word for word in expected if not re.search(r"\['|\\u\{|\[_\]|\.\.|<unreported>", word)]
    sentences = [word for word in words if word.count(" ") > 2]
    where = f"{place[1]}:{place[2]}"
    if sentences:
        return f"{where}: {', '.join(sentences)}"
    if not words:
        return f"{where}: the query cannot be read from here on"
    more = ", …" if len(words) > 12 else ""
    return f"{where}: the query cannot be read from here on; expected {', '.join(words[:12])}{more}"
