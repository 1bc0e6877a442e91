"""What is wrong with a table is told by row and column, with what is there and what is expected."""

from __future__ import annotations

import asyncio
import dataclasses
import io
import json
import re
import zipfile
from typing import TYPE_CHECKING

import openpyxl
import pyoxigraph as ox
import pytest

from graph.errors import ImportRefused, UploadTooLarge
from graph.importing.ready import mapping_named, ready_mappings
from graph.importing.report import Defect
from graph.importing.tables.limits import TableLimits
from graph.importing.tables.mapper import Mapper
from graph.importing.tables.mapping import TablesMapping, read_mapping
from graph.importing.tables.process import Table, job_of, map_table
from graph.importing.tables.rows import Defects, TooManyDefects
from graph.limits import UploadLimits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Map = Callable[..., tuple[set[ox.Triple], list[Defect]]]

HEAD = "id,name,country,website,founded\n"
GOOD = HEAD + "c1,Exämple,FR,https://e.example/,2005\n"
MP = "https://w3id.org/metapole/def#"
ID = "https://w3id.org/metapole/id/"


@pytest.fixture(scope="module")
def directory() -> TablesMapping:
    return mapping_named("cluster-directory")


@pytest.fixture
def mapped(tmp_path: Path, directory: TablesMapping) -> Map:
    """Map a table in this process; return the triples and what is wrong."""

    def map_it(
        content: str | bytes,
        kind: str = "text",
        mapping: TablesMapping = directory,
        limits: TableLimits | None = None,
        uploads: UploadLimits | None = None,
        **options: str,
    ) -> tuple[set[ox.Triple], list[Defect]]:
        path = tmp_path / "clusters.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        table = Table(path, path.name, kind, **options)  # type: ignore[arg-type]
        job = json.loads(
            json.dumps(job_of(table, mapping.tables[0], "test", limits=limits, uploads=uploads))
        )
        defects = Defects(job["limits"]["defects"])
        out = io.BytesIO()
        try:
            with path.open("rb") as file:
                Mapper(job, defects).map(file, out, io.BytesIO())
        except ImportRefused as error:
            found = [dict(each) for each in error.defects]
            defects.found += found or [_of(error)]
        except TooManyDefects:
            pass
        read = ox.parse(out.getvalue(), ox.RdfFormat.N_TRIPLES)
        return {quad.triple for quad in read}, [Defect(**each) for each in defects.found]

    return map_it


def _of(error: ImportRefused) -> dict[str, str]:
    names = [field.name for field in dataclasses.fields(Defect)]
    return dict.fromkeys(names, "") | {"message": str(error)}


def values(triples: set[ox.Triple], subject: str, predicate: str) -> list[str]:
    return sorted(
        str(each.object)
        for each in triples
        if each.subject == ox.NamedNode(ID + subject) and each.predicate.value.endswith(predicate)
    )


def test_a_row_becomes_a_thing_with_its_statements_and_its_evidence(mapped: Map) -> None:
    triples, defects = mapped(GOOD)
    assert not defects
    assert values(triples, "cluster/test-c1", "type") == [f"<{MP}Cluster>"]
    assert values(triples, "cluster/test-c1", "prefLabel") == ['"Exämple"@en']
    assert values(triples, "location/test-c1", "#area") == [f"<{ID}country/france>"]
    assert values(triples, "country/france", "prefLabel") == ['"France"@en']
    assert values(triples, "location/test-c1", "#evidence") == [f"<{ID}evidence/import-test-c1>"]
    assert values(triples, "evidence/import-test-c1", "#document") == [
        f"<{ID}document/import-test>"
    ]
    row = values(triples, "evidence/import-test-c1", "#row")
    assert row == ['"2"^^<http://www.w3.org/2001/XMLSchema#integer>']
    assert values(triples, "evidence/import-test-c1", "#printedAs") == ['"Exämple"']


def test_a_row_that_moves_keeps_its_iris(mapped: Map) -> None:
    before, _ = mapped(GOOD)
    after, _ = mapped(HEAD + "c0,New,DE,,\n" + GOOD.partition("\n")[2])
    lost = {(str(each.predicate), str(each.object)) for each in before - after}
    assert {predicate.rpartition("#")[2].rstrip(">") for predicate, _ in lost} == {
        "row", "lineFrom", "lineTo",
    }  # fmt: skip


