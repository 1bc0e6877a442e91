"""The reference of limits, written from the limits themselves.

    python -m server.limits_page

writes `docs/reference/limits.md`, which a test compares.
"""

from __future__ import annotations

from pathlib import Path

from server.limits import AllLimits, documented

PAGE = Path(__file__).resolve().parents[1] / "docs/reference/limits.md"

_BEGINNING = """\
# Limits

A request can hurt only itself: everything that a client may use has a limit, and what goes beyond it is answered by an honest status.
This page is written from the limits themselves by `python -m server.limits_page`.

`metapole serve --limits` lists them as they are on your machine; `--limit NAME=VALUE` changes one, and may be given again.
`--readers`, `--timeout` and `--memory` are short for `query.readers`, `query.timeout-s` and `query.memory-mb`.
A client is a network address, for IPv6 its /64; behind a proxy that is named by `--proxy`, it is the address that the proxy tells.
"""  # noqa: E501 -- one sentence, one line

_GROUPS = {
    "query": """Queries

Each query runs in a process of its own, which is killed when its time or memory is up: 504 or 507.
A process watches its own time, too, in case the server is stuck: see [How the server works](../concepts/server.md).
An answer that is too long is refused with 403 if that is known before its first byte leaves, and else broken off: it never ends like one that is whole.
Who waits too long for a reader is told 503, with `Retry-After`.
The number of readers is 2 per processor and 2 more, at most 16, unless you say.
""",  # noqa: E501 -- the same
    "dump": """Dumps

A dump is made by a process of its own, which no query has to wait for, and which leaves the processors to queries.
One that takes too long or becomes too long is broken off: it never ends like one that is whole.
A client that reads slowly holds up its own dump alone, and is cut off when it has let it wait for longer than its grace and a second for each `dump.bytes-per-s` that it has taken.
Where all places are taken, 503 and `Retry-After`; `client.dumps` says how many of them one client may have.
""",  # noqa: E501 -- the same
    "client": """Clients

What one client may use at a time, and others have their share; beyond it, 429 and `Retry-After`.
Work is the time that requests take; what the cache answers is free.
Unless you say, a client has half of the readers.
""",
    "connection": """Connections

Before there is a request, and while it comes: 408, 414, 429, 431 or 503, and the connection is closed.
A client may have as many connections as are free, and `connection.per-client` at most: so whoever takes all that they can get leaves places for those who have few.
The connections of proxies count in the total alone.
The server raises the number of files that it may have open as far as the system lets it, and has fewer connections, and says so, where that is too little.
`connection.idle-s` is longer than a proxy keeps a connection, or a request may meet a connection that is being closed.
""",  # noqa: E501 -- the same
    "message": """Messages

What is longer is answered by 413, as soon as that is known.
""",
    "write": """Changes

Changes are made one after the other; those that wait share a generation.
One that takes too long or too much is answered by 504 or 507, and nothing is changed.
""",
    "upload": """Uploads

Each upload is read by a process of its own.
What cannot be read is answered by 400, what is or becomes too large by 413.
""",
    "gate": """Shapes

Changes and files are looked at by the shapes in a process of its own.
Where it comes to no verdict, a change is refused with 503, or made and marked (`--validate`).
""",
    "remote": """Other servers

What one server that may be asked (`--federate`) may take.
One that is too slow is answered by 504, one that sends too much or nothing to be read by 502, one that is busy by 503 and `Retry-After`.
An entry in the file of `--federate-file` has limits of its own where it names them (`total_s = 60`).
""",  # noqa: E501 -- the same
    "fetcher": """Fetchers

Other servers are asked, and what they send is read, by processes that do nothing else: they are started when there is something to ask, and killed when they are late.
An entry for files has `fetcher.file-bytes` and `fetcher.file-s` in place of `remote.bytes` and `remote.total-s`.
""",  # noqa: E501 -- the same
    "log": """The log

What goes beyond is left out, and counted.
""",
}


def page() -> str:
    """Return the page."""
    limits = list(documented(AllLimits()))
    parts = [_BEGINNING]
    for group, beginning in _GROUPS.items():
        rows = [
            f"| `{limit.name}` | {limit.value:,} | {limit.meaning} |"
            for limit in limits
            if limit.name.startswith(f"{group}.")
        ]
        table = "\n".join(["| name | as delivered | meaning |", "|---|---:|---|", *rows])
        parts.append(f"## {beginning}\n{table}\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
