"""The seam between the front and the engine: an operation goes in, bytes come out.

async with Engine(store, Limits()) as engine:
    answer = await engine.answer(Operation("ASK {}"), format_named("json"))
    async for piece in answer: ...
"""

import asyncio
import difflib
import json
import logging
import re
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Literal, NoReturn, Self

from graph.errors import (
    EngineUnavailable,
    ForbiddenOperation,
    GraphError,
    QueryOutOfMemory,
    QueryRejected,
    QueryTimedOut,
    UnknownGraph,
    UnsupportedFeature,
    UnwritableAnswer,
)
from graph.formats import Format, Kind
from graph.generations import UNION_GRAPH, Generation
from graph.namespaces import prefixes
from graph.processes import frames
from graph.readers.pool import Lease, ReaderCounts, ReaderPool
from graph.sparql.admission import Admitted, admit, admit_known
from graph.sparql.parser import prepare
from graph.sparql.template import TemplateCache

DefaultGraph = Literal["union", "own"]

READ_HERE_BYTES = 2_000
"""A text that is longer, and whose template is new, is read by a reader, which can be killed."""

HELD_BACK_BYTES = 1_000_000
"""An answer shorter than this is complete before anything is said about it."""

_LOG = logging.getLogger("metapole.query")
_SIGABRT = -signal.SIGABRT
_OWN_FAULTS = {-signal.SIGSEGV, -signal.SIGBUS, -signal.SIGILL, -signal.SIGFPE}


@dataclass(frozen=True, slots=True)
class Operation:
    """What a client asked for, free of HTTP."""

    text: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Query:
    """An operation whose text was read; two are equal when they ask for the same."""

    operation: Operation
    reading: Admitted = field(compare=False, repr=False)
    deadline: float | None = field(default=None, compare=False, repr=False)
    """When its time is up, if reading it took some of it; in the time of the event loop."""

    @property
    def kind(self) -> Kind:
        """Tell whether the answer is a table or a graph."""
        return self.reading.kind

    @property
    def is_volatile(self) -> bool:
        """Tell whether the same generation may answer otherwise next time."""
        return self.reading.is_volatile


@dataclass(frozen=True, slots=True)
class WholeGraph:
    """A wish for all triples of one graph; without a name, of the store's own default graph."""

    name: str | None

    kind: ClassVar[Kind] = "graph"
    is_volatile: ClassVar[bool] = False


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
        base_iri: str = "http://127.0.0.1:8000/sparql",
    ) -> None:
        self._limits = limits or Limits()
        self._default_graph = default_graph
        self._base_iri = base_iri
        self._templates = TemplateCache(base_iri)
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
        prepare()
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
    def reader_counts(self) -> ReaderCounts:
        """How many readers there are and were."""
        return self._pool.counts

    @property
    def process_ids(self) -> list[int]:
        """The process ids of the readers."""
        return self._pool.process_ids

    async def read(self, operation: Operation) -> Query:
        """Read the text of *operation*; QueryRejected when it is no query that is answered here."""
        text = operation.text
        if (known := admit_known(self._templates, text)) is not None:
            return Query(operation, known)
        if len(text) <= READ_HERE_BYTES:
            return Query(operation, admit(self._templates, text))
        job = {"kind": "read", "text": text, "base_iri": self._base_iri}
        answer = await self._run({**job, "media_type": "application/json"})
        admitted = Admitted(**json.loads(b"".join([piece async for piece in answer])))
        return Query(operation, admitted, answer.deadline)

    async def answer(
        self, wish: Operation | Query | WholeGraph, answer_format: Format, *, evaluate: bool = True
    ) -> "Answer":
        """Begin to answer *wish*; what fails before its first megabyte is raised here.

        Without *evaluate* it is only checked, and the answer is empty.
        """
        if isinstance(wish, Operation):
            wish = await self.read(wish)
        deadline = wish.deadline if isinstance(wish, Query) else None
        return await self._run(self._job(wish, answer_format, evaluate), deadline)

    async def _run(self, job: dict[str, Any], deadline: float | None = None) -> "Answer":
        """Have a reader do *job*, and another if the first is lost."""
        is_retry = False
        while True:
            lease = await self._pool.lease()
            now = asyncio.get_running_loop().time()
            deadline = deadline or now + self._limits.timeout_s
            run = _Run(lease, deadline, self._limits)
            try:
                return await run.answer(job)
            except _ReaderLost as error:
                _LOG.warning("a reader was lost before it answered; asking another")
                if (is_retry and run.has_begun) or now >= deadline:
                    raise EngineUnavailable(
                        "two readers in a row were lost on this query; "
                        "send it again in a few seconds"
                    ) from error
            # A reader that died idle has not begun, and says nothing about the query.
            is_retry = is_retry or run.has_begun

    def _job(
        self, wish: Query | WholeGraph, answer_format: Format, evaluate: bool
    ) -> dict[str, Any]:
        subject = self._reading_of(wish) if isinstance(wish, WholeGraph) else self._query_of(wish)
        return {**subject, "media_type": answer_format.media_type, "evaluate": evaluate}

    def _query_of(self, query: Query) -> dict[str, Any]:
        operation, reading = query.operation, query.reading
        # The request beats the text (SPARQL 1.1 Protocol, 2.1.4).
        names = operation if operation.default_graphs or operation.named_graphs else reading
        return {
            "kind": "query",
            "text": reading.engine_text,
            "base_iri": self._base_iri,
            "default_graphs": names.default_graphs,
            "named_graphs": names.named_graphs,
            "default_graph": self._default_graph,
            "prefixes": reading.prefixes,
        }

    def _reading_of(self, wish: WholeGraph) -> dict[str, Any]:
        known = self.generation.graphs
        is_missing = known is not None and wish.name is not None and wish.name not in known
        if wish.name == UNION_GRAPH or is_missing:
            raise _unknown_graph(wish.name or "", self.generation)
        return {"kind": "graph", "graph": wish.name, "prefixes": prefixes()}


