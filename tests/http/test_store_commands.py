"""`metapole generations`, `check`, `rollback`, `backup` and `restore` show, ask, and do it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from graph.generations import (
    current_generation,
    kept_generations,
    locks,
    pointer_path,
    writing,
)
from graph.generations.fallback import find_whole, set_aside
from graph.generations.record import record_path
from graph.recovery.backups import noted_backups
from server.cli import main
from tests.engine.edits import content, log, rules_in, write
from tests.engine.states import damage, four_generations

from .conftest import ROOT, Serve, wait_until
from .test_build_command import on_a_terminal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store of four generations and commits, and its rules."""
    folder = tmp_path_factory.mktemp("four")
    (folder / "ontology").mkdir()
    four_generations(folder / "store", rules_in(folder / "ontology" / "rules"))
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "folder")


@pytest.fixture
def store(folder: Path) -> Path:
    return folder / "store"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command; return its exit status, what it wrote, and what it said."""

    def run_command(*words: object) -> tuple[int, str, str]:
        status = main([*map(str, words)])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run_command


def number(store: Path) -> int:
    current = current_generation(store)
    assert current
    return current.number


def files(store: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(store)): path.read_bytes()
        for path in store.rglob("*")
        if path.is_file() and path.name != "lock"
    }


# generations


def test_what_is_kept_is_listed(store: Path, run: Run) -> None:
    damage(store, 2)
    record_path(store, 1).write_text("{")
    status, out, said = run("generations", "--store", store)
    rows = [line.split("\t") for line in out.splitlines()]
    assert status == 0
    assert rows[0] == ["generation", "commit", "made", "quads", "megabytes", "state"]
    kept = [(row[0], row[1], row[5]) for row in rows[1:]]
    assert kept == [
        ("1", "?", "its record cannot be read"),
        ("2", "2", "damaged"),
        ("3", "3", "whole"),
        ("4", "4", "current, whole"),
    ]
    assert "its content differs from what was published" in said
    assert "Kept are the last 3 (metapole serve --keep-generations, --keep-days)." in said


def test_a_quick_list_reads_no_files(store: Path, run: Run) -> None:
    damage(store, 2)
    _, out, _ = run("generations", "--store", store, "--quick")
    assert [line.split("\t")[5] for line in out.splitlines()[1:]] == [
        "kept", "kept", "kept", "current",
    ]  # fmt: skip


@pytest.mark.parametrize("command", ["generations", "check", "rollback"])
def test_a_folder_without_a_store_is_said(tmp_path: Path, run: Run, command: str) -> None:
    status, out, said = run(command, "--store", tmp_path / "nothing")
    assert (status, out) == (1, "")
    assert f"{tmp_path / 'nothing'}: there is no store" in said


# check


def test_a_sound_store_is_said_to_be_one(store: Path, folder: Path, run: Run) -> None:
    status, out, said = run("check", "--store", store, "--ontology", folder / "ontology")
    assert (status, out) == (0, "")
    assert "generation 1: whole (commit 1, 10 quads)\n" in said
    assert "generation 4, the current one: whole (commit 4, " in said
    assert said.endswith("All is well.\n")


def test_what_is_wrong_is_written_and_is_the_exit_status(store: Path, run: Run) -> None:
    damage(store, 3)
    record_path(store, 1).write_text("{")
    status, out, said = run("check", "--store", store)
    first, second = out.splitlines()
    assert status == 1
    assert first == "generation 1: its record cannot be read"
    assert second.startswith("generation 3: ")
    assert "differs from what was published" in second
    assert "generation 2: whole (commit 2, " in said
    assert "derived by other rules" in said
    assert said.endswith("Findings: 2\n")
    assert run("check", "--store", store, "--generation", 2)[0] == 0
    assert run("check", "--store", store, "--generation", 9)[0] == 1


def test_a_pointer_that_is_not_as_its_record_is_found(store: Path, run: Run) -> None:
    record = json.loads(pointer_path(store).read_text())
    pointer_path(store).write_text(json.dumps(record | {"built_from": "elsewhere"}))
    status, out, _ = run("check", "--store", store)
    assert (status, out) == (1, "current.json: is not as the record of generation 4\n")
    pointer_path(store).write_text("{")
    status, out, _ = run("check", "--store", store)
    assert status == 1
    assert "current.json: damaged" in out


def test_an_archive_is_checked(store: Path, tmp_path: Path, run: Run) -> None:
    archive = tmp_path / "a.nq.zst"
    assert run("backup", "--store", store, "--archive", archive)[0] == 0
    status, out, said = run("check", "--archive", archive)
    assert (status, out) == (0, "")
    assert f"{archive}: commit 4, " in said
    archive.write_bytes(archive.read_bytes()[:-20])
    status, out, _ = run("check", "--archive", archive)
    assert status == 1
    assert "the archive is damaged" in out


# rollback


def test_going_back_shows_what_goes_first(store: Path, run: Run) -> None:
    status, out, said = run("rollback", "--store", store, "--to", 2, "--yes")
    assert (status, out) == (0, "")
    for line in (
        "What comes back: generation 2: commit 2, ",
        "Undone: 2 commits\n  4  ",
        "Z  a user  +1 -1  <http://example.org/gone>, <http://example.org/mine>\n  3  ",
        f"{store}: generation 5 (commit 5) is the current one now\n",
    ):
        assert line in said
    assert log(store)[-1] == "metapole rollback"


@pytest.mark.parametrize(
    ("options", "expected"),
    [([], 3), (["--commits", 1], 3), (["--commits", 3], 1), (["--to", 3], 3)],
)
def test_there_are_ways_to_say_how_far(
    store: Path, run: Run, options: list[object], expected: int
) -> None:
    there = next(each for each in kept_generations(store) if each.number == expected)
    before = content(store, there)
    assert run("rollback", "--store", store, "--yes", *options)[0] == 0
    assert number(store) == 5
    assert content(store) == before


@pytest.mark.parametrize(
    ("options", "status", "complaint"),
    [
        (["--to", 4], 1, "generation 4 is the current one; name an older one"),
        (["--to", 9], 1, "generation 9 is not kept; there is:\n  generation 1: commit 1, "),
        (["--commits", 4], 1, "no kept generation ends with commit 0, which is 4 before commit 4"),
        (["--commits", 0], 2, "0 commits cannot be undone; give 1 or more"),
        ([], 2, "add --yes to do it without being asked"),
    ],
)
def test_what_cannot_be_done_changes_nothing(
    store: Path, run: Run, options: list[object], status: int, complaint: str
) -> None:
    before = files(store)
    yes = ["--yes"] if options else []
    ended, _, said = run("rollback", "--store", store, *options, *yes)
    assert ended == status
    assert complaint in said
    assert files(store) == before


def test_a_dry_run_changes_nothing_and_needs_no_lock(store: Path, run: Run) -> None:
    before = files(store)
    with writing(store, "metapole serve"):
        status, _, said = run("rollback", "--store", store, "--dry-run")
    assert status == 0
    assert "Undone: 1 commit\n" in said
    assert said.endswith("Nothing was done; this was a dry run.\n")
    assert files(store) == before


def test_nothing_goes_back_while_a_server_writes_that_does_not_let_go(
    store: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "_WAIT_FOR_THE_ASKED_S", 0.2)
    with writing(store, "metapole serve"):
        status, _, said = run("rollback", "--store", store, "--yes")
    assert status == 1
    assert "(metapole serve) is writing to it; wait until it has finished, or stop it" in said
    assert number(store) == 4


@pytest.mark.parametrize(
    ("answer", "status", "result"), [("y\n", 0, 5), ("\n", 1, 4), ("no\n", 1, 4)]
)
def test_a_terminal_is_asked(store: Path, answer: str, status: int, result: int) -> None:
    ended, said = on_a_terminal(["rollback", "--store", str(store)], answer)
    assert ended == status
    assert f"Make this generation 5 of {store}? [y/N]" in said
    assert number(store) == result


def test_a_damaged_generation_is_given_up_and_said_to_be(store: Path, run: Run) -> None:
    damage(store, 4)
    status, _, said = run("rollback", "--store", store, "--yes")
    assert status == 0
    for line in (
        "its content differs from what was published",
        f"{store} has generation 3 (commit 3, ",
        "Given up, for nothing whole has them: commit 4\n",
        "was set aside in",
    ):
        assert line in said
    assert number(store) == 5
    assert set_aside(store)
    assert "damaged-000004\t" in run("generations", "--store", store)[1]


def test_a_damaged_pointer_is_mended(store: Path, run: Run) -> None:
    pointer_path(store).write_text("")
    status, _, said = run("rollback", "--store", store)
    assert status == 0
    assert "No commit is missing." in said
    assert "the pointer was damaged, and nothing else; it is mended" in said
    found = find_whole(store)
    assert found
    assert (found.generation.number, found.fallback) == (4, None)


# backup


@pytest.mark.parametrize("option", ["--to", "--archive"])
def test_a_backup_is_made_listed_and_restored(
    store: Path, tmp_path: Path, run: Run, option: str
) -> None:
    place = tmp_path / "backup"
    status, out, said = run("backup", "--store", store, option, place)
    assert (status, out) == (0, "")
    assert f"{place}: generation 4 (commit 4, " in said
    assert said.endswith(" quads), verified\n")
    assert run("backup", "--store", store, option, place)[0] == 1
    status, out, _ = run("backup", "--store", store, "--list")
    assert (status, out.split("\t")[1:]) == (0, ["generation 4", "commit 4", f"{place}\n"])
    held = content(store)
    assert run("restore", "--store", tmp_path / "new", "--from", place)[0] == 0
    assert content(tmp_path / "new") == held


@pytest.mark.parametrize("option", ["--to", "--archive"])
def test_a_folder_of_backups_keeps_the_last_ones(
    store: Path, folder: Path, tmp_path: Path, run: Run, option: str
) -> None:
    backups = tmp_path / "backups"
    said = ""
    for _ in range(3):
        write(store, folder / "ontology" / "rules", add=":own :is 3 .")
        status, _, said = run("backup", "--store", store, option, backups, "--keep", 2)
        assert status == 0
    assert "removed, as 2 are kept" in said
    there = sorted(backups.iterdir())
    assert len(there) == 2
    assert [each.path for each in noted_backups(store)] == there
    run("backup", "--store", store, "--list")
    shutil.rmtree(there[0], ignore_errors=True)
    there[0].unlink(missing_ok=True)
    assert run("backup", "--store", store, "--list")[1].splitlines()[0].endswith("\tgone")


@pytest.mark.parametrize("options", [["--to", "x", "--keep", "0"], ["--list", "--keep", "3"]])
def test_a_backup_is_told_how_many_to_keep(store: Path, run: Run, options: list[str]) -> None:
    status, _, said = run("backup", "--store", store, *options)
    assert status == 2
    assert "--keep takes a number from 1 on" in said


def test_a_backup_that_cannot_be_made_says_why(store: Path, tmp_path: Path, run: Run) -> None:
    (tmp_path / "file").touch()
    status, _, said = run("backup", "--store", store, "--to", tmp_path / "file" / "backup")
    assert status == 1
    assert "metapole backup: " in said
    damage(store, 4)
    status, _, said = run("backup", "--store", store, "--to", tmp_path / "backup")
    assert status == 1
    assert "differs from what was published" in said


# restore


def age(path: Path, days: int) -> str:
    """Have a store say that it was made some days ago; return when."""
    time = (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="seconds")
    for record in (pointer_path(path), *(path / "generations").glob("*.json")):
        record.write_text(json.dumps(json.loads(record.read_text()) | {"built": time}))
    return time


def test_a_time_is_gone_back_to(store: Path, folder: Path, tmp_path: Path, run: Run) -> None:
    rules = folder / "ontology" / "rules"
    held: dict[int, dict[str, set[str]]] = {}
    backups = tmp_path / "backups"
    for days in (20, 10):
        write(store, rules, add=f":own :is {days} .")
        held[days] = content(store)
        run("backup", "--store", store, "--to", backups / f"before-{days}")
        age(backups / f"before-{days}", days)
    then = (datetime.now(UTC) - timedelta(days=15)).strftime("%Y-%m-%d")
    age(store, 1)
    (backups / "broken.nq.zst").write_bytes(b"?")

    status, _, said = run("restore", "--store", store, "--from", backups, "--at", then, "--yes")

    assert status == 0
    assert f"What comes back: {backups / 'before-20'} (generation 5): commit 5, " in said
    assert "Left out: " in said
    assert "Undone: 1 commit\n" in said
    assert content(store) == held[20]
    assert log(store)[-1] == "metapole restore"


def test_a_time_or_a_commit_may_still_be_kept_by_the_store(store: Path, run: Run) -> None:
    there = next(each for each in kept_generations(store) if each.number == 2)
    before = content(store, there)
    assert run("restore", "--store", store, "--commit", 2, "--yes")[0] == 0
    assert content(store) == before
    late = "2999-01-01T00:00+01:00"
    status, _, said = run("restore", "--store", store, "--at", late, "--dry-run")
    assert status == 0
    assert "What comes back: generation 5: commit 5, " in said
    status, _, said = run("restore", "--store", store, "--at", "1999-01-01")
    assert status == 1
    assert "nothing is kept that was made until 1999-01-01T00:00:00+00:00; there is:\n" in said


def test_what_to_restore_has_to_be_said(store: Path, tmp_path: Path, run: Run) -> None:
    status, _, said = run("restore", "--store", store)
    assert status == 2
    assert "say what to restore" in said
    with pytest.raises(SystemExit, match="2"):
        run("restore", "--store", store, "--at", "yesterday")
    status, _, said = run("restore", "--store", store, "--from", tmp_path / "nothing", "--yes")
    assert status == 1
    assert f"{tmp_path / 'nothing'}: it is not there" in said


def test_a_store_that_is_there_is_not_replaced_unasked(
    store: Path, tmp_path: Path, run: Run
) -> None:
    run("backup", "--store", store, "--to", tmp_path / "backup")
    status, _, said = run("restore", "--store", store, "--from", tmp_path / "backup")
    assert status == 2
    assert "add --yes" in said
    assert number(store) == 4


def test_what_was_erased_since_is_warned_of(
    store: Path, folder: Path, tmp_path: Path, run: Run
) -> None:
    (folder / "ontology" / "terms").mkdir()
    (folder / "ontology" / "terms" / "a.ttl").write_text("<x:a> <x:b> <x:c> .")
    run("backup", "--store", store, "--archive", tmp_path / "backup")
    erased = run(
        "erase",
        "http://example.org/b",
        "--store",
        store,
        "--yes",
        "--ontology",
        folder / "ontology",
    )
    assert erased[0] == 0
    status, _, said = run("restore", "--store", store, "--from", tmp_path / "backup", "--dry-run")
    assert status == 0
    assert "WARNING: what was erased on " in said
    assert "(commit 5) may come back: erase it again" in said


# Beside a server


def test_a_server_that_reads_goes_on_beside_all_this(
    store: Path, tmp_path: Path, run: Run, serve: Serve
) -> None:
    query = "SELECT ?s WHERE { ?s <http://example.org/is> ?o }"
    with serve(store, "--readers", 1, in_place=True) as server:
        assert run("backup", "--store", store, "--to", tmp_path / "backup")[0] == 0
        assert run("check", "--store", store)[0] == 0
        before = server.ask(query)
        assert before.headers["X-Generation"] == "4"
        assert run("rollback", "--store", store, "--to", 2, "--yes")[0] == 0
        wait_until(lambda: server.ask(query).headers["X-Generation"] == "5")
        assert server.ask(query).text == "s\r\n"
        assert run("restore", "--store", store, "--from", tmp_path / "backup", "--yes")[0] == 0
        wait_until(lambda: server.ask(query).headers["X-Generation"] == "6")
        assert server.ask(query).text == before.text


def test_a_backup_can_be_served(store: Path, tmp_path: Path, run: Run, serve: Serve) -> None:
    run("backup", "--store", store, "--to", tmp_path / "backup")
    with serve(tmp_path / "backup", "--readers", 1, in_place=True) as server:
        assert server.ask("ASK { ?s ?p ?o }").text == "true"


def test_the_program_does_what_the_functions_do(store: Path, tmp_path: Path) -> None:
    for words in (
        ("backup", "--archive", str(tmp_path / "a.nq.zst")),
        ("rollback", "--yes"),
        ("restore", "--from", str(tmp_path / "a.nq.zst"), "--yes"),
        ("check",),
        ("generations",),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "server", *words, "--store", str(store)],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    assert number(store) == 6