def workbook(*rows: list[object]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType] -- it is a worksheet
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def with_entities() -> bytes:
    """A workbook whose sheet says little, and means a thousand million characters."""
    entities = "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 30}">' for n in range(6))
    text = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "{"x" * 1000}">{entities}]>'
    cell = '<sheetData><row><c t="inlineStr"><is><t>&g;</t></is></c></row>'
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(["id"]))) as whole, zipfile.ZipFile(made, "w") as bomb:
        for name in whole.namelist():
            content = whole.read(name).decode()
            if name.endswith("sheet1.xml"):
                sheet = content[content.index("<worksheet") :]
                content = text + sheet.replace("<sheetData>", cell)
            bomb.writestr(name, content)
    return made.getvalue()


RESULTS = {
    "head": {"vars": ["id", "name", "country", "website", "founded"]},
    "results": {"bindings": [{
        "id": {"type": "literal", "value": "c1"},
        "name": {"type": "literal", "xml:lang": "en", "value": "Exämple"},
        "country": {"type": "literal", "value": "FR"},
        "website": {"type": "uri", "value": "https://e.example/"},
        "founded": {"type": "literal", "value": "2005"},
    }]},
}  # fmt: skip


@pytest.mark.parametrize(
    ("content", "options"),
    [
        pytest.param(GOOD.replace(",", ";"), {}, id="semicolons"),
        pytest.param(GOOD.replace(",", "\t"), {}, id="tabs"),
        pytest.param(GOOD.replace(",", "|"), {"delimiter": "|"}, id="declared delimiter"),
        pytest.param(GOOD.encode("utf-8-sig"), {}, id="UTF-8 with a mark"),
        pytest.param(GOOD.encode("utf-16"), {}, id="UTF-16"),
        pytest.param(GOOD.encode("cp1252"), {"encoding": "windows-1252"}, id="declared encoding"),
        pytest.param(GOOD.replace("\n", "\r\n"), {}, id="lines of Windows"),
        pytest.param(GOOD.replace("name", " Cluster  NAME "), {}, id="another title"),
        pytest.param(GOOD.replace("FR", "frankreich"), {}, id="a country by its German name"),
        pytest.param(GOOD.replace("FR", "FRA"), {}, id="a country by three letters"),
        pytest.param(GOOD.replace("Exämple", '"Exämple"'), {}, id="quotes"),
        pytest.param(GOOD + "\n,,,,\n", {}, id="empty rows at the end"),
        pytest.param(
            workbook(["id", "name", "country", "website", "founded"],
                     ["c1", "Exämple", "FR", "https://e.example/", 2005]),
            {"kind": "workbook"}, id="workbook",
        ),
        pytest.param(json.dumps(RESULTS), {"kind": "results"}, id="results of a query"),
    ],
)  # fmt: skip
def test_the_same_table_in_another_form_says_the_same(
    mapped: Map, content: str | bytes, options: dict[str, str]
) -> None:
    def told(triples: set[ox.Triple]) -> set[str]:
        places = ("#row", "#lineFrom", "#lineTo")
        return {str(each) for each in triples if not each.predicate.value.endswith(places)}

    expected, _ = mapped(GOOD)
    triples, defects = mapped(content, **options)
    assert not defects
    assert told(triples) == told(expected)


