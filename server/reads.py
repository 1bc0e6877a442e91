"""How everything that can be read is answered: negotiation, entity tags, the cache, compression."""

import asyncio
import contextlib
import hashlib
from collections.abc import Coroutine, Mapping
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from http import HTTPStatus
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from graph.asker import ASKER
from graph.errors import AnswerTooLong
from graph.federation.outcome import Asked
from graph.formats import Format, formats_of
from graph.generations import Generation
from graph.limits import DumpLimits
from graph.publishing.document import Document
from graph.query import Answer, Engine, Operation, Query, WholeGraph
from graph.service_description import ServiceDescription
from server.cache import Ready, ResultCache, Stored
from server.compression import ENCODERS, choose_coding
from server.federation import federation_headers, with_asked
from server.front import fingerprint, knows
from server.negotiate import choose
from server.pages import HTML, JSON, Page, Templates
from server.problems import COMMON_HEADERS, problem
from server.streaming import AnswerResponse, Patience, while_connected

Subject = Query | WholeGraph | ServiceDescription | Document | Page
"""What can be read; equal ones are the same on the same generation, unless they are volatile."""

VARY = "Accept, Accept-Encoding"

UNCHANGING = "public, max-age=86400, immutable"
"""What is said of an answer from a generation that was named: it is the same the next time."""

_LONGEST_VALUES = 32_000_000
"""How long the JSON of a page may be, in bytes: it is held here while the page is made."""

_OF_THE_BODY = (b"content-length", b"content-encoding")
"""What is not said of an answer that has no body."""

_NAMES: dict[type[Subject], str] = {
    Query: "query",
    WholeGraph: "graph",
    ServiceDescription: "description",
    Document: "document",
    Page: "page",
}
_T = TypeVar("_T")
_TEXT_TYPES = ("text/", "application/n-", "application/trig")


