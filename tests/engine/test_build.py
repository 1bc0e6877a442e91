"""A build publishes all or nothing, from our data or from somebody else's."""

from __future__ import annotations

import argparse
import re
import shutil
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from graph.build import build, check
from graph.errors import BuildRejected
from graph.generations import current_generation
from graph.paths import bundled
from server.commands import build as build_command
from server.commands import validate as validate_command

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

OTHER_DATA = """@prefix mp: <https://w3id.org/metapole/def#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix : <https://clusters.example.org/> .

:membership a mp:Membership ;
    mp:member :small ;
    mp:group :large ;
    mp:role <https://w3id.org/metapole/def/role/member> .

:large a mp:MetaCluster ;
    skos:prefLabel "Large"@en .

:small a mp:Cluster ;
    skos:prefLabel "Small"@en .
"""


@pytest.fixture
def other_data(tmp_path: Path) -> Path:
    """Write the data of somebody else, with IRIs of their own."""
    folder = tmp_path / "other"
    folder.mkdir()
    (folder / "clusters.ttl").write_text(OTHER_DATA, encoding="utf-8")
    return folder


def _run(command: ModuleType, *words: object) -> int:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return command.run(parser.parse_args([str(word) for word in words]))


def _files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_shipped_graph_is_built_with_what_follows_from_it(tmp_path: Path) -> None:
    steps: list[str] = []

    generation = build(tmp_path, progress=lambda step, _: steps.append(step))

    store = ox.Store.read_only(str(generation.path))
    statement = "https://w3id.org/metapole/def#Statement"
    answer = store.query(
        f"ASK {{ GRAPH <https://w3id.org/metapole/graph/derived> {{ ?figure a <{statement}> }} }}"
    )
    assert bool(answer)
    assert generation == current_generation(tmp_path)
    assert generation.built_from
    assert list(dict.fromkeys(steps)) == ["read", "validate", "derive", "load", "publish"]


def test_the_data_of_others_is_checked_without_our_counts(other_data: Path) -> None:
    report = check(data=other_data)

    assert report.findings == ()
    assert report.counts["mp:Cluster"] == 2
    assert report.counts["graph/clusters"] == 8


def test_a_rejected_build_leaves_the_store_as_it_was(tmp_path: Path, other_data: Path) -> None:
    store = tmp_path / "store"
    build(store, data=other_data)
    before = _files(store)
    (other_data / "more.ttl").write_text("<ex:a> <ex:b> .", encoding="utf-8")

    with pytest.raises(BuildRejected, match="1 error in the sources") as rejection:
        build(store, data=other_data)

    (finding,) = rejection.value.findings
    assert finding.path == str(other_data / "more.ttl")
    assert _files(store) == before


def test_a_build_knows_what_it_was_made_from(tmp_path: Path, other_data: Path) -> None:
    first = build(tmp_path / "store", data=other_data).built_from
    same = build(tmp_path / "store", data=other_data).built_from
    (other_data / "clusters.ttl").write_text(OTHER_DATA.replace("Small", "Tiny"), encoding="utf-8")
    changed = build(tmp_path / "store", data=other_data).built_from

    assert first == same != changed


def test_a_file_is_checked_together_with_the_data(tmp_path: Path) -> None:
    new = tmp_path / "new.ttl"
    new.write_text(
        "@prefix mp: <https://w3id.org/metapole/def#> .\n"
        "<https://w3id.org/metapole/id/membership/a> a mp:Membership ;\n"
        "  mp:member <https://w3id.org/metapole/id/cluster/medicen> ;\n"
        "  mp:group <https://w3id.org/metapole/id/network/eicose> ;\n"
        "  mp:role <https://w3id.org/metapole/def/role/membr> .\n",
        encoding="utf-8",
    )

    findings = check(files=[new]).findings

    assert {(finding.path, finding.line) for finding in findings} == {(str(new), 5)}
    assert any("role:membr is described nowhere" in finding.what for finding in findings)


def test_a_file_is_not_good_while_the_data_cannot_be_read(tmp_path: Path, other_data: Path) -> None:
    (other_data / "broken.ttl").write_text("<ex:a> <ex:b> .", encoding="utf-8")
    new = tmp_path / "new.ttl"
    new.write_text("", encoding="utf-8")

    report = check(data=other_data, files=[new])

    assert [finding.path for finding in report.findings] == [str(other_data / "broken.ttl")]


def test_a_count_that_fell_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ontology = tmp_path / "ontology"
    shutil.copytree(bundled("ontology"), ontology)
    counts = ontology / "expected-counts.csv"
    counts.write_text("class_or_graph,minimum,maximum\nmp:Cluster,1000,2000\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    (finding,) = check(ontology=ontology).findings

    assert (finding.path, finding.line, finding.rule) == (
        "ontology/expected-counts.csv", 2, "count",
    )  # fmt: skip


def test_validate_prints_findings_to_stdout(
    other_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = other_data / "clusters.ttl"
    path.write_text(OTHER_DATA.replace("mp:role <", "mp:rolle <"), encoding="utf-8")

    status = _run(validate_command, "--data", other_data)

    output = capsys.readouterr()
    assert status == 1
    assert f"{path}:5: <https://clusters.example.org/membership>: a membership has" in output.out
    assert f"{path}:8: " in output.out
    assert re.fullmatch(r"2 errors, 0 warnings; \d,\d{3} statements in 3 graphs\n", output.err)


def test_build_prints_findings_to_stderr_and_builds_nothing(
    tmp_path: Path, other_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (other_data / "more.ttl").write_text("<ex:a> <ex:b> .", encoding="utf-8")

    status = _run(build_command, "--data", other_data, "--store", tmp_path / "store")

    output = capsys.readouterr()
    assert (status, output.out) == (1, "")
    assert f"{other_data / 'more.ttl'}:1: " in output.err
    assert output.err.endswith("Nothing was built; the store is as it was.\n")
    assert not (tmp_path / "store").exists()


def test_build_says_what_it_built(
    tmp_path: Path, other_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = _run(build_command, "--data", other_data, "--store", tmp_path / "store")

    output = capsys.readouterr()
    assert (status, output.out) == (0, "")
    assert output.err.startswith("0 errors, 0 warnings; ")
    assert f"Built generation 1 in {tmp_path / 'store'}" in output.err


@pytest.mark.parametrize("command", [build_command, validate_command])
def test_a_folder_that_is_missing_is_one_line(
    command: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = _run(command, "--data", tmp_path / "nowhere")

    output = capsys.readouterr()
    assert (status, output.out) == (1, "")
    assert "nowhere is not a folder" in output.err
    assert output.err.count("\n") == 1
