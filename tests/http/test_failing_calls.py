"""Every call that a commit makes fails once, for every n: the answer is true, and all goes on.

A change is sent while the n-th call of a kind fails in the writer's process, or kills it. Its
client is told the truth, readers answer rightly all the time, the next change is made without
anybody's doing, and the store is whole.
"""

from __future__ import annotations

import errno
import itertools
import resource
import shutil
import signal
import subprocess
import threading
import time
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from graph.generations import current_generation
from graph.paths import bundled
from graph.recovery.check import check_generation
from graph.rules import read_rules
from tests.engine.wishes import fast_directory

from .conftest import publish, wait_until
from .failing import CALLS, COMPILER, PROGRAM, Failing
from .ledger import MINE, Change, Ledger, batch
from .load import Answer, Connection
from .running import Running, faults
from .writers import UPDATE

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

pytestmark = [
    pytest.mark.faults,
    pytest.mark.timeout(240),
    pytest.mark.skipif(COMPILER is None, reason="there is no compiler for what lets calls fail"),
]
TRIG = "GRAPH <x:g> { <x:s> <x:p> 1 }"
POINT = "SELECT ?o { <x:s> <x:p> ?o }"
HONEST = {204, 503, 507}
LONG = "x" * 900_000


class Client:
    """Writes one batch after the other, each to a graph of its own, and knows what is there."""

    def __init__(self, running: Running) -> None:
        self.port = running.port
        self.ledger = Ledger()
        self.statuses: Counter[int] = Counter()
        self._numbers = itertools.count(1)
        self._connection = Connection(running.port, 60)

    def write(self, more: str = "") -> Answer:
        number = next(self._numbers)
        graph = f"{MINE}{number}"
        text = f"INSERT DATA {{ GRAPH <{graph}> {{ {batch(number)} {more} }} }}"
        answer = self._connection.change("POST", "/sparql", text, UPDATE)
        commit = answer.headers.get("x-commit")
        change = Change(graph, frozenset(), frozenset({number}))
        self.ledger.note(change, answer.outcome, int(commit) if commit else None)
        self.statuses[answer.status] += 1
        return answer

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def reading(self) -> Generator[Counter[str]]:
        """Ask all the time, as long as the context lasts; tell how often what was answered."""
        found: Counter[str] = Counter()
        stop = threading.Event()

        def read() -> None:
            connection = Connection(self.port)
            while not stop.wait(0.03):
                answer = connection.ask(POINT)
                found[f"{answer.status} {answer.text}"] += 1
            connection.close()

        thread = threading.Thread(target=read)
        thread.start()
        try:
            yield found
        finally:
            stop.set()
            thread.join(30)


RIGHT = "200 o\r\n1\r\n"


@pytest.fixture
def failing(tmp_path: Path) -> Failing:
    return Failing(tmp_path)


@pytest.fixture
def store() -> Iterator[Path]:
    with fast_directory() as directory:
        publish(directory / "store", TRIG)
        yield directory / "store"


@pytest.fixture
def running(store: Path, tmp_path: Path, failing: Failing) -> Iterator[Running]:
    running = _started(store, tmp_path, failing)
    yield running
    running.stop()


def _started(store: Path, folder: Path, failing: Failing) -> Running:
    options = ("--readers", 2, "--validate", "off")
    environment = failing.environment
    running = Running(store, folder, *options, program=PROGRAM, environment=environment)
    connection = Connection(running.port)
    wait_until(lambda: connection.ask(POINT).status == 200, 30)
    connection.close()
    return running


@pytest.fixture
def client(running: Running) -> Iterator[Client]:
    client = Client(running)
    assert client.write().status == 204
    yield client
    client.close()


def writer_of(running: Running) -> int:
    found: list[int] = []

    def is_there() -> bool:
        found[:] = running.of("graph.writing.child")
        return len(found) == 1

    wait_until(is_there)
    return found[0]


def assert_whole(store: Path, client: Client) -> None:
    assert faults(client.port, client.ledger) == []
    generation = current_generation(store)
    assert generation
    assert list(check_generation(generation, read_rules(bundled("ontology") / "rules"))) == []


WAYS = {
    "error": (0, False, 1),
    "error that stays": (0, True, 5),
    "kill": (-signal.SIGKILL, False, 5),
}
"""The signal if any, whether all later calls of the kind fail too, and every how-manieth place is
tried of those calls that are many; of the others each is."""
MANY = ("write", "fsync", "fdatasync", "open", "link", "unlink")
ERRORS = {"fsync": errno.EIO, "fdatasync": errno.EIO, "unlink": errno.EIO}
"""All others fail as on a full disk."""


