"""Tables hold what the data holds, counted and read in another way, and what the truth says."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest
import rdflib

from graph.errors import QueryRejected
from graph.publishing.publisher import Publisher
from graph.publishing.tables import rows as tables_rows
from graph.publishing.tables import xlsx
from graph.publishing.tables.cells import number_from
from graph.publishing.tables.csv import inert
from graph.publishing.tables.offered import PLACES, TABLES
from graph.publishing.tables.writer import (
    write_csv_metadata,
    write_datapackage,
    write_table,
    write_table_query,
    write_tables,
)
from tests.engine.published import MP, PUBLIC_URL, Out, Published, of_classes, of_turtle

if TYPE_CHECKING:
    from pathlib import Path

    from rdflib.term import Node

    from tests.engine.published import Writer

ID = "https://w3id.org/metapole/id/"
CSV, JSON, GEOJSON = "text/csv", "application/json", "application/geo+json"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CLASSES = {
    "clusters": ("Cluster", "MetaCluster"),
    "organisations": ("Organisation", "ClusterOrganisation"),
    "partnerships": ("Partnership",),
    "figures": ("KeyFigure",),
    "specialties": ("Specialisation",),
    "areas": ("Area", "Country"),
}
STATEMENTS = ("figures", "partnerships", "specialties")
HOSTILE = """
    PREFIX mp: <https://w3id.org/metapole/def#>
    PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
    PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
    <http://example.org/a> a mp:Cluster ; skos:prefLabel "=HYPERLINK(\\"http://x\\")"@en ;
        skos:altLabel "a|b", "+1, \\"two\\"", "line\\nbreak" .
    <javascript:alert> a mp:Cluster ; skos:prefLabel "<script>"@fr , "'@SUM(A1)"@de .
    <http://example.org/f> a mp:KeyFigure ; mp:about <http://example.org/a> ;
        mp:value 12345678901234567.5 ; mp:from "2007"^^xsd:gYear .
    <http://example.org/g> a mp:KeyFigure ; mp:value -5 ; mp:from "1850-01-01"^^xsd:date ;
        mp:to "1850-12-31"^^xsd:date ; mp:evidence <http://example.org/e> .
