"""The seam between the front and the engine: an operation goes in, bytes come out.

async with Engine(store, Limits()) as engine:
    answer = await engine.answer(Operation("ASK {}"), format_named("json"))
    async for piece in answer: ...
"""

import asyncio
import contextlib
import json
import logging
import re
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Literal, Self

from graph.asker import forget_text, note_fingerprint, note_text
from graph.errors import (
    EngineUnavailable,
    ForbiddenOperation,
    GraphError,
    QueryRejected,
    StoreUnusable,
)
from graph.explaining import Explanation
from graph.federation.asking import Blocks, Calls
from graph.federation.jobs import content_of, keys_job, told_of
from graph.federation.plan import Local, Plan
from graph.federation.rows import Block
from graph.fetching.allowed import AllowList
from graph.fetching.fetchers import Fetchers
from graph.formats import Format, Kind
from graph.gate.upload import validate_upload
from graph.gate.validator import Validator, Verdict
from graph.generations import Generation
from graph.generations.fallback import Fallback
from graph.generations.holding import holding
from graph.generations.pinning import kept_until, pinned_generation
from graph.limits import DumpLimits, FetcherLimits, GateLimits, Limits, UploadLimits, Writing
from graph.namespaces import UNION_GRAPH, prefixes
from graph.publishing.ahead.keeping import AheadKeeper
from graph.publishing.document import Document
from graph.readers.apart import ReadersApart
from graph.readers.failures import unknown_graph
from graph.readers.pool import Lease, ReaderCounts, ReaderPool
from graph.readers.run import Answer, Content, ReaderLost, Run
from graph.readers.running import Running
from graph.search.keeping import NamesKeeper
from graph.search.missing import NoIndex
from graph.sparql.admission import Admitted, admit, admit_known
from graph.sparql.matches import MATCHES
from graph.sparql.parser import prepare
from graph.sparql.template import TemplateCache
from graph.uploads.process import SentFile, parse_parts
from graph.writing.desk import Desk
from graph.writing.wishes import Update, Wish, Written

DefaultGraph = Literal["union", "own"]

READ_HERE_BYTES = 2_000
"""A text that is longer, and whose template is new, is read by a reader, which can be killed."""

_MOST_LOST = 3
"""How many readers may be lost on a query that nothing says is to blame."""

_LOOKED_UP_HERE = 4_000
"""How long a text may be, in characters, for its template to be found while others wait."""

_MOST_INDEXES = 3
"""How often the index of names is made anew for one question."""

_LONGEST_KEYS = 8_000_000
"""How many bytes of keys are sent to other endpoints; if there are more, all rows are asked for."""

_PARSERS = 2
"""How many uploads are parsed at once, of those that are to be kept."""

_FINGERPRINT = re.compile(rb'\{"fingerprint": "([0-9a-f]+)"')
"""Where a plan has its fingerprint: a plan may be long, and nobody reads it here."""

_LOG = logging.getLogger("metapole.query")


@dataclass(frozen=True, slots=True)
class Operation:
    """What a client asked for, free of HTTP."""

    text: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    generation: int | None = None
    """The older generation that is asked; None: the current one."""


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

    @property
    def generation(self) -> int | None:
        """The older generation that is asked; None: the current one."""
        return self.operation.generation

    @property
    def searches(self) -> bool:
        """Tell whether names are searched for it."""
        return self.reading.searches

    @property
    def federation(self) -> Plan | None:
        """What other endpoints are asked for it."""
        return self.reading.federation


@dataclass(frozen=True, slots=True)
class WholeGraph:
    """A wish for all triples of one graph; without a name, of the store's own default graph."""

    name: str | None
    generation: int | None = None
    """The older generation that is asked; None: the current one."""

    kind: ClassVar[Kind] = "graph"
    is_volatile: ClassVar[bool] = False
    searches: ClassVar[bool] = False
    federation: ClassVar[None] = None


