"""The store directory: what is published is complete, or is not there."""

import errno
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from graph.errors import StoreUnusable
from graph.generations import (
    COMMITS_GRAPH,
    KEPT_GENERATIONS,
    UNION_GRAPH,
    Generation,
    current_generation,
    kept_generations,
    pointer_path,
    publish_generation,
    serving,
    verify_generation,
    writing,
)
from graph.generations.record import record_path
from graph.generations.sweeping import LINGER_S, sweep_old

from .conftest import Ask, Publish

COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"


def quads(count: int) -> Iterator[ox.Quad]:
    graph = ox.NamedNode("http://example.org/graph")
    for number in range(count):
        thing = ox.NamedNode(f"http://example.org/{number}")
        yield ox.Quad(thing, thing, thing, graph)


def files(store: Path) -> set[str]:
    return {str(path.relative_to(store)) for path in store.rglob("*") if path.name != "lock"}


def rewrite_pointer(store: Path, change: Callable[[dict[str, Any]], object]) -> None:
    record = json.loads(pointer_path(store).read_text())
    change(record)
    pointer_path(store).write_text(json.dumps(record))


def test_a_directory_without_a_store_has_no_generation(tmp_path: Path) -> None:
    assert current_generation(tmp_path / "nothing") is None


def test_what_was_published_is_current(tmp_path: Path) -> None:
    published = publish_generation(tmp_path, quads(3), built_from="three")
    assert current_generation(tmp_path) == published
    assert (published.number, published.quads, published.built_from) == (1, 3, "three")
    assert json.loads(pointer_path(tmp_path).read_text())["built"].startswith("20")
    verify_generation(published)


def test_a_generation_says_what_its_graphs_hold(tmp_path: Path) -> None:
    here, there = ox.NamedNode("x:here"), ox.NamedNode("x:there")
    loaded = [
        *(ox.Quad(ox.NamedNode(f"x:{n}"), here, here, here) for n in (1, 2, 3, 3)),
        ox.Quad(ox.NamedNode("x:1"), here, here, there),
        ox.Quad(ox.NamedNode("x:4"), here, here),
    ]
    publish_generation(tmp_path, loaded)
    generation = current_generation(tmp_path)
    assert generation is not None
    assert generation.graphs == {"x:here": 3, "x:there": 1}
    assert (generation.quads, generation.union_triples, generation.default_triples) == (5, 4, 1)


def test_a_build_changes_every_graph_and_keeps_the_number_of_the_last_commit(
    tmp_path: Path,
) -> None:
    publish_generation(tmp_path, quads(3))
    rewrite_pointer(tmp_path, lambda record: record.update(commit=41))
    built = publish_generation(tmp_path, quads(2), rules="rules", shipped={"x:g": "digest"})
    assert (built.number, built.commit) == (2, 41)
    assert built.changed == {"": 2, "http://example.org/graph": 2}
    assert (built.rules, built.shipped) == ("rules", {"x:g": "digest"})
    assert current_generation(tmp_path) == built


def test_each_kept_generation_has_a_record_of_its_own(tmp_path: Path) -> None:
    published = [publish_generation(tmp_path, quads(count)) for count in (1, 2)]
    assert kept_generations(tmp_path) == published
    assert record_path(tmp_path, 2).read_bytes() == pointer_path(tmp_path).read_bytes()


def test_the_last_generations_stay_and_those_that_were_replaced_just_now(tmp_path: Path) -> None:
    numbers = [publish_generation(tmp_path, quads(1)).number for _ in range(KEPT_GENERATIONS + 3)]
    assert numbers == [1, 2, 3, 4, 5, 6]
    assert [kept.number for kept in kept_generations(tmp_path)] == numbers
    long_ago = time.time() - LINGER_S - 1
    os.utime(record_path(tmp_path, 3), (long_ago, long_ago))  # it took the place of 2 then
    sweep_old(tmp_path)
    assert [kept.number for kept in kept_generations(tmp_path)] == [1, 3, 4, 5, 6]
    sweep_old(tmp_path, linger_s=0)
    kept = sorted(path.name for path in (tmp_path / "generations").iterdir())
    names = ("000004", "000005", "000006")
    assert kept == sorted([*names, *(f"{name}.json" for name in names)])


def test_a_sweep_removes_no_more_than_the_next_commit_can_wait_for(tmp_path: Path) -> None:
    for _ in range(KEPT_GENERATIONS + 12):
        publish_generation(tmp_path, quads(1))
    for left in (2, 0):
        sweep_old(tmp_path, linger_s=0)
        assert len(kept_generations(tmp_path)) == KEPT_GENERATIONS + left


@pytest.mark.parametrize("jump_s", [-86_400, 86_400])
def test_a_clock_that_is_set_takes_no_generation_from_those_about_to_open_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jump_s: int
) -> None:
    for _ in range(5):
        publish_generation(tmp_path, [])
    before = sorted(path.name for path in (tmp_path / "generations").iterdir())
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + jump_s)
    sweep_old(tmp_path)
    assert sorted(path.name for path in (tmp_path / "generations").iterdir()) == before
    assert "000001" in before


