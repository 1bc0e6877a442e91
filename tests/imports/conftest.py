"""Imports into small stores, by what the project offers and by its command."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from graph.generations import current_generation
from graph.importing import Origin, Part, Prepared, commit, prepare, prepare_undo
from graph.importing.local import LocalStore
from graph.importing.origin import keep_raw
from server.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator, Sequence

    Run = Callable[..., tuple[int, str, str]]

LICENCE = "https://creativecommons.org/licenses/by/4.0/"
PREFIXES = """
PREFIX cluster: <https://w3id.org/metapole/id/cluster/>
PREFIX mp: <https://w3id.org/metapole/def#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""


@pytest.fixture
def store(tmp_path: Path, shipped_store: Path) -> Path:
    return shutil.copytree(shipped_store, tmp_path / "store")


class Importer:
    """Imports Turtle into a store as a program does."""

    def __init__(self, store: Path, runner: asyncio.Runner, target: LocalStore) -> None:
        self.store = store
        self.runner = runner
        self.target = target

    def rdf(
        self, turtle: str, name: str = "test", *, retrieved: str = "2026-11-27T10:00:00Z",
        do: bool = True,
    ) -> Prepared:  # fmt: skip
        """Import *turtle*, or only prepare that."""

        async def work(target: LocalStore, folder: Path) -> Prepared:
            path = folder / "test.ttl"
            path.write_text(PREFIXES + turtle, encoding="utf-8")
            raw = keep_raw(path, folder / "raw", media_type="text/turtle")
            origin = Origin(name, (raw,), retrieved, licence=LICENCE)
            return await prepare(target, origin, [Part(path, "text/turtle")], folder)

        return self._do(work, do=do)

    def undo(self, name: str = "test", *, do: bool = True) -> Prepared:
        """Take the last import back."""

        async def work(target: LocalStore, folder: Path) -> Prepared:
            return await prepare_undo(target, name, folder)

        return self._do(work, do=do)

    def commit(self, prepared: Prepared) -> None:
        """Make what was prepared."""
        self.runner.run(commit(self.target, prepared))

    def _do(
        self, work: Callable[..., Coroutine[object, object, Prepared]], *, do: bool
    ) -> Prepared:
        folder = Path(tempfile.mkdtemp(dir=self.store.parent))
        prepared = self.runner.run(work(self.target, folder))
        if do and not prepared.is_unchanged:
            self.commit(prepared)
        return prepared


@pytest.fixture
def importer(store: Path) -> Iterator[Importer]:
    with asyncio.Runner() as runner:
        target = LocalStore(store)
        runner.run(target.__aenter__())
        yield Importer(store, runner, target)
        runner.run(target.__aexit__(None, None, None))


@pytest.fixture
def run(store: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `metapole import` on the store; return the exit status, stdout and stderr."""

    def run_command(
        *words: object, where: Sequence[object] = ("--store", store)
    ) -> tuple[int, str, str]:
        try:
            status = main(["import", *map(str, words), *map(str, where)])
        except SystemExit as ended:
            status = int(ended.code or 0)
        said = capsys.readouterr()
        return status, said.out, said.err

    return run_command


def triples(store: Path, graph: str) -> set[ox.Triple]:
    """Return what *graph* of the current generation holds."""
    generation = current_generation(store)
    assert generation
    opened = ox.Store.read_only(str(generation.path))
    return {quad.triple for quad in opened.quads_for_pattern(None, None, None, ox.NamedNode(graph))}
