"""The unit of systemd and the Containerfile: their steps and options work."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from server.scopes import scope_from_text
from server.token_changes import add_token, new_value

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

PROGRAM = "/opt/metapole/bin/metapole"
STATE = "/var/lib/metapole"
_READY = re.compile(r"Metapole serves (http://[^/]+)/sparql")


@dataclass
class Unit:
    """A unit of systemd, as far as we look at it."""

    text: str
    settings: dict[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        for line in self.text.replace("\\\n", " ").splitlines():
            if line and line[0] not in "#[":
                name, _, value = line.partition("=")
                self.settings[name] = value

    @property
    def command(self) -> list[str]:
        return shlex.split(self.settings["ExecStart"])


@pytest.fixture
def unit(project: Path) -> Unit:
    return Unit((project / "docs/deploy/metapole.service").read_text(encoding="utf-8"))


@pytest.fixture
def checked_unit(unit: Unit, tmp_path: Path) -> Path:
    """The unit with a program that is there, since systemd looks for it."""
    path = tmp_path / "metapole.service"
    path.write_text(unit.text.replace(PROGRAM, sys.executable), encoding="utf-8")
    return path


def analyze(*words: object) -> subprocess.CompletedProcess[str]:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not here")
    return subprocess.run([program, *map(str, words)], capture_output=True, text=True, check=False)


def test_systemd_takes_the_unit(checked_unit: Path) -> None:
    done = analyze("verify", checked_unit)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_systemd_finds_a_fault_in_a_unit_that_has_one(checked_unit: Path) -> None:
    """As a check of the check above."""
    checked_unit.write_text(checked_unit.read_text().replace("ProtectHome=yes", "ProtectHom=yes"))
    done = analyze("verify", checked_unit)
    assert "ProtectHom" in done.stderr


def test_the_service_is_exposed_to_little(checked_unit: Path) -> None:
    done = analyze("security", "--offline=yes", "--no-pager", "--threshold=20", checked_unit)
    if "unrecognized option" in done.stderr:
        pytest.skip("this systemd-analyze looks at running services only")
    assert done.returncode == 0, done.stdout  # of 100; most services have 90 and more


def test_the_command_of_the_unit_serves(unit: Unit, project: Path, tmp_path: Path) -> None:
    program, *words = unit.command
    assert program == PROGRAM
    mapped = [word.replace(STATE, str(tmp_path)) for word in words]
    mapped[mapped.index("--port") + 1] = "0"
    add_token(tmp_path / "tokens.json", "operator", [scope_from_text("admin")], new_value())
    with serving([sys.executable, "-m", "server", *mapped], cwd=project) as address:
        health = ready(address)
    assert health == {"ready": True, "reasons": []}


def ready(address: str, seconds: float = 15) -> object:
    """Return what `/healthz/ready` says once it says yes: a little after the start."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return json.load(urllib.request.urlopen(f"{address}/healthz/ready", timeout=10))
        except urllib.error.HTTPError:
            assert time.monotonic() < deadline, "it is not ready"
            time.sleep(0.05)


@dataclass
class Stage:
    """One stage of a Containerfile."""

    image: str
    name: str
    steps: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    def all(self, keyword: str) -> list[str]:
        return [text for name, text in self.steps if name == keyword]

    def only(self, keyword: str) -> str:
        (text,) = self.all(keyword)
        return text


@pytest.fixture(scope="module")
def stages(project: Path) -> list[Stage]:
    found: list[Stage] = []
    for line in (project / "docs/deploy/Containerfile").read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        keyword, _, text = line.partition(" ")
        if keyword == "FROM":
            image, _, name = text.partition(" AS ")
            found.append(Stage(image, name))
        else:
            found[-1].steps.append((keyword, text))
    return found


def test_the_image_is_small_and_not_of_root(stages: list[Stage]) -> None:
    build, final = stages
    assert build.image == final.image
    assert (build.name, final.name) == ("build", "")
    user, group = final.only("USER").split(":")
    assert int(user) > 0
    assert int(group) > 0
    assert final.all("RUN") == []  # nothing is made in it, so nothing is left over in it
    assert final.only("STOPSIGNAL") == "SIGTERM"


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_steps_of_the_containerfile_lead_to_a_server(
    project: Path, stages: list[Stage], tmp_path: Path
) -> None:
    """All steps but the images they start from, in folders that stand for those of the image."""
    build, final = stages
    source = tmp_path / "src"
    source.mkdir()
    places = {"/opt/metapole": str(tmp_path / "opt"), STATE: str(tmp_path / "state")}

    def mapped(text: str) -> str:
        for place, path in places.items():
            text = text.replace(place, path)
        return text

    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    mine = {"VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME"}
    kept = {name: value for name, value in os.environ.items() if name not in mine}
    environment = {**kept, "PATH": f"{tmp_path / 'bin'}{os.pathsep}{kept['PATH']}"}
    for keyword, text in build.steps:
        if keyword == "COPY":
            *names, target = text.split()
            for name in names:
                _copy(project / name, source / target / (name if target == "./" else ""))
        elif keyword == "RUN":
            subprocess.run(["sh", "-ec", mapped(text)], cwd=source, env=environment, check=True)  # noqa: S607
        else:
            assert (keyword, text) == ("WORKDIR", "/src")
    shutil.rmtree(source)  # the other stage has only what it copies
    copied = [text.split()[-1] for text in final.all("COPY")]
    assert copied == list(places)

    words = [mapped(word) for word in json.loads(final.only("ENTRYPOINT"))]
    with serving([*words, "--port", "0"], cwd=tmp_path / "state", env=kept) as address:
        command = final.only("HEALTHCHECK").partition("CMD ")[2]
        check = [mapped(word) for word in json.loads(command)]
        port = address.rpartition(":")[2]
        healthy = [word.replace("127.0.0.1:8000", f"127.0.0.1:{port}") for word in check]
        subprocess.run(healthy, check=True)
        ill = [word.replace("127.0.0.1:8000", "127.0.0.1:1") for word in check]
        assert subprocess.run(ill, check=False, capture_output=True).returncode == 1
    assert final.only("EXPOSE") == "8000"


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_the_image_can_be_built(project: Path) -> None:
    for name in ("podman", "docker"):
        program = shutil.which(name)
        if program and not subprocess.run([program, "info"], capture_output=True).returncode:  # noqa: PLW1510
            break
    else:
        pytest.skip("neither podman nor docker runs here: the image itself was not built")
    words = [program, "build", "-f", "docs/deploy/Containerfile", "-t", "metapole-test", "."]
    subprocess.run(words, cwd=project, check=True)
    words = [program, "run", "--rm", "metapole-test", "--limits"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert "query.memory-mb=512" in done.stdout


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(source, target, dirs_exist_ok=True, ignore=ignored)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)


@contextmanager
def serving(command: list[str], cwd: Path, env: dict[str, str] | None = None) -> Generator[str]:
    """Run *command* as long as the context lasts; give the address that it serves at."""
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=cwd, env=env) as server:
        assert server.stderr is not None
        said = ""
        try:
            for line in server.stderr:
                said += line
                if ready := _READY.search(line):
                    yield ready[1].replace("0.0.0.0", "127.0.0.1")
                    break
            else:
                pytest.fail(f"it ended before it served anything:\n{said}")
        finally:
            server.send_signal(signal.SIGTERM)
            server.stderr.close()
            assert server.wait(25) == 0
