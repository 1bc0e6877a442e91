"""`metapole import` by its words: what it shows, asks and does, on a store or a server."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from graph.errors import PreconditionFailed
from graph.generations import current_generation
from graph.importing import ready
from graph.importing.local import LocalStore
from graph.importing.table_import import TableImport, kind_of
from graph.importing.tables.process import Table
from graph.importing.words import in_words
from server.client import connected
from server.importing.remote import RemoteStore
from tests.http.conftest import Serve, serve
from tests.http.writers import writing

from .conftest import triples

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from graph.importing import Prepared

    from .conftest import Run

    Gate = Callable[[list[str], str], Prepared]

__all__ = ["serve"]
SAMPLES = Path(ready.__file__).with_name("mappings") / "samples"
GRAPH = "https://w3id.org/metapole/graph/import/"


def number(store: Path) -> int:
    generation = current_generation(store)
    assert generation
    return generation.number


@pytest.mark.parametrize(
    ("files", "mapping", "told"),
    [
        pytest.param(["clusters.csv"], "cluster-directory", "3 mp:Cluster", id="a directory"),
        pytest.param(["members.csv"], "membership-list", "3 mp:Membership", id="members"),
        pytest.param(
            ["organization.csv", "project.csv"], "cordis", "4 mp:Participation", id="CORDIS"
        ),
        pytest.param(["query.json"], "wikidata", "2 mp:Organisation", id="Wikidata"),
        pytest.param(["places.geojson"], "places", "2 mp:Area", id="places"),
        pytest.param(
            ["packages.json"], "ckan", "2 <http://www.w3.org/ns/dcat#Dataset>", id="CKAN"
        ),
    ],
)  # fmt: skip
def test_the_samples_pass_the_gate_with_the_mappings_that_ship(
    gate: Gate, files: list[str], mapping: str, told: str
) -> None:
    prepared = gate(files, mapping)
    assert told in "\n".join(in_words(prepared, 0))
    assert prepared.findings == ()
    assert prepared.is_new


@pytest.fixture(scope="module")
def gate(shipped_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gate]:
    """Prepare samples for the store that ships, with one validator for all."""

    def prepared(files: list[str], mapping: str) -> Prepared:
        tables = tuple(
            Table(SAMPLES / name, name, "ckan" if mapping == "ckan" else kind_of(Path(name)),
                  records="https://portal.example.org/" if mapping == "ckan" else "")
            for name in files
        )  # fmt: skip
        work = TableImport(tables, ready.mapping_named(mapping), "sample", "2026-11-27T10:00:00Z")
        return runner.run(work.prepare(target, tmp_path_factory.mktemp("sample")))

    with asyncio.Runner() as runner:
        target = LocalStore(shipped_store)
        yield prepared
        runner.run(target.__aexit__(None, None, None))


@pytest.mark.slow
def test_the_commands_for_places_and_catalogues(run: Run, store: Path) -> None:
    status, _, err = run("geojson", SAMPLES / "places.geojson", "--dry-run")
    assert status == 0, err
    assert "graph/import/places would be new" in err
    site = ("--source", "https://portal.example.org/")
    status, _, err = run("ckan", SAMPLES / "packages.json", *site, "--dry-run")
    assert status == 0, err
    assert "graph/import/packages would be new" in err
    assert number(store) == 1


def test_an_import_is_shown_made_listed_repeated_and_taken_back(run: Run, store: Path) -> None:
    words = ("table", SAMPLES / "clusters.csv", "--mapping", "cluster-directory",
             "--name", "directory", "--licence", "cc-by-4.0")  # fmt: skip
    status, _, err = run(*words)
    assert (status, number(store)) == (2, 1), "nobody was there to be asked"
    assert "add --yes" in err
    status, _, err = run(*words, "--yes")
    assert (status, number(store)) == (0, 2), err
    assert "Done: commit 2" in err
    status, _, err = run(*words, "--yes")
    assert (status, number(store)) == (0, 2)
    assert "is so already" in err
    _, out, _ = run("list")
    fields = out.rstrip("\n").split("\t")
    assert fields[0] == "directory"
    assert fields[2:4] == ["clusters.csv", "https://creativecommons.org/licenses/by/4.0/"]
    assert fields[4].startswith("cluster-directory (SHA-256 ")
    status, _, err = run("undo", "directory", "--yes")
    assert status == 0
    assert "would be gone" in err
    assert not triples(store, f"{GRAPH}directory")
    assert run("undo", "directory", "--yes")[0] == 1


@pytest.mark.parametrize("ending", ["csv", "html", "txt"])
def test_what_is_wrong_is_reported_by_row_and_column(
    run: Run, store: Path, tmp_path: Path, ending: str
) -> None:
    table = tmp_path / "clusters.csv"
    table.write_text("id,name,country\nc1,<b>One</b>,Nowhere\nc2,,FR\n")
    report = tmp_path / f"report.{ending}"
    status, _, err = run("table", table, "--mapping", "cluster-directory", "--report", report)
    assert (status, number(store)) == (1, 1)
    assert "row 2, column 'country': found 'Nowhere'; the mapping can make no ?place of it" in err
    assert "row 3, column 'name': the cell is empty; expected is text: every row needs it" in err
    text = report.read_text()
    assert "Nowhere" in text
    if ending == "csv":
        assert text.splitlines()[0] == "severity,row,column,thing,found,message,remedy"
        assert text.splitlines()[1].startswith("error,2,country,,Nowhere,")
    if ending == "html":
        assert "<td>2</td><td>country</td>" in text
        assert "<b>One" not in text


def test_what_the_shapes_find_is_told_at_its_row_and_column(
    run: Run, tmp_path: Path, store: Path
) -> None:
    metadata = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "url": "t.csv",
        "tableSchema": {
            "primaryKey": "id",
            "columns": [{"name": "id"}, {"name": "page", "titles": "Web page"}],
        },
        "transformations": [{"url": "t.rq"}],
    }
    (tmp_path / "t.json").write_text(json.dumps(metadata))
    (tmp_path / "t.rq").write_text(
        "PREFIX mp: <https://w3id.org/metapole/def#> "
        "CONSTRUCT { ?link a mp:WebLink ; mp:about <https://example.org/a> ; mp:page ?page } "
        'WHERE { BIND (IRI(CONCAT("https://example.org/", ?id)) AS ?link) }'
    )
    (tmp_path / "t.csv").write_text("id,Web page\na,https://a.example/\n")
    words = ("table", tmp_path / "t.csv", "--mapping", tmp_path / "t.json", "--yes")
    status, _, err = run(*words)
    assert (status, number(store)) == (1, 1)
    assert "row 2, column 'Web page' (<https://example.org/a>): found" in err
    assert "a web link has one mp:page; write 'https://...' as xsd:anyURI" in err


@pytest.mark.parametrize(
    ("words", "status", "complaint"),
    [
        pytest.param(["table", "no.csv", "--mapping", "cordis"], 2, "2 files", id="too few files"),
        pytest.param(["table", "a.csv", "--mapping", "none"], 2, "those that ship", id="mapping"),
        pytest.param(["table", "no.doc", "--mapping", "wikidata"], 2, "save it as", id="no table"),
        pytest.param(["table", "no.csv", "--mapping", "wikidata"], 1, "No such file", id="no file"),
        pytest.param(["table", "a.csv"], 2, "--mapping", id="without a mapping"),
        pytest.param(["table", "a.csv", "--mapping", "places", "--delimiter", ";;"], 2,
                     "one character", id="delimiter"),
        pytest.param(["table", "a.csv", "--mapping", "places", "--encoding", "klingon"], 2,
                     "no encoding", id="encoding"),
        pytest.param(["ckan", "no.json"], 2, "--source", id="a portal without an address"),
        pytest.param(["rdf", "no.doc"], 2, "--format", id="no format"),
        pytest.param(["table", "no.csv", "--mapping", "cluster-directory"], 1,
                     "no.csv: No such file or directory", id="no such file"),
        pytest.param(["undo", "nothing", "--yes"], 1, "there is no import", id="nothing to undo"),
        pytest.param(["undo", "../x", "--yes"], 1, "the name of an import", id="no name"),
        pytest.param(["json", "no.json", "--mapping", "no.jsonld"], 2, "context", id="context"),
    ],
)  # fmt: skip
def test_wrong_usage_ends_with_a_word_on_what_is_right(
    run: Run, store: Path, words: list[str], status: int, complaint: str
) -> None:
    ended, _, err = run(*words)
    assert ended == status, err
    assert complaint in err
    assert number(store) == 1


def test_json_is_read_with_a_context_of_json_ld(run: Run, tmp_path: Path) -> None:
    (tmp_path / "c.jsonld").write_text(json.dumps({"@context": {
        "@vocab": "https://w3id.org/metapole/def#",
        "id": "@id", "type": "@type",
        "name": {"@id": "http://www.w3.org/2004/02/skos/core#prefLabel", "@language": "en"},
    }}))  # fmt: skip
    (tmp_path / "a.json").write_text(json.dumps(
        [{"id": "https://w3id.org/metapole/id/cluster/json-a", "type": "Cluster", "name": "A"}]
    ))  # fmt: skip
    words = ("json", tmp_path / "a.json", "--mapping", tmp_path / "c.jsonld", "--dry-run")
    status, _, err = run(*words)
    assert status == 0, err
    assert 'skos:prefLabel "A"@en' in err
    (tmp_path / "a.json").write_text('[{"id": "https://example.org/a b"')
    status, _, err = run(*words)
    assert status == 1
    assert "a.json: " in err
    (tmp_path / "b.json").write_text("[]")
    status, _, err = run("json", tmp_path / "b.json", *words[1:])
    assert (status, "a.json: " in err) == (1, True), err


def test_each_file_of_a_catalogue_has_its_own_format(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text("@prefix x: <x:> . x:a x:b x:c .")
    (tmp_path / "b.nt").write_text("<x:d> <x:e> <x:f> .\n")
    (tmp_path / "c.rdf").write_text(
        '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:x="x:">'
        '<r:Description r:about="x:g"><x:h r:resource="x:i"/></r:Description></r:RDF>'
    )
    files = (tmp_path / name for name in ("a.ttl", "b.nt", "c.rdf"))
    status, _, err = run("ckan", *files, "--name", "portal", "--dry-run", "--all")
    assert status == 0, err
    for statement in ("<x:b> <x:c>", "<x:e> <x:f>", "<x:h> <x:i>"):
        assert statement in err


def test_the_mappings_that_ship_are_listed_with_their_columns(run: Run) -> None:
    _, out, _ = run("mappings", where=())
    assert "cordis: an export of CORDIS: project.csv and organization.csv\n" in out
    assert "  clusters.csv: id, name, acronym, other names" in out


def test_a_server_is_imported_to_over_http(
    run: Run, store: Path, serve: Serve, tmp_path: Path
) -> None:
    token = tmp_path / "token"
    token.write_text("a-token-that-may-update\n")
    words = ("table", SAMPLES / "clusters.csv", "--mapping", "cluster-directory", "--name", "here",
             "--licence", "cc-by-sa-4.0")  # fmt: skip
    with writing(serve, store) as writer:
        there = ("--to", writer.server.url)
        status, _, err = run(*words, "--yes", where=there)
        assert (status, "--token-file" in err) == (1, True), err
        there = (*there, "--token-file", token)
        status, _, err = run(*words, "--yes", where=there)
        assert status == 0, err
        assert "3 mp:Cluster" in err
        status, _, err = run(*words, "--yes", where=there)
        assert (status, "is so already" in err) == (0, True), err
        _, out, _ = run("list", where=there[:2])
        assert out.startswith("here\t")
        page = writer.get("/cluster/here-auto-valley", Accept="text/html")
        assert "clusters.csv" in page.text, "the page of a thing names its source"
        row = writer.get("/evidence/import-here-pole-exemple", Accept="text/html").text
        assert "row 3" in row
        told = writer.get("/data/catalogue/graph/import/here", Accept="text/turtle").text
        assert told.count("CC_BYSA_4_0") > 1, "the dataset and its distributions"
        graph = writer.get("/graph/import/here", Accept="text/html")
        assert graph.text.count("licenses/by-sa/4.0") > 1, (
            "its own licence stands in its footer, too"
        )
        assert "creativecommons.org/licenses/by/4.0" not in graph.text
        assert 'rel="license"' not in graph.headers["link"]
        (tmp_path / "bad.ttl").write_text(
            "<https://w3id.org/metapole/id/cluster/x> a <https://w3id.org/metapole/def#Cluster> ."
        )
        status, _, err = run("rdf", tmp_path / "bad.ttl", "--yes", where=there)
        assert (status, "a thing has a skos:prefLabel" in err) == (1, True), err
        asyncio.run(race(writer.server.url, token, tmp_path / "content.nt"))
        status, _, err = run("undo", "here", "--yes", where=there)
        assert status == 0, err
        _, out, _ = run("list", where=there[:2])
        assert out == "", "the other graph says nothing of an import"


async def race(url: str, token: Path, content: Path) -> None:
    async with connected(url, token) as client:
        target = RemoteStore(client)
        found = await target.found(f"{GRAPH}race")
        assert found.triples is None
        content.write_text("<x:a> <x:b> <x:c> .\n")
        first = await target.put(f"{GRAPH}race", content, found.version)
        assert first.commit
        with pytest.raises(PreconditionFailed, match="somebody else was faster"):
            await target.put(f"{GRAPH}race", content, found.version)


def test_the_name_of_a_file_from_elsewhere_steers_no_terminal(
    run: Run, tmp_path: Path, store: Path
) -> None:
    (tmp_path / "a\x1b[31m\x07.ttl").write_text(
        '<x:a> <http://www.w3.org/2004/02/skos/core#note> "a"@en .'
    )
    status, _, err = run("rdf", tmp_path / "a\x1b[31m\x07.ttl", "--name", "a", "--yes")
    assert status == 0, err
    assert "\x1b" not in err
    names = [each for each in triples(store, f"{GRAPH}a") if "fileName" in each.predicate.value]
    assert [str(each.object) for each in names] == ['"a[31m.ttl"']


@pytest.mark.parametrize("words", [("rdf", "a.ttl"), ("list",)], ids=["written", "listed"])
def test_a_server_that_is_not_there_is_told(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    (tmp_path / "a.ttl").write_text("<x:a> <x:b> <x:c> .")
    monkeypatch.chdir(tmp_path)
    status, _, err = run(*words, where=("--to", "http://127.0.0.1:9"))
    assert status == 1
    assert "http://127.0.0.1:9 does not answer" in err
