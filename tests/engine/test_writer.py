"""The writer: what becomes of each wish, and that a batch is published whole or not at all."""

import errno
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from graph.errors import ShapesViolated, StoreUnusable
from graph.generations import (
    COMMITS_GRAPH,
    UNION_GRAPH,
    current_generation,
    kept_generations,
    pointer_path,
    publish_generation,
    verify_generation,
)
from graph.generations.publishing import Step, no_step
from graph.namespaces import DERIVED_GRAPH
from graph.writing.commits import commit_numbered
from graph.writing.transaction import Transaction
from graph.writing.writer import Gate, Writer, open_gate

from .wishes import (
    Statement,
    UnionOnly,
    carry_out,
    delete,
    fast_directory,
    insert,
    post,
    put,
    quad,
    statements,
    update,
    wish,
)

ONE: Statement = ("x:s", "x:p", "one", "x:g")
TWO: Statement = ("x:s", "x:p", "two", "x:g")
THREE: Statement = ("x:s", "x:p", "three", "x:h")
OWN: Statement = ("x:s", "x:p", "own", None)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def store() -> Iterator[Path]:
    """A store that holds ONE and OWN, in generation 1, after 4 commits."""
    with fast_directory() as directory:
        publish_generation(directory, map(quad, (ONE, OWN)), commit=4)
        yield directory


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "content.nt"


def noon() -> datetime:
    return NOON


def writer(
    store: Path,
    *,
    gate: Gate = open_gate,
    step: Step = no_step,
    clock: Callable[[], datetime] = noon,
) -> Writer:
    return Writer(store, carry_out, UnionOnly(), gate=gate, step=step, clock=clock)


def published(store: Path) -> ox.Store:
    generation = current_generation(store)
    assert generation
    verify_generation(generation)
    return ox.Store.read_only(str(generation.path))


def made(writer: Writer, *changes: dict[str, Any], **options: object) -> list[dict[str, Any]]:
    return writer.apply_all([wish(change, **options) for change in changes])  # type: ignore[arg-type]


def failed(outcome: dict[str, Any]) -> str:
    return f"{outcome['failure']}: {outcome['message']}"


# What becomes of a wish


@pytest.mark.parametrize(
    ("change", "counts", "held"),
    [
        pytest.param(insert(TWO, THREE), (2, 0), {TWO, THREE, ONE}, id="insert"),
        pytest.param(insert(ONE, TWO), (1, 0), {ONE, TWO}, id="insert what is there, too"),
        pytest.param(
            update(("delete", [ONE, TWO]), ("insert", [THREE])), (1, 1), {THREE}, id="replace"
        ),
        pytest.param(update(("drop", "x:g")), (0, 1), set[Statement](), id="drop"),
        pytest.param(update(("create", "x:new")), (0, 0), {ONE}, id="create an empty graph"),
    ],
)
def test_an_update_is_counted_and_published(
    store: Path, change: dict[str, Any], counts: tuple[int, int], held: set[Statement]
) -> None:
    with_writer = writer(store)
    [outcome] = made(with_writer, change)
    assert outcome == {
        "commit": 5, "added": counts[0], "removed": counts[1], "created": False, "is_replay": False,
    }  # fmt: skip
    generation = with_writer.publish()
    assert generation == current_generation(store)
    assert generation
    assert (generation.number, generation.commit) == (2, 5)
    after = published(store)
    assert {each for each in (ONE, TWO, THREE) if quad(each) in after} == held
    assert quad(OWN) in after


def test_what_changes_nothing_is_no_commit(store: Path) -> None:
    with_writer = writer(store)
    outcomes = made(with_writer, insert(ONE), update(("insert", [TWO]), ("delete", [TWO])))
    assert [(each["commit"], each["added"], each["removed"]) for each in outcomes] == 2 * [
        (None, 0, 0)
    ]
    assert with_writer.publish() is None
    assert [kept.number for kept in kept_generations(store)] == [1]


def test_what_changes_nothing_is_remembered_if_it_has_a_key(store: Path) -> None:
    with_writer = writer(store)
    [outcome] = made(with_writer, insert(ONE), key=("k", "aa"))
    assert (outcome["commit"], outcome["added"]) == (5, 0)
    generation = with_writer.publish()
    assert generation
    assert generation.commit == 5


