"""The front is kept running, one server has a store, and a stop is a stop."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from .conftest import ROOT, Serve, Server, front_of, wait_until

POINT = "SELECT ?o { <http://example.org/a> <http://example.org/age> ?o }"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_front_that_dies_is_replaced(
    serve: Serve, small_store: Path, number: signal.Signals
) -> None:
    with serve(small_store, "--readers", 2) as server:
        for _ in range(2):
            old, readers = server.front, server.readers
            assert server.ask(POINT).text == "o\r\n36\r\n"
            os.kill(old, number)
            wait_until(lambda: front_of(server) not in (None, old))  # noqa: B023 -- called at once
            # The socket is the supervisor's: nobody is refused meanwhile, they wait.
            assert server.ask(POINT).text == "o\r\n36\r\n"
            wait_until(lambda: not any(Path(f"/proc/{each}").exists() for each in readers))  # noqa: B023 -- the same
        assert f"the server ended by itself ({number.name})" in server.log.read_text()


def test_nobody_is_refused_while_fronts_die(serve: Serve, small_store: Path) -> None:
    found: Counter[str] = Counter()
    stop = threading.Event()
    with serve(small_store, "--readers", 2) as server:

        def ask() -> None:
            while not stop.is_set():
                with socket.create_connection(("127.0.0.1", server.port), timeout=20):
                    found["connected"] += 1
                time.sleep(0.01)

        asking = threading.Thread(target=ask)
        asking.start()
        for _ in range(3):
            front = server.front
            os.kill(front, signal.SIGKILL)
            wait_until(lambda: front_of(server) not in (None, front))  # noqa: B023 -- called at once
            assert server.ask(POINT).status_code == 200
        stop.set()
        asking.join(30)
        assert found["connected"] > 10


def test_a_second_server_on_a_store_is_refused(serve: Serve, small_store: Path) -> None:
    with serve(small_store, "--readers", 1) as server:
        done = subprocess.run(
            [sys.executable, "-m", "server", "serve", "--port", "0", "--store", _store_of(server)],
            cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 1
        assert f"process {server.process.pid} (metapole serve) serves it already" in done.stderr
        assert server.ask(POINT).status_code == 200
    # and when the first is gone, even by kill -9, the store is free
    with serve(small_store, "--readers", 1) as server:
        store = _store_of(server)
        server.process.kill()
        server.process.wait(10)
    with serve(Path(store), "--readers", 1, in_place=True) as server:
        assert server.ask(POINT).status_code == 200


@pytest.mark.parametrize(
    ("front", "status"),
    [
        pytest.param("lambda ready: 3", 3, id="gives up"),
        pytest.param("lambda ready: 1 / 0", 1, id="fails"),
        pytest.param("lambda ready: os.abort()", 134, id="is killed"),
        pytest.param("lambda ready: ready() or 0", 0, id="has served, and is done"),
    ],
)
def test_a_front_that_never_served_is_not_started_again(front: str, status: int) -> None:
    program = (
        "import os; from server.supervisor import supervise; "
        f"raise SystemExit(supervise({front}, print))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (status, "")


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--limit", "query.colour=3"), "sets no limit"),
        (("--limit", "query.readers"), "sets no limit"),
        (("--limit", "query.readers=many"), "a whole number of at least 1"),
        (("--limit", "connection.head-s=0"), "a number of at least 0.001"),
        (("--proxy", "nobody"), "no address"),
    ],
)
def test_a_wrong_limit_is_said(options: tuple[str, ...], complaint: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "server", "serve", *options],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert complaint in done.stderr


def test_all_limits_are_listed() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "server", "serve", "--limits", "--limit", "client.parallel=7"],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    lines: dict[str, str] = {}
    for line in done.stdout.splitlines():
        name, _, meaning = line.partition("\t")
        lines[name] = meaning
    assert "client.parallel=7" in lines
    assert {line.partition(".")[0] for line in lines} == {
        "query", "write", "upload", "gate", "dump", "message", "connection", "client", "log",
        "remote", "fetcher",
    }  # fmt: skip
    assert all(meaning.endswith(".") for meaning in lines.values())


def _store_of(server: Server) -> str:
    arguments = server.process.args
    assert isinstance(arguments, list)
    words = [str(word) for word in arguments]
    return words[words.index("--store") + 1]
