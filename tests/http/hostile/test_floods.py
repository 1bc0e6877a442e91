"""Many requests, and clients that do not wait for the answers."""

import contextlib
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from ..conftest import wait_until
from .attacker import QUERY, Answer, Attacker, first_answer
from .conftest import QUERY_S, Scene
from .test_queries import COUNT, CROSS, select, values

pytestmark = pytest.mark.hostile

LONG = select(values("abcd", 300))
TYPES = ("text/csv", "text/tab-separated-values", "application/sparql-results+json",
         "application/sparql-results+xml")  # fmt: skip


def request(text: str, accept: str = "text/csv") -> bytes:
    head = f"POST /sparql HTTP/1.1\r\nHost: x\r\nAccept: {accept}\r\nContent-Type: {QUERY}\r\n"
    return f"{head}Content-Length: {len(text)}\r\n\r\n{text}".encode()


def test_row_14_clients_that_do_not_read(scene: Scene, attacker: Attacker) -> None:
    with contextlib.ExitStack() as stack:
        for number in range(12):
            sock = stack.enter_context(attacker.connected())
            sock.sendall(request(f"{LONG} #{number}", TYPES[number % 4]))
        time.sleep(QUERY_S + 2)
        wait_until(lambda: not any(map(_works, scene.server.readers)), 10)


def test_row_15_clients_that_vanish(scene: Scene, attacker: Attacker) -> None:
    for number in range(12):
        with attacker.connected() as sock:
            sock.sendall(request(select(f"{CROSS} FILTER(?b != {number})", COUNT)))
            time.sleep(0.05)
    wait_until(lambda: not any(map(_works, scene.server.readers)), 3)


def test_clients_that_vanish_all_the_time(attacker: Attacker) -> None:
    """A reader ends with each of them, and others need one."""

    def vanish(number: int) -> Answer:
        text = (select(CROSS, COUNT), LONG)[number % 2]
        with attacker.connected() as sock:
            sock.sendall(request(f"{text} #{number}"))
            time.sleep(0.03)
        return Answer(0)

    attacker.flood(vanish, 6, 60)


def test_row_17_answers_that_are_cut_short_are_seen_to_be(attacker: Attacker) -> None:
    def ask(number: int) -> Answer:
        return attacker.ask(f"{LONG} #{number}", TYPES[number])

    with ThreadPoolExecutor(2) as clients:
        for answer in clients.map(ask, range(len(TYPES))):
            assert (answer.status, answer.is_whole) == (200, False)
            assert b"cancel" not in answer.body[-1000:].lower()


def test_row_18_many_small_queries(scene: Scene, attacker: Attacker) -> None:
    threads = _threads(scene.server.front)

    def ask(number: int) -> Answer:
        worst = 0
        with contextlib.closing(attacker.connection()) as connection:
            for count in range(30):
                connection.request("GET", f"/sparql?query=ASK%7B%7D%23{number}-{count}")
                response = connection.getresponse()
                response.read()
                worst = max(worst, response.status)
        return attacker.noted(Answer(worst))

    assert {answer.status for answer in attacker.flood(ask, 20)} <= {200, 429}
    assert _threads(scene.server.front) <= threads + 8


def test_row_19_the_cache_is_filled_with_what_nobody_wants(attacker: Attacker) -> None:
    texts = [
        select("?s <http://example.org/value> ?o", f"?s ?o ({number} AS ?n)", "LIMIT 12000")
        for number in range(30)
    ]
    assert {answer.status for answer in attacker.ask_all(texts)} == {200}


def test_one_that_is_known_is_asked_for_and_not_read(attacker: Attacker) -> None:
    text = select("?s <http://example.org/value> ?o", "?s ?o", "LIMIT 12000")
    assert attacker.ask(text).status == 200
    with contextlib.ExitStack() as stack:
        for _ in range(100):
            stack.enter_context(attacker.connected()).sendall(request(text) * 5)
        time.sleep(2)


def test_who_fails_all_the_time_is_sent_away(attacker: Attacker) -> None:
    def fail(_: int) -> Answer:
        return attacker.ask("ASK {{")

    statuses = [answer.status for answer in attacker.flood(fail, 8, 80)]
    assert set(statuses) == {400, 429}


def test_connections_opened_and_closed(attacker: Attacker) -> None:
    for _ in range(1000):
        with attacker.connected():
            pass
    wait_until(lambda: attacker.ask("ASK {}").status == 200, 5)


def test_no_client_has_more_connections_than_its_share(attacker: Attacker) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(128):
            stack.enter_context(attacker.connected())
        with attacker.connected() as one_more:
            assert attacker.noted(first_answer(one_more)).status == 429


def _works(process: int) -> bool:
    """Tell whether *process* uses the processor much."""
    try:
        before = _ticks(process)
        time.sleep(0.2)
        return _ticks(process) - before > 10
    except OSError:
        return False


def _ticks(process: int) -> int:
    with open(f"/proc/{process}/stat") as file:  # noqa: PTH123 -- it is no file of ours
        fields = file.read().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def _threads(process: int) -> int:
    with open(f"/proc/{process}/status") as file:  # noqa: PTH123 -- the same
        return int(next(line for line in file if line.startswith("Threads:")).split()[1])