@pytest.mark.parametrize(
    ("content", "options", "row", "column", "message", "remedy"),
    [
        pytest.param(
            GOOD.replace(",", ";"), {"delimiter": ","}, "1", "id",
            "lacks 'id', 'name', 'country'", "--delimiter ';'", id="wrong delimiter",
        ),
        pytest.param(
            GOOD.encode("cp1252"), {}, "2", "name",
            "line 2: byte 0xE4 is not utf-8", "with --encoding windows-1252 it would be '.*Exämple",
            id="wrong encoding",
        ),
        pytest.param(
            GOOD, {"encoding": "utf-16"}, "1", "", "the text is not utf-16", "leave --encoding out",
            id="declared wrongly",
        ),
        pytest.param(
            GOOD.replace("website", "name"), {}, "1", "name",
            "has 'name' more than once, in columns 2 and 4", "a name of its own", id="name twice",
        ),
        pytest.param(
            GOOD.replace("country", "land"), {}, "1", "country",
            "lacks 'country'; it has 'id', 'name', 'land'", "'country'; name the columns so",
            id="no such column",
        ),
        pytest.param(
            "A directory of clusters,,\n" + GOOD, {}, "1", "id", "the header lacks 'id'",
            "remove what stands above the header", id="a title above the header",
        ),
        pytest.param("", {}, "", "", "the file is empty", "with a header", id="nothing"),
        pytest.param(
            HEAD + "c1,,FR,,\n", {}, "2", "name", "the cell is empty", "every row needs it",
            id="empty cell",
        ),
        pytest.param(
            HEAD + "c1,A,FR,,05/2005\n", {}, "2", "founded", "no year", "written as 2026",
            id="no year",
        ),
        pytest.param(
            HEAD + "c1,A,FR,https://a b.example/,\n", {}, "2", "website", "no address",
            "without blanks", id="IRI with a blank",
        ),
        pytest.param(
            HEAD + "c1,A,FR,ftp://a.example/,\n", {}, "2", "website", "no address on the web",
            "https://", id="no web address",
        ),
        pytest.param(
            HEAD + "c1,A,Frankreichh,,\n", {}, "2", "country",
            r"the mapping can make no \?place of it", "a country: its ISO code", id="no country",
        ),
        pytest.param(
            HEAD + "c1,A,FR,,\nc1,B,FR,,\n", {}, "3", "id", "row 2 has this key already",
            "tell them apart", id="key twice",
        ),
        pytest.param(
            HEAD + "a&b,A,FR,,\na b,B,FR,,\n", {}, "3", "id", "'a&b', which makes the same address",
            "tell them apart", id="keys that make one address",
        ),
        pytest.param(
            HEAD + "c1,A,FR,,2005,extra\n", {}, "2", "", "has 6 cells, and the header has 5",
            "quotation marks", id="too many cells",
        ),
        pytest.param(
            HEAD + 'c1,"A,FR,,\nc2,B,FR,,\n', {}, "2", "", "which begins on line 2, cannot be read",
            "not closed", id="open quotes",
        ),
        pytest.param(
            HEAD + 'c1,=HYPERLINK(A1),FR,,\n', {}, "2", "name", "holds a formula", "its value",
            id="formula in text",
        ),
        pytest.param(
            HEAD + "c1,A\x07,FR,,\n", {}, "2", "name", "control character", "without it", id="bell",
        ),
        pytest.param(
            workbook(["id", "name", "country"], ["c1", "=A1", "FR"]), {"kind": "workbook"},
            "2", "name", "cell B2 holds a formula", "paste special", id="formula in a workbook",
        ),
        pytest.param(
            workbook(["id", "name", "country"], ["c1", "#REF!", "FR"]), {"kind": "workbook"},
            "2", "name", "an error of the spreadsheet", "its value", id="error in a workbook",
        ),
        pytest.param(
            workbook(["id"]), {"kind": "workbook", "sheet": "Other"}, "", "",
            "no sheet 'Other'", "'Sheet'", id="no such sheet",
        ),
        pytest.param(b"PK\x03\x04 no zip", {"kind": "workbook"}, "", "", "no workbook", "save it",
                     id="no workbook"),
        pytest.param(with_entities(), {"kind": "workbook"}, "1", "", "limit on input amplification",
                     "save it anew", id="a workbook that grows"),
        pytest.param("[1]", {"kind": "json"}, "1", "", "record 1 is no object", "objects",
                     id="no records"),
        pytest.param(
            r'[{"id": "c1", "name": "\ud800", "country": "FR"}]', {"kind": "json"}, "1", "name",
            "control character", "without it", id="half a character",
        ),
        pytest.param("{", {"kind": "json"}, "", "", "no JSON", "correct it", id="no JSON"),
        pytest.param("{}", {"kind": "json", "records": "result.items"}, "", "",
                     "no 'result.items'", "--records", id="no such list"),
        pytest.param("[" * 100_000, {"kind": "json"}, "", "", "no JSON", "correct it",
                     id="nested without end"),
        pytest.param("<html></html>", {}, "1", "id", "lacks 'id'", "expected are at least",
                     id="a page"),
    ],
)  # fmt: skip
def test_a_table_that_is_wrong_is_told_where_and_how(
    mapped: Map, content: str | bytes, options: dict[str, str], row: str, column: str,
    message: str, remedy: str,
) -> None:  # fmt: skip
    _, defects = mapped(content, **options)
    first = defects[0]
    assert (first.row, first.column) == (row, column)
    assert re.search(message, first.message), first
    assert re.search(remedy, first.remedy), first


def test_all_that_is_wrong_is_told_at_once_but_not_without_end(mapped: Map) -> None:
    rows = "".join(f"c{n},A,Nowhere,,\n" for n in range(300))
    _, defects = mapped(HEAD + rows, limits=TableLimits(defects=100))
    assert [each.row for each in defects] == [str(n) for n in range(2, 102)]


def test_a_table_with_too_many_rows_is_refused_at_the_first_that_is_too_many(mapped: Map) -> None:
    rows = "".join(f"c{n},A,FR,,\n" for n in range(500))
    _, defects = mapped(HEAD + rows, limits=TableLimits(rows=400))
    assert "row 402: the table has more than 400 rows; part it" in defects[0].message


