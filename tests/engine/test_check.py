"""A generation is read to its last quad, and what does not fit its record is found."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from graph.generations import (
    UNION_GRAPH,
    Generation,
    current_generation,
    kept_generations,
    pointer_path,
)
from graph.generations.files import digest_of, stored_files
from graph.generations.record import record_text
from graph.recovery.check import check_generation
from graph.rules import read_rules
from graph.writing.commits import Commit

from .edits import rules_in
from .states import (
    damage,
    four_generations,
)
from .wishes import fast_directory, quad

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


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


# Reading to the last quad


def described(generation: Generation, rules: Path) -> str:
    return "\n".join(check_generation(generation, read_rules(rules)))


def test_a_sound_generation_has_no_findings(store: Path, rules: Path) -> None:
    for each in kept_generations(store):
        assert described(each, rules) == ""


def publish_spoiled(store: Path, spoil: Callable[[ox.Store], object]) -> Generation:
    """Change the current generation without a word in its record but for the files."""
    current = current_generation(store)
    assert current
    scratch = store / "spoiled"
    ox.Store.read_only(str(current.path)).backup(scratch)
    shutil.rmtree(current.path)
    changed = ox.Store(scratch)
    spoil(changed)
    changed.backup(current.path)
    files, _ = stored_files(current.path, None)
    spoiled = replace(current, files=files, digest=digest_of(files))
    pointer_path(store).write_text(record_text(spoiled))
    return spoiled


def added(*fact: str | None) -> Callable[[ox.Store], object]:
    return lambda changed: changed.add(quad(fact))  # type: ignore[arg-type]


def emptied(name: str) -> Callable[[ox.Store], object]:
    return lambda changed: changed.clear_graph(ox.NamedNode(name))


DERIVED_GRAPH = "https://w3id.org/metapole/graph/derived"
WRONG: dict[str, tuple[Callable[[ox.Store], object], str]] = {
    "a quad more": (
        added("x:s", "x:p", "x:o", "http://example.org/people"),
        "people>: a graph of 3 triples is there, and its record says a graph of 2 triples",
    ),
    "a graph more": (added("x:s", "x:p", "x:o", "x:new"), "its record says no such graph"),
    "an empty union": (emptied(UNION_GRAPH), "the union lacks 5 of the triples"),
    "more in the union": (
        added("x:s", "x:p", "x:o", UNION_GRAPH), "has 1 that are in none"
    ),
    "no derived graph": (
        emptied(DERIVED_GRAPH), "lacks 1 of the triples that follow by the rules, and has 0"
    ),
    "more derived": (
        added("x:s", "x:p", "x:o", DERIVED_GRAPH), "by the rules, and has 1 that do not"
    ),
    "a log that goes on": (
        lambda changed: changed.extend(Commit(9, datetime.now(UTC), "who?", 1, 0).quads()),
        "its log ends with commit 9, and its record says 4",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("spoil", "finding"), WRONG.values(), ids=WRONG)
def test_what_a_record_does_not_say_is_found(
    store: Path, rules: Path, spoil: Callable[[ox.Store], object], finding: str
) -> None:
    assert finding in described(publish_spoiled(store, spoil), rules)


def test_what_other_rules_derived_is_not_compared(store: Path, folder: Path) -> None:
    (folder / "others").mkdir()
    current = current_generation(store)
    assert current
    assert described(current, folder / "others") == ""
    spoiled = publish_spoiled(store, emptied(UNION_GRAPH))
    assert "the union lacks 5" in described(spoiled, folder / "others")


def test_damaged_files_are_found_before_the_engine_sees_them(store: Path, rules: Path) -> None:
    damage(store, 4)
    current = current_generation(store)
    assert current
    assert "differs from what was published" in described(current, rules)


def test_a_log_that_ends_elsewhere_is_found(store: Path, rules: Path) -> None:
    record = json.loads(pointer_path(store).read_text())
    pointer_path(store).write_text(json.dumps(record | {"commit": 7}))
    current = current_generation(store)
    assert current
    assert described(current, rules) == "its log ends with commit 4, and its record says 7"
