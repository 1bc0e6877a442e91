"""What the commands that serve have in common: where, within which limits, and at which socket."""

from __future__ import annotations

import argparse
import signal
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

    from server.limits import AllLimits


def add_place(group: argparse._ArgumentGroup, *, port: int, sources: str) -> None:  # pyright: ignore[reportPrivateUsage] -- argparse has no public name for it
    """Add what is served, and where: at *port*, say; *sources* tells what source documents do."""
    group.add_argument(
        "--store",
        type=Path,
        default=Path("metapole-store"),
        help="directory of the store (./%(default)s); an empty one is filled first",
    )
    group.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    group.add_argument(
        "--port", type=_port_number, default=port, help="port (%(default)s); 0: a free one"
    )
    group.add_argument(
        "--sources",
        type=Path,
        metavar="DIR",
        help=f"folder with the source documents: {sources}",
    )
    group.add_argument(
        "--default-graph",
        choices=("union", "own"),
        default="union",
        help="what a query without FROM is about: all graphs as one (%(default)s), or the store's "
        "own default graph",
    )
    group.add_argument(
        "--log",
        choices=("auto", "json", "text"),
        default="auto",
        help="how the lines on stderr are written (%(default)s: text at a terminal, else JSON)",
    )


def add_limits(group: argparse._ArgumentGroup) -> None:  # pyright: ignore[reportPrivateUsage] -- the same
    """Add the options that say what one query may use."""
    group.add_argument(
        "--readers", type=count, help="queries answered at once (2 per processor, and 2 more)"
    )
    group.add_argument("--timeout", type=_seconds, help="seconds one query may take (30)")
    group.add_argument("--memory", type=count, help="megabytes one query may use (512)")
    group.add_argument(
        "--cache-mb",
        type=size,
        default=64,
        help="megabytes of answers to keep for the next who asks (%(default)s); 0: none",
    )
    group.add_argument(
        "--limit",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="any other limit, such as client.parallel=8; repeatable, --limits lists them",
    )
    group.add_argument(
        "--limits", action="store_true", help="list all limits with their values, and exit"
    )


def limits_from(arguments: argparse.Namespace) -> AllLimits:
    """Return the limits that *arguments* tell; UnknownLimit if one is wrong."""
    from server.limits import changed
    from server.settings import default_limits

    named = {"query.timeout-s": arguments.timeout, "query.memory-mb": arguments.memory}
    short = [f"{name}={value}" for name, value in named.items() if value is not None]
    return changed(default_limits(arguments.readers), [*short, *arguments.limit])


def show_limits(limits: AllLimits) -> int:
    """List all limits with their values; return the exit status."""
    from server.limits import documented

    for limit in documented(limits):
        sys.stdout.write(f"{limit.name}={limit.value}\t{limit.meaning}\n")
    return 0


class CannotListen(Exception):  # noqa: N818 -- it says what went wrong
    """There can be no server at that address."""


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens there; CannotListen, and what to do, when it cannot."""
    from server.descriptors import backlog

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=backlog())
    except OSError as error:
        raise CannotListen(
            f"cannot listen on {host}:{port} ({error.strerror}); "
            "give another --port, or stop the program that uses this one"
        ) from error
    # The head and the body of an answer are two writes; the second would wait for a late
    # acknowledgement of the first, 40 ms. asyncio sees to this for sockets of its own only.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def address_of(listener: socket.socket) -> str:
    """Return the address of what *listener* serves."""
    host, port = listener.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def leave_stopping_to_uvicorn() -> None:
    """Go on after SIGINT and SIGTERM: uvicorn stops gently, then raises them for whom it found."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _ignore)


def _ignore(number: int, frame: FrameType | None) -> None:
    """Go on: uvicorn has stopped already."""


def _port_number(text: str) -> int:
    """Return the port that *text* is."""
    number = int(text)
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError(f"{text} is no port; give a number from 0 to 65535")
    return number


def count(text: str) -> int:
    """Return the number that *text* is, if it is 1 or more."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is too small; give 1 or more")
    return number


def size(text: str) -> int:
    """Return the number that *text* is, if it is 0 or more."""
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text} is no size; give 0 or more")
    return number


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is no time limit; give a number above 0")
    return number
