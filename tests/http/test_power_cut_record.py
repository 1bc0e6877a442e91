"""A power cut after any call of the real server leaves all that it has acknowledged, and no half.

The server runs under strace. From the record, a model of the disk tells what a power cut would
leave after each call, in several ways; what it leaves is started from.
"""

from __future__ import annotations

import itertools
import os
import re
import shutil
import socket
import threading
import time
from collections import Counter, defaultdict
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox
import pytest

from graph.generations import current_generation, verify_generation
from graph.generations.fallback import find_whole
from graph.history.pages import history_of
from graph.history.reading import History
from graph.paths import bundled
from graph.recovery.check import check_generation
from graph.rules import read_rules
from graph.writing.upkeep import Upkeep
from graph.writing.writer import Writer
from server.scopes import scope_from_text
from server.token_changes import add_token
from tests.engine.wishes import carry_out, fast_directory, insert, wish

from .conftest import children, publish, wait_until
from .disk import BY_CHANCE, Disk, Image, cuts, materialise
from .ledger import MINE, Change, Ledger, Outcome
from .load import Connection, WritingClient
from .recording import STRACE, Call, calls, recorded, text
from .writers import TOKENS

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

CLIENTS, EACH = 3, 6
SCHEMA = """
    PREFIX mp: <https://w3id.org/metapole/def#>
    PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
    GRAPH <https://w3id.org/metapole/graph/ontology> { mp:Person rdfs:subClassOf mp:Actor }
"""
"""So much of the ontology that the shapes look at persons."""
_ACKNOWLEDGED = re.compile(rb"HTTP/1\.1 20\d .*?\r\nx-commit: (\d+)\r\n", re.DOTALL | re.IGNORECASE)
State = dict[str, frozenset[int]]


class Recording(Ledger):
    """A ledger that knows which commit made which change."""

    def __init__(self) -> None:
        super().__init__()
        self.changes: dict[int, Change] = {}

    def note(self, change: Change, outcome: Outcome, commit: int | None = None) -> None:
        super().note(change, outcome, commit)
        assert outcome == "acknowledged", "nothing goes wrong here"
        if commit is not None:
            self.changes[commit] = change

    def states(self) -> list[State]:
        """Return what the graphs hold after each commit, from none on."""
        states: list[State] = [{}]
        for number in range(1, len(self.changes) + 1):
            change = self.changes[number]
            states.append({**states[-1], change.graph: change.after})
        return [{graph: held for graph, held in state.items() if held} for state in states]


class Found(NamedTuple):
    """What a power cut has left."""

    cut: str
    acknowledged: int
    """The last commit that a client was told of until then."""
    image: Image
    after: str


@pytest.fixture
def folder() -> Iterator[Path]:
    with fast_directory() as directory:
        yield directory


def work(port: int, ledger: Recording, supervisor: int) -> None:
    """Write with several clients at once, and kill the writer once."""
    numbers = itertools.count(1)
    first = Connection(port)
    wait_until(lambda: first.ask("ASK {}").status == 200, 60)
    first.close()

    def write(name: str) -> None:
        client = WritingClient(name, port, ledger, numbers)
        for _ in range(EACH):
            client.work()
        client.close()

    threads = [threading.Thread(target=write, args=(f"p{n}",)) for n in range(CLIENTS)]
    for thread in threads:
        thread.start()
    time.sleep(1)
    os.kill(children(children(supervisor)[0], "graph.writing.child")[0], 9)
    for thread in threads:
        thread.join(120)
        assert not thread.is_alive()


def acknowledgement(call: Call) -> int | None:
    """Return the commit that *call* tells a client of."""
    if call.name not in ("sendto", "write") or not call.is_begin:  # the loop chooses
        return None
    found = _ACKNOWLEDGED.match(text(call.arguments[1]))
    return int(found[1]) if found else None


