"""When the front is stuck, its children end by themselves when their time is up."""

import os
import signal
import time
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from .conftest import Serve, Server, wait_until
from .test_serving import POINT, POINT_ANSWER, asked
from .writers import writing

# Short, so the front reads it itself; and nothing without data, so it is planned at once.
PATTERNS = " . ".join(f"?s{number} ?p{number} ?o{number}" for number in range(20))
ENDLESS = f"SELECT (COUNT(*) AS ?n) {{ GRAPH <http://example.org/one> {{ {PATTERNS} }} }}"
ENDLESS_UPDATE = (
    f"INSERT {{ <x:s> <x:p> ?n }} USING <http://example.org/one> "
    f"WHERE {{ {{ SELECT (COUNT(*) AS ?n) {{ {PATTERNS} }} }} }}"
)
SECONDS = 2
"""On a busy machine, a second is over before a process has worked for a tenth of one."""


def processor_time(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def is_over(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


@contextmanager
def stopped(front: int) -> Generator[None]:
    os.kill(front, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(front, signal.SIGCONT)


def test_a_runaway_query_ends_while_the_front_is_stopped(serve: Serve, small_store: Path) -> None:
    options = ("--readers", 1, "--limit", "query.spares=1", "--timeout", SECONDS)
    with serve(small_store, *options) as server, ThreadPoolExecutor(1) as clients:
        wait_until(lambda: len(server.readers) == 2)
        before = {reader: processor_time(reader) for reader in server.readers}
        runaway = clients.submit(server.ask, ENDLESS)
        _ends_alone(server, before, runaway)
        response = runaway.result(30)
        assert response.status_code == 504
        assert f"after {SECONDS} s" in response.json()["detail"]
        wait_until(lambda: server.ask(POINT).status_code == 200, 30)  # readers come back
        assert asked(server, POINT) == POINT_ANSWER


def test_a_runaway_update_ends_while_the_front_is_stopped(serve: Serve, small_store: Path) -> None:
    options = ("--limit", f"write.timeout-s={SECONDS}")
    with writing(serve, small_store, *options) as writer, ThreadPoolExecutor(1) as clients:
        before = {writer.server.writer: processor_time(writer.server.writer)}
        runaway = clients.submit(writer.update, ENDLESS_UPDATE)
        _ends_alone(writer.server, before, runaway)
        response = runaway.result(30)
        assert response.status_code == 504
        assert f"after {SECONDS} s" in response.json()["detail"]
        assert writer.update("INSERT DATA { <x:s> <x:p> 1 }").status_code == 204


def _ends_alone(
    server: Server, before: dict[int, float], runaway: "Future[httpx2.Response]"
) -> None:
    """Stop the front while a process of those *before* is at work, and see that one end."""
    wait_until(lambda: any(processor_time(each) > spent + 0.1 for each, spent in before.items()))
    with stopped(server.front):
        wait_until(lambda: any(map(is_over, before)), 60)
        time.sleep(0.1)
        assert not runaway.done(), "the front does nothing"


@pytest.mark.parametrize("kind", ["reader", "writer"])
def test_a_process_whose_time_is_up_is_told_of_as_such(
    serve: Serve, small_store: Path, kind: str
) -> None:
    with writing(serve, small_store) as writer, ThreadPoolExecutor(1) as clients:
        server = writer.server
        wait_until(lambda: len(server.readers) == 3)
        before = {
            each: processor_time(each)
            for each in (server.readers if kind == "reader" else [server.writer])
        }
        if kind == "reader":
            runaway = clients.submit(server.ask, ENDLESS)
        else:
            runaway = clients.submit(writer.update, ENDLESS_UPDATE)

        def busy() -> list[int]:
            return [each for each, spent in before.items() if processor_time(each) > spent + 0.2]

        wait_until(busy)
        os.kill(busy()[0], signal.SIGXCPU)
        response = runaway.result(30)
        assert (response.status_code, "was stopped after" in response.text) == (504, True)
        wait_until(lambda: server.ask(POINT).status_code == 200)
        metrics = httpx2.get(f"{server.url}/metrics").text
        assert ('metapole_readers_ended_total{reason="time"} 1.0' in metrics) == (kind == "reader")
