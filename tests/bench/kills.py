"""How long it takes until the next answer when a reader is killed, or was killed for its time."""

from __future__ import annotations

import os
import select
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench import client, memory
from tests.bench.answers import TABLE

if TYPE_CHECKING:
    from collections.abc import Iterator

KILLED = "kill -9 of the reader that works, to the next answer"
TIMED_OUT = "a query over its time, from the end of its time to the next answer"
TIMEOUT_S = 2
"""The limit of the server that is asked."""

_READER = b"graph.readers.child"
_POINT = "SELECT ?p ?o {{ <https://w3id.org/metapole/id/cluster/grown-{number}> ?p ?o }}"
_NUMBERS = " ".join(map(str, range(300)))
_MANY = "".join(f"VALUES ?{name} {{ {_NUMBERS} }} " for name in "abcde")
_ENDLESS = f"SELECT (COUNT(*) AS ?n) {{ {_MANY} }}"
"""It needs time and no memory, however large the graph is."""
_BUSY_S = 0.3
_AT_WORK_S = 0.05
"""Whoever has not answered a lookup by then is the reader that was stopped."""
_ATTEMPTS = 20


def after_kills(target: client.Target, rounds: int) -> list[float]:
    """Return milliseconds; *target* is a server of ours without a cache."""
    point = _points(target)
    return [_after_a_kill(target, point) for _ in range(rounds)]


def after_timeouts(target: client.Target, rounds: int) -> list[float]:
    """Return milliseconds; *target* is such a server, too, whose queries may take `TIMEOUT_S`."""
    point = _points(target)
    return [_after_its_time(target, point) for _ in range(rounds)]


def _points(target: client.Target) -> Iterator[bytes]:
    number = 0
    while True:
        number = number % 100 + 1
        yield target.request(_POINT.format(number=number), TABLE)


def _after_a_kill(target: client.Target, point: Iterator[bytes]) -> float:
    """Stop the reader that answers, so that the next question finds it at work, and kill it."""
    for _ in range(_ATTEMPTS):
        connection = client.Connection(target.port)
        with connection.socket:
            reader = _busiest(target.process_id, connection, point)
            os.kill(reader, signal.SIGSTOP)
            connection.send(next(point))
            others_answer, _, _ = select.select([connection.socket], [], [], _AT_WORK_S)
            started = time.perf_counter()
            os.kill(reader, signal.SIGKILL)
            while not connection.receive():
                pass
            if not others_answer:
                return (time.perf_counter() - started) * 1000
    raise AssertionError(f"no reader was found at work in {_ATTEMPTS} attempts")


def _busiest(server: int, connection: client.Connection, point: Iterator[bytes]) -> int:
    """Return the reader that uses most of the processor while the same is asked again and again."""
    before = {process: _ticks(process) for process in _readers(server)}
    deadline = time.perf_counter() + _BUSY_S
    while time.perf_counter() < deadline:
        connection.send(next(point))
        while not connection.receive():
            pass
    return max(before, key=lambda process: _ticks(process) - before[process])


def _after_its_time(target: client.Target, point: Iterator[bytes]) -> float:
    endless = target.request(_ENDLESS, TABLE)
    started = time.perf_counter()
    reason = "it was answered"
    try:
        client.ask(target, endless)
    except client.AnswerError as error:
        reason = str(error)
    if "status 504" not in reason:
        raise AssertionError(f"a query that never ends did not end for its time: {reason}")
    client.ask(target, next(point))
    return (time.perf_counter() - started - TIMEOUT_S) * 1000


def _readers(server: int) -> list[int]:
    return [process for process in memory.tree(server) if _READER in _command(process)]


def _command(process: int) -> bytes:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""


def _ticks(process: int) -> int:
    """Return for how many ticks of the clock *process* has run."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return int(fields[11]) + int(fields[12])
