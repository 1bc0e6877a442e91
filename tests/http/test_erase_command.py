"""`metapole erase`: it shows, asks, erases, and says what it cannot reach."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from graph.generations import current_generation, kept_generations, publish_generation, writing
from server.cli import main

from .conftest import ROOT
from .test_build_command import on_a_terminal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., tuple[int, str]]

JANE = "https://w3id.org/metapole/id/person/jane-doe"
TRIG = """
PREFIX mp: <https://w3id.org/metapole/def#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX person: <https://w3id.org/metapole/id/person/>
PREFIX id: <https://w3id.org/metapole/id/>
PREFIX graph: <https://w3id.org/metapole/graph/>
GRAPH graph:people {
    person:jane-doe a mp:Person ; skos:prefLabel "Jane Doe"@en .
    <https://w3id.org/metapole/id/membership/club-3> mp:member person:jane-doe ;
        mp:evidence <https://w3id.org/metapole/id/evidence/club-3> .
    <https://w3id.org/metapole/id/evidence/club-3> mp:printedAs "Jane Doe, chair" .
    <https://w3id.org/metapole/id/document/report> mp:publisher person:jane-doe ;
        skos:note "Doe wrote it"@en .
}
person:jane-doe mp:at [ mp:street "Main Street" ] .
"""


@pytest.fixture
def store(tmp_path: Path) -> Path:
    store = tmp_path / "store"
    publish_generation(store, ox.parse(TRIG, ox.RdfFormat.TRIG))
    return store


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command; return its exit status and what it said."""

    def run_command(*options: object) -> tuple[int, str]:
        status = main(["erase", *map(str, options)])
        said = capsys.readouterr()
        assert said.out == ""
        return status, said.err

    return run_command


def names_jane(store: Path) -> bool:
    return any(
        JANE in str(quad)
        for each in kept_generations(store)
        for quad in ox.Store.read_only(str(each.path))
    )


def files(store: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in store.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", [JANE, "person:jane-doe"])
def test_a_thing_is_erased_and_what_went_is_said(store: Path, run: Run, name: str) -> None:
    status, said = run(name, "--store", store, "--yes")

    assert status == 0
    assert not names_jane(store)
    for line in (
        f"<{JANE}>",
        f"  {store}, generation 1, the current one: 8 quads",
        "  graph/people: 6 quads",
        "  the default graph: 2 quads",
        "Statements about it, which go as a whole: 1",
        "  membership:club-3",
        "Evidence that nothing else uses: 1",
        "  evidence:club-3",
        "Blank nodes that nothing else uses: 1",
        "These stay and lose what they say of it: 1",
        "  document:report mp:publisher",
        '  document:report skos:note "Doe wrote it"@en',
        f"{store}: generation 2 is the current one now; 8 quads erased",
        f"{store}: generation 1 was made anew; 8 quads erased",
        "  exports and dumps that were made before, and what other people have fetched",
    ):
        assert f"{line}\n" in said


def test_the_program_does_what_the_function_does(store: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    shutil.copytree(store, backup)
    command = [sys.executable, "-m", "server", "erase", JANE, "--yes"]

    done = subprocess.run(
        [*command, "--store", str(store), "--also", str(backup)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (done.returncode, done.stdout) == (0, "")
    assert not names_jane(store)
    assert not names_jane(backup)
    assert f"{backup}: generation 1 was made anew" in done.stderr


def test_a_dry_run_erases_nothing(store: Path, run: Run) -> None:
    before = files(store)

    status, said = run(JANE, "--store", store, "--dry-run")

    assert status == 0
    assert "membership:club-3" in said
    assert said.endswith("Nothing was erased; this was a dry run.\n")
    assert files(store) == before


def test_nothing_is_erased_when_nobody_can_be_asked(store: Path, run: Run) -> None:
    before = files(store)

    status, said = run(JANE, "--store", store)

    assert status == 2
    assert "add --yes" in said
    assert files(store) == before


@pytest.mark.parametrize(
    ("answer", "status", "is_erased"),
    [("y\n", 0, True), ("yes\n", 0, True), ("\n", 1, False), ("no\n", 1, False)],
)
def test_a_terminal_is_asked(store: Path, answer: str, status: int, is_erased: bool) -> None:
    ended, said = on_a_terminal(["erase", JANE, "--store", str(store)], answer)

    assert ended == status
    assert f"Erase <{JANE}> for good? [y/N]" in said
    assert names_jane(store) != is_erased


def test_what_is_nowhere_has_names_like_it(store: Path, run: Run) -> None:
    before = files(store)

    status, said = run("person:jane-do", "--store", store, "--yes")

    assert status == 1
    assert "nothing in 1 kept generation names <" in said
    assert "did you mean person:jane-doe?" in said
    assert "add --rewrite" in said
    assert files(store) == before


def test_files_are_written_anew_for_what_is_nowhere_if_wanted(store: Path, run: Run) -> None:
    status, said = run("person:john-roe", "--store", store, "--yes", "--rewrite")

    assert status == 0
    assert "is in no generation; all files are written anew" in said
    current = current_generation(store)
    assert current is not None
    assert current.number == 2


@pytest.mark.parametrize(
    ("iri", "complaint"),
    [
        ("jane", "'jane' is not an absolute IRI; give one such as https://w3id.org/metapole/id/"),
        ("", "'' is not an absolute IRI"),
        ("http://example.org/a b", "is not an absolute IRI"),
        ("https://w3id.org/metapole/graph/union", "is kept by metapole itself"),
        ("https://w3id.org/metapole/graph/commits", "is kept by metapole itself"),
    ],
)
def test_what_cannot_be_erased_is_wrong_usage(
    store: Path, run: Run, iri: str, complaint: str
) -> None:
    status, said = run(iri, "--store", store, "--yes")

    assert status == 2
    assert complaint in said


def test_a_store_in_use_is_left_alone(store: Path, run: Run) -> None:
    with writing(store, "metapole serve"):
        status, said = run(JANE, "--store", store, "--yes")

    assert status == 1
    assert "(metapole serve) is writing to it" in said
    assert names_jane(store)


def test_a_folder_that_is_no_store_is_said(store: Path, run: Run, tmp_path: Path) -> None:
    status, said = run(JANE, "--store", store, "--also", tmp_path / "nothing", "--yes")

    assert status == 1
    assert f"{tmp_path / 'nothing'}: there is no store" in said
    assert names_jane(store)


def test_a_thing_that_ships_is_said_to_come_back_and_from_which_file(
    shipped_store: Path, run: Run
) -> None:
    status, said = run("person:anthony-auert", "--store", shipped_store, "--dry-run")

    name = "luxinnovation-pole-automobile-europeen-2019"
    assert status == 0
    assert f"graph/source/{name} ships with metapole, and " in said
    assert f"data/sources/{name}.ttl has it: a build that replaces the graph brings it back" in said


def test_a_term_of_the_ontology_is_said_to_be_one(shipped_store: Path, run: Run) -> None:
    term = "https://w3id.org/metapole/def#Partnership"

    status, said = run(term, "--store", shipped_store, "--dry-run")

    assert status == 0
    assert "It is described by the ontology" in said
    assert "graph/ontology ships with metapole, and " in said
    assert "terms/actors.ttl" in said