def images(disk: Disk, record: Path) -> Iterator[Found]:
    """Yield what a power cut leaves after each call, each image once for each way of cutting."""
    seen: set[tuple[str, int]] = set()
    acknowledged, looked = 0, itertools.count()
    for call in calls(record):
        commit = acknowledgement(call)
        if commit is not None:
            acknowledged = max(acknowledged, commit)
        if not disk.apply(call) and commit is None:
            continue
        if call.name in ("write", "open", "openat", "link") and commit is None:
            continue  # what these do is seen after the next call that matters
        is_sample = next(looked) % 4 == 0 or commit is not None
        for name, cut in cuts(call.number).items():
            if name == BY_CHANCE and not is_sample:
                continue
            image = disk.image(cut)
            if commit is not None or (name, digest_of(image)) not in seen:
                seen.add((name, digest_of(image)))
                yield Found(name, acknowledged, image, call.name)


def digest_of(image: Image) -> int:
    """Return what tells images from others, but for what every start throws away."""
    left_out = ("scratch", "spool", "lock", "server.lock")
    return hash(frozenset(each for each in image.items() if not each[0].startswith(left_out)))


def held(store: ox.Store) -> State:
    """Return the batches that *store* holds, by graph; all of them have to be whole."""
    query = f"""
        SELECT ?graph ?number (COUNT(*) AS ?triples) {{
            GRAPH ?graph {{ ?batch ?p ?o OPTIONAL {{ ?batch <x:number> ?number }} }}
            FILTER(STRSTARTS(STR(?batch), "{MINE}") && ?graph NOT IN (
                <https://w3id.org/metapole/graph/derived>, <https://w3id.org/metapole/graph/union>))
        }} GROUP BY ?graph ?number
    """
    found: defaultdict[str, set[int]] = defaultdict(set)
    rows = store.query(query)
    assert isinstance(rows, ox.QuerySolutions)
    for row in rows:
        graph, number, triples = row["graph"], row["number"], row["triples"]
        assert isinstance(graph, ox.NamedNode)
        assert isinstance(number, ox.Literal)
        assert isinstance(triples, ox.Literal)
        assert triples.value == "3", f"batch {number} of {graph} is half there"
        found[graph.value].add(int(number.value))
    return {graph: frozenset(numbers) for graph, numbers in found.items()}


