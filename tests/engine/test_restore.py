"""Going back: numbers go up, the log stays, and a failure leaves what was or what was to be."""

from __future__ import annotations

import errno
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest

from graph.erasure import erase
from graph.errors import StoreUnusable
from graph.generations import (
    UNION_GRAPH,
    Generation,
    current_generation,
    pointer_path,
    publish_generation,
    verify_generation,
    writing,
)
from graph.generations.fallback import find_whole, set_aside
from graph.generations.record import generation_path, record_path
from graph.recovery.backups import back_up
from graph.recovery.check import check_generation
from graph.recovery.restoring import plan_restore
from graph.recovery.sources import Archived, Kept, State, chosen, states_in, when_made
from graph.rules import read_rules
from graph.writing.commits import all_commits, commit_with_key, is_undone
from graph.writing.transaction import COMMITS
from graph.writing.writer import Writer
from tests.thoroughness import one_in

from .edits import assert_in_step, build, content, log, opened, release, rules_in, write
from .states import (
    FORMS,
    MINE,
    Crash,
    Stop,
    damage,
    four_generations,
    kept,
    plan_and_make,
    quads,
)
from .wishes import UnionOnly, carry_out, fast_directory, insert, wish

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graph.recovery.backups import Form


@pytest.fixture
def folder() -> Iterator[Path]:
    with fast_directory() as directory:
        yield directory


@pytest.fixture
def rules(folder: Path) -> Path:
    return rules_in(folder / "rules")


@pytest.fixture
def store(folder: Path, rules: Path) -> Path:
    return four_generations(folder / "store", rules)


@pytest.fixture
def ontology(folder: Path, rules: Path) -> Path:
    """An ontology of one term and the rules of the store."""
    shutil.copytree(rules, folder / "ontology" / "rules")
    (folder / "ontology" / "terms").mkdir()
    (folder / "ontology" / "terms" / "a.ttl").write_text("<x:a> <x:b> <x:c> .")
    return folder / "ontology"


def number(store: Path) -> int:
    current = current_generation(store)
    assert current
    return current.number


# Going back


def test_going_back_keeps_the_log_and_says_what_was_undone(store: Path, rules: Path) -> None:
    before = content(store, kept(store, 2).generation)
    history = all_commits(opened(store))

    plan, made = plan_and_make(store, kept(store, 2), "metapole rollback")

    assert [each.number for each in plan.undone] == [3, 4]
    assert (made.number, made.commit) == (5, 5)
    assert current_generation(store) == made
    assert content(store) == before
    assert_in_step(store)
    after = all_commits(opened(store))
    assert {number: after[number] for number in history} == history
    assert after[5].author == "metapole rollback"
    assert after[5].rolled_back == (3, 4)
    # The graph :mine had 3 statements in generation 2; in 4 it is gone, and :gone and :own came.
    assert (after[5].added, after[5].removed) == (3, 2)
    assert after[5].changed == ("http://example.org/gone", MINE)
    assert list(check_generation(made, read_rules(rules))) == []
    write(store, rules, add=":own :is 3 .")
    assert number(store) == 6


def test_graphs_that_stayed_the_same_keep_their_versions(store: Path) -> None:
    _, made = plan_and_make(store, kept(store, 2))
    assert made.changed["http://example.org/people"] == 1
    assert made.changed[MINE] == 5
    assert made.changed[""] == 5
    assert made.changed[COMMITS.value] == 5


def test_going_back_is_undone_by_going_back(store: Path) -> None:
    there = content(store)
    plan_and_make(store, kept(store, 1))
    plan, made = plan_and_make(store, kept(store, 4))
    assert [each.number for each in plan.undone] == [5]
    assert made.number == 6
    assert content(store) == there
    assert [is_undone(opened(store), commit) for commit in range(1, 7)] == [
        False, False, False, False, True, False,
    ]  # fmt: skip


def test_a_key_of_a_commit_that_was_undone_may_be_used_again(folder: Path) -> None:
    store = folder / "store"
    publish_generation(store, [])

    def send() -> dict[str, Any]:
        writer = Writer(store, carry_out, UnionOnly())
        [outcome] = writer.apply_all([wish(insert(("x:s", "x:p", "1", None)), key=("k", "aa"))])
        writer.publish()
        return outcome

    assert (send()["commit"], send()["is_replay"]) == (1, True)
    plan_and_make(store, kept(store, 1))
    assert commit_with_key(opened(store), "ada", "k") is None
    assert send() == {
        "commit": 3, "added": 1, "removed": 0, "created": False, "is_replay": False,
    }  # fmt: skip
    assert send()["is_replay"]


