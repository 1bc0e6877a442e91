"""Answers that are kept as long as their generation is current, in a bounded number of bytes.

Equal questions on the same generation have equal answers, so a question is evaluated once: who asks
while it is being evaluated waits for that. A request that came before, byte for byte, is answered
with a response that was made then, and is not even read.
"""

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Hashable
from dataclasses import dataclass, field
from typing import Any

from graph.federation.outcome import Asked
from graph.generations import Generation
from graph.query import Answer
from server.compression import compressed

Key = tuple[str, Hashable]
"""The digest of a generation, and a question."""
Fingerprint = tuple[str | bytes, ...]
"""All of a request that its answer depends on."""
Headers = list[tuple[bytes, bytes]]

_OVERHEAD_BYTES = 2000
"""What an entry or a response costs beside its content, roughly."""

_RESPONSES_PER_ENTRY = 16
"""How many ways to ask for the same answer are remembered; each is as cheap to forget."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A response that can be sent as it is."""

    operation: str
    """What it is counted as."""
    headers: Headers
    body: bytes
    tag: str
    headers_if_unchanged: Headers
    text: str = ""
    """What the log tells of the query."""
    fingerprint: str = ""


@dataclass(slots=True, eq=False)
class Stored:
    """A complete answer, its compressed forms, and the responses made from it."""

    key: Key
    generation: Generation
    body: bytes
    asked: tuple[Asked, ...] = ()
    """What came of asking other endpoints for it."""
    size: int = 0
    coded: dict[str, bytes] = field(default_factory=dict[str, bytes])
    responses: OrderedDict[Fingerprint, Ready] = field(
        default_factory=OrderedDict[Fingerprint, Ready]
    )


@dataclass(slots=True)
class CacheCounts:
    """What the cache did and holds."""

    hits: int = 0
    misses: int = 0
    entries: int = 0
    bytes: int = 0


