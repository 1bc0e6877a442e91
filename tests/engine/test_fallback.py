"""A damaged generation is noticed, the newest whole one is found, and what is missing is said."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest

from graph.errors import StoreUnusable
from graph.generations import (
    Generation,
    current_generation,
    kept_generations,
    pointer_path,
    publish_generation,
)
from graph.generations.fallback import (
    find_whole,
    highest_number,
    known_commits,
    mend_pointer,
    put_aside,
    set_aside,
)
from graph.generations.files import digest_of, verify_generation
from graph.generations.holding import holding
from graph.generations.keeping import Policy, kept_numbers, policy_of, set_policy
from graph.generations.record import StoredFile, generation_path, record_path
from graph.generations.sweeping import sweep_leftovers, sweep_old

from .wishes import fast_directory, quad

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def store() -> Iterator[Path]:
    """A store of three generations, with commits up to 10, 20 and 30."""
    with fast_directory() as directory:
        store = directory / "store"
        for number in (1, 2, 3):
            publish(store, number)
        yield store


def publish(store: Path, number: int) -> Generation:
    facts = [("x:s", "x:p", str(each), "x:g") for each in range(number)]
    return publish_generation(store, map(quad, facts), commit=10 * number)


def flip(path: Path) -> None:
    """Change one byte in the middle of a file."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.unlink()  # it may be shared
    path.write_bytes(content)


def flip_data(store: Path, number: int) -> None:
    flip(next(generation_path(store, number).glob("*.sst")))


def rewrite(path: Path, **changes: object) -> None:
    record: dict[str, Any] = json.loads(path.read_text())
    path.write_text(json.dumps(record | changes))


def spoil_manifest(store: Path, number: int) -> None:
    """Have a generation record that its manifest is rubbish: the digest is right, and no use."""
    directory = generation_path(store, number)
    manifest = next(directory.glob("MANIFEST-*"))
    manifest.unlink()
    manifest.write_bytes(b"rubbish")
    record = json.loads(record_path(store, number).read_text())
    files = {name: StoredFile(*each) for name, each in record["files"].items()}
    files[manifest.name] = StoredFile(7, hashlib.sha256(b"rubbish").hexdigest())
    for path in (record_path(store, number), pointer_path(store)):
        rewrite(path, files=files, digest=digest_of(files))


def remove_directory(store: Path, number: int) -> None:
    shutil.rmtree(generation_path(store, number))


# What is found


def test_nothing_is_found_where_nothing_was_built(tmp_path: Path) -> None:
    assert find_whole(tmp_path / "nothing") is None
    assert highest_number(tmp_path / "nothing") == 0


def test_a_build_that_never_came_to_its_record_counts_as_nothing(tmp_path: Path) -> None:
    (tmp_path / "generations" / "000001").mkdir(parents=True)
    assert find_whole(tmp_path) is None


def test_a_current_generation_that_is_whole_is_taken(store: Path) -> None:
    found = find_whole(store)
    assert found
    assert (found.generation, found.fallback) == (current_generation(store), None)


DAMAGE: dict[str, tuple[Callable[[Path], None], str]] = {
    "a byte": (lambda store: flip_data(store, 3), "its content differs from what was published"),
    "a file that is gone": (
        lambda store: (generation_path(store, 3) / "CURRENT").unlink(),
        "CURRENT: it cannot be read (No such file or directory)",
    ),
    "a directory that is gone": (lambda store: remove_directory(store, 3), "000003: missing"),
    "a digest that is right of a store that does not open": (
        lambda store: spoil_manifest(store, 3),
        "000003: the engine cannot open it (",
    ),
}


@pytest.mark.parametrize(("damage", "finding"), DAMAGE.values(), ids=DAMAGE)
def test_the_generation_before_a_damaged_one_is_taken_and_what_is_missing_is_said(
    store: Path, damage: Callable[[Path], None], finding: str
) -> None:
    damage(store)
    found = find_whole(store)
    assert found
    assert found.generation.number == 2
    assert found.fallback
    assert found.fallback.damaged == (3,)
    assert not found.fallback.loses_nothing
    assert finding in found.fallback.message
    assert "MISSING: the commits 21 to 30." in found.fallback.message
    assert "Going on from generation 2 (commit 20, " in found.fallback.message
    assert "metapole rollback" in found.fallback.message


def test_two_damaged_generations_are_passed_by(store: Path) -> None:
    flip_data(store, 3)
    (generation_path(store, 2) / "CURRENT").unlink()
    found = find_whole(store)
    assert found
    assert found.fallback
    assert (found.generation.number, found.fallback.damaged) == (1, (2, 3))
    assert found.fallback.lost == "the commits 11 to 30"


def test_one_missing_commit_is_called_one(store: Path) -> None:
    for path in (pointer_path(store), record_path(store, 3)):
        rewrite(path, commit=21)
    flip_data(store, 3)
    found = find_whole(store)
    assert found
    assert found.fallback
    assert found.fallback.lost == "commit 21"


