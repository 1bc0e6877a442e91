"""Random changes, crashes between any two steps and restarts: nothing acknowledged is ever lost.

The writer is compared with a model in plain Python. A crash is an exception that nobody catches,
after which only the directory is left, as after a SIGKILL; a full disk is one that is caught.
"""

from __future__ import annotations

import errno
import itertools
import shutil
from contextlib import ExitStack
from functools import cache
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from graph.generations import (
    COMMITS_GRAPH,
    UNION_GRAPH,
    Generation,
    current_generation,
    publish_generation,
    verify_generation,
)
from graph.writing.commits import commit_numbered
from graph.writing.wishes import Key
from graph.writing.writer import Writer
from tests.thoroughness import tried

from .model import Model
from .wishes import UnionOnly, carry_out, fast_directory, insert, quad, statements, wish

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .model import Triple

Wish = dict[str, Any]

GRAPHS = (None, "x:g", "x:h")
SEQUENCES = tried(20, 60)
"""How many random sequences the ordinary tests try; the slow ones try a thousand."""


class Crash(BaseException):
    """The process is gone."""


class Steps:
    """Lets one step fail, when it has been taken some times."""

    def __init__(self) -> None:
        self._name = ""
        self._times = 0
        self._is_crash = True

    def fail(self, name: str, times: int, kind: str) -> None:
        self._name, self._times, self._is_crash = name, times, kind == "crash"

    def succeed(self) -> None:
        self._name = ""

    def __call__(self, name: str) -> None:
        if name == self._name:
            self._times -= 1
            if self._times < 0:
                self._name = ""
                raise Crash if self._is_crash else OSError(errno.ENOSPC, "the disk is full")


@pytest.fixture
def store() -> Iterator[Path]:
    with fast_directory() as directory:
        publish_generation(directory, [])
        yield directory


def make(writer: Writer, batch: list[Wish]) -> None:
    """Do all that the writer's process does for a batch."""
    writer.apply_all(batch)
    writer.publish()
    writer.sweep()


# Every step, once

BATCH = [wish(insert(("x:a", "x:p", "1", "x:g"))), wish(insert(("x:b", "x:p", "2", None)))]
BEFORE_THE_SWITCH = (
    "open", "opened", "apply", "bring in step", "log", "applied", "back up", "read files", "rename",
    "history", "record", "point", "flush", "switch",
)  # fmt: skip
AFTER_IT = ("settle", "published", "sweep")


@pytest.mark.parametrize("crash_at", [*BEFORE_THE_SWITCH, *AFTER_IT])
def test_a_crash_at_any_step_leaves_all_of_a_batch_or_nothing(store: Path, crash_at: str) -> None:
    def step(name: str) -> None:
        if name == crash_at:
            raise Crash

    writer = Writer(store, carry_out, UnionOnly(), step=step)
    with pytest.raises(Crash):
        make(writer, BATCH)
    survivor = Writer(store, carry_out, UnionOnly())
    survivor.begin_anew()
    generation = current_generation(store)
    assert generation
    verify_generation(generation)
    held = len(statements(_opened(generation), [UNION_GRAPH])[UNION_GRAPH])
    switched = crash_at in AFTER_IT
    assert (generation.number, generation.commit, held) == ((2, 2, 2) if switched else (1, 0, 0))
    assert sorted(path.name for path in (store / "generations").iterdir()) == (
        ["000001", "000001.json", "000002", "000002.json"]
        if switched
        else ["000001", "000001.json"]
    )
    assert not list(store.glob("*.tmp"))
    make(survivor, BATCH)
    after = current_generation(store)
    assert after
    assert after.commit == 2


def test_every_step_is_crashed_at(store: Path) -> None:
    steps: list[str] = []
    writer = Writer(store, carry_out, UnionOnly(), step=steps.append)
    make(writer, BATCH)
    assert list(dict.fromkeys(steps)) == [*BEFORE_THE_SWITCH, *AFTER_IT]


# Random wishes

