"""How much memory a process and all that it has started use, pages that they share counted once."""

from __future__ import annotations

import os
import threading
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

_PROC = Path("/proc")
_PAUSE_S = 1.0


def tree(root: int) -> list[int]:
    """Return the process *root* and all processes below it."""
    children: defaultdict[int, list[int]] = defaultdict(list)
    for path in _PROC.iterdir():
        if path.name.isdigit() and (parent := _parent(path)):
            children[parent].append(int(path.name))
    found = [root]
    for process in found:  # it grows while it is read
        found += children[process]
    return found


def resident_mb(root: int) -> float:
    """Return the resident megabytes of the tree of *root*; of a negative one, without itself."""
    processes = tree(root) if root > 0 else tree(-root)[1:]
    return sum(map(_resident_kb, processes)) / 1000


def own_mb(process: int) -> float:
    """Return the resident megabytes of *process* alone, which is cheap to know."""
    try:
        pages = int((_PROC / str(process) / "statm").read_text().split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _parent(path: Path) -> int:
    try:
        return int((path / "stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError):  # it has ended meanwhile
        return 0


def _resident_kb(process: int) -> float:
    """Return the proportional set size: what is shared by several is divided among them."""
    try:
        for line in (_PROC / str(process) / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1.024
    except OSError:
        pass
    return 0.0


class Watch:
    """Look at the trees of some processes about each second, in a thread, and keep the most."""

    def __init__(self, roots: Mapping[str, int]) -> None:
        self.peaks: dict[str, float] = dict.fromkeys(roots, 0.0)
        """The most megabytes that were seen."""
        self._roots = roots
        self._has_ended = threading.Event()
        self._thread = threading.Thread(target=self._look)

    @classmethod
    def own(cls) -> Self:
        """Watch all that this process starts."""
        return cls({"": -os.getpid()})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._has_ended.set()
        self._thread.join()

    def _look(self) -> None:
        pause = _PAUSE_S
        while not self._has_ended.wait(pause):
            started = time.monotonic()
            for name, root in self._roots.items():
                self.peaks[name] = max(self.peaks[name], resident_mb(root))
            # To look at gigabytes takes the kernel a while, in which the process stands still.
            pause = max(_PAUSE_S, 20 * (time.monotonic() - started))