def test_a_store_without_any_whole_generation_says_all_that_is_wrong(store: Path) -> None:
    for number in (1, 2, 3):
        flip_data(store, number)
    with pytest.raises(StoreUnusable, match="metapole restore") as raised:
        find_whole(store)
    assert str(raised.value).count("differs from what was published") == 3


def rewrite_pointer_as(text: str) -> Callable[[Path], object]:
    return lambda store: pointer_path(store).write_text(text)


POINTER: dict[str, tuple[Callable[[Path], object], str]] = {
    "empty": (rewrite_pointer_as(""), "current.json: damaged"),
    "no record": (rewrite_pointer_as("[3]"), "current.json: damaged"),
    "gone": (lambda store: pointer_path(store).unlink(), "current.json: missing"),
    "another list of files": (
        lambda store: rewrite(pointer_path(store), files={}),
        "the list of its files was changed",
    ),
    "no text": (lambda store: pointer_path(store).write_bytes(b"\xff\xfe"), "damaged"),
}


@pytest.mark.parametrize(("damage", "finding"), POINTER.values(), ids=POINTER)
def test_a_damaged_pointer_costs_nothing_and_is_mended(
    store: Path, damage: Callable[[Path], object], finding: str
) -> None:
    was = current_generation(store)
    damage(store)
    found = find_whole(store)
    assert found
    assert found.generation == was
    assert found.fallback
    assert finding in found.fallback.message
    assert found.fallback.loses_nothing
    assert "No commit is missing." in found.fallback.message
    assert found.fallback.still_holds(store)

    mend_pointer(store, found.fallback)

    assert current_generation(store) == was
    assert find_whole(store) == (was, None)
    assert not found.fallback.still_holds(store)


def test_a_damaged_pointer_and_a_damaged_record_leave_it_open_how_much_is_missing(
    store: Path,
) -> None:
    pointer_path(store).write_text("")
    record_path(store, 3).write_text("")
    found = find_whole(store)
    assert found
    assert found.fallback
    assert (found.generation.number, found.fallback.damaged) == (2, (3,))
    assert found.fallback.lost == "the commits from 21 on, nobody can tell how many"
    with pytest.raises(ValueError, match="somebody has to decide"):
        mend_pointer(store, found.fallback)


def test_a_damaged_pointer_and_a_damaged_generation_leave_the_number_of_its_commit(
    store: Path,
) -> None:
    pointer_path(store).write_text("")
    flip_data(store, 3)
    found = find_whole(store)
    assert found
    assert found.fallback
    assert found.fallback.lost == "the commits 21 to 30"


def test_a_damaged_generation_without_commits_of_its_own_is_no_matter_of_the_pointer(
    store: Path,
) -> None:
    publish_generation(store, map(quad, [("x:s", "x:p", "derived", "x:g")]))
    flip_data(store, 4)
    found = find_whole(store)
    assert found
    assert found.fallback
    assert (found.generation.number, found.fallback.lost) == (3, "no commit")
    assert not found.fallback.loses_nothing


def test_a_damaged_record_of_an_older_generation_costs_that_one_only(store: Path) -> None:
    record_path(store, 2).write_text("{")
    assert find_whole(store) == (current_generation(store), None)
    flip_data(store, 3)
    found = find_whole(store)
    assert found
    assert found.fallback
    assert (found.generation.number, found.fallback.damaged) == (1, (2, 3))


def test_what_was_never_current_is_not_gone_on_from(store: Path) -> None:
    pointer = pointer_path(store).read_bytes()
    publish(store, 4)
    pointer_path(store).write_bytes(pointer)  # the writer died before it switched the pointer
    flip_data(store, 3)
    found = find_whole(store)
    assert found
    assert found.generation.number == 2


@pytest.mark.parametrize("version", [1, 3])
def test_a_store_of_another_version_is_no_damaged_one(store: Path, version: int) -> None:
    rewrite(pointer_path(store), format=version)
    with pytest.raises(StoreUnusable, match=f"the store has format {version}"):
        find_whole(store)


def test_finding_changes_nothing(store: Path) -> None:
    flip_data(store, 3)
    before = {path: path.stat().st_mtime_ns for path in store.rglob("*")}
    find_whole(store)
    assert {path: path.stat().st_mtime_ns for path in store.rglob("*")} == before


# What is set aside


def test_what_is_set_aside_stays_and_its_number_is_not_used_again(store: Path) -> None:
    flip_data(store, 3)
    put_aside(store, 3)
    names = [path.name for path in set_aside(store)]
    assert names == ["damaged-000003", "damaged-000003.json"]
    assert (highest_number(store), max(known_commits(store))) == (3, 30)
    found = find_whole(store)
    assert found
    assert found.fallback
    assert (found.generation.number, found.fallback.lost) == (2, "the commits 21 to 30")
    pointer_path(store).unlink()
    assert (highest_number(store), max(known_commits(store))) == (3, 30)
    sweep_leftovers(store)
    sweep_old(store, linger_s=0)
    assert [path.name for path in set_aside(store)] == names


# What is kept


def day(number: int, hour: int = 12) -> datetime:
    return datetime(2026, 11, number, hour, tzinfo=UTC)


