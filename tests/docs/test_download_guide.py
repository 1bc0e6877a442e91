"""The commands of the guide to downloads work, one after the other."""

from __future__ import annotations

import gzip
import shlex
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from graph.publishing.dumps.canonical import MOST_BYTES

from .test_examples import PROJECT, blocks

if TYPE_CHECKING:
    from pathlib import Path

COMMANDS = {name: text for _, name, text in blocks("download")}


def run(name: str, folder: Path, server: str = "") -> subprocess.CompletedProcess[str]:
    program, *words = shlex.split(COMMANDS[name].replace("http://127.0.0.1:8000", server))
    if program == ".venv/bin/metapole":
        command = [sys.executable, "-m", "server", *words]
    else:
        command = [shutil.which(program) or pytest.skip(f"{program} is not installed"), *words]
    done = subprocess.run(
        command, cwd=folder, env={"PYTHONPATH": str(PROJECT), "PATH": ""},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done


def test_all_commands_of_the_guide_are_run_here() -> None:
    assert list(COMMANDS) == ["get", "check", "again", "export", "list", "verify"]


def test_the_guide_says_how_much_has_a_canonical_hash() -> None:
    page = (PROJECT / "docs/guides/download.md").read_text(encoding="utf-8")
    assert f"about {MOST_BYTES // 1_000_000} MB of sorted and compressed lines" in page


def test_a_file_is_downloaded_checked_and_not_downloaded_again(
    endpoint: str, tmp_path: Path
) -> None:
    run("get", tmp_path, endpoint)
    assert run("check", tmp_path).stdout == "metapole.nq.gz: OK\n"
    file = tmp_path / "metapole.nq.gz"
    assert b"/cluster/minalogic>" in gzip.decompress(file.read_bytes())
    run("again", tmp_path, endpoint)
    assert (tmp_path / "metapole.etag").read_text(encoding="utf-8").startswith('"')
    file.unlink()
    run("again", tmp_path, endpoint)
    assert not file.exists() or file.stat().st_size == 0


@pytest.mark.slow
def test_all_files_are_exported_and_checked(shipped_store: Path, tmp_path: Path) -> None:
    (tmp_path / "metapole-store").symlink_to(shipped_store)
    listed = run("list", tmp_path).stdout.split()
    assert "data/metapole.ttl.gz" in listed
    assert "data/graph/links.ttl" not in listed
    run("export", tmp_path)
    files = tmp_path / "metapole-files"
    assert all((files / name).is_file() for name in listed)
    assert run("verify", files).stdout == ""