def test_a_rollback_goes_on_without_a_damaged_generation_and_sets_it_aside(
    store: Path, rules: Path
) -> None:
    damage(store, 4)
    found = find_whole(store)
    assert found
    plan, made = plan_and_make(store, Kept(found.generation, kept_in=store), "metapole rollback")
    assert (plan.undone, plan.missing, plan.damaged) == ((), (4,), (4,))
    assert (made.number, made.commit) == (5, 5)
    assert content(store) == content(store, kept(store, 3).generation)
    assert all_commits(opened(store)).keys() == {1, 2, 3, 5}
    assert all_commits(opened(store))[5].rolled_back == (4,)
    assert [path.name for path in set_aside(store)] == ["damaged-000004", "damaged-000004.json"]
    assert find_whole(store) == (made, None)
    write(store, rules, add=":own :is 3 .")
    assert all_commits(opened(store)).keys() == {1, 2, 3, 5, 6}


def test_numbers_of_commits_that_nobody_knows_of_are_not_used_again(store: Path) -> None:
    pointer_path(store).write_text("")
    record_path(store, 4).write_text("")
    plan, made = plan_and_make(store, kept(store, 3))
    assert plan.fallback
    assert plan.fallback.last_commit is None
    assert (made.number, made.commit) == (5, 1003)


@pytest.mark.parametrize("form", FORMS)
def test_a_store_that_is_damaged_all_over_is_restored(
    store: Path, rules: Path, folder: Path, form: Form
) -> None:
    held = quads(store)
    made = back_up(store, folder / "backup", form)
    write(store, rules, add=":own :is 3 .")
    for wanted in range(1, 6):
        damage(store, wanted)
    plan, restored = plan_and_make(store, states_in(made.path).states[0], "metapole restore")
    assert (plan.base, plan.missing, plan.damaged) == (None, (5,), (1, 2, 3, 4, 5))
    assert (restored.number, restored.commit) == (6, 6)
    assert {quad for quad in quads(store) if quad.graph_name != COMMITS} == {
        quad for quad in held if quad.graph_name != COMMITS
    }
    assert all_commits(opened(store))[6].rolled_back == (5,)
    assert len(set_aside(store)) == 10
    assert_in_step(store)


@pytest.mark.parametrize("form", FORMS)
def test_a_backup_that_is_restored_takes_the_log_of_the_store_along(
    store: Path, rules: Path, folder: Path, form: Form
) -> None:
    held = content(store)
    made = back_up(store, folder / "backup", form)
    write(store, rules, add="GRAPH :later { :l :is 1 }")
    plan, restored = plan_and_make(store, states_in(made.path).states[0], "metapole restore")
    assert ([each.number for each in plan.undone], plan.is_foreign) == ([5], False)
    assert (restored.number, restored.commit) == (6, 6)
    assert content(store) == held
    assert log(store) == ["metapole build", *["a user"] * 4, "metapole restore"]
    assert all_commits(opened(store))[6].rolled_back == (5,)
    assert set(restored.changed.values()) == {6}
    assert_in_step(store)
    # Copied, not linked: the backup shares no file with the store that came of it.
    inodes = {path.stat().st_ino for path in store.rglob("*") if path.is_file()}
    assert not inodes & {path.stat().st_ino for path in made.path.rglob("*")}


def test_a_backup_that_is_newer_brings_its_commits(store: Path, folder: Path) -> None:
    made = back_up(store, folder / "backup", "store")
    for wanted in (4, 3):
        shutil.rmtree(generation_path(store, wanted))
        record_path(store, wanted).unlink()
    shutil.copy(record_path(store, 2), pointer_path(store))  # an old copy of the disk
    plan, restored = plan_and_make(store, states_in(made.path).states[0], "metapole restore")
    assert (plan.undone, plan.missing) == ((), ())
    assert (restored.number, restored.commit) == (5, 5)
    assert all_commits(opened(store)).keys() == {1, 2, 3, 4, 5}
    assert all_commits(opened(store))[5].rolled_back == ()


def test_a_backup_of_another_store_leaves_its_log_behind(
    store: Path, rules: Path, folder: Path
) -> None:
    other = folder / "other"
    build(other, release("GRAPH :other { :o :knows :p }", rules))
    text = "1999-01-01T00:00:00Z"
    aged = [
        ox.Quad(
            each.subject, each.predicate, ox.Literal(text, datatype=each.object.datatype), COMMITS
        )
        if isinstance(each.object, ox.Literal) and each.object.datatype.value.endswith("dateTime")
        else each
        for each in quads(other)
        if each.graph_name != ox.NamedNode(UNION_GRAPH)
    ]
    publish_generation(other, aged, commit=1, rules=read_rules(rules).digest)
    made = back_up(other, folder / "backup", "archive")
    plan, restored = plan_and_make(store, states_in(made.path).states[0], "metapole restore")
    assert plan.is_foreign
    assert [each.number for each in plan.undone] == [1, 2, 3, 4]
    assert content(store) == content(other)
    assert log(store) == ["metapole build", *["a user"] * 3, "metapole restore"]
    assert list(check_generation(restored, read_rules(rules))) == []


def test_what_was_erased_since_is_told_of(store: Path, ontology: Path, folder: Path) -> None:
    made = back_up(store, folder / "backup", "store")
    list(erase([store], "http://example.org/b", ontology))
    with writing(store, "a test"):
        plan = plan_restore(store, states_in(made.path).states[0])
        assert [each.author for each in plan.erasures] == ["metapole erase"]
        assert plan_restore(store, kept(store, 3)).erasures == ()  # it was made anew without


