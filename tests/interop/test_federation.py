"""Other makers' endpoints: we ask them by SERVICE, and they ask us."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import httpx2
import pytest

from tests.bench.servers import metapole

from .conftest import CLIENTS, install, program
from .counting import counting
from .endpoints import comunica_http, fuseki, virtuoso

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from .counting import Counted

pytestmark = [pytest.mark.interop, pytest.mark.timeout(600)]

CLUSTER = "https://w3id.org/metapole/id/cluster/"
EX = "http://example.org/"
SAME = "http://www.w3.org/2002/07/owl#sameAs"
LABEL = "http://www.w3.org/2004/02/skos/core#prefLabel"
PORTAL = f"""\
<{EX}p1> <{SAME}> <{CLUSTER}minalogic> .
<{EX}p1> <{EX}members> "400"^^<http://www.w3.org/2001/XMLSchema#integer> .
<{EX}p1> <{EX}name> "Pôle \\"Minalogic\\" 東京"@fr .
<{EX}p2> <{SAME}> <{CLUSTER}avia> .
<{EX}p2> <{EX}members> "86"^^<http://www.w3.org/2001/XMLSchema#integer> .
<{EX}p3> <{SAME}> <{EX}elsewhere> .
<{EX}p3> <{EX}members> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .
"""
OUTWARDS = f"""SELECT ?cluster ?label ?members ?name {{
    VALUES ?cluster {{ <{CLUSTER}minalogic> <{CLUSTER}avia> <{CLUSTER}acod> }}
    ?cluster <{LABEL}> ?label .
    SERVICE <REMOTE> {{
        ?p <{SAME}> ?cluster ; <{EX}members> ?members .
        OPTIONAL {{ ?p <{EX}name> ?name }}
    }}
}} ORDER BY ?members"""
INWARDS = f"""SELECT ?p ?label {{
    ?p <{SAME}> ?cluster .
    SERVICE <REMOTE> {{ ?cluster <{LABEL}> ?label }}
}}"""
LABELS = {f"{EX}p1": "Minalogic", f"{EX}p2": "Cluster de automoción de la Comunitat Valenciana"}
"""What we call the things that the portal knows."""


@pytest.fixture(scope="module")
def start_fuseki(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return how to start Fuseki, from Maven Central."""
    java, maven = program("java"), program("mvn")
    folder = tmp_path_factory.mktemp("fuseki")
    copy = ["dependency:copy-dependencies", f"-DoutputDirectory={folder / 'jars'}"]
    install([maven, "--quiet", "--batch-mode", "-f", CLIENTS / "fuseki/pom.xml", *copy], folder)
    main = "org.apache.jena.fuseki.main.cmds.FusekiMainCmd"
    return [java, "-cp", f"{folder / 'jars'}/*", main]


