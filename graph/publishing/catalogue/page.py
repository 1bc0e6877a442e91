"""What the page about the data shows, and the page about one dataset, as plain values."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from graph.formats import format_named
from graph.publishing.catalogue.documents import Paging, dataset_asked_for, page_asked_for
from graph.publishing.catalogue.entries import Catalogue
from graph.publishing.catalogue.schema_org import SchemaOrg
from graph.publishing.catalogue.services import SERVICES
from graph.publishing.catalogue.texts import CATALOGUE_DESCRIPTION, CATALOGUE_TITLE
from graph.publishing.publisher import publisher_of
from graph.publishing.site.tools import tools
from graph.publishing.tables.offered import PLACES, TABLES
from graph.publishing.things.graph_values import query_of_graph
from graph.publishing.version import version_of
from graph.query_texts import text_of

if TYPE_CHECKING:
    from graph.publishing.catalogue.entries import Dataset, Entry
    from graph.publishing.edition import Edition

_QUERIES = {
    **{table.name: table.listing.query for table in (*TABLES.values(), PLACES)},
    "events": "events",
    "network": "network-nodes",
}
"""The name of the query that finds what a table holds, by the table's name."""
_CODINGS = ("gz", "zst")
_SHOWN = 25
"""How many datasets a page for people shows."""


def write_catalogue_page(edition: Edition) -> None:
    """Write what one page about the data shows, as JSON."""
    catalogue, language = Catalogue(edition), edition.arguments["language"]
    paging = page_asked_for(edition, catalogue, _SHOWN)
    datasets = [catalogue.dataset(entry) for entry in catalogue.entries[paging.here]]
    publisher = publisher_of(edition.arguments)
    _write(
        edition,
        {
            "title": CATALOGUE_TITLE[language],
            "description": CATALOGUE_DESCRIPTION[language],
            "version": version_of(edition.generation),
            "publisher": publisher.name,
            "contact": publisher.contact_at(edition.public_url),
            "licence": publisher.licence,
            "datasets": [_shown(dataset, language) for dataset in datasets],
            "services": [
                {
                    "title": service.title[language],
                    "description": service.text[language],
                    "address": edition.public_url + service.endpoint,
                }
                for service in SERVICES
            ],
            "paging": _paging(paging),
            "json_ld": SchemaOrg(edition.public_url, publisher, language).catalogue(datasets),
            "tools": _tools(edition),
        },
    )


def _tools(edition: Edition) -> dict[str, Any]:
    address = f"{edition.public_url}data/catalogue"
    formats = map(format_named, ("turtle", "rdfxml", "jsonld"))
    files = [(each, f"{address}.{each.extension}") for each in formats]
    return tools(edition.public_url, text_of("documents"), (), files)


def write_dataset_page(edition: Edition) -> None:
    """Write what the page about one dataset shows, as JSON."""
    language = edition.arguments["language"]
    dataset = dataset_asked_for(edition, Catalogue(edition))
    publisher = publisher_of(edition.arguments)
    shown = _shown(dataset, language)
    json_ld = SchemaOrg(edition.public_url, publisher, language).dataset(dataset)
    offered = tools(edition.public_url, _query_of(dataset.entry), ())
    _write(
        edition,
        {
            **shown,
            "licence": dataset.licence or publisher.licence,
            "json_ld": json_ld,
            "tools": offered,
        },
    )


def _query_of(entry: Entry) -> str:
    """Return the query that finds what a dataset holds; of the whole, how much that is."""
    if entry.kind == "table":
        return text_of(_QUERIES[entry.name])
    return query_of_graph(entry.name) if entry.kind == "graph" else text_of("graphs")


def _write(edition: Edition, values: dict[str, Any]) -> None:
    if edition.is_wanted:
        edition.out.write(json.dumps(values, ensure_ascii=False).encode())


def _shown(dataset: Dataset, language: str) -> dict[str, Any]:
    coverage = dataset.coverage
    return {
        "iri": dataset.iri,
        "title": dataset.title[language],
        "description": dataset.description[language],
        "version": dataset.version,
        "issued": dataset.times.issued,
        "modified": dataset.times.modified,
        "triples": dataset.triples,
        "first": coverage.first,
        "last": coverage.last,
        "page": dataset.landing_page if dataset.entry.kind == "graph" else None,
        "part_of": dataset.part_of,
        "files": _files(dataset),
        "services": [
            {"title": each.title[language], "address": each.address}
            for each in dataset.distributions
            if not each.file
        ],
    }


def _files(dataset: Dataset) -> list[dict[str, Any]]:
    """Return the files of *dataset*, each with what it is compressed as."""
    files = {each.name: each for each in dataset.distributions if each.file}
    return [
        {
            "name": name,
            "address": each.address,
            "format": each.file.label,
            "compressed": [
                {"name": coding, "address": files[f"{name}.{coding}"].address}
                for coding in _CODINGS
                if f"{name}.{coding}" in files
            ],
        }
        for name, each in files.items()
        if each.file and name.rpartition(".")[2] not in _CODINGS
    ]


def _paging(paging: Paging) -> dict[str, Any]:
    has_next, has_previous = paging.number < paging.pages, paging.number > 1
    return {
        "number": paging.number,
        "pages": paging.pages,
        "items": paging.items,
        "next": paging.number + 1 if has_next else None,
        "previous": paging.number - 1 if has_previous else None,
    }