def test_a_clock_that_was_set_back_keeps_no_generation_for_ever(tmp_path: Path) -> None:
    for _ in range(KEPT_GENERATIONS + 1):
        publish_generation(tmp_path, quads(1))
    next_year = time.time() + 365 * 86_400
    os.utime(record_path(tmp_path, 2), (next_year, next_year))
    sweep_old(tmp_path)
    assert [kept.number for kept in kept_generations(tmp_path)] == [2, 3, 4]


def test_a_failure_while_loading_leaves_the_store_as_it_was(tmp_path: Path) -> None:
    def failing() -> Iterator[ox.Quad]:
        yield from quads(5000)
        raise ZeroDivisionError

    before = publish_generation(tmp_path, quads(2))
    was = files(tmp_path)
    with pytest.raises(ZeroDivisionError):
        publish_generation(tmp_path, failing())
    assert (current_generation(tmp_path), files(tmp_path)) == (before, was)


def test_what_a_killed_writer_left_is_swept(tmp_path: Path) -> None:
    publish_generation(tmp_path, quads(2))
    for left in ("scratch", "generations/000002.tmp", "generations/000002"):
        (tmp_path / left).mkdir()
        (tmp_path / left / "000010.sst").write_bytes(b"half")
    for left in ("generations/000007.json", "generations/000003.json.tmp", "current.json.tmp"):
        (tmp_path / left).write_text("half")
    after = publish_generation(tmp_path, quads(3))
    assert (after.number, after.quads) == (2, 3)
    assert not (tmp_path / "scratch").exists()
    assert not list(tmp_path.rglob("*.tmp"))
    assert not record_path(tmp_path, 7).exists()
    verify_generation(after)


def test_a_second_writer_is_refused_while_the_first_works(tmp_path: Path) -> None:
    refusals: list[str] = []

    def publishing_meanwhile() -> Iterator[ox.Quad]:
        with pytest.raises(StoreUnusable) as raised:
            publish_generation(tmp_path, quads(1))
        refusals.append(str(raised.value))
        yield from quads(4)

    assert publish_generation(tmp_path, publishing_meanwhile()).quads == 4
    by = f"process {os.getpid()} (metapole build)"
    assert refusals == [
        f"{tmp_path}: {by} is writing to it; wait until it has finished, or stop it"
    ]


def test_who_holds_the_lock_hands_it_in(tmp_path: Path) -> None:
    with writing(tmp_path, "metapole serve") as lock:
        with pytest.raises(StoreUnusable, match=r"\(metapole serve\) is writing to it"):
            publish_generation(tmp_path, quads(1))
        assert publish_generation(tmp_path, quads(1), lock=lock).number == 1
    assert publish_generation(tmp_path, quads(1)).number == 2


def test_a_second_server_is_refused_but_a_build_is_not(tmp_path: Path) -> None:
    with serving(tmp_path, "metapole serve"):
        with (
            pytest.raises(StoreUnusable, match=f"process {os.getpid()} .* serves it already"),
            serving(tmp_path, "metapole serve"),
        ):
            pytest.fail("two servers hold the same store")
        assert publish_generation(tmp_path, quads(1)).number == 1
    with serving(tmp_path, "metapole serve"):
        pass


