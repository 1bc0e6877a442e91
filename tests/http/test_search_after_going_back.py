"""Who searches after a rollback or a restore finds the names that are there then, and no others."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

from tests.thoroughness import one_in

from .conftest import ROOT, Serve, Server, publish, wait_until
from .writers import Writer, writing

LABEL = "<http://www.w3.org/2004/02/skos/core#prefLabel>"
ONE, TWO = (f"<https://w3id.org/metapole/id/cluster/{name}>" for name in ("one", "two"))
KIND = "a <https://w3id.org/metapole/def#Cluster>"
TRIG = f"""GRAPH <x:g> {{
    {ONE} {KIND} ; {LABEL} "Alphabetum"@en . {TWO} {KIND} ; {LABEL} "Betatronic"@en .
}}"""
CHANGE = f"""DELETE DATA {{ GRAPH <x:g> {{ {ONE} {LABEL} "Alphabetum"@en }} }} ;
    INSERT DATA {{ GRAPH <x:g> {{
        {ONE} {LABEL} "Omegaform"@en . <x:new> {KIND} ; {LABEL} "Gammadata"@en
    }} }}"""
BEFORE, AFTER = {"Alphabetum", "Betatronic"}, {"Omegaform", "Betatronic", "Gammadata"}


def metapole(*words: object) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "server", *map(str, words)],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def found(server: Server) -> set[str]:
    """Return which of the names are found, by suggestions and in SPARQL, which agree."""
    names: set[str] = set()
    for name in BEFORE | AFTER:
        answer = httpx2.get(
            f"{server.url}/search/suggest.json", params={"q": name[:-1].lower()}, timeout=60
        )
        assert answer.status_code == 200, answer.text
        suggested = name in [each["label"] for each in answer.json()]
        text = (
            "PREFIX mpf: <https://w3id.org/metapole/function#> "
            f'ASK {{ ?thing mpf:matches "{name}" GRAPH <x:g> {{ ?thing {LABEL} "{name}"@en }} }}'
        )
        asked = httpx2.get(
            server.sparql, params={"query": text}, headers={"Accept": "text/csv"}, timeout=60
        )
        assert asked.text.strip() == ("true" if suggested else "false"), name
        names |= {name} if suggested else set()
    return names


@pytest.fixture
def store(tmp_path: Path) -> Path:
    publish(tmp_path / "store", TRIG)
    return tmp_path / "store"


def roll_back(store: Path, _: Path) -> None:
    metapole("rollback", "--store", store, "--to", 1, "--yes")


def restore(store: Path, backup: Path) -> None:
    metapole("restore", "--store", store, "--from", backup, "--yes")


@pytest.mark.parametrize(
    ("go_back", "is_searched_before"),
    one_in(3, [(roll_back, True), (roll_back, False), (restore, True), (restore, False)]),
)
def test_the_names_are_those_of_the_state_that_was_gone_back_to(
    serve: Serve,
    store: Path,
    tmp_path: Path,
    go_back: Callable[[Path, Path], None],
    *,
    is_searched_before: bool,
) -> None:
    """The index is made by whoever searches first: before what is undone, or after it."""
    with writing(serve, store, in_place=True) as writer:
        assert not is_searched_before or found(writer.server) == BEFORE
        metapole("backup", "--store", store, "--to", tmp_path / "backup")
        assert writer.update(CHANGE).status_code == 204
        assert found(writer.server) == AFTER

        go_back(store, tmp_path / "backup")
        wait_until(lambda: _generation(writer) > 2, 30)

        assert found(writer.server) == BEFORE
        wait_until(lambda: writer.update(CHANGE).status_code == 204, 30)  # the writer comes back
        assert found(writer.server) == AFTER


def test_a_store_that_is_restored_elsewhere_is_searched_there(
    serve: Serve, store: Path, tmp_path: Path
) -> None:
    with writing(serve, store, in_place=True) as writer:
        assert writer.update(CHANGE).status_code == 204
        assert found(writer.server) == AFTER
    metapole("backup", "--store", store, "--to", tmp_path / "backup")
    metapole("restore", "--store", tmp_path / "new", "--from", tmp_path / "backup", "--yes")
    with serve(tmp_path / "new", in_place=True) as server:
        assert found(server) == AFTER


def _generation(writer: Writer) -> int:
    try:
        return int(writer.server.ask("ASK {}").headers["x-generation"])
    except (httpx2.HTTPError, KeyError):  # it begins anew
        return 0
