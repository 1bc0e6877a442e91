"""A query that asks others hurts nobody: no reader waits, and its time holds for all of it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest

from graph.errors import (
    GraphError,
    NotAllowed,
    QueryRejected,
    QueryStopped,
    QueryTimedOut,
    RemoteBusy,
    RemoteFailed,
    RemoteTooMuch,
    RemoteTooSlow,
)
from graph.fetching.allowed import Allowed, AllowList
from graph.formats import format_named
from graph.limits import FetchLimits
from graph.query import READ_HERE_BYTES, Engine, Limits, Operation
from graph.sparql.matches import MATCHES
from tests.engine.federated import Endpoints, found_by_us
from tests.http.portal import Portal, running_portal

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator
    from pathlib import Path

    from graph.fetching.fetchers import Fetched
    from graph.readers.run import Answer
    from tests.engine.conftest import Publish

EX = "http://example.org/"
PREFIX = f"PREFIX : <{EX}>"
_LIMITS = Limits(readers=1, spares=0, timeout_s=20)


@pytest.fixture
def portal() -> Iterator[Portal]:
    store = ox.Store()
    store.load(f'{PREFIX} :b :label "B" . :c :label "C" .', format=ox.RdfFormat.TURTLE)
    with running_portal(store) as portal:
        yield portal


@contextlib.asynccontextmanager
async def engine_of(
    store: Path, portal: Portal, limits: Limits = _LIMITS
) -> AsyncGenerator[Engine]:
    allow_list = AllowList([Allowed("portal", portal.url, is_private=True)])
    async with Engine(store, limits, federation=allow_list) as engine:
        yield engine


def asking(portal: Portal, more: str = "") -> Operation:
    text = f"{PREFIX} SELECT ?l {{ ?s :knows ?r SERVICE <{portal.url}> {{ ?r :label ?l }} {more} }}"
    return Operation(text)


async def rows_of(answer: Answer) -> list[str]:
    with contextlib.closing(answer):
        content = b"".join([piece async for piece in answer])
    return sorted(content.decode().split("\r\n")[1:-1])


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(15):
        while not condition():
            await asyncio.sleep(0.01)


def test_no_reader_is_held_while_another_endpoint_is_waited_for(
    store: Path, portal: Portal
) -> None:
    async def run() -> list[str]:
        async with engine_of(store, portal) as engine:
            portal.may_answer.clear()
            asked = asyncio.create_task(engine.answer(asking(portal), format_named("csv")))
            await until(portal.is_asked.is_set)
            assert engine.reader_counts.busy == 0
            other = await engine.answer(Operation("SELECT (1 AS ?x) {}"), format_named("csv"))
            assert await rows_of(other) == ["1"]
            portal.may_answer.set()
            return await rows_of(await asked)

    assert asyncio.run(run()) == ["B", "C"]


def test_all_of_it_is_read_from_one_generation(publish: Publish, portal: Portal) -> None:
    before = publish(f"{PREFIX} GRAPH :g {{ :a :knows :b }}")
    store = before.path.parents[1]

    async def run() -> None:
        async with engine_of(store, portal) as engine:
            portal.may_answer.clear()
            wish = asking(portal, "?s :knows ?again")
            asked = asyncio.create_task(engine.answer(wish, format_named("csv")))
            await until(portal.is_asked.is_set)
            publish(f"{PREFIX} GRAPH :g {{ :a :knows :c . :a :knows :d }}")
            await until(lambda: engine.generation.number == before.number + 1)
            portal.may_answer.set()
            answer = await asked
            assert answer.generation.number == before.number
            assert await rows_of(answer) == ["B"]

    asyncio.run(run())


def test_the_time_of_a_query_holds_for_all_that_it_asks(store: Path, portal: Portal) -> None:
    async def run() -> None:
        async with engine_of(store, portal, replace(_LIMITS, timeout_s=1)) as engine:
            portal.may_answer.clear()
            begun = time.monotonic()
            with pytest.raises(QueryTimedOut, match="while portal was asked"):
                await engine.answer(asking(portal), format_named("csv"))
            assert time.monotonic() - begun < 15
            assert not engine.reader_counts.busy

    asyncio.run(run())


def test_who_goes_away_is_waited_for_no_longer(store: Path, portal: Portal) -> None:
    async def run() -> None:
        async with engine_of(store, portal) as engine:
            portal.may_answer.clear()
            asked = asyncio.create_task(engine.answer(asking(portal), format_named("csv")))
            await until(portal.is_asked.is_set)
            asked.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asked
            portal.may_answer.set()
            assert await rows_of(await engine.answer(asking(portal), format_named("csv"))) == [
                "B",
                "C",
            ]

    asyncio.run(run())


def test_it_is_listed_and_can_be_stopped_while_it_asks(store: Path, portal: Portal) -> None:
    async def run() -> None:
        async with engine_of(store, portal) as engine:
            portal.may_answer.clear()
            asked = asyncio.create_task(engine.answer(asking(portal), format_named("csv")))
            await until(portal.is_asked.is_set)
            (activity,) = engine.running
            assert (activity.kind, activity.state) == ("service", "asking")
            assert engine.running.stop(activity.asker.id) == 1
            with pytest.raises(QueryStopped):
                await asked
            assert not list(engine.running)

    asyncio.run(run())


def test_a_long_text_is_planned_by_a_reader(store: Path, portal: Portal) -> None:
    async def run() -> list[str]:
        async with engine_of(store, portal) as engine:
            wish = asking(portal, f"# {'x' * READ_HERE_BYTES}\n")
            return await rows_of(await engine.answer(wish, format_named("csv")))

    assert asyncio.run(run()) == ["B", "C"]


def test_what_is_only_checked_asks_nobody(store: Path, portal: Portal) -> None:
    async def run() -> None:
        async with engine_of(store, portal) as engine:
            answer = await engine.answer(asking(portal), format_named("csv"), evaluate=False)
            answer.close()
            wish = Operation("ASK { SERVICE <http://other.example/> {} }")
            with pytest.raises(NotAllowed):
                await engine.answer(wish, format_named("csv"), evaluate=False)

    asyncio.run(run())
    assert portal.requests == 0


def test_where_only_files_may_be_fetched_no_endpoint_is_asked_silently(store: Path) -> None:
    files = Allowed("files", "http://files.example/", kind="files")

    async def run() -> None:
        async with Engine(store, _LIMITS, federation=AllowList([files])) as engine:
            wish = Operation("ASK { SERVICE SILENT <http://other.example/> {} }")
            with pytest.raises(NotAllowed, match="it may ask none"):
                await engine.answer(wish, format_named("csv"))

    asyncio.run(run())


@pytest.mark.parametrize("service", ["", "SERVICE <PORTAL> { ?s :label ?l }"])
def test_who_searches_an_older_generation_is_told_why_not_by_the_explanation_too(
    store: Path, portal: Portal, service: str
) -> None:
    pattern = f'?s <{MATCHES}> "b" . {service.replace("PORTAL", portal.url)}'

    async def run() -> None:
        async with engine_of(store, portal) as engine:
            number = engine.generation.number
            wish = Operation(f"{PREFIX} SELECT ?s {{ {pattern} }}", generation=number)
            query = await engine.read(wish)
            for asked in (engine.answer(query, format_named("csv")), engine.explain(query)):
                with pytest.raises(QueryRejected, match="in the current generation only"):
                    await asked

    asyncio.run(run())
    assert portal.requests == 0


class Moody(Endpoints):
    """Endpoints that answer only so many keys at once, or not as they should."""

    most: int = 1_000
    error: RemoteFailed | None = None
    changed: Callable[[Fetched], Fetched] | None = None

    async def select(self, allowed: Allowed, query: str) -> Fetched:
        number = query.partition("}")[0].count("/n")
        if self.error and number > self.most:
            self.asked.append((allowed.url, query))
            raise self.error
        fetched = await super().select(allowed, query)
        return self.changed(fetched) if self.changed else fetched


_THERE = "http://there/sparql"
_QUERY = f"{PREFIX} SELECT ?n {{ ?s :same ?r SERVICE <{_THERE}> {{ ?r :label ?n }} }}"


def _moody(number: int = 8, **limits: int) -> tuple[ox.Store, Moody]:
    ours, there = ox.Store(), ox.Store()
    for each in range(number):
        thing = ox.NamedNode(f"{EX}n{each}")
        ours.add(ox.Quad(ox.NamedNode(f"{EX}s{each}"), ox.NamedNode(f"{EX}same"), thing))
        there.add(ox.Quad(thing, ox.NamedNode(f"{EX}label"), ox.Literal(str(each))))
    return ours, Moody({_THERE: there}, FetchLimits(**limits))


@pytest.mark.parametrize(
    ("error", "requests"),
    [
        pytest.param(RemoteFailed("x", "there", 413), 7, id="413"),
        pytest.param(RemoteFailed("x", "there", 414), 7, id="414"),
        pytest.param(RemoteFailed("x", "there", 500), 7, id="500"),
        pytest.param(RemoteTooSlow("x", "there"), 7, id="too slow"),
        pytest.param(RemoteTooMuch("x", "there"), 7, id="too much"),
        pytest.param(RemoteFailed("x", "there", 400), None, id="400"),
        pytest.param(RemoteBusy("x", "there", 5, 503), None, id="busy"),
    ],
)
def test_what_is_too_much_for_an_endpoint_is_asked_in_halves(
    error: RemoteFailed, requests: int | None
) -> None:
    ours, endpoints = _moody()
    endpoints.most, endpoints.error = 2, error
    if requests is None:
        with pytest.raises(RemoteFailed):
            found_by_us(ours, _QUERY, endpoints)
        assert len(endpoints.asked) == 1
        return
    assert found_by_us(ours, _QUERY, endpoints).rows.total() == 8
    assert len(endpoints.asked) == requests


@pytest.mark.parametrize(
    ("limits", "batches"), [({"batch": 3}, 3), ({"batch": 8}, 1), ({"max_keys": 7}, 1)]
)
def test_keys_are_sent_so_many_at_a_time_or_all_rows_are_asked_for(
    limits: dict[str, int], batches: int
) -> None:
    ours, endpoints = _moody(**limits)
    found = found_by_us(ours, _QUERY, endpoints)
    assert found.rows.total() == 8
    assert len(endpoints.asked) == batches
    assert ("VALUES" in endpoints.asked[0][1]) is ("max_keys" not in limits)
    assert found.asked[0].keys == (None if "max_keys" in limits else 8)


@pytest.mark.parametrize(
    ("changes", "limits", "said"),
    [
        pytest.param(
            {"left_out": "sent 10,000 rows, as many as it ever sends"}, {},
            "so some may be missing; ask for less", id="the endpoint leaves rows out",
        ),
        pytest.param(
            {"variables": ("n", "other")}, {}, "other columns", id="other columns",
        ),
        pytest.param({}, {"rows": 7}, "more than 7 rows", id="more rows than allowed"),
    ],
)  # fmt: skip
def test_nothing_is_ever_partial_in_silence(
    changes: dict[str, Any], limits: dict[str, int], said: str
) -> None:
    ours, endpoints = _moody(1 if not limits else 8, **limits)
    endpoints.changed = lambda got: replace(got, **changes)
    with pytest.raises(GraphError, match=said):
        found_by_us(ours, _QUERY, endpoints, asks_for_all=bool(limits))
    silent = found_by_us(
        ours, _QUERY.replace("SERVICE", "SERVICE SILENT"), endpoints, asks_for_all=bool(limits)
    )
    assert set(silent.rows) == {(None,)}
    assert said in silent.asked[0].left_out
    assert (silent.asked[0].status, silent.asked[0].rows) == ("failed", 0)


def test_columns_in_another_order_are_put_where_they_belong() -> None:
    ours, endpoints = _moody(2)

    def turned(got: Fetched) -> Fetched:
        lines = [line[1:-1].split(" ") for line in got.rows.decode().splitlines()]
        rows = "".join(f"({' '.join(reversed(line))})\n" for line in lines).encode()
        return replace(got, variables=tuple(reversed(got.variables)), rows=rows)

    endpoints.changed = turned
    assert set(found_by_us(ours, _QUERY, endpoints).rows) == {('"0"',), ('"1"',)}
