"""Connecting: a name is resolved once, all its addresses are checked, and one of them is called.

So a name that resolves to another address the second time leads nowhere. TLS is still for the name.
"""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING, Any

import httpcore2

from graph.fetching.addresses import fault_of
from graph.fetching.faults import Fault

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable, Sequence


class Account:
    """What one request has used so far, and how long it may take."""

    def __init__(self, seconds: float) -> None:
        self.deadline = time.monotonic() + seconds
        self.bytes_up = 0
        self.bytes_down = 0
        self.requests = 0
        self.connections = 0
        self._seconds = seconds

    def left(self, most: float | None = None) -> float:
        """Return how many seconds are left, *most* at most; Fault when none are."""
        rest = self.deadline - time.monotonic()
        if rest <= 0:
            raise Fault("slow", f"was not done in {self._seconds:g} s")
        return rest if most is None else min(rest, most)


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of *host*."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


class Dialler(httpcore2.NetworkBackend):
    """Connects to what may be connected to."""

    def __init__(
        self,
        account: Account,
        *,
        is_private: bool,
        resolve: Callable[[str, int], Sequence[str]] = resolve,
    ) -> None:
        self.account = account
        self._is_private = is_private
        self._resolve = resolve
        self._backend = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        """Connect to the first address of *host* that answers, if none of them is forbidden."""
        addresses = self._checked(host, port)
        for number, address in enumerate(addresses, 1):
            try:
                stream = self._backend.connect_tcp(
                    address, port, self.account.left(timeout), local_address, socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                if number == len(addresses):
                    raise
            else:
                self.account.connections += 1
                return _Counted(stream, self)
        raise Fault("broken", f"has a name without addresses ({host})")

    def _checked(self, host: str, port: int) -> Sequence[str]:
        try:
            addresses = self._resolve(host, port)
        except OSError as error:
            raise Fault("broken", f"has a name that leads nowhere ({host}: {error})") from None
        for address in addresses:
            if fault := fault_of(address, is_private=self._is_private):
                remedy = (
                    "no entry allows that"
                    if fault_of(address, is_private=True)
                    else "if that is meant, say private = true in its entry of the file of "
                    "--federate-file"
                )
                raise Fault(
                    "broken", f"has a name, {host}, that leads to {address}, {fault}; {remedy}"
                )
        return addresses


class _Counted(httpcore2.NetworkStream):
    """A connection whose bytes are counted, and which ends when the time is up."""

    def __init__(self, stream: httpcore2.NetworkStream, dialler: Dialler) -> None:
        self._stream = stream
        self._dialler = dialler

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        account = self._dialler.account
        content = self._stream.read(max_bytes, account.left(timeout))
        account.bytes_down += len(content)
        return content

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        account = self._dialler.account
        account.bytes_up += len(buffer)
        self._stream.write(buffer, account.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        left = self._dialler.account.left(timeout)
        return _Counted(self._stream.start_tls(ssl_context, server_hostname, left), self._dialler)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 -- as the library has it
        return self._stream.get_extra_info(info)
