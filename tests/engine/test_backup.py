"""Backups: complete and verified, or not there; every quad comes back, the log included."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from datetime import datetime
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
import rdflib
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.erasure import erase
from graph.errors import StoreUnusable
from graph.generations import (
    UNION_GRAPH,
    current_generation,
    kept_generations,
    publish_generation,
    verify_generation,
)
from graph.generations.fallback import find_whole
from graph.generations.keeping import Policy, set_policy
from graph.generations.record import generation_path
from graph.generations.sweeping import sweep_old
from graph.recovery.backups import back_up, name_in, noted_backups, rotate
from graph.recovery.check import check_generation
from graph.recovery.sources import states_in
from graph.rules import read_rules
from graph.writing.transaction import COMMITS
from graph.writing.writer import Writer
from tests.thoroughness import tried

from .edits import assert_in_step, opened, rules_in, write
from .states import (
    FORMS,
    Crash,
    Stop,
    damage,
    four_generations,
    kept,
    plan_and_make,
    quads,
    tell_nobody,
)
from .wishes import UnionOnly, carry_out, fast_directory, wish

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

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


# Backups


@pytest.mark.parametrize("form", FORMS)
def test_a_backup_holds_every_quad_and_goes_back_to_where_it_came_from(
    store: Path, folder: Path, form: Form
) -> None:
    was = current_generation(store)
    assert was
    made = back_up(store, folder / "backup", form)

    assert (made.path, made.generation, made.commit) == (folder / "backup", 4, 4)
    assert current_generation(store) == was
    [state] = states_in(made.path).states
    plan, restored = plan_and_make(folder / "new", state)
    assert plan.is_exact
    assert restored.store_id != was.store_id  # it counts on by itself
    assert quads(folder / "new") == quads(store)
    assert (restored.number, restored.commit, restored.graphs) == (4, 4, was.graphs)
    assert restored.changed == was.changed
    assert (restored.rules, restored.shipped) == (was.rules, was.shipped)
    verify_generation(restored)
    assert_in_step(folder / "new")
    assert "http://example.org/mine" not in (restored.graphs or {})


@pytest.mark.parametrize("form", FORMS)
def test_an_empty_graph_comes_back(folder: Path, form: Form) -> None:
    store = folder / "store"
    publish_generation(store, [])
    writer = Writer(store, carry_out, UnionOnly())
    writer.apply(wish({"kind": "update", "plan": {"operations": [("create", "x:empty")]}}))
    writer.publish()
    made = back_up(store, folder / "backup", form)
    _, restored = plan_and_make(folder / "new", states_in(made.path).states[0])
    assert restored.graphs
    assert restored.graphs["x:empty"] == 0
    assert ox.NamedNode("x:empty") in list(opened(folder / "new").named_graphs())


def test_a_backup_is_a_store_that_shares_no_file_with_the_first(store: Path, folder: Path) -> None:
    back_up(store, folder / "backup", "store")
    copied = current_generation(folder / "backup")
    assert copied
    assert kept_generations(folder / "backup") == [copied]
    verify_generation(copied)
    inodes = {path.stat().st_ino for path in store.rglob("*") if path.is_file()}
    assert not inodes & {path.stat().st_ino for path in (folder / "backup").rglob("*")}


@pytest.mark.filterwarnings("ignore:Dataset.default_context:DeprecationWarning")  # its own parser
def test_another_engine_reads_an_archive(store: Path, rules: Path, folder: Path) -> None:
    write(store, rules, remove="GRAPH :gone { :g :is 1 }")
    plan_and_make(store, kept(store, 2))  # no triple terms, which rdflib does not know
    made = back_up(store, folder / "backup.nq.zst", "archive")
    with made.path.open("rb") as file:
        text = zstandard.ZstdDecompressor().stream_reader(file).read()
    read = rdflib.Dataset()
    read.parse(data=text, format="nquads")
    assert sum(1 for _ in read.quads()) == made.quads
    assert made.quads == len(quads(store)) - len(
        list(opened(store).quads_for_pattern(None, None, None, ox.NamedNode(UNION_GRAPH)))
    )


@pytest.mark.parametrize("form", FORMS)
def test_what_is_there_is_never_overwritten(store: Path, folder: Path, form: Form) -> None:
    for name in ("file", "folder", "link"):
        target = folder / name
        {
            "file": target.touch,
            "folder": target.mkdir,
            "link": lambda target=target: target.symlink_to("nowhere"),
        }[name]()
        with pytest.raises(StoreUnusable, match="is there already, and is left alone"):
            back_up(store, target, form)
    assert noted_backups(store) == []


@pytest.mark.parametrize("form", FORMS)
def test_a_damaged_generation_is_not_backed_up(store: Path, folder: Path, form: Form) -> None:
    current = generation_path(store, 4) / "CURRENT"
    content = current.read_bytes()
    current.unlink()
    with pytest.raises(StoreUnusable, match="CURRENT: "):
        back_up(store, folder / "backup", form)
    current.write_bytes(content)
    damage(store, 4)
    with pytest.raises(StoreUnusable, match=r"store/generations/000004/.* differs"):
        back_up(store, folder / "backup", form)
    assert not list(folder.glob("backup*"))


def test_there_is_no_backup_of_nothing(folder: Path) -> None:
    with pytest.raises(StoreUnusable, match="there is no store"):
        back_up(folder / "nothing", folder / "backup", "store")


@pytest.mark.parametrize("form", FORMS)
def test_a_copy_that_is_not_what_was_copied_is_thrown_away(
    store: Path, folder: Path, form: Form
) -> None:
    def spoil(name: str) -> None:
        if name == "verify":
            path = folder / "backup.unfinished"
            path = path if path.is_file() else next(path.rglob("*.sst"))
            changed = bytearray(path.read_bytes())
            changed[len(changed) // 2] ^= 0xFF
            path.write_bytes(changed)

    with pytest.raises(StoreUnusable, match=r"is the disk sound\?|archive is damaged"):
        back_up(store, folder / "backup", form, step=spoil)
    assert not list(folder.glob("backup*"))


def steps_of_a_backup(store: Path, folder: Path, form: Form) -> int:
    counting = Stop(-1, Crash())
    back_up(store, folder / "counted", form, step=counting)
    return len(counting.seen)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("error", [Crash(), OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))])
def test_a_backup_that_fails_at_any_step_is_not_there_or_whole(
    store: Path, folder: Path, form: Form, error: BaseException
) -> None:
    steps = steps_of_a_backup(store, folder, form)
    assert steps >= 4
    for after in range(1, steps + 1):
        target = folder / f"backup-{after}"
        with pytest.raises(type(error)):
            back_up(store, target, form, step=Stop(after, error))
        assert not list(folder.glob("*.unfinished"))
        if target.exists():
            assert after >= steps - 1
            assert states_in(target).states[0].examined(tell_nobody).keys() == {1, 2, 3, 4}
            assert target in [each.path for each in noted_backups(store)]
        else:
            back_up(store, target, form)
    assert find_whole(store) == (current_generation(store), None)


BACK_UP = """
import os, signal, sys
from pathlib import Path
from graph.recovery.backups import back_up
def step(name):
    if name == sys.argv[4]:
        os.kill(os.getpid(), signal.SIGKILL)
