"""The commands of the guide to matching do what it says."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from pathlib import Path

import pytest

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "match.md"
COMMANDS = [
    line
    for block in re.findall(r"```sh\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    for line in block.splitlines()
    if line.startswith("curl")
]


@pytest.mark.parametrize(
    ("number", "expected"),
    [(0, "id/cluster/vehicule-du-futur"), (1, '{"float": 11200000000.0}')],
)
def test_programs_are_answered(endpoint: str, number: int, expected: str) -> None:
    words = shlex.split(COMMANDS[number].replace("http://127.0.0.1:8000", endpoint))
    # Older versions of curl have no --json.
    if "--json" in words:
        place = words.index("--json")
        words[place : place + 1] = ["--header", "Content-Type: application/json", "--data"]

    said = subprocess.run(words, check=True, capture_output=True, timeout=60).stdout.decode()

    assert expected in said
    json.loads(said)
