"""The commands of the guide to writing work, one after the other, on a real server."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from .test_examples import BLOCK, PROJECT, blocks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TOKEN = "a-token-of-a-reader-of-the-guide"  # noqa: S105 -- it guards nothing
GUIDE = PROJECT / "docs/guides/write.md"


class Reader:
    """Somebody who follows the guide in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.address = ""

    def run(self, name: str) -> str:
        """Run the command of the guide called *name*; return what it prints."""
        (command,) = [text for _, each, text in blocks("write") if each == name]
        command = command.replace("http://127.0.0.1:8000", self.address)
        command = command.replace(".venv/bin/metapole", f"{sys.executable} -m server")
        environment = {"PYTHONPATH": str(PROJECT), "TOKEN": TOKEN, "PATH": "/usr/bin:/bin"}
        done = subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=self.folder, env=environment,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        return done.stdout


@pytest.fixture
def reader(tmp_path: Path, shipped_store: Path) -> Iterator[Reader]:
    """Give the reader a token, a server, and the file."""
    store = shutil.copytree(shipped_store, tmp_path / "metapole-store")
    one = Reader(tmp_path)
    one.run("prepare")
    for match in BLOCK.finditer(GUIDE.read_text(encoding="utf-8")):
        if match[1] == "turtle":
            (tmp_path / f"{match[2]}.ttl").write_text(match[4], encoding="utf-8")
    log = tmp_path / "log"
    with log.open("w") as stderr:
        server = subprocess.Popen(
            [sys.executable, "-m", "server", "serve", "--port", "0", "--store", str(store),
             "--token-file", "tokens.json"],
            cwd=tmp_path, env={"PYTHONPATH": str(PROJECT)}, stderr=stderr,
        )  # fmt: skip
    deadline = time.monotonic() + 60
    while not (found := re.search(r"(http://\S+)/sparql", log.read_text())):
        assert server.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)
    one.address = found[1]
    yield one
    server.terminate()
    assert server.wait(20) == 0


def test_the_guide_to_writing(reader: Reader) -> None:
    names = [name for _, name, _ in blocks("write")]
    assert names == [
        "prepare", "update", "put", "post", "get", "if-none-match", "key", "validate",
    ]  # fmt: skip
    hello, again, morning, once = (
        f'<https://example.org/{who}> <https://example.org/says> "{what}" .\n'
        for who, what in [
            ("a", "hello"), ("a", "hello again"), ("b", "good morning"), ("c", "once"),
        ]
    )  # fmt: skip
    reader.run("update")
    assert reader.run("get") == hello
    reader.run("put")
    assert set(reader.run("get").splitlines(keepends=True)) == {again, morning}
    reader.run("post")
    assert set(reader.run("get").splitlines(keepends=True)) == {again, morning}
    assert reader.run("if-none-match") == "412"
    reader.run("key")
    reader.run("key")
    assert set(reader.run("get").splitlines(keepends=True)) == {again, morning, once}
    assert json.loads(reader.run("validate"))["conforms"] is True
