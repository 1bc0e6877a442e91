"""The commands of the guide to harvesting work."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import rdflib
from rdflib import DCAT, RDF, VOID

from graph.publishing.catalogue.documents import PER_PAGE
from graph.publishing.catalogue.void_counts import MOST_COUNTED, MOST_TRIPLES

from .test_examples import PROJECT, blocks

if TYPE_CHECKING:
    from pathlib import Path

COMMANDS = {name: text for _, name, text in blocks("harvest")}
GUIDE = (PROJECT / "docs" / "guides" / "harvest.md").read_text(encoding="utf-8")


def run(name: str, folder: Path, server: str) -> None:
    program, *words = shlex.split(COMMANDS[name].replace("http://127.0.0.1:8000", server))
    command = shutil.which(program) or pytest.skip(f"{program} is not installed")
    subprocess.run([command, *words], cwd=folder, check=True)


def test_all_commands_of_the_guide_are_run_here() -> None:
    assert list(COMMANDS) == ["catalogue", "void", "citation", "serve"]


def test_the_descriptions_are_downloaded(endpoint: str, tmp_path: Path) -> None:
    for name in ("catalogue", "void", "citation"):
        run(name, tmp_path, endpoint)

    assert list(rdflib.Graph().parse(tmp_path / "catalogue.ttl").subjects(RDF.type, DCAT.Dataset))
    assert list(rdflib.Graph().parse(tmp_path / "void.ttl").subjects(RDF.type, VOID.Linkset))
    assert "cff-version: 1.2.0" in (tmp_path / "CITATION.cff").read_text(encoding="utf-8")


def test_the_server_knows_the_options_of_the_guide() -> None:
    _, *words = shlex.split(COMMANDS["serve"])
    command = [sys.executable, "-m", "server", *words, "--limits"]

    done = subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True)

    assert "query.timeout-s" in done.stdout


def test_the_numbers_of_the_guide_are_those_of_the_code() -> None:
    assert f"A page lists {PER_PAGE} datasets" in GUIDE
    assert (MOST_TRIPLES, MOST_COUNTED) == (1_000_000, 25_000_000)
    assert "Above a million triples" in GUIDE
    assert "above 25 million all counts" in GUIDE
