"""The commands of the guide to finding things work."""

from __future__ import annotations

import csv
import io
import json
import shlex
import shutil
import subprocess

import pytest

from .test_examples import blocks

COMMANDS = {name: text for _, name, text in blocks("find")}


def run(name: str, server: str) -> str:
    program, *words = shlex.split(COMMANDS[name].replace("http://127.0.0.1:8000", server))
    found = shutil.which(program) or pytest.skip(f"{program} is not installed")
    done = subprocess.run([found, *words], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def rows(name: str, server: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(run(name, server))))


def test_all_commands_of_the_guide_are_run() -> None:
    assert list(COMMANDS) == ["search", "suggest", "list", "compare"]


def test_names_are_found_as_the_guide_says(endpoint: str) -> None:
    assert rows("search", endpoint)[0]["name"] == "Véhicule du futur"
    assert json.loads(run("suggest", endpoint))[0]["label"] == "Mov’eo"


def test_lists_and_comparisons_are_files_as_the_guide_says(endpoint: str) -> None:
    listed = rows("list", endpoint)
    assert {row["country"] for row in listed} == {"Germany", "Italy"}
    known = [int(row["known"]) for row in listed]
    assert known == sorted(known, reverse=True)
    assert {row["cluster"].rpartition("/")[2] for row in rows("compare", endpoint)} == {
        "avia",
        "caar",
    }
