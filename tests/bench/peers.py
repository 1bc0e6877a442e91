"""The servers that are compared: how each is installed, loaded with the same data, and run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from abc import ABC, abstractmethod
from contextlib import AbstractContextManager, contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, ClassVar

from tests.bench import servers
from tests.bench.client import Target

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path

    from tests.bench.generate import Files

METAPOLE, OXIGRAPH, VIRTUOSO, RDFLIB = "metapole", "oxigraph", "virtuoso", "rdflib-endpoint"

_RDFLIB_ENDPOINT = "0.6.3"
_RDFLIB_LOAD_S = 180
"""It loads in memory: what takes it longer than this is more than it is for."""
_RDFLIB_APP = """\
import os
from rdflib import Dataset
from rdflib_endpoint import SparqlEndpoint

graph = Dataset(store="default", default_union=True)
graph.parse(os.environ["BENCH_FILE"], format="nquads")
app = SparqlEndpoint(graph=graph)
"""
"""What `rdflib-endpoint serve FILE` does."""


class NotInstalledError(Exception):
    """A peer is not there, and cannot be fetched."""


class Peer(ABC):
    """A server with its data in *folder*; programs are kept in *programs*."""

    name: ClassVar[str]
    how: ClassVar[str]
    """How it is run, for the reader of the page."""

    def __init__(
        self, folder: Path, programs: Path, query_seconds: float, load_seconds: float
    ) -> None:
        self.folder = folder / self.name
        self.programs = programs / self.name
        self.query_seconds = query_seconds
        self.load_seconds = load_seconds
        self.files: Files

    @abstractmethod
    def install(self) -> str:
        """Install it unless it is there, and return its version."""

    @abstractmethod
    def load(self) -> None:
        """Load `files`, which is timed."""

    @abstractmethod
    def serve(self, *options: str) -> AbstractContextManager[Target]:
        """Run it."""

    def disk_mb(self) -> float:
        """Return the megabytes of its files, what is linked twice counted once."""
        files = (path.stat() for path in self.folder.rglob("*") if path.is_file())
        return sum({each.st_ino: each.st_blocks * 512 for each in files}.values()) / 1e6

    def _run(self, *arguments: str | Path) -> None:
        """Run a loader to its end; CalledProcessError or TimeoutExpired when there is none."""
        subprocess.run(arguments, check=True, capture_output=True, timeout=self.load_seconds)


class Metapole(Peer):
    """Ours."""

    name = METAPOLE
    how = "`metapole serve --default-graph union`, else as delivered"

    def install(self) -> str:
        return version("metapole")

    def load(self) -> None:
        # From where the tests are: the loader is one of their modules.
        arguments = ["-m", "tests.bench.load", str(self.store), str(self.files.quads)]
        subprocess.run(
            [sys.executable, *arguments],
            cwd=servers.PROJECT,
            check=True,
            capture_output=True,
            timeout=self.load_seconds,
        )

    @contextmanager
    def serve(self, *options: str) -> Generator[Target]:
        with self._serve(self.store, *options) as target:
            yield target

    @contextmanager
    def serve_without_cache(self, *options: str) -> Generator[Target]:
        """Run one more server, on a store of its own with the same files."""
        twin = self.folder / "twin"
        if not twin.exists():
            locks = shutil.ignore_patterns("*lock")
            # What is in a generation is never changed, so a second name is as good as a copy.
            shutil.copytree(self.store, twin, copy_function=os.link, ignore=locks)
        with self._serve(twin, "--cache-mb", "0", *options) as target:
            yield target

    @property
    def store(self) -> Path:
        """Where its data are."""
        return self.folder / "store"

    def _serve(self, store: Path, *options: str) -> AbstractContextManager[Target]:
        log = self.folder / f"{store.name}.log"
        options = ("--timeout", f"{self.query_seconds:g}", *options)
        return servers.metapole(store, log, *options)


class Oxigraph(Peer):
    """The same engine as ours, of the same version, with the HTTP server of its makers."""

    name = OXIGRAPH
    how = "`oxigraph serve`, loaded by `oxigraph load`, and then `oxigraph optimize`"

    def install(self) -> str:
        wanted = version("pyoxigraph")
        _install(self.programs, [f"oxigraph=={wanted}"])
        return wanted

    def load(self) -> None:
        where = ("--location", self.folder / "store")
        self._run(self._program, "load", *where, "--file", self.files.with_union)
        self._run(self._program, "optimize", *where)

    @contextmanager
    def serve(self, *options: str) -> Generator[Target]:
        port = servers.free_port()
        arguments = [str(self._program), "serve", "--location", str(self.folder / "store")]
        arguments += ["--bind", f"127.0.0.1:{port}", "--timeout-s", f"{self.query_seconds:.0f}"]
        with servers.listening([*arguments, *options], port, self.folder / "serve.log") as process:
            yield Target(port, "/query", process)

    @property
    def _program(self) -> Path:
        return self.programs / "bin" / "oxigraph"


class RdflibEndpoint(Peer):
    """The endpoint that most resembles ours in what it is made of."""

    name = RDFLIB
    how = (
        "its default store, `rdflib.Dataset` in memory; gunicorn loads it and forks one worker, "
        "so that a query over the limit can be ended without loading anew; "
        f"it may take {_RDFLIB_LOAD_S} s and {servers.MOST_MB / 1000:g} GB to load"
    )

    def install(self) -> str:
        _install(self.programs, [f"rdflib-endpoint[cli]=={_RDFLIB_ENDPOINT}", "gunicorn"])
        return _RDFLIB_ENDPOINT

    def load(self) -> None:
        """Do nothing: it loads when it starts."""

    @contextmanager
    def serve(self, *options: str) -> Generator[Target]:
        port = servers.free_port()
        (self.folder / "bench_app.py").write_text(_RDFLIB_APP)
        gunicorn = [str(self.programs / "bin" / "gunicorn"), "--preload", "--workers", "1"]
        gunicorn += ["--worker-class", "uvicorn.workers.UvicornWorker", "--keep-alive", "60"]
        # It would count from before the query began, so whoever asks kills the worker.
        gunicorn += ["--timeout", "0", "--bind", f"127.0.0.1:{port}"]
        gunicorn += ["--pythonpath", str(self.folder), "--no-control-socket", *options]
        environment = {**os.environ, "BENCH_FILE": str(self.files.quads)}
        with servers.listening(
            [*gunicorn, "bench_app:app"],
            port,
            self.folder / "serve.log",
            most_seconds=min(self.load_seconds, _RDFLIB_LOAD_S),
            environment=environment,
        ) as process:
            yield Target(port, "/", process, is_patient=True)

    def disk_mb(self) -> float:
        return 0.0


def _install(folder: Path, wanted: Sequence[str]) -> None:
    """Install packages in an environment of their own, once."""
    mark = folder / "installed"
    if mark.exists() and mark.read_text() == " ".join(wanted):
        return
    shutil.rmtree(folder, ignore_errors=True)
    venv.create(folder, with_pip=True)
    pip = [folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check"]
    result = subprocess.run([*pip, *wanted], capture_output=True, text=True, check=False)
    if result.returncode:
        raise NotInstalledError(
            f"pip could not install {', '.join(wanted)}: {result.stderr[-300:]}"
        )
    mark.write_text(" ".join(wanted))
