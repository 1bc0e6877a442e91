"""The commands of the guide to importing work, one after the other."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from graph.importing.tables.limits import TableLimits

from .test_examples import BLOCK, PROJECT, blocks

if TYPE_CHECKING:
    from pathlib import Path

GUIDE = PROJECT / "docs/guides/import.md"


def run(folder: Path, name: str) -> subprocess.CompletedProcess[str]:
    """Run the command of the guide called *name* in *folder*."""
    (command,) = [text for _, each, text in blocks("import") if each == name]
    command = command.replace(".venv/bin/metapole", f"{sys.executable} -m server")
    environment = {"PYTHONPATH": str(PROJECT), "PATH": "/usr/bin:/bin"}
    return subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_guide_to_importing(tmp_path: Path, shipped_store: Path) -> None:
    names = [name for _, name, _ in blocks("import")]
    assert names == ["wrong", "table", "list", "undo", "mappings", "own"]
    shutil.copytree(shipped_store, tmp_path / "metapole-store")
    for match in BLOCK.finditer(GUIDE.read_text(encoding="utf-8")):
        if match[1] in ("csv", "json", "rq"):
            (tmp_path / f"{match[2]}.{match[1]}").write_text(match[4], encoding="utf-8")

    wrong = run(tmp_path, "wrong")
    assert wrong.returncode == 1
    (complaint,) = [text.strip() for page, _, text in blocks("output") if page == GUIDE]
    assert complaint in wrong.stderr
    assert "05/2005" in (tmp_path / "report.csv").read_text()

    table = tmp_path / "clusters.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("05/2005", "2005"))
    done = run(tmp_path, "table")
    assert done.returncode == 0, done.stderr
    assert "2 mp:Cluster" in done.stderr
    assert run(tmp_path, "list").stdout.startswith("clusters\t")
    assert run(tmp_path, "undo").returncode == 0
    assert run(tmp_path, "list").stdout == ""

    shipped = [line for line in run(tmp_path, "mappings").stdout.splitlines() if line[0] != " "]
    text = GUIDE.read_text(encoding="utf-8")
    assert shipped
    assert f"at most {TableLimits().rows:,} rows" in text
    assert [each for each in shipped if f"| `{each.partition(':')[0]}` |" not in text] == []
    own = run(tmp_path, "own")
    assert own.returncode == 0, own.stderr
    assert "2 mp:Organisation" in own.stderr
    assert "1 mp:Milestone" in own.stderr
