"""OpenRefine and the package reconciler find out which clusters are meant, and ask for more."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import httpx2
import pytest

from .conftest import CLIENTS
from .openrefine import Project, openrefine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.interop, pytest.mark.timeout(600)]

CLUSTER = "https://w3id.org/metapole/id/cluster/"
TYPE = "https://w3id.org/metapole/def#Cluster"
NAMES = {
    "Pole Vehicule du Futur": ("France", "vehicule-du-futur"),
    "ACOD": ("Germany", "acod"),
    "Movéo": ("France", "moveo"),
    "minalogik": ("France", "minalogic"),
    "Cluster de automocion de Aragon": ("Spain", "caar"),
    "Nonexistent cluster of nowhere": ("France", ""),
}
"""What a clerk may have typed, in which country, and which cluster it is: taken by hand."""
COUNTRY = {"id": "country", "name": "country"}
NAME = {"id": "http://www.w3.org/2004/02/skos/core#prefLabel", "name": "name"}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A project with the names, in an OpenRefine of its own."""
    with openrefine(tmp_path_factory.mktemp("openrefine")) as client:
        table = [["typed", "where"], *([name, where] for name, (where, _) in NAMES.items())]
        yield Project(client, table)


def test_openrefine_reconciles_and_extends_the_names_of_clusters(
    project: Project, endpoint: str
) -> None:
    service = f"{endpoint}/reconcile"
    manifest = httpx2.get(service, verify=False).json()
    spaces = {name: manifest[name] for name in ("identifierSpace", "schemaSpace")}

    offered = project.types_of("typed", service)
    assert offered[0]["id"] == TYPE

    project.reconcile(
        "typed",
        {
            "mode": "standard-service",
            "service": service,
            **spaces,
            "type": {"id": TYPE, "name": "cluster"},
            "autoMatch": True,
            "columnDetails": [{"column": "where", "property": COUNTRY}],
            "limit": 5,
        },
    )
    assert project.matched() == {
        name: f"{CLUSTER}{slug}" if slug else "" for name, (_, slug) in NAMES.items()
    }

    shown = project.preview("typed", range(len(NAMES)), [COUNTRY])
    assert [each["name"] for each in shown["columns"]] == ["country"]
    assert [row[1]["name"] for row in shown["rows"][:-1]] == [
        where for where, slug in NAMES.values() if slug
    ]

    project.extend("typed", {"endpoint": service, **spaces}, [COUNTRY, NAME])
    head, *table = project.rows()
    country, place = head.index("country"), head.index("where")
    found = [row for row in table if row[place]]  # a cluster with two names has a row for each
    assert [row[country] for row in found[:-1]] == [row[place] for row in found[:-1]]
    assert found[-1][country] == ""
    names = {row[head.index("name")] for row in table}
    assert {"Véhicule du futur", "Minalogic", "Mov’eo"} <= names


def test_reconciler_finds_the_clusters(python: Path, endpoint: str) -> None:
    names = [name for name, (_, slug) in NAMES.items() if slug]
    done = subprocess.run(
        [python, CLIENTS / "with_reconciler.py", f"{endpoint}/reconcile", TYPE, *names],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    found = {row["input_value"]: row["id"] for row in json.loads(done.stdout)}
    assert found == {name: f"{CLUSTER}{NAMES[name][1]}" for name in names}
