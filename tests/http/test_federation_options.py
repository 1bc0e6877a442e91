"""`metapole serve --federate`: which other servers may be asked is said when it starts."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import httpx2
import pyoxigraph as ox
import pytest

from server.cli import main

from .conftest import ROOT, children
from .portal import running_portal

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Serve


def test_a_query_of_the_command_line_asks_those_that_it_names(
    small_store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = ox.Store()
    store.update('INSERT DATA { <http://example.org/a> <http://example.org/p> "there" }')
    with running_portal(store) as portal:
        text = f"SELECT ?o {{ SERVICE <{portal.url}> {{ ?s <http://example.org/p> ?o }} }}"
        words = ["query", "--store", str(small_store), "--format", "csv", "-q", text]
        assert main(words) == 1
        assert f"--federate {portal.url}" in capsys.readouterr().err
        assert portal.requests == 0
        assert main([*words, "--federate", portal.url]) == 0
        assert capsys.readouterr().out.split() == ["o", "there"]
        assert portal.requests == 1


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--federate", "portal"), "--federate portal: an address begins with http"),
        (("--federate-file", "FILE"), ":3: 'colour' is not known; there are name, url"),
        (("--federate-file", "none.toml"), "none.toml cannot be read"),
    ],
)
def test_a_list_that_is_wrong_stops_the_start(
    tmp_path: Path, words: tuple[str, str], complaint: str
) -> None:
    file = tmp_path / "remotes.toml"
    file.write_text('[[remote]]\nname = "a"\ncolour = "red"\n')
    option, value = words
    done = subprocess.run(
        [sys.executable, "-m", "server", "serve", "--port", "0", "--store", tmp_path / "store",
         option, file if value == "FILE" else value],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 2
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr


def test_metrics_name_those_that_may_be_asked_before_they_are(
    serve: Serve, small_store: Path
) -> None:
    with serve(small_store, "--readers", 1, "--federate", "http://127.0.0.1:9/sparql") as server:
        told = httpx2.get(f"{server.url}/metrics", verify=False).text
        assert 'metapole_remote_requests_total{remote="127.0.0.1"} 0.0' in told
        assert 'metapole_remote_failures_total{remote="127.0.0.1"} 0.0' in told
        assert children(server.front, "graph.fetching.child") == [], "none is started before"