def test_a_table_that_makes_too_many_statements_is_refused(mapped: Map) -> None:
    rows = "".join(f"c{n},A,FR,,\n" for n in range(2_000))
    with pytest.raises(UploadTooLarge, match="more than 1,000 statements"):
        mapped(HEAD + rows, uploads=UploadLimits(triples=1_000))


def lines_without_end(lines: int) -> Iterator[str]:
    yield HEAD
    for number in range(0, lines, 1_000):
        yield "".join(f"c{number + n},Example {n},FR,,\n" for n in range(1_000))


@pytest.mark.slow
def test_ten_million_rows_are_refused_in_bounded_memory(
    tmp_path: Path, directory: TablesMapping
) -> None:
    path = tmp_path / "clusters.csv"
    with path.open("w") as file:
        file.writelines(lines_without_end(10_000_000))
    table = Table(path, path.name, "text")
    with pytest.raises(ImportRefused, match=r"more than [\d,]+ (rows|statements)"):
        asyncio.run(map_table(table, directory.tables[0], "test", tmp_path))


def test_memory_is_bounded(tmp_path: Path, directory: TablesMapping) -> None:
    path = tmp_path / "clusters.json"
    path.write_text("[" + ",".join(f'{{"id": "c{n}"}}' for n in range(400_000)) + "]")
    limits = TableLimits(memory_mb=60)
    with pytest.raises(ImportRefused, match="takes more than 60 MB of memory"):
        asyncio.run(
            map_table(
                Table(path, path.name, "json"), directory.tables[0], "test", tmp_path, limits=limits
            )
        )


def test_a_table_is_mapped_in_a_process_of_its_own(
    tmp_path: Path, directory: TablesMapping
) -> None:
    path = tmp_path / "clusters.csv"
    path.write_text(GOOD)
    mapped = asyncio.run(
        map_table(Table(path, path.name, "text"), directory.tables[0], "test", tmp_path)
    )
    assert mapped.rows == 1
    assert mapped.places[f"{ID}cluster/test-c1"] == 2
    path.write_text(HEAD + "c1,,FR,,\n")
    with pytest.raises(ImportRefused, match="wrong in 1 place") as refusal:
        asyncio.run(map_table(Table(path, path.name, "text"), directory.tables[0], "t", tmp_path))
    assert refusal.value.defects[0]["row"] == "2"


def test_a_process_of_its_own_knows_every_encoding(
    tmp_path: Path, directory: TablesMapping
) -> None:
    path = tmp_path / "clusters.csv"
    for encoding in ("windows-1252", "cp850", "koi8-r"):
        path.write_bytes(GOOD.replace("ä", "").encode(encoding))
        table = Table(path, path.name, "text", encoding=encoding)
        mapped = asyncio.run(map_table(table, directory.tables[0], "test", tmp_path))
        assert mapped.rows == 1
    path.write_bytes(GOOD.encode("cp1252"))
    with pytest.raises(ImportRefused, match="with --encoding windows-1252 it would be"):
        asyncio.run(map_table(Table(path, path.name, "text"), directory.tables[0], "t", tmp_path))


@pytest.mark.parametrize(
    ("mapping", "content", "message", "remedy"),
    [
        pytest.param(
            "places", {"type": "FeatureCollection", "features": [
                {"type": "Feature", "id": "a", "properties": {"name": "A", "kind": "town"},
                 "geometry": {"type": "Point", "coordinates": [6.1, 49.6]}},
            ]},
            "it is not on the list", "one of country, region, city, union",
            id="a word that is not on the list",
        ),
        pytest.param(
            "cluster-directory", "id,name,country,members,as of\nc1,A,FR,3,46000\n",
            "it is no date", "have it shown as a date", id="a day as spreadsheets keep it",
        ),
        pytest.param(
            "cluster-directory", "id,name,country,wikidata\nc1,A,FR,x\n",
            "it has another form", "text of the form Q", id="a form that is no list",
        ),
    ],
)  # fmt: skip
def test_what_is_expected_is_told_in_words(
    mapped: Map, mapping: str, content: str | dict[str, object], message: str, remedy: str
) -> None:
    kind, text = ("text", content) if isinstance(content, str) else ("geojson", json.dumps(content))
    _, (defect,) = mapped(text, kind=kind, mapping=mapping_named(mapping))
    assert message in defect.message
    assert remedy in defect.remedy


METADATA = {
    "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
    "url": "t.csv",
    "tableSchema": {"primaryKey": "id", "columns": [{"name": "id"}, {"name": "day"}]},
    "transformations": [{"url": "t.rq"}],
}
QUERY = 'CONSTRUCT { ?x <x:is> ?id } WHERE { BIND (IRI(CONCAT("x:", ?id)) AS ?x) }'


