"""The protocol between the front and its children: frames over one socket pair.

A frame is a letter, the length of the payload in four bytes, and the payload.

    front -> child   Q  a job, as JSON
                     G  the directory of another generation, to be opened instead; no answer
                     T  the tables of the parser of SPARQL, so that it need not make them; no answer
                     D  bytes of the file that belongs to a job, cut anywhere, and then `E`
    child -> front   R  ready; what the sandbox lacks, as JSON
                     D  bytes of the answer
                     E  the end, as JSON: whether the child can take another job, and when
                        there is no answer, or no more of it, the kind of failure and a message

Of the writer, whose job is {"wishes": [...]}:

    child -> front   B  it begins with a wish, as JSON: {"wish": index}
                     X  what the gate has to look at before the wish is kept
    front -> child   V  what the gate says of it, as JSON
    child -> front   O  what became of each wish, as a list in JSON; it is true once the generation
                        is published, which `E` says (a writer may be lost between the two)

Nobody buffers more than a few frames: a front that does not read makes the child wait in `write`.
"""

from __future__ import annotations

import json
import os
import struct
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

FRAME_BYTES = 128 * 1024
"""How many bytes of an answer a child collects before it sends them."""

_READ_BYTES = 64 * 1024
"""How much is read at once: a buffer that is longer is mapped and unmapped for each read."""

JOB, OPEN, TABLES, READY, BEGUN, DATA, END = b"Q", b"G", b"T", b"R", b"B", b"D", b"E"
EXTRACT, VERDICT, OUTCOMES = b"X", b"V", b"O"

_HEADER = struct.Struct(">cI")

Frame = tuple[bytes, bytes]


def packed(kind: bytes, payload: bytes) -> bytes:
    """Return the frame of *kind* that carries *payload*."""
    return _HEADER.pack(kind, len(payload)) + payload


def pieces(content: bytes | bytearray) -> Iterator[bytes]:
    """Yield *content* in pieces of the length of a frame."""
    for start in range(0, len(content), FRAME_BYTES):
        yield bytes(content[start : start + FRAME_BYTES])


def packed_json(kind: bytes, content: Any) -> bytes:  # noqa: ANN401 -- anything JSON can hold
    """Return the frame of *kind* that carries *content* as JSON."""
    return packed(kind, json.dumps(content).encode())


def taken_from(buffer: bytearray) -> Frame | None:
    """Take the first frame out of *buffer*; None when it is not whole yet."""
    if len(buffer) < _HEADER.size:
        return None
    kind, length = _HEADER.unpack_from(buffer)
    end = _HEADER.size + length
    if len(buffer) < end:
        return None
    payload = bytes(memoryview(buffer)[_HEADER.size : end])
    del buffer[:end]
    return kind, payload


def write(descriptor: int, frame: bytes) -> None:
    """Write all of *frame*, waiting as long as the other side does not read.

    `os.write`, not `socket.send`: a child's sandbox allows no call that could name an address.
    """
    rest = memoryview(frame)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def read(descriptor: int, buffer: bytearray) -> Frame:
    """Return the next frame; EOFError when the other side is gone.

    *buffer* holds what was read already, and what is read too much.
    """
    while (frame := taken_from(buffer)) is None:
        piece = os.read(descriptor, _READ_BYTES)
        if not piece:
            raise EOFError
        buffer += piece
    return frame
