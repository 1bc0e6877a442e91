"""The sandbox: what a process in it may not do any more, and what it may."""

from __future__ import annotations

import errno
import json
import platform
import re
import resource
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from graph.processes import sandbox

HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}
"""Where Linux itself tells the numbers of its system calls (Debian: linux-libc-dev)."""

OFF = "opening files and sockets is off altogether instead"
PRELUDE = """
import ctypes, os, resource, signal, socket, sys, threading
from graph.processes import sandbox
libc = ctypes.CDLL(None, use_errno=True)
def call(name, *arguments):
    number = sandbox.DENIED[name][0 if os.uname().machine == "x86_64" else 1]
    if libc.syscall(number, *arguments) < 0:
        raise OSError(ctypes.get_errno(), name)
parent = os.getppid()
"""
is_filtered = pytest.mark.skipif(
    platform.system() != "Linux" or platform.machine() not in HEADERS,
    reason="there is a filter on Linux only, on x86-64 and ARM64",
)


def defined(header: Path) -> dict[str, int]:
    found = re.findall(r"^#define\s+__NR_(\w+)\s+(\d+)", header.read_text(), re.MULTILINE)
    return {name: int(number) for name, number in found}


@pytest.mark.parametrize(("column", "machine"), list(enumerate(HEADERS)))
def test_the_numbers_of_system_calls_are_those_of_linux(column: int, machine: str) -> None:
    if not HEADERS[machine].is_file():
        pytest.skip(f"{HEADERS[machine]} is not here")
    numbers = defined(HEADERS[machine])
    ours = {**sandbox.DENIED, **sandbox.LOOKED_AT}
    assert len(ours) == len(sandbox.DENIED) + len(sandbox.LOOKED_AT)
    assert {name: each[column] for name, each in ours.items()} == {
        name: numbers.get(name) for name in ours
    }