HOLD = """
import sys
from pathlib import Path
from graph.generations import writing
with writing(Path(sys.argv[1]), "a test"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_the_lock_of_a_process_that_was_killed_is_free(tmp_path: Path, project: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        cwd=project, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert holder.stdout
    assert holder.stdin
    with holder, holder.stdout:
        assert holder.stdout.readline() == b"held\n"
        with (
            pytest.raises(StoreUnusable, match=rf"process {holder.pid} \(a test\)"),
            writing(tmp_path, "another"),
        ):
            pytest.fail("two processes hold the same lock")
        holder.kill()
        holder.wait()
        with writing(tmp_path, "another") as lock:
            assert lock.path.read_text() == f"{os.getpid()} another\n"


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES])
def test_a_directory_that_cannot_be_written_can_be_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("graph.generations.locks.os.open", refuse)
    with serving(tmp_path, "metapole serve") as lock:
        assert lock is None
    with pytest.raises(StoreUnusable, match="cannot be written"), writing(tmp_path, "a test"):
        pytest.fail("a directory that cannot be written was locked")


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        pytest.param({"format": 1}, "the store has format 1, made by a version", id="older"),
        pytest.param({"format": "two"}, "damaged", id="no number"),
        pytest.param({"quads": None}, "damaged", id="no count"),
        pytest.param({"graphs": []}, "damaged", id="no graphs"),
        pytest.param({"files": {"CURRENT": 1}}, "damaged", id="no files"),
        pytest.param({"generation": 7}, "000007: missing, though", id="no directory"),
    ],
)
def test_a_pointer_that_cannot_be_followed_says_what_to_do(
    tmp_path: Path, change: dict[str, object], complaint: str
) -> None:
    publish_generation(tmp_path, quads(1))
    rewrite_pointer(tmp_path, lambda record: record.update(change))
    with pytest.raises(StoreUnusable, match=r"metapole build") as raised:
        current_generation(tmp_path)
    assert complaint in str(raised.value)
    assert publish_generation(tmp_path, quads(2)).number == 2, "building again repairs it"


@pytest.mark.parametrize("text", ["", "[]", '{"format": 2, "generation": 1}'])
def test_a_pointer_that_is_cut_off_costs_no_commit_numbers(tmp_path: Path, text: str) -> None:
    publish_generation(tmp_path, quads(1))
    rewrite_pointer(tmp_path, lambda record: record.update(commit=12))
    record_path(tmp_path, 1).write_bytes(pointer_path(tmp_path).read_bytes())
    pointer_path(tmp_path).write_text(text)
    with pytest.raises(StoreUnusable, match="damaged"):
        current_generation(tmp_path)
    assert publish_generation(tmp_path, quads(2)).commit == 12


def test_a_store_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    publish_generation(tmp_path, quads(1))
    rewrite_pointer(tmp_path, lambda record: record.update(format=3))
    was = files(tmp_path)
    for attempt in (
        lambda: current_generation(tmp_path),
        lambda: publish_generation(tmp_path, quads(1)),
    ):
        with pytest.raises(StoreUnusable, match=r"format 3, this version .* knows format 2"):
            attempt()
    assert files(tmp_path) == was


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        pytest.param(b"MANIFEST-000001\n", "differs", id="changed"),
        pytest.param(b"", "differs", id="emptied"),
        pytest.param(None, "cannot be read", id="gone"),
    ],
)
def test_a_changed_file_is_noticed(tmp_path: Path, content: bytes | None, complaint: str) -> None:
    generation = publish_generation(tmp_path, quads(1))
    path = generation.path / "CURRENT"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(StoreUnusable, match=f"CURRENT: .*{complaint}"):
        verify_generation(generation)


def test_a_changed_list_of_files_is_noticed(tmp_path: Path) -> None:
    publish_generation(tmp_path, quads(1))
    rewrite_pointer(tmp_path, lambda record: record["files"].popitem())
    generation = current_generation(tmp_path)
    assert generation
    with pytest.raises(StoreUnusable, match="list of its files was changed"):
        verify_generation(generation)


def test_two_stores_of_the_same_size_have_different_digests(publish: Publish) -> None:
    first: Generation = publish("<x:a> <x:b> 380 .")
    second: Generation = publish("<x:a> <x:b> 390 .")
    assert first.digest != second.digest


def test_progress_goes_from_nothing_to_everything(tmp_path: Path) -> None:
    told: list[tuple[str, float]] = []

    def tell(step: str, done: float) -> None:
        told.append((step, done))

    publish_generation(tmp_path, list(quads(12_000)), progress=tell)
    loading = [done for step, done in told if step == "load"]
    assert loading == sorted(loading)
    assert (loading[0], loading[-1], told[-1]) == (0.0, 1.0, ("publish", 1.0))
    assert len(loading) > 3


def test_a_triple_in_two_graphs_is_counted_once(store: Path, ask: Ask) -> None:
    assert ask(store, COUNT) == b"n\r\n5\r\n"


def test_the_commits_are_in_their_graph_and_not_in_the_union(store: Path, ask: Ask) -> None:
    text = "SELECT ?s { %s { ?s <http://example.org/number> ?n } }"
    assert ask(store, text % "") == b"s\r\n"
    named = text % f"GRAPH <{COMMITS_GRAPH}>"
    assert ask(store, named) == b"s\r\nhttp://example.org/commit\r\n"


@pytest.mark.parametrize("default_graph", ["union", "own"])
def test_the_union_is_no_graph_that_a_query_finds(
    store: Path, ask: Ask, default_graph: str
) -> None:
    text = "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g"
    found = ask(store, text, default_graph=default_graph).decode().split()
    assert found == ["g", "http://example.org/one", "http://example.org/two"]
    inside = f"ASK {{ GRAPH <{UNION_GRAPH}> {{ ?s ?p ?o }} }}"
    assert ask(store, inside, default_graph=default_graph) == b"false"


def test_the_union_graph_cannot_be_loaded(publish: Publish) -> None:
    with pytest.raises(ValueError, match="derived from the other graphs"):
        publish(f"GRAPH <{UNION_GRAPH}> {{ <x:a> <x:b> 1 }}")


def test_twenty_thousand_quads_are_published_at_once(tmp_path: Path) -> None:
    assert publish_generation(tmp_path, quads(20_000)).quads == 20_000


def test_a_store_has_an_id_that_another_one_at_the_same_place_has_not(tmp_path: Path) -> None:
    quads = [ox.Quad(ox.NamedNode("x:s"), ox.NamedNode("x:p"), ox.Literal("o"))]
    first, second = (publish_generation(tmp_path / "store", quads) for _ in range(2))
    shutil.rmtree(tmp_path / "store")
    other = publish_generation(tmp_path / "store", quads)
    assert first.number == other.number == 1
    assert first.store_id == second.store_id != other.store_id
    read = current_generation(tmp_path / "store")
    assert read is not None
    assert read.store_id == other.store_id
