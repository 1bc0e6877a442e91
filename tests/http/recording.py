"""What a server does to files, call by call, as strace sees it, and when it tells clients so."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .conftest import ROOT, children, wait_until

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

STRACE = shutil.which("strace")
_CALLS = (
    "open,openat,creat,write,pwrite64,writev,pwritev,pwritev2,ftruncate,truncate,fallocate,rename,"
    "renameat,renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat,mkdir,mkdirat,rmdir,fsync,"
    "fdatasync,sync_file_range,syncfs,sync,msync,copy_file_range,sendfile,sendto,mmap,"
    "io_uring_setup"
)
_LINE = re.compile(r"(\d+) +(\w+)\((.*)\) += (-?\d+|\?|0x[0-9a-f]+)(.*)")
_BEGUN = re.compile(r"(\d+) +(\w+)\((.*?) *<unfinished \.\.\.>")
_RESUMED = re.compile(r"(\d+) +<\.\.\. (\w+) resumed>(.*)")


@dataclass(frozen=True)
class Call:
    """A system call that succeeded, or that has begun."""

    name: str
    arguments: tuple[str, ...]
    result: str
    number: int
    """Counts calls; that a call has begun, and that it has ended, has the same number."""
    is_begin: bool = False

    def path(self, position: int) -> Path:
        """Return the path that an argument names, or that an open file has."""
        argument = self.arguments[position]
        if argument.startswith('"'):
            return Path(text(argument).decode(errors="surrogateescape"))
        return _annotated(argument)

    def path_at(self, position: int) -> Path:
        """Return the path that two arguments name: an open directory, and a name in it."""
        return self.path(position) / self.path(position + 1)

    @property
    def opened(self) -> Path:
        """The path of what was opened."""
        return _annotated(self.result)


def text(argument: str) -> bytes:
    """Return the bytes of an argument that is a string, which strace has written as `-xx` says."""
    assert not argument.endswith("..."), "strace has cut a string"
    return bytes.fromhex(argument.strip('"').replace("\\x", ""))


def _annotated(argument: str) -> Path:
    return Path(text(argument.partition("<")[2].rpartition(">")[0]).decode("utf-8", "replace"))


@contextmanager
def recorded(record: Path, log: Path, *words: object) -> Generator[int]:
    """Run Python with *words* under strace until the context ends; yield its process id."""
    command = [
        STRACE, "-f", "-y", "-xx", "-s", "100000000", "-o", record, "-e", f"trace={_CALLS}", "--",
        sys.executable, *words,
    ]  # fmt: skip
    with (
        log.open("a") as stderr,
        subprocess.Popen([str(word) for word in command], cwd=ROOT, stderr=stderr) as process,
    ):
        wait_until(lambda: children(process.pid))
        (traced,) = children(process.pid)
        try:
            yield traced
        finally:
            with suppress(ProcessLookupError):
                os.kill(traced, signal.SIGTERM)
            process.wait(60)


def calls(record: Path) -> Iterator[Call]:
    """Yield the calls of *record*; of each that it has begun, and that it has ended well."""
    unfinished: dict[str, tuple[str, str, int]] = {}
    with record.open(encoding="ascii", errors="replace") as lines:
        for number, line in enumerate(lines):
            if found := _BEGUN.match(line):
                process, name, arguments = found.groups()
                unfinished[process] = name, arguments, number
                yield Call(name, _split(arguments), "", number, is_begin=True)
            elif found := _RESUMED.match(line):
                process, name, rest = found.groups()
                before, arguments, begun = unfinished.pop(process)
                assert before == name
                joined = f"{process} {name}({arguments}{rest}"
                if ended := _LINE.match(joined):
                    yield from _ended(ended.groups(), begun)
            elif found := _LINE.match(line):
                yield Call(found[2], _split(found[3]), "", number, is_begin=True)
                yield from _ended(found.groups(), number)


def _ended(parts: Sequence[str], number: int) -> Iterator[Call]:
    _, name, arguments, result, annotation = parts
    if result not in ("-1", "?"):
        yield Call(name, _split(arguments), result + annotation.strip(), number)


def _split(arguments: str) -> tuple[str, ...]:
    return tuple(arguments.split(", "))