@pytest.mark.parametrize("way", WAYS)
def test_a_call_that_fails_at_any_place_costs_nothing_but_the_change(
    running: Running,
    failing: Failing,
    client: Client,
    store: Path,
    way: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    injected: Counter[str] = Counter()
    signal_number, for_good, stride = WAYS[way]
    with client.reading() as read:
        for call in CALLS:
            for at in itertools.count(1, stride if call in MANY else 1):
                error = signal_number or ERRORS.get(call, errno.ENOSPC)
                failing.plan(writer_of(running), call, at, error, for_good=for_good)
                answer = client.write()
                time.sleep(0.01)  # for the sweep, which comes after the answer
                hits = failing.hits
                failing.allow()
                assert answer.status in HONEST, (call, at, answer)
                after = client.write()
                assert after.status == 204, (call, at, after.text, answer.text)
                if not hits:
                    break
                injected[call] += 1
    assert set(read) == {RIGHT}, read
    assert_whole(store, client)
    assert injected.keys() >= {"write", "fsync", "fdatasync", "rename", "link", "open", "mkdir"}
    assert "Traceback" not in running.log.read_text()
    with capsys.disabled():
        print(f"\n{way}: {injected.total()} faults {dict(injected)}; {client.statuses}")  # noqa: T201 -- figures


def test_a_file_system_that_becomes_read_only_refuses_changes_and_nothing_else(
    running: Running, failing: Failing, client: Client, store: Path
) -> None:
    with client.reading() as read:
        for _ in range(3):
            for call in ("write", "mkdir", "link", "rename"):
                failing.plan(writer_of(running), call, 1, errno.EROFS, for_good=True)
                for _ in range(3):
                    answer = client.write()
                    assert answer.status == 503, answer
                    assert "nothing was changed" in answer.text
                failing.allow()
                assert client.write().status == 204
    assert set(read) == {RIGHT}, read
    assert_whole(store, client)


def test_a_writer_without_descriptors_refuses_changes_until_it_has_some(
    running: Running, client: Client, store: Path
) -> None:
    with client.reading() as read:
        writer = writer_of(running)
        limits = resource.prlimit(writer, resource.RLIMIT_NOFILE)
        for room in range(3, 30, 3):
            resource.prlimit(writer, resource.RLIMIT_NOFILE, (room, limits[1]))
            assert client.write().status in HONEST
            with_limit = writer_of(running)
            resource.prlimit(with_limit, resource.RLIMIT_NOFILE, limits)
            assert client.write().status == 204
            writer = writer_of(running)
    assert client.statuses[503] >= 1
    assert set(read) == {RIGHT}, read
    assert_whole(store, client)


@pytest.mark.parametrize("jump_s", [-400 * 86400, -3600, -5, 3600, 400 * 86400])
@pytest.mark.usefixtures("running")
def test_a_clock_that_jumps_harms_nothing(
    failing: Failing, client: Client, store: Path, jump_s: int
) -> None:
    with client.reading() as read:
        for clock in (jump_s, 0):
            failing.turn_clock(clock)
            for _ in range(6):
                assert client.write().status == 204
    assert set(read) == {RIGHT}, read
    assert_whole(store, client)


def _mounted(folder: Path, megabytes: int) -> bool:
    mount = shutil.which("mount")
    command = [mount or "mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "none", folder]
    return mount is not None and subprocess.run(command, check=False).returncode == 0


def test_a_disk_that_is_full_takes_no_change_until_there_is_room(
    tmp_path: Path, failing: Failing
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if not _mounted(disk, 60):
        pytest.skip("a small disk cannot be mounted here")
    try:
        publish(disk / "store", TRIG)
        (disk / "filler").write_bytes(bytes(20_000_000))
        running = _started(disk / "store", tmp_path, failing)
        client = Client(running)
        with client.reading() as read:
            for round_number in range(2):
                _fill(client)
                for _ in range(5):
                    assert client.write(f"<x:filler> <x:p> '{LONG}'").status in HONEST
                if round_number == 0:
                    (disk / "filler").unlink()
                    wait_until(lambda: client.write().status == 204, 15)
        assert client.statuses[503] + client.statuses[507] >= 2
        assert set(read) == {RIGHT}, read
        assert_whole(disk / "store", client)
        running.stop()
        client.close()
    finally:
        subprocess.run(["umount", "-l", disk], check=True)  # noqa: S607 -- wherever it is


def _fill(client: Client) -> None:
    """Write long texts until no more of them fit."""
    for number in itertools.count(time.monotonic_ns()):
        answer = client.write(f"<x:filler> <x:p> '{number}{LONG}'")
        assert answer.status in HONEST, answer
        if answer.status != 204:
            return
