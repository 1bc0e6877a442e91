"""Give up, in a child process, everything that its work does not need.

No network (but for those whose work it is), no new programs or processes, no hand on other
processes, no files written (but by those whose work it is), no core dump, bounded address space and
processor time, and death with the parent. Needs no privilege. Where the kernel offers no filter of
system calls, a child that needs no files gives up opening any file or socket instead.
"""

import ctypes
import errno
import math
import os
import platform
import resource
import signal
import socket
import struct
import time
from collections.abc import Callable
from functools import cache

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_SET_MODE_FILTER = 1
_SECCOMP_FILTER_FLAG_TSYNC = 1
_CLONE_THREAD = 0x00010000
_X32_CALLS = 0x40000000
_GRACE_S = 1.0


Numbers = tuple[int | None, int | None]
"""Of a system call on x86-64 and on ARM64; None where there is none."""

NETWORK = frozenset({"socket", "connect", "sendto", "sendmsg", "sendmmsg"})
"""Those of `DENIED` that a child needs which asks other servers, with sockets of the Internet."""

DENIED: dict[str, Numbers] = {
    # the network
    "socket": (41, 198), "socketpair": (53, 199), "bind": (49, 200), "listen": (50, 201),
    "accept": (43, 202), "accept4": (288, 242), "connect": (42, 203), "sendto": (44, 206),
    "sendmsg": (46, 211), "sendmmsg": (307, 269),
    # programs and processes
    "execve": (59, 221), "execveat": (322, 281), "fork": (57, None), "vfork": (58, None),
    # what would touch other processes, which have the same user
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "kill": (62, 129), "tkill": (200, 130), "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240), "pidfd_send_signal": (424, 424), "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438), "process_madvise": (440, 440), "kcmp": (312, 272),
    "setpriority": (141, 140), "ioprio_set": (251, 30), "sched_setaffinity": (203, 122),
    "sched_setscheduler": (144, 119), "sched_setparam": (142, 118), "sched_setattr": (314, 274),
    "migrate_pages": (256, 238), "move_pages": (279, 239),
    # large parts of the kernel that have no business here
    "mount": (165, 40), "umount2": (166, 39), "unshare": (272, 97), "setns": (308, 268),
    "open_by_handle_at": (304, 265), "bpf": (321, 280), "perf_event_open": (298, 241),
    "userfaultfd": (323, 282), "io_uring_setup": (425, 425), "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427), "add_key": (248, 217), "request_key": (249, 218),
    "keyctl": (250, 219),
}  # fmt: skip
"""The system calls that no child needs."""

LOOKED_AT: dict[str, Numbers] = {
    "seccomp": (317, 277), "clone": (56, 220), "clone3": (435, 435), "tgkill": (234, 131),
    "prlimit64": (302, 261),
}  # fmt: skip
"""The other calls that the filter has to know."""

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""How the kernel calls the processor architectures; in the order of `Numbers`."""


def die_with(parent: int) -> None:
    """Have the kernel kill this process when *parent* ends, however it ends."""
    libc = ctypes.CDLL(None, use_errno=True)
    if hasattr(libc, "prctl"):
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def enter(
    memory: int,
    *,
    needs_files: bool = False,
    output: int | None = None,
    network: bool = False,
    at_the_last: Callable[[], object] = lambda: None,
) -> list[str]:
    """Enter the sandbox with *memory* more bytes of address space; return what it lacks here.

    A child that *needs_files* may write them, and open more of them. One with *output* may write
    so many bytes to files that are open already, and open nothing more. One with *network* may
    connect to other machines. *at_the_last* is called where no file can be opened afterwards.
    """
    missing: list[str] = []
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if not needs_files:
        resource.setrlimit(resource.RLIMIT_FSIZE, (output or 0, output or 0))
    if not hasattr(ctypes.CDLL(None), "prctl"):
        missing.append("a child that works does not end with the server, only when its time is up")
    if problem := _limit_memory(memory):
        missing.append(problem)
    if problem := _filter_system_calls(network=network):
        if needs_files or network:
            missing.append(problem)
        else:
            missing.append(f"{problem}; opening files and sockets is off altogether instead")
            at_the_last()
            resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
    if output is not None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
    return missing


def limit_processor_time(seconds: float | None) -> None:
    """Have the kernel end this process when it has worked for *seconds* more, and a little.

    None lifts the limit.

    The parent looks at the clock; this is for when the parent is stuck, or stopped. Only the soft
    limit is set, so that the next job can have its own.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    most = hard
    if seconds is not None:
        most = math.ceil(time.process_time() + seconds + _GRACE_S)
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (most, hard))


