"""Other servers that stall, lie, break off or send too much: each hurts one request only."""

from __future__ import annotations

import asyncio
import dataclasses
import gzip
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from graph.errors import RemoteBusy, RemoteFailed, RemoteTooMuch, RemoteTooSlow
from graph.fetching.allowed import Allowed, AllowList
from graph.fetching.fetchers import Fetched, Fetchers
from graph.limits import FetcherLimits, FetchLimits
from tests.engine.peers import JSON, TSV, XML, Peer, X, answer, literal, rows

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

    from tests.engine.peers import Asked

LIMITS = FetchLimits(connect_s=2, read_s=0.5, total_s=1.2, bytes=100_000, rows=1000, cache_ttl_s=0)
GOOD = answer(rows(X))
WHOLE = rows(*[X] * 20).encode()
BOMB = gzip.compress(b" " * 50_000_000 + WHOLE)


def stall_in_headers(connection: socket.socket, _: Asked) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Ty")
    connection.recv(1)


def stall_in_body(connection: socket.socket, _: Asked) -> None:
    connection.sendall(answer(WHOLE)[:-50])
    connection.recv(1)


def drip_headers(connection: socket.socket, _: Asked) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
    for _letter in range(100):
        connection.sendall(b"a")
        time.sleep(0.1)


def drip_body(connection: socket.socket, _: Asked) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\n\r\n" % JSON.encode())
    for byte in WHOLE:
        connection.sendall(bytes([byte]))
        time.sleep(0.1)


def endless(connection: socket.socket, _: Asked) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {JSON}\r\nContent-Length: 1000000000\r\n\r\n"
    connection.sendall(head.encode())
    for _megabyte in range(1000):
        connection.sendall(b" " * 1_000_000)


def endless_headers(connection: socket.socket, _: Asked) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    for number in range(100_000):
        connection.sendall(b"X-%d: %b\r\n" % (number, b"a" * 1000))


def raw(head: str, body: bytes = b"") -> bytes:
    return f"HTTP/1.1 {head}\r\nConnection: close\r\n\r\n".encode() + body


def redirect(where: str, status: str = "302 Found") -> bytes:
    return answer("", None, f"Location: {where}", status=status)


def bad_term(**term: str) -> bytes:
    return answer(rows(X, term))


