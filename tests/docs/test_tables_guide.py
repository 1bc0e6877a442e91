"""The commands of the guide to tables and maps work."""

from __future__ import annotations

import csv
import shlex
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from graph.publishing.tables.offered import TABLES

from .test_examples import PROJECT, blocks

if TYPE_CHECKING:
    from pathlib import Path

COMMANDS = {name: text for _, name, text in blocks("tables")}
GUIDE = PROJECT / "docs" / "guides" / "tables-and-maps.md"


def run(name: str, folder: Path, server: str) -> str:
    program, *words = shlex.split(COMMANDS[name].replace("http://127.0.0.1:8000", server))
    found = shutil.which(program) or pytest.skip(f"{program} is not installed")
    done = subprocess.run(
        [found, *words], cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_all_commands_of_the_guide_are_run() -> None:
    # The one that checks is run where its program is installed: by tests/interop/test_tables.py.
    assert list(COMMANDS) == ["get", "query", "asof", "check", "features"]


def test_a_table_its_query_and_it_as_of_a_day_are_downloaded(endpoint: str, tmp_path: Path) -> None:
    for name in ("get", "query", "asof"):
        run(name, tmp_path, endpoint)
    with (tmp_path / "figures.csv").open(encoding="utf-8", newline="") as lines:
        (avia,) = [row for row in csv.DictReader(lines) if row["value"] == "11200000000"]
    assert avia["printed"] == "more than 11.200 million euros"  # question V1
    assert (tmp_path / "figures.rq").read_text(encoding="utf-8").startswith("# Which key figures")
    with (tmp_path / "figures-2008.csv").open(encoding="utf-8", newline="") as lines:
        early = list(csv.DictReader(lines))
    assert early
    assert avia["figure"] not in {row["figure"] for row in early}  # a document of 2014 to 2020


def test_a_program_for_maps_finds_the_clusters(endpoint: str, tmp_path: Path) -> None:
    assert "Layer name: clusters" in run("features", tmp_path, endpoint)


def test_the_guide_names_every_table_and_its_key() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    for name, table in TABLES.items():
        assert f"\n| `{name}` | " in text
        assert f"| `{table.key}` |\n" in text