@pytest.mark.parametrize(
    ("method", "graph", "counts", "held"),
    [
        pytest.param(put, "x:g", (1, 1), {"two"}, id="put replaces"),
        pytest.param(post, "x:g", (1, 0), {"one", "two"}, id="post adds"),
        pytest.param(put, None, (1, 1), {"two"}, id="put the default graph"),
        pytest.param(post, None, (1, 0), {"own", "two"}, id="post to the default graph"),
        pytest.param(put, "x:new", (1, 0), {"two"}, id="put a new graph"),
        pytest.param(post, "x:new", (1, 0), {"two"}, id="post to a new graph"),
    ],
)
def test_a_graph_is_written(
    store: Path,
    file: Path,
    method: Callable[..., dict[str, Any]],
    graph: str | None,
    counts: tuple[int, int],
    held: set[str],
) -> None:
    with_writer = writer(store)
    [outcome] = made(with_writer, method(file, graph, ("x:s", "x:p", "two")))
    assert (outcome["added"], outcome["removed"]) == counts
    assert outcome["created"] == (graph == "x:new")
    with_writer.publish()
    assert statements(published(store), [graph])[graph] == {f'<x:s> <x:p> "{it}"' for it in held}


def test_putting_what_is_there_changes_nothing(store: Path, file: Path) -> None:
    """A number is written in one form; what was sent in another is the same."""
    number = f'<x:s> <x:p> "%s"^^<{"http://www.w3.org/2001/XMLSchema#"}decimal> .\n'
    with_writer = writer(store)
    file.write_text(number % "0.70")
    change = {"kind": "put", "graph": "x:n", "content": str(file)}
    [first] = made(with_writer, change)
    file.write_text(number % "0.7" + number % "00.700")
    [second] = made(with_writer, change)
    assert (first["added"], second["commit"]) == (1, None)


def test_an_empty_graph_is_there(store: Path, file: Path) -> None:
    with_writer = writer(store)
    [outcome] = made(with_writer, put(file, "x:new"))
    generation = with_writer.publish()
    assert generation
    assert (outcome["created"], outcome["added"]) == (True, 0)
    assert generation.graphs
    assert generation.graphs["x:new"] == 0
    assert published(store).contains_named_graph(ox.NamedNode("x:new"))


@pytest.mark.parametrize("graph", ["x:g", None])
def test_a_graph_is_deleted(store: Path, graph: str | None) -> None:
    with_writer = writer(store)
    [outcome] = made(with_writer, delete(graph))
    generation = with_writer.publish()
    assert generation
    assert (outcome["added"], outcome["removed"], outcome["created"]) == (0, 1, False)
    assert statements(published(store), [graph]) == {graph: set()}
    assert published(store).contains_named_graph(ox.NamedNode("x:g")) == (graph is None)
    assert generation.graphs == (
        {"x:g": 1, COMMITS_GRAPH: 6} if graph is None else {COMMITS_GRAPH: 7}
    )


def test_a_graph_that_is_not_there_cannot_be_deleted(store: Path) -> None:
    [outcome] = made(writer(store), delete("x:none"))
    assert failed(outcome).startswith("UnknownGraph: there is no graph <x:none>")


@pytest.mark.parametrize("graph", [UNION_GRAPH, DERIVED_GRAPH, COMMITS_GRAPH])
@pytest.mark.parametrize("method", ["put", "post", "delete"])
def test_a_graph_of_the_server_is_not_written(
    store: Path, file: Path, graph: str, method: str
) -> None:
    [outcome] = made(writer(store), {**put(file, graph), "kind": method})
    assert failed(outcome).startswith(f"ReservedGraph: <{graph}> is kept by the server itself")


# Who may write where

