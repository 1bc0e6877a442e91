"""Harvesters of other makers take the changes: all of them first, and then only what is new.

sickle and feedparser are installed with pip, ldes-client with npm.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from .conftest import CLIENTS, install, program
from .test_writers import TOKEN, Writable, run, writable

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["writable"]

pytestmark = [pytest.mark.interop, pytest.mark.timeout(600)]

AVIA = "https://w3id.org/metapole/id/cluster/avia"
NEW = "https://w3id.org/metapole/id/cluster/new-one"
PREFIXES = """
PREFIX cluster: <https://w3id.org/metapole/id/cluster/>
PREFIX graph: <https://w3id.org/metapole/graph/>
PREFIX mp: <https://w3id.org/metapole/def#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""
CREATE = (
    "INSERT DATA { GRAPH graph:new { cluster:new-one a mp:Cluster ; skos:prefLabel 'New'@en } }"
)
DELETE = "DELETE WHERE { GRAPH graph:new { cluster:new-one ?p ?o } }"
_ACTIVITY = re.compile(r"<[^>]*> <[^>]*#type> <https://www\.w3\.org/ns/activitystreams#(\w+)>")
_OBJECT = re.compile(r"<https://www\.w3\.org/ns/activitystreams#object> <([^>]*)>")


def change(writable: Writable, update: str) -> None:
    headers = {
        "Authorization": f"Bearer {TOKEN}",
        "Content-Type": "application/sparql-update",
    }
    answer = httpx2.post(writable.sparql, content=PREFIXES + update, headers=headers, timeout=60)
    assert answer.status_code == 204, answer.text


@pytest.fixture(scope="module")
def ldes_client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the command of ldes-client, from npm."""
    program("node")
    folder = tmp_path_factory.mktemp("ldes-client")
    shutil.copy(CLIENTS / "ldes-client.json", folder / "package.json")
    install([program("npm"), "install", "--no-audit", "--no-fund", "--loglevel=error"], folder)
    return folder / "node_modules" / ".bin" / "ldes-client"


def test_the_ldes_client_gets_all_and_then_only_what_is_new(
    ldes_client: Path, writable: Writable
) -> None:
    def replicated() -> list[tuple[str, str]]:
        command = [
            ldes_client, f"{writable.address}/ldes", "--save", writable.folder / "state",
        ]  # fmt: skip
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        return list(zip(_ACTIVITY.findall(done.stdout), _OBJECT.findall(done.stdout), strict=True))

    change(writable, CREATE)
    first = replicated()
    assert len(first) > 2000
    assert {kind for kind, _ in first} == {"Create"}
    assert ("Create", AVIA) in first
    assert ("Create", NEW) in first
    assert replicated() == []
    change(writable, DELETE)
    change(writable, f"INSERT DATA {{ GRAPH graph:new {{ <{AVIA}> skos:note 'new'@en }} }}")
    assert sorted(replicated()) == [("Delete", NEW), ("Update", AVIA)]
    assert replicated() == []


def test_sickle_harvests_all_and_then_only_what_is_new(python: Path, writable: Writable) -> None:
    def harvested(*since: str) -> dict[str, Any]:
        script = CLIENTS / "harvest_with_sickle.py"
        return json.loads(run([python, script, f"{writable.address}/oai", *since]))

    change(writable, CREATE)
    found = harvested()
    assert found["name"] == "Metapole"
    assert (found["formats"], found["sets"]) == (["oai_dc", "dcat_ap"], ["datasets", "clusters"])
    assert found["identifiers"] == len(found["clusters"]) == 89, "88 that ship, and a new one"
    assert found["clusters"][NEW] == {"deleted": False, "titles": ["New"]}
    assert "AVIA" in found["clusters"][AVIA]["titles"]
    assert f"{writable.address}/data/catalogue/graph/links" in found["datasets"]
    assert found["refused"] == "IdDoesNotExist"
    change(writable, DELETE)
    answer = httpx2.get(f"{writable.address}/oai?verb=Identify", timeout=60).text
    (now,) = re.findall("<responseDate>(.*)</responseDate>", answer)
    new = harvested(now)
    assert new["clusters"][NEW] == {"deleted": True, "titles": []}
    assert len(new["clusters"]) < 5


def test_feedparser_reads_the_feed_and_its_archives(python: Path, writable: Writable) -> None:
    change(writable, CREATE)
    feed = f"{writable.address}/feed.atom"
    found = json.loads(run([python, CLIENTS / "read_feed.py", feed]))
    assert found["complaints"] == []
    assert found["versions"] == ["atom10"]
    assert found["titles"][0].endswith("1 created")
    assert found["titles"][-1].endswith("250 created")
    change(writable, DELETE)