def all_steps(store: Path, state: State, folder: Path) -> list[str]:
    counting = Stop(-1, Crash())
    copied = shutil.copytree(store, folder / "counted")
    same = Kept(kept(copied, state.generation.number).generation, kept_in=copied)
    plan_and_make(copied, same if state.kept_in else state, step=counting)
    return counting.seen


@pytest.mark.parametrize(
    ("number", "error"), [(0, Crash()), (1, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))]
)
@pytest.mark.parametrize("how", ["go back", "go on without", "store", "archive"])
def test_a_restore_that_fails_at_any_step_leaves_what_was_or_what_was_to_be(
    store: Path, folder: Path, how: str, number: int, error: BaseException
) -> None:
    state = kept(store, 3)
    if how in FORMS:
        [state] = states_in(back_up(store, folder / "backup", how).path).states  # type: ignore[arg-type]
    if how == "go on without":
        damage(store, 4)
    before = find_whole(store)
    assert before
    was = quads(store, before.generation)
    steps = all_steps(store, state, folder)
    assert {"fill", "switch", "published"} <= set(steps)
    # The two errors share the steps, but for a thorough run.
    for after, name in one_in(2, list(enumerate(steps, start=1)), number):
        copied = shutil.copytree(store, folder / f"copy-{after}")
        used = kept(copied, 3) if state.kept_in else state
        with pytest.raises(type(error)):
            plan_and_make(copied, used, step=Stop(after, error))
        found = find_whole(copied)
        assert found
        if found.generation.number == before.generation.number:
            assert quads(copied, found.generation) == was, name
            _, made = plan_and_make(copied, used)
            assert (made.number, made.commit) == (5, 5), name
        else:
            assert (found.fallback, found.generation.commit) == (None, 5), name
            verify_generation(found.generation)
        assert content(copied) == content(store, kept(store, state.generation.number).generation)
        assert not list(copied.rglob("*.tmp")), name
        shutil.rmtree(copied)


# Which state


def state(text: str, number_of_it: int, commit: int) -> State:
    path = Path("/backup") / str(number_of_it)
    return Archived(Generation(number_of_it, path, 0, "", built=text, commit=commit))


STATES = [
    state("2026-11-18T10:00:00+00:00", 1, 5),
    state("2026-11-19T10:00:00+00:00", 2, 8),
    state("2026-11-20T10:00:00+00:00", 3, 8),
    state("2026-11-20T12:00:00+00:00", 4, 9),
]


@pytest.mark.parametrize(
    ("at", "commit", "expected"),
    [
        pytest.param(None, None, 4, id="the last"),
        pytest.param("2026-11-20T10:00:00+00:00", None, 3, id="made just then"),
        pytest.param("2026-11-20T09:59:59+00:00", None, 2, id="made before"),
        pytest.param("2026-11-20T12:30:00+02:00", None, 3, id="by a clock further east"),
        pytest.param("2030-01-01T00:00:00+00:00", None, 4, id="in the future"),
        pytest.param(None, 9, 4, id="a commit that is there"),
        pytest.param(None, 8, 3, id="the last with that commit"),
        pytest.param(None, 7, 1, id="a commit in between"),
        pytest.param("2026-11-19T11:00:00+00:00", 8, 2, id="both"),
    ],
)
def test_the_last_state_that_fits_is_chosen(
    at: str | None, commit: int | None, expected: int
) -> None:
    time = datetime.fromisoformat(at) if at else None
    assert chosen(STATES, at=time, commit=commit).generation.number == expected


def test_where_nothing_fits_all_there_is_is_listed() -> None:
    with pytest.raises(StoreUnusable) as raised:
        chosen(STATES, at=datetime(2026, 11, 1, tzinfo=UTC), commit=3)
    first, second, *_ = str(raised.value).splitlines()
    assert "made until 2026-11-01T00:00:00+00:00 and that ends with commit 3 or before" in first
    assert second == "  /backup/1: commit 5, 2026-11-18T10:00:00+00:00"


def test_a_folder_offers_all_backups_in_it(store: Path, rules: Path, folder: Path) -> None:
    backups = folder / "backups"
    back_up(store, backups / "one", "store")
    write(store, rules, add=":own :is 3 .")
    back_up(store, backups / "two.nq.zst", "archive")
    (backups / "three.nq.zst").write_bytes(b"what?")
    (backups / "four").mkdir()
    (backups / "four" / "current.json").write_text("{")
    (backups / "notes.txt").touch()
    offer = states_in(backups)
    assert [each.generation.number for each in offer.states] == [4, 5]
    assert len(offer.problems) == 2
    assert "three.nq.zst: the archive is damaged" in offer.problems[1]
    assert chosen(offer.states).generation.number == 5
    assert when_made(offer.states[0]).tzinfo
