"""What is noticed while a server is attacked: by a canary, in memory, on disk, on the network."""

import contextlib
import hashlib
import json
import re
import resource
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from ..conftest import children

READERS, MEMORY_MB = 4, 512
MOST_MEMORY_MB = READERS * MEMORY_MB + 500
P99_S, MOST_S = 0.25, 1.0
_ENOUGH = 100
"""How many answers of the canary make a 99th percentile."""
_SAMPLE_S = 0.3
_INTERNET = re.compile(r"^\d+ +(?:socket|connect)\(.*AF_(?:INET6?|NETLINK|PACKET)", re.MULTILINE)
"""A process of the server that wants to speak to somebody."""


@dataclass(frozen=True)
class Sample:
    """One request of the canary."""

    began: float
    seconds: float
    fault: str


@dataclass
class Case:
    """What was noticed while one case ran."""

    name: str
    samples: list[Sample] = field(default_factory=list[Sample])
    memory_mb: float = 0.0
    seconds: float = 0.0
    statuses: set[int] = field(default_factory=set[int])

    @property
    def p99(self) -> float:
        return percentile([each.seconds for each in self.samples], 0.99)

    @property
    def most(self) -> float:
        return max(each.seconds for each in self.samples)

    def __str__(self) -> str:
        """Return a line for people."""
        statuses = ",".join(map(str, sorted(self.statuses))) or "-"
        p50 = percentile([each.seconds for each in self.samples], 0.5)
        return (
            f"{self.name:55} {statuses:20} {self.seconds:5.1f} s  canary {len(self.samples):4} "
            f"p50 {p50 * 1000:4.0f} p99 {self.p99 * 1000:4.0f} max {self.most * 1000:4.0f} ms  "
            f"{self.memory_mb:5.0f} MB"
        )


def percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


class Canary:
    """The canary, in a process of its own."""

    def __init__(self, port: int, output: Path) -> None:
        self._output = output
        with output.open("w") as file:
            self._process = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("canary.py")), str(port)],
                stdin=subprocess.PIPE,
                stdout=file,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=15)

    def samples(self) -> Iterator[Sample]:
        for line in self._output.read_text().splitlines(keepends=True):
            if line.endswith("\n"):
                began, seconds, fault = line[:-1].split("\t")
                yield Sample(float(began), float(seconds), fault)

    def during(self, began: float, ended: float) -> list[Sample]:
        """Return all requests that were on their way in that time, the last one included."""
        deadline = time.perf_counter() + 15
        while True:
            samples = list(self.samples())
            if samples and samples[-1].began > ended:
                break
            assert time.perf_counter() < deadline, "the canary has stopped"
            time.sleep(0.02)
        return [each for each in samples if each.began + each.seconds > began]


class Memory:
    """The resident memory of a process and all that it has started, looked at all the time."""

    def __init__(self, process: int) -> None:
        self._process = process
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._peak = 0.0
        self.peak_of_all = 0.0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def take_peak(self) -> float:
        """Return the peak in MB since it was taken last."""
        self._look()
        peak, self._peak = self._peak, 0.0
        return peak

    def _watch(self) -> None:
        while not self._ended.wait(_SAMPLE_S):
            self._look()

    def _look(self) -> None:
        size = sum(map(_resident, _tree(self._process))) / 1e6
        self._peak = max(self._peak, size)
        self.peak_of_all = max(self.peak_of_all, size)


class Outbound:
    """Who is called by the server, and whether it tries to call anybody.

    There are listeners on addresses of this machine that attacks name. And where there is strace,
    each call of the system that makes a socket of the Internet, or connects one, is seen in all
    processes, whether anybody listens there or not; but what the sandbox of a child denies fails
    before strace sees it, and sends nothing.
    """

    def __init__(self, folder: Path) -> None:
        self._trace = folder / "trace"
        self._seen = 0
        self._calls: list[str] = []
        self.port = 0
        self.through = self._strace()

    def _strace(self) -> tuple[str, ...]:
        """Return what the server is started under, so that its calls are written down."""
        strace = shutil.which("strace")
        if not strace:
            return ()
        command = (strace, "-D", "-f", "-qq", "--seccomp-bpf", "-e", "trace=socket,connect",
                   "-e", "signal=none", "-o", str(self._trace))  # fmt: skip
        works = subprocess.run([*command, "true"], capture_output=True, check=False)
        return command if works.returncode == 0 else ()

    @contextlib.contextmanager
    def listening(self) -> Generator[None]:
        """Listen, on one port of several addresses."""
        with contextlib.ExitStack() as stack:
            first = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            self.port = first.getsockname()[1]
            listeners = [first, stack.enter_context(socket.create_server(("127.9.9.9", self.port)))]
            with contextlib.suppress(OSError):  # there may be no IPv6
                six = socket.create_server(("::1", self.port), family=socket.AF_INET6)
                listeners.append(stack.enter_context(six))
            for listener in listeners:
                threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
            yield
            for listener in listeners:
                with contextlib.suppress(OSError):
                    listener.shutdown(socket.SHUT_RDWR)

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, caller = listener.accept()
                self._calls.append(f"a connection from {caller}")
                connection.close()

    def begin(self) -> None:
        """Forget what was needed to start."""
        self.taken()

    def taken(self) -> list[str]:
        """Return what was seen since this was asked last."""
        calls, self._calls = self._calls, []
        if self.through and self._trace.exists():
            text = self._trace.read_text(errors="replace")
            calls += [match[0] for match in _INTERNET.finditer(text[self._seen :])]
            self._seen = len(text)
        return calls


def store_digest(store: Path) -> str:
    """Return the digest of the pointer, and of all files of the generation that it names."""
    pointer = (store / "current.json").read_bytes()
    digest = hashlib.sha256(pointer)
    generation = store / "generations" / f"{json.loads(pointer)['generation']:06}"
    files = sorted(generation.iterdir())
    assert files
    for each in files:
        digest.update(each.name.encode() + each.read_bytes())
    return digest.hexdigest()


def _tree(process: int) -> list[int]:
    try:
        return [process, *(each for child in children(process) for each in _tree(child))]
    except OSError:  # it is gone
        return []


def _resident(process: int) -> int:
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0
    return pages * resource.getpagesize()
