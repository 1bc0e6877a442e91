"""What tables mean, for programs: CSV on the Web metadata, and a Frictionless data package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graph.publishing.tables.columns import SEPARATOR
from graph.publishing.tables.offered import TABLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graph.publishing.publisher import Publisher
    from graph.publishing.tables.columns import Column
    from graph.publishing.tables.offered import Table

LANGUAGES = ("en", "fr", "de")

_GUARD = (
    "In columns of text an apostrophe stands before =, +, - and @ at the start of a cell, or "
    "after a semicolon in it, so that no spreadsheet takes it for a formula; remove one to have "
    "the text as it is."
)
_FRICTIONLESS = {
    "anyURI": "string",
    "string": "string",
    "date": "date",
    "decimal": "number",
    "integer": "integer",
    "boolean": "boolean",
}


def csv_metadata(
    tables: Sequence[Table], public_url: str, publisher: Publisher, query: str = ""
) -> dict[str, Any]:
    """Return the metadata of the CSV files of *tables* (Metadata Vocabulary for Tabular Data).

    *query* stands behind the addresses of tables whose rows hold for a time.
    """
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "@type": "TableGroup",
        "dc:license": {"@id": publisher.licence},
        "dc:source": {"@id": public_url},
        "dc:creator": publisher.name,
        "tables": [_csv_table(table, query) for table in tables],
    }


def with_those_referred_to(table: Table) -> list[Table]:
    """Return *table* and the tables that its cells are keys of."""
    return [table, *(TABLES[name] for _, name in table.refers)]


def _csv_table(table: Table, query: str) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "columns": [_csv_column(table, column) for column in table.columns],
        "primaryKey": table.key,
    }
    if table.refers:
        schema["foreignKeys"] = [
            {
                "columnReference": column,
                "reference": {"resource": f"{name}.csv", "columnReference": TABLES[name].key},
            }
            for column, name in table.refers
        ]
    return {
        "@type": "Table",
        "url": f"{table.name}.csv{query if table.listing.is_of_statements else ''}",
        "dc:title": [
            {"@value": title, "@language": language}
            for title, language in zip(table.titles, LANGUAGES, strict=True)
        ],
        "dc:description": f"{table.says} {_GUARD}",
        "dialect": {"header": True, "encoding": "utf-8", "delimiter": ",", "doubleQuote": True},
        "tableSchema": schema,
    }


def _csv_column(table: Table, column: Column) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": column.name,
        "titles": dict(zip(LANGUAGES, column.titles, strict=True)),
        "dc:description": column.says,
        "datatype": column.datatype,
        "aboutUrl": f"{{+{column.about or table.key}}}",
    }
    if column.is_required:
        described["required"] = True
    if column.is_many:
        described["separator"] = SEPARATOR
    elif column.datatype == "anyURI":
        described["valueUrl"] = f"{{+{column.name}}}"
    if column.property_iri:
        described["propertyUrl"] = column.property_iri
    else:
        described["suppressOutput"] = True  # no triple says just this
    return described


def datapackage(
    tables: Sequence[Table], public_url: str, publisher: Publisher, version: str, created: str
) -> dict[str, Any]:
    """Return a data package of the CSV files of *tables* (Frictionless Data Package 1)."""
    code = publisher.licence_code
    return {
        "profile": "tabular-data-package",
        "name": "metapole",
        "title": "Metapole: industrial clusters",
        "description": "An open knowledge graph of industrial clusters, as tables.",
        "homepage": public_url,
        "version": version,
        "created": created,
        "licenses": [{"path": publisher.licence, **({"name": code} if code else {})}],
        "contributors": [{"title": publisher.name, "role": "publisher"}],
        "resources": [_resource(table) for table in tables],
    }


def _resource(table: Table) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "fields": [_field(column) for column in table.columns],
        "primaryKey": table.key,
        "missingValues": [""],
    }
    if table.refers:
        schema["foreignKeys"] = [
            {"fields": column, "reference": {"resource": name, "fields": TABLES[name].key}}
            for column, name in table.refers
        ]
    return {
        "profile": "tabular-data-resource",
        "name": table.name,
        "path": f"{table.name}.csv",
        "title": table.titles[0],
        "description": f"{table.says} {_GUARD}",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "doubleQuote": True},
        "schema": schema,
    }


def _field(column: Column) -> dict[str, Any]:
    several = f" Several values are separated by {SEPARATOR}." if column.is_many else ""
    field: dict[str, Any] = {
        "name": column.name,
        "title": column.titles[0],
        "description": column.says + several,
        "type": "string" if column.is_many else _FRICTIONLESS[column.datatype],
    }
    if column.property_iri:
        field["rdfType"] = column.property_iri
    if column.is_required:
        field["constraints"] = {"required": True}
    return field
