"""Endpoints of other makers, each with a small graph, which run as long as the context lasts."""

from __future__ import annotations

import functools
import subprocess
import threading
import time
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import httpx2
import pytest

from tests.bench.generate import Files
from tests.bench.peers import NotInstalledError
from tests.bench.servers import free_port, listening
from tests.bench.virtuoso import Virtuoso

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path

_SECONDS = 120
_GRANTS = (
    'grant select on "DB.DBA.SPARQL_SINV_2" to "SPARQL";'
    'grant execute on "DB.DBA.SPARQL_SINV_IMP" to "SPARQL";'
)
"""What Virtuoso wants before it asks others by SERVICE."""


class SmallVirtuoso(Virtuoso):
    """One that needs little, and sends 10,000 rows at most, as public ones do."""

    buffers = 10_000
    more = "ResultSetMaxRows = 10000"

    @contextmanager
    def asked(self) -> Generator[str]:
        """Run it, and let everybody use SERVICE; return its address."""
        with self._running() as (sql, port, _):
            self._run("isql-vt", f"127.0.0.1:{sql}", "dba", "dba", f"exec={_GRANTS}")
            yield f"http://127.0.0.1:{port}/sparql"


@contextmanager
def virtuoso(folder: Path, triples: str) -> Generator[str]:
    """Run Virtuoso with *triples* (N-Triples), or skip where it is not installed."""
    peer = SmallVirtuoso(folder, folder, query_seconds=60, load_seconds=_SECONDS)
    try:
        peer.install()
    except NotInstalledError as error:
        pytest.skip(str(error))
    peer.folder.mkdir(parents=True)
    peer.files = Files.of(folder)
    peer.files.with_union.write_text(triples)
    peer.load()
    with peer.asked() as address:
        yield address


@contextmanager
def fuseki(start: Sequence[str], folder: Path, triples: str) -> Generator[str]:
    """Run Apache Jena Fuseki, which *start* starts."""
    file, port = folder / "data.nt", free_port()
    file.write_text(triples)
    options = ["--localhost", f"--port={port}", f"--file={file}", "/ds"]
    with listening([*start, *options], port, folder / "fuseki.log"):
        yield f"http://127.0.0.1:{port}/ds/sparql"


@contextmanager
def comunica_http(command: Path, folder: Path, triples: str) -> Generator[str]:
    """Run Comunica as an endpoint over a file that is served beside it."""
    (folder / "data.nt").write_text(triples)
    handler = functools.partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as files:
        threading.Thread(target=files.serve_forever, daemon=True).start()
        source, port = f"http://127.0.0.1:{files.server_port}/data.nt", free_port()
        program = command.with_name("comunica-sparql-http")
        with (folder / "comunica.log").open("w") as log:
            process = subprocess.Popen([program, source, "-p", str(port)], stdout=log, stderr=log)
            try:
                yield _answering(f"http://127.0.0.1:{port}/sparql", process)
            finally:
                process.terminate()
                process.wait(15)
                files.shutdown()


def _answering(address: str, process: subprocess.Popen[bytes]) -> str:
    """Wait until what runs at *address* answers: it listens long before."""
    deadline = time.monotonic() + _SECONDS
    while True:
        try:
            if httpx2.get(address, params={"query": "ASK {}"}, timeout=20).status_code == 200:
                return address
        except httpx2.HTTPError:
            assert process.poll() is None
        assert time.monotonic() < deadline, address
        time.sleep(0.5)


class _Quiet(SimpleHTTPRequestHandler):
    def guess_type(self, path: object) -> str:  # noqa: ARG002 -- the name of its parameter
        """Every file that is served here is of N-Triples."""
        return "application/n-triples"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- its name
        """Say nothing."""
