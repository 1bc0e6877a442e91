"""Servers as processes of their own, on a free port, over small stores."""

import contextlib
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pyoxigraph as ox
import pytest

from graph.generations import publish_generation

ROOT = Path(__file__).resolve().parents[2]
TRIG = """
PREFIX : <http://example.org/>
GRAPH :one { :a :knows :b . :b :knows :c . :a :name "Ada"@en . }
GRAPH :two { :a :knows :b . :a :age 36 . }
"""
_READY = re.compile(r"Metapole serves (http://\S+)/sparql \(generation \d+, \d+ quads\)")


@dataclass(frozen=True)
class Server:
    """A running `metapole serve`."""

    url: str
    process: subprocess.Popen[str]
    log: Path

    @property
    def sparql(self) -> str:
        return f"{self.url}/sparql"

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    @property
    def front(self) -> int:
        """The process id of the front, which the supervisor keeps running."""
        return children(self.process.pid)[0]

    @property
    def readers(self) -> list[int]:
        """The process ids of the readers."""
        return children(self.front, "graph.readers.child")

    @property
    def writer(self) -> int:
        """The process id of the writer."""
        return children(self.front, "graph.writing.child")[0]

    def ask(self, text: str, accept: str = "text/csv", timeout: float = 30) -> httpx2.Response:
        return httpx2.get(
            self.sparql,
            params={"query": text},
            headers={"Accept": accept},
            timeout=timeout,
            verify=False,  # there is no TLS, and to get ready for it takes longer than to ask
        )


Serve = Callable[..., AbstractContextManager[Server]]


def children(process: int, module: str = "") -> list[int]:
    """Return the process ids of the children of *process* that were started to run *module*."""
    found = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [int(each) for each in found if module in _command(int(each))]


def _command(process: int) -> str:
    try:
        return Path(f"/proc/{process}/cmdline").read_text()
    except OSError:  # it is gone already
        return ""


def front_of(server: Server) -> int | None:
    """Return the process id of the front of *server*, if there is one at this moment."""
    with contextlib.suppress(OSError, IndexError):
        return server.front
    return None


def wait_until(condition: Callable[[], object], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def publish(store: Path, trig: str = TRIG) -> None:
    publish_generation(store, ox.parse(trig, ox.RdfFormat.TRIG))


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Serve:
    """Run `metapole serve` on a copy of a store, as long as the context lasts.

    With options; on the store itself if it is to be *in_place*; and started *through* another
    program, which is given the command to run.
    """

    @contextmanager
    def serving(
        store: Path, *options: object, in_place: bool = False, through: Sequence[str] = ()
    ) -> Generator[Server]:
        folder = tmp_path_factory.mktemp("serve")
        log = folder / "stderr"
        if not in_place:
            store = shutil.copytree(store, folder / "store")
        arguments = ["serve", "--store", store, "--port", 0, *options]
        with (
            log.open("w") as stderr,
            subprocess.Popen(
                [*through, sys.executable, "-m", "server", *map(str, arguments)],
                cwd=ROOT,
                stderr=stderr,
                text=True,
            ) as process,
        ):
            try:
                wait_until(lambda: process.poll() is not None or _READY.search(log.read_text()))
                ready = _READY.search(log.read_text())
                assert ready, log.read_text()
                yield Server(ready[1], process, log)
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(15)

    return serving


@pytest.fixture(scope="session")
def small_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of four triples in two graphs, one of them in both."""
    store = tmp_path_factory.mktemp("small") / "store"
    publish(store)
    return store


@pytest.fixture(scope="session")
def server(serve: Serve, small_store: Path) -> Iterator[Server]:
    """A server with ordinary limits."""
    with serve(small_store, "--readers", 4) as running:
        yield running
