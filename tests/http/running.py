"""A server that may be killed, and is started again at the same address, as systemd does."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from server.scopes import scope_from_text
from server.token_changes import add_token

from .conftest import ROOT, children
from .ledger import BATCHES, COMMITS, STRAYS, Ledger
from .load import Connection
from .writers import TOKENS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

AS_USUAL = ("-m", "server")
"""What Python is told, so that it is the command."""


def token_file(path: Path) -> Path:
    """Make a file of tokens in which those of the clients are."""
    scope, value = TOKENS["updater"]
    add_token(path, "updater", [scope_from_text(scope)], value)
    return path


class Running:
    """A server that is started again, as systemd does, when its supervisor is gone."""

    def __init__(
        self,
        store: Path,
        folder: Path,
        *options: object,
        program: Sequence[str] = AS_USUAL,
        environment: Mapping[str, str] = {},
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self.log = folder / "stderr"
        self._output = self.log.open("a")
        self._environment = {**os.environ, **environment}
        # What is installed is compiled; recovery is measured here.
        self._environment.pop("PYTHONDONTWRITEBYTECODE", None)
        tokens = folder / "tokens"
        self._command = [
            sys.executable, *program, "serve", "--store", store, "--port", self.port,
            "--token-file", tokens if tokens.exists() else token_file(tokens),
            "--limit", "client.parallel=64", "--limit", "client.work-s-at-once=100000",
            "--limit", "client.errors-at-once=100000", *options,
        ]  # fmt: skip
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [str(word) for word in self._command],
            cwd=ROOT, stderr=self._output, env=self._environment,
        )  # fmt: skip

    def stop(self) -> None:
        self.process.terminate()
        assert self.process.wait(30) == 0
        self._output.close()

    def kill_supervisor(self) -> None:
        self.process.kill()
        self.process.wait()

    @property
    def front(self) -> int:
        return children(self.process.pid)[0]

    def of(self, module: str) -> list[int]:
        """Return the children of the front that run *module*."""
        return children(self.front, module)

    def busiest_first(self) -> list[int]:
        """Return the readers, those at work before those that wait."""
        readers = self.of("graph.readers.child")
        before = {each: _processor_time(each) for each in readers}
        time.sleep(0.05)
        return sorted(readers, key=lambda each: before[each] - _processor_time(each))


def _processor_time(process: int) -> int:
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return int(fields[11]) + int(fields[12])


def faults(port: int, ledger: Ledger) -> list[str]:
    """Return in what the store is not as the ledger has it; nobody may be writing."""
    connection = Connection(port)
    answers = [connection.ask(query) for query in (BATCHES, COMMITS, STRAYS)]
    connection.close()
    assert [each.status for each in answers] == [200, 200, 200], answers
    batches, commits, strays = (each.text for each in answers)
    assert strays == "graph,batch\r\n", strays
    return ledger.compare(batches, commits)
