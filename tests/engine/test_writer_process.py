"""The writer's process: what it says and is told, and that it may be killed at any moment."""

from __future__ import annotations

import asyncio
import json
import random
from contextlib import ExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest

from graph.errors import EngineUnavailable, StoreUnusable
from graph.generations import current_generation, publish_generation, verify_generation, writing
from graph.namespaces import RDF_TYPE
from graph.paths import bundled
from graph.processes import frames
from graph.processes.child import Child
from graph.sparql.parser import tables
from graph.writing.commits import commit_with_key
from graph.writing.plan import plan_of
from tests.thoroughness import tried

from .wishes import fast_directory, put, quad, statements, wish

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Coroutine, Iterator, Sequence
    from pathlib import Path

RULES = bundled("ontology") / "rules"
MEMORY = 1_000_000_000
INCREMENT = """
    DELETE { <x:n> <x:count> ?old } INSERT { <x:n> <x:count> ?new }
    WHERE { OPTIONAL { <x:n> <x:count> ?old } BIND (COALESCE(?old, 0) + 1 AS ?new) }
"""


@pytest.fixture
def store() -> Iterator[Path]:
    with fast_directory() as directory:
        publish_generation(directory, [quad(("x:s", "x:p", "one", "x:g"))])
        yield directory


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(work, 100))


@asynccontextmanager
async def started(
    store: Path, validate: str = "off", inherit: Sequence[int] = ()
) -> AsyncGenerator[Child]:
    arguments = (store, MEMORY, RULES, validate, 60, 60)
    first = frames.packed(frames.TABLES, tables())
    writer = await Child.start(
        "the writer", "graph.writing.child", arguments, inherit=inherit, first=first
    )
    try:
        yield writer
    finally:
        writer.kill()
        await writer.exit_status()


async def received(writer: Child) -> tuple[bytes, Any]:
    frame = await writer.receive()
    assert frame, "the writer is gone"
    kind, payload = frame
    return kind, payload if kind == frames.EXTRACT else json.loads(payload)


def update(text: str, **options: Any) -> dict[str, Any]:  # noqa: ANN401 -- those of a wish
    return wish({"kind": "update", "plan": plan_of(text, "x:")}, **options)


def test_a_batch_is_told_of_and_published(store: Path, tmp_path: Path) -> None:
    async def work() -> None:
        async with started(store) as writer:
            assert writer.missing == []
            batch = [
                update("INSERT DATA { GRAPH <x:g> { <x:s> <x:p> 'two' } }"),
                update("CREATE GRAPH <x:g>"),
                wish(put(tmp_path / "content.nt", "x:new", ("x:s", "x:p", "new"))),
            ]
            await writer.send({"wishes": batch})
            for index in range(3):
                assert await received(writer) == (frames.BEGUN, {"wish": index})
            kind, outcomes = await received(writer)
            assert kind == frames.OUTCOMES
            assert [each.get("failure") for each in outcomes] == [None, "WriteRejected", None]
            assert [each.get("commit") for each in outcomes] == [1, None, 2]
            assert await received(writer) == (frames.END, {})
            generation = current_generation(store)
            assert generation
            verify_generation(generation)
            assert (generation.commit, generation.graphs and generation.graphs["x:g"]) == (2, 2)

    run(work())


def test_one_batch_follows_another(store: Path) -> None:
    async def work() -> None:
        async with started(store) as writer:
            for number in (1, 2, 3):
                await writer.send({"wishes": [update(INCREMENT)]})
                assert await received(writer) == (frames.BEGUN, {"wish": 0})
                _, outcomes = await received(writer)
                assert outcomes[0]["commit"] == number
                assert await received(writer) == (frames.END, {})

    run(work())


# The gate

PROFILE: list[dict[str, Any]] = [
    {
        "name": "x:shape",
        "target_classes": ["x:Thing"],
        "target_subjects_of": [],
        "need": {"classes": [], "values": {"x:name": {"classes": [], "values": {}}}},
    }
]
FINDING = {
    "severity": "error", "focus": "x:thing", "path": "x:name", "value": "7", "shape": "x:shape",
    "component": "x:c", "message": "no text", "remedy": "write it as text",
}  # fmt: skip
THING = f"INSERT DATA {{ GRAPH <x:g> {{ <x:thing> <{RDF_TYPE}> <x:Thing> ; <x:name> 7 }} }}"