triples = st.tuples(st.sampled_from(["x:a", "x:b"]), st.just("x:p"), st.sampled_from(["1", "2"]))
facts = st.tuples(triples, st.sampled_from(GRAPHS)).map(lambda pair: (*pair[0], pair[1]))
some_facts = st.lists(facts, min_size=1, max_size=3)
named_graphs = st.sampled_from(GRAPHS[1:])
operations = st.one_of(
    st.tuples(st.just("insert"), some_facts),
    st.tuples(st.just("insert"), some_facts),
    st.tuples(st.just("delete"), some_facts),
    st.tuples(st.sampled_from(["create", "drop"]), named_graphs),
    st.tuples(st.sampled_from(["fail", "break"]), st.just("as the test has it")),
)
updates = st.lists(operations, min_size=1, max_size=3).map(
    lambda listed: {"kind": "update", "plan": {"operations": listed}}
)
graph_writes = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["put", "post", "delete"]),
        "graph": st.sampled_from(GRAPHS),
        "triples": st.lists(triples, max_size=3),
    }
)
conditions: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [
        *3 * [{}],
        {"exists": True},
        {"exists": False},
        *({"versions": versions} for versions in ([], [1], [2], [1, 2, 3])),
    ]
)
authors = st.sampled_from([("ada", None), ("ada", None), ("ben", ("x:g",))])
keys = st.none() | st.tuples(st.sampled_from(["k1", "k2"]), st.sampled_from(["aa", "bb"]))


@st.composite
def wishes(draw: st.DrawFn) -> Wish:
    change = draw(updates | graph_writes)
    name, prefixes = draw(authors)
    made = wish(change, author=name, prefixes=prefixes, key=draw(keys))
    if change["kind"] != "update":
        made["conditions"] |= draw(conditions)
    return made


batches = st.lists(wishes(), min_size=1, max_size=4)
troubles = st.tuples(
    st.sampled_from(["undo", *BEFORE_THE_SWITCH, *AFTER_IT]),
    st.integers(0, 2),
    st.sampled_from(["crash", "full disk"]),
)


# The machine


@cache
def empty_store() -> Path:
    """Return a store that holds nothing, to be copied: a build takes longer than a commit."""
    directory = ExitStack().enter_context(fast_directory())  # ends with the process
    publish_generation(directory, [])
    return directory


