"""The history of a store: it tells what every commit did, is never behind and never ahead."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from graph.erasure import erase
from graph.errors import StoreUnusable
from graph.generations import current_generation, publish_generation
from graph.history.difference import differences
from graph.history.entries import Entry, read, written
from graph.history.folding import fold_when_long
from graph.history.pages import PAGE_ENTRIES, history_of, page_files
from graph.history.reading import History
from graph.recovery.backups import back_up
from graph.recovery.check import check_generation
from graph.rules import Rules
from graph.writing.transaction import RESERVED
from graph.writing.writer import Writer

from .edits import build as build_release
from .edits import parsed, release, rules_in
from .states import kept, plan_and_make
from .wishes import Statement, UnionOnly, carry_out, fast_directory, insert, quad, update, wish

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from graph.generations import Generation
    from graph.generations.publishing import Step
    from graph.writing.transaction import Transaction

HOSTILE = '"quoted"\\ \n\r\t\x00\x01\u0085\u2028\U0001f600 </entry> ]]>'


class Crash(BaseException):
    """The process is gone."""


def history(store: Path, generation: Generation | None = None) -> History:
    found = generation or current_generation(store)
    assert found
    assert found.history
    return History(history_of(found), found.entries)


def told(store: Path) -> list[Entry]:
    found = [entry for _, entry in history(store).entries()]
    assert [number for number, _ in history(store).entries()] == list(range(len(found)))
    return found


def stated(store: Path) -> set[ox.Quad]:
    generation = current_generation(store)
    assert generation
    content = ox.Store.read_only(str(generation.path))
    return {each for each in content if each.graph_name not in RESERVED}


def writer(store: Path, step: Step = lambda _: None) -> Writer:
    return Writer(store, carry_out, UnionOnly(), step=step)


def make(by: Writer, *changes: dict[str, object]) -> None:
    by.apply_all([wish(change) for change in changes])
    by.publish()
    by.sweep()


def test_a_large_store_begins_its_history_with_the_first_change(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("graph.history.chapter.TOLD_QUADS", 1)
    with some_store("<x:g> { <x:a> <x:p> 1, 2 . <x:b> <x:p> 3 }") as store:
        assert told(store) == []
        by = writer(store)
        make(by, insert(("x:c", "x:p", "x:d", "x:g")))
        assert [(each.thing, each.kind) for each in told(store)] == [("x:c", "create")]


@contextmanager
def some_store(trig: str = "") -> Generator[Path]:
    with fast_directory() as store:
        publish_generation(store, parsed(trig))
        yield store


def a(value: str, subject: str = "x:a", graph: str | None = "x:g") -> Statement:
    return (subject, "x:p", value, graph)


# What it tells


def test_the_first_entries_are_what_there_was_at_the_beginning() -> None:
    with some_store("GRAPH :g { :a :p 1 ; :q [ :r 2 ] . :b :p 3 } :a :p 4 .") as store:
        found = {entry.thing: entry for entry in told(store)}
        assert set(found) == {"http://example.org/a", "http://example.org/b"}
        assert {entry.kind for entry in found.values()} == {"create"}
        assert len(found["http://example.org/a"].after) == 4, "with its blank node, in both graphs"
        assert all(entry.before == () for entry in found.values())


def test_each_commit_tells_of_each_thing_that_it_changed() -> None:
    with some_store() as store:
        by = writer(store)
        make(by, insert(a("1"), a("1", "x:b")), insert(a("2")))
        make(by, update(("delete", [a("1"), a("2")]), ("insert", [a("3", "x:b")])))
        assert [
            (entry.thing, entry.kind, entry.commit, entry.generation) for entry in told(store)
        ] == [
            ("x:a", "create", 1, 2),
            ("x:b", "create", 1, 2),
            ("x:a", "update", 2, 2),
            ("x:a", "delete", 3, 3),
            ("x:b", "update", 3, 3),
        ]
        last = told(store)[-1]
        assert (last.kept, last.added, last.removed) == (
            ('<x:b> <x:p> "1" <x:g>',),
            ('<x:b> <x:p> "3" <x:g>',),
            (),
        )


def test_what_is_said_of_a_blank_node_is_told_of_what_leads_to_it() -> None:
    node, p = ox.BlankNode("b"), ox.NamedNode("x:p")
    with some_store("GRAPH :g { :a :q [ :p 1 ; :q [ :p 2 ] ] }") as store:
        first = stated(store)
        (inner,) = (each for each in first if each.object == ox.Literal(2))
        edits: list[Callable[[Transaction], None]] = [
            lambda made: made.remove([inner]),
            lambda made: made.insert([ox.Quad(node, p, p)]),
        ]
        by = Writer(store, lambda _, made: edits.pop(0)(made), UnionOnly())
        make(by, update(), update())
        _, changed, lost = told(store)
        assert (changed.thing, changed.removed) == ("http://example.org/a", (str(inner),))
        assert lost.thing == "", "nothing leads to it"


@pytest.mark.parametrize("seed", range(2))
def test_the_history_comes_to_the_same_as_the_generations(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 -- no secret
    values = ["1", "2", "x:a", HOSTILE]
    all_facts = [
        (subject, "x:p", value, graph)
        for subject in ("x:a", "x:b", "x:c")
        for value in values
        for graph in ("x:g", "x:h", None)
    ]
    with some_store("GRAPH :g { :a :p 1 }") as store:
        by, states = writer(store), [set[ox.Quad](), stated(store)]
        for _ in range(25):
            edits = [
                update(
                    ("delete", chance.sample(all_facts, chance.randint(0, 12))),
                    ("insert", chance.sample(all_facts, chance.randint(0, 4))),
                )
                for _ in range(chance.randint(1, 3))
            ]
            make(by, *edits)
            generation = current_generation(store)
            assert generation
            if generation.number == len(states):  # else nothing has changed
                states.append(stated(store))
        for _ in range(40):
            start = chance.randint(0, len(states) - 1)
            end = chance.randint(start, len(states) - 1)
            _compare(history(store), states, start, end)


def _compare(found: History, states: list[set[ox.Quad]], start: int, end: int) -> None:
    entries = found.entries(found.first_after(start), found.first_after(end))
    between = differences(entry for _, entry in entries)
    removed = Counter(each for thing in between for each in thing.removed)
    added = Counter(each for thing in between for each in thing.added)
    assert removed == Counter(str(each) for each in states[start] - states[end])
    assert added == Counter(str(each) for each in states[end] - states[start])
    for thing in between:
        subject = ox.NamedNode(thing.thing)
        was, is_now = (
            {str(each) for each in states[at] if each.subject == subject} for at in (start, end)
        )
        assert (set(thing.before), set(thing.after)) == (was, is_now)
        kind = "create" if not was else "update" if is_now else "delete"
        assert thing.kind == kind


def test_an_entry_is_read_as_it_was_written() -> None:
    text = str(quad(("x:a", "x:p", HOSTILE, None)))
    entry = Entry("x:a", "update", 7, 8, "2026-11-27T10:00:00Z", (text,), (), (text, text))
    line = written(entry)
    assert line.count(b"\n") == 1
    assert b"\r" not in line
    assert read(line) == entry
    with pytest.raises(ValueError, match="no entry"):
        read(b"[1, 2]")


# Never behind, never ahead

STEPS = (
    "apply", "bring in step", "log", "applied", "back up", "read files", "rename", "history",
    "record", "point", "flush", "switch", "settle", "published", "sweep",
)  # fmt: skip


@pytest.mark.parametrize("crash_at", STEPS)
def test_a_crash_at_any_step_leaves_the_history_with_the_commits(crash_at: str) -> None:
    steps: list[str] = []

    def step(name: str) -> None:
        steps.append(name)
        if name == crash_at and steps.count(name) == 2:
            raise Crash

    with some_store("GRAPH :g { :a :p 1 }") as store:
        by = writer(store, step)
        make(by, insert(a("1")))
        with pytest.raises(Crash):
            make(by, insert(a("2")), insert(a("3")))
        _assert_in_step(store)
        make(writer(store), insert(a("4"), a("5", "x:b")))
        _assert_in_step(store)
        assert told(store)[-1].thing == "x:b"
        names = [file.first for file in page_files(history(store).directory)]
        assert len(names) == len(set(names)), "nothing is left of what was never acknowledged"


def _assert_in_step(store: Path) -> None:
    """Compare the history with the store and with the log of commits."""
    generation = current_generation(store)
    assert generation
    entries = told(store)
    after = {entry.thing: entry.after for entry in entries}
    assert {each for said in after.values() for each in said} == set(map(str, stated(store)))
    commits = sorted({entry.commit for entry in entries})
    assert commits == list(range(generation.commit + 1))
    assert max(entry.generation for entry in entries) == generation.number


def test_pages_are_joined_when_they_are_full_and_say_the_same() -> None:
    with some_store() as store:
        by = writer(store)
        make(by, insert(*(a("0", f"x:{number:04}") for number in range(PAGE_ENTRIES - 3))))
        for value in range(1, 6):
            make(by, insert(a(str(value))))
        found = page_files(history(store).directory)
        assert [(file.first, file.count) for file in found] == [
            (0, PAGE_ENTRIES),
            (PAGE_ENTRIES, 1),
            (PAGE_ENTRIES + 1, 1),
        ]
        assert (found[0].first_generation, found[0].last_generation) == (2, 5)
        _assert_in_step_but_first(store)
        assert history(store).full_pages == 1
        assert len(history(store).page(0)) == PAGE_ENTRIES
        assert len(history(store).page(1)) == 2


def _assert_in_step_but_first(store: Path) -> None:
    assert {entry.commit for entry in told(store)} == {1, 2, 3, 4, 5, 6}


def test_a_crash_while_pages_are_joined_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with some_store() as store:
        by = writer(store)
        make(by, insert(*(a("0", f"x:{number:04}") for number in range(PAGE_ENTRIES - 1))))

        def crash(*_: object, **__: object) -> None:
            raise Crash

        monkeypatch.setattr(Path, "unlink", crash)  # when the page is there, and its parts are too
        with pytest.raises(Crash):
            make(by, insert(a("1")))
        monkeypatch.undo()
        assert len(list(history(store).directory.iterdir())) == 3
        assert len(told(store)) == PAGE_ENTRIES
        make(writer(store), insert(a("2")))
        assert [file.count for file in page_files(history(store).directory)] == [PAGE_ENTRIES, 1]
        assert told(store)[-1].added == ('<x:a> <x:p> "2" <x:g>',)


def test_an_older_generation_shows_the_history_as_it_was() -> None:
    with some_store() as store:
        by = writer(store)
        make(by, insert(a("1")))
        older = current_generation(store)
        make(by, insert(a("2")))
        assert [entry.commit for _, entry in history(store, older).entries()] == [1]
        assert history(store, older).first_after(2) == 1


# What is kept of it


def test_of_what_was_long_ago_only_the_last_of_each_thing_is_kept() -> None:
    with some_store("GRAPH :g { :a :p 1 }") as store:
        by = writer(store)
        make(by, insert(a("once", "x:still")), insert(a("gone", "x:gone")))
        make(by, update(("delete", [a("gone", "x:gone")])))
        many = [a("0", f"x:{number}") for number in range(30)]
        for _ in range(5):
            make(by, insert(*many), update(("delete", many)))
        before, generation = told(store), current_generation(store)
        assert generation
        assert not fold_when_long(store, generation, most_new=len(before)), "it is not long"
        assert fold_when_long(store, generation, most_new=100)
        found = dict(history(store).entries())
        note = history(store).folded
        assert note.entries == history(store).full_pages * PAGE_ENTRIES
        assert [before[number] for number in found] == list(found.values()), "numbers stay"
        assert list(found)[note.kept] >= note.entries
        early = [entry for number, entry in found.items() if number < note.entries]
        assert {(each.thing, each.kind) for each in early} == {
            ("http://example.org/a", "create"),
            ("x:still", "create"),
            ("x:gone", "delete"),
        }
        assert list(found.values())[len(early) :] == before[note.entries :]
        assert not fold_when_long(store, generation, most_new=100), "there is nothing new"
        make(writer(store), insert(a("later")))
        assert told_of(store, "x:a")[-1].added == ('<x:a> <x:p> "later" <x:g>',)


def told_of(store: Path, thing: str) -> list[Entry]:
    return [entry for _, entry in history(store).entries() if entry.thing == thing]


@pytest.mark.parametrize("calls", range(1, 5))
def test_a_crash_while_it_is_folded_loses_nothing_that_is_kept(
    calls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with some_store() as store:
        by = writer(store)
        make(by, insert(*(a("0", f"x:{number:04}") for number in range(PAGE_ENTRIES))))
        make(by, insert(*(a("1", f"x:{number:04}") for number in range(PAGE_ENTRIES))))
        make(by, insert(*(a("2", f"x:{number:04}") for number in range(PAGE_ENTRIES))))
        generation = current_generation(store)
        assert generation
        replace, left = Path.replace, iter(range(calls))

        def crash(path: Path, target: Path) -> Path:
            if next(left, None) is None:
                raise Crash
            return replace(path, target)

        monkeypatch.setattr(Path, "replace", crash)
        with suppress(Crash):
            fold_when_long(store, generation, most_new=10)
        monkeypatch.undo()
        last = {entry.thing: entry.after for _, entry in history(store).entries()}
        assert {each for said in last.values() for each in said} == set(map(str, stated(store)))
        make(writer(store), insert(a("3")))
        assert not list(history(store).directory.glob("*.tmp"))


# Where it begins anew


def test_a_build_from_scratch_begins_it_anew() -> None:
    with some_store("GRAPH :g { :a :p 1 }") as store:
        before = history(store)
        publish_generation(store, parsed("GRAPH :g { :b :p 1 }"))
        assert history(store).name != before.name
        assert [entry.thing for entry in told(store)] == ["http://example.org/b"]
        assert not before.directory.exists()


def test_a_build_on_what_is_there_goes_on_with_it(tmp_path: Path) -> None:
    rules, store = rules_in(tmp_path / "rules"), tmp_path / "store"
    build_release(store, release("GRAPH :g { :a :p 1 . :b :knows :a }", rules))
    before = history(store)
    build_release(store, release("GRAPH :g { :a :p 2 . :b :knows :a }", rules))
    assert history(store).name == before.name
    last = told(store)[-1]
    assert len(told(store)) == before.size + 1
    assert (last.thing, last.kind, len(last.removed), len(last.added)) == (
        "http://example.org/a", "update", 1, 1,
    )  # fmt: skip


def test_a_history_that_was_removed_is_begun_anew_by_the_next_writer() -> None:
    with some_store("GRAPH :g { :a :p 1 }") as store:
        make(writer(store), insert(a("1")))
        shutil.rmtree(store / "history")
        with pytest.raises(StoreUnusable, match="begins it anew"):
            told(store)
        make(writer(store), insert(a("2")))
        *again, changed = told(store)
        assert {(each.thing, each.kind, each.generation) for each in again} == {
            ("http://example.org/a", "create", 2),
            ("x:a", "create", 2),
        }
        assert (changed.thing, changed.kind, changed.generation) == ("x:a", "update", 3)


def test_a_damaged_page_is_told_from_one_that_is_not() -> None:
    with some_store("GRAPH :g { :a :p 1 }") as store:
        (file,) = page_files(history(store).directory)
        content = bytearray(file.path.read_bytes())
        content[len(content) // 2] ^= 0xFF
        file.path.write_bytes(content)
        with pytest.raises(StoreUnusable, match="the history is damaged there"):
            told(store)
        generation = current_generation(store)
        assert generation
        (finding,) = check_generation(generation, Rules((), (), "none"))
        assert "the history is damaged there" in finding


def test_going_back_is_told_as_the_changes_that_it_means() -> None:
    with some_store("GRAPH :g { :a :p 1 }") as store:
        by = writer(store)
        make(by, insert(a("1")))
        make(by, update(("delete", [a("1")]), ("insert", [a("2", "x:b")])))
        before = history(store)
        plan_and_make(store, kept(store, 2))
        assert history(store).name == before.name
        back = told(store)[before.size :]
        assert [(entry.thing, entry.kind) for entry in back] == [
            ("x:a", "create"),
            ("x:b", "delete"),
        ]
        assert {entry.commit for entry in back} == {3}


@pytest.mark.parametrize("form", ["store", "archive"])
def test_a_backup_that_is_restored_into_an_empty_place_begins_it_anew(
    form: str, tmp_path: Path
) -> None:
    with some_store("GRAPH :g { :a :p 1 }") as store:
        make(writer(store), insert(a("1")))
        backup, copy = tmp_path / "backup", tmp_path / "copy"
        back_up(store, backup, form)  # type: ignore[arg-type]
        from graph.recovery.sources import states_in  # noqa: PLC0415 -- only here

        plan_and_make(copy, states_in(backup).states[0])
        assert history(copy).name != history(store).name
        assert {entry.kind for entry in told(copy)} == {"create"}
        assert {entry.thing for entry in told(copy)} == {"http://example.org/a", "x:a"}


# Erasure


def test_what_is_erased_is_in_no_page_of_the_history(tmp_path: Path) -> None:
    """A statement about it that was deleted long ago goes, too; others stay as they were told."""
    ontology = tmp_path / "ontology"
    (ontology / "terms").mkdir(parents=True)
    (ontology / "terms" / "none.ttl").touch()
    rules_in(ontology / "rules")
    with some_store(
        """GRAPH :g { person:jane a mp:Person . :old mp:about person:jane ; :p "Vw9Kj3" .
           :other :knows person:jane ; :p 1 }"""
    ) as store:
        old = [each for each in stated(store) if "old" in str(each.subject)]
        make(Writer(store, lambda _, made: made.remove(old), UnionOnly()), update())
        make(writer(store), insert(a("1")), update(("delete", [a("1")])))
        once = a("was said once", "x:b")
        make(writer(store), insert(a("1", "x:b"), once), update(("delete", [once])))
        before = history(store)
        assert b"Vw9Kj3" in _all_bytes(store)
        assert b"was said once" in _all_bytes(store)
        list(erase([store], "https://w3id.org/metapole/id/person/jane", ontology))
        assert history(store).name != before.name
        for word in (b"jane", b"Vw9Kj3", b"example.org/old"):
            assert word not in _all_bytes(store)
        kinds = [(entry.thing, entry.kind) for entry in told(store)]
        assert ("x:a", "delete") in kinds, "what is deleted and not erased is still told"
        assert b"was said once" not in _all_bytes(store), "and nothing of what is not said any more"
        assert not any(entry.removed for entry in told(store))
        assert kinds[-1] == ("http://example.org/other", "update")


def _all_bytes(store: Path) -> bytes:
    """Return all that is in any file of the history, as it is without compression."""
    import zstandard  # noqa: PLC0415 -- only here

    files = list((store / "history").rglob("*.zst"))
    assert files
    return b"".join(zstandard.ZstdDecompressor().decompress(path.read_bytes()) for path in files)
