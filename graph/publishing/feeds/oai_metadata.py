"""The records themselves: as Dublin Core, and as DCAT-AP for portals of open data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.addresses import page_of
from graph.namespaces import MP, RDFS, SKOS
from graph.publishing.catalogue.describing import PREFIXES, Said
from graph.publishing.catalogue.triples import CatalogueWords
from graph.publishing.feeds.oai_records import DATASETS, DCAT_AP
from graph.publishing.labels import shown_name
from graph.publishing.publisher import publisher_of
from graph.publishing.xml_text import element

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graph.publishing.edition import Edition
    from graph.publishing.feeds.oai_records import Header, Repository

_DC = (
    '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/oai_dc/ '
    'http://www.openarchives.org/OAI/2.0/oai_dc.xsd">'
)
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'

_NAMES = (f"{SKOS}prefLabel", f"{SKOS}altLabel", f"{RDFS}label")
_TEXTS = (f"{SKOS}definition", "http://purl.org/dc/terms/description", f"{RDFS}comment")
_NAMED: tuple[tuple[str, str], ...] = (
    ("subject", f"{MP}sector"),
    ("subject", f"{MP}specialty"),
    ("coverage", f"{MP}locatedIn"),
    ("contributor", f"{MP}managedBy"),
)
"""The elements that hold the names of what a cluster is related to."""
_RELATED = f"{MP}partnerOf"


def metadata(edition: Edition, repository: Repository, header: Header, prefix: str) -> str:
    """Return the metadata of a record in the format *prefix*, as an XML element."""
    if prefix == DCAT_AP:
        return _dcat(edition, repository, header)
    lines = _dataset(edition, repository, header) if header.group == DATASETS else (
        _cluster(edition, header.identifier)
    )  # fmt: skip
    return "\n".join([_DC, *lines, "</oai_dc:dc>"])


def _dcat(edition: Edition, repository: Repository, header: Header) -> str:
    """Return what the catalogue says of a dataset, as RDF/XML."""
    catalogue, said = repository.catalogue, Said()
    words = CatalogueWords(said, edition.public_url, publisher_of(edition.arguments))
    words.dataset(catalogue.dataset(repository.entries[header.identifier]))
    content = ox.serialize(said.triples, format=ox.RdfFormat.RDF_XML, prefixes=PREFIXES)
    assert content is not None  # noqa: S101 -- it is written nowhere else
    return content.decode().removeprefix(_DECLARATION).strip()


def _dataset(edition: Edition, repository: Repository, header: Header) -> Iterator[str]:
    dataset = repository.catalogue.dataset(repository.entries[header.identifier])
    publisher = publisher_of(edition.arguments)
    for language, text in dataset.title.items():
        yield element("dc:title", text, xml_lang=language)
    for language, text in dataset.description.items():
        yield element("dc:description", text, xml_lang=language)
    yield element("dc:identifier", dataset.iri)
    yield element("dc:type", "Dataset")
    yield element("dc:date", header.datestamp)
    yield element("dc:publisher", publisher.name)
    yield element("dc:rights", publisher.of(dataset.licence).licence_iri)
    for distribution in dataset.distributions:
        if distribution.file:
            yield element("dc:format", distribution.file.file_type.media_type)
    if dataset.derived_from:
        yield element("dc:source", dataset.derived_from)


def _cluster(edition: Edition, iri: str) -> Iterator[str]:
    for name in _NAMES:
        yield from _texts("dc:title", _values(edition, iri, name))
    for name in _TEXTS:
        yield from _texts("dc:description", _values(edition, iri, name))
    yield element("dc:identifier", iri)
    yield element("dc:identifier", page_of(iri, edition.public_url))
    yield element("dc:type", "Cluster")
    for tag, name in _NAMED:
        for value in _values(edition, iri, name):
            if isinstance(value, ox.NamedNode):
                yield element(f"dc:{tag}", shown_name(edition, value.value))
    for value in _values(edition, iri, _RELATED):
        if isinstance(value, ox.NamedNode):
            yield element("dc:relation", value.value)
    publisher = publisher_of(edition.arguments)
    yield element("dc:publisher", publisher.name)
    yield element("dc:rights", publisher.licence_iri)


def _values(edition: Edition, iri: str, predicate: str) -> list[object]:
    """Return the values of a property, in an order that does not depend on the store."""
    found = edition.store.quads_for_pattern(
        ox.NamedNode(iri), ox.NamedNode(predicate), None, edition.union
    )
    return sorted((quad.object for quad in found), key=str)


def _texts(tag: str, values: Iterable[object]) -> Iterator[str]:
    for value in values:
        if isinstance(value, ox.Literal):
            language = {"xml_lang": value.language} if value.language else {}
            yield element(tag, value.value, **language)
