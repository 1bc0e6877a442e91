"""How much memory the processes of a server hold, where the system tells (Linux)."""

from __future__ import annotations

import os
import resource
from collections import Counter
from pathlib import Path

_MOST_CHILDREN = 64
"""How many are looked at: whoever asks is waited for."""

_KINDS = {
    b"graph.readers.child": "reader",
    b"graph.writing.child": "writer",
    b"graph.uploads.child": "parser",
    b"graph.gate.child": "validator",
    b"graph.fetching.child": "fetcher",
}


def resident_memory() -> tuple[dict[str, int], dict[str, int]]:
    """Return by kind of process how many bytes of memory they hold, and how many there are."""
    size, number = Counter[str](), Counter[str]()
    try:
        size["front"], number["front"] = _resident("self"), 1
        tasks = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii")
    except OSError:
        return {}, {}
    for child in tasks.split()[:_MOST_CHILDREN]:
        try:
            kind = _kind(Path(f"/proc/{child}/cmdline").read_bytes())
            size[kind] += _resident(child)
            number[kind] += 1
        except OSError:  # it has ended meanwhile
            continue
    return dict(size), dict(number)


def _kind(command: bytes) -> str:
    return next((kind for module, kind in _KINDS.items() if module in command), "other")


def _resident(process: str) -> int:
    pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize()
