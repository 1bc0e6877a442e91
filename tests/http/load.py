"""Clients that write and read all the time, and remember what they were told."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import random
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from .ledger import BATCHES, MINE, Change, Ledger, Outcome, State, batch
from .writers import TOKENS, UPDATE, indirect

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

TURTLE = "text/turtle"
_AS_LONG_AS_IT_TAKES_S = 60.0
_SAYS_NOTHING_CHANGED = ("nothing was changed", "nothing was kept")
_GRAPHS = "https://w3id.org/metapole/graph/"
NUMBERS = " ".join(map(str, range(300)))
STREAMED = f"SELECT ?a ?b {{ VALUES ?a {{ {NUMBERS} }} VALUES ?b {{ {NUMBERS} }} }}"
LONG = (
    f"SELECT (COUNT(*) AS ?n) {{ VALUES ?a {{ {NUMBERS} }} VALUES ?b {{ {NUMBERS} }} "
    "VALUES ?c { 1 2 3 4 5 } }"
)
POINT = "SELECT ?type { <https://w3id.org/metapole/def#Cluster> a ?type }"
"""Of what no client changes."""


@dataclass(frozen=True)
class Answer:
    """What came back; status 0 when the connection was lost."""

    status: int
    text: str = ""
    headers: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def outcome(self) -> Outcome:
        """What a client knows of a change that was answered so."""
        if 200 <= self.status < 300:
            return "acknowledged"
        if 400 <= self.status < 500 or any(words in self.text for words in _SAYS_NOTHING_CHANGED):
            return "refused"
        return "unknown"


class Connection:
    """One connection to a port, opened again whenever it is lost."""

    def __init__(self, port: int, timeout: float = 30) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)

    def send(
        self, method: str, target: str, content: str = "", headers: dict[str, str] | None = None
    ) -> Answer:
        try:
            self._connection.request(method, target, content.encode(), headers or {})
            response = self._connection.getresponse()
            text = response.read().decode()
        except ConnectionRefusedError:
            self._connection.close()
            return Answer(0, "nothing was changed: nobody has seen it")
        except (OSError, http.client.HTTPException):
            self._connection.close()
            return Answer(0)
        named = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, text, named)

    def ask(self, query: str) -> Answer:
        """Ask *query* in words that nobody has used, so that no answer is one that was kept."""
        target = f"/sparql?query={quote(f'{query} # {time.monotonic_ns()}')}"
        return self.send("GET", target, headers={"Accept": "text/csv"})

    def change(self, method: str, target: str, content: str, kind: str, key: str = "") -> Answer:
        headers = {"Authorization": f"Bearer {TOKENS['updater'][1]}", "Content-Type": kind}
        if key:
            headers["Idempotency-Key"] = key
        return self.send(method, target, content, headers)

    def close(self) -> None:
        self._connection.close()


class WritingClient:
    """Changes graphs of its own in all the ways there are, and enters each into the ledger."""

    def __init__(self, name: str, port: int, ledger: Ledger, numbers: itertools.count[int]) -> None:
        self._name = name
        self._connection = Connection(port)
        self._ledger = ledger
        self._numbers = numbers
        self._chance = random.Random(name)  # noqa: S311 -- no secret
        self._graphs = itertools.count(1)
        self._keys = itertools.count(1)
        self.statuses = Counter[str]()
        self._begin_graph()

    def work(self) -> None:
        """Make one change."""
        ways = [self._insert, self._insert, self._put, self._post, self._post, self._invalid]
        if self._state:
            ways += [self._remove, self._delete]
        self._chance.choice([*ways, self._upload])()

    def close(self) -> None:
        self._connection.close()

    def _begin_graph(self) -> None:
        """Go on with a graph that nothing is known of, as nothing is there."""
        self._graph = f"{MINE}{self._name}/{next(self._graphs)}"
        self._state: State = frozenset()

    def _insert(self) -> None:
        number = next(self._numbers)
        text = f"INSERT DATA {{ GRAPH <{self._graph}> {{ {batch(number)} }} }}"
        self._change(self._state | {number}, "POST", "/sparql", text, UPDATE)

    def _remove(self) -> None:
        number = self._chance.choice(sorted(self._state))
        text = f"DELETE WHERE {{ GRAPH <{self._graph}> {{ <{MINE}{number}> ?p ?o }} }}"
        self._change(self._state - {number}, "POST", "/sparql", text, UPDATE)

    def _put(self) -> None:
        new = frozenset(itertools.islice(self._numbers, self._chance.randint(1, 4)))
        self._change(new, "PUT", indirect(self._graph), _turtle(new), TURTLE)

    def _post(self) -> None:
        number = next(self._numbers)
        content = _turtle(frozenset({number}))
        self._change(self._state | {number}, "POST", indirect(self._graph), content, TURTLE)

    def _delete(self) -> None:
        self._change(frozenset(), "DELETE", indirect(self._graph), "", TURTLE)

    def _invalid(self) -> None:
        """Send what breaks a shape: a person without a name."""
        thing = f"<{MINE}{next(self._numbers)}> a <https://w3id.org/metapole/def#Person>"
        text = f"INSERT DATA {{ GRAPH <{self._graph}> {{ {thing} }} }}"
        answer = self._connection.change("POST", "/sparql", text, UPDATE)
        self.statuses[f"invalid {answer.status}"] += 1
        if answer.outcome == "acknowledged":
            self._ledger.faults.append("the gate let a person through who has no name")

    def _upload(self) -> None:
        """Have the server make a graph and name it, which the same key does once."""
        number = next(self._numbers)
        key = f"{self._name}-{next(self._keys)}"
        content = _turtle(frozenset({number}))
        answer = self._until_answered("POST", "/graph-store", content, TURTLE, key)
        graph = _GRAPHS + answer.headers.get("location", "").partition("/graph/")[2]
        self._note(Change(graph, frozenset(), frozenset({number})), answer)

    def _change(self, after: State, method: str, target: str, content: str, kind: str) -> None:
        if self._chance.random() < 0.5:
            key = f"{self._name}-{next(self._keys)}"
            answer = self._until_answered(method, target, content, kind, key)
        else:
            answer = self._connection.change(method, target, content, kind)
        self._note(Change(self._graph, self._state, after), answer)
        if answer.outcome == "acknowledged":
            self._state = after
        elif answer.outcome == "unknown":
            self._begin_graph()

    def _until_answered(
        self, method: str, target: str, content: str, kind: str, key: str
    ) -> Answer:
        """Send the same again until it is acknowledged, as clients with a key are to do."""
        deadline = time.monotonic() + _AS_LONG_AS_IT_TAKES_S
        while True:
            answer = self._connection.change(method, target, content, kind, key)
            if answer.outcome == "acknowledged" or time.monotonic() > deadline:
                return answer
            self.statuses[f"again {answer.status}"] += 1
            time.sleep(0.05)

    def _note(self, change: Change, answer: Answer) -> None:
        self.statuses[str(answer.status)] += 1
        commit = answer.headers.get("x-commit")
        self._ledger.note(change, answer.outcome, int(commit) if commit else None)


class ReadingClient:
    """Asks one question again and again, and looks whether the answers are right."""

    def __init__(self, name: str, port: int, query: str, is_right: Callable[[str], bool]) -> None:
        self._name = name
        self._connection = Connection(port)
        self._query = query
        self._is_right = is_right
        self.statuses = Counter[str]()
        self.wrong: list[str] = []

    def work(self) -> None:
        """Ask once."""
        answer = self._connection.ask(self._query)
        self.statuses[f"{self._name} {answer.status}"] += 1
        if answer.status == 200 and not self._is_right(answer.text):
            self.wrong.append(f"{self._name}: {answer.text[:1000]}")

    def close(self) -> None:
        self._connection.close()


def reading_clients(port: int) -> list[ReadingClient]:
    """Return those who ask for a point, for long, for a stream, and for what is being written."""
    return [
        ReadingClient("point", port, POINT, is_point),
        ReadingClient("long", port, LONG, lambda text: text == "n\r\n450000\r\n"),
        ReadingClient("stream", port, STREAMED, lambda text: text.count("\n") == 300 * 300 + 1),
        ReadingClient("batches", port, BATCHES, _are_whole),
    ]


def is_point(text: str) -> bool:
    """Tell whether *text* is the answer to POINT."""
    return text == "type\r\nhttp://www.w3.org/2002/07/owl#Class\r\n"


def _are_whole(text: str) -> bool:
    return all(line.endswith(",3") for line in text.split()[1:])


def _turtle(numbers: State) -> str:
    return "".join(map(batch, sorted(numbers)))


class Load:
    """Clients at work, each in a thread, with pauses in which nobody asks for anything."""

    def __init__(self, clients: list[WritingClient | ReadingClient], rest_s: float = 0.2) -> None:
        self._clients = clients
        self._rest_s = rest_s
        self._stop = threading.Event()
        self._turn = [threading.Lock() for _ in clients]
        self._failed: list[BaseException] = []

    @contextmanager
    def at_work(self) -> Generator[None]:
        """Have all of them work as long as the context lasts."""
        pairs = zip(self._clients, self._turn, strict=True)
        threads = [threading.Thread(target=self._work, args=pair) for pair in pairs]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in threads:
                thread.join(90)
            for client in self._clients:
                client.close()
        assert not self._failed, self._failed

    @contextmanager
    def paused(self) -> Generator[None]:
        """Wait until each has ended what it does, and let none begin anything."""
        with contextlib.ExitStack() as held:
            for lock in self._turn:
                held.enter_context(lock)
            yield

    def _work(self, client: Any, turn: threading.Lock) -> None:  # noqa: ANN401 -- of either kind
        try:
            while not self._stop.is_set():
                with turn:
                    client.work()
                self._stop.wait(self._rest_s)
        except BaseException as error:
            self._failed.append(error)
            raise
