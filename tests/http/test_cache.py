"""The result cache: what is kept, for whom, and how much of it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import httpx2
import pytest

from graph.errors import QueryTimedOut
from graph.generations import Generation
from graph.query import Answer
from server.cache import Ready, ResultCache, Stored

from .conftest import Serve, Server, publish

FIRST = Generation(1, Path(), 1, "first")
SECOND = Generation(2, Path(), 1, "second")
TEXT = "SELECT ?o { <http://example.org/a> <http://example.org/age> ?o }"


class Fake:
    """An engine that answers with *content* after *seconds*, and counts how often."""

    def __init__(self, content: bytes = b"x", *, seconds: float = 0, is_long: bool = False) -> None:
        self.content = content
        self.size = None if is_long else len(content)
        self.generation = FIRST
        self.begun = self.stopped = self.closed = 0
        self.failure: Exception | None = None
        self._seconds = seconds

    async def begin(self) -> Answer:
        self.begun += 1
        try:
            await asyncio.sleep(self._seconds)
        except asyncio.CancelledError:
            self.stopped += 1
            raise
        if self.failure:
            raise self.failure
        return FakeAnswer(self)


class FakeAnswer(Answer):
    def __init__(self, fake: Fake) -> None:
        self.size, self.generation, self._fake = fake.size, fake.generation, fake

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._fake.content

    def close(self) -> None:
        self._fake.closed += 1


def ready(body: bytes = b"") -> Ready:
    return Ready("query", [], body, "tag", [])


def test_a_question_is_evaluated_once() -> None:
    async def work() -> None:
        fake, cache = Fake(b"answer"), ResultCache(1_000_000)
        answers = [await cache.answer("q", FIRST, fake.begin) for _ in range(3)]
        assert [cast("Stored", each).body for each in answers] == [b"answer"] * 3
        assert (fake.begun, fake.closed) == (1, 1)
        assert (cache.counts.hits, cache.counts.misses, cache.counts.entries) == (2, 1, 1)
        await cache.answer("other", FIRST, fake.begin)
        assert fake.begun == 2

    asyncio.run(work())


def test_who_asks_meanwhile_waits_for_the_same_evaluation() -> None:
    async def work() -> None:
        fake, cache = Fake(seconds=0.05), ResultCache(1_000_000)
        await asyncio.gather(*(cache.answer("q", FIRST, fake.begin) for _ in range(20)))
        assert fake.begun == 1

    asyncio.run(work())


def test_who_leaves_does_not_stop_the_others_and_the_last_one_stops_it() -> None:
    async def work() -> None:
        fake, cache = Fake(seconds=0.2), ResultCache(1_000_000)
        asking = [asyncio.ensure_future(cache.answer("q", FIRST, fake.begin)) for _ in range(3)]
        await asyncio.sleep(0.02)
        asking[0].cancel()
        asking[1].cancel()
        assert cast("Stored", await asking[2]).body == b"x"
        assert (fake.begun, fake.stopped) == (1, 0)
        alone = asyncio.ensure_future(cache.answer("r", FIRST, fake.begin))
        await asyncio.sleep(0.02)
        alone.cancel()
        await asyncio.sleep(0.02)
        assert (fake.begun, fake.stopped) == (2, 1)
        assert cast("Stored", await cache.answer("r", FIRST, fake.begin)).body == b"x"

    asyncio.run(work())


def test_a_failure_is_everybody_s_and_is_not_kept() -> None:
    async def work() -> None:
        fake, cache = Fake(seconds=0.02), ResultCache(1_000_000)
        fake.failure = QueryTimedOut("too long")
        asking = (cache.answer("q", FIRST, fake.begin) for _ in range(5))
        outcomes = await asyncio.gather(*asking, return_exceptions=True)
        assert [type(each) for each in outcomes] == [QueryTimedOut] * 5
        assert fake.begun == 1
        fake.failure = None
        assert isinstance(await cache.answer("q", FIRST, fake.begin), Stored)

    asyncio.run(work())


def test_a_long_answer_is_for_one_and_not_kept() -> None:
    async def work() -> None:
        fake, cache = Fake(seconds=0.02, is_long=True), ResultCache(1_000_000)
        asking = (cache.answer("q", FIRST, fake.begin) for _ in range(3))
        answers = await asyncio.gather(*asking)
        assert len({id(each) for each in answers}) == 3
        assert (fake.begun, cache.counts.entries) == (3, 0)

    asyncio.run(work())


def test_a_long_answer_that_nobody_takes_is_closed() -> None:
    async def work() -> None:
        fake, cache = Fake(is_long=True), ResultCache(1_000_000)
        asking = asyncio.ensure_future(cache.answer("q", FIRST, fake.begin))
        while not fake.begun:
            await asyncio.sleep(0)
        (evaluation,) = asyncio.all_tasks() - {asyncio.current_task(), asking}
        evaluation.add_done_callback(lambda _: asking.cancel())
        await asyncio.gather(asking, return_exceptions=True)
        assert asking.cancelled()
        assert fake.closed == 1

    asyncio.run(work())


def test_the_bytes_are_bounded_and_the_least_used_goes_first() -> None:
    async def work() -> None:
        cache = ResultCache(100_000)
        for number in range(30):
            fake = Fake(b"x" * 20_000)
            stored = cast("Stored", await cache.answer(number, FIRST, fake.begin))
            cache.remember(stored, ("GET", b"%d" % number), ready())
            await cache.answer(0, FIRST, Fake(b"x" * 20_000).begin)
            await cache.body(stored, "gzip")
            assert cache.counts.bytes <= 100_000
        assert cache.counts.entries == 4
        assert cache.recall(("GET", b"0"), FIRST)
        assert cache.recall(("GET", b"29"), FIRST)
        assert not cache.recall(("GET", b"1"), FIRST)
        huge = cast("Stored", await cache.answer("huge", FIRST, Fake(b"x" * 200_000).begin))
        assert len(huge.body) == 200_000
        assert cache.counts.bytes <= 100_000

    asyncio.run(work())


def test_the_ways_to_ask_for_one_answer_are_bounded() -> None:
    async def work() -> None:
        cache = ResultCache(10_000_000)
        stored = cast("Stored", await cache.answer("q", FIRST, Fake().begin))
        for number in range(1000):
            cache.remember(stored, ("GET", b"%d" % number), ready())
        assert cache.counts.bytes < 100_000
        assert cache.recall(("GET", b"999"), FIRST)
        assert not cache.recall(("GET", b"1"), FIRST)

    asyncio.run(work())


def test_another_generation_starts_empty_and_gets_nothing_old() -> None:
    async def work() -> None:
        fake, cache = Fake(seconds=0.05), ResultCache(1_000_000)
        stored = cast("Stored", await cache.answer("q", FIRST, fake.begin))
        cache.remember(stored, ("GET",), ready(b"old"))
        late = asyncio.ensure_future(cache.answer("late", FIRST, fake.begin))
        await asyncio.sleep(0.01)
        assert cache.recall(("GET",), SECOND) is None
        await late
        assert (cache.counts.entries, cache.counts.bytes) == (0, 0)
        cache.remember(stored, ("GET",), ready(b"old"))
        assert cache.recall(("GET",), SECOND) is None
        newer = Fake(b"new")
        newer.generation = SECOND
        await cache.answer("q", SECOND, newer.begin)
        assert (newer.begun, cache.counts.entries) == (1, 1)

    asyncio.run(work())


def test_a_cache_of_no_bytes_is_none() -> None:
    async def work() -> None:
        fake, cache = Fake(), ResultCache(0)
        answers = [await cache.answer("q", FIRST, fake.begin) for _ in range(2)]
        assert not any(isinstance(each, Stored) for each in answers)
        assert fake.begun == 2
        stored = cache.keep("q", FIRST, b"x")
        cache.remember(stored, ("GET",), ready())
        assert cache.recall(("GET",), FIRST) is None
        assert cache.counts.bytes == 0

    asyncio.run(work())


def metrics(server: Server) -> dict[str, float]:
    lines = httpx2.get(f"{server.url}/metrics").text.splitlines()
    pairs = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    return {name: float(value) for name, value in pairs}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_second_who_asks_costs_no_reader(serve: Serve, small_store: Path, method: str) -> None:
    def ask(server: Server, text: str) -> httpx2.Response:
        fields = {"query": text}
        sent = {"params": fields} if method == "GET" else {"data": fields}
        return httpx2.request(method, server.sparql, headers={"Accept": "text/csv"}, **sent)  # type: ignore[arg-type]

    with serve(small_store, "--readers", 1) as server:
        answers = [ask(server, TEXT) for _ in range(5)]
        assert {each.text for each in answers} == {"o\r\n36\r\n"}
        own = ("date", "x-request-id")
        heads = [{k: v for k, v in each.headers.items() if k not in own} for each in answers]
        assert all(head == heads[0] for head in heads)
        found = metrics(server)
        assert found["metapole_cache_misses_total"] == 1
        assert found["metapole_cache_hits_total"] == 4
        assert found["metapole_cache_entries"] == 1
        assert found['metapole_requests_total{operation="query",status="200"}'] == 5
        assert found["metapole_readers_started_total"] >= 1
        assert found["metapole_generation"] == 1
        assert len({ask(server, "SELECT (RAND() AS ?x) {}").text for _ in range(3)}) == 3
        assert metrics(server)["metapole_cache_entries"] == 1


def test_the_cache_can_be_turned_off(serve: Serve, small_store: Path) -> None:
    with serve(small_store, "--readers", 1, "--cache-mb", 0) as server:
        for _ in range(3):
            assert server.ask(TEXT).text == "o\r\n36\r\n"
        assert metrics(server)["metapole_cache_bytes"] == 0


def test_what_is_published_is_seen_through_the_cache(serve: Serve, tmp_path: Path) -> None:
    publish(tmp_path)
    with serve(tmp_path, "--readers", 1, in_place=True) as server:
        assert server.ask(TEXT).text == server.ask(TEXT).text == "o\r\n36\r\n"
        publish(tmp_path, "<http://example.org/a> <http://example.org/age> 37 .")
        while (response := server.ask(TEXT)).headers["x-generation"] == "1":
            assert response.text == "o\r\n36\r\n"
        assert response.text == "o\r\n37\r\n"
        assert metrics(server)["metapole_generation"] == 2
