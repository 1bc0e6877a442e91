"""The parser: a process that reads one upload, and ends.

Started by `process.parse_parts` with the bytes of memory that it may add to what it then has, the
bytes that it may write, and the descriptors of the file to write and of those to read.
"""

from __future__ import annotations

import json
import os
import traceback
from typing import TYPE_CHECKING, Any

from graph.errors import UnreadableUpload, UploadTooLarge
from graph.limits import UploadLimits
from graph.processes import frames, inside, sandbox
from graph.uploads.parsing import Part, write_ntriples

if TYPE_CHECKING:
    from collections.abc import Sequence


def main() -> None:
    """Read one upload."""
    inside.run(_serve)


def _serve(parent: inside.Parent, arguments: list[str]) -> None:
    memory, size, output, *inputs = map(int, arguments)
    inside.silence()
    missing = sandbox.enter(memory, output=size)
    parent.say(frames.READY, {"missing": missing})
    _, payload = parent.receive()
    job = json.loads(payload)
    sandbox.limit_processor_time(job["limits"]["timeout_s"])
    parent.say(frames.END, _parse(inputs, output, job))


def _parse(inputs: Sequence[int], output: int, job: dict[str, Any]) -> dict[str, Any]:
    """Do *job*; return what there is to say after it."""
    parts = [
        Part(os.fdopen(descriptor, "rb"), each["media_type"], each["name"])
        for descriptor, each in zip(inputs, job["parts"], strict=True)
    ]
    try:
        with os.fdopen(output, "wb") as file:
            counts = write_ntriples(
                parts, file, job["base_iri"], job["graph"], UploadLimits(**job["limits"])
            )
    except Exception as error:  # the front knows what to make of it
        return _failure(error)
    return {"counts": counts._asdict()}


def _failure(error: Exception) -> dict[str, Any]:
    message = str(error)
    match error:
        case UploadTooLarge():
            kind = "too large"
        case UnreadableUpload():
            kind = "unreadable"
        case MemoryError():
            kind = "memory"
        case OSError():
            kind = "disk"
        case _:
            kind, message = "bug", "".join(traceback.format_exception(error))
    return {"failure": kind, "message": message}