MINE = "only to <x:g...>; ask for a token"


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        pytest.param(insert(TWO), None, id="to the graph"),
        pytest.param(insert(("x:s", "x:p", "o", "x:g/below")), None, id="below it"),
        pytest.param(insert(TWO, THREE), "may not write to <x:h>", id="to two graphs"),
        pytest.param(update(("delete", [OWN])), "the default graph", id="from the default graph"),
        pytest.param(update(("create", "x:new")), "to <x:new>", id="make an empty graph"),
        pytest.param(update(("insert", [OWN])), None, id="nothing is changed"),
        pytest.param(delete(None), "the default graph", id="delete the default graph"),
        pytest.param(delete("x:none"), "to <x:none>", id="delete what is not there"),
        pytest.param(delete("x:g"), None, id="delete the graph"),
    ],
)
def test_a_token_may_write_where_it_is_allowed_to(
    store: Path, change: dict[str, Any], complaint: str | None
) -> None:
    with_writer = writer(store)
    [outcome] = made(with_writer, change, prefixes=("x:g",))
    if complaint is None:
        assert "failure" not in outcome
        return
    assert outcome["failure"] == "GraphNotAllowed"
    assert complaint in outcome["message"]
    assert MINE in outcome["message"]
    assert with_writer.publish() is None
    assert quad(ONE) in published(store)


def test_a_token_may_not_drop_the_empty_graph_of_another(store: Path) -> None:
    with_writer = writer(store)
    made(with_writer, update(("create", "x:empty")))
    [outcome] = made(with_writer, update(("drop", "x:empty")), prefixes=("x:g",))
    assert "may not write to <x:empty>" in failed(outcome)


def test_a_token_for_no_graph_may_write_nowhere(store: Path) -> None:
    [outcome] = made(writer(store), insert(TWO), prefixes=())
    assert "only to no graph at all" in failed(outcome)


# Keys


def test_a_change_that_is_sent_again_is_not_made_again(store: Path, file: Path) -> None:
    with_writer = writer(store)
    change = put(file, "x:new", ("x:s", "x:p", "o"))
    [first] = made(with_writer, change, key=("k", "aa"))
    with_writer.publish()
    made(with_writer, delete("x:new"))
    [again] = made(with_writer, change, key=("k", "aa"))
    assert again == {**first, "is_replay": True}
    with_writer.publish()
    anew = writer(store)
    [later] = made(anew, change, key=("k", "aa"))
    assert later == {**first, "is_replay": True}
    assert anew.publish() is None
    assert not published(store).contains_named_graph(ox.NamedNode("x:new"))


def test_a_change_is_made_once_though_it_is_twice_in_a_batch(store: Path) -> None:
    outcomes = made(writer(store), *2 * [update(("increment", "x:n"))], key=("k", "aa"))
    assert [(each["commit"], each["is_replay"]) for each in outcomes] == [(5, False), (5, True)]


def test_a_key_stands_for_one_change(store: Path) -> None:
    with_writer = writer(store)
    made(with_writer, insert(TWO), key=("k", "aa"))
    [outcome] = made(with_writer, insert(THREE), key=("k", "bb"))
    assert failed(outcome).startswith("KeyReused: the idempotency key 'k' stands for another")
    [other] = made(with_writer, insert(THREE), key=("k", "bb"), author="ben")
    assert other["commit"] == 6


def test_the_key_of_a_change_that_failed_is_free(store: Path) -> None:
    with_writer = writer(store)
    [refused] = made(with_writer, update(("insert", [TWO]), ("fail", "no")), key=("k", "aa"))
    assert failed(refused) == "QueryRejected: no"
    [outcome] = made(with_writer, insert(TWO), key=("k", "bb"))
    assert (outcome["commit"], outcome["added"]) == (5, 1)


# Conditions


