"""Give up, in a child process, everything that its work does not need.

No network, no new programs or processes, no look at other processes, no files written (but by
those whose work it is), no core dump, a bounded address space, and death with the parent. Needs no
privilege. Where the kernel offers no filter of system calls, a child that needs no files gives up
opening any file or socket instead.
"""

import ctypes
import errno
import os
import platform
import resource
import signal
import struct
from dataclasses import dataclass

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_SET_MODE_FILTER = 1
_SECCOMP_FILTER_FLAG_TSYNC = 1
_CLONE_THREAD = 0x00010000
_X32_CALLS = 0x40000000


@dataclass(frozen=True, slots=True)
class _Machine:
    """The numbers of one processor architecture that the filter needs."""

    audit_arch: int
    seccomp: int
    clone: int
    tgkill: int
    denied: tuple[int, ...]


# socket socketpair bind listen accept connect sendto sendmsg accept4 sendmmsg | execve execveat
# fork vfork ptrace process_vm_readv process_vm_writev kill tkill | mount umount2 unshare setns
# open_by_handle_at bpf perf_event_open userfaultfd
_MACHINES = {
    "x86_64": _Machine(
        0xC000003E, 317, 56, 234,
        (41, 53, 49, 50, 43, 42, 44, 46, 288, 307, 59, 322, 57, 58, 101, 310, 311, 62, 200,
         165, 166, 272, 308, 304, 321, 298, 323),
    ),
    "aarch64": _Machine(
        0xC00000B7, 277, 220, 131,
        (198, 199, 200, 201, 202, 203, 206, 211, 242, 269, 221, 281, 117, 270, 271, 129, 130,
         40, 39, 97, 268, 265, 280, 241, 282),
    ),
}  # fmt: skip
# Newer calls have one number everywhere: pidfd_send_signal io_uring_* pidfd_open pidfd_getfd.
_DENIED_EVERYWHERE = (424, 425, 426, 427, 434, 438)
_CLONE3 = 435


def die_with(parent: int) -> None:
    """Have the kernel kill this process when *parent* ends, however it ends."""
    libc = ctypes.CDLL(None, use_errno=True)
    if hasattr(libc, "prctl"):
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def enter(memory: int, *, needs_files: bool = False, output: int | None = None) -> list[str]:
    """Enter the sandbox with *memory* more bytes of address space; return what it lacks here.

    A child that *needs_files* may write them, and open more of them. One with *output* may write
    so many bytes to files that are open already, and open nothing more.
    """
    missing: list[str] = []
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if not needs_files:
        resource.setrlimit(resource.RLIMIT_FSIZE, (output or 0, output or 0))
    if problem := _limit_memory(memory):
        missing.append(problem)
    if problem := _filter_system_calls():
        if needs_files:
            missing.append(problem)
        else:
            missing.append(f"{problem}; opening files and sockets is off altogether instead")
            resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
    if output is not None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
    return missing


def address_space() -> int | None:
    """Return how many bytes of address space this process has in use, where that can be known."""
    try:
        with open("/proc/self/statm", "rb") as file:  # noqa: PTH123 -- called after every query
            return int(file.read().split()[0]) * resource.getpagesize()
    except OSError:
        return None


def _limit_memory(memory: int) -> str:
    used = address_space()
    if used is None:
        return "no limit of memory (this system does not tell how much a process uses)"
    resource.setrlimit(resource.RLIMIT_AS, (used + memory, used + memory))
    return ""


def _filter_system_calls() -> str:
    """Filter the system calls of all threads; return why not, if not."""
    machine = _MACHINES.get(platform.machine())
    if platform.system() != "Linux" or machine is None:
        return f"no filter of system calls ({platform.system()} on {platform.machine()})"
    libc = ctypes.CDLL(None, use_errno=True)
    program = _program(machine)
    code = ctypes.create_string_buffer(program, len(program))
    # struct sock_fprog: the number of instructions, and where they are
    header = struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(code))
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    # prctl would filter this thread only; the store's own threads run already.
    failed = libc.syscall(
        machine.seccomp, _SECCOMP_SET_MODE_FILTER, _SECCOMP_FILTER_FLAG_TSYNC, header
    )
    return f"no filter of system calls ({os.strerror(ctypes.get_errno())})" if failed else ""


def _program(machine: _Machine) -> bytes:
    """Assemble the filter in classic BPF: instructions of (code, jump if true, if false, value)."""
    load, equal, at_least, any_bit, give = 0x20, 0x15, 0x35, 0x45, 0x06
    call, arch, first_argument = 0, 4, 16
    allow, kill, refuse = 0x7FFF0000, 0x80000000, 0x00050000 | errno.EPERM
    unknown = 0x00050000 | errno.ENOSYS
    steps = [
        (load, 0, 0, arch), (equal, 1, 0, machine.audit_arch), (give, 0, 0, kill),
        (load, 0, 0, call), (at_least, 0, 1, _X32_CALLS if machine.clone == 56 else 0xFFFFFFFF),
        (give, 0, 0, refuse),
    ]  # fmt: skip
    for number in (*machine.denied, *_DENIED_EVERYWHERE):
        steps += [(equal, 0, 1, number), (give, 0, 0, refuse)]
    # The C library starts threads with clone3, and with clone where there is no clone3; only
    # the flags of clone can be seen from here. A process may signal itself, as abort() does.
    steps += [
        (equal, 0, 1, _CLONE3), (give, 0, 0, unknown),
        (equal, 0, 4, machine.clone), (load, 0, 0, first_argument),
        (any_bit, 0, 1, _CLONE_THREAD), (give, 0, 0, allow), (give, 0, 0, refuse),
        (equal, 0, 4, machine.tgkill), (load, 0, 0, first_argument),
        (equal, 0, 1, os.getpid()), (give, 0, 0, allow), (give, 0, 0, refuse),
        (give, 0, 0, allow),
    ]  # fmt: skip
    return b"".join(struct.pack("HBBI", *step) for step in steps)
