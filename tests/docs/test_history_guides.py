"""The commands of the guides to the history, and to following it, say what they should."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from graph.generations import current_generation
from graph.history.pages import PAGE_ENTRIES
from graph.publishing.feeds.oai import PAGE_RECORDS
from graph.writing.upkeep import Upkeep
from graph.writing.writer import Writer
from tests.bench.servers import metapole
from tests.engine.wishes import carry_out, insert, wish

from .test_examples import PROJECT, blocks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def changed(shipped_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the graph that ships, and one change of it."""
    folder = tmp_path_factory.mktemp("changed")
    store = shutil.copytree(shipped_store, folder / "store")
    writer = Writer(store, carry_out, Upkeep(PROJECT / "ontology/rules"))
    writer.apply_all([wish(insert(("x:a", "x:p", "new", "http://example.org/mine")))])
    writer.publish()
    generation = current_generation(store)
    assert generation
    assert generation.number == 2
    with metapole(store, folder / "log") as target:
        yield f"http://127.0.0.1:{target.port}"


def run(page: str, name: str, address: str) -> str:
    (text,) = [text for path, found, text in blocks("run") if (path.name, found) == (page, name)]
    words = shlex.split(text.replace("http://127.0.0.1:8000", address))
    assert words[0] == "curl"
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def test_the_commands_about_changes_tell_of_the_change(changed: str) -> None:
    said = json.loads(run("history.md", "json", changed))
    assert [thing["iri"] for thing in said["differences"]] == ["x:a"]
    patch = run("history.md", "patch", changed)
    assert 'A <x:a> <x:p> "new" <http://example.org/mine> .' in patch.splitlines()


def test_the_commands_about_versions_go_back_in_time(changed: str) -> None:
    versions = json.loads(run("history.md", "versions", changed))["versions"]
    assert [version["generation"] for version in versions] == [2, 1]
    assert run("history.md", "query", changed).split() == ["n", "0"]
    assert run("history.md", "graph", changed).strip() == "", "nothing is in the default graph"


def test_the_commands_about_feeds_find_them(changed: str) -> None:
    assert "ldes:EventStream" in run("follow.md", "stream", changed)
    feed = ET.fromstring(run("follow.md", "feed", changed))  # noqa: S314 -- our own
    assert feed.tag == "{http://www.w3.org/2005/Atom}feed"
    assert "<repositoryName>Metapole</repositoryName>" in run("follow.md", "identify", changed)
    assert "dcat:Dataset" in run("follow.md", "records", changed)


def test_the_numbers_are_those_of_the_code() -> None:
    follow = (PROJECT / "docs/guides/follow.md").read_text(encoding="utf-8")
    assert re.search(r"Lists come in parts of (\d+)", follow)[1] == str(PAGE_RECORDS)  # type: ignore[index]
    decision = next((PROJECT / "docs/decisions").glob("0010-*")).read_text(encoding="utf-8")
    assert f"pages of {PAGE_ENTRIES} entries" in decision
