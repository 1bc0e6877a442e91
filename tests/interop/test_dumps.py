"""What others' parsers say of every file of RDF that is exported.

Jena's riot comes from Maven Central; rapper is in the package raptor2-utils of Debian; PyLD comes
from PyPI, rdf-canonize from npm. pyoxigraph's own hash is compared in tests/engine/test_dumps.py.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from .conftest import CLIENTS, install, program

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [pytest.mark.interop, pytest.mark.timeout(600)]

RAPPER = {"nq": "nquads", "trig": "trig", "ttl": "turtle", "nt": "ntriples", "rdf": "rdfxml"}
COUNTED = re.compile(r"^(\S+) *: (?:Triples|Quads) = ([\d,]+)$", re.MULTILINE)


@pytest.fixture(scope="module")
def exported(shipped_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with all that is exported of the graph that ships."""
    target = tmp_path_factory.mktemp("exported") / "files"
    subprocess.run(
        [sys.executable, "-m", "server", "export", "--store", shipped_store, "--to", target],
        check=True,
    )
    return target


@pytest.fixture(scope="module")
def files(exported: Path) -> dict[str, int]:
    """Return all files of RDF, and how many statements the engine finds in each."""
    found = [path for path in exported.rglob("*") if path.suffix[1:] in (*RAPPER, "jsonld")]
    found.remove(exported / "data/context.jsonld")  # it says nothing by itself
    return {str(path.relative_to(exported)): _statements(path) for path in sorted(found)}


def _statements(path: Path) -> int:
    """Count statements; an annotated one is written twice, and is said once."""
    quads = [*ox.parse(path=path)]
    return len(quads if "annotated" in path.name else {*quads})


def test_riot_reads_every_file(
    jena: Callable[[str], list[str]], exported: Path, files: dict[str, int]
) -> None:
    packed = {
        f"{name}.gz": count for name, count in files.items() if (exported / f"{name}.gz").is_file()
    }
    expected = files | packed
    assert len(packed) == len([*exported.rglob("*.gz")])
    done = subprocess.run(
        [*jena("riotcmd.riot"), "--strict", "--validate", "--count", *expected],
        cwd=exported,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    said = done.stdout + done.stderr
    counted = {name: int(count.replace(",", "")) for name, count in COUNTED.findall(said)}
    assert counted == expected


def test_rapper_reads_every_file_of_rdf_1_1(exported: Path, files: dict[str, int]) -> None:
    rapper = program("rapper")
    read = {name: count for name, count in files.items() if "annotated" not in name}
    for name, count in read.items():
        if (form := RAPPER.get(name.rpartition(".")[2])) is None:
            continue
        done = subprocess.run(
            [rapper, "--count", "--input", form, exported / name],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert "warning" not in done.stderr.lower(), done.stderr
        assert f"returned {count} triples" in done.stderr, (name, done.stderr)


@pytest.fixture(scope="module")
def hashes(exported: Path) -> dict[str, str]:
    """Return the canonical hashes that are told of the dumps."""
    told = json.loads((exported / "data/checksums.json").read_text(encoding="utf-8"))["files"]
    return {each["name"]: each["rdfc10"] for each in told if "rdfc10" in each}


@pytest.mark.parametrize(
    "name", ["metapole.nq", "metapole.jsonld", "metapole.nt", "graph/derived.nt"]
)
def test_pyld_finds_the_hash_that_is_told(
    python: Path, exported: Path, hashes: dict[str, str], name: str
) -> None:
    done = subprocess.run(
        [python, CLIENTS / "canonize.py", exported / "data" / name],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == hashes[name]


@pytest.mark.parametrize("name", ["metapole.nq", "metapole.nt", "graph/ontology.nt"])
def test_rdf_canonize_finds_the_hash_that_is_told(
    tmp_path: Path, exported: Path, hashes: dict[str, str], name: str
) -> None:
    node = program("node")
    npm = [program("npm"), "install", "--no-audit", "--no-fund", "--loglevel=error"]
    install([*npm, "rdf-canonize@5.0.0"], tmp_path)
    script = tmp_path / "canonize.mjs"
    script.write_bytes((CLIENTS / "canonize.mjs").read_bytes())
    done = subprocess.run(
        [node, script, exported / "data" / name], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == hashes[name]