class Engine:
    """Answers operations on the current generation of a store, each in a killable process.

    Use it in one event loop, as an async context manager. Without limits for *dumps* they are made
    as all else is.
    """

    def __init__(
        self,
        store: Path,
        limits: Limits | None = None,
        *,
        default_graph: DefaultGraph = "union",
        base_iri: str = "http://127.0.0.1:8000/sparql",
        public_url: str = "http://127.0.0.1:8000/",
        writing: Writing | None = None,
        uploads: UploadLimits | None = None,
        gate: GateLimits | None = None,
        dumps: DumpLimits | None = None,
        fallback: Fallback | None = None,
        federation: AllowList | None = None,
        fetchers: FetcherLimits | None = None,
    ) -> None:
        self._store = store
        self._fallback = fallback
        self._takes_writes = writing is not None
        self._limits = limits or Limits()
        self._default_graph = default_graph
        self._base_iri = base_iri
        self._public_url = f"{public_url.rstrip('/')}/"
        self._templates = TemplateCache(base_iri, max_nesting=self._limits.nesting)
        self._pool = ReaderPool(
            store,
            size=self._limits.readers,
            spares=self._limits.spares,
            memory=self._limits.memory_mb * 1_000_000,
            queue_length=self._limits.queue_length,
            queue_wait_s=self._limits.queue_wait_s,
        )
        self._dump_limits = dumps
        self._apart = ReadersApart(dumps or DumpLimits(), lambda: self._pool.generation)
        self.running = Running()
        """What readers are asked to do now."""
        self.names = NamesKeeper(store, lambda: self._pool.generation, self.answer)
        """Sees to it that names can be searched."""
        self._ahead = AheadKeeper(lambda: self._pool.generation, self.answer)
        self._upload_limits = uploads or UploadLimits()
        self._parsers = asyncio.Semaphore(_PARSERS)
        self._reviewing = asyncio.Semaphore(1)
        """For files that are only judged: anybody may send one, and some take long to read."""
        self._validator = Validator(gate, is_eager=False)
        self._reviewer = Validator(gate, is_eager=False)
        """A validator for files that are not stored, which no change has to wait for."""
        self.fetchers = Fetchers(
            federation or AllowList(), fetchers or FetcherLimits(), public_url=self._public_url
        )
        """Ask the other servers that may be asked."""
        self._desk: Desk | None = None
        if writing and not fallback:
            self._desk = Desk(store, writing, self._move_to, self._validator)
        self._has_gate = writing is not None and writing.validate != "off"

    async def __aenter__(self) -> Self:
        """Start the readers, and the writer if there is to be one; StoreUnusable without a store.

        Queries are answered from the first reader on; changes wait for the writer.
        """
        prepare()
        # All at once: while one front follows another, clients wait for each of them.
        pool = asyncio.create_task(
            self._pool.open(self._fallback.generation if self._fallback else None)
        )
        if self._has_gate:
            self._validator.keep_up()
        if self._desk:
            self._desk.open()
        try:
            await pool
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        if self._dump_limits:
            self._ahead.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Kill the readers and the writer."""
        if self._desk:
            await self._desk.close()
        await self.fetchers.close()
        await self._ahead.close()
        await self.names.close()
        await self._apart.close()
        await self._pool.close()
        await self._validator.close()
        await self._reviewer.close()

    async def stop_writing(self) -> None:
        """Have every change answered now: as made if it is published, else as not made."""
        if self._desk:
            await self._desk.close()

    @property
    def generation(self) -> Generation:
        """The generation that the next operation is answered from."""
        return self._pool.generation

    def generation_numbered(self, number: int | None) -> Generation:
        """Return the generation *number* if it is kept; without a number, the current one.

        UnknownGeneration when there is none, GoneGeneration when it is no longer kept.
        """
        current = self._pool.generation
        return current if number is None else pinned_generation(self._store, number, current)

    @property
    def kept_numbers(self) -> list[int]:
        """The numbers of the generations that are kept, the current one the last."""
        return kept_until(self._store, self._pool.generation)

    @property
    def is_ready(self) -> bool:
        """Tell whether operations can be answered now."""
        return self._pool.is_ready

    @property
    def reader_counts(self) -> ReaderCounts:
        """How many readers there are and were."""
        return self._pool.counts

    @property
    def readers(self) -> int:
        """How many operations are answered at once."""
        return self._limits.readers

    @property
    def has_all_readers(self) -> bool:
        """Tell whether there are as many readers as there should be, working or waiting."""
        counts = self.reader_counts
        return counts.idle + counts.busy >= self._limits.readers + self._limits.spares

    @property
    def process_ids(self) -> list[int]:
        """The process ids of the readers."""
        return self._pool.process_ids

    @property
    def desk(self) -> Desk | None:
        """Where changes are taken; None when there are none."""
        return self._desk

    @property
    def takes_writes(self) -> bool:
        """Tell whether changes are made here, if not now."""
        return self._takes_writes

    @property
    def trouble(self) -> str:
        """What is wrong with the store, so that nothing is changed until somebody decides."""
        return self._fallback.trouble if self._fallback else ""

    @property
    def is_outdated(self) -> bool:
        """Tell whether somebody has decided since, so that all has to begin anew."""
        return self._fallback is not None and not self._fallback.still_holds(self._store)

    @property
    def spool(self) -> Path:
        """Where what is sent may be kept while it is worked on: the file system of the store."""
        return self._store / "spool"

    def read_known(self, operation: Operation) -> Query | None:
        """Read the text of *operation* if it is short and its template known: it takes no time."""
        if len(operation.text) > _LOOKED_UP_HERE:
            return None
        note_text(operation.text)
        known: Admitted | None = None
        try:
            known = admit_known(self._templates, operation.text)
        finally:
            if known is None:
                forget_text()
        if known is None:
            return None
        note_fingerprint(known.fingerprint)
        return Query(operation, known)

    async def read(self, operation: Operation) -> Query:
        """Read the text of *operation*; QueryRejected when it is no query that is answered here."""
        if known := self.read_known(operation):
            return known
        note_text(operation.text)
        try:
            query = await self._read(operation)
        except BaseException:
            forget_text()
            raise
        note_fingerprint(query.reading.fingerprint)
        return query

    async def _read(self, operation: Operation) -> Query:
        text = operation.text
        if len(text) > _LOOKED_UP_HERE:
            known = await asyncio.to_thread(admit_known, self._templates, text)
            if known is not None:
                return Query(operation, known)
        if len(text) <= READ_HERE_BYTES:
            return Query(operation, await asyncio.to_thread(admit, self._templates, text))
        answer = await self._run(self._reading_job("read", text))
        admitted = Admitted.from_values(json.loads(b"".join([piece async for piece in answer])))
        return Query(operation, admitted, answer.deadline)

    async def answer(
        self,
        wish: Operation | Query | WholeGraph | Document,
        answer_format: Format,
        *,
        evaluate: bool = True,
    ) -> Answer:
        """Begin to answer *wish*; what fails before its first megabyte is raised here.

        Without *evaluate* it is only checked, and the answer is empty.
        """
        if isinstance(wish, Operation):
            wish = await self.read(wish)
        deadline = wish.deadline if isinstance(wish, Query) else None
        if wish.federation is not None:
            return await self._federated(wish, answer_format, evaluate, deadline)
        pinned = None if wish.generation is None else self.generation_numbered(wish.generation)
        job = self._job(wish, answer_format, evaluate)
        if wish.searches:
            return await self._search(job, deadline, pinned)
        if isinstance(wish, Document):
            self._ahead.note(wish.writer)
        if self._dump_limits and evaluate and isinstance(wish, Document) and wish.is_long:
            return await self._run(job, pinned=pinned, is_long=True)
        return await self._run(job, deadline, pinned=pinned)

    async def _federated(
        self,
        wish: Query | Document,
        answer_format: Format,
        evaluate: bool,
        deadline: float | None,
    ) -> Answer:
        """Ask other endpoints for what *wish* needs of them, then a reader; all in one time."""
        deadline = deadline or asyncio.get_running_loop().time() + self._limits.timeout_s
        if not wish.searches:
            return await self._asked(wish, answer_format, evaluate, deadline)
        _refuse_older(wish.generation)
        return await self._with_names(lambda: self._asked(wish, answer_format, evaluate, deadline))

    async def _asked(
        self, wish: Query | Document, answer_format: Format, evaluate: bool, deadline: float
    ) -> Answer:
        generation, plan = self.generation_numbered(wish.generation), wish.federation
        assert plan  # noqa: S101 -- it is why we are here
        job = self._job(wish, answer_format, evaluate)
        calls = self._calls(wish, job, generation, deadline)
        with holding(generation):
            if evaluate:
                await calls.make(plan)
            else:
                calls.check(plan)
                calls.blocks = {call.number: Block() for call in plan.calls}
            job["blocks"] = told_of(calls.blocks)
            answer = await self._run(job, deadline, content_of(calls.blocks), generation)
        answer.asked = tuple(calls.asked)
        return answer

    def _calls(
        self, wish: Query | Document, job: dict[str, Any], generation: Generation, deadline: float
    ) -> Calls:
        """Return what asks others for *wish*; no reader is held while one is waited for."""
        question = json.loads(job["arguments"]["job"]) if isinstance(wish, Document) else job

        async def find(local: Local, blocks: Blocks, most: int) -> bytes | None:
            about, table = keys_job(question, local, blocks, most), bytearray()
            answer = await self._run(about, deadline, content_of(blocks), generation)
            with contextlib.closing(answer):
                async for piece in answer:
                    table += piece
                    if len(table) > _LONGEST_KEYS:
                        return None
            return bytes(table)

        async def wait(work: Coroutine[Any, Any, None]) -> None:
            activity = self.running.begin("service")
            try:
                await activity.wait(work)
            finally:
                activity.end()

        return Calls(self.fetchers.allow_list, self.fetchers, find, deadline, wait)

    async def explain(self, query: Query) -> Explanation:
        """Say what is done with *query* before it is evaluated, and ask the others for it."""
        generation, text = self.generation_numbered(query.generation), query.operation.text
        said = Explanation(text, query.reading, generation)
        if query.searches:
            _refuse_older(query.generation)
        if query.federation is None:
            return said
        if query.searches:
            await self.names.ready()
        begun = asyncio.get_running_loop().time()
        job, deadline = self.question_of(query), begun + self._limits.timeout_s
        calls, failure = self._calls(query, job, generation, deadline), ""
        with holding(generation):
            try:
                await calls.make(query.federation)
            except (GraphError, NoIndex) as error:
                failure = str(error)
        seconds = asyncio.get_running_loop().time() - begun
        return replace(said, asked=tuple(calls.asked), failure=failure, seconds=seconds)

    async def _search(
        self, job: dict[str, Any], deadline: float | None, pinned: Generation | None
    ) -> Answer:
        """Have a reader do *job*, for which names are searched."""
        _refuse_older(pinned)
        return await self._with_names(lambda: self._run(job, deadline))

    async def _with_names(self, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        """Ask when names can be searched, and again when that was wrong."""
        for _ in range(_MOST_INDEXES):
            await self.names.ready()
            try:
                return await ask()
            except NoIndex as error:
                _LOG.warning("names could not be searched (%s); making their index anew", error)
                await self.names.renew()
        raise EngineUnavailable(
            "names cannot be searched now, for too much is being changed; ask again in a few "
            "seconds"
        )

    def _move_to(self, generation: Generation) -> None:
        """Have the next query run on *generation*, which was published just now."""
        self._pool.move_to(generation)
        self.names.keep_up()

    async def write(self, wish: Wish) -> Written:
        """Have *wish* made, and return when everyone can see it; raise why it is not made."""
        if self._fallback:
            raise StoreUnusable(
                f"{self.trouble}, so nothing is changed until whoever runs this server has decided "
                "what to do; queries are answered from what can be read"
            )
        if self._desk is None:
            raise ForbiddenOperation("nothing can be changed here; send a query")
        if not isinstance(wish.change, Update):
            return await self._desk.write(wish)
        update = wish.change
        using = {
            "using_graphs": update.using_graphs,
            "using_named_graphs": update.using_named_graphs,
        }
        answer = await self._run({**self._reading_job("plan", update.text), **using})
        plan = b"".join([piece async for piece in answer])
        if found := _FINGERPRINT.match(plan):
            note_fingerprint(found[1].decode())
        return await self._desk.write(wish, plan)

    async def validate(
        self, ntriples: Path, *, replaces: str | None = None, media_type: str | None = None
    ) -> Verdict:
        """Return what the shapes say of the file *ntriples*, together with what the store says.

        It is judged as if it were added, or put in place of the graph that it *replaces*; with
        *media_type* there is a report in RDF, too.
        """
        return await validate_upload(
            self, self._reviewer, ntriples, replaces=replaces, media_type=media_type
        )

    async def extracts(
        self, ntriples: Path, profile: list[dict[str, Any]], *, replaces: str | None = None
    ) -> Answer:
        """Begin to extract what a validator needs to judge the file *ntriples*.

        See `graph.gate.upload`; *profile* is what the shapes look at.
        """
        job = {"kind": "extract", "profile": profile, "replaces": replaces}
        return await self._run({**job, "media_type": "application/octet-stream"}, None, ntriples)

    async def accept_upload(
        self,
        spooled: Sequence[SentFile],
        graph: str | None,
        base_iri: str,
        *,
        is_kept: bool = True,
    ) -> Path:
        """Parse and check what was sent; return a file of N-Triples, which the caller removes.

        Who sends what is to be kept does not wait for who sends what is not.
        UnreadableUpload when it cannot be read, or would not be for *graph* alone.
        """
        async with self._parsers if is_kept else self._reviewing:
            parsed = await parse_parts(spooled, base_iri, graph, self._upload_limits)
        return parsed.path

    async def _run(
        self,
        job: dict[str, Any],
        deadline: float | None = None,
        content: Content | None = None,
        pinned: Generation | None = None,
        *,
        is_long: bool = False,
    ) -> Answer:
        """Have a reader do *job*, and another if the first is lost."""
        lender = self._apart if is_long else self._pool
        limits = (self._dump_limits if is_long else None) or self._limits
        job = {**job, "seconds": limits.timeout_s}
        activity = self.running.begin(job["kind"])
        lease = partial(activity.lease, lender, pinned)
        try:
            answer = await self._answer(lease, limits, job, deadline, content)
        except BaseException:
            activity.end()
            raise
        if answer.size is None:
            activity.stream()
        else:
            activity.end()
        return answer

    async def _answer(
        self,
        lease: Callable[[], Awaitable[Lease]],
        limits: Limits | DumpLimits,
        job: dict[str, Any],
        deadline: float | None,
        content: Content | None,
    ) -> Answer:
        lost = 0
        while True:
            leased = await lease()
            now = asyncio.get_running_loop().time()
            deadline = deadline or now + limits.timeout_s
            run = Run(leased, deadline, limits)
            try:
                return await run.answer(job, content)
            except ReaderLost as error:
                _LOG.warning("a reader was lost before it answered; asking another")
                lost += 1
                if lost == _MOST_LOST or now >= deadline:
                    raise EngineUnavailable(
                        f"{lost} readers in a row were lost on this query; "
                        "send it again in a few seconds"
                    ) from error

    def _job(
        self, wish: Query | WholeGraph | Document, answer_format: Format, evaluate: bool
    ) -> dict[str, Any]:
        match wish:
            case Query():
                subject = self.question_of(wish)
            case WholeGraph():
                subject = self._reading_of(wish)
            case Document():
                subject = self._writing_of(wish)
        return {**subject, "media_type": answer_format.media_type, "evaluate": evaluate}

    def _reading_job(self, kind: str, text: str) -> dict[str, Any]:
        """Return the job to read *text*, whose answer is for ourselves."""
        return {
            "kind": kind,
            "text": text,
            "base_iri": self._base_iri,
            "nesting": self._limits.nesting,
            "media_type": "application/json",
        }

    def question_of(self, query: Query) -> dict[str, Any]:
        """Return *query* as plain values, which a reader can ask of its store."""
        operation, reading = query.operation, query.reading
        # The request beats the text (SPARQL 1.1 Protocol, 2.1.4).
        names = operation if operation.default_graphs or operation.named_graphs else reading
        return {
            "kind": "query",
            "text": reading.engine_text,
            "filters_graphs": reading.filters_graphs,
            "base_iri": self._base_iri,
            "default_graphs": names.default_graphs,
            "named_graphs": names.named_graphs,
            "default_graph": self._default_graph,
            "prefixes": reading.prefixes,
            "searches": reading.searches,
        }

    def _writing_of(self, wish: Document) -> dict[str, Any]:
        arguments = dict(wish.arguments)
        return {
            "kind": "document",
            "writer": wish.writer,
            "arguments": arguments,
            "public_url": self._public_url,
        }

    def _reading_of(self, wish: WholeGraph) -> dict[str, Any]:
        generation = self.generation_numbered(wish.generation)
        known = generation.graphs
        is_missing = known is not None and wish.name is not None and wish.name not in known
        if wish.name == UNION_GRAPH or is_missing:
            raise unknown_graph(wish.name or "", generation)
        return {"kind": "graph", "graph": wish.name, "prefixes": prefixes()}


def _refuse_older(generation: object) -> None:
    if generation is not None:
        raise QueryRejected(
            "names are searched in the current generation only; leave 'generation' out, or "
            f"<{MATCHES}>"
        )
