"""Small stores made in the test, and one way to ask them."""

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib

from graph.formats import format_named
from graph.generations import Generation, current_generation, publish_generation
from graph.query import Engine, Limits, Operation
from tests.engine.published import Published, of_generation, read_with_rdflib

Publish = Callable[..., Generation]
Ask = Callable[..., bytes]

TRIG = """
PREFIX : <http://example.org/>
:own :is "in the default graph" .
GRAPH :one { :a :knows :b . :b :knows :c . :a :name "Ada"@en . }
GRAPH :two { :a :knows :b . :a :age 36 . }
GRAPH <https://w3id.org/metapole/graph/commits> { :commit :number 1 . }
"""


def parsed(trig: str) -> list[ox.Quad]:
    return list(ox.parse(trig, ox.RdfFormat.TRIG))


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of five triples in three graphs, one of them in two, and one commit."""
    path = tmp_path_factory.mktemp("small") / "store"
    publish_generation(path, parsed(TRIG))
    return path


@pytest.fixture
def publish(tmp_path: Path) -> Publish:
    """Publish TriG in a store of this test."""

    def publish_trig(trig: str, **options: object) -> Generation:
        return publish_generation(tmp_path / "store", parsed(trig), **options)  # type: ignore[arg-type]

    return publish_trig


@pytest.fixture
def ask() -> Ask:
    """Run one query on a store and return its bytes."""

    def ask_store(
        path: Path, text: str, format_name: str = "csv", *, default_graph: str = "union",
        graphs: Iterable[str] = (), named_graphs: Iterable[str] = (),
    ) -> bytes:  # fmt: skip
        async def answer() -> bytes:
            limits = Limits(readers=1, spares=0, timeout_s=10)
            async with Engine(path, limits, default_graph=default_graph) as engine:  # type: ignore[arg-type]
                operation = Operation(text, tuple(graphs), tuple(named_graphs))
                answer = await engine.answer(operation, format_named(format_name))
                return b"".join([piece async for piece in answer])

        return asyncio.run(answer())

    return ask_store


@pytest.fixture(scope="session")
def shipped(shipped_store: Path) -> Published:
    """What is published of the graph that ships."""
    generation = current_generation(shipped_store)
    assert generation
    return of_generation(generation)


@pytest.fixture(scope="session")
def data(project: Path) -> rdflib.Graph:
    """The data that ships as rdflib reads it, with nothing derived."""
    return read_with_rdflib(project / "data")