def written(folder: Path, query: str, **changes: object) -> Path:
    (folder / "t.rq").write_text(query)
    (folder / "t.json").write_text(json.dumps(METADATA | changes))
    return folder / "t.json"


@pytest.mark.parametrize(
    ("query", "content", "column", "found", "message"),
    [
        pytest.param(QUERY, "id,day\na b,\n", "id", "a b", r"no \?x of it", id="IRI"),
        pytest.param(
            "CONSTRUCT { <x:a> <x:is> ?d } WHERE { "
            "BIND (<http://www.w3.org/2001/XMLSchema#date>(?day) AS ?d) }",
            "id,day\n1,2026-02-31\n", "day", "2026-02-31", r"no \?d of it", id="a day that is none",
        ),
        pytest.param(
            "CONSTRUCT { <x:a> <x:is> ?d } WHERE { "
            "BIND (STRDT(?day, <http://www.w3.org/2001/XMLSchema#date>) AS ?d) }",
            "id,day\n1,31.12.2026\n", "", "31.12.2026", "makes a date of it", id="no date",
        ),
        pytest.param(
            'CONSTRUCT { <x:a> <x:is> ?d } WHERE { BIND (STRLANG(?id, ?day) AS ?d) }',
            "id,day\n1,no language\n", "day, id", "no language; 1", r"no \?d of it", id="language",
        ),
    ],
)  # fmt: skip
def test_a_mapping_that_makes_an_invalid_term_is_told_at_the_cell(
    tmp_path: Path, mapped: Map, query: str, content: str, column: str, found: str, message: str
) -> None:
    mapping = read_mapping(written(tmp_path, query))
    triples, (defect,) = mapped(content, mapping=mapping)
    assert (defect.row, defect.column, defect.found) == ("2", column, found)
    assert re.search(message, defect.message)
    assert not [each for each in triples if each.predicate == ox.NamedNode("x:is")]


@pytest.mark.parametrize(
    ("query", "changes", "complaint"),
    [
        pytest.param("SELECT * {}", {}, "no CONSTRUCT", id="another form"),
        pytest.param("CONSTRUCT {", {}, "line 1", id="syntax"),
        pytest.param("CONSTRUCT { ?y <x:is> ?id } WHERE {}", {}, r"uses \?y", id="no such column"),
        pytest.param(
            'CONSTRUCT { <x:a> <x:is> ?id } WHERE { BIND (1 AS ?id) }', {}, "a column already",
            id="a column anew",
        ),
        pytest.param(
            "CONSTRUCT { <x:a> <x:is> ?y } WHERE { BIND (RAND() AS ?y) }", {}, "another value",
            id="chance",
        ),
        pytest.param(
            "CONSTRUCT { <x:a> <x:is> ?id } WHERE { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }", {},
            "SERVICE", id="another server",
        ),
        pytest.param(QUERY, {"tableSchema": {"columns": [{"name": "id"}]}}, "primaryKey",
                     id="no key"),
        pytest.param(QUERY, {"tableSchema": {"primaryKey": "id", "columns": [{"name": "a-b"}]}},
                     "'a-b'", id="no variable"),
        pytest.param(QUERY, {"transformations": [{"url": "../t.rq"}]}, "one file beside it",
                     id="a file elsewhere"),
        pytest.param(QUERY, {"transformations": []}, "one file beside it", id="no query"),
        pytest.param(QUERY, {"transformations": {"url": "t.rq"}}, "one file beside it",
                     id="a query that is in no list"),
        pytest.param(QUERY, {"tableSchema": {"primaryKey": "x", "columns": [{"name": "id"}]}},
                     "of its columns", id="a key that is no column"),
        pytest.param(QUERY, {"tables": 1}, "list of objects", id="no list of tables"),
        pytest.param(QUERY, {"tables": ["t.csv"]}, "list of objects", id="no tables in the list"),
    ],
)  # fmt: skip
def test_a_mapping_that_cannot_work_is_refused_before_any_row(
    tmp_path: Path, query: str, changes: dict[str, object], complaint: str
) -> None:
    with pytest.raises(ImportRefused, match=complaint):
        read_mapping(written(tmp_path, query, **changes))


def test_the_mappings_that_ship_can_be_read() -> None:
    assert {each.name for each in ready_mappings()} == {
        "ckan", "cluster-directory", "cordis", "membership-list", "places", "wikidata",
    }  # fmt: skip
    with pytest.raises(ImportRefused, match="those that ship are ckan, cluster-directory"):
        mapping_named("nothing")