@pytest.mark.parametrize(
    ("graph", "conditions", "complaint"),
    [
        pytest.param("x:g", {"versions": [1]}, None, id="the version it has"),
        pytest.param("x:g", {"versions": [3, 1]}, None, id="one of two"),
        pytest.param("x:g", {"versions": [7]}, "changed last in generation 1", id="another"),
        pytest.param("x:g", {"versions": []}, "changed last in generation 1", id="none"),
        pytest.param("x:none", {"versions": [1]}, "is not there", id="none, not there"),
        pytest.param("x:g", {"exists": True}, None, id="there"),
        pytest.param("x:none", {"exists": True}, "there is no graph <x:none>", id="not there"),
        pytest.param("x:none", {"exists": False}, None, id="must not be there"),
        pytest.param("x:g", {"exists": False}, "<x:g> is there already", id="but is"),
        pytest.param(None, {"exists": False}, "the default graph is there", id="default graph"),
        pytest.param(None, {"versions": [1]}, None, id="version of the default graph"),
        pytest.param("x:g", {"not_versions": [1]}, "generation 1", id="seen"),
        pytest.param("x:g", {"not_versions": [2]}, None, id="not seen"),
        pytest.param("x:none", {"not_versions": [1]}, None, id="not seen, not there"),
    ],
)
def test_a_graph_is_written_as_its_author_takes_it_to_be(
    store: Path,
    file: Path,
    graph: str | None,
    conditions: dict[str, Any],
    complaint: str | None,
) -> None:
    with_writer = writer(store)
    [outcome] = made(with_writer, post(file, graph, ("x:s", "x:p", "new")), **conditions)
    if complaint is None:
        assert outcome["commit"] == 5
    else:
        assert outcome["failure"] == "PreconditionFailed"
        assert complaint in outcome["message"]
        assert with_writer.publish() is None


def test_a_change_in_the_same_batch_is_another_version(store: Path, file: Path) -> None:
    change = post(file, "x:g", ("x:s", "x:p", "new"))
    first, second = made(writer(store), change, delete("x:g"), versions=[1])
    assert first["commit"] == 5
    assert "changed last in generation 2" in failed(second)


def test_a_change_that_is_sent_again_needs_no_condition_to_hold(store: Path, file: Path) -> None:
    with_writer = writer(store)
    change = put(file, "x:new", ("x:s", "x:p", "o"))
    first, again = made(with_writer, change, change, key=("k", "aa"), exists=False)
    assert again == {**first, "is_replay": True}


# Batches


def test_one_that_fails_leaves_no_trace(store: Path) -> None:
    with_writer = writer(store)
    changes = (
        insert(TWO),
        update(("insert", [THREE]), ("drop", "x:g"), ("create", "x:new"), ("fail", "no such")),
        insert(THREE),
    )
    first, second, third = made(with_writer, *changes)
    assert (first["commit"], failed(second), third["commit"]) == (5, "QueryRejected: no such", 6)
    with_writer.publish()
    after = published(store)
    assert statements(after, ["x:g", "x:h"]) == {
        "x:g": {str(quad(ONE).triple), str(quad(TWO).triple)},
        "x:h": {str(quad(THREE).triple)},
    }
    assert not after.contains_named_graph(ox.NamedNode("x:new"))


def test_a_fault_that_nobody_foresaw_costs_only_the_wish_that_has_it(store: Path) -> None:
    with_writer = writer(store)
    begun: list[int] = []
    changes = (insert(TWO), update(("insert", [THREE]), ("break", "a bug")), insert(THREE))
    outcomes = with_writer.apply_all([wish(each) for each in changes], begun.append)
    assert [each.get("commit") for each in outcomes] == [5, None, 6]
    assert outcomes[1]["failure"] == "ZeroDivisionError"
    assert "Traceback" in outcomes[1]["message"]
    assert begun == [0, 1, 0, 2]
    generation = with_writer.publish()
    assert generation
    assert (generation.number, generation.commit) == (2, 6)


def test_what_is_too_large_is_said_to_be(store: Path) -> None:
    def devour(*_: object) -> None:
        raise MemoryError

    with_writer = Writer(store, devour, UnionOnly())
    [outcome] = made(with_writer, insert(TWO))
    assert failed(outcome).startswith("QueryOutOfMemory: the change needed more memory")


def test_a_file_that_is_not_there_is_our_own_fault(store: Path, tmp_path: Path) -> None:
    gone = {"kind": "put", "graph": "x:g", "content": str(tmp_path / "gone.nt")}
    first, second = made(writer(store), gone, insert(TWO))
    assert "gone.nt: no file of checked N-Triples" in failed(first)
    assert first["failure"] == "RuntimeError"
    assert second["commit"] == 5


def test_240_increments_in_batches_give_240(store: Path) -> None:
    with_writer = writer(store)
    for size in (1, 7, 40, 64, 64, 64):
        assert all("commit" in each for each in made(with_writer, *size * [INCREMENT]))
        with_writer.publish()
    assert statements(published(store), [None])[None] >= {
        f"<x:n> <x:count> {ox.Literal(240)}",
    }
    generation = current_generation(store)
    assert generation
    assert (generation.commit, generation.number) == (244, 7)


