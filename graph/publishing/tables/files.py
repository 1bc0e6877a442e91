"""The files that tables are published as, by the names of these files under `/data`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph.formats import format_named
from graph.publishing.document import Document
from graph.publishing.tables.offered import PLACES, TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graph.formats import Format
    from graph.publishing.tables.offered import Table

GEOJSON = format_named("geojson")
METADATA = format_named("csv-metadata")
QUERY = format_named("sparql")
_XLSX = format_named("xlsx")
_FORMATS = (format_named("plain-csv"), format_named("plain-json"), GEOJSON, _XLSX)

MAPPED = (*TABLES.values(), PLACES)
"""Every table that has files of its own."""

TELLING_OF_THE_PUBLISHER = ("csv-metadata", "datapackage", "network", "table", "tables")
"""The writers that tell who publishes, and under which licence."""

WHOLE: Mapping[str, Document] = {
    "metapole.xlsx": Document("tables", (_XLSX,)),
    "csv-metadata.json": Document("csv-metadata", (METADATA,)),
    "datapackage.json": Document("datapackage", (format_named("datapackage"),)),
    "network.graphml": Document("network", (format_named("graphml"),)),
    "events.ics": Document("calendar", (format_named("icalendar"),)),
}
"""What is made of all rows of a kind."""


def formats_of_table(table: Table) -> tuple[Format, ...]:
    """Return in which formats the rows of *table* can be had."""
    return (GEOJSON,) if table == PLACES else _FORMATS


def files_of_table(
    table: Table, arguments: tuple[tuple[str, str], ...] = ()
) -> dict[str, Document]:
    """Return the files of *table* by their extensions: rows, query, and what columns mean."""
    named = (("table", table.name), *arguments)
    files = {each.extension: Document("table", (each,), named) for each in formats_of_table(table)}
    files[QUERY.extension] = Document("table-query", (QUERY,), named)
    if table != PLACES:
        files[METADATA.extension] = Document("csv-metadata", (METADATA,), named)
    return files


def table_documents() -> dict[str, Document]:
    """Return every file that is made of rows, by its name."""
    files = {
        f"{table.name}.{extension}": document
        for table in MAPPED
        for extension, document in files_of_table(table).items()
    }
    return {**files, **WHOLE}
