"""What one request may do to another, and to the server: nothing."""

import http.client
import json
import os
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import httpx2
import pytest

from .conftest import Serve, Server, publish, wait_until

POINT = "SELECT ?o { <http://example.org/a> <http://example.org/age> ?o }"
POINT_ANSWER = (200, "o\r\n36\r\n")
MEGABYTE = 1_000_000


def values(names: str, count: int) -> str:
    numbers = " ".join(map(str, range(count)))
    return " ".join(f"VALUES ?{name} {{ {numbers} }}" for name in names)


ENDLESS = f"SELECT (COUNT(*) AS ?n) {{ {values('abcd', 300)} }}"
HUNGRY = f"SELECT * {{ {values('abc', 300)} }} ORDER BY ?c ?a ?b"
LONG = f"SELECT * {{ {values('abcd', 300)} }}"
# 20 000 triples of 3 000 bytes each
LARGE = (
    f"CONSTRUCT {{ ?s <http://example.org/text> ?text }} {{ {values('ab', 150)} "
    "FILTER(?a * 150 + ?b < 20000) BIND(IRI(CONCAT('http://example.org/', STR(?a * 150 + ?b))) "
    f"AS ?s) BIND(CONCAT(STR(?a * 150 + ?b), '{'x' * 2950}') AS ?text) }}"
)


@pytest.fixture(scope="module")
def hurried(serve: Serve, small_store: Path) -> Iterator[Server]:
    """A server whose queries have a second."""
    with serve(small_store, "--readers", 4, "--timeout", 1) as server:
        yield server


@pytest.fixture(scope="module")
def tight(serve: Serve, small_store: Path) -> Iterator[Server]:
    """A server whose queries have 64 MB."""
    with serve(small_store, "--readers", 4, "--memory", 64) as server:
        yield server


def asked(server: Server, text: str) -> tuple[int, str]:
    response = server.ask(text)
    return response.status_code, response.text


@pytest.mark.parametrize(
    ("fixture", "text", "status", "complaint"),
    [
        pytest.param("hurried", ENDLESS, 504, "stopped after 1 s", id="time"),
        pytest.param("tight", HUNGRY, 507, "more than 64 MB", id="memory"),
    ],
)
def test_a_runaway_query_is_stopped_and_nobody_else_notices(
    request: pytest.FixtureRequest, fixture: str, text: str, status: int, complaint: str
) -> None:
    server: Server = request.getfixturevalue(fixture)
    finished: list[str] = []
    with ThreadPoolExecutor(2) as clients:
        runaway = clients.submit(server.ask, text)
        runaway.add_done_callback(lambda _: finished.append("runaway"))
        for _ in range(5):
            assert asked(server, POINT) == POINT_ANSWER
        finished.append("point queries")
        response = runaway.result(30)
    assert (response.status_code, complaint in response.json()["detail"]) == (status, True)
    if status == 504:
        assert finished == ["point queries", "runaway"]
    assert asked(server, POINT) == POINT_ANSWER
    assert "Traceback" not in server.log.read_text()