class Reads:
    """Answers reads. *dialect* is all that answers depend on beside the subject and the data."""

    def __init__(
        self,
        engine: Engine,
        cache: ResultCache,
        templates: Templates,
        dialect: str,
        dumps: DumpLimits | None = None,
    ) -> None:
        self.dumps = dumps or DumpLimits()
        """How slowly a client may take what is long."""
        self._engine = engine
        self._cache = cache
        self._templates = templates
        self._dialect = dialect

    async def query(self, request: Request, operation: Operation) -> Query:
        """Read the text of *operation*."""
        request.scope["metapole.operation"] = _NAMES[Query]
        if known := self._engine.read_known(operation):
            return known
        return await while_connected(request.scope, request.receive, self._engine.read(operation))

    async def response(
        self,
        request: Request,
        subject: Subject,
        *,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        accept: str | None = None,
    ) -> Response:
        """Answer *request*, which came with *body*, with *subject* in the format it likes best.

        *accept* is what it accepts, where its address says so; else its headers do.
        """
        request.scope["metapole.operation"] = _NAMES[type(subject)]
        offers = offers_of(subject)
        accept = accepted(request) if accept is None else accept
        if (content_type := choose(accept, list(offers))) is None:
            return not_acceptable(accept, list(offers))
        asked = {**(headers or {}), "Content-Type": content_type}
        read = _Read(self, request, subject, offers[content_type], body, asked)
        return await read.response()

    async def outcome(self, subject: Subject, answer_format: Format) -> Stored | Answer:
        """Return the answer, from the cache where possible."""
        generation = self._engine.generation
        question = (subject, answer_format.media_type)
        if isinstance(subject, ServiceDescription):
            return self._cache.keep(
                question, generation, subject.written(generation, answer_format)
            )
        if isinstance(subject, Page):
            return await self._page(subject)
        wish = subject  # for the lambda, of which the type checker knows no more than that
        if wish.is_volatile:
            return await self._engine.answer(wish, answer_format)
        return await self._cache.answer(
            question, generation, lambda: self._engine.answer(wish, answer_format)
        )

    async def values(self, document: Document) -> tuple[bytes, Generation]:
        """Return *document* as JSON, whole, and the generation that it was made from."""
        content, generation, _ = await self._values(document)
        return content, generation

    async def _values(self, document: Document) -> tuple[bytes, Generation, tuple[Asked, ...]]:
        """Return also who else was asked for it."""
        outcome = await self.outcome(document, JSON)
        if isinstance(outcome, Stored):
            return outcome.body, outcome.generation, outcome.asked
        content = bytearray()
        with contextlib.closing(outcome):
            async for piece in outcome:
                content += piece
                if len(content) > _LONGEST_VALUES:
                    raise AnswerTooLong(
                        f"there is more than {_LONGEST_VALUES:,} bytes to show on one page; "
                        "ask for a file"
                    )
        return bytes(content), outcome.generation, outcome.asked

    async def _page(self, page: Page) -> Stored:
        question, generation = (page, HTML.media_type), self._engine.generation
        if not page.is_volatile and (kept := self._cache.find(question, generation)):
            return kept
        content, generation, asked = await self._values(page.document)
        if asked:
            content = with_asked(content, asked)
        written = await self.shown(page, content, generation)
        if page.is_volatile:
            return Stored((generation.digest, question), generation, written, asked)
        return self._cache.keep(question, generation, written)

    async def shown(self, page: Page, values: bytes, generation: Generation) -> bytes:
        """Return *page* as it shows the JSON *values*."""
        # In a thread, so that a long page does not hold the others.
        return await asyncio.to_thread(self._templates.rendered, page, values, generation)

    async def check(self, subject: Subject, answer_format: Format) -> Generation:
        """Return on which generation *subject* could be read; raise why it could not."""
        if isinstance(subject, ServiceDescription):
            return self._engine.generation
        if isinstance(subject, Page):
            return await self.check(subject.document, JSON)
        answer = await self._engine.answer(subject, answer_format, evaluate=False)
        answer.close()
        return answer.generation

    def tag(
        self, subject: Subject, content_type: str, coding: str | None, generation: Generation
    ) -> str:
        """Return the entity tag of an answer.

        That of a graph is strong: one that has not changed is written the same way, whatever else
        has. So is that of a dump, which is the same bytes every time. Others are weak: the same
        generation gives the same answer, but where the query does not order its rows, not always in
        the same order; nor do they tell of the coding.
        """
        if (version := _version(subject, generation)) is None:
            parts = (self._dialect, generation.number, generation.digest, subject, content_type)
            return f"W/{_tag(generation.number, parts)}"
        # A store that is begun anew counts anew; its id tells them apart.
        parts = (self._dialect, generation.store_id, subject, content_type, coding)
        return _tag(version, parts)

    def versions(self, graph: str | None) -> dict[str, int]:
        """Return all strong tags of *graph* as it is now, and in which generation it changed last.

        The tags of what it was before are of no use: it never becomes that again.
        """
        subject, generation = WholeGraph(graph), self.generation
        if (version := _version(subject, generation)) is None:
            return {}
        return {
            self.tag(subject, content_type, coding, generation): version
            for content_type in offers_of(subject)
            for coding in (None, *ENCODERS)
        }

    @property
    def generation(self) -> Generation:
        """The generation that is read now."""
        return self._engine.generation

    def generation_of(self, subject: Subject) -> Generation:
        """Return the generation that *subject* is read from; raise why there is none."""
        return self._engine.generation_numbered(subject.generation)

    async def stored_response(
        self, stored: Stored, coding: str | None, headers: Mapping[str, str]
    ) -> Response:
        """Return the response with an answer that is complete."""
        content = await self._cache.body(stored, coding)
        coded = {"Content-Encoding": coding} if coding else {}
        return Response(content, headers={**headers, **coded})

    def remember(self, stored: Stored, request: Request, body: bytes, ready: Ready) -> None:
        """Have *ready* answer every request that is like *request*."""
        if key := fingerprint(request.scope, body):
            self._cache.remember(stored, key, ready)