back_up(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], step=step)
"""


@pytest.mark.parametrize("form", FORMS)
def test_what_a_killed_backup_left_is_no_hindrance_and_no_backup(
    store: Path, folder: Path, project: Path, form: Form
) -> None:
    target = folder / "backups" / "backup"
    killed = subprocess.run(
        [sys.executable, "-c", BACK_UP, str(store), str(target), form, "rename"],
        cwd=project, check=False,
    )  # fmt: skip
    assert killed.returncode == -9
    assert [path.name for path in target.parent.iterdir()] == ["backup.unfinished"]
    back_up(store, target, form)
    assert [path.name for path in target.parent.iterdir()] == ["backup"]
    assert states_in(target).states[0].generation.commit == 4


@pytest.mark.parametrize("form", FORMS)
def test_two_backups_to_one_place_are_not_mixed(store: Path, folder: Path, form: Form) -> None:
    refused: list[str] = []

    def again(name: str) -> None:
        if name == "verify":
            with pytest.raises(StoreUnusable) as raised:
                back_up(store, folder / "backup", form)
            refused.append(str(raised.value))

    back_up(store, folder / "backup", form, step=again)
    assert refused == [
        f"{folder / 'backup.unfinished'}: another backup is being made there; wait for it"
    ]
    assert states_in(folder / "backup").states[0].examined(tell_nobody)


@pytest.mark.parametrize("form", FORMS)
def test_a_generation_that_is_being_copied_is_not_swept(
    store: Path, rules: Path, folder: Path, form: Form
) -> None:
    set_policy(store, Policy(1, 0))

    def write_on(name: str) -> None:
        if name in ("copy", "write"):
            write(store, rules, add=":later :is 1 .")
            sweep_old(store, linger_s=0)

    was = quads(store)
    back_up(store, folder / "backup", form, step=write_on)
    assert [each.number for each in kept_generations(store)] == [4, 5]
    sweep_old(store, linger_s=0)
    assert [each.number for each in kept_generations(store)] == [5]
    plan_and_make(folder / "new", states_in(folder / "backup").states[0])
    assert quads(folder / "new") == was


def test_a_backup_does_not_survive_an_erasure_that_came_in_between(
    store: Path, ontology: Path, folder: Path
) -> None:

    def erase_meanwhile(name: str) -> None:
        if name == "verify":
            list(erase([store], "http://example.org/b", ontology))

    with pytest.raises(StoreUnusable, match="made anew by an erasure in the meantime"):
        back_up(store, folder / "backup.nq.zst", "archive", step=erase_meanwhile)
    assert not list(folder.glob("backup*"))


# Where backups are


def test_a_store_knows_its_backups(store: Path, folder: Path) -> None:
    assert noted_backups(store) == []
    first = back_up(store, folder / "one", "store")
    second = back_up(store, folder / "two.nq.zst", "archive")
    assert noted_backups(store) == [first, second]
    assert datetime.fromisoformat(first.made).tzinfo
    (store / "backups.json").write_text("{")
    with pytest.raises(StoreUnusable, match=r"backups\.json: cannot be read"):
        noted_backups(store)
    warnings: list[str] = []
    back_up(store, folder / "three", "store", warn=warnings.append)
    assert (folder / "three").is_dir()
    [warning] = warnings
    assert "note it yourself" in warning


@pytest.mark.parametrize("form", FORMS)
def test_a_folder_keeps_the_last_backups_and_what_is_no_backup(
    store: Path, folder: Path, form: Form
) -> None:
    backups = folder / "backups"
    backups.mkdir()
    suffix = ".nq.zst" if form == "archive" else ""
    made = [
        back_up(store, backups / f"metapole-2026112{day}T100000Z-000004{suffix}", form)
        for day in range(4)
    ]
    (backups / "metapole-20200101T100000Z-000001").mkdir()  # no store
    (backups / "metapole-20200101T100000Z-000001.nq.zst").write_text("no archive")
    back_up(store, backups / f"mine{suffix}", form)
    removed = rotate(store, backups, form, keep=3)
    assert removed == [made[0].path]
    assert rotate(store, backups, form, keep=3) == []
    assert len(list(backups.iterdir())) == 6
    assert made[0] not in noted_backups(store)
    assert made[1] in noted_backups(store)


def test_a_new_backup_is_the_last_one_by_name(store: Path, folder: Path) -> None:
    names = [name_in(folder, store, form).name for form in FORMS]
    assert names[1] == f"{names[0]}.nq.zst"
    assert names[0].endswith("-000004")
    assert names[0] > "metapole-20261120T000000Z-000004"


# Every quad comes back

names = st.sampled_from(["x:a", "x:b"]).map(ox.NamedNode)
blank_nodes = st.sampled_from(["b1", "b2", "f00"]).map(ox.BlankNode)
literals = st.one_of(
    st.text(max_size=5).map(ox.Literal),
    st.integers().map(ox.Literal),
    st.tuples(st.text(max_size=3), st.sampled_from(["en", "de-AT"])).map(
        lambda pair: ox.Literal(pair[0], language=pair[1])
    ),
    st.just(ox.Literal("left", language="he", direction=ox.BaseDirection.RTL)),
)
subjects = names | blank_nodes
triples: st.SearchStrategy[ox.Triple] = st.deferred(
    lambda: st.builds(ox.Triple, subjects, names, subjects | literals | triples)
)
graph_names = st.sampled_from([ox.DefaultGraph(), ox.NamedNode("x:g"), COMMITS]) | blank_nodes
any_quads = st.tuples(triples, graph_names).map(
    lambda pair: ox.Quad(pair[0].subject, pair[0].predicate, pair[0].object, pair[1])
)


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=tried(8, 25), deadline=None)
@given(held=st.lists(any_quads, max_size=8))
def test_any_quads_come_back(form: Form, held: list[ox.Quad]) -> None:
    with fast_directory() as directory:
        publish_generation(directory / "store", held)
        made = back_up(directory / "store", directory / "backup", form)
        _, restored = plan_and_make(directory / "new", states_in(made.path).states[0])
        assert quads(directory / "new") == quads(directory / "store")
        assert set(held) <= quads(directory / "new")
        assert list(check_generation(restored, read_rules(directory))) == []


@pytest.mark.parametrize("form", FORMS)
def test_the_graph_that_ships_comes_back(
    shipped_store: Path, project: Path, tmp_path: Path, form: Form
) -> None:
    store = shutil.copytree(shipped_store, tmp_path / "store")
    made = back_up(store, tmp_path / "backup", form)
    _, restored = plan_and_make(tmp_path / "new", states_in(made.path).states[0])
    assert quads(tmp_path / "new") == quads(store)
    assert made.quads > 20_000
    shipped = read_rules(project / "ontology" / "rules")
    assert list(check_generation(restored, shipped)) == []
