"""The wheel holds what it needs and nothing else, and works where there is no checkout."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import urllib.parse
import urllib.request
import zipfile
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def wheel(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        # What it is built with is here already: it is among what tests need.
        [
            *(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"),
            *("--no-build-isolation", "-w", folder, project),
        ],
        check=True,
        cwd=folder,
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.mark.timeout(300)
def test_the_wheel_holds_the_two_packages_and_what_ships_with_them(
    project: Path, wheel: Path
) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    top = {PurePosixPath(name).parts[0] for name in names}
    shipped = {
        f"graph/_bundled/{path.relative_to(project).as_posix()}"
        for folder in ("ontology", "data")
        for path in (project / folder).rglob("*")
        if path.suffix in {".ttl", ".rq", ".csv", ".jsonld"} or path.name == "LICENSE"
    } | {"graph/publishing/pictures/countries.json"}

    assert {name for name in top if not name.endswith(".dist-info")} == {"graph", "server"}
    assert len(shipped) > 100
    assert shipped - set(names) == set()
    assert [name for name in names if "tests" in PurePosixPath(name).parts] == []


@pytest.mark.timeout(600)
def test_the_wheel_builds_and_serves_outside_the_checkout(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / "environment"
    _install(wheel, home)
    metapole = home / "bin" / "metapole"
    free = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}

    where = "import graph, server; print(graph.__file__, server.__file__)"
    run = subprocess.check_output
    found = run([home / "bin" / "python", "-c", where], cwd=tmp_path, env=free, text=True)
    assert all(path.startswith(str(home)) for path in found.split())
    subprocess.run([metapole, "build", "--store", "store"], check=True, cwd=tmp_path, env=free)
    server = subprocess.Popen(
        [metapole, "serve", "--store", "store", "--port", "0"],
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env=free,
    )
    assert server.stderr is not None
    try:
        address = re.search(r"(http://\S+)", server.stderr.readline())
        assert address
        query = "SELECT (COUNT(DISTINCT ?c) AS ?n) { ?c a <https://w3id.org/metapole/def#Cluster> }"
        request = urllib.request.Request(
            f"{address[1]}?{urllib.parse.urlencode({'query': query})}",
            headers={"Accept": "text/csv"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            rows = answer.read().decode().split()
    finally:
        server.terminate()
        server.stderr.close()
        server.wait(15)

    # 85 clusters, the unnamed row, Autoregion, and NextMove of the enrichment
    assert rows == ["n", "88"]


def _install(wheel: Path, home: Path) -> None:
    """Make an environment at *home* with *wheel*, and with what it depends on from that of ours.

    That it names what it depends on is shown where the README's line is run.
    """
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", home], check=True)
    python = home / "bin" / "python"
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "--python", python, "install", "--quiet"),
            *("--no-deps", "--no-index", wheel),
        ],
        check=True,
    )
    (packages,) = (home / "lib").glob("python*/site-packages")
    # A folder that is named so is searched last, and leads to no checkout.
    (packages / "ours.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
