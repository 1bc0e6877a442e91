"""The fetcher: a process that asks other servers, one request at a time, and reads their answers.

Started by `pool.Pool` with the bytes of memory that it may add to what it then has. It is the only
one of ours that may connect to other machines; it can open no file but those that say how names
are resolved and whom to trust.
"""

from __future__ import annotations

import contextlib
import encodings.idna  # noqa: F401  # pyright: ignore[reportUnusedImport] -- sockets load it when no file may be opened any more
import hashlib
import json
import socket
import ssl
import time
import traceback
from typing import TYPE_CHECKING, Any

from graph.fetching.answers import left_out, most_rows, read_rows
from graph.fetching.asking import Client, Errand, Origin
from graph.fetching.dialling import Account
from graph.fetching.faults import Fault
from graph.limits import FetchLimits
from graph.processes import frames, inside, landlock, sandbox

if TYPE_CHECKING:
    from graph.fetching.asking import Reply

_NAMES = (
    "/etc/resolv.conf",
    "/etc/hosts",
    "/etc/nsswitch.conf",
    "/etc/host.conf",
    "/etc/gai.conf",
    "/etc/services",
)
"""The files that the C library resolves names by."""

_GROWTH = 3
"""How much longer rows may be as we write them: an IRI for a blank node is longer than its name."""


def main() -> None:
    """Ask other servers until the parent is gone."""
    sandbox.address_space()  # it keeps open what it reads
    with contextlib.suppress(OSError):
        socket.getaddrinfo(b"localhost", 80)  # loads what resolves names
    inside.silence()
    trusted = ssl.get_default_verify_paths()
    lack = landlock.read_only([*_NAMES, trusted.openssl_capath, trusted.openssl_cafile])
    inside.run(lambda parent, arguments: _serve(parent, arguments, lack))


def _serve(parent: inside.Parent, arguments: list[str], lack: str) -> None:
    missing = sandbox.enter(int(arguments[0]), network=True)
    parent.say(frames.READY, {"missing": missing + ([lack] if lack else [])})
    _, payload = parent.receive()
    setting = json.loads(payload)
    origins = {origin: Origin(**each) for origin, each in setting["origins"].items()}
    client = Client(origins, setting["agent"])
    while True:
        _, payload = parent.receive()
        job = json.loads(payload)
        limits = FetchLimits(**job["limits"])
        sandbox.limit_processor_time(limits.total_s)
        parent.say(frames.END, _done(parent, client, Errand(**job["errand"]), limits))
        sandbox.limit_processor_time(None)


def _done(
    parent: inside.Parent, client: Client, errand: Errand, limits: FetchLimits
) -> dict[str, Any]:
    """Do *errand*; return what there is to say after it."""
    account, start = Account(limits.total_s), time.monotonic()
    work = _rows if errand.query is not None and not errand.is_file else _file
    try:
        with client.answer(errand, limits, account) as reply:
            ending = work(parent, reply, limits)
    except Fault as fault:
        ending = fault.told()
    except MemoryError:
        ending = Fault("much", "sent more than can be read in the memory that there is").told()
    except Exception as error:
        ending = {"bug": "".join(traceback.format_exception(error))}
    return {
        **ending,
        "requests": account.requests,
        "bytes_up": account.bytes_up,
        "bytes_down": account.bytes_down,
        "seconds": time.monotonic() - start,
    }


def _rows(parent: inside.Parent, reply: Reply, limits: FetchLimits) -> dict[str, Any]:
    """Send the rows of *reply* to the parent, once all of them are read."""
    rows = read_rows(reply)
    content, count = bytearray(), 0
    for line in rows.lines:
        count += 1
        if count > limits.rows:
            raise Fault("much", f"sent more than {limits.rows:,} rows, which is all that is taken")
        content += line.encode()
        if len(content) > _GROWTH * limits.bytes:
            raise Fault("much", f"sent rows that become more than {_GROWTH * limits.bytes:,} bytes")
    missing = left_out(reply, count)
    for piece in frames.pieces(content):
        parent.send(piece)
    return {"variables": rows.variables, "row_count": count, "left_out": missing}


def _doubt(reply: Reply) -> str:
    if reply.is_as_known or reply.has_known_end:
        return ""
    return "sent a file of which nobody can tell whether it is whole (no Content-Length)"


def _file(parent: inside.Parent, reply: Reply, _: FetchLimits) -> dict[str, Any]:
    """Send the content of *reply* to the parent as it comes."""
    digest, size = hashlib.sha256(), 0
    for piece in reply.body:
        digest.update(piece)
        size += len(piece)
        parent.send(piece)
    return {
        "is_as_known": reply.is_as_known,
        "url": reply.url,
        "media_type": reply.media_type,
        "etag": reply.headers.get("etag", ""),
        "last_modified": reply.headers.get("last-modified", ""),
        "left_out": left_out(reply, 0) or _doubt(reply),
        "most_rows": most_rows(reply),
        "size": size,
        "sha256": digest.hexdigest(),
    }