"""

Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def hostile() -> Published:
    return of_turtle(HOSTILE)


def csv_rows(published: Published, table: str, **arguments: str) -> Rows:
    text = published.written(write_table, CSV, table=table, **arguments).decode()
    assert text.count("\n") == text.count("\r\n") or "line\nbreak" in text
    return list(csv.DictReader(io.StringIO(text, newline="")))


def json_table(published: Published, table: str, **arguments: str) -> dict[str, Any]:
    return json.loads(published.written(write_table, JSON, table=table, **arguments))


def truth(shared: Path, name: str) -> Rows:
    with (shared / "truth" / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def slugs(iris: str) -> set[str]:
    return {iri.rpartition("/")[2] for iri in iris.split("|") if iri}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_has_one_row_for_each_thing_of_its_kind(
    shipped: Published, data: rdflib.Graph, name: str
) -> None:
    rows = csv_rows(shipped, name)
    keys = [row[TABLES[name].key] for row in rows]
    assert keys == sorted(of_classes(data, *CLASSES[name]))


def test_specialties_are_those_of_the_truth(shipped: Published, shared: Path) -> None:
    expected = {
        (
            row["cluster"],
            row["position"],
            row["specialty_atom"],
            frozenset(row["sector_concepts"].split()),
            row["mapping_quality"],
            frozenset(row["nace21_divisions"].split()),
        )
        for row in truth(shared, "specialties")
    }
    found = {
        (
            row["cluster"].rpartition("/")[2],
            row["position"],
            row["specialty_name"],
            frozenset(slugs(row["sectors"])),
            row["mapping_quality"],
            frozenset(slugs(row["nace_close"]) | slugs(row["nace_related"])),
        )
        for row in csv_rows(shipped, "specialties")
    }
    assert found == expected


def test_figures_that_are_not_exact_are_those_of_the_truth_with_line_and_document(
    shipped: Published, shared: Path, data: rdflib.Graph
) -> None:
    vague = re.compile(r"more than|at least|around|nearly|range")
    facts = [row for row in truth(shared, "facts") if vague.match(row["qualifier"])]
    assert len(facts) == 13  # question V2
    files = {str(document): str(name) for document, name in data.subject_objects(MP.fileName)}
    parts = {str(part): str(whole) for part, whole in data.subject_objects(MP.documentPartOf)}
    found = [row for row in csv_rows(shipped, "figures") if vague.match(row["qualifier_name"])]
    assert len(found) == len(facts)
    for fact in facts:
        (row,) = [row for row in found if stated(row) == fact["value"]]
        assert row["qualifier_name"] == vague.findall(fact["qualifier"])[0]
        # A sentence of the list of facts may begin a line before what is printed as evidence.
        assert int(fact["line_from"]) <= int(row["lines"]) <= int(fact["line_to"])
        assert files[parts.get(row["documents"], row["documents"])] == fact["seed_file"]


def stated(row: dict[str, str]) -> str:
    """Return the number of a figure as the list of facts has it."""
    return row["value"] or f"{Decimal(row['minimum']):.2f}-{Decimal(row['maximum']):.2f}"


def test_the_turnover_of_avia_is_traced_to_its_line(shipped: Published) -> None:
    (row,) = [
        row
        for row in csv_rows(shipped, "figures")
        if row["about"] == f"{ID}cluster/avia" and row["indicator_name"] == "turnover"
    ]
    assert (row["value"], row["unit_name"], row["lines"]) == ("11200000000", "euro", "63")  # V1
    assert row["printed"] == "more than 11.200 million euros"
    assert row["evidence"].startswith(f"{ID}evidence/")
    assert row["document_names"] == "Cooperation with clusters"


def test_companies_abroad_are_the_partners_of_the_truth(shipped: Published) -> None:
    found = {
        (cluster, name)
        for row in csv_rows(shipped, "partnerships")
        for cluster in slugs(row["partners"]) & {"minalogic", "scs"}
        for name in row["partner_names"].split("|")
    }
    expected = {"minalogic": "Ahlstrom Yamatake Atmel Xerox", "scs": "IBM HP"}  # question J1
    pairs = {(cluster, name) for cluster, names in expected.items() for name in names.split()}
    assert pairs <= found


@pytest.mark.parametrize("name", [*TABLES, "places"])
def test_the_query_of_a_table_finds_its_rows(shipped: Published, name: str) -> None:
    text = shipped.written(write_table_query, table=name).decode()
    assert text.startswith("# ")
    assert "?\n" in text.split("PREFIX")[0]  # its question
    solutions = shipped.store.query(text, default_graph=[shipped.edition().union])
    assert isinstance(solutions, ox.QuerySolutions)
    names = [variable.value for variable in solutions.variables]
    asked = [
        {name: value.value if value else "" for name, value in zip(names, solution, strict=True)}
        for solution in solutions
    ]
    assert names == [column.name for column in ({**TABLES, "places": PLACES}[name]).columns]
    assert [dict(row) for row in csv_rows(shipped, name)] == asked


@pytest.mark.parametrize("name", ["clusters", "figures"])
def test_rows_do_not_depend_on_how_many_are_asked_for_at_a_time(
    shipped: Published, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    at_once = csv_rows(shipped, name)
    monkeypatch.setattr(tables_rows, "AT_ONCE", 7)
    assert csv_rows(shipped, name) == at_once


def test_a_long_table_leaves_in_pieces(shipped: Published) -> None:
    edition = shipped.edition(CSV, table="specialties")
    write_table(edition)
    assert isinstance(edition.out, Out)
    assert edition.out.pieces > 1


@pytest.mark.parametrize("name", STATEMENTS)
@pytest.mark.parametrize("day", ["2008-06-30", "2015-01-01", "1900-01-01"])
def test_as_of_a_day_only_what_may_hold_on_it_is_there(
    shipped: Published, data: rdflib.Graph, name: str, day: str
) -> None:
    def bound(statement: Node, end: str, otherwise: str) -> str:
        return str(data.value(statement, MP[end]) or otherwise)

    expected = {
        str(statement)
        for class_name in CLASSES[name]
        for statement in data.subjects(rdflib.RDF.type, MP[class_name])
        if bound(statement, "from", "0000") <= day <= bound(statement, "to", "9999")
    }
    rows = csv_rows(shipped, name, asof=day)
    assert {row[TABLES[name].key] for row in rows} == expected
    text = shipped.written(write_table_query, table=name, asof=day).decode()
    solutions = shipped.store.query(text, default_graph=[shipped.edition().union])
    assert isinstance(solutions, ox.QuerySolutions)
    assert len(list(solutions)) == len(rows)


@pytest.mark.parametrize(
    ("table", "day", "complaint"),
    [
        pytest.param("figures", "2008-13-01", "no day", id="no day"),
        pytest.param("figures", "2008", "no day", id="a year"),
        pytest.param("figures", '"} DELETE', "no day", id="a query"),
        pytest.param("clusters", "2008-01-01", "about things", id="things"),
    ],
)
def test_a_day_that_cannot_be_used_is_refused(
    shipped: Published, table: str, day: str, complaint: str
) -> None:
    with pytest.raises(QueryRejected, match=complaint):
        shipped.written(write_table, CSV, table=table, asof=day)


@pytest.mark.parametrize("name", TABLES)
def test_json_says_what_csv_says_with_numbers_and_lists(shipped: Published, name: str) -> None:
    said = json_table(shipped, name)
    columns = {column["name"]: column for column in said["columns"]}
    assert all(set(column["title"]) == {"en", "fr", "de"} for column in columns.values())
    for row, line in zip(said["rows"], csv_rows(shipped, name), strict=True):
        assert list(row) == list(columns) == list(line)
        for column, value in row.items():
            is_list = columns[column]["isList"]
            values = value if is_list else [] if value is None else [value]
            texts = [str(each).lower() if isinstance(each, bool) else each for each in values]
            cell = [each for each in line[column].split("|") if each]
            if columns[column]["datatype"] in ("decimal", "integer"):
                assert [Decimal(str(each)) for each in texts] == [Decimal(each) for each in cell]
            else:
                assert [each for each in texts if each] == cell
    assert said["query"] == f"{PUBLIC_URL}data/{name}.rq"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("=1+1", "'=1+1"),
        ("+33 1", "'+33 1"),
        ("-5", "'-5"),
        ("@SUM", "'@SUM"),
        ("\t=1", "'\t=1"),
        ("'=1", "''=1"),
        ("a;=1", "a;'=1"),
        ("a\n=1", "a\n'=1"),
        ("'s-Hertogenbosch", "'s-Hertogenbosch"),
        ("Q@LI-MED", "Q@LI-MED"),
        ("R&D = research", "R&D = research"),
        ("", ""),
    ],
)
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text: str, expected: str) -> None:
    assert inert(text) == expected
    assert re.sub(r"(^|[;\t\r\n])'('*[=+\-@\t\r])", r"\1\2", expected) == text


def test_shipped_names_need_no_apostrophe(shipped: Published) -> None:
    for name in TABLES:
        for row in json_table(shipped, name)["rows"]:
            texts = [each for each in row.values() if isinstance(each, str)]
            assert [inert(text) for text in texts] == texts


def test_hostile_names_stay_within_their_cells(hostile: Published) -> None:
    rows = csv_rows(hostile, "clusters")
    assert [row["cluster"] for row in rows] == ["http://example.org/a", "javascript:alert"]
    assert rows[0]["name"] == '\'=HYPERLINK("http://x")'
    assert rows[0]["other_names"] == '\'+1, "two"|a¦b|line\nbreak'
    assert rows[1]["name"] == "''@SUM(A1)"
    (first, _) = json_table(hostile, "clusters")["rows"]
    assert first["name"] == '=HYPERLINK("http://x")'
    assert first["other_names"] == ['+1, "two"', "a¦b", "line\nbreak"]


def test_numbers_that_lose_digits_and_days_that_are_none_stay_text(hostile: Published) -> None:
    rows = json_table(hostile, "figures")["rows"]
    assert [row["value"] for row in rows] == ["12345678901234567.5", -5]
    assert [row["from"] for row in rows] == ["2007", "1850-01-01"]
    # A year is no day, and nothing says that it does not hold.
    assert [
        row["figure"][-1] for row in json_table(hostile, "figures", asof="2020-01-01")["rows"]
    ] == ["f"]
    assert rows[1]["evidence"] == ["http://example.org/e"]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("11200000000", 11200000000),
        ("0.7", 0.7),
        ("-0.5", -0.5),
        ("5.0", 5),
        ("1e400", None),
        ("NaN", None),
        ("INF", None),
        ("12345678901234567", None),
        ("five", None),
        ("9" * 5000, None),
    ],
)
def test_a_number_is_one_that_keeps_its_digits(text: str, number: float | None) -> None:
    assert number_from(text) == number


def test_positions_are_points_of_areas_and_say_so(shipped: Published, data: rdflib.Graph) -> None:
    said = json.loads(shipped.written(write_table, GEOJSON, table="clusters"))
    assert said["type"] == "FeatureCollection"
    by_id = {feature["id"]: feature for feature in said["features"]}
    cara = by_id[f"{ID}cluster/cara"]
    assert set(slugs("|".join(cara["properties"]["position_areas"]))) == {
        "auvergne-rhone-alpes",
        "centre-val-de-loire",
    }  # question L8
    wkt = rdflib.URIRef("http://www.opengis.net/ont/geosparql#asWKT")
    points = {
        str(data.value(where, MP.about)): [float(each) for each in str(point)[6:-1].split()]
        for where, point in data.subject_objects(wkt)
    }
    assert cara["geometry"] == {
        "type": "MultiPoint",
        "coordinates": [points[area] for area in cara["properties"]["position_areas"]],
    }
    for feature in said["features"]:
        areas = feature["properties"]["position_areas"]
        assert (feature["geometry"] is None) == (areas == [])
        assert ("position_is" in feature["properties"]) == (areas != [])
    assert by_id[f"{ID}cluster/swhec"]["geometry"] is None  # no point is known


def test_everything_that_has_a_place_is_on_the_map(shipped: Published, data: rdflib.Graph) -> None:
    said = json.loads(shipped.written(write_table, GEOJSON, table="places"))
    kinds = ["area-of-activity", "country", "main-site", "seat", "venue"]
    prefix = "https://w3id.org/metapole/def/location-kind/"
    located = {
        str(data.value(location, MP.about))
        for location, kind in data.subject_objects(MP.locationKind)
        if str(kind).removeprefix(prefix) in kinds
    }
    found = {feature["id"] for feature in said["features"]}
    assert found == located | of_classes(data, "Area", "Country")


def test_the_metadata_describes_the_columns_that_are_there(shipped: Published) -> None:
    for name, table in TABLES.items():
        said = json.loads(shipped.written(write_csv_metadata, table=name))
        described = said["tables"][0]
        header = shipped.written(write_table, CSV, table=name).decode().split("\r\n")[0]
        assert described["url"] == f"{name}.csv"
        schema = described["tableSchema"]
        assert [column["name"] for column in schema["columns"]] == header.split(",")
        assert schema["primaryKey"] == table.key
        assert {each["url"] for each in said["tables"][1:]} == {
            f"{other}.csv" for _, other in table.refers
        }
    every = json.loads(shipped.written(write_csv_metadata))
    package = json.loads(shipped.written(write_datapackage))
    assert [each["url"] for each in every["tables"]] == [f"{name}.csv" for name in TABLES]
    assert [each["path"] for each in package["resources"]] == [f"{name}.csv" for name in TABLES]
    assert package["version"] == "2026-11-27.12"


def test_cells_that_refer_to_another_table_find_its_row(shipped: Published) -> None:
    for table in TABLES.values():
        for column, other in table.refers:
            keys = {row[TABLES[other].key] for row in csv_rows(shipped, other)}
            assert {row[column] for row in csv_rows(shipped, table.name)} <= keys


def sheets(workbook: bytes) -> dict[str, ElementTree.Element]:
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        assert archive.testzip() is None
        return {
            name: ElementTree.fromstring(archive.read(name))  # noqa: S314 -- it is ours
            for name in archive.namelist()
            if name.startswith("xl/worksheets/sheet")
        }


MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def test_the_workbook_has_a_sheet_for_each_table_and_the_same_bytes_each_time(
    shipped: Published,
) -> None:
    workbook = shipped.written(write_tables, XLSX)
    assert workbook == shipped.written(write_tables, XLSX)
    found = sheets(workbook)
    assert len(found) == len(TABLES) + 1
    rows = [len(sheet.findall(f".//{MAIN}row")) for sheet in found.values()]
    expected = [len(csv_rows(shipped, name)) + 1 for name in TABLES]
    assert rows[1:] == expected


@pytest.mark.parametrize("name", ["clusters", "figures"])
def test_nothing_in_a_workbook_is_a_formula(hostile: Published, name: str) -> None:
    workbook = hostile.written(write_table, XLSX, table=name)
    for sheet in sheets(workbook).values():
        assert sheet.findall(f".//{MAIN}f") == []
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        links = b"".join(archive.read(each) for each in archive.namelist() if "_rels" in each)
        assert b"javascript" not in links


def test_figures_in_a_workbook_are_numbers(shipped: Published) -> None:
    sheet = list(sheets(shipped.written(write_table, XLSX, table="figures")).values())[1]
    numbers = {
        cell.findtext(f"{MAIN}v")
        for cell in sheet.findall(f".//{MAIN}c")
        if cell.get("t", "n") == "n"
    }
    assert "11200000000" in numbers


def test_a_sheet_that_would_be_too_long_ends_with_a_row_that_says_so(
    shipped: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx, "MOST_CELLS", 4_000)
    workbook = shipped.written(write_tables, XLSX)
    found = [len(sheet.findall(f".//{MAIN}row")) for sheet in list(sheets(workbook).values())[1:]]
    sizes = {name: len(csv_rows(shipped, name)) for name in TABLES}
    room = xlsx.rows_that_fit({name: (sizes[name], len(TABLES[name].columns)) for name in TABLES})
    cut = [name for name in TABLES if room[name] < sizes[name]]
    # The names of columns are a row, and so is what says that there are more.
    assert found == [room[name] + 1 + (name in cut) for name in TABLES]
    assert "specialties" in cut
    assert "partnerships" not in cut
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        texts = archive.read("xl/sharedStrings.xml").decode()
    assert texts.count("This sheet ends here, and the table does not") == len(cut)
    assert f"all of it is at {PUBLIC_URL}data/specialties.csv" in texts
    assert "A sheet of Excel holds 1,048,576 rows" in texts


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        pytest.param({"a": (10, 5), "b": (20, 5)}, {"a": 10, "b": 20}, id="all fit"),
        pytest.param({"a": (2_000_000, 1)}, {"a": 500_000}, id="one too large"),
        pytest.param(
            {"a": (10, 10), "b": (10**6, 10)}, {"a": 10, "b": 49_990}, id="small ones first"
        ),
        pytest.param(
            {"a": (10**6, 10), "b": (10**6, 10)}, {"a": 25_000, "b": 25_000}, id="equal shares"
        ),
    ],
)
def test_large_tables_share_what_small_ones_leave(
    sizes: dict[str, tuple[int, int]], expected: dict[str, int]
) -> None:
    assert xlsx.rows_that_fit(sizes) == expected


@pytest.mark.parametrize(
    ("writer", "media_type", "table"),
    [
        pytest.param(write_table, JSON, "figures", id="json"),
        pytest.param(write_table, GEOJSON, "clusters", id="geojson"),
        pytest.param(write_csv_metadata, "", "clusters", id="csv metadata"),
        pytest.param(write_datapackage, "", "", id="data package"),
    ],
)
def test_who_publishes_and_the_licence_are_those_of_the_operator(
    shipped: Published, writer: Writer, media_type: str, table: str
) -> None:
    licence = "https://creativecommons.org/publicdomain/zero/1.0/"
    publisher = Publisher("Pôle Léman", licence=licence)
    arguments = {**dict(publisher.arguments), "table": table}
    text = shipped.written(writer, media_type, **arguments).decode()
    assert "Pôle Léman" in text
    assert licence in text
    assert "creativecommons.org/licenses/by/4.0" not in text
