"""`metapole build` on a store that holds something: what it says, asks and does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from graph.build import build
from graph.generations import current_generation, pointer_path, publish_generation, writing
from graph.release import upgrade_hint
from server.cli import main

from .conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

PEOPLE = "https://w3id.org/metapole/graph/people"
MINE = "https://example.org/mine"
PREFIXES = """\
@prefix mp: <https://w3id.org/metapole/def#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix person: <https://w3id.org/metapole/id/person/> .
"""
JANE = "<https://w3id.org/metapole/id/person/jane-doe>"
LABEL = "<http://www.w3.org/2004/02/skos/core#prefLabel>"


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    """A folder with an ontology of one class, and data of one graph."""
    for folder in ("terms", "shapes", "checks", "rules"):
        (tmp_path / "ontology" / folder).mkdir(parents=True)
    (tmp_path / "ontology" / "terms" / "a.ttl").write_text(
        PREFIXES + "mp:Person a <http://www.w3.org/2002/07/owl#Class> .\n", encoding="utf-8"
    )
    (tmp_path / "data").mkdir()
    ship(tmp_path, "Jane Doe")
    return tmp_path


def ship(inputs: Path, *names: str) -> None:
    """Write the data of a release."""
    labels = " , ".join(f'"{name}"@en' for name in names)
    text = f"{PREFIXES}person:jane-doe a mp:Person ; skos:prefLabel {labels} .\n"
    (inputs / "data" / "people.ttl").write_text(text, encoding="utf-8")


def words(inputs: Path, *options: object) -> list[str]:
    command = ["build", "--store", inputs / "store", "--data", inputs / "data", "--ontology"]
    return [str(word) for word in (*command, inputs / "ontology", *options)]


@pytest.fixture
def run(inputs: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """Run the command; return its exit status and what it said."""

    def run_command(*options: object) -> tuple[int, str]:
        status = main(words(inputs, *options))
        said = capsys.readouterr()
        assert said.out == ""
        return status, said.err

    return run_command


def edit(inputs: Path, add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
    """Change the store, and remember that the rest is as it shipped."""
    store = inputs / "store"
    current = current_generation(store)
    assert current is not None
    changed = ox.Store()
    changed.extend(
        quad
        for quad in ox.Store.read_only(str(current.path))
        if quad.graph_name != ox.NamedNode("https://w3id.org/metapole/graph/union")
    )
    for lines, change in ((add, changed.add), (remove, changed.remove)):
        for quad in ox.parse("\n".join(lines), ox.RdfFormat.N_QUADS):
            change(quad)
    publish_generation(
        store, list(changed), built_from=current.built_from, rules=current.rules,
        shipped=current.shipped,
    )  # fmt: skip


def quad(name: str, graph: str = PEOPLE) -> str:
    return f'{JANE} {LABEL} "{name}"@en <{graph}> .'


def names(inputs: Path, graph: str = PEOPLE) -> set[str]:
    current = current_generation(inputs / "store")
    assert current is not None
    store = ox.Store.read_only(str(current.path))
    label = ox.NamedNode(LABEL[1:-1])
    found = store.quads_for_pattern(None, label, None, ox.NamedNode(graph))
    return {each.object.value for each in found if isinstance(each.object, ox.Literal)}


def number(inputs: Path) -> int:
    current = current_generation(inputs / "store")
    assert current is not None
    return current.number


def test_a_new_release_replaces_what_nobody_touched(
    inputs: Path, run: Callable[..., tuple[int, str]]
) -> None:
    assert run()[0] == 0
    edit(inputs, add=[quad("Jane", MINE)])
    ship(inputs, "Jane E. Doe")

    status, said = run()

    assert status == 0
    assert "Built generation 3 in" in said
    assert "  replaced: graph/people (+1 -1 statements)\n" in said
    assert "  the same: 1 graph\n" in said
    assert "  of users: 1 graph, not changed and not checked" in said
    assert (names(inputs), names(inputs, MINE)) == ({"Jane E. Doe"}, {"Jane"})


def test_without_a_terminal_nothing_that_was_touched_is_replaced(
    inputs: Path, run: Callable[..., tuple[int, str]]
) -> None:
    run()
    edit(inputs, add=[quad("Mine")], remove=[quad("Jane Doe")])
    ship(inputs, "Jane E. Doe")

    status, said = run()

    assert status == 1
    assert "1 graph was changed here, and the files have something else:" in said
    assert "graph/people: replacing it removes 1 statement and adds 1" in said
    assert '    - skos:prefLabel "Mine"@en\n    + skos:prefLabel "Jane E. Doe"@en\n' in said
    for option in ("--touched keep", "--touched replace", "--touched ask", "--diff FILE"):
        assert option in said
    assert said.endswith("Nothing was built; the store is as it was.\n")
    assert (names(inputs), number(inputs)) == ({"Mine"}, 2)


@pytest.mark.parametrize(
    ("choice", "result", "told"),
    [
        ("keep", {"Mine"}, "  kept as changed here: graph/people\n"),
        ("replace", {"Jane E. Doe"}, "  replaced: graph/people (+1 -1 statements)\n"),
    ],
)
def test_an_option_says_what_becomes_of_what_was_touched(
    inputs: Path, run: Callable[..., tuple[int, str]], choice: str, result: set[str], told: str
) -> None:
    run()
    edit(inputs, add=[quad("Mine")], remove=[quad("Jane Doe")])
    ship(inputs, "Jane E. Doe")

    status, said = run("--touched", choice)

    assert status == 0
    assert told in said
    assert names(inputs) == result


def test_the_difference_is_written_as_rdf_patch(
    inputs: Path, run: Callable[..., tuple[int, str]]
) -> None:
    run()
    edit(inputs, add=[quad("Mine")], remove=[quad("Jane Doe")])
    ship(inputs, "Jane E. Doe")

    run("--diff", inputs / "diff")

    assert (inputs / "diff").read_text(encoding="utf-8").splitlines() == [
        "TX .", f"D {quad('Mine')}", f"A {quad('Jane E. Doe')}", "TC .",
    ]  # fmt: skip


def test_a_long_difference_is_cut(inputs: Path, run: Callable[..., tuple[int, str]]) -> None:
    run()
    edit(inputs, add=[quad("Mine")])
    ship(inputs, *(f"Name {number:02}" for number in range(30)))

    _, said = run()

    assert said.count("    + ") + said.count("    - ") == 20
    assert "  and 12 statements more\n" in said


def test_a_dry_run_says_what_would_be_done_and_does_nothing(
    inputs: Path, run: Callable[..., tuple[int, str]]
) -> None:
    status, said = run("--dry-run")
    assert (status, (inputs / "store").exists()) == (0, False)
    assert "would be filled from the files alone" in said
    run()
    edit(inputs, add=[quad("Mine")])
    ship(inputs, "Jane E. Doe")

    status, said = run("--dry-run")

    assert status == 0
    assert "A build would go on from generation 2:" in said
    assert "graph/people: replacing it removes 2 statements and adds 1" in said
    assert "kept" not in said.partition("Say what to do")[0]
    assert said.endswith("Nothing was done; this was a dry run.\n")
    assert number(inputs) == 2


def test_a_build_of_the_same_files_makes_nothing(
    inputs: Path, run: Callable[..., tuple[int, str]]
) -> None:
    run()

    status, said = run()

    assert status == 0
    assert "The store is as the files have it; generation 1 stays current" in said
    assert number(inputs) == 1


def test_from_scratch_forgets_what_users_wrote(
    inputs: Path, run: Callable[..., tuple[int, str]]
) -> None:
    run()
    edit(inputs, add=[quad("Jane", MINE), quad("Mine")])

    assert run("--from-scratch")[0] == 0
    assert (names(inputs), names(inputs, MINE)) == ({"Jane Doe"}, set())


def test_a_store_of_a_newer_version_is_left_alone(
    inputs: Path, run: Callable[..., tuple[int, str]]
) -> None:
    run()
    pointer = pointer_path(inputs / "store")
    record = json.loads(pointer.read_text(encoding="utf-8"))
    pointer.write_text(json.dumps(record | {"format": 99}), encoding="utf-8")
    before = pointer.read_bytes()

    for options in ([], ["--from-scratch"]):
        status, said = run(*options)
        assert status == 1
        assert "format 99" in said
        assert "use a newer metapole" in said
    assert pointer.read_bytes() == before


def test_a_store_that_somebody_writes_to_is_left_alone(
    inputs: Path, run: Callable[..., tuple[int, str]]
) -> None:
    run()
    ship(inputs, "Jane E. Doe")

    with writing(inputs / "store", "metapole serve"):
        status, said = run()

    assert status == 1
    assert "(metapole serve) is writing to it" in said


def on_a_terminal(command: list[str], answers: str) -> tuple[int, str]:
    """Run a command with a terminal in front of it on which *answers* are typed."""
    parent, child = os.openpty()
    os.write(parent, answers.encode())
    arguments = [sys.executable, "-m", "server", *command]
    with subprocess.Popen(arguments, cwd=ROOT, stdin=child, stderr=child) as process:
        os.close(child)
        said = b""
        while True:
            try:
                piece = os.read(parent, 65_536)
            except OSError:  # the other end is closed
                break
            if not piece:
                break
            said += piece
        status = process.wait(30)
    os.close(parent)
    return status, said.decode()


@pytest.mark.parametrize(
    ("answers", "status", "result"),
    [
        ("k\n", 0, {"Mine"}),
        ("what?\ns\nreplace\n", 0, {"Jane E. Doe"}),
        ("q\n", 1, {"Mine"}),
        ("\x04", 1, {"Mine"}),
    ],
    ids=["keep", "show and replace", "quit", "end of input"],
)
def test_a_terminal_is_asked_for_each_graph(
    inputs: Path, run: Callable[..., tuple[int, str]], answers: str, status: int, result: set[str]
) -> None:
    run()
    edit(inputs, add=[quad("Mine")], remove=[quad("Jane Doe")])
    ship(inputs, "Jane E. Doe")

    ended, said = on_a_terminal(words(inputs), answers)

    assert ended == status
    assert "[k]eep it as it is here, [r]eplace it, [s]how all, or [q]uit?" in said
    assert ("Answer with k, r, s or q." in said) == ("what?" in answers)
    assert names(inputs) == result


def test_a_store_of_another_release_is_told_of(shipped_store: Path, tmp_path: Path) -> None:
    current = current_generation(shipped_store)
    assert current is not None
    assert upgrade_hint(shipped_store, current) is None

    other = publish_generation(tmp_path, [], built_from="other files", shipped=current.shipped)
    hint = upgrade_hint(tmp_path, other)

    assert hint is not None
    assert f"'metapole build --dry-run --store {tmp_path}'" in hint


def test_a_store_of_other_data_is_of_no_release(inputs: Path) -> None:
    store = inputs / "store"
    generation = build(store, data=inputs / "data", ontology=inputs / "ontology")

    assert upgrade_hint(store, generation) is None
