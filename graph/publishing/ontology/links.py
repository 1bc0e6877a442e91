"""Typed links around the pages and files of the ontology (FAIR Signposting)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph.formats import format_named
from graph.namespaces import DEF, OWL, SKOS
from graph.publishing.ontology.offers import FILE_FORMATS, FILES
from graph.publishing.ontology.reading import ONTOLOGY
from graph.publishing.things.links import (
    LINKSET,
    LINKSET_JSON,
    Addresses,
    Card,
    Link,
    written_as_linkset,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graph.publishing.edition import Edition

LICENCE = "https://creativecommons.org/licenses/by/4.0/"
_ABOUT_PAGE = "https://schema.org/AboutPage"
_RDF = tuple(format_named(name) for name in FILE_FORMATS)


def links_of_ontology(public_url: str) -> list[Link]:
    """Return the links of the page of the ontology."""
    page = f"{public_url}ontology"
    return [
        Link(page, "cite-as", ONTOLOGY),
        *_files(page, page, "describedby alternate"),
        Link(page, "type", _ABOUT_PAGE),
        Link(page, "type", OWL + "Ontology"),
        *_common(page, public_url),
    ]


def links_of_file(path: str, public_url: str) -> list[Link]:
    """Return the links of the file at *path*, which says what a page says."""
    file, page = f"{public_url}{path}", f"{public_url}ontology"
    if path == "ontology/shapes.ttl":
        shapes = f"{public_url}ontology/shapes"
        return [Link(file, "describes alternate", shapes, "text/html"), _licence(file)]
    if not path.startswith("ontology."):
        return [Link(file, "describedby", page, "text/html"), _licence(file)]
    return [
        Link(file, "cite-as", ONTOLOGY),
        Link(file, "describes alternate", page, "text/html"),
        *(link for link in _files(file, page, "alternate") if link.target != file),
        *_common(file, public_url),
    ]


def links_of_shapes(public_url: str) -> list[Link]:
    """Return the links of the page of the shapes."""
    page = f"{public_url}ontology/shapes"
    return [
        *_files(page, page, "describedby alternate", 1),
        Link(page, "type", _ABOUT_PAGE),
        _licence(page),
    ]


def links_of_scheme(name: str, public_url: str) -> list[Link]:
    """Return the links of the page of the scheme called *name*."""
    formats = tuple((each.extension, each.media_type) for each in _RDF)
    classes = (SKOS + "ConceptScheme",)
    card = Card(DEF + name, classes, classes, formats, license=LICENCE)
    return Addresses(card, public_url).of_page()


def write_ontology_linkset(edition: Edition) -> None:
    """Write all links around the ontology as one document."""
    if edition.is_wanted:
        edition.out.write(written_as_linkset(_all(edition.public_url), edition.media_type))


def _all(public_url: str) -> Iterator[Link]:
    yield from links_of_ontology(public_url)
    yield from links_of_shapes(public_url)
    for path in FILES:
        yield from links_of_file(path, public_url)


def _files(anchor: str, address: str, relation: str, most: int | None = None) -> Iterable[Link]:
    for each in _RDF[:most]:
        yield Link(anchor, relation, f"{address}.{each.extension}", each.media_type)


def _common(anchor: str, public_url: str) -> Iterable[Link]:
    yield _licence(anchor)
    for media_type in (LINKSET, LINKSET_JSON):
        yield Link(anchor, "linkset", f"{public_url}ontology/linkset", media_type)


def _licence(anchor: str) -> Link:
    return Link(anchor, "license", LICENCE)
