"""Many who write at once: every acknowledged change is there, once, for everyone."""

import contextlib
import http.client
import os
import random
import signal
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self
from urllib.parse import quote

from tests.thoroughness import tried

from .conftest import Serve, Server
from .writers import TOKENS, UPDATE, Writer, writing

CLIENTS, EACH = 6, tried(15, 40)
COUNTER = "http://example.org/counter"
START = f"INSERT DATA {{ GRAPH <{COUNTER}> {{ <{COUNTER}> <{COUNTER}#value> 0 }} }}"
INCREMENT = f"""
PREFIX : <{COUNTER}#>
DELETE {{ GRAPH <{COUNTER}> {{ <{COUNTER}> :value ?old }} }}
INSERT {{ GRAPH <{COUNTER}> {{ <{COUNTER}> :value ?new }} }}
WHERE {{ GRAPH <{COUNTER}> {{ <{COUNTER}> :value ?old }} BIND (?old + 1 AS ?new) }}
"""
VALUE = f"SELECT ?value {{ GRAPH <{COUNTER}> {{ <{COUNTER}> <{COUNTER}#value> ?value }} }}"
TOGETHER = ("--limit", f"client.parallel={CLIENTS}")
"""All clients have one address, and are not to wait for their turn: their changes meet."""
NOT_NOW = (409, 429, 503)
KILLED_AFTER = 5
"""So many increments are made for each process that is killed, at least."""


class Client:
    """One client, with one connection that it opens again when it is lost."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def increment(self, key: str = "") -> int | None:
        """Return the status, or None when the answer was lost."""
        headers = {"Authorization": f"Bearer {TOKENS['updater'][1]}", "Content-Type": UPDATE}
        if key:
            headers["Idempotency-Key"] = key
        try:
            self._connection.request("POST", "/sparql", INCREMENT, headers)
            response = self._connection.getresponse()
            response.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            return None
        return response.status

    def value(self) -> int | None:
        """Return the value that a query finds; None when there is no answer."""
        try:
            target = f"/sparql?query={quote(VALUE)}"
            self._connection.request("GET", target, headers={"Accept": "text/csv"})
            response = self._connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            return None
        return int(content.split()[1]) if response.status == 200 else None


def value(writer: Writer) -> int:
    """Return the one value that the counter has."""
    (found,) = writer.server.ask(VALUE).text.split()[1:]
    return int(found)


def test_what_six_clients_count_up_is_what_all_of_them_have_counted(
    serve: Serve, small_store: Path
) -> None:
    statuses: Counter[int | None] = Counter()

    with writing(serve, small_store, *TOGETHER) as writer:
        assert writer.update(START).status_code == 204

        def count() -> None:
            seen = 0
            with Client(writer.server) as client:
                for _ in range(EACH):
                    status = client.increment()
                    statuses[status] += 1
                    if status == 204:
                        now = client.value()
                        assert now is not None
                        assert now > seen, "it does not see what it has written"
                        seen = now

        with ThreadPoolExecutor(CLIENTS) as threads:
            for done in [threads.submit(count) for _ in range(CLIENTS)]:
                done.result(100)
        assert value(writer) == statuses[204]
        assert set(statuses) <= {204, *NOT_NOW}, statuses
        assert statuses[204] + sum(statuses[each] for each in NOT_NOW) == CLIENTS * EACH


def test_no_increment_is_lost_or_made_twice_while_processes_are_killed(
    serve: Serve, small_store: Path
) -> None:
    rounds, stop, chance = tried(8, 15), threading.Event(), random.Random(4)  # noqa: S311 -- no secret
    killed: Counter[str] = Counter()
    acknowledged: list[str] = []

    with writing(serve, small_store, *TOGETHER) as writer:
        assert writer.update(START).status_code == 204

        def kill_now_and_then() -> None:
            while not stop.wait(chance.random() / 2):
                if len(acknowledged) < killed.total() * KILLED_AFTER:
                    continue  # on a busy machine, nothing would be made between two kills
                kind = chance.choice(["writer", "writer", "reader", "front"])
                with contextlib.suppress(OSError, IndexError):
                    server = writer.server
                    victim = {
                        "writer": lambda: server.writer,  # noqa: B023 -- called at once
                        "reader": lambda: server.readers[0],  # noqa: B023 -- the same
                        "front": lambda: server.front,  # noqa: B023 -- the same
                    }[kind]()
                    os.kill(victim, signal.SIGKILL)
                    killed[kind] += 1

        def count(name: str) -> int:
            seen = 0
            with Client(writer.server) as client:
                for number in range(rounds):
                    # The same key until there is an answer: it counts once.
                    while client.increment(f"{name}-{number}") != 204:
                        time.sleep(0.05)
                    acknowledged.append(name)
                    if (now := client.value()) is not None:
                        assert now > seen, "what was acknowledged is gone"
                        seen = now
            return rounds

        killer = threading.Thread(target=kill_now_and_then)
        killer.start()
        try:
            with ThreadPoolExecutor(CLIENTS) as threads:
                counting = [threads.submit(count, f"client-{n}") for n in range(CLIENTS)]
                made = sum(each.result(100) for each in counting)
        finally:
            stop.set()
            killer.join()
        assert killed["writer"] >= 2, killed
        assert made == CLIENTS * rounds
        assert value(writer) == made
