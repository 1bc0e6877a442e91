"""Try whether the engine opens a generation, in a process of its own, which may hang or crash."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.errors import StoreUnusable

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from graph.generations.record import Generation

OPEN_LIMIT_S = 60.0

_OPEN = """
import sys
sys.path.append(sys.argv[1])
import pyoxigraph
next(iter(pyoxigraph.Store.read_only(sys.argv[2])), None)
"""


class Trial:
    """An attempt to open *generation*, which goes on while something else is done."""

    def __init__(self, generation: Generation) -> None:
        self._path = generation.path
        engine = Path(ox.__file__).parents[1]
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _OPEN, str(engine), str(generation.path)],
            env={"RUST_BACKTRACE": "0", "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )

    def __enter__(self) -> Self:
        """Go on with the attempt."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()

    def wait(self, limit_s: float = OPEN_LIMIT_S) -> None:
        """Wait for the end of the attempt; StoreUnusable when it failed."""
        try:
            _, said = self._process.communicate(timeout=limit_s)
        except subprocess.TimeoutExpired as error:
            raise StoreUnusable(
                f"{self._path}: the engine did not open it in {limit_s:g} s"
            ) from error
        if self._process.returncode:
            last = said.decode(errors="replace").strip().rpartition("\n")[2]
            reason = last or f"it ended with status {self._process.returncode}"
            raise StoreUnusable(f"{self._path}: the engine cannot open it ({reason})")