INCREMENT = update(("increment", "x:n"))


# What a generation says of itself


def test_counts_and_changes_are_kept_in_step(store: Path, file: Path) -> None:
    with_writer = writer(store)
    same = ("x:s", "x:p", "one", "x:h")
    made(with_writer, insert(TWO, same), update(("delete", [OWN])))
    second = with_writer.publish()
    assert second
    assert second.graphs == {"x:g": 2, "x:h": 1, COMMITS_GRAPH: 8 + 6}
    assert (second.quads, second.union_triples, second.default_triples) == (17, 2, 0)
    assert second.changed == {"": 2, "x:g": 2, "x:h": 2, COMMITS_GRAPH: 2}
    made(with_writer, delete("x:h"), post(file, "x:g", ("x:s", "x:p", "four")))
    third = with_writer.publish()
    assert third
    assert third.graphs == {"x:g": 3, COMMITS_GRAPH: 14 + 7 + 7}
    assert (third.quads, third.union_triples, third.default_triples) == (31, 3, 0)
    assert third.changed == {"": 2, "x:g": 3, COMMITS_GRAPH: 3}


def test_what_does_not_change_is_carried_on(store: Path) -> None:
    publish_generation(store, [quad(ONE)], built_from="files", shipped={"x:g": "digest"})
    with_writer = writer(store)
    made(with_writer, insert(TWO))
    generation = with_writer.publish()
    assert generation
    assert (generation.built_from, generation.shipped) == ("files", {"x:g": "digest"})


def test_the_log_tells_of_each_commit(store: Path) -> None:
    with_writer = writer(store)
    made(with_writer, insert(TWO, THREE), update(("delete", [OWN])), author="ben")
    with_writer.publish()
    after = published(store)
    first, second = commit_numbered(after, 5), commit_numbered(after, 6)
    assert first
    assert second
    assert (first.author, first.added, first.removed, first.changed, first.time) == (
        "ben", 2, 0, ("x:g", "x:h"), NOON,
    )  # fmt: skip
    assert (second.added, second.removed, second.changed) == (0, 1, ())


def test_the_log_goes_on_where_it_was_though_the_clock_was_put_back(store: Path) -> None:
    first = writer(store)
    made(first, insert(TWO))
    first.publish()
    again = writer(store, clock=lambda: NOON - timedelta(minutes=5))
    made(again, insert(THREE))
    again.publish()
    commit = commit_numbered(published(store), 6)
    assert commit
    assert commit.time == NOON


# What is derived, and the gate


class Copies(UnionOnly):
    """Derives a triple for each graph that it is told of, so that one can see when."""

    def __init__(self, digest: str) -> None:
        self.rules_digest = digest

    def bring_in_step(self, transaction: Transaction) -> None:
        derived = ("x:all", "x:digest", self.rules_digest, DERIVED_GRAPH)
        transaction.insert([quad(derived)], by_server=True)
        super().bring_in_step(transaction)


def test_what_other_rules_derived_is_derived_again(store: Path) -> None:
    with_writer = Writer(store, carry_out, Copies("new rules"))
    with_writer.begin_anew()
    generation = with_writer.publish()
    assert generation
    assert (generation.rules, generation.commit) == ("new rules", 4)
    assert generation.graphs == {"x:g": 1, DERIVED_GRAPH: 1}
    again = Writer(store, carry_out, Copies("new rules"))
    again.begin_anew()
    assert again.publish() is None


def test_what_is_derived_is_not_counted_as_a_statement_of_the_author(store: Path) -> None:
    [outcome] = Writer(store, carry_out, Copies("rules")).apply_all([wish(insert(TWO))])
    assert (outcome["added"], outcome["removed"]) == (1, 0)


def test_the_gate_sees_the_change_alone_and_its_word_is_passed_on(store: Path) -> None:
    seen: list[tuple[set[ox.Quad], set[ox.Quad]]] = []

    def gate(transaction: Transaction) -> dict[str, Any]:
        seen.append((set(transaction.added), set(transaction.removed)))
        return {"findings": [{"message": "odd"}], "gate_ms": 1.5}

    change = update(("insert", [TWO]), ("delete", [ONE]))
    [outcome] = made(writer(store, gate=gate), change)
    assert seen == [({quad(TWO)}, {quad(ONE)})]
    assert (outcome["findings"], outcome["gate_ms"]) == ([{"message": "odd"}], 1.5)