def test_an_answer_that_is_cut_short_is_a_broken_transfer(hurried: Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", hurried.port, timeout=30)
    connection.request("POST", "/sparql", LONG, {"Content-Type": "application/sparql-query"})
    response = connection.getresponse()
    assert (response.status, response.getheader("content-length")) == (200, None)
    with pytest.raises(http.client.IncompleteRead):
        response.read()
    connection.close()
    wait_until(lambda: "cut short" in hurried.log.read_text())
    assert "Traceback" not in hurried.log.read_text()


def test_clients_that_hang_up_or_do_not_read_hold_nothing(serve: Serve, small_store: Path) -> None:
    with serve(small_store, "--readers", 2, "--timeout", 20) as server:
        for text in (ENDLESS, LONG, ENDLESS, LONG, ENDLESS, LONG):
            with _connection(server, text):
                time.sleep(0.1)
        assert asked(server, POINT) == POINT_ANSWER
        wait_until(lambda: not any(map(_works, server.readers)))
        assert "Traceback" not in server.log.read_text()


def test_kill_9_on_readers_harms_no_other_query(serve: Serve, small_store: Path) -> None:
    counts: Counter[tuple[int, str]] = Counter()
    stop = threading.Event()

    def kill_now_and_then(server: Server) -> int:
        kills = 0
        while not stop.wait(0.1):
            for reader in server.readers[:1]:
                os.kill(reader, signal.SIGKILL)
                kills += 1
        return kills

    with serve(small_store, "--readers", 4) as server, ThreadPoolExecutor(7) as threads:
        killer = threads.submit(kill_now_and_then, server)
        try:
            for answer in threads.map(asked, [server] * 1500, [POINT] * 1500, timeout=60):
                counts[answer] += 1
        finally:
            stop.set()
        assert killer.result() >= 3
        lost = sum(count for answer, count in counts.items() if answer != POINT_ANSWER)
        assert {status for status, _ in counts} <= {200, 503}, counts
        assert lost <= killer.result() // 2, counts
        wait_until(lambda: len(server.readers) == 5)
        assert asked(server, POINT) == POINT_ANSWER


def test_a_slow_client_costs_the_front_no_memory(serve: Serve, small_store: Path) -> None:
    with serve(small_store, "--readers", 2, "--timeout", 60) as server:
        assert asked(server, POINT) == POINT_ANSWER
        at_rest = _memory(server.front)
        memory: list[int] = []
        received = 0
        with _connection(server, LARGE, "application/n-triples") as client:
            while piece := client.recv(256 * 1024):
                received += len(piece)
                if len(memory) * 2 * MEGABYTE < received:
                    memory.append(_memory(server.front))
                    time.sleep(0.05)
                if piece.endswith(b"\r\n0\r\n\r\n"):
                    break
        assert received > 60 * MEGABYTE
        assert len(memory) > 25
        assert max(memory) - at_rest < 12 * MEGABYTE, (at_rest, memory)


def test_the_second_packet_of_an_answer_waits_for_nothing(server: Server) -> None:
    """A client that acknowledges late, as all do, would make each answer 40 ms late."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    took: list[float] = []
    for _ in range(31):
        start = time.perf_counter()
        connection.request("GET", f"/sparql?query={quote(POINT)}")
        connection.getresponse().read()
        took.append(time.perf_counter() - start)
    connection.close()
    assert sorted(took)[15] < 0.03


def test_a_generation_published_meanwhile_is_served(serve: Serve, tmp_path: Path) -> None:
    publish(tmp_path)
    with serve(tmp_path, "--readers", 2, in_place=True) as server:
        before = server.ask(POINT)
        publish(tmp_path, "<http://example.org/a> <http://example.org/age> 37 .")
        wait_until(lambda: server.ask(POINT).headers["x-generation"] == "2")
        after = server.ask(POINT, "text/csv")
        assert after.text == "o\r\n37\r\n"
        assert after.headers["etag"] != before.headers["etag"]
        stale = {"Accept": "text/csv", "If-None-Match": before.headers["etag"]}
        again = httpx2.get(server.sparql, params={"query": POINT}, headers=stale)
        assert again.status_code == 200


def test_service_sends_no_packet(server: Server) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.3)
        port = listener.getsockname()[1]
        for call in (f"SERVICE <http://127.0.0.1:{port}/>", f"service<http://127.0.0.1:{port}/>"):
            response = server.ask(f"SELECT * {{ {call} {{ ?s ?p ?o }} }}")
            assert response.status_code == 403
        with pytest.raises(TimeoutError):
            listener.accept()


def test_the_answer_says_so_when_all_readers_are_busy(serve: Serve, small_store: Path) -> None:
    with (
        serve(
            small_store, "--readers", 1, "--timeout", 20, "--limit", "client.parallel=50"
        ) as server,
        ThreadPoolExecutor(20) as clients,
    ):
        clients.submit(asked, server, ENDLESS)
        time.sleep(2)  # the reader reads that long text first, and is free for a moment then
        waiting = [clients.submit(server.ask, f"{POINT} #{number}") for number in range(18)]
        responses = [each.result(30) for each in waiting]
        server.process.kill()
    turned_away = [each for each in responses if each.status_code == 503]
    assert len(turned_away) == 18
    assert all(each.headers["retry-after"] == "5" for each in turned_away)
    details = [json.loads(each.text)["detail"] for each in turned_away]
    assert sum("wait already" in detail for detail in details) == 2


def _connection(server: Server, text: str, accept: str = "text/csv") -> socket.socket:
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
    client.settimeout(30)
    client.connect(("127.0.0.1", server.port))
    body = f"query={quote(text)}".encode()
    head = (
        f"POST /sparql HTTP/1.1\r\nHost: localhost\r\nAccept: {accept}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    client.sendall(head.encode() + body)
    return client


def _memory(process_id: int) -> int:
    status = Path(f"/proc/{process_id}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) * 1024


def _works(process_id: int) -> bool:
    def spent() -> int:
        fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])

    try:
        before = spent()
        time.sleep(0.2)
        return spent() > before + 5
    except FileNotFoundError:
        return False
