"""A sandboxed process that does jobs, as its parent sees it: start it, send a job, kill it."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from graph.errors import EngineUnavailable
from graph.processes import frames
from graph.processes.channel import Channel

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

START_LIMIT_S = 10.0
ENVIRONMENT = {"LC_ALL": "C.UTF-8", "RUST_BACKTRACE": "0", "MALLOC_ARENA_MAX": "2"}


class Child:
    """A process of our own with one end of a socket, whose other end we hold."""

    def __init__(self, name: str, process: subprocess.Popen[bytes]) -> None:
        self.missing: list[str] = []
        """What the sandbox lacks on this system, in words."""
        self._name = name
        self._process = process
        self._channel: Channel | None = None

    @classmethod
    async def start(
        cls,
        name: str,
        module: str,
        arguments: Sequence[object] = (),
        *,
        inherit: Sequence[int] = (),
        start_limit_s: float = START_LIMIT_S,
        first: bytes = b"",
    ) -> Self:
        """Start `module.main()` with *arguments*; EngineUnavailable when it does not come up.

        *name* is what messages call it ("a reader"); *inherit* are more descriptors to hand down,
        and *first* is a frame that it reads before it is ready.
        Call it in a thread that stays: a child dies with the thread that started it.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            child = cls(name, _spawn(module, theirs.fileno(), arguments, inherit))
        try:
            await child._connect(ours, start_limit_s, first)
        except BaseException:
            child.kill()
            child._process.wait()
            raise
        return child

    async def _connect(self, ours: socket.socket, start_limit_s: float, first: bytes) -> None:
        loop = asyncio.get_running_loop()
        _, self._channel = await loop.create_unix_connection(Channel, sock=ours)
        if first:
            self.send_soon(first)
        try:
            async with asyncio.timeout(start_limit_s):
                frame = await self._channel.receive()
        except TimeoutError as error:
            raise EngineUnavailable(f"{self._name} was not ready in {start_limit_s:g} s") from error
        if frame is None:
            raise EngineUnavailable(f"{self._name} ended before it was ready")
        kind, payload = frame
        if kind != frames.READY:
            raise EngineUnavailable(f"{self._name} could not start: {json.loads(payload)}")
        self.missing = json.loads(payload)["missing"]

    @property
    def process_id(self) -> int:
        """The process id of the child."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Tell whether the child still holds its end of the socket."""
        return self._channel is not None and not self._channel.is_over

    def when_gone(self, call: Callable[[], object]) -> None:
        """Have *call* called as soon as the child is gone, however it ended."""
        if self._channel:
            self._channel.on_end = call

    async def send(self, job: dict[str, Any]) -> None:
        """Give the child *job*; it must have ended the one before."""
        await self.send_frame(frames.packed_json(frames.JOB, job))

    async def send_frame(self, frame: bytes) -> None:
        """Give the child *frame*."""
        self.send_soon(frame)
        if self._channel:
            await self._channel.drain()

    def send_soon(self, frame: bytes) -> None:
        """Give the child *frame*, which is not long, without waiting."""
        if self._channel:
            self._channel.write(frame)

    async def receive(self) -> frames.Frame | None:
        """Return the next frame of the answer, or None when the child is dead."""
        return await self._channel.receive() if self._channel else None

    def kill(self) -> None:
        """End the child now, whatever it is doing."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        if self._channel:
            self._channel.close()

    async def exit_status(self) -> int:
        """Wait for the child, which must be dead or about to be; negative means a signal."""
        return await asyncio.to_thread(self._process.wait)


def command(module: str, *arguments: object) -> list[str]:
    """Return how to start an interpreter that calls `module.main()`, with *arguments* from 3 on.

    Its module path is given, because `-I -S` leaves out what makes a start slow or surprising. What
    it loads is there to stay, so nobody looks for garbage in it: `inside.run` begins to.
    """
    start = (
        "import gc, sys; gc.disable(); sys.path += sys.argv[1:3]; "
        f"from {module} import main; main()"
    )
    words = map(str, (*_module_path(), *arguments))
    return [sys.executable, "-I", "-S", "-c", start, *words]


def _spawn(
    module: str, descriptor: int, arguments: Sequence[object], inherit: Sequence[int]
) -> subprocess.Popen[bytes]:
    """Start a fresh interpreter with no descriptors but those given, and no environment."""
    return subprocess.Popen(
        command(module, descriptor, os.getpid(), *arguments),
        env=ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        pass_fds=(descriptor, *inherit),
    )


def _module_path() -> tuple[Path, Path]:
    engine = importlib.util.find_spec("pyoxigraph")
    if engine is None or engine.origin is None:
        raise EngineUnavailable("pyoxigraph is not installed; install metapole again")
    return Path(__file__).resolve().parents[2], Path(engine.origin).parents[1]
