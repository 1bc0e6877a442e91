"""The table of matches is what the tools of SSSOM take it for."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import venv
from typing import TYPE_CHECKING

import httpx2
import pytest

from graph.namespaces import GRAPH
from server.cli import main
from server.scopes import UPDATE
from server.token_changes import add_token
from tests.bench.servers import metapole

from .conftest import CLIENTS, install

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.interop, pytest.mark.timeout(600)]

TOKEN = "a-token-for-clients-of-others"  # noqa: S105 -- it guards nothing
MEMBERS = f"{GRAPH}import/members"
TURTLE = """
PREFIX i: <https://example.org/members#>
PREFIX mp: <https://w3id.org/metapole/def#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
i:1 a mp:Cluster ; skos:prefLabel "Movéo"@fr .
i:2 a mp:Cluster ; skos:prefLabel "Minalogik"@fr .
i:3 a mp:Cluster ; skos:prefLabel "Plastipolis SAS"@fr .
"""


@pytest.fixture(scope="module")
def sssom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the command of sssom-py."""
    folder = tmp_path_factory.mktemp("sssom")
    venv.create(folder, with_pip=True)
    pip = [folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check"]
    install([*pip, "--requirement", CLIENTS / "requirements-sssom.txt"], folder)
    return folder / "bin" / "sssom"


@pytest.fixture(scope="module")
def table(shipped_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a table with matches that are open, accepted and rejected."""
    folder = tmp_path_factory.mktemp("matches")
    store = shutil.copytree(shipped_store, folder / "store")
    tokens, token = folder / "tokens.json", folder / "token"
    add_token(tokens, "anna", (UPDATE,), TOKEN)
    token.write_text(TOKEN)
    with metapole(store, folder / "log", "--token-file", str(tokens)) as target:
        address = f"http://127.0.0.1:{target.port}"
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "text/turtle"}
        httpx2.put(
            f"{address}/graph-store", params={"graph": MEMBERS}, content=TURTLE.encode(),
            headers=headers, timeout=60,
        ).raise_for_status()  # fmt: skip
        where = ("--to", address, "--token-file", str(token))
        assert main(["match", "suggest", "--graph", "members", *where]) == 0
        answer = httpx2.get(f"{address}/review.csv", timeout=60)
        matches = [row["match"] for row in csv.DictReader(io.StringIO(answer.text))]
        assert len(matches) >= 3
        assert main(["match", "accept", matches[0], *where]) == 0
        assert main(["match", "reject", matches[1], *where]) == 0
        path = folder / "mappings.sssom.tsv"
        path.write_bytes(httpx2.get(f"{address}/data/mappings.sssom.tsv", timeout=60).content)
    return path


def test_the_table_is_valid(sssom: Path, table: Path) -> None:
    done = subprocess.run(
        [sssom, "validate", table], check=False, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert "not well-formed" not in done.stdout + done.stderr
    assert "No attr for" not in done.stdout + done.stderr


def test_every_row_of_it_is_read(sssom: Path, table: Path) -> None:
    rows = [line for line in table.read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
    done = subprocess.run(
        [sssom, "parse", table], check=True, capture_output=True, text=True, timeout=300
    )
    read = [line for line in done.stdout.splitlines() if "\t" in line]
    assert len(read) == len(rows)
    assert sum("\tNot\t" in line for line in read) == 1
