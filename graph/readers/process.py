"""One reader as its parent sees it: start it, send it a job, take its frames, kill it."""

import asyncio
import contextlib
import importlib.util
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from graph.errors import EngineUnavailable
from graph.generations import Generation
from graph.readers import frames

START_LIMIT_S = 10.0
_ENVIRONMENT = {"LC_ALL": "C.UTF-8", "RUST_BACKTRACE": "0", "MALLOC_ARENA_MAX": "2"}
_BUFFER_BYTES = 2 * frames.FRAME_BYTES


class Reader:
    """A child process with one generation open."""

    def __init__(self, generation: Generation, process: subprocess.Popen[bytes]) -> None:
        self.generation = generation
        self.missing: list[str] = []
        self._process = process
        self._stream: asyncio.StreamReader
        self._writer: asyncio.StreamWriter

    @classmethod
    async def start(cls, generation: Generation, memory: int) -> "Reader":
        """Start a reader on *generation*; EngineUnavailable when it does not come up.

        Call it in a thread that stays: a reader dies with the thread that started it.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            reader = cls(generation, _spawn(generation, memory, theirs.fileno()))
        try:
            await reader._connect(ours)
        except BaseException:
            reader.kill()
            reader._process.wait()
            raise
        return reader

    async def _connect(self, ours: socket.socket) -> None:
        self._stream, self._writer = await asyncio.open_unix_connection(
            sock=ours, limit=_BUFFER_BYTES
        )
        try:
            async with asyncio.timeout(START_LIMIT_S):
                _, payload = await frames.receive(self._stream)
        except TimeoutError as error:
            raise EngineUnavailable(f"a reader was not ready in {START_LIMIT_S:g} s") from error
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise EngineUnavailable("a reader ended before it was ready") from error
        self.missing = json.loads(payload)["missing"]

    @property
    def process_id(self) -> int:
        """The process id of the child."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Tell whether the child still holds its end of the socket."""
        return not self._stream.at_eof()

    async def send(self, job: dict[str, Any]) -> None:
        """Give the reader *job*; it must have ended the one before."""
        with contextlib.suppress(ConnectionError):  # a dead reader is noticed when we receive
            self._writer.write(frames.packed_json(frames.JOB, job))
            await self._writer.drain()

    async def receive(self) -> frames.Frame | None:
        """Return the next frame of the answer, or None when the reader is dead."""
        try:
            return await frames.receive(self._stream)
        except (asyncio.IncompleteReadError, ConnectionError):
            return None

    def kill(self) -> None:
        """End the child now, whatever it is doing."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        if hasattr(self, "_writer"):
            self._writer.close()

    async def exit_status(self) -> int:
        """Wait for the child, which must be dead or about to be; negative means a signal."""
        return await asyncio.to_thread(self._process.wait)


def _spawn(generation: Generation, memory: int, descriptor: int) -> subprocess.Popen[bytes]:
    """Start a fresh interpreter: no descriptors but its socket, no environment, no site packages.

    Its module path is given, because `-I -S` leaves out what makes a start slow or surprising.
    """
    start = "import sys; sys.path += sys.argv[1:3]; from graph.readers.child import main; main()"
    arguments = [*_module_path(), descriptor, generation.path, memory, os.getpid()]
    return subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", start, *map(str, arguments)],
        env=_ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        pass_fds=(descriptor,),
    )


def _module_path() -> tuple[Path, Path]:
    engine = importlib.util.find_spec("pyoxigraph")
    if engine is None or engine.origin is None:
        raise EngineUnavailable("pyoxigraph is not installed; install metapole again")
    return Path(__file__).resolve().parents[2], Path(engine.origin).parents[1]
