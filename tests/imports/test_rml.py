"""What RML makes of files, by a program that is somebody else's and may be missing."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Run

CLUSTER = "<https://w3id.org/metapole/id/cluster/rml-a>"
TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://w3id.org/metapole/def#Cluster>"
LABEL = '<http://www.w3.org/2004/02/skos/core#prefLabel> "A"@en'
MAPPING = """
@prefix rr: <http://www.w3.org/ns/r2rml#> .
@prefix rml: <http://semweb.mmlab.be/ns/rml#> .
@prefix ql: <http://semweb.mmlab.be/ns/ql#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<#M> a rr:TriplesMap ;
  rml:logicalSource [ rml:source "m.csv" ; rml:referenceFormulation ql:CSV ] ;
  rr:subjectMap [ rr:template "https://w3id.org/metapole/id/cluster/rml-{id}" ;
    rr:class <https://w3id.org/metapole/def#Cluster> ] ;
  rr:predicateObjectMap [ rr:predicate skos:prefLabel ;
    rr:objectMap [ rml:reference "name" ; rr:language "en" ] ] .
"""


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    mapping, table = tmp_path / "m.ttl", tmp_path / "m.csv"
    mapping.write_text(MAPPING)
    table.write_text("id,name\na,A\n")
    return mapping, table


def python_that(folder: Path, does: str) -> Path:
    """Make something that stands for the Python of an environment with morph-kgc."""
    path = folder / "python"
    path.write_text(
        f"#!{sys.executable}\nimport re, sys\nsettings = open(sys.argv[3]).read()\n"
        f'output = re.search("output_file = (.*)", settings)[1]\n{does}\n'
    )
    path.chmod(0o755)
    return path


def test_what_it_writes_is_imported_as_any_file(
    run: Run, files: tuple[Path, Path], tmp_path: Path
) -> None:
    quads = f"{CLUSTER} {TYPE} .\n{CLUSTER} {LABEL} .\n"
    python = python_that(tmp_path, f"open(output, 'w').write({quads!r})")
    status, _, err = run("rml", *files, "--morph-kgc", python, "--name", "m", "--dry-run")
    assert status == 0, err
    assert "1 mp:Cluster" in err
    assert 'mp:mappedBy "m.ttl, by morph-kgc (SHA-256' in err
    assert 'mp:fileName "m.csv"' in err


@pytest.mark.parametrize(
    ("does", "complaint"),
    [
        pytest.param("sys.exit('No module named morph_kgc')", "morph-kgc), and say", id="missing"),
        pytest.param("sys.exit('the mapping is odd')", "made nothing of m.ttl: the mapping is odd",
                     id="fails"),
        pytest.param("pass", "made nothing of m.ttl", id="writes nothing"),
        pytest.param("open(output, 'w').write('<a b>')", "m.csv: line 1", id="writes no RDF"),
    ],
)  # fmt: skip
def test_what_goes_wrong_with_it_is_told(
    run: Run, files: tuple[Path, Path], tmp_path: Path, does: str, complaint: str
) -> None:
    python = python_that(tmp_path, does)
    status, _, err = run("rml", *files, "--morph-kgc", python, "--name", "m", "--dry-run")
    assert (status, complaint in err) == (1, True), err


def test_without_an_environment_it_is_said_how_to_make_one(
    run: Run, files: tuple[Path, Path], tmp_path: Path
) -> None:
    status, _, err = run("rml", *files, "--morph-kgc", tmp_path / "none", "--name", "m")
    assert status == 1
    assert "pip install morph-kgc" in err


@pytest.mark.interop
def test_morph_kgc_itself(run: Run, files: tuple[Path, Path]) -> None:
    python = Path(os.environ.get("METAPOLE_MORPH_KGC", "morph/bin/python"))
    if not python.exists():
        pytest.skip(f"no environment with morph-kgc at {python}; METAPOLE_MORPH_KGC names one")
    status, _, err = run("rml", *files, "--morph-kgc", python, "--name", "m", "--dry-run")
    assert status == 0, err
    assert 'skos:prefLabel "A"@en' in err
