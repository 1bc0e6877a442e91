"""Write a table, or what there is to know of it, as it was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graph.errors import QueryRejected
from graph.held import held
from graph.publishing.asof import day_from
from graph.publishing.publisher import publisher_of
from graph.publishing.tables.cells import plain_row
from graph.publishing.tables.csv import write_csv
from graph.publishing.tables.geojson import encoded, write_array, write_geojson
from graph.publishing.tables.metadata import (
    LANGUAGES,
    csv_metadata,
    datapackage,
    with_those_referred_to,
)
from graph.publishing.tables.offered import PLACES, TABLES, Table
from graph.publishing.tables.rows import query_text, rows
from graph.publishing.version import version_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from graph.publishing.edition import Edition

    WriteWorkbook = Callable[[Edition, Sequence[Table], date | None], None]

_ALL = {**TABLES, PLACES.name: PLACES}
_SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def write_table(edition: Edition) -> None:
    """Write the table that is named, as of a day if one is given."""
    table, day = _asked(edition)
    if not edition.is_wanted:
        return
    if edition.media_type == _SPREADSHEET:
        _workbook()(edition, [table], day)
        return
    found = rows(edition, table.listing, day=day)
    if edition.media_type == "text/csv":
        write_csv(table, found, edition.out)
    elif edition.media_type == "application/geo+json":
        write_geojson(table, found, _head(edition, table, day), edition.out)
    else:
        head = {**_head(edition, table, day), "columns": _columns(table)}
        values = (plain_row(table.columns, row) for row in found)
        write_array(head, "rows", values, edition.out)


def write_tables(edition: Edition) -> None:
    """Write a workbook of all tables."""
    if edition.is_wanted:
        _workbook()(edition, list(TABLES.values()), None)


def write_table_query(edition: Edition) -> None:
    """Write the query that finds the rows of a table, as of a day if one is given."""
    table, day = _asked(edition)
    if edition.is_wanted:
        edition.out.write(query_text(table.listing, day).encode())


def write_csv_metadata(edition: Edition) -> None:
    """Write what the columns of a table mean; of all tables, if none is named."""
    publisher = publisher_of(edition.arguments)
    if not edition.arguments.get("table"):
        described, query = list(TABLES.values()), ""
    else:
        table, day = _asked(edition)
        described, query = with_those_referred_to(table), f"?asof={day}" if day else ""
    if edition.is_wanted:
        edition.out.write(encoded(csv_metadata(described, edition.public_url, publisher, query)))


def write_datapackage(edition: Edition) -> None:
    """Write a data package of all tables."""
    facts, publisher = edition.generation, publisher_of(edition.arguments)
    package = datapackage(
        list(TABLES.values()), edition.public_url, publisher, version_of(facts), facts.built
    )
    if edition.is_wanted:
        edition.out.write(encoded(package))


def _asked(edition: Edition) -> tuple[Table, date | None]:
    table = _ALL[edition.arguments["table"]]
    asof = edition.arguments.get("asof", "")
    if not asof:
        return table, None
    if not table.listing.is_of_statements:
        raise QueryRejected(
            f"the table of {table.titles[0]} is about things, and not as of a day; 'asof' is for "
            "statements, such as figures, partnerships and specialties"
        )
    return table, day_from(asof)


def _head(edition: Edition, table: Table, day: date | None) -> dict[str, Any]:
    """Return what is said of a table before its rows."""
    facts, query = edition.generation, f"?asof={day}" if day else ""
    publisher = publisher_of(edition.arguments)
    return {
        "table": table.name,
        "title": table.titles[0],
        "description": table.says,
        "licence": publisher.licence,
        "attribution": publisher.name,
        "version": version_of(facts),
        "generation": facts.number,
        "built": facts.built,
        "query": f"{edition.public_url}data/{table.name}.rq{query}",
        **({"asof": day.isoformat()} if day else {}),
    }


def _columns(table: Table) -> list[dict[str, Any]]:
    return [
        {
            "name": column.name,
            "title": dict(zip(LANGUAGES, column.titles, strict=True)),
            "description": column.says,
            "datatype": column.datatype,
            "isList": column.is_many,
            **({"property": column.property_iri} if column.property_iri else {}),
        }
        for column in table.columns
    ]


@held
def _workbook() -> WriteWorkbook:
    """Return what writes workbooks, by a library that the other formats can do without."""
    from graph.publishing.tables.xlsx import write_workbook  # noqa: PLC0415

    return write_workbook
