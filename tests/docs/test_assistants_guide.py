"""What the guide to assistants says works: settings, commands and the program."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.http.assistants import over_http, over_stdio, served

from .test_examples import PROJECT, blocks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WRITTEN = {name: text for _, name, text in blocks("assistants")}
ADDRESS = "http://127.0.0.1:8001/mcp"


@pytest.fixture(scope="module")
def address(shipped_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server that was started as the guide says, but at a free port."""
    program, command, *words = shlex.split(WRITTEN["serve"])
    assert (program, command) == (".venv/bin/metapole", "mcp")
    for option in ("--http", "--port 8001", "--store metapole-store"):
        assert option in " ".join(words)
    site = words[words.index("--public-url") + 1]
    log = tmp_path_factory.mktemp("guide") / "log"
    with served(shipped_store, log, "--public-url", site, "--readers", "1") as address:
        yield address


def run(*words: str) -> str:
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_all_that_is_written_is_tried() -> None:
    assert list(WRITTEN) == ["settings", "vscode", "serve", "remote", "curl", "python"]


@pytest.mark.parametrize(("name", "key"), [("settings", "mcpServers"), ("vscode", "servers")])
def test_an_assistant_with_these_settings_gets_answers(
    name: str, key: str, shipped_store: Path
) -> None:
    settings = json.loads(WRITTEN[name])[key]["metapole"]
    assert settings["command"].endswith("bin/metapole")
    command, option, store = settings["args"]
    assert (command, option, store) == ("mcp", "--store", "/path/to/metapole-store")
    if name == "settings":
        with over_stdio(shipped_store, "--readers", "1") as session:
            assert session.ask("sparql", query="ASK {}")["truth"] is True


def test_the_address_is_that_of_the_server(address: str) -> None:
    settings = json.loads(WRITTEN["remote"])["mcpServers"]["metapole"]
    assert settings == {"type": "http", "url": ADDRESS}
    assert address.rpartition("/")[2] == ADDRESS.rpartition("/")[2]
    with over_http(address) as session:
        assert session.ask("search", text="Movéo")["found"] > 0


def test_a_tool_is_called_without_a_client(address: str) -> None:
    program, *words = shlex.split(WRITTEN["curl"].replace(ADDRESS, address))
    found = shutil.which(program) or pytest.skip(f"{program} is not installed")
    answer: dict[str, Any] = json.loads(run(found, *words))
    first = answer["result"]["structuredContent"]["hits"][0]["thing"]
    assert first["page"] == "https://clusters.example.org/cluster/moveo"


def test_the_program_prints_the_figure(address: str) -> None:
    printed = run(sys.executable, "-c", WRITTEN["python"].replace(ADDRESS, address))
    assert "'11200000000'" in printed


def test_the_limits_are_those_of_the_program() -> None:
    from server.assistants import answers, asking, lines  # noqa: PLC0415 -- of this test alone

    page = (PROJECT / "docs/guides/assistants.md").read_text()
    assert f"up to {asking.MOST_ROWS:,}; of more than {lines.MOST_SHOWN:,} characters" in page
    assert f"{lines.MOST_COUNTED // 1_000_000} MB" in page
    assert f"more than {answers.LONGEST_TEXT:,} characters" in page