class Answer:
    """The bytes that answer an operation; iterate over it once, and close it in any case."""

    def __init__(self, run: "_Run", start: bytes, *, is_complete: bool) -> None:
        self.generation = run.generation
        self.deadline = run.deadline
        """When the answer is cut short, in the time of the event loop."""
        self.size = len(start) if is_complete else None
        """How many bytes the answer has, where that is known before it is sent."""
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


class _ReaderLost(Exception):  # noqa: N818 -- a fact to act on, never shown
    """The reader died, and the query is not to blame."""


class _Run:
    """One job on one reader, which is killed when the job's time is up."""

    def __init__(self, lease: Lease, deadline: float, limits: Limits) -> None:
        self.generation = lease.reader.generation
        self.deadline = deadline
        self.has_begun = False
        """Whether the reader had the job, so that its end may be the query's fault."""
        self._lease = lease
        self._limits = limits
        self._is_over = False
        # Not a timeout around the reading: nobody may be reading, when the client does not.
        self._alarm = asyncio.get_running_loop().call_at(deadline, lease.discard, "time")
        self._broken_by = "client"

    async def answer(self, job: dict[str, Any]) -> Answer:
        """Do *job*; hold its answer back until it is complete or long."""
        start = bytearray()
        try:
            await self._lease.reader.send(job)
            async for piece in self.rest():
                start += piece
                if len(start) > HELD_BACK_BYTES:
                    break
        except BaseException:
            self.stop()
            raise
        return Answer(self, bytes(start), is_complete=self._is_over)

    async def rest(self) -> AsyncIterator[bytes]:
        """Yield what the reader has to say until its end; raise what went wrong."""
        while not self._is_over:
            frame = await self._lease.reader.receive()
            if frame is None:
                await self._raise_loss()
            kind, payload = frame
            if kind == frames.BEGUN:
                self.has_begun = True
            elif kind == frames.DATA:
                yield payload
            else:
                self._finish(json.loads(payload))

    def stop(self) -> None:
        """Let go of the reader; kill it unless it has ended its job."""
        self._alarm.cancel()
        self._lease.discard(self._broken_by)

    def _finish(self, ending: dict[str, Any]) -> None:
        self._is_over = True
        self._alarm.cancel()
        if ending["is_usable"]:
            self._lease.give_back()
        else:
            self._lease.discard("memory" if ending.get("failure") == "memory" else "growth")
        if ending.get("failure") == "unknown graph":
            raise _unknown_graph(ending["message"], self.generation)
        if "failure" in ending:
            _raise_failure(ending["failure"], ending["message"], self._limits)

    async def _raise_loss(self) -> NoReturn:
        if asyncio.get_running_loop().time() >= self.deadline:
            raise QueryTimedOut(
                f"the query was stopped after {self._limits.timeout_s:g} s; ask for less: "
                "a LIMIT, fewer patterns, or patterns that share variables"
            )
        status = await self._lease.reader.exit_status()
        self._broken_by = "lost"
        if status == _SIGABRT:
            self._broken_by = "memory"
            raise _out_of_memory(self._limits)
        if status in _OWN_FAULTS:
            self._broken_by = "crash"
            raise EngineUnavailable(
                f"the query made its reader crash (signal {-status}); other queries are not "
                "affected. Write it with fewer terms in a row, and please report it"
            )
        raise _ReaderLost


def _raise_failure(kind: str, message: str, limits: Limits) -> NoReturn:
    match kind:
        case "syntax":
            raise QueryRejected(_readable(message))
        case "forbidden":
            raise ForbiddenOperation(message)
        case "refused":
            raise UnsupportedFeature(message)
        case "unsupported":
            raise UnsupportedFeature(f"{message}; write the query without it")
        case "unwritable":
            raise UnwritableAnswer(
                f"the format that was asked for cannot say all of the answer: {message}; "
                "ask for text/turtle"
            )
        case "memory":
            raise _out_of_memory(limits)
        case "store":
            raise EngineUnavailable(f"the store could not be read: {message}")
        case _:
            raise RuntimeError(f"a reader failed:\n{message}")


def _unknown_graph(name: str, generation: Generation) -> UnknownGraph:
    near = difflib.get_close_matches(name, generation.graphs or (), n=3, cutoff=0.8)
    hint = f"; names near it are {', '.join(f'<{each}>' for each in near)}" if near else ""
    return UnknownGraph(
        f"there is no graph <{name}> in generation {generation.number}{hint}; "
        "SELECT DISTINCT ?g { GRAPH ?g {} } lists all"
    )


def _out_of_memory(limits: Limits) -> GraphError:
    return QueryOutOfMemory(
        f"the query needed more than {limits.memory_mb} MB and was stopped; ask for less: "
        "a LIMIT, no ORDER BY or DISTINCT over everything, patterns that share variables"
    )


_PLACE = re.compile(r"error at \d+:\d+: (?:expected )?(?:one of )?")


def _readable(message: str) -> str:
    """Return the engine's message without what means nothing to a client.

    It names a place in the text that the engine got, which is not the client's, and all that could
    have stood there, and among it, if we are lucky, one sentence.
    """
    place = _PLACE.match(message)
    if place is None:
        return message
    expected = message[place.end() :].replace("\n", " ").split(", ")
    words = [word for word in expected if not re.search(r"\['|\\u\{|\[_\]|\.\.|<unreported>", word)]
    sentences = [word for word in words if word.count(" ") > 2]
    return f"the engine does not take this query: {', '.join(sentences) or 'it cannot read it'}"
