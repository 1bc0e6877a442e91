"""The servers that are compared, as processes of their own on free ports of 127.0.0.1."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
import venv
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.client import Target

if TYPE_CHECKING:
    from collections.abc import Generator

PROJECT = Path(__file__).resolve().parents[2]
_READY = re.compile(r"Metapole serves http://127\.0\.0\.1:(\d+)/sparql")


@contextmanager
def metapole(store: Path, log: Path, *options: str) -> Generator[Target]:
    """Run `metapole serve` on *store*."""
    arguments = [sys.executable, "-m", "server", "serve", "--store", str(store), "--port", "0"]
    with (
        log.open("w") as stderr,
        _running([*arguments, "--default-graph", "union", *options], stderr.fileno()) as process,
    ):
        ready = _READY.search(log.read_text())
        while ready is None:
            _wait_for(process, log)
            ready = _READY.search(log.read_text())
        yield Target(int(ready[1]), "/sparql")


@contextmanager
def oxigraph(binary: Path, store: Path, log: Path) -> Generator[Target]:
    """Run `oxigraph serve` on *store*."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    arguments = [str(binary), "serve", "--location", str(store), "--bind", f"127.0.0.1:{port}"]
    with log.open("w") as output, _running(arguments, output.fileno()) as process:
        while not _listens(port):
            _wait_for(process, log)
        yield Target(port, "/query")


def load_oxigraph(binary: Path, store: Path, file: Path) -> None:
    """Load *file* into a new *store*, and do what its maker advises for stores that are read."""
    subprocess.run(
        [binary, "load", "--location", store, "--file", file], check=True, capture_output=True
    )
    subprocess.run([binary, "optimize", "--location", store], check=True, capture_output=True)


def install_oxigraph(folder: Path) -> Path:
    """Install the Oxigraph of the same version as our engine in *folder*, and return its program.

    It is the same engine with the HTTP server of its makers.
    """
    binary = folder / "bin" / "oxigraph"
    if not binary.exists():
        venv.create(folder, with_pip=True)
        wanted = f"oxigraph=={version('pyoxigraph')}"
        pip = [folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, wanted], check=True)
    return binary


@contextmanager
def _running(arguments: list[str], output: int) -> Generator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        arguments, cwd=PROJECT, stdin=subprocess.DEVNULL, stdout=output, stderr=output
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


def _wait_for(process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait a moment for a server to be ready, unless it has ended."""
    if process.poll() is not None:
        raise RuntimeError(f"the server ended with status {process.returncode}: {log.read_text()}")
    time.sleep(0.05)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
