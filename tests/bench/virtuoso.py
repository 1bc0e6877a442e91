"""Virtuoso of the Debian packages, with a configuration and a database of its own."""

from __future__ import annotations

import re
import shutil
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar

from tests.bench import servers
from tests.bench.answers import UNION
from tests.bench.client import Target
from tests.bench.peers import VIRTUOSO, NotInstalledError, Peer

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

_LOADING = """\
ld_dir('{folder}', '{file}', '{graph}');
log_enable(3, 1);
rdf_loader_run();
checkpoint;
select signal('BENCH', ll_error) from DB.DBA.load_list where ll_error is not null;
"""

_CONFIGURATION = """\
[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
FileExtend = 200
MaxCheckpointRemap = 2000
TempStorage = TempDatabase
[TempDatabase]
DatabaseFile = {folder}/virtuoso-temp.db
TransactionFile = {folder}/virtuoso-temp.trx
MaxCheckpointRemap = 2000
[Parameters]
ServerPort = 127.0.0.1:{sql}
DisableUnixSocket = 1
ServerThreads = 20
CheckpointInterval = 0
NumberOfBuffers = {buffers}
MaxDirtyBuffers = {dirty}
MaxQueryMem = 2G
DirsAllowed = {files}
DefaultIsolation = 2
MaxVectorSize = 1000000
ThreadsPerQuery = 2
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerThreads = 20
MaxClientConnections = 20
MaxKeepAlives = 20
KeepAliveTimeout = 60
[SPARQL]
MaxQueryExecutionTime = {seconds}
{more}
"""


class Virtuoso(Peer):
    """The engine behind DBpedia."""

    name = VIRTUOSO
    buffers: ClassVar[int] = 300_000
    """Pages of 8 KB, for which its manual asks 2.6 GB."""
    more: ClassVar[str] = ""
    """Further settings of its endpoint."""
    how = (
        "the packages of Debian, loaded by `rdf_loader_run` and a checkpoint; "
        f"{buffers:,} buffers of 8 KB, no limit of rows, the union as a graph"
    )

    def install(self) -> str:
        _program("isql-vt")
        command = [_program("virtuoso-t"), "-?"]
        found = subprocess.run(command, capture_output=True, text=True, check=False)
        number = re.search(r"Version (\d[\d.]*)", found.stdout + found.stderr)
        return number[1] if number else "unknown"

    def load(self) -> None:
        file = self.files.with_union
        statements = _LOADING.format(folder=file.parent, file=file.name, graph=UNION)
        with self._running() as (sql, _, _):
            self._run(_program("isql-vt"), f"127.0.0.1:{sql}", "dba", "dba", f"exec={statements}")

    @contextmanager
    def serve(self, *options: str) -> Generator[Target]:
        with self._running(*options) as (_, http, process):
            yield Target(http, "/sparql", process, (("default-graph-uri", UNION),))

    @contextmanager
    def _running(self, *options: str) -> Generator[tuple[int, int, int]]:
        """Run it, and give the ports for SQL and HTTP, and its process id."""
        sql, http = servers.free_port(), servers.free_port()
        file = self._configure(sql, http)
        # In the foreground: it is our process then, and ends with a checkpoint.
        arguments = [_program("virtuoso-t"), "+configfile", str(file), "+foreground", *options]
        with servers.listening(arguments, http, self.folder / "serve.log") as process:
            yield sql, http, process

    def _configure(self, sql: int, http: int) -> Path:
        path = self.folder / "virtuoso.ini"
        path.write_text(
            _CONFIGURATION.format(
                folder=self.folder,
                files=self.files.with_union.parent,
                sql=sql,
                http=http,
                buffers=self.buffers,
                dirty=self.buffers * 3 // 4,
                seconds=round(self.query_seconds),
                more=self.more,
            )
        )
        return path


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise NotInstalledError(f"no {name}; install the package virtuoso-opensource-7")
    return found