SLOW, MUCH, BAD = RemoteTooSlow, RemoteTooMuch, RemoteFailed
CASES: dict[str, tuple[Callable[..., None] | bytes, type[RemoteFailed], str]] = {
    "stall-in-headers": (stall_in_headers, SLOW, "was silent for 0.5 s"),
    "stall-in-body": (stall_in_body, SLOW, "was silent for 0.5 s"),
    "drip-in-headers": (drip_headers, SLOW, "was not done in 1.2 s"),
    "drip-in-body": (drip_body, SLOW, "was not done in 1.2 s"),
    "one-gigabyte": (endless, MUCH, "more than 100,000 bytes"),
    "headers-without-end": (endless_headers, BAD, "does not speak HTTP"),
    "packed-bomb": (
        answer(BOMB, JSON, "Content-Encoding: gzip"), MUCH, "more than 100,000 bytes",
    ),
    "packed-with-something-else": (
        answer(WHOLE, JSON, "Content-Encoding: br"), BAD, "packed its answer in a way",
    ),
    "not-packed-as-it-says": (
        answer(WHOLE, JSON, "Content-Encoding: gzip"), BAD, "not packed as it says",
    ),
    "packed-and-cut-off": (
        answer(gzip.compress(WHOLE)[:-20], JSON, "Content-Encoding: gzip"), BAD, "cut off|cannot",
    ),
    "many-rows": (answer(rows(*[X] * 1001)), MUCH, "more than 1,000 rows"),
    "a-page": (answer("<html>hello", "text/html"), BAD, "answered with text/html"),
    "a-page-that-says-it-is-rows": (answer("<html>hello"), BAD, "cannot be read"),
    "no-media-type": (answer(WHOLE, None), BAD, "without a media type"),
    "a-media-type-that-is-hostile": (answer(WHOLE, "a\x7f<b>"), BAD, r"a\\x7f<b>|HTTP"),
    "rows-in-another-format": (answer(WHOLE, XML), BAD, "cannot be read"),
    "broken-json": (answer('{"head":{"vars":["x"]},"results":{]}'), BAD, "cannot be read"),
    "nothing": (answer(""), BAD, "cannot be read"),
    "cut-off-where-nobody-can-tell": (
        raw(f"200 OK\r\nContent-Type: {JSON}", WHOLE[:-3]), BAD, "cannot be read",
    ),
    "rows-without-end": (
        raw(f"200 OK\r\nContent-Type: {TSV}", b"?x\n<http://example.org/x>\n"), BAD, "nobody can",
    ),
    "xml-cut-off": (
        raw(f"200 OK\r\nContent-Type: {XML}", b"<sparql><head/><results>"), BAD, "cannot be read",
    ),
    "shorter-than-it-says": (
        raw(f"200 OK\r\nContent-Type: {JSON}\r\nContent-Length: 9999", WHOLE), BAD, "broke off",
    ),
    "a-piece-that-is-cut-off": (
        raw(
            f"200 OK\r\nContent-Type: {JSON}\r\nTransfer-Encoding: chunked",
            b"%x\r\n%b" % (len(WHOLE), WHOLE[:100]),
        ),
        BAD, "broke off",
    ),
    "pieces-without-the-last": (
        raw(
            f"200 OK\r\nContent-Type: {JSON}\r\nTransfer-Encoding: chunked",
            b"%x\r\n%b\r\n" % (len(WHOLE), WHOLE),
        ),
        BAD, "broke off",
    ),
    "no-http": (b"SSH-2.0-OpenSSH_9.2\r\nConnection: close\r\n\r\n", BAD, "does not speak HTTP"),
    "true-instead-of-rows": (answer('{"head":{},"boolean":true}'), BAD, "true or false"),
    "an-error": (answer("secret", "text/plain", status="500 Oops"), BAD, "status 500, Internal"),
    "an-unknown-status": (answer("", None, status="599 ?"), BAD, "status 599$"),
    "no-content": (answer("", None, status="204 No Content"), BAD, "status 204"),
    "busy": (answer("", None, status="503 Busy"), RemoteBusy, "busy without saying when"),
    "busy-for-long": (
        answer("", None, "Retry-After: 3600", status="429 Wait"), RemoteBusy, "busy for 3600 s",
    ),
    "busy-until-nonsense": (
        answer("", None, "Retry-After: soon", status="429 W"), RemoteBusy, "without saying when",
    ),
    "busy-for-longer-than-a-number-can-say": (
        answer("", None, f"Retry-After: {'9' * 400}", status="429 W"),
        RemoteBusy, "busy for 86400 s",
    ),
    "busy-until-a-day-that-no-clock-has": (
        answer("", None, "Retry-After: Fri, 31 Dec 9999 23:59:59 -9900", status="503 W"),
        RemoteBusy, "busy ",
    ),
    "redirects-to-this-machine": (redirect("http://127.0.0.1:9/"), BAD, "nothing there may be"),
    "redirects-to-this-machine-by-number": (redirect("http://2130706433/"), BAD, "may be asked"),
    "redirects-to-metadata": (redirect("http://169.254.169.254/latest/"), BAD, "may be asked"),
    "redirects-to-a-file": (redirect("file:///etc/passwd"), BAD, "no address"),
    "redirects-to-a-password": (redirect("http://a:b@127.0.0.1/"), BAD, "no address"),
    "redirects-in-a-circle": (redirect("/redirects-in-a-circle"), BAD, "more than 3 times"),
    "an-iri-that-ends-early": (bad_term(type="uri", value="a:b> } SELECT"), BAD, "Invalid"),
    "an-iri-with-a-backslash": (bad_term(type="uri", value="a:\\u003e"), BAD, "Invalid"),
    "an-iri-with-a-line": (bad_term(type="uri", value="a:b\n"), BAD, "Invalid"),
    "an-iri-that-is-relative": (bad_term(type="uri", value="b"), BAD, "No scheme"),
    "a-datatype-that-ends-early": (
        bad_term(type="literal", value="a", datatype="a:b> }"), BAD, "Invalid",
    ),
    "a-language-that-ends-early": (
        bad_term(type="literal", value="a", **{"xml:lang": "en } SELECT"}), BAD, "Invalid",
    ),
    "a-variable-that-ends-early": (answer(rows(variables=("x) {",))), BAD, "Invalid variable"),
    "a-blank-node-that-ends-early": (bad_term(type="bnode", value="b> }"), BAD, "Invalid"),
    "a-kind-of-term-of-its-own": (bad_term(type="graph", value="b"), BAD, "cannot be read"),
}  # fmt: skip


