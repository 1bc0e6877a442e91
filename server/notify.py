"""Tell systemd how the server is (sd_notify(3)), where systemd has started it and wants to know."""

import contextlib
import os
import socket


def notify(state: str) -> None:
    """Send *state*, such as "READY=1"; nobody waits for it, and nobody misses it elsewhere."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):  # a name that is in no file system
        address = f"\0{address[1:]}"
    with (
        contextlib.suppress(OSError),
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender,
    ):
        sender.setblocking(False)
        sender.sendto(state.encode(), address)
