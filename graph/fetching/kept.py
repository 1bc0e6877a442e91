"""Answers of other servers, kept for a while: whole ones, and so many bytes of them."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from graph.fetching.fetchers import Fetched

Question = tuple[str, str]
"""The name of a server, and what it was asked."""

_ENTRY_BYTES = 500
"""What keeping one takes beside its rows, and the question."""


class Kept:
    """At most *most* bytes of answers; what was asked for least recently goes first."""

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._answers: OrderedDict[Question, tuple[float, int, Fetched]] = OrderedDict()
        self.size = 0
        """How many bytes are kept."""

    def get(self, question: Question) -> Fetched | None:
        """Return the answer to *question*, if it is kept and not too old."""
        if question not in self._answers:
            return None
        until, _, answer = self._answers[question]
        if until <= self._clock():
            self._drop(question)
            return None
        self._answers.move_to_end(question)
        return answer

    def put(self, question: Question, answer: Fetched, seconds: float) -> None:
        """Keep *answer* for so long, unless it is too much by itself."""
        size = len(answer.rows) + sum(map(len, question)) + _ENTRY_BYTES
        if size > self._most // 4 or seconds <= 0:
            return
        if question in self._answers:
            self._drop(question)
        self._answers[question] = self._clock() + seconds, size, answer
        self.size += size
        while self.size > self._most:
            self._drop(next(iter(self._answers)))

    def _drop(self, question: Question) -> None:
        _, size, _ = self._answers.pop(question)
        self.size -= size