@pytest.fixture(scope="module")
def peer() -> Iterator[Peer]:
    peer = Peer()
    peer.scripts = {f"/{name}": script for name, (script, _, _) in CASES.items()}
    peer.scripts["/good"] = GOOD
    yield peer
    peer.close()


@pytest.fixture(scope="module")
def running(peer: Peer) -> Iterator[tuple[asyncio.Runner, Fetchers]]:
    entries = [
        Allowed(name, peer.url(f"/{name}"), LIMITS, is_private=True) for name in (*CASES, "good")
    ]
    with asyncio.Runner() as runner:
        fetchers = Fetchers(AllowList(entries), FetcherLimits(memory_mb=64))
        yield runner, fetchers
        runner.run(fetchers.close())


@pytest.fixture
def select(peer: Peer, running: tuple[asyncio.Runner, Fetchers]) -> Callable[[str], Fetched]:
    runner, fetchers = running

    def ask(name: str) -> Fetched:
        allowed = fetchers.allow_list.find(peer.url(f"/{name}"))
        return runner.run(fetchers.select(allowed, "SELECT * { ?s ?p ?o }"))

    return ask


@pytest.mark.parametrize("name", list(CASES))
def test_a_bad_answer_is_an_error_that_says_why_and_the_next_request_is_answered(
    name: str,
    select: Callable[[str], Fetched],
    running: tuple[asyncio.Runner, Fetchers],
) -> None:
    _, kind, message = CASES[name]
    start = time.monotonic()
    with pytest.raises(RemoteFailed, match=message) as caught:
        select(name)
    assert type(caught.value) is kind
    assert caught.value.remote == name
    assert "secret" not in str(caught.value)
    assert time.monotonic() - start < 30
    assert running[1].counts[name].failures == 1
    good = select("good")
    assert (good.rows, good.row_count) == (b"(<http://example.org/x>)\n", 1)


def test_what_a_peer_sends_too_much_of_is_not_held(
    select: Callable[[str], Fetched], running: tuple[asyncio.Runner, Fetchers]
) -> None:
    for name in ("one-gigabyte", "packed-bomb", "headers-without-end"):
        with pytest.raises(RemoteFailed):
            select(name)
    (process,) = running[1].process_ids
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    (peak,) = re.findall(r"VmHWM:\s+(\d+) kB", status)
    assert int(peak) < 100_000


def test_an_answer_that_does_not_fit_into_memory_ends_its_own_fetcher_only(peer: Peer) -> None:
    peer.scripts["/large"] = answer(rows(literal("a" * 30_000_000)))
    limits = dataclasses.replace(LIMITS, bytes=100_000_000, read_s=10, total_s=20)
    entries = [
        Allowed(name, peer.url(f"/{name}"), limits, is_private=True) for name in ("large", "good")
    ]

    async def ask() -> None:
        async with Fetchers(AllowList(entries), FetcherLimits(memory_mb=50)) as fetchers:
            with pytest.raises(RemoteTooMuch, match="memory"):
                await fetchers.select(entries[0], "SELECT * {}")
            assert (await fetchers.select(entries[1], "SELECT * {}")).row_count == 1

    asyncio.run(ask())
