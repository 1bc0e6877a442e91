"""Asking another server: what is sent, how answers are read, and what becomes of fetchers."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import datetime
import gzip
import hashlib
import os
import platform
import re
import signal
import socket
import ssl
import subprocess
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from graph.asker import CLIENT
from graph.errors import EngineUnavailable, NotAllowed, RemoteBusy, RemoteFailed, RemoteTooMuch
from graph.fetching.allowed import Allowed, AllowList
from graph.fetching.answers import BLANK_NODES
from graph.fetching.asking import Client, Errand, Origin
from graph.fetching.dialling import Account
from graph.fetching.faults import Fault
from graph.fetching.fetchers import Fetched, Fetchers, Known
from graph.fetching.kept import Kept
from graph.limits import FetcherLimits, FetchLimits
from tests.engine.peers import JSON, TSV, XML, Peer, X, answer, literal, rows

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from tests.engine.peers import Asked

QUERY = "SELECT * { ?s ?p ?o }"
INTEGER = "http://www.w3.org/2001/XMLSchema#integer"
ROW = b"(<http://example.org/x>)\n"


@pytest.fixture
def peer() -> Iterator[Peer]:
    peer = Peer()
    yield peer
    peer.close()


def entry(peer: Peer, path: str = "/sparql", **limits: int) -> Allowed:
    return Allowed(path[1:], peer.url(path), FetchLimits(**limits), is_private=True)


def run(
    entries: Sequence[Allowed],
    work: Callable[[Fetchers], Awaitable[None]],
    limits: FetcherLimits | None = None,
) -> None:
    async def all_of_it() -> None:
        async with Fetchers(
            AllowList(entries), limits or FetcherLimits(), public_url="https://metapole.example/"
        ) as fetchers:
            await work(fetchers)

    asyncio.run(all_of_it())


def select(allowed: Allowed, query: str = QUERY) -> Fetched:
    found: list[Fetched] = []

    async def work(fetchers: Fetchers) -> None:
        found.append(await fetchers.select(allowed, query))

    run([allowed], work)
    return found[0]


def test_a_short_query_goes_by_get_and_a_long_one_as_a_form(peer: Peer) -> None:
    peer.scripts["/sparql"] = answer(rows(X), JSON, "Set-Cookie: a=b")
    allowed = Allowed("portal", peer.url("/sparql?default=x"), is_private=True)
    long = QUERY + " # é" + "x" * 2048

    async def work(fetchers: Fetchers) -> None:
        assert fetchers.process_ids == []
        first = await fetchers.select(allowed, QUERY)
        second = await fetchers.select(allowed, long)
        assert (first.rows, second.rows) == (ROW, ROW)
        assert (first.variables, first.row_count, first.requests) == (("x",), 1, 1)
        assert 0 < first.bytes_up < 1024 < second.bytes_up
        assert len(peer.scripts["/sparql"]) == first.bytes_down  # type: ignore[arg-type]
        assert len(fetchers.process_ids) == 1

    run([allowed], work)
    get, post = peer.asked
    assert (get.method, post.method) == ("GET", "POST")
    assert get.target == "/sparql?default=x&query=SELECT+%2A+%7B+%3Fs+%3Fp+%3Fo+%7D"
    assert (get.query, post.query) == (QUERY, long)
    assert post.headers["content-type"] == "application/x-www-form-urlencoded"
    assert get.connection == post.connection
    for each in (get, post):
        assert each.headers["host"] == f"127.0.0.1:{peer.port}"
        assert each.headers["user-agent"].startswith("Metapole/")
        assert "(+https://metapole.example/)" in each.headers["user-agent"]
        assert JSON in each.headers["accept"]
        assert not {"cookie", "authorization"} & each.headers.keys()


SPARQL_XML = (
    '<?xml version="1.0"?><sparql xmlns="http://www.w3.org/2005/sparql-results#"><head>'
    '<variable name="x"/></head><results><result><binding name="x">{}</binding></result>'
    "</results></sparql>\n"
)


FORMATS = {
    "JSON": (answer(rows(X)), ROW),
    "JSON-with-a-parameter": (answer(rows(X), f"{JSON}; charset=utf-8"), ROW),
    "JSON-by-another-name": (answer(rows(X), "Application/JSON"), ROW),
    "gzip": (answer(gzip.compress(rows(X).encode()), JSON, "Content-Encoding: gzip"), ROW),
    "gzip-in-two-parts": (
        answer(
            b"".join(map(gzip.compress, (rows(X)[:9].encode(), rows(X)[9:].encode()))),
            JSON,
            "Content-Encoding: x-gzip",
        ),
        ROW,
    ),
    "XML": (answer(SPARQL_XML.format("<uri>http://example.org/x</uri>"), XML), ROW),
    "TSV": (answer("?x\n<http://example.org/x>\n", TSV), ROW),
    "a-literal-as-Virtuoso-has-them": (
        answer(rows({"type": "typed-literal", "value": "1", "datatype": INTEGER})),
        f'("1"^^<{INTEGER}>)\n'.encode(),
    ),
    "nothing-bound": (answer(rows({})), b"(UNDEF)\n"),
    "no-variables": (answer(rows({}, variables=())), b"()\n"),
    "no-rows": (answer(rows()), b""),
    "a-language-in-capitals": (
        answer(rows(literal("a", **{"xml:lang": "EN-gb"}))),
        b'("a"@en-gb)\n',
    ),
}


def test_answers_are_read_in_each_format(peer: Peer) -> None:
    peer.scripts = {f"/{name}": answered for name, (answered, _) in FORMATS.items()}
    entries = [entry(peer, f"/{name}") for name in FORMATS]
    found: dict[str, bytes] = {}

    async def work(fetchers: Fetchers) -> None:
        for each in entries:
            found[each.name] = (await fetchers.select(each, QUERY)).rows

    run(entries, work)
    assert found == {name: expected for name, (_, expected) in FORMATS.items()}


def test_a_hostile_text_stays_one_term_in_a_values_block(peer: Peer) -> None:
    texts = [
        '" } SELECT * { ?s ?p "', "a\nb\r\t\b\f", "\\", "\\u0022", "\x00\x01\x1f\x7f\x85\u2028",
        "'", "]]>", "<<( ", "😀\uffff",
    ]  # fmt: skip
    hard = [ox.Literal(text) for text in texts]
    hard += [ox.Literal(text, language="en-x-a") for text in texts]
    hard += [ox.Literal(text, datatype=ox.NamedNode("a:'(;,)#b")) for text in texts]
    terms = [
        *hard,
        ox.NamedNode("http://example.org/é?'#()"),
        ox.Literal("2", datatype=ox.NamedNode(INTEGER)),
    ]
    sent = [_as_json(term) for term in terms]
    peer.scripts["/sparql"] = answer(rows(*sent))
    fetched = select(entry(peer))
    assert fetched.row_count == len(terms) == fetched.rows.count(b"\n")
    block = f"SELECT ?x {{ VALUES (?x) {{ {fetched.rows.decode()} }} }}"
    found = ox.Store().query(block)
    assert isinstance(found, ox.QuerySolutions)
    assert [each["x"] for each in found] == terms


def _as_json(term: ox.NamedNode | ox.Literal) -> dict[str, str]:
    if isinstance(term, ox.NamedNode):
        return {"type": "uri", "value": term.value}
    if term.language:
        return literal(term.value, **{"xml:lang": term.language})
    return literal(term.value, datatype=term.datatype.value)


@pytest.mark.parametrize("prefix", ["", "nodeID://"], ids=["as they should be", "as in Virtuoso"])
def test_a_blank_node_becomes_an_iri_of_its_own_in_each_answer(peer: Peer, prefix: str) -> None:
    nodes = [{"type": "bnode", "value": f"{prefix}{name}"} for name in ("b1", "b2", "b1")]
    peer.scripts["/sparql"] = answer(rows(*nodes, literal('"bnode", "value": "nodeID://b1')))
    allowed = entry(peer, cache_ttl_s=0)
    seen: list[bytes] = []

    async def work(fetchers: Fetchers) -> None:
        for _ in range(2):
            seen.extend((await fetchers.select(allowed, QUERY)).rows.splitlines())

    run([allowed], work)
    one, two, same, text, other, *_ = seen
    assert one == same
    assert len({one, two, other}) == 3
    assert all(each.startswith(f"(<{BLANK_NODES}".encode()) for each in (one, two, other))
    assert text == rb'("\"bnode\", \"value\": \"nodeID://b1")'


@pytest.mark.parametrize("blanks", ["", " ", "\n"])
def test_what_comunica_adds_to_its_rows_is_left_out(peer: Peer, blanks: str) -> None:
    added = f',{blanks}"metadata":{blanks}{{{blanks}"httpRequests":{blanks}12 }}{blanks}}}'
    peer.scripts["/sparql"] = answer(_ending(added))
    assert select(entry(peer)).rows == ROW * 3


@pytest.mark.parametrize("added", [', "error": "timed out"}', ', "metadata": {}}', "", "} x"])
def test_nothing_else_is_left_out_after_rows(peer: Peer, added: str) -> None:
    peer.scripts["/sparql"] = answer(_ending(added))
    with pytest.raises(RemoteFailed, match="cannot be read"):
        select(entry(peer))


def _ending(added: str) -> str:
    """Return three rows that end with what is *added*, and not as they should."""
    return rows(X, X, X).removesuffix("}") + added


@pytest.mark.parametrize(
    ("number", "headers", "told"),
    [
        pytest.param(10_000, ("X-SPARQL-MaxRows: 10000",), "10,000 rows", id="as many as it sends"),
        pytest.param(9_999, ("X-SPARQL-MaxRows: 10000",), "", id="one less"),
        pytest.param(5, ("X-SPARQL-MaxRows: many",), "", id="no number"),
        pytest.param(5, ("X-SQL-State: S1TAT",), "not whole", id="interrupted"),
    ],
)
def test_rows_that_were_left_out_are_told_and_what_is_not_whole_is_not_kept(
    peer: Peer, number: int, headers: tuple[str, ...], told: str
) -> None:
    peer.scripts["/sparql"] = answer(rows(*[X] * number), JSON, *headers)
    allowed = entry(peer)

    async def work(fetchers: Fetchers) -> None:
        for is_second in (False, True):
            fetched = await fetchers.select(allowed, QUERY)
            assert fetched.row_count == number
            assert fetched.is_cached == (is_second and not told)
            assert told in fetched.left_out
            assert bool(told) == bool(fetched.left_out)

    run([allowed], work)
    assert len(peer.asked) == (2 if told else 1)


def test_an_answer_is_kept_for_a_while_and_its_bytes_are_bounded() -> None:
    now = [0.0]
    kept = Kept(10_000, lambda: now[0])
    fetched = Fetched(("x",), b"r" * 1000, 1, 1, 1, 1, 0.1, is_cached=False, left_out="")
    for number in range(10):
        kept.put(("portal", str(number)), fetched, 60)
    assert kept.size <= 10_000
    assert kept.get(("portal", "0")) is None
    assert kept.get(("portal", "9")) is fetched
    assert kept.get(("other", "9")) is None
    now[0] = 60
    assert kept.get(("portal", "9")) is None
    kept.put(("portal", "large"), dataclasses.replace(fetched, rows=b"r" * 9000), 60)
    kept.put(("portal", "never"), fetched, 0)
    assert kept.get(("portal", "large")) is kept.get(("portal", "never")) is None


def test_a_server_that_is_busy_is_asked_once_more_when_it_says(peer: Peer) -> None:
    times: list[float] = []

    def script(connection: socket.socket, _: Asked) -> None:
        times.append(time.monotonic())
        busy = answer("", None, "Retry-After: 1", status="429 Wait")
        connection.sendall(answer(rows(X)) if len(times) == 2 else busy)

    peer.scripts["/sparql"] = script
    fetched = select(entry(peer))
    assert (fetched.rows, fetched.requests) == (ROW, 2)
    assert times[1] - times[0] >= 1


def test_a_server_that_is_busy_for_long_is_left_alone(peer: Peer) -> None:
    peer.scripts["/sparql"] = answer("", None, "Retry-After: 3600", status="503 Busy")
    allowed = entry(peer)

    async def work(fetchers: Fetchers) -> None:
        with pytest.raises(RemoteBusy) as first:
            await fetchers.select(allowed, QUERY)
        assert (first.value.retry_after_s, first.value.status) == (3600, 503)
        with pytest.raises(RemoteBusy, match="said that it is busy") as second:
            await fetchers.select(allowed, QUERY)
        assert 200 < second.value.retry_after_s <= 300
        assert fetchers.counts["sparql"].failures == 2

    run([allowed], work)
    assert len(peer.asked) == 1


@pytest.mark.parametrize("concurrency", [1, 2])
def test_a_server_gets_so_many_requests_at_once_and_so_many_wait_in_order(
    peer: Peer, concurrency: int
) -> None:
    at_once, most, order = [0], [0], list[str]()
    lock = threading.Lock()

    def script(connection: socket.socket, asked: Asked) -> None:
        with lock:
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
            order.append(asked.query)
        time.sleep(0.05)
        with lock:
            at_once[0] -= 1
        connection.sendall(answer(rows(X)))

    peer.scripts["/sparql"] = script
    allowed = entry(peer, concurrency=concurrency, waiting=6)

    async def work(fetchers: Fetchers) -> None:
        tasks = [fetchers.select(allowed, f"{QUERY} # {n}") for n in range(concurrency + 7)]
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        refused = [each for each in answers if isinstance(each, RemoteBusy)]
        assert len(refused) == 1
        assert "6 requests wait for it already" in str(refused[0])
        assert len(fetchers.process_ids) == concurrency

    run([allowed], work)
    assert most[0] == concurrency
    numbers = [int(each.split()[-1]) for each in order]
    assert (numbers if concurrency == 1 else sorted(numbers)) == list(range(concurrency + 6))


def test_all_servers_together_get_so_many_requests_at_once(peer: Peer) -> None:
    begun = threading.Event()

    def stall(connection: socket.socket, _: Asked) -> None:
        begun.set()
        connection.recv(1)

    peer.scripts = {"/stalls": stall, "/sparql": answer(rows(X))}
    entries = [
        entry(peer, "/stalls"),
        dataclasses.replace(entry(peer), limits=FetchLimits(total_s=0.3)),
    ]

    async def work(fetchers: Fetchers) -> None:
        stalled = asyncio.create_task(fetchers.select(entries[0], QUERY))
        await asyncio.to_thread(begun.wait, 20)
        with pytest.raises(EngineUnavailable, match="1 requests to other servers are made at once"):
            await fetchers.select(entries[1], QUERY)
        stalled.cancel()
        await asyncio.gather(stalled, return_exceptions=True)
        patient = dataclasses.replace(entries[1], limits=FetchLimits())
        assert (await fetchers.select(patient, QUERY)).rows == ROW

    run(entries, work, FetcherLimits(processes=1))


@pytest.mark.parametrize(("clients", "held"), [(1, 3), (8, 5)])
def test_who_asks_silent_servers_keeps_nobody_from_asking_others(
    peer: Peer, clients: int, held: int
) -> None:
    """One client has half of what asks at most; and some of it is left to other servers."""
    silent, over = ("/silent", "/mute", "/still"), threading.Event()

    def say_nothing(_: socket.socket, __: Asked) -> None:
        over.wait(20)

    peer.scripts = dict.fromkeys(silent, say_nothing) | {"/sparql": answer(rows(X))}
    limits = {"concurrency": 2, "total_s": 20}
    entries = [entry(peer, path, **limits) for path in (*silent, "/sparql")]

    async def asked_by(client: str, fetchers: Fetchers, allowed: Allowed, number: int) -> Fetched:
        CLIENT.set(client)
        return await fetchers.select(allowed, f"{QUERY} # {number}")

    async def work(fetchers: Fetchers) -> None:
        wishes = [(allowed, number) for allowed in entries for number in range(2)]
        wishes = wishes if clients == 1 else wishes[:-2]
        hogs = [
            asyncio.create_task(asked_by(f"hog {number % clients}", fetchers, *wish))
            for number, wish in enumerate(wishes)
        ]
        await asyncio.sleep(0)
        for number in range(10, 13):
            async with asyncio.timeout(15):
                assert (await asked_by("other", fetchers, entries[-1], number)).rows == ROW
        for _ in range(300):  # a fetcher that has just started may not have asked yet
            if len(peer.asked) >= held + 3:
                break
            await asyncio.sleep(0.05)
        assert len(peer.asked) == held + 3
        assert not any(each.done() for each in hogs)
        for each in hogs:
            each.cancel()
        await asyncio.gather(*hogs, return_exceptions=True)

    try:
        run(entries, work, FetcherLimits(processes=6))
    finally:
        over.set()


def test_the_next_place_goes_to_who_has_the_fewest(peer: Peer) -> None:
    order, free = list[str](), threading.Event()

    def script(connection: socket.socket, asked: Asked) -> None:
        order.append(asked.query.split()[-1])
        free.wait(20)
        connection.sendall(answer(rows(X)))

    peer.scripts["/sparql"] = script
    allowed = entry(peer, concurrency=2, waiting=10)

    async def asked_by(client: str, fetchers: Fetchers, number: int) -> Fetched:
        CLIENT.set(client)
        return await fetchers.select(allowed, f"{QUERY} # {client}{number}")

    async def work(fetchers: Fetchers) -> None:
        wishes = [("many", number) for number in range(5)] + [("one", 0)]
        tasks = [asyncio.create_task(asked_by(who, fetchers, n)) for who, n in wishes]
        while len(order) < 2:
            await asyncio.sleep(0.01)
        free.set()
        await asyncio.gather(*tasks)

    run([allowed], work)
    assert sorted(order[:2]) == ["many0", "many1"]
    # It is sent first when a place comes free; the other place may come free at the same time.
    assert order.index("one0") in {2, 3}


def test_a_fetcher_that_dies_takes_one_request_with_it(peer: Peer) -> None:
    begun = threading.Event()

    def stall(connection: socket.socket, _: Asked) -> None:
        begun.set()
        connection.recv(1)

    peer.scripts = {"/stalls": stall, "/sparql": answer(rows(X))}
    entries = [entry(peer, "/stalls"), entry(peer, cache_ttl_s=0)]

    async def work(fetchers: Fetchers) -> None:
        stalled = asyncio.create_task(fetchers.select(entries[0], QUERY))
        await asyncio.to_thread(begun.wait, 20)
        (process,) = fetchers.process_ids
        assert (await fetchers.select(entries[1], QUERY)).rows == ROW
        os.kill(process, signal.SIGKILL)
        with pytest.raises(EngineUnavailable, match="ask again"):
            await stalled
        assert (await fetchers.select(entries[1], QUERY)).rows == ROW

    run(entries, work)


def test_who_goes_away_ends_the_request(peer: Peer) -> None:
    begun, ended = threading.Event(), threading.Event()

    def stall(connection: socket.socket, _: Asked) -> None:
        begun.set()
        with contextlib.suppress(OSError):
            connection.recv(1)
        ended.set()

    peer.scripts["/sparql"] = stall
    allowed = entry(peer)

    async def work(fetchers: Fetchers) -> None:
        task = asyncio.create_task(fetchers.select(allowed, QUERY))
        await asyncio.to_thread(begun.wait, 20)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(ended.wait, 20)
        assert fetchers.process_ids == []

    run([allowed], work)


@pytest.mark.skipif(
    platform.system() != "Linux" or platform.machine() not in ("x86_64", "aarch64"),
    reason="there is a filter on Linux only, on x86-64 and ARM64",
)
def test_the_kernel_holds_a_fetcher_in_its_sandbox(peer: Peer) -> None:
    peer.scripts["/sparql"] = answer(rows(X))
    allowed = entry(peer)

    async def work(fetchers: Fetchers) -> None:
        await fetchers.select(allowed, QUERY)
        (process,) = fetchers.process_ids
        status = Path(f"/proc/{process}/status").read_text()
        assert "Seccomp:\t2" in status
        assert "NoNewPrivs:\t1" in status
        limits = Path(f"/proc/{process}/limits").read_text()
        assert re.search(r"Max file size +0 +0 ", limits)
        assert re.search(r"Max core file size +0 +0 ", limits)
        assert not re.search(r"Max address space +unlimited", limits)
        environment = Path(f"/proc/{process}/environ").read_bytes()
        assert b"proxy" not in environment.lower()

    run([allowed], work)


def test_a_fetcher_that_has_nothing_to_do_ends(peer: Peer) -> None:
    peer.scripts["/sparql"] = answer(rows(X))
    allowed = entry(peer)

    async def work(fetchers: Fetchers) -> None:
        await fetchers.select(allowed, QUERY)
        assert len(fetchers.process_ids) == 1
        for _ in range(200):
            await asyncio.sleep(0.05)
            if not fetchers.process_ids:
                return
        pytest.fail("it is still there")

    run([allowed], work, FetcherLimits(idle_s=0.1))


def test_a_fetcher_that_is_old_is_replaced(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graph.fetching.pool._OLD_S", 0.0)
    peer.scripts["/sparql"] = answer(rows(X))
    allowed = entry(peer, cache_ttl_s=0)

    async def work(fetchers: Fetchers) -> None:
        for _ in range(2):
            assert (await fetchers.select(allowed, QUERY)).rows == ROW
            assert fetchers.process_ids == []

    run([allowed], work)


def test_a_connection_that_was_kept_and_has_ended_is_made_anew(peer: Peer) -> None:
    def once(connection: socket.socket, _: Asked) -> None:
        connection.sendall(answer(rows(X)))
        connection.shutdown(socket.SHUT_RDWR)

    peer.scripts["/sparql"] = once
    allowed = entry(peer, cache_ttl_s=0)

    async def work(fetchers: Fetchers) -> None:
        for _ in range(3):
            assert (await fetchers.select(allowed, QUERY)).rows == ROW

    run([allowed], work)
    assert len({each.connection for each in peer.asked}) == 3


def test_a_redirect_leads_to_what_is_allowed_and_takes_the_query_along(peer: Peer) -> None:
    peer.scripts = {
        "/moved": answer("", None, "Location: /again", status="301 Moved"),
        "/again": answer("", None, "Location: /other", status="308 Moved"),
        "/other": answer("", None, "Location: /answer?id=1", status="303 See"),
        "/answer": answer(rows(X)),
    }
    fetched = select(entry(peer, "/moved"), QUERY + " #" + "x" * 3000)
    assert (fetched.rows, fetched.requests) == (ROW, 4)
    assert [(each.method, each.path) for each in peer.asked] == [
        ("POST", "/moved"), ("POST", "/again"), ("POST", "/other"), ("GET", "/answer"),
    ]  # fmt: skip
    assert peer.asked[2].query.startswith(QUERY)


def ask_by_name(peer: Peer, addresses: Iterator[list[str]], *, is_private: bool) -> bytes:
    """Ask the peer by a name that leads each time to the next of *addresses*."""
    url = peer.url("/sparql", "portal.example")
    origins = {url.removesuffix("/sparql"): Origin(is_private, "")}
    client = Client(origins, "test", lambda _host, _port: next(addresses))
    errand = Errand(url, None, "*/*")
    with contextlib.closing(client), client.answer(errand, FetchLimits(), Account(10)) as reply:
        return b"".join(reply.body)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("127.0.0.1", "this machine"),
        ("10.0.0.1", "not public"),
        ("192.168.1.1", "not public"),
        ("100.64.0.1", "not public"),
        ("169.254.169.254", "cloud"),
        ("168.63.129.16", "cloud"),
        ("0.0.0.0", "no address of a server"),
        ("224.0.0.1", "no address of a server"),
        ("::1", "this machine"),
        ("fd00::1", "not public"),
        ("fe80::1%eth0", "no address of a server"),
        ("fec0::1", "not public"),
        ("::ffff:127.0.0.1", "this machine"),
        ("64:ff9b::7f00:1", "this machine"),
        ("2002:7f00:1::", "this machine"),
    ],
)
def test_a_name_that_leads_inside_is_not_asked(peer: Peer, address: str, why: str) -> None:
    peer.scripts["/sparql"] = answer("secret")
    public = "192.88.98.1"
    for addresses in ([address], [public, address], [address, public]):
        with pytest.raises(Fault, match=rf"leads to {re.escape(address)}, which .*{why}"):
            ask_by_name(peer, iter([addresses]), is_private=False)
    assert peer.asked == []


@pytest.mark.parametrize("address", ["169.254.169.254", "fd00:ec2::254", "224.0.0.1", "0.0.0.0"])
def test_some_addresses_are_not_asked_even_if_private_ones_are_meant(
    peer: Peer, address: str
) -> None:
    # Nobody is told to allow what no entry can.
    with pytest.raises(Fault, match=f"leads to {re.escape(address)}, .*; no entry allows that"):
        ask_by_name(peer, iter([[address]]), is_private=True)


def test_what_an_entry_can_allow_is_told_with_the_key_that_allows_it(peer: Peer) -> None:
    with pytest.raises(Fault, match="say private = true in its entry"):
        ask_by_name(peer, iter([["10.0.0.1"]]), is_private=False)


def test_a_name_that_leads_elsewhere_the_second_time_is_not_asked(peer: Peer) -> None:
    """The peer closes, so that the second request needs a connection of its own."""
    peer.scripts["/sparql"] = answer("first", None, "Connection: close")
    times = iter([["127.0.0.1"], ["169.254.169.254"]])
    assert ask_by_name(peer, times, is_private=True) == b"first"
    with pytest.raises(Fault, match=r"leads to 169\.254\.169\.254"):
        ask_by_name(peer, times, is_private=True)


def test_the_address_that_was_checked_is_the_one_that_is_called(peer: Peer) -> None:
    """A name is resolved once; asking again would give what was not checked."""
    peer.scripts["/sparql"] = answer("it")
    once = iter([["127.0.0.1"]])
    assert ask_by_name(peer, once, is_private=True) == b"it"
    assert next(once, None) is None
    assert peer.asked[0].headers["host"] == f"portal.example:{peer.port}"


def test_the_system_resolves_names_in_the_sandbox(peer: Peer) -> None:
    peer.scripts["/sparql"] = answer(rows(X))
    allowed = Allowed("portal", peer.url("/sparql", "localhost"), is_private=True)
    assert select(allowed).rows == ROW
    with pytest.raises(RemoteFailed, match="this machine itself"):
        select(dataclasses.replace(allowed, is_private=False))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for localhost, and its key, which vouch for themselves."""
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",  # noqa: S607 -- wherever it is
         "-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout", path,
         "-addext", "subjectAltName=DNS:localhost", "-out", path.with_name("certificate.pem")],
        check=False, capture_output=True,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    with path.open("a") as file:
        file.write(path.with_name("certificate.pem").read_text())
    return path