class _Read:
    """One request for one subject in one format.

    *asked* are the headers that are known from the request alone.
    """

    def __init__(
        self,
        reads: Reads,
        request: Request,
        subject: Subject,
        answer_format: Format,
        body: bytes,
        asked: dict[str, str],
    ) -> None:
        self.reads = reads
        self.request = request
        self.subject = subject
        self.format = answer_format
        self.body = body
        self.asked = asked
        self._accept_encoding = ",".join(request.headers.getlist("accept-encoding"))
        self._tags: dict[Generation, str] = {}

    async def response(self) -> Response:
        tags = ",".join(self.request.headers.getlist("if-none-match"))
        is_conditional = tags and self.request.method != "POST" and not self.subject.is_volatile
        generation = self.reads.generation_of(self.subject)
        if is_conditional and knows(tags, self._tag(generation)):
            if "*" in tags:  # whoever named our tag has read it before; this one may guess
                generation = await self._while_connected(self._check())
            return self._without_body(HTTPStatus.NOT_MODIFIED, generation)
        if self.request.method == "HEAD":
            generation = await self._while_connected(self._check())
            response = self._without_body(HTTPStatus.OK, generation)
            if isinstance(self.subject, WholeGraph) and (coding := self._coding(None)):
                response.headers["Content-Encoding"] = coding
            return response
        outcome = await self._while_connected(self.reads.outcome(self.subject, self.format))
        headers = {**self._headers(outcome.generation), **federation_headers(outcome.asked)}
        if isinstance(outcome, Answer):
            coding = self._coding(outcome.size)
            return AnswerResponse(outcome, headers, coding=coding, patience=self._patience())
        coding = self._coding(len(outcome.body))
        response = await self.reads.stored_response(outcome, coding, headers)
        self.reads.remember(outcome, self.request, self.body, self._ready(response, outcome))
        return response

    async def _check(self) -> Generation:
        return await self.reads.check(self.subject, self.format)

    async def _while_connected(self, work: Coroutine[Any, Any, _T]) -> _T:
        return await while_connected(self.request.scope, self.request.receive, work)

    def _ready(self, response: Response, stored: Stored) -> Ready:
        unchanged = [header for header in response.raw_headers if header[0] not in _OF_THE_BODY]
        return Ready(
            _NAMES[type(self.subject)],
            response.raw_headers,
            bytes(response.body),
            self._tag(stored.generation),
            unchanged,
            *_told(),
        )

    def _patience(self) -> Patience | None:
        limits = self.reads.dumps
        return Patience(limits.grace_s, limits.bytes_per_s) if is_long(self.subject) else None

    def _coding(self, size: int | None) -> str | None:
        if is_long(self.subject):
            return None  # whoever wants it compressed asks for a file that is
        # The tag of a graph tells of the coding, so this must be known before the size is.
        size = None if isinstance(self.subject, WholeGraph) else size
        return choose_coding(self._accept_encoding, size)

    def _tag(self, generation: Generation) -> str:
        if generation not in self._tags:
            coding = self._coding(None)
            self._tags[generation] = self.reads.tag(
                self.subject, self.asked["Content-Type"], coding, generation
            )
        return self._tags[generation]

    def _without_body(self, status: HTTPStatus, generation: Generation) -> Response:
        """Return a response that tells no length: that of its absent body would be wrong."""
        response = Response(status_code=status, headers=self._headers(generation))
        if "content-length" in response.headers:
            del response.headers["content-length"]
        return response

    def _headers(self, generation: Generation) -> dict[str, str]:
        headers = {
            **COMMON_HEADERS,
            **(self.subject.headers if isinstance(self.subject, Page) else {}),
            "Cache-Control": "no-cache" if self.subject.generation is None else UNCHANGING,
            "Vary": VARY,
            **self.asked,
            "X-Generation": str(generation.number),
        }
        if self.subject.is_volatile:
            return {**headers, "Cache-Control": "no-store"}
        if modified := last_modified(generation.built):
            headers["Last-Modified"] = modified
        return {**headers, "ETag": self._tag(generation)}


@lru_cache(maxsize=16)
def last_modified(built: str) -> str:
    """Return when a generation was *built* as headers say it (RFC 9110, 8.8.2); "" if unknown."""
    return format_datetime(datetime.fromisoformat(built), usegmt=True) if built else ""


@lru_cache(maxsize=64)
def _offers(formats: tuple[Format, ...]) -> dict[str, Format]:
    own = {_content_type(each.media_type): each for each in formats}
    for each in formats:
        if each.generic_media_type:  # which is some other's own name, or the first one's to have
            own.setdefault(each.generic_media_type, each)
    return own


def offers_of(subject: Subject) -> dict[str, Format]:
    """Return the content types on offer: each format by its own name first, then by a wider one."""
    if isinstance(subject, Document | Page):
        return _offers(subject.formats)
    return _offers(formats_of(subject.kind))


def _told() -> tuple[str, str]:
    """Return what the log tells of the query that is being answered."""
    asker = ASKER.get()
    return (asker.text, asker.fingerprint) if asker else ("", "")


def _version(subject: Subject, generation: Generation) -> int | None:
    """Return in which generation *subject* changed last, if it is a graph and that is known.

    Of what is long, every generation may have changed all that is not of one graph.
    """
    if isinstance(subject, WholeGraph):
        return generation.changed.get(subject.name or "")
    if not is_long(subject):
        return None
    assert isinstance(subject, Document)  # noqa: S101 -- nothing else is long
    known = generation.changed.get(subject.graph, generation.number) if subject.graph else None
    return known or generation.number


def is_long(subject: Subject) -> bool:
    """Tell whether *subject* is written by a reader of its own, and sent as it is."""
    return isinstance(subject, Document) and subject.is_long


def _tag(number: int, parts: tuple[object, ...]) -> str:
    return f'"{number}-{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"'


def accepted(request: Request) -> str:
    """Return what *request* accepts, of all its headers that say so."""
    return ", ".join(request.headers.getlist("accept"))


def not_acceptable(accept: str, offers: list[str]) -> Response:
    """Return the problem that nothing on offer is acceptable."""
    return problem(
        HTTPStatus.NOT_ACCEPTABLE,
        "No format that you accept",
        f"this can be answered as {', '.join(offers)}; the request accepts {accept}",
        {"Vary": "Accept"},
    )


def _content_type(media_type: str) -> str:
    is_text = media_type.startswith(_TEXT_TYPES)
    return f"{media_type}; charset=utf-8" if is_text else media_type