def test_what_the_gate_refuses_is_not_made(store: Path) -> None:
    def gate(_: Transaction) -> dict[str, Any]:
        raise ShapesViolated("no name", [{"message": "odd"}])

    with_writer = writer(store, gate=gate)
    [outcome] = made(with_writer, insert(TWO))
    assert outcome == {
        "failure": "ShapesViolated", "message": "no name", "findings": [{"message": "odd"}],
    }  # fmt: skip
    assert with_writer.publish() is None


# When the disk is the trouble


def full_at(step: str, times: int) -> Callable[[str], None]:
    left = [times]

    def raise_there(name: str) -> None:
        if name == step and left[0]:
            left[0] -= 1
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    return raise_there


@pytest.mark.parametrize("step", ["open", "opened", "apply", "bring in step", "log"])
def test_a_full_disk_fails_the_batch_and_the_next_one_begins_anew(store: Path, step: str) -> None:
    with_writer = writer(store, step=full_at(step, 2))
    for _ in range(2):
        with pytest.raises(OSError, match="No space left"):
            made(with_writer, insert(TWO), insert(THREE))
        assert quad(TWO) not in published(store)
    assert [each["commit"] for each in made(with_writer, insert(TWO), insert(THREE))] == [5, 6]
    assert with_writer.publish() == current_generation(store)


@pytest.mark.parametrize("step", ["back up", "read files", "rename", "record", "flush", "switch"])
def test_a_disk_that_is_full_when_publishing_leaves_the_generation_before(
    store: Path, step: str
) -> None:
    with_writer = writer(store, step=full_at(step, 1))
    made(with_writer, insert(TWO))
    with pytest.raises(OSError, match="No space left"):
        with_writer.publish()
    assert quad(TWO) not in published(store)
    [outcome] = made(with_writer, insert(THREE))
    generation = with_writer.publish()
    assert generation
    assert (outcome["commit"], generation.number) == (5, 2)
    assert quad(TWO) not in published(store)
    assert quad(THREE) in published(store)


LIMITED = """
import json, resource, sys
from pathlib import Path
from graph.writing.writer import Writer
from tests.engine.wishes import UnionOnly, carry_out, insert, wish
store = Path(sys.argv[1])
writer = Writer(store, carry_out, UnionOnly())
big = [wish(insert(*(("x:s", "x:p", f"{n} " + 9000 * "long ", "x:g") for n in range(60))))]
small = [wish(insert(("x:s", "x:p", "small", "x:g")))]
writer.begin_anew()
_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))
said = []
try:
    writer.apply_all(big)
    writer.publish()
except OSError as error:
    said.append(str(error))
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
outcomes = writer.apply_all(small)
said.append(writer.publish().number)
print(json.dumps([said, outcomes[0]["commit"]]))
"""


def test_the_engine_recovers_from_a_disk_that_takes_no_more(store: Path, project: Path) -> None:
    """The system refuses the engine's own writes here; no hook of ours is in between."""
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[1] == resource.RLIM_INFINITY
    command = [sys.executable, "-c", LIMITED, str(store)]
    ended = subprocess.run(command, cwd=project, capture_output=True, text=True, check=True)
    assert "File too large" in ended.stdout, ended.stdout
    assert ended.stdout.endswith(", 2], 5]\n"), ended.stdout
    assert quad(("x:s", "x:p", "small", "x:g")) in published(store)


def test_a_directory_without_a_store_cannot_be_written_to(tmp_path: Path) -> None:
    with pytest.raises(StoreUnusable, match="there is no store yet; make one with"):
        writer(tmp_path).begin_anew()


def test_a_damaged_pointer_refuses_all(store: Path) -> None:
    pointer_path(store).write_text("{")
    outcomes = made(writer(store), insert(TWO), insert(THREE))
    assert [each["failure"] for each in outcomes] == ["StoreUnusable", "StoreUnusable"]