def address_space() -> int | None:
    """Return how many bytes of address space this process has in use, where that can be known."""
    descriptor = _statm()
    if descriptor is None:
        return None
    return int(os.pread(descriptor, 64, 0).split()[0]) * resource.getpagesize()


@cache
def _statm() -> int | None:
    """Open what tells of the memory of this process; it stays open, for no file may be soon."""
    try:
        return os.open("/proc/self/statm", os.O_RDONLY)
    except OSError:
        return None


def _limit_memory(memory: int) -> str:
    used = address_space()
    if used is None:
        return "no limit of memory (this system does not tell how much a process uses)"
    resource.setrlimit(resource.RLIMIT_AS, (used + memory, used + memory))
    return ""


def _filter_system_calls(*, network: bool) -> str:
    """Filter the system calls of all threads; return why not, if not."""
    machine = platform.machine()
    if platform.system() != "Linux" or machine not in _ARCHITECTURES:
        return f"no filter of system calls ({platform.system()} on {machine})"
    libc = ctypes.CDLL(None, use_errno=True)
    program = _program(machine, network=network)
    code = ctypes.create_string_buffer(program, len(program))
    # struct sock_fprog: the number of instructions, and where they are
    header = struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(code))
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    # prctl would filter this thread only; the store's own threads run already.
    failed = libc.syscall(
        _numbers(LOOKED_AT, machine)["seccomp"],
        _SECCOMP_SET_MODE_FILTER,
        _SECCOMP_FILTER_FLAG_TSYNC,
        header,
    )
    return f"no filter of system calls ({os.strerror(ctypes.get_errno())})" if failed else ""


def _numbers(calls: dict[str, Numbers], machine: str) -> dict[str, int]:
    column = list(_ARCHITECTURES).index(machine)
    found = ((name, numbers[column]) for name, numbers in calls.items())
    return {name: number for name, number in found if number is not None}


def _program(machine: str, *, network: bool) -> bytes:
    """Assemble the filter in classic BPF: instructions of (code, jump if true, if false, value)."""
    load, equal, at_least, any_bit, give = 0x20, 0x15, 0x35, 0x45, 0x06
    call, arch, first_argument = 0, 4, 16
    allow, kill, refuse = 0x7FFF0000, 0x80000000, 0x00050000 | errno.EPERM
    unknown = 0x00050000 | errno.ENOSYS
    looked_at = _numbers(LOOKED_AT, machine)
    steps = [
        (load, 0, 0, arch), (equal, 1, 0, _ARCHITECTURES[machine]), (give, 0, 0, kill),
        (load, 0, 0, call), (at_least, 0, 1, _X32_CALLS if machine == "x86_64" else 0xFFFFFFFF),
        (give, 0, 0, refuse),
    ]  # fmt: skip
    denied = _numbers(DENIED, machine)
    if network:  # of sockets, the family is the first argument
        steps += [
            (equal, 0, 5, denied["socket"]), (load, 0, 0, first_argument),
            (equal, 1, 0, socket.AF_INET), (equal, 0, 1, socket.AF_INET6),
            (give, 0, 0, allow), (give, 0, 0, refuse),
        ]  # fmt: skip
    for name, number in denied.items():
        if not (network and name in NETWORK):
            steps += [(equal, 0, 1, number), (give, 0, 0, refuse)]
    # The C library starts threads with clone3, and with clone where there is no clone3; only
    # the flags of clone can be seen from here. A process may signal itself, as abort() does, and
    # set its own limits, for which it is process 0.
    steps += [
        (equal, 0, 1, looked_at["clone3"]), (give, 0, 0, unknown),
        (equal, 0, 4, looked_at["clone"]), (load, 0, 0, first_argument),
        (any_bit, 0, 1, _CLONE_THREAD), (give, 0, 0, allow), (give, 0, 0, refuse),
        (equal, 0, 4, looked_at["tgkill"]), (load, 0, 0, first_argument),
        (equal, 0, 1, os.getpid()), (give, 0, 0, allow), (give, 0, 0, refuse),
        (equal, 0, 4, looked_at["prlimit64"]), (load, 0, 0, first_argument),
        (equal, 0, 1, 0), (give, 0, 0, allow), (give, 0, 0, refuse),
        (give, 0, 0, allow),
    ]  # fmt: skip
    return b"".join(struct.pack("HBBI", *step) for step in steps)
