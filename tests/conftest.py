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


LONGEST = (
    "package/test_wheel", "http/test_without_a_filter", "http/test_stopping",
    "package/test_readme", "spec/test_suites", "bench/test_bench", "http/test_serving",
    "engine/test_readers", "http/test_guarded", "docs/test_store_guides", "http/test_dumps",
    "http/test_store_commands", "engine/test_erasure", "http/test_supervisor",
    "http/test_stuck_front", "http/test_damaged_store", "http/test_restore_live",
)  # fmt: skip
"""The files of tests that take longest: they come first, lest one worker is left with one."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have the longest files come first; workers take whole files, in the order they come in."""
    begins_with = {name: number for number, name in enumerate(LONGEST)}

    def place(item: pytest.Item) -> int:
        name = item.path.relative_to(TESTS).with_suffix("").as_posix()
        return begins_with.get(name, len(LONGEST))

    items.sort(key=place)


TESTS = Path(__file__).resolve().parent
PROJECT = TESTS.parent


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