@pytest.mark.parametrize("validate", ["reject", "warn"])
def test_the_gate_is_asked_before_a_change_is_kept(store: Path, validate: str) -> None:
    async def work() -> None:
        async with started(store, validate) as writer:
            await writer.send({"wishes": [update(THING)]})
            assert await received(writer) == (frames.BEGUN, {"wish": 0})
            assert await received(writer) == (frames.EXTRACT, b"")
            await writer.send_frame(frames.packed_json(frames.VERDICT, {"profile": PROFILE}))
            kind, extract = await received(writer)
            assert kind == frames.EXTRACT
            assert b"<x:thing> " in extract
            await writer.send_frame(frames.packed_json(frames.VERDICT, {"findings": [FINDING]}))
            _, [outcome] = await received(writer)
            assert await received(writer) == (frames.END, {})
            assert outcome["findings"] == [FINDING]
            assert outcome.get("failure") == ("ShapesViolated" if validate == "reject" else None)
            generation = current_generation(store)
            assert generation
            assert generation.commit == (0 if validate == "reject" else 1)

    run(work())


@pytest.mark.parametrize(("validate", "failure"), [("reject", "EngineUnavailable"), ("warn", None)])
def test_a_gate_that_is_out_of_order_lets_nothing_through_unless_it_only_warns(
    store: Path, validate: str, failure: str | None
) -> None:
    async def work() -> None:
        async with started(store, validate) as writer:
            await writer.send({"wishes": [update(THING)]})
            assert await received(writer) == (frames.BEGUN, {"wish": 0})
            assert await received(writer) == (frames.EXTRACT, b"")
            verdict = {"failure": "EngineUnavailable", "message": "no validator"}
            await writer.send_frame(frames.packed_json(frames.VERDICT, verdict))
            _, [outcome] = await received(writer)
            assert outcome.get("failure") == failure
            assert "no validator" in json.dumps(outcome)

    run(work())


# How it starts and ends


def test_a_writer_without_a_store_says_so(tmp_path: Path) -> None:
    async def work() -> None:
        with pytest.raises(EngineUnavailable, match="there is no store yet"):
            async with started(tmp_path):
                pytest.fail("a writer has nothing to write to")

    run(work())


def test_the_rules_are_applied_to_a_store_that_was_made_without_them(store: Path) -> None:
    async def work() -> None:
        async with started(store):
            pass
        generation = current_generation(store)
        assert generation
        assert (generation.number, generation.commit) == (2, 0)
        assert generation.rules
        async with started(store):
            pass
        assert current_generation(store) == generation

    run(work())


def test_the_lock_is_held_until_the_writer_is_gone_too(store: Path) -> None:
    """A server that was killed leaves a writer for a moment; nobody else may write then."""

    async def work() -> None:
        with ExitStack() as server:
            lock = server.enter_context(writing(store, "a server"))
            async with started(store, inherit=(lock.descriptor,)):
                server.close()
                with (
                    pytest.raises(StoreUnusable, match="is writing to it"),
                    writing(store, "another"),
                ):
                    pytest.fail("two processes write")
        with writing(store, "another"):
            pass

    run(work())


KILLS = tried(10, 30)


@pytest.mark.timeout(240)
def test_a_writer_that_is_killed_at_random_loses_nothing_and_repeats_nothing(store: Path) -> None:
    """Clients send what was not acknowledged again, with the same key, as they are told to."""
    chance = random.Random(240)  # noqa: S311 -- it chooses moments
    acknowledged: list[str] = []

    async def make(writer: Child, keys: list[str]) -> None:
        batch = [update(INCREMENT, key=(key, "digest")) for key in keys]
        await writer.send({"wishes": batch})
        while (frame := await writer.receive()) is not None:
            if frame[0] == frames.END:
                acknowledged.extend(keys)
                return

    async def make_some(writer: Child, waiting: list[str], is_to_die: bool) -> None:
        making = asyncio.create_task(make(writer, waiting))
        if is_to_die:
            await asyncio.sleep(chance.uniform(0, 0.06))
            writer.kill()
        await making

    async def work() -> None:
        kills = number = 0
        waiting: list[str] = []
        while kills < KILLS or waiting:
            async with started(store) as writer:
                while writer.is_alive and (kills < KILLS or waiting):
                    fresh = chance.randint(1, 5) if kills < KILLS else 0
                    waiting += [f"key {number + each}" for each in range(fresh)]
                    number += fresh
                    is_to_die = kills < KILLS and chance.random() < 0.7
                    kills += is_to_die
                    await make_some(writer, waiting, is_to_die)
                    waiting = [key for key in waiting if key not in acknowledged]
        assert len(acknowledged) == len(set(acknowledged)) == number

    run(work())
    generation = current_generation(store)
    assert generation
    verify_generation(generation)
    after = ox.Store.read_only(str(generation.path))
    count = f"<x:n> <x:count> {ox.Literal(len(acknowledged))}"
    assert statements(after, [None])[None] == {count}
    assert generation.commit == len(acknowledged)
    assert all(commit_with_key(after, "ada", key) for key in acknowledged)
