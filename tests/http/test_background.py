"""What takes long is written behind the answers: who asks gets what was written last."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from graph.errors import EngineUnavailable
from graph.publishing.document import Document
from server import background
from server.background import Background
from server.pages import JSON, Templates

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    import pytest

    from graph.query import Engine


@dataclass
class _Generation:
    digest: str


@dataclass
class _Answer:
    generation: _Generation
    content: bytes

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self.content

    def close(self) -> None:
        """Do nothing."""


@dataclass
class _Engine:
    """Writes documents when it is told to, on the generation that is current when it begins."""

    generation: _Generation
    begun: list[str] = field(default_factory=list[str])
    may_end: asyncio.Event = field(default_factory=asyncio.Event)
    fails: bool = False

    async def answer(self, document: Document, _: object) -> _Answer:
        generation = self.generation
        self.begun.append(f"{document.writer} of {generation.digest}")
        await self.may_end.wait()
        if self.fails:
            raise EngineUnavailable("not now")
        return _Answer(generation, generation.digest.encode())


async def _settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def _run(scene: Callable[[_Engine, Background], Any]) -> None:
    async def play() -> None:
        engine = _Engine(_Generation("one"))
        behind = Background(cast("Engine", engine))
        await scene(engine, behind)
        await behind.close()

    asyncio.run(play())


CHECKS = Document("checks", (JSON,))


def test_what_was_written_last_is_there_while_the_next_is_being_written() -> None:
    async def scene(engine: _Engine, behind: Background) -> None:
        assert behind.latest(CHECKS) is None
        assert behind.latest(CHECKS) is None
        await _settled()
        assert engine.begun == ["checks of one"]
        engine.may_end.set()
        await _settled()
        assert behind.latest(CHECKS) == b"one"

        engine.may_end.clear()
        engine.generation = _Generation("two")
        assert behind.latest(CHECKS) == b"one"
        await _settled()
        assert engine.begun == ["checks of one", "checks of two"]
        engine.may_end.set()
        await _settled()
        assert behind.latest(CHECKS) == b"two"
        await _settled()
        assert len(engine.begun) == 2

    _run(scene)


def test_what_could_not_be_written_is_begun_anew_when_somebody_asks() -> None:
    async def scene(engine: _Engine, behind: Background) -> None:
        engine.fails = True
        engine.may_end.set()
        assert behind.latest(CHECKS) is None
        await _settled()
        engine.fails = False
        assert behind.latest(CHECKS) is None
        await _settled()
        assert behind.latest(CHECKS) == b"one"

    _run(scene)


def test_no_more_is_kept_than_was_asked_for_last() -> None:
    async def scene(engine: _Engine, behind: Background) -> None:
        engine.may_end.set()
        for number in range(20):
            behind.latest(Document("checks", (JSON,), (("number", str(number)),)))
            await _settled()
        assert behind.latest(Document("checks", (JSON,), (("number", "19"),))) == b"one"
        assert behind.latest(Document("checks", (JSON,), (("number", "0"),))) is None

    _run(scene)


def test_every_template_is_loaded_some_time_after_the_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(background, "AFTER_START_S", 0)
    monkeypatch.setattr(background, "_BREATH_S", 0)
    loaded: list[str] = []

    class Counted(Templates):
        def load(self, name: str) -> None:
            super().load(name)
            loaded.append(name)

    async def scene(_: _Engine, behind: Background) -> None:
        templates = Counted("http://here.example/")
        behind.open(templates)
        for _turn in range(2000):
            if len(loaded) == len(templates.names):
                break
            await asyncio.sleep(0.01)
        assert loaded == templates.names
        assert {"base.html", "home.html", "thing.html"} <= set(loaded)

    _run(scene)
