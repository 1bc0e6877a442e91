"""What a child process does first and last: the part that all of them share.

def main() -> None:
    run(lambda parent, arguments: ...)
"""

from __future__ import annotations

import gc
import os
import select
import sys
import threading
from typing import TYPE_CHECKING, Any

from graph.processes import frames, sandbox

if TYPE_CHECKING:
    from collections.abc import Callable

_STACK_SIZES = (1 << 30, 1 << 28, 1 << 26)


class Parent:
    """The process that started this one, at the other end of a socket."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._unread = bytearray()
        self.seconds: float | None = None
        """How much processor time what the parent says next may take, if that is limited."""

    def say(self, kind: bytes, content: Any = None) -> None:  # noqa: ANN401 -- anything JSON can hold
        """Send a frame of *kind* with *content* as JSON, or with none."""
        if content is None:
            frames.write(self._descriptor, frames.packed(kind, b""))
        else:
            frames.write(self._descriptor, frames.packed_json(kind, content))

    def send(self, content: bytes, kind: bytes = frames.DATA) -> None:
        """Send bytes of an answer, or of a question."""
        frames.write(self._descriptor, frames.packed(kind, content))

    def send_frames(self, *several: bytes) -> None:
        """Send frames at once."""
        frames.write(self._descriptor, b"".join(several))

    def has_said_more(self, within_s: float) -> bool:
        """Wait until the parent says something, or is gone, or *within_s* are over."""
        if self._unread:
            return True
        waiting = select.poll()  # select() knows no descriptor above 1023
        waiting.register(self._descriptor, select.POLLIN)
        return bool(waiting.poll(1000 * within_s))

    def receive(self) -> frames.Frame:
        """Wait for the next frame; EOFError when the parent is gone."""
        frame = frames.read(self._descriptor, self._unread)
        if self.seconds is not None:
            sandbox.limit_processor_time(self.seconds)
        return frame


def run(serve: Callable[[Parent, list[str]], None]) -> None:
    """Call *serve* with the parent and the arguments that it gave, until one of them ends.

    The engine recurses per bracket, so it all happens in one thread with a large stack.
    """
    descriptor, parent, *arguments = sys.argv[3:]
    sandbox.die_with(int(parent))
    gc.freeze()
    gc.enable()

    def serve_until_alone() -> None:
        try:
            serve(Parent(int(descriptor)), arguments)
        except (EOFError, BrokenPipeError):
            return

    for size in _STACK_SIZES:
        threading.stack_size(size)
        thread = threading.Thread(target=serve_until_alone)
        try:
            thread.start()
        except RuntimeError:
            continue
        threading.stack_size(0)  # others that it starts need no more than usual
        return thread.join()
    raise SystemExit("no memory for the stack of a child")


def silence() -> None:
    """Send what the C++ and Rust runtimes print when they abort to nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
