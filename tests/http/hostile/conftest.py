"""One server for all attacks, with those who watch it; and after each of them a look at everything.

Its limits are as delivered, but what takes long is allowed to take less, so that all attacks
together take minutes. It is the last module, `test_whole_run`, that judges them together.
"""

import itertools
import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pyoxigraph as ox
import pytest

from graph.generations import publish_generation
from server.scopes import scope_from_text
from server.token_changes import add_token

from ..conftest import Serve, Server, wait_until
from .attacker import TOKENS, Attacker
from .canary import SUBJECT, SUBJECTS, VALUE
from .witness import (
    MEMORY_MB,
    MOST_MEMORY_MB,
    MOST_S,
    READERS,
    Canary,
    Case,
    Memory,
    Outbound,
    store_digest,
)

QUERY_S = 1.5
"""How long a query may take here."""
_BRIEF = (
    f"query.timeout-s={QUERY_S}",
    "connection.head-s=2",
    "connection.body-grace-s=2",
    "connection.stalled-s=3",
    "upload.timeout-s=4",
    "write.timeout-s=2",
    "gate.timeout-s=5",
)
_EX = "http://example.org/"
_WARM_UP_S = 1.0


@dataclass
class Scene:
    """The server under attack, and who watches."""

    server: Server
    store: Path
    canary: Canary
    memory: Memory
    outbound: Outbound
    front: int
    digest: str
    """Of the store, as it has to stay."""


FINISHED: list[Case] = []


def _quads() -> Iterator[ox.Quad]:
    """Yield about 100 000 triples: each subject has a number, a kind and one that comes next."""
    graph = ox.NamedNode(f"{_EX}big")
    value, following, kind = (ox.NamedNode(f"{_EX}{name}") for name in ("value", "next", "kind"))
    assert value.value == VALUE
    for number in range(SUBJECTS):
        subject = ox.NamedNode(f"{SUBJECT}{number}")
        after = ox.NamedNode(f"{SUBJECT}{(number * 7 + 1) % SUBJECTS}")
        yield ox.Quad(subject, value, ox.Literal(number), graph)
        yield ox.Quad(subject, following, after, graph)
        yield ox.Quad(subject, kind, ox.NamedNode(f"{_EX}kind/{number % 100}"), graph)


@pytest.fixture(scope="session")
def scene(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Serve the store, and have everybody watch."""
    folder = tmp_path_factory.mktemp("hostile")
    store, tokens = folder / "store", folder / "tokens"
    publish_generation(store, _quads())
    for name, (scope, value) in TOKENS.items():
        add_token(tokens, name, [scope_from_text(scope)], value)
    outbound = Outbound(folder)
    limits = [word for limit in _BRIEF for word in ("--limit", limit)]
    with ExitStack() as stack:
        stack.enter_context(outbound.listening())
        server = stack.enter_context(
            serve(
                store, "--readers", READERS, "--memory", MEMORY_MB, "--token-file", tokens, *limits,
                in_place=True, through=outbound.through,
            )
        )  # fmt: skip
        # What a new release derives is published when the writer comes up.
        wait_until(lambda: httpx2.get(f"{server.url}/healthz").json()["writer"] == "up")
        canary = stack.enter_context(Canary(server.port, folder / "canary"))
        memory = stack.enter_context(Memory(server.process.pid))
        time.sleep(_WARM_UP_S)
        outbound.begin()
        digest = store_digest(store)
        yield Scene(server, store, canary, memory, outbound, server.front, digest)


_NUMBERS = itertools.count()


@pytest.fixture
def case(scene: Scene, request: pytest.FixtureRequest) -> Iterator[Case]:
    """Have one attack watched, and judge it when it is over."""
    case = Case(request.node.name.removeprefix("test_"))
    scene.memory.take_peak()
    began = time.perf_counter()
    yield case
    ended = time.perf_counter()
    case.samples = scene.canary.during(began, ended)
    case.seconds, case.memory_mb = ended - began, scene.memory.take_peak()
    FINISHED.append(case)
    assert not [each.fault for each in case.samples if each.fault]
    assert case.most < MOST_S, case
    assert case.memory_mb < MOST_MEMORY_MB, case
    assert scene.server.front == scene.front, "the front is another one"
    before, scene.digest = scene.digest, store_digest(scene.store)
    assert scene.digest == before, "the store has changed"
    assert scene.outbound.taken() == []


@pytest.fixture
def attacker(scene: Scene, case: Case) -> Attacker:
    """Return a client that nobody has met before, whose answers are noted."""
    number = next(_NUMBERS)
    return Attacker(scene.server.port, f"127.1.{number // 250}.{number % 250 + 1}", case.statuses)


@pytest.hookimpl(wrapper=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Generator[None]:
    """Print what was noticed, case by case."""
    for case in FINISHED:
        terminalreporter.write_line(str(case))
    return (yield)
