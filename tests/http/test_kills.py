"""Every kind of process is killed at random under load: nothing acknowledged is lost, ever.

The clients keep a ledger of what they were told. After each kill, when the server has recovered,
and at the end, the store is compared with it.
"""

from __future__ import annotations

import itertools
import os
import random
import signal
import statistics
import threading
import time
from collections import Counter, defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

import pytest

from graph.build import build
from graph.generations import current_generation
from graph.paths import bundled
from graph.recovery.check import check_generation
from graph.rules import read_rules

from .conftest import wait_until
from .ledger import MINE, Change, Ledger, batch
from .load import POINT, Connection, Load, WritingClient, is_point, reading_clients
from .running import Running, faults
from .writers import UPDATE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

EACH = 8
"""How often each kind of process is killed."""
RECOVERED_S = {"supervisor": 2.0}
"""In which time half of all recoveries are over, if not in a second, with the clients at work all
the time. A supervisor that is started again loads all modules first, which takes half a second of
a processor: it is back after about a second, and a little later with clients at work."""
AT_MOST_S = 10.0
"""And each, on a machine that does much else."""
SEED = int(os.environ.get("METAPOLE_SEED", "0")) or random.SystemRandom().randrange(1 << 30)


VICTIMS: dict[str, Callable[[Running], int]] = {
    "reader": lambda running: running.busiest_first()[0],
    "spare reader": lambda running: running.busiest_first()[-1],
    "writer": lambda running: running.of("graph.writing.child")[0],
    "parser": lambda running: running.of("graph.uploads.child")[0],
    "validator": lambda running: running.of("graph.gate.child")[0],
    "front": lambda running: running.front,
    "supervisor": lambda running: running.process.pid,
}


def kill(running: Running, kind: str) -> None:
    """Kill a process of *kind*, as soon as there is one."""
    deadline = time.monotonic() + 30
    while True:
        assert time.monotonic() < deadline, f"there is no {kind}"
        with suppress(OSError, IndexError):
            os.kill(VICTIMS[kind](running), signal.SIGKILL)
            return
        time.sleep(0.002)


class Recovery(NamedTuple):
    """How many seconds it took until the next right answer, and the next acknowledged change."""

    read: float
    write: float


class Probe:
    """Measures how long it takes until a query is answered, and a change acknowledged."""

    def __init__(self, port: int, ledger: Ledger, numbers: itertools.count[int]) -> None:
        self._port = port
        self._ledger = ledger
        self._numbers = numbers

    def recovery(self, since: float) -> Recovery:
        found: dict[str, float] = {}

        def until(name: str, is_done: Callable[[Connection], bool]) -> None:
            connection = Connection(self._port)
            wait_until(lambda: is_done(connection), 60)
            found[name] = time.monotonic() - since
            connection.close()

        ways = {"read": self._is_answered, "write": self._is_acknowledged}
        threads = [threading.Thread(target=until, args=way) for way in ways.items()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(90)
        return Recovery(**found)

    def _is_answered(self, connection: Connection) -> bool:
        answer = connection.ask(POINT)
        return answer.status == 200 and is_point(answer.text)

    def _is_acknowledged(self, connection: Connection) -> bool:
        number = next(self._numbers)
        graph = f"{MINE}probe/{number}"
        text = f"INSERT DATA {{ GRAPH <{graph}> {{ {batch(number)} }} }}"
        answer = connection.change("POST", "/sparql", text, UPDATE)
        commit = answer.headers.get("x-commit")
        change = Change(graph, frozenset(), frozenset({number}))
        self._ledger.note(change, answer.outcome, int(commit) if commit else None)
        return answer.outcome == "acknowledged"


@pytest.fixture
def running(tmp_path: Path) -> Running:
    build(tmp_path / "store")
    return Running(tmp_path / "store", tmp_path, "--readers", 2)


@pytest.mark.faults
@pytest.mark.timeout(400)
def test_nothing_acknowledged_is_lost_while_processes_are_killed(
    running: Running, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(SEED)  # noqa: S311 -- it chooses moments
    kinds = [kind for kind in VICTIMS for _ in range(EACH)]
    chance.shuffle(kinds)
    ledger, numbers = Ledger(first_commit=2), itertools.count(1)  # the first is the build's
    probe = Probe(running.port, ledger, numbers)
    took: defaultdict[str, list[Recovery]] = defaultdict(list)
    began = time.monotonic()
    probe.recovery(began)
    writers = [WritingClient(f"w{n}", running.port, ledger, numbers) for n in range(4)]
    readers = reading_clients(running.port)
    load = Load([*writers, *readers])
    try:
        with load.at_work():
            for kind in kinds:
                time.sleep(chance.uniform(0.2, 0.8))
                if kind == "supervisor":
                    running.kill_supervisor()
                    running.start()
                else:
                    kill(running, kind)
                took[kind].append(probe.recovery(time.monotonic()))
                with load.paused():
                    assert not (found := faults(running.port, ledger)), (SEED, kind, found)
        assert not (found := faults(running.port, ledger)), (SEED, found)
    finally:
        running.stop()
    wrong = [each for reader in readers for each in reader.wrong]
    with capsys.disabled():
        _tell(took, ledger, [each.statuses for each in (*writers, *readers)], began)
    assert not wrong, (SEED, wrong)
    generation = current_generation(tmp_path / "store")
    assert generation
    assert list(check_generation(generation, read_rules(bundled("ontology") / "rules"))) == []
    assert "Traceback" not in running.log.read_text()
    slow = {
        kind: times
        for kind, times in took.items()
        if not _is_fast(times, RECOVERED_S.get(kind, 1.0))
    }
    assert not slow, (SEED, slow)


def _is_fast(times: list[Recovery], limit_s: float) -> bool:
    ways = list(zip(*times, strict=True))
    return all(statistics.median(way) < limit_s and max(way) < AT_MOST_S for way in ways)


def _tell(
    took: dict[str, list[Recovery]], ledger: Ledger, statuses: list[Counter[str]], began: float
) -> None:
    total = sum(statuses, Counter[str]())
    print(f"\nseed {SEED}, {time.monotonic() - began:.0f} s; {ledger.outcomes}; {total}")  # noqa: T201 -- figures
    for kind, times in sorted(took.items()):
        figures = [
            f"{name} p50 {statistics.median(way):.2f} max {max(way):.2f} s"
            for name, way in zip(Recovery._fields, zip(*times, strict=True), strict=True)
        ]
        print(f"{kind:12} {len(times)} kills: {', '.join(figures)}")  # noqa: T201 -- the same
