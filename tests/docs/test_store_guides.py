"""The commands of the guides about a store work, one after the other."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from graph.generations import current_generation, kept_generations
from tests.engine.edits import write

from .test_examples import PROJECT, blocks

if TYPE_CHECKING:
    from pathlib import Path

PERSON = ox.NamedNode("https://w3id.org/metapole/id/person/anthony-auert")


def commands(page: str) -> dict[str, str]:
    return {name: text for path, name, text in blocks("run") if path.name == page}


@pytest.fixture
def folder(tmp_path: Path, shipped_store: Path) -> Path:
    """A folder with a store in it, as somebody has who follows the guide."""
    shutil.copytree(shipped_store, tmp_path / "metapole-store")
    shutil.copytree(shipped_store, tmp_path / "backup")
    return tmp_path


def run(folder: Path, command: str, *, out: bool = False) -> str:
    """Return what *command* says, or what it writes to stdout."""
    program, *words = shlex.split(command)
    assert program == ".venv/bin/metapole"
    done = subprocess.run(
        [sys.executable, "-m", "server", *words],
        cwd=folder, env={"PYTHONPATH": str(PROJECT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout if out else done.stderr


def names_the_person(store: Path) -> list[int]:
    found: list[int] = []
    for each in kept_generations(store):
        quads = ox.Store.read_only(str(each.path)).quads_for_pattern(PERSON, None, None)
        if any(quads):
            found.append(each.number)
    return found


@pytest.mark.slow
def test_the_guide_to_a_new_release(folder: Path) -> None:
    written = commands("upgrade.md")
    assert list(written) == ["upgrade-dry-run", "upgrade-build", "upgrade-keep"]

    assert "this was a dry run" in run(folder, written["upgrade-dry-run"])
    assert "generation 1 stays current" in run(folder, written["upgrade-build"])
    run(folder, written["upgrade-keep"])
    assert (folder / "difference.rdfp").read_text(encoding="utf-8") == "TX .\nTC .\n"


@pytest.mark.slow
def test_the_guide_to_erasing(folder: Path) -> None:
    written = commands("erase.md")
    assert list(written) == ["erase-dry-run", "erase", "erase-rewrite"]

    assert "membership:anthony-auert" in run(folder, written["erase-dry-run"])
    assert names_the_person(folder / "metapole-store") == [1]
    run(folder, written["erase"])
    assert names_the_person(folder / "metapole-store") == []
    assert names_the_person(folder / "backup") == []
    run(folder, written["erase-rewrite"])
    current = current_generation(folder / "metapole-store")
    assert current is not None
    assert current.number == 3


def test_the_guide_to_backups(folder: Path) -> None:
    written = commands("back-up.md")
    assert list(written) == [
        "backup", "backup-archive", "check", "generations", "rollback", "restore", "restore-at",
    ]  # fmt: skip
    run(folder, written["backup"])
    (backup,) = (folder / "backups").iterdir()
    assert current_generation(backup)
    run(folder, written["backup-archive"])
    assert "metapole.nq.zst" in run(folder, written["check"])
    listed = run(folder, written["generations"], out=True).splitlines()
    assert [line.split("\t")[0] for line in listed[1:]] == ["1"]
    add_commit(folder / "metapole-store")
    assert "Undone: 1 commit" in run(folder, written["rollback"])
    assert "Undone: 1 commit" in run(folder, written["restore"])
    assert "generation 2: commit 2" in run(folder, written["restore-at"])


def test_the_page_about_a_damaged_generation(folder: Path) -> None:
    store = folder / "metapole-store"
    add_commit(store)
    current = current_generation(store)
    assert current
    (current.path / "CURRENT").unlink()
    run(folder, commands("durability.md")["rollback-damaged"])
    after = current_generation(store)
    assert after
    assert (after.number, len(list((store / "generations").glob("damaged-*")))) == (3, 2)


def add_commit(store: Path) -> None:
    """Make a commit without a server."""
    write(store, PROJECT / "ontology" / "rules", add="GRAPH :g { :s :p :o }")