@pytest.fixture(scope="module", params=["virtuoso", "fuseki", "comunica"])
def portal(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """An endpoint of each maker that knows some clusters by other names."""
    folder = tmp_path_factory.mktemp(request.param)
    match request.param:
        case "virtuoso":
            running = virtuoso(folder, PORTAL)
        case "fuseki":
            running = fuseki(request.getfixturevalue("start_fuseki"), folder, PORTAL)
        case _:
            running = comunica_http(request.getfixturevalue("comunica"), folder, PORTAL)
    with running as address:
        yield address


@pytest.fixture(scope="module")
def asking(
    portal: str, shipped_store: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Return the address of a server that may ask the portal."""
    folder = tmp_path_factory.mktemp("asking")
    store = shutil.copytree(shipped_store, folder / "store")
    with metapole(store, folder / "log", "--federate", portal) as target:
        yield f"http://127.0.0.1:{target.port}/sparql"


def ask(endpoint: str, query: str) -> httpx2.Response:
    headers = {"Accept": "text/csv"}
    return httpx2.post(endpoint, data={"query": query}, headers=headers, timeout=100, verify=False)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_we_ask_them(asking: str, portal: str) -> None:
    answer = ask(asking, OUTWARDS.replace("REMOTE", portal))
    assert answer.status_code == 200, answer.text
    assert rows(answer.text) == [
        {"cluster": f"{CLUSTER}avia", "label": LABELS[f"{EX}p2"], "members": "86", "name": ""},
        {
            "cluster": f"{CLUSTER}minalogic",
            "label": "Minalogic",
            "members": "400",
            "name": 'Pôle "Minalogic" 東京',
        },
    ]
    assert re.search(r"status=complete;requests=1;rows=2;", answer.headers["X-Federation"])


def test_a_mistake_of_theirs_is_told(asking: str, portal: str) -> None:
    query = f"SELECT * {{ SERVICE <{portal}> {{ ?s ?p ?o FILTER(<{EX}nonsense>(?o)) }} }}"
    answer = ask(asking, query)
    assert answer.status_code in (200, 502), answer.text
    if answer.status_code == 502:  # Virtuoso and Jena know no such function, or say nothing
        assert "127.0.0.1 answered with status" in answer.json()["detail"]
    else:
        assert rows(answer.text) == []


def test_they_ask_us(portal: str, endpoint: str, request: pytest.FixtureRequest) -> None:
    if "comunica" in request.node.callspec.id:
        pytest.skip("Comunica 4 federates over its sources, which the next test does")
    query = INWARDS.replace("REMOTE", f"{endpoint}/sparql")
    answer = httpx2.get(
        portal, params={"query": query}, headers={"Accept": "text/csv"}, timeout=100
    )
    assert answer.status_code == 200, answer.text
    assert {row["p"]: row["label"] for row in rows(answer.text)} == LABELS


def test_comunica_asks_both(
    portal: str, endpoint: str, comunica: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if "virtuoso" in request.node.callspec.id:
        pytest.skip("Comunica 4 cannot read what Virtuoso 7 answers to ASK")
    file = tmp_path / "query.rq"
    file.write_text(f"SELECT ?p ?label {{ ?p <{SAME}> ?cluster . ?cluster <{LABEL}> ?label }}")
    sources = [f"sparql@{portal}", f"sparql@{endpoint}/sparql"]
    done = run(str(comunica), *sources, "--file", str(file), "--outputType", "application/json")
    found = {row["p"]: json.loads(row["label"].rpartition("@")[0]) for row in json.loads(done)}
    assert found == LABELS


def test_jena_asks_us(jena: Callable[[str], list[str]], endpoint: str, tmp_path: Path) -> None:
    data, query = tmp_path / "data.nt", tmp_path / "query.rq"
    data.write_text(PORTAL)
    query.write_text(INWARDS.replace("REMOTE", f"{endpoint}/sparql"))
    done = run(*jena("arq.sparql"), f"--data={data}", f"--query={query}", "--results=csv")
    assert {row["p"]: row["label"] for row in rows(done)} == LABELS


def test_rdflib_asks_us(python: Path, endpoint: str, tmp_path: Path) -> None:
    data, query = tmp_path / "data.nt", tmp_path / "query.rq"
    data.write_text(PORTAL)
    query.write_text(INWARDS.replace("REMOTE", f"{endpoint}/sparql"))
    done = run(str(python), str(CLIENTS / "service_with_rdflib.py"), str(data), str(query))
    assert json.loads(done) == LABELS


def test_r_asks_us(endpoint: str) -> None:
    script = CLIENTS / "with_r.R"
    done = subprocess.run(
        [program("Rscript"), script, f"{endpoint}/sparql", f"{CLUSTER}avia"],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    if "there is no package called" in done.stderr:
        pytest.skip("R's package SPARQL is not installed; apt-get install r-cran-sparql")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [f'"{LABELS[EX + "p2"]}"@es']


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, timeout=200)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


MANY = 20_000


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counted]:
    """Virtuoso with 20,000 labels, of which it sends 10,000 at most, behind a proxy that counts."""
    triples = (f'<{EX}r{number}> <{EX}label> "Organisation {number}" .\n' for number in range(MANY))
    folder = tmp_path_factory.mktemp("many")
    with virtuoso(folder, "".join(triples)) as address, counting(address) as counted:
        yield counted


@pytest.fixture(scope="module")
def asking_many(many: Counted, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a server with links to half of these, which may ask for them."""
    from tests.http.conftest import publish  # noqa: PLC0415 -- of this fixture alone

    folder = tmp_path_factory.mktemp("links")
    links = " ".join(f":l{n} :same :r{n} ; :number {n} ." for n in range(MANY // 2))
    publish(folder / "store", f"PREFIX : <{EX}> GRAPH :links {{ {links} }}")
    with metapole(folder / "store", folder / "log", "--federate", many.url) as target:
        yield f"http://127.0.0.1:{target.port}/sparql"


@pytest.mark.parametrize(
    ("number", "requests", "bytes_down"), [(1, 1, 1_000), (100, 1, 50_000), (10_000, 25, 4_000_000)]
)
def test_virtuoso_is_asked_for_little(
    asking_many: str, many: Counted, number: int, requests: int, bytes_down: int
) -> None:
    many.forget()
    query = f"""PREFIX : <{EX}> SELECT ?l ?label {{
        ?l :same ?r ; :number ?n FILTER(?n < {number}) SERVICE <{many.url}> {{ ?r :label ?label }}
    }}"""
    answer = ask(asking_many, query)
    assert answer.status_code == 200, answer.text
    found = {row["l"]: row["label"] for row in rows(answer.text)}
    assert found == {f"{EX}l{n}": f"Organisation {n}" for n in range(number)}
    print(f"\n{number} bindings: {many.requests} requests, {many.bytes_down:,} bytes down")  # noqa: T201 -- measured for the reader of the run
    assert many.requests <= requests
    assert many.bytes_down < bytes_down


def test_what_virtuoso_cuts_off_is_not_taken_for_all(asking_many: str, many: Counted) -> None:
    query = f"SELECT ?r {{ SERVICE SILENT <{many.url}> {{ ?r <{EX}label> ?label }} }}"
    refused = ask(asking_many, query.replace("SILENT ", ""))
    assert refused.status_code == 502
    assert "X-SPARQL-MaxRows" in refused.text
    silent = ask(asking_many, query)
    assert silent.status_code == 200
    assert "X-SPARQL-MaxRows" in silent.headers["X-Federation"]
    assert "left-out=" in silent.headers["X-Federation"]