def test_a_server_shows_that_it_has_its_name(certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    peer = Peer(context)
    peer.scripts["/sparql"] = answer(rows(X))
    vouched = certificate.with_name("certificate.pem").read_text()
    good = Allowed("good", peer.url("/sparql", "localhost"), is_private=True, certificates=vouched)
    assert select(good).rows == ROW
    for bad in (
        dataclasses.replace(good, certificates=""),
        dataclasses.replace(good, url=peer.url("/sparql", "127.0.0.1")),
    ):
        with pytest.raises(RemoteFailed, match="CERTIFICATE_VERIFY_FAILED"):
            select(bad)
    peer.close()


def test_a_file_is_fetched_and_not_again_if_it_is_the_same(peer: Peer, tmp_path: Path) -> None:
    content = b"name,country\n" * 10_000

    def script(connection: socket.socket, asked: Asked) -> None:
        if asked.headers.get("if-none-match") == '"1"':
            connection.sendall(b"HTTP/1.1 304 Not Modified\r\n\r\n")
        else:
            connection.sendall(answer(content, "text/csv", 'ETag: "1"', "Last-Modified: x"))

    peer.scripts["/files/a.csv"] = script
    folder = Allowed("files", peer.url("/files/"), is_private=True, kind="files")
    target = tmp_path / "a.csv"
    before = datetime.datetime.now(datetime.UTC)

    async def work(fetchers: Fetchers) -> None:
        allowed = fetchers.allow_list.find(peer.url("/files/a.csv"), "files")
        first = await fetchers.fetch(allowed, peer.url("/files/a.csv"), target, "text/csv")
        assert target.read_bytes() == content
        assert (first.path, first.size, first.media_type) == (target, len(content), "text/csv")
        assert first.sha256 == hashlib.sha256(content).hexdigest()
        assert before <= first.retrieved <= datetime.datetime.now(datetime.UTC)
        assert first.final_url == peer.url("/files/a.csv")
        target.unlink()
        known = Known(first.etag, first.last_modified)
        second = await fetchers.fetch(allowed, peer.url("/files/a.csv"), target, known=known)
        assert second.path is None

    run([folder], work)
    assert not target.exists()
    assert peer.asked[0].headers["accept"] == "text/csv"


def test_a_file_that_is_too_long_or_cut_off_is_not_kept(peer: Peer, tmp_path: Path) -> None:
    peer.scripts["/files/long"] = answer(b"x" * 200_000, "text/csv")
    peer.scripts["/files/cut"] = answer(b"x" * 5000, "text/csv", "Connection: close")[:-10]
    limits = FetchLimits(bytes=100_000, read_s=2)
    folder = Allowed("files", peer.url("/files/"), limits, is_private=True, kind="files")
    target = tmp_path / "file"

    async def work(fetchers: Fetchers) -> None:
        with pytest.raises(RemoteTooMuch, match="100,000 bytes"):
            await fetchers.fetch(folder, peer.url("/files/long"), target)
        with pytest.raises(RemoteFailed, match="broke off"):
            await fetchers.fetch(folder, peer.url("/files/cut"), target)
        with pytest.raises(NotAllowed, match="is not at"):
            await fetchers.fetch(folder, peer.url("/other"), target)

    run([folder], work)
    assert list(tmp_path.iterdir()) == []
