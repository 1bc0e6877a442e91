"""What others make of a thing: the signposting client, and readers of RDF."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import httpx2
import pytest

from .conftest import CLIENTS, program

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [pytest.mark.interop, pytest.mark.timeout(600)]

BASE = "https://w3id.org/metapole/"
THINGS = ["cluster/minalogic", "document/ifa-competitive-clusters-2007", "def/sector/automotive"]
PARSERS = {
    "ttl": ("turtle", "text/turtle"),
    "nt": ("ntriples", "application/n-triples"),
    "rdf": ("rdfxml", "application/rdf+xml"),
    "trig": ("trig", "application/trig"),
    "nq": ("nquads", "application/n-quads"),
}


@pytest.fixture(params=THINGS)
def thing(request: pytest.FixtureRequest) -> str:
    return request.param


def file_of(endpoint: str, thing: str, extension: str, folder: Path) -> Path:
    """Return the file about *thing*, as it was downloaded."""
    answer = httpx2.get(f"{endpoint}/data/{thing}.{extension}", verify=False)
    assert answer.status_code == 200
    file = folder / f"thing.{extension}"
    file.write_bytes(answer.content)
    return file


@pytest.mark.parametrize("path", ["cluster/minalogic", "id/cluster/minalogic"])
def test_the_signposting_client_finds_all_links(python: Path, endpoint: str, path: str) -> None:
    command = [python, CLIENTS / "with_signposting.py", f"{endpoint}/{path}"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["cite-as"] == [f"{BASE}id/cluster/minalogic"]
    assert found["license"] == ["https://creativecommons.org/licenses/by/4.0/"]
    assert f"{BASE}def#Cluster" in found["type"]
    assert found["linkset"] == [f"{endpoint}/data/cluster/minalogic/linkset"]
    assert len(found["describedby"]) == 9
    # The client reads the linkset, too, and finds there what the headers say.
    assert found["of the linkset"]["describedby"] == found["describedby"]
    assert found["of the linkset"]["cite-as"] == found["cite-as"]


@pytest.mark.parametrize("extension", PARSERS)
def test_raptor_reads_every_file(endpoint: str, tmp_path: Path, thing: str, extension: str) -> None:
    rapper = program("rapper", "apt-get install raptor2-utils")
    counts = [
        _lines(
            [rapper, "--quiet", "--input", PARSERS[each][0], "--output", "ntriples", file],
        )
        for each in (extension, "nt")
        if (file := file_of(endpoint, thing, each, tmp_path))
    ]
    assert len(counts[0]) > 10
    assert counts[0] == counts[1]


@pytest.mark.parametrize("extension", [*PARSERS, "jsonld"])
def test_jena_reads_every_file(
    jena: Callable[[str], list[str]], endpoint: str, tmp_path: Path, thing: str, extension: str
) -> None:
    riot = [*jena("riotcmd.riot"), "--check", "--strict", "--merge", "--output=ntriples"]
    read = _lines([*riot, file_of(endpoint, thing, extension, tmp_path)])
    assert len(read) > 10
    assert read == _lines([*riot, file_of(endpoint, thing, "nt", tmp_path)])


def _lines(command: list[str | Path]) -> set[str]:
    """Run *command*, which has nothing to complain of; return the lines that it writes."""
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    complaints = [line for line in done.stderr.splitlines() if not line.startswith("SLF4J")]
    assert (done.returncode, complaints) == (0, [])
    # Where its other pages are is another matter in each format.
    return {line for line in done.stdout.splitlines() if not line.startswith("<http://127.0.0.1")}
