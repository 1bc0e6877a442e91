"""The commands of the guide to matching do what it says."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from pathlib import Path

import pyoxigraph as ox
import pytest

from graph.generations import publish_generation
from server.cli import main

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "match.md"
COMMANDS = [
    line
    for block in re.findall(r"```sh\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    for line in block.splitlines()
    if line.startswith(("curl", "metapole"))
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


IMPORT = """
PREFIX mp: <https://w3id.org/metapole/def#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
GRAPH <https://w3id.org/metapole/graph/import/members> {
    <https://w3id.org/metapole/id/import-members/1> a mp:Cluster ; skos:prefLabel "Movéo"@fr .
}
GRAPH <https://w3id.org/metapole/graph/source/x> {
    <https://w3id.org/metapole/id/cluster/moveo> a mp:Cluster ; skos:prefLabel "Mov’eo"@fr .
}
"""


def test_the_commands_suggest_and_decide(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = tmp_path / "store"
    publish_generation(store, list(ox.parse(IMPORT, ox.RdfFormat.TRIG)))
    commands = [shlex.split(line)[1:] for line in COMMANDS if line.startswith("metapole match")]
    said: dict[str, list[str]] = {}
    match = ""

    for words in commands:
        status = main(
            [match if word == "MATCH" else word for word in words] + ["--store", str(store)]
        )
        out, err = capsys.readouterr()
        assert status == 0, err
        said.setdefault(words[1], []).append(out + err)
        if words[1] == "list" and not match:
            match = out.splitlines()[1].partition(",")[0]

    assert "1 new match." in said["suggest"][0]
    assert said["accept"] == ["Accepted: 1 match.\n"]
    assert said["undo"] == ["Undone: 1 match.\n"]
    assert said["reject"] == ["Rejected: 1 match.\n"]
    assert match in said["list"][-1]


def test_what_is_posted_is_what_the_server_takes() -> None:
    posted = [json.loads(each) for line in COMMANDS for each in re.findall(r"--json '(.*?)'", line)]
    assert [sorted(each) for each in posted] == [
        ["ids", "properties"],
        ["decision", "matches"],
        ["graph"],
    ]


def test_all_matches_are_a_table(endpoint: str) -> None:
    (line,) = [line for line in COMMANDS if line.endswith("sssom.tsv")]
    words = shlex.split(line.replace("http://127.0.0.1:8000", endpoint))
    said = subprocess.run(words, check=True, capture_output=True, timeout=60).stdout.decode()
    assert said.startswith("# curie_map:")
    assert "subject_id\tsubject_label" in said