MADE = {1: day(10), 2: day(17, 9), 3: day(17, 18), 4: day(19, 0), 5: day(20, 1), 6: day(20, 11)}


@pytest.mark.parametrize(
    ("last", "days", "kept"),
    [
        pytest.param(1, 0, {6}, id="the current one only"),
        pytest.param(3, 0, {4, 5, 6}, id="the last three"),
        pytest.param(9, 0, {1, 2, 3, 4, 5, 6}, id="more than there are"),
        pytest.param(1, 1, {4, 6}, id="what was current when yesterday ended"),
        pytest.param(1, 2, {3, 4, 6}, id="on the 18th nothing changed, so it was 3 that was"),
        pytest.param(1, 3, {3, 4, 6}, id="3 is also the last of the 17th"),
        pytest.param(1, 4, {1, 3, 4, 6}, id="before, it was 1 for a week"),
        pytest.param(2, 30, {1, 3, 4, 5, 6}, id="2 was never current when a day ended"),
    ],
)
def test_the_last_ones_and_those_of_the_days_are_kept(last: int, days: int, kept: set[int]) -> None:
    assert kept_numbers(MADE, Policy(last, days), NOON) == kept


def test_a_day_ends_at_midnight_in_utc(tmp_path: Path) -> None:
    made = {1: day(19, 22), 2: day(20, 1), 3: day(20, 2)}
    east = datetime.fromisoformat("2026-11-21T01:30:00+03:00")  # still the 20th in UTC
    assert kept_numbers(made, Policy(1, 1), east) == {1, 3}
    assert kept_numbers({}, Policy(), NOON) == set()
    assert policy_of(tmp_path) == Policy(3, 0)


@pytest.mark.parametrize(("last", "days"), [(0, 0), (-1, 5), (1, -1)])
def test_a_policy_keeps_the_current_generation(last: int, days: int) -> None:
    with pytest.raises(ValueError, match="generations and"):
        Policy(last, days)


def numbers(store: Path) -> list[int]:
    return [kept.number for kept in kept_generations(store)]


def test_whoever_sweeps_keeps_what_the_store_was_told_to_keep(store: Path) -> None:
    set_policy(store, Policy(2, 0))
    assert policy_of(store) == Policy(2, 0)
    sweep_old(store, linger_s=0)
    assert numbers(store) == [2, 3]
    yesterday = datetime.now(UTC) - timedelta(days=1)
    rewrite(record_path(store, 2), built=yesterday.isoformat(timespec="seconds"))
    set_policy(store, Policy(1, 7))
    publish(store, 4)
    sweep_old(store, linger_s=0)
    assert numbers(store) == [2, 4]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"last": 0}', '{"lost": 3}', '{"last": "3"}'])
def test_nothing_is_swept_while_nobody_can_tell_what_to_keep(store: Path, text: str) -> None:
    publish(store, 4)
    (store / "keep.json").write_text(text)
    with pytest.raises(StoreUnusable, match=r"keep\.json: cannot be read .* --keep-generations"):
        policy_of(store)
    sweep_old(store, linger_s=0)
    assert numbers(store) == [1, 2, 3, 4]


def test_a_damaged_generation_is_not_swept_silently(store: Path) -> None:
    record_path(store, 1).write_text("{")
    set_policy(store, Policy(1, 0))
    sweep_old(store, linger_s=0)
    left = sorted(path.name for path in (store / "generations").iterdir())
    assert left == ["000001", "000001.json", "000003", "000003.json"]


def test_a_generation_that_somebody_holds_is_swept_later(store: Path) -> None:
    first, second, _ = kept_generations(store)
    set_policy(store, Policy(1, 0))
    with holding(first) as hold, holding(first):
        sweep_old(store, linger_s=0)
        assert numbers(store) == [1, 3]
        verify_generation(first)
        assert hold.is_unbroken
        record_path(store, 1).unlink()
        assert not hold.is_unbroken
    with (
        pytest.raises(StoreUnusable, match=r"000002: was removed .* try once more"),
        holding(second),
    ):
        pytest.fail("a generation was held that is gone")
    sweep_old(store, linger_s=0)
    assert numbers(store) == [3]


HOLD = """
import sys
from pathlib import Path
from graph.generations import current_generation
from graph.generations.holding import holding
with holding(current_generation(Path(sys.argv[1]))):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_process_that_was_killed_holds_nothing(store: Path, project: Path) -> None:
    set_policy(store, Policy(1, 0))
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(store)],
        cwd=project, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout
        assert process.stdout.readline() == b"held\n"
        publish(store, 4)
        sweep_old(store, linger_s=0)
        assert numbers(store) == [3, 4]
        process.kill()
        process.wait()
    sweep_old(store, linger_s=0)
    assert numbers(store) == [4]


def test_what_was_found_can_be_read(store: Path) -> None:
    flip_data(store, 3)
    found = find_whole(store)
    assert found
    held = {quad.object.value for quad in ox.Store.read_only(str(found.generation.path))}  # type: ignore[union-attr]
    assert held == {"0", "1"}
