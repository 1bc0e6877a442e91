"""Ask the servers in turn, round by round, so that what the machine does else hits them alike."""

from __future__ import annotations

import os
import signal
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.bench import answers, client, memory
from tests.bench.figures import COLD, REPEATED, FirstAnswer, Lookups, Question, Transfer
from tests.bench.peers import OXIGRAPH, RDFLIB, VIRTUOSO

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tests.bench.figures import Rates
    from tests.bench.queries import Query

COLUMNS = (COLD, REPEATED, OXIGRAPH, VIRTUOSO, RDFLIB)
"""All servers, in the order in which they are shown."""
PAIR = (COLD, REPEATED, OXIGRAPH)
"""Who is compared by a target, and takes part in as many rounds as there is time for."""

_GRACE_S = 3.0
"""How much later than its limit a server may end a query itself."""
_SLOW_S = 1.0
"""A peer that needs longer is asked once, and not in rounds; none is, on several connections."""


@dataclass(slots=True)
class Course:
    """The servers that run, and how much time there is."""

    targets: dict[str, client.Target]
    rounds: int
    slice_seconds: float
    query_seconds: float
    """The limit of one answer."""
    budget_seconds: float
    """How long one query may be asked in rounds."""
    connections: Sequence[int] = (1, 4)

    def questions(self, queries: Sequence[Query]) -> list[Question]:
        """Ask each of *queries* once and compare; and then in rounds."""
        found = {query.name: self._first(query) for query in queries}
        started = time.monotonic()
        for number in range(self.rounds):
            for query in queries:
                self._round(number, query, found[query.name])
            say(f"round {number + 1} of {self.rounds}, {time.monotonic() - started:.0f} s")
        return list(found.values())

    def _first(self, query: Query) -> Question:
        question = Question(query.name, query.title)
        contents: dict[str, answers.Content] = {}
        for name, target in self.targets.items():
            first = question.first[name] = FirstAnswer()
            request = target.request(query.text, query.media_type)
            started = time.monotonic()
            try:
                answer = client.ask(target, request, self.query_seconds + _GRACE_S)
                first.seconds = answer.seconds
                contents[name] = answers.content(query.media_type, answer.body)
            except (client.AnswerError, ValueError, SyntaxError, KeyError) as error:
                first.failure = self._why(error, started, target)
                say(f"{query.name}: {name}: {first.failure}")
        if contents:
            expected = answers.most_given(contents)
            question.rows = expected.total()
            for name, content in contents.items():
                first = question.first[name]
                first.note = answers.difference(content, expected)
                if first.note and query.is_free:
                    first.note = f"describes in its own way: {content.total():,} triples"
                if first.note:
                    say(f"{query.name}: {name}: {first.note}")
        return question

    def _why(self, error: Exception, started: float, target: client.Target) -> str:
        """Say why there is no answer to what *target* was asked at *started*.

        Servers end what takes too long in many ways, a status 200 and half an answer among them.
        """
        is_late = time.monotonic() - started > self.query_seconds - 0.5
        if is_late and target.is_patient:
            for worker in memory.tree(target.process_id)[1:]:
                os.kill(worker, signal.SIGKILL)
        return f"over {self.query_seconds:g} s" if is_late else _reason(error)

    def _round(self, number: int, query: Query, question: Question) -> None:
        for count in self.connections:
            if count > 1 and number % 2:
                continue  # every second round will do for these
            rates: Rates = {}
            for name in self._in_turn(number):
                if not self._takes_part(name, question, count, number):
                    continue
                target = self.targets[name]
                request = target.request(query.text, query.media_type)
                try:
                    rates[name] = client.rate(target, request, count, self.slice_seconds)
                except client.AnswerError as error:
                    say(f"{query.name}: {name}: {_reason(error)}")
                    question.first[name].note = f"failed in a round: {_reason(error)}"
            if rates:
                question.rounds.setdefault(count, []).append(rates)

    def _in_turn(self, number: int) -> list[str]:
        """Return the servers; who comes first changes from round to round."""
        names = list(self.targets)
        return names[number % len(names) :] + names[: number % len(names)]

    def _takes_part(self, name: str, question: Question, connections: int, number: int) -> bool:
        first = question.first[name]
        if first.failure:
            return False
        if name not in PAIR or connections > 1:
            slowest = first.seconds if name not in PAIR else _slowest_of_pair(question)
            return slowest < _SLOW_S and number * (connections + 1) * slowest < self.budget_seconds
        # They are compared, so they take part in the same rounds; in two at least.
        return number < 2 or number * 3 * _slowest_of_pair(question) < self.budget_seconds

    def lookups(self, texts: Sequence[str], media_type: str) -> Lookups:
        """Ask each server every one of *texts* at most once."""
        result = Lookups()
        names = [name for name in self.targets if name != COLD]
        streams = {name: _requests(self.targets[name], texts, media_type) for name in names}
        for number in range(self.rounds):
            for count in self.connections:
                rates: Rates = {}
                for name in self._in_turn(number):
                    if name not in streams or name in result.failures:
                        continue
                    try:
                        seconds = self.slice_seconds * 3
                        rates[name] = client.rate_of(
                            self.targets[name], streams[name], count, seconds
                        )
                    except client.AnswerError as error:
                        result.failures[name] = _reason(error)
                        say(f"lookups: {name}: {_reason(error)}")
                result.rounds.setdefault(count, []).append(rates)
        return result

    def large(self, query: Query, rounds: int, media_type: str) -> dict[str, Transfer]:
        """Ask for a large result, and note when it begins and ends."""
        names = [name for name in self.targets if name != REPEATED]
        found = {name: Transfer() for name in names}
        for number in range(rounds):
            for name in self._in_turn(number):
                if name in found and not found[name].failure:
                    self._transfer(found[name], name, query, media_type)
        return found

    def _transfer(self, transfer: Transfer, name: str, query: Query, media_type: str) -> None:
        target = self.targets[name]
        request = target.request(query.text, media_type)
        started = time.monotonic()
        limit = self.query_seconds + _GRACE_S
        is_json = media_type == answers.TABLE
        try:
            answer = client.ask(target, request, limit, _has_value if is_json else _has_two_lines)
            transfer.rows = answers.row_count(media_type, answer.body)
        except (client.AnswerError, ValueError, KeyError) as error:
            transfer.failure = self._why(error, started, target)
            say(f"large result: {name}: {transfer.failure}")
            return
        transfer.megabytes = len(answer.body) / 1e6
        transfer.seconds.append(answer.seconds)
        transfer.first_row.append(answer.first_row)


def _has_value(body: bytes) -> bool:
    return b'"value"' in body


def _has_two_lines(body: bytes) -> bool:
    return body.count(b"\n") > 1


def _slowest_of_pair(question: Question) -> float:
    return max(
        (question.first[name].seconds for name in PAIR if name in question.first), default=0.0
    )


def _requests(target: client.Target, texts: Iterable[str], media_type: str) -> Iterator[bytes]:
    for text in texts:
        yield target.request(text, media_type)
    raise client.AnswerError("there are no more things to ask about")


def _reason(error: Exception) -> str:
    """Return the first line of what *error* says, shortened."""
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0][:160]


def say(text: str) -> None:
    """Tell whoever has started the run."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {text}\n")
    sys.stderr.flush()
