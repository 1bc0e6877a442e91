"""Run a command where no process can filter its system calls, as in some containers.

    python without_a_filter.py COMMAND ...

A filter of our own has the kernel say that it knows no filters (ENOSYS); it stays when the command
takes the place of this program, and is handed down to all that the command starts.
"""

import ctypes
import errno
import os
import platform
import struct
import sys

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
NUMBERS = {"x86_64": (317, 157), "aarch64": (277, 167)}
"""Of seccomp and prctl."""

LOAD, EQUAL, GIVE = 0x20, 0x15, 0x06
ALLOW, UNKNOWN = 0x7FFF0000, 0x00050000 | errno.ENOSYS


def program(seccomp: int, prctl: int) -> bytes:
    """Assemble the filter: instructions of (code, jump if true, if false, value)."""
    call, first_argument = 0, 16
    steps = [
        (LOAD, 0, 0, call),
        (EQUAL, 0, 1, seccomp), (GIVE, 0, 0, UNKNOWN),
        (EQUAL, 0, 3, prctl), (LOAD, 0, 0, first_argument),
        (EQUAL, 0, 1, PR_SET_SECCOMP), (GIVE, 0, 0, UNKNOWN),
        (GIVE, 0, 0, ALLOW),
    ]  # fmt: skip
    return b"".join(struct.pack("HBBI", *step) for step in steps)


if __name__ == "__main__":
    content = program(*NUMBERS[platform.machine()])
    code = ctypes.create_string_buffer(content, len(content))
    header = struct.pack("HxxxxxxQ", len(content) // 8, ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, header, 0, 0):
        raise OSError(ctypes.get_errno(), "the filter was not taken")
    os.execv(sys.argv[1], sys.argv[1:])  # noqa: S606 -- that is what it is for
