"""Older generations that are kept can be asked, and are kept as long as they are being read."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from graph.errors import GoneGeneration, UnknownGeneration
from graph.formats import format_named
from graph.generations.keeping import Policy, set_policy
from graph.generations.sweeping import sweep_old
from graph.query import Engine, Limits, Operation, WholeGraph

from .conftest import Publish

VALUES = "SELECT ?o { ?s <http://example.org/is> ?o }"
CSV = format_named("csv")
LONG = "SELECT ?a ?b ?c ?d {{ {} BIND(?a AS ?d) }}".format(
    " ".join(f"VALUES ?{name} {{ {' '.join(map(str, range(60)))} }}" for name in "abc")
)


def run(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(asyncio.wait_for(work(), 60))


async def asked(engine: Engine, generation: int | None = None, text: str = VALUES) -> str:
    answer = await engine.answer(Operation(text, generation=generation), CSV)
    content = b"".join([piece async for piece in answer])
    assert generation in (None, answer.generation.number)
    return content.decode().replace("\r\n", " ").strip()


@pytest.fixture
def three(publish: Publish) -> Path:
    """Return a store that keeps three generations."""
    for number in (1, 2, 3):
        made = publish(f"GRAPH <x:g> {{ <x:s> <http://example.org/is> {number} }}")
    return made.path.parents[1]


@pytest.mark.parametrize("readers", [1, 3])
def test_a_query_sees_the_generation_that_it_names(three: Path, readers: int) -> None:
    async def work() -> None:
        async with Engine(three, Limits(readers=readers, spares=0)) as engine:
            found = [await asked(engine, number) for number in (1, 3, 2, None, 1, None)]
            assert found == ["o 1", "o 3", "o 2", "o 3", "o 1", "o 3"]
            several = (1, 2, 3, None) * 3
            at_once = await asyncio.gather(*(asked(engine, number) for number in several))
            assert at_once == ["o 1", "o 2", "o 3", "o 3"] * 3
            assert not engine.reader_counts.ended

    run(work)


def test_a_graph_is_as_it_was_in_the_generation_that_is_named(three: Path) -> None:
    async def work() -> None:
        async with Engine(three, Limits(readers=1, spares=0)) as engine:
            for number in (2, 3, 1):
                answer = await engine.answer(WholeGraph("x:g", number), format_named("ntriples"))
                content = b"".join([piece async for piece in answer]).decode()
                assert f'"{number}"' in content
                assert answer.generation.number == number

    run(work)


@pytest.mark.parametrize(
    ("number", "kind", "said"),
    [
        pytest.param(0, UnknownGeneration, "there is no generation 0; there are", id="nought"),
        pytest.param(9, UnknownGeneration, "there are 4, 5, 6, and 6 is current", id="to come"),
        pytest.param(1, GoneGeneration, "1 is no longer kept; there are 4, 5, 6", id="swept"),
    ],
)
def test_a_generation_that_is_not_there_is_told_from_one_that_never_was(
    three: Path, publish: Publish, number: int, kind: type[Exception], said: str
) -> None:
    for each in (4, 5, 6):
        publish(f"<x:s> <x:p> {each} .")
    sweep_old(three, linger_s=0)

    async def work() -> None:
        async with Engine(three, Limits(readers=1, spares=0)) as engine:
            with pytest.raises(kind, match=said) as caught:
                await asked(engine, number)
            assert type(caught.value) is kind

    run(work)


def test_what_is_being_read_is_not_swept(three: Path) -> None:
    """The answer is longer than a reader may write without anybody reading."""
    set_policy(three, Policy(last=1))

    async def work() -> None:
        async with Engine(three, Limits(readers=2, spares=0)) as engine:
            answer = await engine.answer(Operation(LONG, generation=1), CSV)
            assert answer.size is None, "it should have been streamed"
            sweep_old(three, linger_s=0)
            assert await asked(engine, 1) == "o 1", "somebody reads it still"
            with pytest.raises(GoneGeneration):
                await asked(engine, 2)
            rows = b"".join([piece async for piece in answer]).count(b"\r\n")
            assert rows == 60**3 + 1
            sweep_old(three, linger_s=0)
            with pytest.raises(GoneGeneration):
                await asked(engine, 1)
            assert await asked(engine) == "o 3"

    run(work)


def test_a_reader_that_cannot_move_is_left_where_it_is(
    three: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graph.readers.process.Reader.can_move", property(lambda _: False))

    async def work() -> None:
        async with Engine(three, Limits(readers=1, spares=0)) as engine:
            assert [await asked(engine, number) for number in (1, None, 2)] == ["o 1", "o 3", "o 2"]

    run(work)