@pytest.mark.faults
@pytest.mark.timeout(300)
@pytest.mark.skipif(STRACE is None, reason="there is no strace, which records the calls")
def test_a_power_cut_after_any_call_loses_nothing_acknowledged(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store, tokens, record = folder / "store", folder / "tokens", folder / "record"
    publish(store, SCHEMA)
    scope, value = TOKENS["updater"]
    add_token(tokens, "updater", [scope_from_text(scope)], value)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    disk, ledger = Disk(store), Recording()
    words = (
        "-m", "server", "serve", "--store", store, "--port", port, "--token-file", tokens,
        "--readers", 1, "--limit", "client.parallel=9",
    )  # fmt: skip
    with recorded(record, folder / "stderr", *words) as supervisor:
        work(port, ledger, supervisor)
    states = ledger.states()
    looked_at: dict[int, int] = {}
    ways: Counter[str] = Counter()
    starts = Starts()
    for found in images(disk, record):
        ways[found.cut] += 1
        commit = looked_at.get(digest := digest_of(found.image))
        if commit is None:
            with materialised(found.image, folder / "image") as image:
                commit = looked_at[digest] = held_after(image, states, found)
                starts.now_and_then(image, found)
        assert commit >= found.acknowledged, (found.cut, found.after, commit, found.acknowledged)
    assert disk.live() == _as_it_is(store), "the record is not complete"
    assert {*map(acknowledgement, calls(record))} >= set(ledger.changes), "one was not seen"
    with capsys.disabled():
        print(  # noqa: T201 -- figures
            f"\n{len(ledger.changes)} commits; {sum(ways.values())} cuts, {len(looked_at)}"
            f" different images, {starts.number} of them started from and changed: {dict(ways)}"
        )


def held_after(image: Path, states: list[State], found: Found) -> int:
    """Return the last commit of what was left, which has to be whole as it is."""
    generation = current_generation(image)
    assert generation, found[:2]
    verify_generation(generation)
    kept = held(ox.Store.read_only(str(generation.path)))
    history = History(history_of(generation), generation.entries)
    told = {entry.commit for _, entry in history.entries()}
    assert max(told) == generation.commit, "the history is behind, or ahead"
    assert kept == states[generation.commit], (found.cut, found.after, found.acknowledged)
    return generation.commit


class Starts:
    """Starts from one image in some, as a server does, and makes a change."""

    EVERY = 8

    def __init__(self) -> None:
        rules = bundled("ontology") / "rules"
        self._rules, self._upkeep = read_rules(rules), Upkeep(rules)
        self._seen = itertools.count()
        self.number = 0

    def now_and_then(self, image: Path, found: Found) -> None:
        if next(self._seen) % self.EVERY:
            return
        self.number += 1
        whole = find_whole(image)
        assert whole, found[:2]
        assert whole.fallback is None, (found[:2], whole.fallback.message)
        writer = Writer(image, carry_out, self._upkeep)
        writer.begin_anew()
        assert writer.apply(wish(insert(("x:s", "x:p", "next", "x:g"))))["added"] == 1
        after = writer.publish()
        assert after
        assert after.commit == whole.generation.commit + 1
        assert list(check_generation(after, self._rules)) == [], found[:2]


@pytest.mark.faults
@pytest.mark.skipif(STRACE is None, reason="there is no strace, which records the calls")
@pytest.mark.parametrize("is_first", [True, False], ids=["the first build", "a later build"])
def test_a_power_cut_while_building_leaves_the_store_as_before_or_as_after(
    folder: Path, is_first: bool
) -> None:
    """Nobody has to do anything by hand: after the cut, the same build can be made."""
    store, record = folder / "store", folder / "record"
    if not is_first:
        publish(store, SCHEMA)
    disk = Disk(store)
    trig = "GRAPH <x:g> { <x:s> <x:p> 1, 2, 3 }"
    program = (
        f"from pathlib import Path; from tests.http.conftest import publish; "
        f"publish(Path({str(store)!r}), {trig!r})"
    )
    with recorded(record, folder / "stderr", "-c", program) as process:
        wait_until(lambda: not Path(f"/proc/{process}").exists(), 60)
    assert "Error" not in (folder / "stderr").read_text()
    seen: set[int] = set()
    sizes: Counter[int | None] = Counter()
    for found in images(disk, record):
        if (digest := digest_of(found.image)) in seen:
            continue
        seen.add(digest)
        with materialised(found.image, folder / "image") as image:
            whole = find_whole(image)
            if whole and whole.fallback:
                assert whole.fallback.loses_nothing, whole.fallback.message
            sizes[whole.generation.quads if whole else None] += 1
            publish(image, trig)
            after = current_generation(image)
            assert after
            assert after.quads == 3
    assert set(sizes) == ({None, 3} if is_first else {1, 3})
    assert disk.live() == _as_it_is(store), "the record is not complete"
    for cut in cuts(1).values():
        with materialised(disk.image(cut), folder / "image") as image:
            whole = find_whole(image)
            assert whole
            assert (whole.generation.quads, whole.fallback) == (3, None)


def _as_it_is(directory: Path) -> Image:
    return {
        str(path.relative_to(directory)): None if path.is_dir() else path.read_bytes()
        for path in directory.rglob("*")
    }


@contextmanager
def materialised(image: Image, directory: Path) -> Generator[Path]:
    """Have *image* as a directory, as long as the context lasts."""
    materialise(image, directory)
    yield directory
    shutil.rmtree(directory)