def inside(code: str, *, enter: str = "sandbox.enter(1 << 30)") -> subprocess.CompletedProcess[str]:
    """Run *code* in a process of its own that has entered the sandbox."""
    return subprocess.run(
        [sys.executable, "-c", f"{PRELUDE}\nassert {enter} == []\n{code}"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


@is_filtered
@pytest.mark.parametrize(
    "code",
    [
        "socket.socket()",
        "os.fork()",
        "os.execv('/bin/true', ['true'])",
        "os.posix_spawn('/bin/true', ['true'], {})",
        "os.kill(parent, 0)",
        "os.pidfd_open(parent)",
        "call('rt_sigqueueinfo', parent, signal.SIGKILL, ctypes.create_string_buffer(128))",
        "call('ptrace', 16, parent, 0, 0)",
        "resource.prlimit(parent, resource.RLIMIT_CPU, (1, 1))",
        "os.setpriority(os.PRIO_PROCESS, parent, 19)",
        "os.sched_setaffinity(parent, {0})",
        "call('io_uring_setup', 1, 0)",
        "call('unshare', 0x10000000)",
        "os.write(os.memfd_create('file'), b'x')",
    ],
)
def test_what_a_process_in_the_sandbox_cannot_do(code: str) -> None:
    attempt = f"try: {code}\nexcept OSError as error: os._exit(error.errno)\nos._exit(0)"
    assert inside(attempt).returncode in (errno.EPERM, errno.EFBIG)


NETWORKED = "sandbox.enter(1 << 30, network=True)"


@is_filtered
@pytest.mark.parametrize(
    "code",
    [
        "socket.socket(socket.AF_UNIX)",
        "socket.socket(socket.AF_NETLINK)",
        "socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
        "socket.socketpair()",
        "socket.socket().bind(('127.0.0.1', 0))",
        "socket.socket().listen()",
        "os.fork()",
        "os.execv('/bin/true', ['true'])",
        "os.kill(parent, 0)",
        "os.write(os.memfd_create('file'), b'x')",
    ],
)
def test_what_a_process_cannot_do_that_may_connect(code: str) -> None:
    attempt = f"try: {code}\nexcept OSError as error: os._exit(error.errno)\nos._exit(0)"
    assert inside(attempt, enter=NETWORKED).returncode in (errno.EPERM, errno.EFBIG)


@is_filtered
def test_a_process_that_may_connect_connects() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        code = f"socket.create_connection(('127.0.0.1', {port})).sendall(b'x')"
        assert inside(code, enter=NETWORKED).returncode == 0
        connection, _ = server.accept()
        with connection:
            assert connection.recv(1) == b"x"


def test_a_process_reads_those_files_only_that_it_may(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for name in ("folder/inside", "other"):
        (tmp_path / name).write_text("x")
    code = (
        "from graph.processes import landlock\n"
        f"lack = landlock.read_only([{str(tmp_path / 'folder')!r}, '/not/there'])\n"
        f"assert open({str(tmp_path / 'folder/inside')!r}).read() == 'x'\n"
        "if lack: print(lack); os._exit(77)\n"
        f"for name, mode in (('other', 'r'), ('folder/inside', 'w'), ('folder/new', 'w')):\n"
        f"    try: open(os.path.join({str(tmp_path)!r}, name), mode)\n"
        "    except PermissionError: continue\n"
        "    os._exit(1)\n"
    )
    done = inside(code, enter="[]")
    if done.returncode == 77:
        pytest.skip(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")


@is_filtered
def test_what_a_process_in_the_sandbox_can_do() -> None:
    done = inside(
        "made = []; each = threading.Thread(target=lambda: made.append(1)); each.start(); "
        "each.join(); assert made; sandbox.limit_processor_time(5); "
        "assert sandbox.address_space() > 0; os.abort()"
    )
    assert (done.returncode, done.stderr) == (-signal.SIGABRT, "")


def test_another_system_is_told_what_it_lacks_and_opens_nothing_any_more() -> None:
    code = (
        "import json, platform\n"
        "def none(*_): raise FileNotFoundError\n"
        "os.open = none\n"
        "ctypes.CDLL = lambda *_, **__: object()\n"
        "platform.system, platform.machine = lambda: 'Darwin', lambda: 'arm64'\n"
        "missing = sandbox.enter(1 << 30)\n"
        "sandbox.limit_processor_time(5)\n"
        "assert sandbox.address_space() is None\n"
        "try: socket.socket()\n"
        "except OSError as error: missing.append(error.strerror)\n"
        "print(json.dumps(missing))"
    )
    done = inside(code, enter="[]")
    assert json.loads(done.stdout) == [
        "a child that works does not end with the server, only when its time is up",
        "no limit of memory (this system does not tell how much a process uses)",
        f"no filter of system calls (Darwin on arm64); {OFF}",
        "Too many open files",
    ], done.stderr


def test_a_process_that_may_connect_can_do_so_on_another_system_too() -> None:
    code = (
        "import platform\n"
        "platform.system, platform.machine = lambda: 'Darwin', lambda: 'arm64'\n"
        "missing = sandbox.enter(1 << 30, network=True)\n"
        "socket.socket()\n"
        "print(missing)"
    )
    done = inside(code, enter="[]")
    assert done.stdout == "['no filter of system calls (Darwin on arm64)']\n", done.stderr


def test_a_process_that_has_worked_its_time_is_ended_by_the_kernel() -> None:
    code = "sandbox.limit_processor_time(0.1)\nwhile True: pass"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = inside(code, enter="[]")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == -signal.SIGXCPU
    assert after.ru_utime - before.ru_utime < 4


def test_the_limit_of_processor_time_is_set_anew_and_lifted() -> None:
    code = (
        "import time\n"
        "for limit in (1, 1, 1, None):\n"
        "    sandbox.limit_processor_time(limit)\n"
        "    end = time.process_time() + (1 if limit else 1.3)\n"
        "    while time.process_time() < end: pass\n"
    )
    assert inside(code, enter="[]").returncode == 0
