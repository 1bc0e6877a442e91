"""`metapole export` writes all that is published: the same bytes every time, or nothing at all."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import httpx2
import pyoxigraph as ox
import pytest

from graph.generations import current_generation, publish_generation
from graph.generations.record import pointer_path, record_path
from graph.publishing.exporting import MARK
from graph.publishing.files import static_files

from .conftest import ROOT, publish, wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Serve

BASE = "https://w3id.org/metapole/"
TRIG = f"""
PREFIX mp: <{BASE}def#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
<{BASE}id/x/of-no-graph> skos:prefLabel "in no graph"@en .
GRAPH <{BASE}graph/source/one> {{
    <{BASE}id/cluster/a> a mp:Cluster ; skos:prefLabel "A"@en ; mp:locatedIn <{BASE}id/area/b> .
}}
GRAPH <{BASE}graph/links> {{ <{BASE}id/area/b> skos:prefLabel "B"@en , "B"@fr . }}
GRAPH <{BASE}graph/../../odd> {{ <{BASE}id/area/b> skos:note "a name that is a path"@en . }}
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = tmp_path_factory.mktemp("export") / "store"
    publish(store, TRIG)
    return store


def run(*words: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "server", "export", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, **environment},
    )


def content(folder: Path) -> dict[str, bytes]:
    """Return the content of all files below *folder*, by their paths."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def exported(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("exported") / "files"
    done = run("--store", store, "--to", target)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert "generation 1" in done.stderr
    return target


def test_all_files_of_the_static_set_are_there_and_no_others(store: Path, exported: Path) -> None:
    generation = current_generation(store)
    assert generation
    expected = {file.path for file in static_files(generation)}
    assert {"data/metapole.nq.zst", "data/graph/source/one.ttl", "data/checksums.txt"} <= expected
    assert content(exported).keys() == {*expected, MARK, "SHA256SUMS", "index.html"}
    assert len(expected) == len(static_files(generation)), "two files have the same path"


def test_the_checksums_are_those_of_the_files(exported: Path) -> None:
    found = content(exported)
    lines = (exported / "SHA256SUMS").read_text().splitlines()
    listed = {name: digest for digest, name in (line.split("  ") for line in lines)}
    files = found.keys() - {MARK, "SHA256SUMS", "index.html"}
    assert listed == {name: hashlib.sha256(found[name]).hexdigest() for name in files}
    mark = json.loads(found[MARK])
    assert {each["path"]: each["sha256"] for each in mark["files"]} == listed
    page = found["index.html"].decode()
    assert all(f'<a href="{name}">' in page for name in files)


def test_another_run_gives_the_same_bytes(store: Path, exported: Path, tmp_path: Path) -> None:
    assert run("--store", store, "--to", tmp_path / "again").returncode == 0
    assert content(tmp_path / "again") == content(exported)


def test_a_store_that_is_made_anew_from_the_same_data_gives_the_same_bytes(
    store: Path, exported: Path, tmp_path: Path
) -> None:
    quads = list(ox.parse(TRIG, ox.RdfFormat.TRIG))
    publish_generation(tmp_path / "anew", reversed(quads))
    # When it was made, and what the store is called, are facts of the generation, too.
    said = json.loads(pointer_path(store).read_text())
    for path in (pointer_path(tmp_path / "anew"), record_path(tmp_path / "anew", 1)):
        record = json.loads(path.read_text())
        assert record["graphs"] == said["graphs"]
        path.write_text(
            json.dumps({**record, "built": said["built"], "store_id": said["store_id"]})
        )
    done = run("--store", tmp_path / "anew", "--to", tmp_path / "files")
    assert done.returncode == 0, done.stderr
    here, there = content(tmp_path / "files"), content(exported)
    assert here.keys() == there.keys()
    # The feed tells when what happened to this store; the others tell of the feed.
    telling = {"feed.atom", MARK, "SHA256SUMS", "index.html"}
    assert {name for name in here if here[name] != there[name]} <= telling


def test_a_server_sends_the_same_bytes_while_its_store_is_exported(
    serve: Serve, store: Path, exported: Path, tmp_path: Path
) -> None:
    copy = shutil.copytree(store, tmp_path / "store")
    with serve(copy, "--public-url", "http://127.0.0.1:8000", in_place=True) as server:
        assert run("--store", copy, "--to", tmp_path / "files").returncode == 0
        found = content(tmp_path / "files")
        assert found == content(exported)
        for name in ("metapole.trig", "graph/links.rdf.gz", "checksums.json", "checksums.txt"):
            sent = httpx2.get(f"{server.url}/data/{name}", timeout=30)
            assert sent.content == found[f"data/{name}"], name


def test_an_export_is_replaced_as_a_whole(store: Path, tmp_path: Path) -> None:
    target = tmp_path / "files"
    for pattern in ("data/metapole.*", "data/graph/*"):
        assert run("--store", store, "--to", target, "--only", pattern).returncode == 0
    names = content(target).keys() - {MARK, "SHA256SUMS", "index.html"}
    assert names
    assert all(name.startswith("data/graph/") for name in names)
    assert [path.name for path in tmp_path.iterdir()] == ["files"]


def test_a_list_of_files_can_be_had_first(store: Path, tmp_path: Path) -> None:
    done = run("--store", store, "--to", tmp_path / "files", "--only", "*.nq*", "--list")
    assert done.stdout.split() == [
        f"data/{name}.nq{packed}"
        for name in ("metapole-annotated", "metapole")
        for packed in ("", ".gz", ".zst")
    ]
    assert not (tmp_path / "files").exists()


@pytest.mark.parametrize(
    ("words", "status", "reason"),
    [
        pytest.param(["--to", "full"], 1, "no export of metapole", id="a folder with other files"),
        pytest.param(["--to", "file"], 1, "no export of metapole", id="a file"),
        pytest.param(["--to", "new", "--only", "*.pdf"], 2, "no file is like", id="no such files"),
        pytest.param(["--to", "new", "--store", "none"], 1, "no store is here", id="no store"),
        pytest.param([], 2, "--to", id="no place"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(
    store: Path, tmp_path: Path, words: list[str], status: int, reason: str
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full/thesis.txt").write_text("all my work")
    (tmp_path / "file").write_text("all my work")
    before = content(tmp_path)
    places = [
        str(tmp_path / word) if word in ("full", "file", "new", "none") else word for word in words
    ]
    done = run("--store", store, *places)
    assert done.returncode == status
    assert reason in done.stderr
    assert "Traceback" not in done.stderr
    assert content(tmp_path) == before


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_run_that_is_stopped_leaves_what_was_there(
    store: Path, exported: Path, tmp_path: Path, how: signal.Signals
) -> None:
    target = shutil.copytree(exported, tmp_path / "files")
    process = subprocess.Popen(
        [sys.executable, "-m", "server", "export", "--store", store, "--to", target],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_until(lambda: [*tmp_path.glob(".files.*.unfinished/data/*")])
    process.send_signal(how)
    _, said = process.communicate(timeout=20)
    assert process.returncode == (1 if how == signal.SIGINT else -how)
    assert "Traceback" not in said
    assert content(target) == content(exported)
    assert run("--store", store, "--to", target, "--only", "data/metapole.nq").returncode == 0
    assert [path.name for path in tmp_path.iterdir()] == ["files"], "what was left is not removed"


def test_a_full_disk_is_told_and_leaves_what_was_there(store: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount, unmount = shutil.which("mount"), shutil.which("umount")
    command = [mount or "", "-t", "tmpfs", "-o", "size=60k", "none", disk]
    if not (mount and unmount) or subprocess.run(command, check=False).returncode:
        pytest.skip("a small disk cannot be mounted here")
    try:
        few = ("--store", store, "--to", disk / "files", "--only")
        assert run(*few, "data/metapole.nq").returncode == 0
        before = content(disk)
        done = run(*few, "data/*")
        assert done.returncode == 1
        assert "there is no room for all files" in done.stderr
        assert f"{disk / 'files'} is as it was" in done.stderr
        assert "Traceback" not in done.stderr
        assert content(disk) == before
    finally:
        subprocess.run([unmount, disk], check=True)
