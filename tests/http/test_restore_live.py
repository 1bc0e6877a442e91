"""Going back and restoring while a server takes changes: it steps aside, and goes on afterwards."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import httpx2
import pytest

from graph.generations import current_generation, locks

from .conftest import ROOT, Serve, Server, front_of, publish, wait_until
from .writers import Writer, writing

VALUES = "SELECT ?o { GRAPH <x:g> { <x:s> <x:p> ?o } }"


def insert(writer: Writer, number: int) -> int:
    try:
        text = f"INSERT DATA {{ GRAPH <x:g> {{ <x:s> <x:p> {number} }} }}"
        return writer.update(text).status_code
    except (OSError, httpx2.HTTPError):
        return 0


def values(server: Server) -> set[int]:
    answer = server.ask(VALUES)
    assert answer.status_code == 200, answer.text
    return {int(each) for each in answer.text.split()[1:]}


def metapole(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "server", *map(str, words)],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def health(server: Server) -> dict[str, object]:
    return httpx2.get(f"{server.url}/healthz", timeout=10).json()


@pytest.fixture
def store(tmp_path: Path) -> Path:
    publish(tmp_path / "store")
    return tmp_path / "store"


def test_a_restore_while_others_read_and_write(serve: Serve, store: Path, tmp_path: Path) -> None:
    with writing(serve, store, in_place=True) as writer:
        server, front = writer.server, writer.server.front
        assert [insert(writer, number) for number in (1, 2)] == [204, 204]
        assert metapole("backup", "--store", store, "--to", tmp_path / "backup").returncode == 0
        assert insert(writer, 3) == 204

        stop, reads, writes = threading.Event(), Counter[int](), dict[int, int]()

        def read() -> None:
            while not stop.is_set():
                reads[server.ask(VALUES).status_code] += 1

        def write() -> None:
            number = 100
            while not stop.is_set():
                number += 1
                writes[number] = insert(writer, number)

        threads = [threading.Thread(target=each) for each in (read, write)]
        for each in threads:
            each.start()
        wait_until(lambda: len(writes) > 5)
        done = metapole("restore", "--store", store, "--from", tmp_path / "backup", "--yes")
        answered = max(number for number, status in list(writes.items()) if status == 204)
        wait_until(lambda: any(writes.get(number) == 204 for number in range(answered + 1, 10**4)))
        stop.set()
        for each in threads:
            each.join(30)

        assert done.returncode == 0, done.stderr
        assert set(reads) == {200}, "nobody who reads has noticed"
        assert set(writes.values()) <= {204, 503}
        made = {number for number, status in writes.items() if status == 204}
        there = values(server)
        assert {1, 2} <= there
        assert 3 not in there
        undone = made - there
        assert there - {1, 2} <= made
        assert not undone or max(undone) < min(there - {1, 2}), "those before the restore, no other"
        assert server.front == front
        assert health(server)["reasons"] == []


def test_who_asks_and_dies_is_not_waited_for(serve: Serve, store: Path) -> None:
    with writing(serve, store, in_place=True) as writer:
        hold = (
            "import sys, time; from pathlib import Path; from graph.generations import locks\n"
            "with locks.writing(Path(sys.argv[1]), 'a test', asks=True):\n"
            "    print('held', flush=True); time.sleep(60)"
        )
        with subprocess.Popen(
            [sys.executable, "-c", hold, store], cwd=ROOT, stdout=subprocess.PIPE
        ) as holder:
            assert holder.stdout
            assert holder.stdout.readline() == b"held\n"
            assert insert(writer, 1) == 503
            assert health(writer.server)["writer"] == "aside"
            assert values(writer.server) == set()
            holder.send_signal(signal.SIGKILL)
        wait_until(lambda: insert(writer, 2) == 204)
        assert values(writer.server) == {2}


def test_a_front_that_dies_meanwhile_does_not_write_beside_who_has_the_store(
    serve: Serve, store: Path
) -> None:
    with writing(serve, store, in_place=True) as writer:
        server, old = writer.server, writer.server.front
        with locks.writing(store, "a test", asks=True):
            os.kill(old, signal.SIGKILL)
            wait_until(lambda: front_of(server) not in (None, old))
            assert insert(writer, 1) == 503
            before = current_generation(store)
            time.sleep(0.5)
            assert current_generation(store) == before
        wait_until(lambda: insert(writer, 2) == 204)
        assert values(server) == {2}


def test_a_second_server_is_refused_as_before(serve: Serve, store: Path) -> None:
    with writing(serve, store, in_place=True), pytest.raises(Exception, match="is writing to it"):
        locks.writing(store, "a test").__enter__()
