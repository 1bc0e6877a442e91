"""The README's lines, as they are written, in a clean copy of the project."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.parse
import urllib.request
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

ADDRESS = "http://127.0.0.1:8000"
ASK = ADDRESS + "/sparql?" + urllib.parse.urlencode({"query": "ASK { ?s ?p ?o }"})


def line(project: Path, name: str) -> str:
    """Return the line of the README that is marked *name*."""
    readme = (project / "README.md").read_text(encoding="utf-8")
    found = re.search(rf"<!-- line: {name} -->\n```console\n(.+)\n```", readme)
    assert found, f"README.md has no line marked {name}"
    return found[1]


@pytest.fixture(scope="module")
def clean_copy(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with what is, or is about to be, committed, and nothing else."""
    copy = tmp_path_factory.mktemp("clean") / "metapole"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        capture_output=True,
        text=True,
        check=True,
        cwd=project,
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (project / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(project / name, copy / name)
    return copy


@pytest.fixture
def free_port_8000() -> None:
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", 8000)) == 0:
            pytest.skip("port 8000, which the README's line uses, is taken on this machine")
    return


def environment() -> dict[str, str]:
    """Return this environment without what belongs to the tests' own Python."""
    mine = {"VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "PYTEST_ADDOPTS", "METAPOLE_SHARED"}
    kept = {name: value for name, value in os.environ.items() if name not in mine}
    bin_of_python = os.path.dirname(sys.executable)  # noqa: PTH120
    paths = [path for path in kept["PATH"].split(os.pathsep) if path != bin_of_python]
    return {**kept, "PATH": os.pathsep.join(paths)}


def serve_and_ask(command: str, folder: Path) -> str:
    """Run *command* until it says that it serves; ask it something, stop it, return its words."""
    server = subprocess.Popen(
        ["bash", "-c", command],  # noqa: S607
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env=environment(),
        start_new_session=True,
    )
    assert server.stderr is not None
    said = ""
    try:
        for words in server.stderr:
            said += words
            if f"serves {ADDRESS}/sparql" in words:
                with urllib.request.urlopen(ASK, timeout=10) as answer:
                    assert b"true" in answer.read()
                break
        else:
            pytest.fail(f"it ended before it served anything:\n{said}")
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.stderr.close()
        server.wait(15)
    return said


@pytest.mark.timeout(600)
@pytest.mark.usefixtures("free_port_8000")
def test_the_first_line_sets_up_and_serves(project: Path, clean_copy: Path) -> None:
    said = serve_and_ask(line(project, "serve"), clean_copy)

    assert "building the graph" in said


@pytest.mark.slow  # the checks of a change run that very line
@pytest.mark.timeout(600)
def test_the_second_line_sets_up_and_runs_tests(project: Path, clean_copy: Path) -> None:
    """It runs one small folder here: the whole of it is what runs this test."""
    done = subprocess.run(
        ["bash", "-c", line(project, "test")],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
        cwd=clean_copy,
        env={**environment(), "PYTEST_ADDOPTS": "-q -k test_terms"},
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"\d+ passed", done.stdout)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.usefixtures("free_port_8000")
def test_the_lines_for_uv(project: Path, clean_copy: Path, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    subprocess.run([sys.executable, "-m", "venv", tools], check=True)
    subprocess.run([tools / "bin" / "pip", "install", "--quiet", "uv"], check=True)
    uv_first = f"export PATH={tools / 'bin'}:$PATH; "

    serve_and_ask(uv_first + line(project, "uv-serve"), clean_copy)
    done = subprocess.run(
        ["bash", "-c", uv_first + line(project, "uv-test")],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
        cwd=clean_copy,
        env={**environment(), "PYTEST_ADDOPTS": "-q -k test_terms"},
    )

    assert done.returncode == 0, done.stdout + done.stderr
