"""Have system calls of a server's processes fail, by a library that is loaded before all others."""

from __future__ import annotations

import mmap
import shutil
import struct
import subprocess
from pathlib import Path

COMPILER = shutil.which("cc")
CALLS = ("write", "fsync", "fdatasync", "rename", "link", "open", "mkdir", "unlink", "ftruncate")
"""In the order of `failing.c`."""
_START = (
    "import os; import graph.processes.child as child; "
    "child.ENVIRONMENT.update((name, os.environ[name]) for name in ('LD_PRELOAD', "
    "'METAPOLE_FAILING')); from server.cli import main; raise SystemExit(main())"
)
PROGRAM = ("-c", _START)
"""The command, but that its children load the library, too."""
_FIELDS = ("process", "call", "at", "error", "for_good", "hits", "clock")
_SOURCE = Path(__file__).with_name("failing.c")


class Failing:
    """Says which call of which process fails, and tells how often it has."""

    def __init__(self, folder: Path) -> None:
        library, page = folder / "failing.so", folder / "failing"
        subprocess.run(
            [COMPILER or "cc", "-shared", "-fPIC", "-O1", "-o", library, _SOURCE, "-ldl"],
            check=True,
        )
        page.write_bytes(bytes(mmap.PAGESIZE))
        with page.open("r+b") as file:
            self._page = mmap.mmap(file.fileno(), 0)
        self.environment = {"LD_PRELOAD": str(library), "METAPOLE_FAILING": str(page)}

    def plan(self, process: int, call: str, at: int, error: int, *, for_good: bool = False) -> None:
        """Let the call that is the *at*th from now on fail; *error* is a signal if negative.

        The call "" is all of them; *at* 0 lets none fail, and counts.
        """
        self.allow()
        for position in range(len(CALLS)):
            self._set(len(_FIELDS) + position, 0)
        self._write("call", CALLS.index(call) if call else -1)
        self._write("error", error)
        self._write("for_good", for_good)
        self._write("hits", 0)
        self._write("process", process)
        self._write("at", at)

    def allow(self) -> None:
        """Let no call fail any more."""
        self._write("at", 0)

    def turn_clock(self, seconds: int) -> None:
        """Have all processes see the clock *seconds* ahead."""
        self._write("clock", seconds)

    @property
    def hits(self) -> int:
        """How many calls have failed."""
        (hits,) = struct.unpack_from("q", self._page, 8 * _FIELDS.index("hits"))
        return hits

    @property
    def seen(self) -> dict[str, int]:
        """How many calls of each kind there were since the plan was made."""
        counts = struct.unpack_from(f"{len(CALLS)}q", self._page, 8 * len(_FIELDS))
        return dict(zip(CALLS, counts, strict=True))

    def _write(self, field: str, value: int) -> None:
        self._set(_FIELDS.index(field), value)

    def _set(self, position: int, value: int) -> None:
        struct.pack_into("q", self._page, 8 * position, value)