class ResultCache:
    """The answers of one generation that were asked for last. *max_bytes* 0 turns it off."""

    def __init__(self, max_bytes: int) -> None:
        self.counts = CacheCounts()
        self._max_bytes = max_bytes
        self._digest = ""
        self._entries: OrderedDict[Key, Stored] = OrderedDict()
        self._responses: dict[Fingerprint, Stored] = {}
        self._evaluations: dict[Key, _Evaluation] = {}

    async def answer(
        self, question: Hashable, generation: Generation, begin: Callable[[], Awaitable[Answer]]
    ) -> Stored | Answer:
        """Return what is kept for *question*, or what *begin* comes to: kept then, if short."""
        if not self._max_bytes:
            return await begin()
        self.move_to(generation)
        key = (generation.digest, question)
        if stored := self._entries.get(key):
            self._entries.move_to_end(key)
            self.counts.hits += 1
            return stored
        evaluation = self._evaluations.get(key)
        if evaluation is None:
            self.counts.misses += 1
            evaluation = _Evaluation(self._evaluated(key, begin), self._evaluations, key)
        else:
            self.counts.hits += 1
        return await evaluation.outcome() or await begin()

    def find(self, question: Hashable, generation: Generation) -> Stored | None:
        """Return what is kept for *question* on *generation*, if it is."""
        stored = self._entries.get((generation.digest, question))
        if stored:
            self._entries.move_to_end(stored.key)
            self.counts.hits += 1
        return stored

    def keep(self, question: Hashable, generation: Generation, content: bytes) -> Stored:
        """Keep *content* as the answer to *question*, if that is about the current generation."""
        stored = Stored((generation.digest, question), generation, content)
        if generation.digest == self._digest and self._max_bytes:
            self._forget(self._entries.pop(stored.key, None))
            self._entries[stored.key] = stored
            self.counts.entries += 1
            self._grow(stored, len(content) + _OVERHEAD_BYTES)
        return stored

    async def body(self, stored: Stored, coding: str | None) -> bytes:
        """Return the answer in *coding*, compressed at most once."""
        if coding is None:
            return stored.body
        if coding not in stored.coded:
            stored.coded[coding] = await compressed(stored.body, coding)
            self._grow(stored, len(stored.coded[coding]))
        return stored.coded[coding]

    def remember(self, stored: Stored, fingerprint: Fingerprint, ready: Ready) -> None:
        """Answer requests with *fingerprint* by *ready*, as long as *stored* is kept."""
        if self._entries.get(stored.key) is not stored or fingerprint in stored.responses:
            return
        if len(stored.responses) >= _RESPONSES_PER_ENTRY:
            oldest, _ = stored.responses.popitem(last=False)
            self._responses.pop(oldest, None)
            self._grow(stored, -_size_of(oldest))
        self._responses[fingerprint] = stored
        stored.responses[fingerprint] = ready
        self._grow(stored, _size_of(fingerprint))

    def recall(self, fingerprint: Fingerprint, generation: Generation) -> Ready | None:
        """Return the response for *fingerprint* if there is one on *generation*."""
        if generation.digest != self._digest:
            self.move_to(generation)
        stored = self._responses.get(fingerprint)
        if stored is None:
            return None
        self._entries.move_to_end(stored.key)
        self.counts.hits += 1
        return stored.responses[fingerprint]

    def move_to(self, generation: Generation) -> None:
        """Drop everything that is not of *generation*."""
        if generation.digest != self._digest:
            self._digest = generation.digest
            self._entries.clear()
            self._responses.clear()
            self.counts.entries = self.counts.bytes = 0

    async def _evaluated(self, key: Key, begin: Callable[[], Awaitable[Answer]]) -> Stored | Answer:
        answer = await begin()
        if answer.size is None:
            return answer
        with contextlib.closing(answer):
            content = b"".join([piece async for piece in answer])
        return self.keep(key[1], answer.generation, content)

    def _grow(self, stored: Stored, by: int) -> None:
        stored.size += by
        if self._entries.get(stored.key) is not stored:
            return
        self.counts.bytes += by
        while self.counts.bytes > self._max_bytes:
            self._forget(self._entries.popitem(last=False)[1])

    def _forget(self, stored: Stored | None) -> None:
        if stored:
            for fingerprint in stored.responses:
                self._responses.pop(fingerprint, None)
            self.counts.entries -= 1
            self.counts.bytes -= stored.size


class _Evaluation:
    """One evaluation that several requests wait for; it is stopped when none is left.

    It is one of the evaluations *under_way* as long as more requests can join it.
    """

    def __init__(
        self,
        work: Coroutine[Any, Any, Stored | Answer],
        under_way: "dict[Key, _Evaluation]",
        key: Key,
    ) -> None:
        self._under_way = under_way
        self._key = key
        self._waiting = 0
        self._is_taken = False
        self._task = asyncio.ensure_future(work)
        self._task.add_done_callback(self._leave)
        under_way[key] = self

    async def outcome(self) -> Stored | Answer | None:
        """Return the outcome; a long answer, which can be read only once, only to the first."""
        self._waiting += 1
        try:
            outcome = await asyncio.shield(self._task)
            if isinstance(outcome, Stored):
                return outcome
            was_taken, self._is_taken = self._is_taken, True
            return None if was_taken else outcome
        finally:
            self._waiting -= 1
            if not self._waiting:
                self._stop()

    def _stop(self) -> None:
        if not self._task.done():
            self._leave()
            self._task.cancel()
        elif not self._task.cancelled() and self._task.exception() is None:
            outcome = self._task.result()
            if isinstance(outcome, Answer) and not self._is_taken:
                outcome.close()

    def _leave(self, _: object = None) -> None:
        if self._under_way.get(self._key) is self:
            del self._under_way[self._key]


def _size_of(fingerprint: Fingerprint) -> int:
    return _OVERHEAD_BYTES + sum(len(part) for part in fingerprint)
