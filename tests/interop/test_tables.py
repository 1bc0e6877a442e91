"""Programs for tables, maps, networks and calendars read what is published.

GDAL is `gdal-bin` of Debian; the others are installed by pip.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from tests.docs.test_examples import blocks
from tests.engine.published import MP, of_classes, read_with_rdflib

from .conftest import CLIENTS, program

if TYPE_CHECKING:
    from pathlib import Path

    import rdflib

pytestmark = pytest.mark.interop

CLASSES = {
    "clusters": ("Cluster", "MetaCluster"),
    "organisations": ("Organisation", "ClusterOrganisation"),
    "partnerships": ("Partnership",),
    "figures": ("KeyFigure",),
    "specialties": ("Specialisation",),
    "areas": ("Area", "Country"),
}
COMMANDS = {name: text for _, name, text in blocks("tables")}
GUIDE_SERVER = "http://127.0.0.1:8000"
FILES = ["csv-metadata.json", "datapackage.json", "metapole.xlsx", "network.graphml", "events.ics"]


@pytest.fixture(scope="module")
def data(project: Path) -> rdflib.Graph:
    return read_with_rdflib(project / "data")


@pytest.fixture(scope="module")
def folder(endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of tables, as somebody has them who has downloaded all."""
    home = tmp_path_factory.mktemp("tables")
    for name in [*FILES, *(f"{table}.csv" for table in CLASSES)]:
        answer = httpx2.get(f"{endpoint}/data/{name}", timeout=60)
        assert answer.status_code == 200, answer.text
        (home / name).write_bytes(answer.content)
    return home


@pytest.fixture
def damaged(folder: Path, tmp_path: Path) -> Path:
    """The same files, in which a specialty is of a cluster that is not there."""
    home = shutil.copytree(folder, tmp_path / "damaged")
    text = (home / "specialties.csv").read_text(encoding="utf-8")
    assert "cluster/minalogic," in text
    wrong = text.replace("cluster/minalogic,", "cluster/nowhere,")
    (home / "specialties.csv").write_text(wrong, encoding="utf-8")
    return home


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=100)


def test_csvw_finds_the_tables_valid_at_their_addresses(
    endpoint: str, python: Path, damaged: Path
) -> None:
    validator = python.with_name("csvwvalidate")
    names = ["csv-metadata.json", *(f"{table}.csv-metadata.json" for table in CLASSES)]
    for name in names:
        done = run(validator, f"{endpoint}/data/{name}")
        assert (done.returncode, done.stdout.strip()[-2:]) == (0, "OK"), done.stdout + done.stderr
    program_name, *words = shlex.split(COMMANDS["check"].replace(GUIDE_SERVER, endpoint))
    done = run(python.with_name(program_name), *words)
    assert (done.returncode, done.stdout.strip()[-2:]) == (0, "OK"), done.stdout + done.stderr
    done = run(validator, damaged / "csv-metadata.json")
    assert done.returncode != 0 or "FAIL" in done.stdout


def test_frictionless_finds_the_package_valid(folder: Path, python: Path, damaged: Path) -> None:
    validator = python.with_name("frictionless")
    done = run(validator, "validate", folder / "datapackage.json", "--json")
    report: dict[str, Any] = json.loads(done.stdout)
    assert report["valid"], done.stdout
    assert {task["name"] for task in report["tasks"]} == set(CLASSES)
    done = run(validator, "validate", damaged / "datapackage.json", "--json")
    assert not json.loads(done.stdout)["valid"]


@pytest.fixture(scope="module")
def read(folder: Path, python: Path) -> dict[str, Any]:
    """What openpyxl, networkx and icalendar read."""
    done = run(python, CLIENTS / "read_tables.py", folder)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_openpyxl_reads_every_row_as_what_it_is(
    read: dict[str, Any], data: rdflib.Graph, endpoint: str
) -> None:
    rows = {table: len(of_classes(data, *names)) for table, names in CLASSES.items()}
    assert {name: count for name, count in read["rows"].items() if name != "about"} == rows
    assert read["formulas"] == []
    assert 11_200_000_000 in read["numbers"]  # question V1
    assert "2014-01-01" in read["days"]
    assert f"{endpoint}/id/cluster/minalogic" in read["links"]
    assert re.match(r"20\d\d-", read["created"])


def test_networkx_reads_nodes_and_edges_with_their_statements(
    read: dict[str, Any], data: rdflib.Graph
) -> None:
    assert of_classes(data, "Cluster", "MetaCluster", "Organisation") <= set(read["nodes"])
    statements = of_classes(data, "Partnership", "Membership")
    assert set(read["edges"]) == statements
    pairs = [len(list(data.objects(each, MP.partner))) for each in set(data.subjects(MP.partner))]
    members = len(list(data.subjects(MP.member)))
    assert len(read["edges"]) == sum(n * (n - 1) // 2 for n in pairs) + members


def test_icalendar_reads_the_days_of_events(read: dict[str, Any]) -> None:
    assert read["events"]["Automotive Day"] == ["2019-09-24", "2019-09-25"]  # question L10
    assert read["events"]["First DIH ON TOUR"] == ["2021-10-25", "2021-11-17"]  # question T6
    assert len(read["events"]) == 5
    assert read["errors"] == []


def test_gdal_reads_every_feature_page_by_page(endpoint: str, data: rdflib.Graph) -> None:
    ogrinfo = program("ogrinfo")
    done = run(ogrinfo, "-ro", "-al", "-oo", "PAGE_SIZE=10", f"OAPIF:{endpoint}/ogc")
    assert done.returncode == 0, done.stderr
    assert "ERROR" not in done.stderr
    counts = dict(re.findall(r"Layer name: (\w+)\n.*?Feature Count: (\d+)", done.stdout, re.DOTALL))
    for layer in ("clusters", "areas"):
        things = of_classes(data, *CLASSES[layer])
        assert int(counts[layer]) == len(things)
        found = re.findall(rf"^  {layer[:-1]} \(String\) = (\S+)$", done.stdout, re.MULTILINE)
        assert sorted(found) == sorted(things)


def test_gdal_reads_the_map_and_what_is_in_a_box(endpoint: str, tmp_path: Path) -> None:
    ogrinfo = program("ogrinfo")
    places = tmp_path / "places.geojson"
    places.write_bytes(httpx2.get(f"{endpoint}/data/places.geojson", timeout=60).content)
    done = run(ogrinfo, "-ro", "-al", "-so", places)
    assert re.search(r"Layer SRS WKT:\s+GEOGCRS\[\"WGS 84\"", done.stdout)
    service = f"OAPIF:{endpoint}/ogc"
    done = run(ogrinfo, "-ro", "-al", "-spat", "6.5", "49", "8", "50", service, "areas")
    # Saarland and Rhineland-Palatinate have their points there, and no other area.
    assert sorted(re.findall(r"  name \(String\) = (.*)", done.stdout)) == [
        "Rhineland-Palatinate",
        "Saarland",
    ]
