"""What all tests share: where the reference material is, and the graph that ships."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from graph.build import build

if TYPE_CHECKING:
    from collections.abc import Iterator


def pytest_configure() -> None:
    """Have the programs that tests start listen to SIGINT: a worker of xdist ignores it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


PROJECT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def project() -> Path:
    """Return the folder of the checkout."""
    return PROJECT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder with the sources and the truth, or skip where it is absent.

    METAPOLE_SHARED names it; while that is set, a missing folder is a failure.
    """
    named = os.environ.get("METAPOLE_SHARED")
    folder = Path(named) if named else PROJECT.parent / "shared"
    if not folder.is_dir():
        if named:
            pytest.fail(f"METAPOLE_SHARED names {folder}, which is not a folder")
        pytest.skip("the reference material is not here; set METAPOLE_SHARED to its folder")
    return folder


@pytest.fixture(scope="session")
def shipped_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store with the graph that ships, built once for all tests; only to be read."""
    store = tmp_path_factory.mktemp("shipped") / "store"
    build(store)
    return store


@pytest.fixture(scope="session")
def endpoint(shipped_store: Path) -> Iterator[str]:
    """Return the address of a server, in a process of its own, that serves the shipped graph."""
    log = shipped_store.parent / "log"
    with log.open("w") as stderr:
        server = subprocess.Popen(
            [sys.executable, "-m", "server", "serve", "--port", "0", "--store", str(shipped_store)],
            stderr=stderr,
        )
    deadline = time.monotonic() + 30
    while not (found := re.search(r"(http://\S+)/sparql", log.read_text())):
        assert server.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)
    yield found[1]
    server.terminate()
    assert server.wait(10) == 0
