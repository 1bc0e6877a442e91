"""What one client can do to its connections, and what becomes of them."""

import asyncio
import contextlib
import json
import socket
import threading
import time
from collections.abc import Generator, Iterable, Iterator

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from server.guarded import ConnectionLimits, client_of, guarded

from .conftest import wait_until

LIMITS = ConnectionLimits(
    head_s=1.5,
    head_bytes=2000,
    target_bytes=5000,
    body_grace_s=1.0,
    body_bytes_per_s=1000,
    stalled_s=1.5,
    idle_s=1.0,
    per_client=20,
    pipelined=5,
)
FEW = ConnectionLimits(per_client=20, total=30)
HEAD = b"POST / HTTP/1.1\r\nHost: x\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
CHUNK = b"3\r\nabc\r\n"
LONG_ANSWER = 60_000_000
HANGING: list[bytes] = []
"""What is asked for by those who have not hung up."""


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the length of the body; on /long with a very long answer, slowly read."""
    if scope["type"] != "http":
        return
    if scope["path"] == "/refused":
        await send({"type": "http.response.start", "status": 413, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        return
    if scope["path"] == "/forever":
        HANGING.append(scope["query_string"])
        while (await receive())["type"] != "http.disconnect":
            pass
        HANGING.remove(scope["query_string"])
        return
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size += len(message["body"])
        more = message["more_body"]
        if scope["path"] == "/lazy":
            await asyncio.sleep(0.5)
    body = b"x" * LONG_ANSWER if scope["path"] == "/long" else b"%d" % size
    headers = [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serving(LIMITS) as port:
        yield port


@contextlib.contextmanager
def serving(limits: ConnectionLimits, proxies: Iterable[str] = ()) -> Generator[int]:
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listener:
        config = uvicorn.Config(
            app, http=guarded(limits, proxies), lifespan="off", ws="none", log_config=None
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        yield listener.getsockname()[1]
        server.should_exit = True
        thread.join()


@contextlib.contextmanager
def connected(port: int, first: bytes = b"", client: str = "127.0.0.1") -> Generator[socket.socket]:
    with socket.create_connection(
        ("127.0.0.1", port), timeout=15, source_address=(client, 0)
    ) as connection:
        with contextlib.suppress(ConnectionError):
            connection.sendall(first)
        yield connection


def received(connection: socket.socket) -> bytes:
    """Read until the server hangs up."""
    content = bytearray()
    with contextlib.suppress(ConnectionError):
        while piece := connection.recv(65_536):
            content += piece
    return bytes(content)


def status(answer: bytes) -> int | None:
    return int(answer.split()[1]) if answer else None


def is_well(port: int, client: str = "127.0.0.1") -> bool:
    request = HEAD + b"Content-Length: 3\r\nConnection: close\r\n\r\nabc"
    with connected(port, request, client) as connection:
        return received(connection).endswith(b"3")


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        pytest.param(b"", None, id="nothing"),
        pytest.param(b"GET / HT", 408, id="half a line"),
        pytest.param(HEAD + b"X: 1\r\n", 408, id="half a head"),
        pytest.param(HEAD + b"Content-Length: 10\r\n\r\nabc", 408, id="half a body"),
        pytest.param(HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", 408, id="chunks"),
        pytest.param(HEAD + b"X: " + b"x" * 3000, 431, id="a header without end"),
        pytest.param(HEAD + b"X: " + b"x" * 3000 + b"\r\n\r\n", 431, id="a long header"),
        pytest.param(HEAD + b"X: y\r\n" * 500 + b"\r\n", 431, id="many headers"),
        pytest.param(b"GET / HTTP/1.1\r\nX: y\r\n\r\n", 400, id="no host"),
        pytest.param(HEAD + b"Host: y\r\n\r\n", 400, id="two hosts"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400, id="no name of a host"),
        pytest.param(b"GET /" + b"x" * 6000, 414, id="a target without end"),
        pytest.param(b"GET /" + b"x" * 6000 + b" HTTP/1.1\r\n\r\n", 414, id="a long target"),
    ],
)
def test_a_connection_is_closed_with_an_honest_status(
    port: int, sent: bytes, expected: int | None
) -> None:
    with connected(port, sent) as connection:
        answer = received(connection)
    assert status(answer) == expected
    if expected:
        problem = json.loads(answer.partition(b"\r\n\r\n")[2])
        assert problem["status"] == expected
    assert is_well(port)


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"1;" + b"x" * 3000, id="an extension of a chunk without end"),
        pytest.param(CHUNK + b"0\r\nX: " + b"x" * 3000, id="a trailer without end"),
        pytest.param(CHUNK + b"0\r\n" + b"X: y\r\n" * 500, id="many trailers"),
    ],
)
def test_there_is_not_much_around_a_body(port: int, sent: bytes) -> None:
    with connected(port, CHUNKED) as connection:
        time.sleep(0.1)
        connection.sendall(sent)
        assert status(received(connection)) == 431
    assert is_well(port)


def test_who_speaks_http_1_0_need_not_name_a_host(port: int) -> None:
    with connected(port, b"GET /long HTTP/1.0\r\n\r\n") as connection:
        assert status(connection.recv(100)) == 200


def test_a_head_that_drips_is_too_late(port: int) -> None:
    answer = b""
    with connected(port, HEAD) as connection:
        with contextlib.suppress(ConnectionError):
            for _ in range(40):
                connection.sendall(b"X: y\r\n")
                time.sleep(0.1)
        answer = received(connection)
    assert status(answer) in (408, None)


def test_a_body_that_drips_is_too_slow_and_one_that_flows_is_not(port: int) -> None:
    head = HEAD + b"Content-Length: 8000\r\nConnection: close\r\n\r\n"
    with connected(port, head) as slow, connected(port, head) as fast:
        for _ in range(40):
            fast.sendall(b"x" * 200)
            with contextlib.suppress(ConnectionError):
                slow.sendall(b"x" * 10)
            time.sleep(0.1)
        assert status(received(slow)) in (408, None)
        assert received(fast).endswith(b"8000")


def test_an_application_that_reads_slowly_is_not_the_fault_of_the_client(port: int) -> None:
    body = b"x" * 400_000
    head = b"POST /lazy HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 400000\r\n\r\n"
    with connected(port, head) as connection:
        connection.sendall(body)
        assert received(connection).endswith(b"400000")


def test_a_client_that_does_not_read_is_dropped_and_one_that_reads_slowly_is_not(
    port: int,
) -> None:
    request = b"GET /long HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with connected(port, request) as stalled, connected(port, request) as slow:
        size = 0
        for _ in range(40):
            size += len(slow.recv(1_000_000))
            time.sleep(0.1)
        assert len(received(stalled)) < LONG_ANSWER
        assert size + len(received(slow)) > LONG_ANSWER


def test_small_chunks_and_a_few_trailers_are_taken(port: int) -> None:
    body = b"1\r\na\r\n" * 5000 + b"0\r\nX: y\r\nConnection: close\r\n\r\n"
    with connected(
        port, CHUNKED.replace(b"Host", b"Connection: close\r\nHost") + body
    ) as connection:
        assert received(connection).endswith(b"5000")


def test_some_requests_may_be_sent_ahead_and_not_many(port: int) -> None:
    request = HEAD + b"Content-Length: 3\r\n\r\nabc"
    with connected(port, request * LIMITS.pipelined) as connection:
        answers = b""
        while answers.count(b"HTTP/1.1 200") < LIMITS.pipelined:
            answers += connection.recv(65_536)
    with connected(port, b"GET /forever HTTP/1.1\r\nHost: x\r\n\r\n" * 1000) as connection:
        assert received(connection) == b""
    wait_until(lambda: not HANGING, 5)
    assert is_well(port)


@pytest.mark.parametrize(
    "more",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(HEAD + b"\r\n", id="another request"),
        pytest.param(HEAD + b"Content-Length: 200000\r\n\r\n" + b"x" * 200_000, id="a long body"),
    ],
)
def test_who_has_hung_up_is_not_worked_for(port: int, more: bytes) -> None:
    with connected(port, b"GET /forever HTTP/1.1\r\nHost: x\r\n\r\n" + more):
        wait_until(lambda: HANGING, 5)
    wait_until(lambda: not HANGING, 5)


def test_a_body_is_not_read_for_ever_when_there_is_an_answer(port: int) -> None:
    head = b"POST /refused HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
    with connected(port, head) as connection:
        with pytest.raises(ConnectionError):  # noqa: PT012 -- it depends on the system when
            for _ in range(10_000):
                connection.sendall(chunk)
        assert status(received(connection)) == 413


def test_no_client_can_have_all_connections(port: int) -> None:
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(connected(port)) for _ in range(LIMITS.per_client)]
        with connected(port) as one_more:
            assert status(received(one_more)) == 429
        assert is_well(port, "127.0.0.2")
        held.pop().close()
        deadline = time.monotonic() + 10
        while not is_well(port):
            assert time.monotonic() < deadline
    deadline = time.monotonic() + 10
    while not is_well(port):
        assert time.monotonic() < deadline


def kept(port: int, client: str, most: int, stack: contextlib.ExitStack) -> int:
    """Open connections until one is refused with 503, or there are so many; return how many."""
    request = HEAD + b"Content-Length: 3\r\n\r\nabc"
    for number in range(most):
        connection = stack.enter_context(connected(port, request, client))
        answer = connection.recv(10_000)
        if status(answer) != 200:
            assert status(answer) == 503
            assert b"\r\nretry-after: 5\r\n" in answer
            assert json.loads(answer.partition(b"\r\n\r\n")[2])["status"] == 503
            return number
    return most


def test_connections_that_get_scarce_are_for_those_who_have_few() -> None:
    with serving(FEW) as port, contextlib.ExitStack() as stack:
        # A client may have as many as are free: of 30 half, then of the other 15 half, and so on.
        assert kept(port, "127.0.0.1", 30, stack) == 15
        assert kept(port, "127.0.0.2", 30, stack) == 8
        assert is_well(port, "127.0.0.9")
        assert kept(port, "127.0.0.1", 1, stack) == 0
        others = [kept(port, f"127.0.1.{number}", 1, stack) for number in range(10)]
        assert others == [1] * 7 + [0] * 3
        with connected(port, client="127.0.0.9") as canary:
            assert status(received(canary)) == 503
        stack.close()
        deadline = time.monotonic() + 10
        while not is_well(port, "127.0.0.9"):
            assert time.monotonic() < deadline


def test_a_proxy_may_have_all_that_are_free_and_no_more() -> None:
    with serving(FEW, ["127.0.0.1"]) as port, contextlib.ExitStack() as stack:
        assert kept(port, "127.0.0.1", 40, stack) == 30
        assert kept(port, "127.0.0.2", 1, stack) == 0


def test_a_connection_may_be_idle_for_some_time(port: int) -> None:
    with connected(port, HEAD + b"Content-Length: 3\r\n\r\nabc") as connection:
        assert connection.recv(10_000).endswith(b"3")
        since = time.monotonic()
        assert connection.recv(10_000) == b""
        assert LIMITS.idle_s - 0.1 < time.monotonic() - since


def test_an_idle_connection_is_used_again(port: int) -> None:
    request = HEAD + b"Content-Length: 3\r\n\r\nabc"
    with connected(port) as connection:
        for _ in range(3):
            connection.sendall(request)
            assert connection.recv(10_000).endswith(b"3")
            time.sleep(0.6)


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("", ""),
        ("not an address", "not an address"),
    ],
)
def test_a_client_is_a_network_address(address: str, client: str) -> None:
    assert client_of(address) == client


def test_a_long_body_that_was_announced_does_not_cost_its_client_the_answer(port: int) -> None:
    body = b"x" * 12_000_000
    head = f"POST /refused HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
    with connected(port, head.encode()) as connection:
        connection.sendall(body)
        assert status(connection.recv(65_536)) == 413
