"""Programs that portals and search engines use take what describes the data."""

from __future__ import annotations

import json
import shutil
import subprocess
import urllib.request
import venv
from typing import TYPE_CHECKING, Any

import pyshacl
import pytest
import rdflib
from rdflib import RDF, SH, SKOS

from tests.bench.servers import metapole
from tests.http.conftest import publish
from tests.interop.conftest import CLIENTS, install, program

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

pytestmark = pytest.mark.interop

EU = "http://publications.europa.eu/resource/authority/"
GRAPHS_OF_A_LARGE_STORE = 120


@pytest.fixture(scope="session")
def python_with(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return how to get a Python of its own with what a file of requirements names."""
    made: dict[str, Path] = {}

    def make(requirements: str) -> Path:
        if requirements not in made:
            folder = tmp_path_factory.mktemp("python")
            venv.create(folder, with_pip=True)
            pip = [folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check"]
            install([*pip, "--requirement", CLIENTS / requirements], folder)
            made[requirements] = folder / "bin" / "python"
        return made[requirements]

    return make


def run(command: Sequence[str | Path], folder: Path | None = None) -> str:
    done = subprocess.run(
        command, cwd=folder, check=False, capture_output=True, encoding="utf-8", timeout=110
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def read(address: str) -> rdflib.Graph:
    request = urllib.request.Request(address, headers={"Accept": "text/turtle"})
    with urllib.request.urlopen(request) as answer:
        return rdflib.Graph().parse(data=answer.read(), format="turtle")


@pytest.mark.timeout(600)
@pytest.mark.parametrize("accept", ["*/*", "application/rdf+xml", "application/ld+json"])
def test_ckan_takes_every_dataset_of_every_page(
    python_with: Callable[[str], Path], tmp_path: Path, accept: str
) -> None:
    python = python_with("requirements-ckan.txt")
    graphs = "".join(
        f"GRAPH <https://w3id.org/metapole/graph/g{number}> {{ :a :b {number} }}\n"
        for number in range(GRAPHS_OF_A_LARGE_STORE)
    )
    publish(tmp_path / "store", f"PREFIX : <http://example.org/>\n{graphs}")

    with metapole(tmp_path / "store", tmp_path / "log") as server:
        address = f"http://127.0.0.1:{server.port}/data/catalogue"
        said = json.loads(run([python, CLIENTS / "harvest_with_ckan.py", address, accept]))

    assert len(said["pages"]) == 3
    names = [each["extras"]["uri"] for each in said["datasets"]]
    expected = {f"{address}/graph/g{number}" for number in range(GRAPHS_OF_A_LARGE_STORE)}
    assert len(names) == len(set(names))
    assert expected | {f"{address}/metapole"} <= set(names)
    for each in said["datasets"]:
        assert each["title"]
        assert each["extras"]["identifier"] == each["extras"]["uri"]
        assert each["extras"]["publisher_name"] == "Metapole contributors"
        assert each["resources"]
        assert all(resource["uri"].startswith(address) for resource in each["resources"])


def vocabulary(data: rdflib.Graph) -> rdflib.Graph:
    """Say of the names of authorities that *data* uses what their tables say."""
    known = rdflib.Graph()
    dct = rdflib.Namespace("http://purl.org/dc/terms/")
    types = {
        "language": dct.LinguisticSystem,
        "licence": dct.LicenseDocument,
        "file-type": dct.MediaTypeOrExtent,
        "frequency": dct.Frequency,
        "access-right": dct.RightsStatement,
        "country": dct.Location,
    }
    adms = "http://purl.org/adms/publishertype/"
    for term in {each for each in data.objects() if isinstance(each, rdflib.URIRef)}:
        if term == rdflib.URIRef(f"{EU}data-theme"):
            continue
        if term.startswith(EU):
            table = term.removeprefix(EU).partition("/")[0]
            scheme = rdflib.URIRef(EU + table)
        elif term.startswith(adms):
            table, scheme = "publisher", rdflib.URIRef(f"{adms}1.0")
        elif "/assignments/media-types/" in term:
            known.add((term, RDF.type, dct.MediaType))
            continue
        else:
            continue
        known.add((term, RDF.type, types.get(table, SKOS.Concept)))
        known.add((term, RDF.type, SKOS.Concept))
        known.add((term, SKOS.prefLabel, rdflib.Literal(term.rpartition("/")[2])))
        known.add((term, SKOS.inScheme, scheme))
        known.add((scheme, RDF.type, SKOS.ConceptScheme))
        known.add((scheme, dct.title, rdflib.Literal(table)))
    themes = rdflib.URIRef(f"{EU}data-theme")
    known.add((themes, RDF.type, SKOS.ConceptScheme))
    known.add((themes, dct.title, rdflib.Literal("themes")))
    return known


@pytest.fixture(scope="session")
def catalogue(endpoint: str) -> rdflib.Graph:
    return read(f"{endpoint}/data/catalogue")


KNOWN_EXCEPTIONS = {
    "shapes": set[tuple[str, str]](),
    # Graphs without a day in them have no time; some documents may be of any day after one.
    # The bounding box of a country is known to the table of countries.
    "shapes_recommended": {
        ("temporal", "MinCountConstraintComponent"),
        ("endDate", "MinCountConstraintComponent"),
        ("spatial", "MinCountConstraintComponent"),
    },
    "range": set[tuple[str, str]](),
    # Nobody has to be a body of the European Union to publish.
    "mdr-vocabularies.shape": {
        ("publisher", "NodeConstraintComponent"),
        ("inScheme", "HasValueConstraintComponent"),
        ("inScheme", "MinCountConstraintComponent"),
    },
}


@pytest.mark.parametrize("shapes", KNOWN_EXCEPTIONS)
def test_the_catalogue_keeps_to_the_shapes_of_dcat_ap(
    catalogue: rdflib.Graph, shared: Path, shapes: str
) -> None:
    data = catalogue
    if shapes in ("range", "mdr-vocabularies.shape"):
        data = catalogue + vocabulary(catalogue)
    validate: Any = pyshacl.validate  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] -- its types are open
    _, report, _ = validate(
        data, shacl_graph=rdflib.Graph().parse(shared / "dcat-ap-3.0.1" / f"{shapes}.ttl")
    )

    assert isinstance(report, rdflib.Graph)
    found = {
        (_name(report.value(each, SH.resultPath)),
         _name(report.value(each, SH.sourceConstraintComponent)))
        for each in report.subjects(RDF.type, SH.ValidationResult)
    }  # fmt: skip
    assert found <= KNOWN_EXCEPTIONS[shapes]


def _name(term: object) -> str:
    return str(term).rpartition("/")[2].rpartition("#")[2]


@pytest.mark.timeout(600)
def test_who_follows_links_from_void_finds_a_cluster(
    endpoint: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("traversal")
    shutil.copy(CLIENTS / "traversal" / "package.json", folder)
    install([program("npm"), "install", "--no-audit", "--no-fund", "--loglevel=error"], folder)
    commands = folder / "node_modules" / ".bin"
    query = """
        PREFIX void: <http://rdfs.org/ns/void#>
        PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
        PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
        PREFIX mp: <https://w3id.org/metapole/def#>
        SELECT DISTINCT ?cluster ?label WHERE {
          ?data void:rootResource ?cluster .
          ?cluster rdfs:seeAlso ?document ; a mp:MetaCluster ; skos:prefLabel ?label .
        }
    """

    answer = run(
        [
            commands / "node", commands / "comunica-sparql-link-traversal",
            f"{endpoint}/.well-known/void", query, "--lenient", "-t", "application/json",
        ],
        folder,
    )  # fmt: skip

    assert json.loads(answer) == [
        {"cluster": "https://w3id.org/metapole/id/cluster/autoregion", "label": '"Autoregion"@en'}
    ]


@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    ("path", "kind"), [("/data", "DataCatalog"), ("/data/catalogue/metapole", "Dataset")]
)
def test_search_engines_find_structured_data_in_the_page(
    endpoint: str, python_with: Callable[[str], Path], path: str, kind: str
) -> None:
    python = python_with("requirements-describing.txt")

    (said,) = json.loads(run([python, CLIENTS / "read_pages.py", "structured", endpoint + path]))

    assert said["@type"] == kind
    datasets: list[dict[str, Any]] = said.get("dataset", [said])
    for each in datasets:
        assert each["name"]
        assert 50 <= len(each["description"]) <= 5_000
        assert each["url"].startswith(endpoint)
    if kind == "Dataset":  # what a catalogue lists is told in full on a page of its own
        assert said["distribution"][0]["contentUrl"].startswith(endpoint)


@pytest.mark.timeout(400)
def test_a_crawler_finds_the_sitemap_by_robots_and_every_page_in_it(
    endpoint: str, python_with: Callable[[str], Path], catalogue: rdflib.Graph
) -> None:
    python = python_with("requirements-describing.txt")

    found = json.loads(run([python, CLIENTS / "read_pages.py", "listed", f"{endpoint}/"]))

    pages = [address for address, _ in found]
    assert len(pages) == len(set(pages)) > 200
    assert f"{endpoint}/cluster/minalogic" in pages
    assert {str(each) for each in catalogue.subjects(RDF.type, rdflib.DCAT.Dataset)} <= set(pages)


@pytest.mark.timeout(400)
def test_the_citation_is_valid(
    endpoint: str, python_with: Callable[[str], Path], tmp_path: Path
) -> None:
    python = python_with("requirements-describing.txt")
    file = tmp_path / "CITATION.cff"
    with urllib.request.urlopen(f"{endpoint}/data/citation.cff") as answer:
        file.write_bytes(answer.read())

    command = python.with_name("cffconvert")
    assert "valid according to schema version 1.2.0" in run([command, "--validate", "-i", file])
    assert "Metapole contributors" in run([command, "-f", "bibtex", "-i", file])
