"""The processes of servers, each on free ports of 127.0.0.1."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.client import Target
from tests.bench.memory import own_mb

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

PROJECT = Path(__file__).resolve().parents[2]
_READY = re.compile(r"Metapole serves http://127\.0\.0\.1:(\d+)/sparql")
_MOST_SECONDS = 120
MOST_MB = 12_000
"""A server that needs more to start is ended; others share the machine with it."""


class NotStartedError(Exception):
    """A server has ended, or was not ready in time."""


@contextmanager
def metapole(store: Path, log: Path, *options: str) -> Generator[Target]:
    """Run `metapole serve` on *store*."""
    arguments = [sys.executable, "-m", "server", "serve", "--store", str(store), "--port", "0"]
    with (
        log.open("w") as stderr,
        running([*arguments, "--default-graph", "union", *options], stderr.fileno()) as process,
    ):
        ready = _READY.search(log.read_text())
        while ready is None:
            _wait_for(process, log)
            ready = _READY.search(log.read_text())
        yield Target(int(ready[1]), "/sparql", process.pid)


@contextmanager
def listening(
    arguments: Sequence[str],
    port: int,
    log: Path,
    *,
    most_seconds: float = _MOST_SECONDS,
    environment: Mapping[str, str] | None = None,
) -> Generator[int]:
    """Run a server until it listens on *port*, and give its process id."""
    deadline = time.monotonic() + most_seconds
    with log.open("w") as output, running(arguments, output.fileno(), environment) as process:
        while not _listens(port):
            _wait_for(process, log)
            if time.monotonic() > deadline:
                raise NotStartedError(f"over {most_seconds:g} s")
            if (found := own_mb(process.pid)) > MOST_MB:
                raise NotStartedError(f"over {MOST_MB / 1000:g} GB ({found / 1000:.1f})")
        yield process.pid


@contextmanager
def running(
    arguments: Sequence[str], output: int, environment: Mapping[str, str] | None = None
) -> Generator[subprocess.Popen[bytes]]:
    """Run a process, and end it in the end."""
    process = subprocess.Popen(
        arguments,
        cwd=PROJECT,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        env=environment,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


def _wait_for(process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait a moment for a server to be ready, unless it has ended."""
    if process.poll() is not None:
        raise NotStartedError(
            f"it ended with status {process.returncode}: {log.read_text()[-500:].strip()}"
        )
    time.sleep(0.05)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
