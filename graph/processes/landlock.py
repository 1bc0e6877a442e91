"""Have the kernel let this process open a few files, to read them, and no others (Linux 5.13).

It holds for the thread that asks for it, and for those that it starts: ask before there are others.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_CREATE, _ADD, _RESTRICT = 444, 445, 446
"""The system calls, on x86-64 and ARM64."""

_VERSION_FLAG = 1
_BENEATH = 1
_READ_FILE, _READ_FOLDER = 1 << 2, 1 << 3
_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
"""How many rights each version of the interface knows; later ones know 16."""

_PR_SET_NO_NEW_PRIVS = 38


def read_only(paths: Iterable[str]) -> str:
    """Let no file be opened any more but *paths*, and what is in them; return why not, if not."""
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "prctl"):
        return "no limit to which files can be read (this is not Linux)"
    version = libc.syscall(_CREATE, None, ctypes.c_size_t(0), _VERSION_FLAG)
    if version < 1:
        return f"no limit to which files can be read ({os.strerror(ctypes.get_errno())})"
    # struct landlock_ruleset_attr, as its first version has it
    handled = struct.pack("Q", (1 << _RIGHTS.get(version, 16)) - 1)
    rules = libc.syscall(_CREATE, handled, ctypes.c_size_t(len(handled)), 0)
    if rules < 0:
        return f"no limit to which files can be read ({os.strerror(ctypes.get_errno())})"
    for path in paths:
        with contextlib.suppress(OSError):  # what is not there need not be read
            _allow(libc, rules, path)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    failed = libc.syscall(_RESTRICT, rules, 0)
    problem = os.strerror(ctypes.get_errno())
    os.close(rules)
    return f"no limit to which files can be read ({problem})" if failed else ""


def _allow(libc: ctypes.CDLL, rules: int, path: str) -> None:
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rights = _READ_FILE | (_READ_FOLDER if os.path.isdir(path) else 0)  # noqa: PTH112 -- light
        # struct landlock_path_beneath_attr, which is packed
        libc.syscall(_ADD, rules, _BENEATH, struct.pack("=Qi", rights, descriptor), 0)
    finally:
        os.close(descriptor)
