"""The lower bounds of the dependencies are versions that work."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_tests_pass_with_the_lowest_versions(project: Path, tmp_path: Path) -> None:
    tools, home = tmp_path / "tools", tmp_path / "lowest"
    free = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}
    subprocess.run([sys.executable, "-m", "venv", tools], check=True)
    subprocess.run([tools / "bin" / "pip", "install", "--quiet", "uv"], check=True)
    uv = str(tools / "bin" / "uv")
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, home], check=True)
    subprocess.run(
        [uv, "pip", "install", "--quiet", "--resolution", "lowest-direct", "-e", ".[test]"],
        check=True,
        cwd=project,
        env={**free, "VIRTUAL_ENV": str(home)},
    )

    done = subprocess.run(
        [home / "bin" / "pytest", "-q", "--ignore", "tests/package", "-k", "not over_http"],
        capture_output=True,
        text=True,
        check=False,
        cwd=project,
        env=free,
    )

    assert done.returncode == 0, done.stdout[-4000:]