class WriterMachine(RuleBasedStateMachine):
    """A writer and a model that are to agree, whatever happens to the writer."""

    def __init__(self) -> None:
        super().__init__()
        self._resources = ExitStack()
        self._directory = self._resources.enter_context(fast_directory())
        self._store = self._directory / "store"
        shutil.copytree(empty_store(), self._store)
        self._files = itertools.count()
        self._steps = Steps()
        self._model = Model(1, changed={None: 1})
        self._last: list[Wish] = []
        self._writer: Writer
        self._start()

    def teardown(self) -> None:
        self.restart()
        del self._writer
        self._resources.close()

    @rule(batch=batches)
    def make(self, batch: list[Wish]) -> None:
        """Make a batch without trouble: every outcome is the model's, and so is the generation."""
        self._last = batch
        after, expected = self._foreseen(batch)
        outcomes = self._writer.apply_all(self._with_files(batch))
        published = self._writer.publish()
        self._writer.sweep()
        assert [each.get("failure", each) for each in outcomes] == expected
        assert (published is None) == (after == self._model)
        self._model = after
        _compare_record(current_generation(self._store), self._model)

    @rule(batch=batches, trouble=troubles)
    def make_in_trouble(self, batch: list[Wish], trouble: tuple[str, int, str]) -> None:
        """Make a batch while the process ends, or the disk is full, at some step."""
        self._last = batch
        after, _ = self._foreseen(batch)
        self._steps.fail(*trouble)
        try:
            self._writer.apply_all(self._with_files(batch))
            self._writer.publish()
            self._writer.sweep()
        except OSError:
            self._settle_for(after)
        except Crash:
            self._settle_for(after)
            self._start()
        else:
            self._model = after
        self._steps.succeed()
        _compare_record(current_generation(self._store), self._model)

    @rule()
    def send_again(self) -> None:
        """Send the last batch again, as a client does that got no answer."""
        self.make(self._last)

    @rule()
    def restart(self) -> None:
        """End the writer and start another, on what the directory holds."""
        self._start()
        generation = current_generation(self._store)
        _compare_record(generation, self._model)
        assert generation
        verify_generation(generation)
        _compare_content(generation, self._model)

    def _start(self) -> None:
        self._writer = Writer(self._store, carry_out, UnionOnly(), step=self._steps)
        self._steps.succeed()
        self._writer.begin_anew()

    def _foreseen(self, batch: list[Wish]) -> tuple[Model, list[dict[str, Any] | str]]:
        after = self._model
        expected: list[dict[str, Any] | str] = []
        for each in batch:
            after, outcome = after.after(each)
            expected.append(outcome)
        return (after if after == self._model else after.published()), expected

    def _settle_for(self, after: Model) -> None:
        """Nobody was told anything: the batch may be there, whole, or not be there at all."""
        generation = current_generation(self._store)
        assert generation
        assert generation.number in (self._model.generation, after.generation)
        if generation.number == after.generation:
            self._model = after

    def _with_files(self, batch: list[Wish]) -> list[Wish]:
        return [self._with_file(each) for each in batch]

    def _with_file(self, each: Wish) -> Wish:
        if each["kind"] == "update":
            return each
        file = self._directory / f"{next(self._files)}.nt"
        file.write_text(
            "".join(f"{quad((*triple, None)).triple} .\n" for triple in each["triples"])
        )
        return {**each, "content": str(file)}


def _compare_record(generation: Generation | None, model: Model) -> None:
    """Compare what a generation says of itself."""
    assert generation
    named = {name: len(triples) for name, triples in model.graphs.items() if name is not None}
    logged = sum(each.quads for each in model.commits)
    graphs = {**named, COMMITS_GRAPH: logged} if logged else named
    versions = {name or "": number for name, number in model.changed.items()}
    assert generation.number == model.generation
    assert generation.commit == len(model.commits)
    assert generation.graphs == graphs
    assert generation.quads == model.quads
    assert generation.union_triples == len(model.union)
    assert {**generation.changed, COMMITS_GRAPH: 0} == {**versions, COMMITS_GRAPH: 0}


def _compare_content(generation: Generation, model: Model) -> None:
    """Compare what a generation holds."""
    store = _opened(generation)
    graphs = {name: _written(triples) for name, triples in model.graphs.items()}
    graphs[UNION_GRAPH] = _written(model.union)
    assert statements(store, graphs) == graphs
    ours = {UNION_GRAPH, COMMITS_GRAPH}
    there = {name.value for name in store.named_graphs()} - ours
    assert there == {name for name in model.graphs if name is not None}
    for expected in model.commits:
        found = commit_numbered(store, expected.number)
        assert found
        assert (found.author, found.changed) == (expected.author, expected.changed)
        assert found.key == (Key(*expected.key) if expected.key else None)
        assert found.added == expected.outcome["added"]
        assert found.removed == expected.outcome["removed"]
        assert (found.created is not None) == expected.outcome["created"]


def _opened(generation: Generation) -> ox.Store:
    return ox.Store.read_only(str(generation.path))


def _written(triples: frozenset[Triple]) -> set[str]:
    return {str(quad((*triple, None)).triple) for triple in triples}


def _run(sequences: int) -> None:
    run_state_machine_as_test(
        WriterMachine,
        settings=settings(
            max_examples=sequences,
            stateful_step_count=8,
            deadline=None,
            phases=(Phase.explicit, Phase.reuse, Phase.generate),  # shrinking takes minutes
            suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large),
        ),
    )


def test_random_sequences_lose_nothing() -> None:
    _run(SEQUENCES)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_thousand_random_sequences_lose_nothing() -> None:
    _run(1000)
