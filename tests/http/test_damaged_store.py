"""A server on a store that is damaged: what is whole is served, and what is missing is said."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

from graph.generations import current_generation, locks
from graph.generations.record import generation_path, pointer_path

from .conftest import ROOT, Serve, Server, front_of, publish, wait_until
from .writers import Writer, writing

COUNT = "SELECT (COUNT(*) AS ?n) { GRAPH <x:g> { ?s ?p ?o } }"


def insert(writer: Writer, number: int) -> httpx2.Response:
    return writer.update(f"INSERT DATA {{ GRAPH <x:g> {{ <x:s> <x:p> {number} }} }}")


def counted(server: Server) -> int:
    return int(server.ask(COUNT).text.split()[1])


@pytest.fixture(scope="module")
def written(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with three commits, each in a generation of its own."""
    folder = tmp_path_factory.mktemp("written")
    publish(folder / "store")
    with writing(serve, folder / "store", in_place=True) as writer:
        for number in (1, 2, 3):
            assert insert(writer, number).headers["x-commit"] == str(number)
    return folder / "store"


@pytest.fixture
def store(written: Path, tmp_path: Path) -> Path:
    return shutil.copytree(written, tmp_path / "store")


def flip_a_byte(store: Path) -> None:
    """Change one byte of the newest data; what older generations share with it is in others."""
    generation = current_generation(store)
    assert generation
    older = {path.name for path in generation_path(store, generation.number - 1).glob("*.sst")}
    path = next(path for path in generation.path.glob("*.sst") if path.name not in older)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.unlink()
    path.write_bytes(content)


def lose_the_manifest(store: Path) -> None:
    generation = current_generation(store)
    assert generation
    (generation.path / "CURRENT").unlink()


def lose_the_generation(store: Path) -> None:
    generation = current_generation(store)
    assert generation
    shutil.rmtree(generation.path)


@pytest.mark.parametrize("damage", [flip_a_byte, lose_the_manifest, lose_the_generation])
def test_the_generation_before_is_served_and_nothing_is_written_until_somebody_decides(
    serve: Serve, store: Path, damage: Callable[[Path], None]
) -> None:
    damage(store)
    before = pointer_path(store).read_bytes()
    with writing(serve, store, in_place=True) as writer:
        server = writer.server
        assert "MISSING: commit 3" in server.log.read_text()
        assert counted(server) == 2

        refused = insert(writer, 4)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
        assert "commit 3 cannot be read from the disk" in refused.json()["detail"]
        assert str(store) not in refused.text
        health = httpx2.get(f"{server.url}/healthz")
        assert (health.status_code, health.json()["writer"]) == (503, "held")
        assert "commit 3 cannot be read" in health.json()["reasons"][0]
        assert httpx2.get(f"{server.url}/healthz/live").status_code == 200
        assert pointer_path(store).read_bytes() == before, "nobody has decided"

        old = server.front
        back = subprocess.run(
            [sys.executable, "-m", "server", "rollback", "--store", store, "--yes"],
            cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert back.returncode == 0, back.stderr
        wait_until(lambda: front_of(server) not in (None, old) and is_ready(server))
        assert counted(server) == 2
        after = insert(writer, 4)
        assert (after.status_code, after.headers["x-commit"]) == (204, "5")
        assert counted(server) == 3
    assert list((store / "generations").glob("damaged-*")), "what is damaged was kept"


def is_ready(server: Server) -> bool:
    try:
        return httpx2.get(f"{server.url}/healthz/ready", timeout=5).status_code == 200
    except (OSError, httpx2.HTTPError):
        return False


def test_a_server_that_reads_only_says_it_too(serve: Serve, store: Path) -> None:
    flip_a_byte(store)
    with serve(store, "--readers", 1, in_place=True) as server:
        assert counted(server) == 2
        health = httpx2.get(f"{server.url}/healthz").json()
        assert (health["writer"], health["ready"]) == ("off", False)


@pytest.mark.parametrize("content", [b"", b"rubbish", None], ids=["empty", "rubbish", "missing"])
def test_a_damaged_pointer_is_mended_and_nothing_is_lost(
    serve: Serve, store: Path, content: bytes | None
) -> None:
    if content is None:
        pointer_path(store).unlink()
    else:
        pointer_path(store).write_bytes(content)
    with writing(serve, store, in_place=True) as writer:
        server = writer.server
        assert "No commit is missing" in server.log.read_text()
        assert counted(server) == 3
        assert insert(writer, 4).headers["x-commit"] == "4"
        assert is_ready(server)


def test_a_damaged_pointer_that_cannot_be_mended_now_costs_reads_nothing(
    serve: Serve, store: Path
) -> None:
    pointer_path(store).write_bytes(b"")
    with (
        locks.writing(store, "a test"),
        serve(store, "--readers", 1, in_place=True) as server,
    ):
        assert counted(server) == 3
        assert "a test) is writing to it" in server.log.read_text()
        reasons = httpx2.get(f"{server.url}/healthz").json()["reasons"]
        assert "the record of which generation is current is damaged" in reasons[0]


def test_a_front_that_dies_meanwhile_comes_back_to_the_same(serve: Serve, store: Path) -> None:
    flip_a_byte(store)
    with serve(store, "--readers", 1, in_place=True) as server:
        old = server.front
        os.kill(old, 9)
        wait_until(lambda: front_of(server) not in (None, old))
        assert counted(server) == 2


def test_a_store_in_which_nothing_is_whole_is_not_served(store: Path) -> None:
    for path in (store / "generations").glob("*/CURRENT"):
        path.unlink()
    done = subprocess.run(
        [sys.executable, "-m", "server", "serve", "--port", "0", "--store", store],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "CURRENT: it cannot be read" in done.stderr
    assert "no generation is whole; 'metapole restore' takes one from a backup" in done.stderr
