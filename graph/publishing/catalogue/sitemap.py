"""The map of the site for search engines: which pages there are, and when they changed.

Pages of things are listed, not those of statements and evidence, which pages of things show.
A part holds fewer addresses than the 50,000 that are allowed, for it has to stay below 50 MB, too.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote
from xml.sax.saxutils import escape

import pyoxigraph as ox

from graph.addresses import page_of
from graph.errors import UnknownThing
from graph.namespaces import DEF, DERIVED_GRAPH, ID, MP, RDF_TYPE, SKOS, UNION_GRAPH
from graph.publishing.catalogue.entries import Catalogue
from graph.publishing.catalogue.facts import Changes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graph.publishing.edition import Edition

PER_PART = 20_000
"""How many addresses a part holds; as none is longer than 2,047 characters, that is under 50 MB."""

MOST_PARTS = 50
"""How many parts are filled with things: a million addresses. The reader has to hold them all."""

_LONGEST = 2_047

CLASSES = ("Actor", "Undertaking", "Area", "SourceDocument")
"""Of what classes things are that have pages which people look for."""

_PAGES = ("", "data", "ontology", "changes")
"""Pages that are always there, below the public URL."""

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_KEPT_BY_SERVER = (DERIVED_GRAPH, UNION_GRAPH)


class Page(NamedTuple):
    """A page that is listed."""

    address: str
    thing: str | None = None
    """The IRI of what it is about, if that is a thing."""


def write_sitemap_index(edition: Edition) -> None:
    """Write which parts the map has."""
    numbers = range(1, _parts(edition) + 1)
    modified = Changes(edition).of_all.modified
    lines = (
        _entry("sitemap", f"{edition.public_url}sitemap-{number}.xml", modified)
        for number in numbers
    )
    _write(edition, "sitemapindex", lines)


def write_sitemap(edition: Edition) -> None:
    """Write one part of the map."""
    text, parts = edition.arguments["part"], _parts(edition)
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    if not 1 <= number <= parts:
        raise UnknownThing(
            f"the sitemap has {parts} parts, and none that is called {text[:80]!a}; "
            f"{edition.public_url}sitemap.xml names them"
        )
    begin = (number - 1) * PER_PART
    pages, changes = islice(_pages(edition), begin, begin + PER_PART), Changes(edition)
    lines = (_entry("url", page.address, _modified(edition, changes, page)) for page in pages)
    _write(edition, "urlset", lines)


def _parts(edition: Edition) -> int:
    """Return how many parts there are; the pages that are always there are in the first."""
    pages = sum(1 for _ in _fixed_pages(edition)) + sum(1 for _ in _things(edition))
    return max(1, -(-pages // PER_PART))


def _pages(edition: Edition) -> Iterator[Page]:
    """Yield all pages, each once, and always in the same order."""
    yield from _fixed_pages(edition)
    for iri in _things(edition):
        yield Page(_address(iri, edition), iri)


def _fixed_pages(edition: Edition) -> Iterator[Page]:
    for path in _PAGES:
        yield Page(edition.public_url + path)
    for entry in Catalogue(edition).entries[: PER_PART // 2]:
        yield Page(entry.iri(edition.public_url))
    for scheme in sorted(_instances(edition, f"{SKOS}ConceptScheme")):
        if scheme.startswith(DEF):
            yield Page(_address(scheme, edition))


def _things(edition: Edition) -> Iterator[str]:
    """Yield the things that have pages worth looking for, as many as can be told of."""
    earlier: list[ox.NamedNode] = []
    left = MOST_PARTS * PER_PART
    for name in CLASSES:
        iris = (
            iri
            for iri in _instances(edition, MP + name)
            if iri.startswith(ID)
            and len(_address(iri, edition)) <= _LONGEST
            and not any(_is_a(edition, iri, other) for other in earlier)
        )
        chosen = sorted(islice(iris, left))
        left -= len(chosen)
        earlier.append(ox.NamedNode(MP + name))
        yield from chosen


def _instances(edition: Edition, name: str) -> Iterator[str]:
    pattern = (None, ox.NamedNode(RDF_TYPE), ox.NamedNode(name), edition.union)
    for quad in edition.store.quads_for_pattern(*pattern):
        if isinstance(quad.subject, ox.NamedNode):
            yield quad.subject.value


def _address(iri: str, edition: Edition) -> str:
    """Return the address of the page about *iri*; what is not ASCII is percent-encoded there."""
    return quote(page_of(iri, edition.public_url), safe=":/?#[]@!$&'()*+,;=%-._~")


def _is_a(edition: Edition, iri: str, name: ox.NamedNode) -> bool:
    return ox.Quad(ox.NamedNode(iri), ox.NamedNode(RDF_TYPE), name, edition.union) in edition.store


def _modified(edition: Edition, changes: Changes, page: Page) -> str:
    """Return when *page* changed: when a graph did that says what the thing is."""
    if page.thing is None:
        return changes.of_all.modified
    pattern = (ox.NamedNode(page.thing), ox.NamedNode(RDF_TYPE), None, None)
    graphs = {quad.graph_name for quad in edition.store.quads_for_pattern(*pattern)}
    stated = [graph.value for graph in graphs if isinstance(graph, ox.NamedNode)]
    times = [changes.of(graph).modified for graph in stated if graph not in _KEPT_BY_SERVER]
    return max(times, default=changes.of_all.modified)


def _entry(kind: str, address: str, modified: str) -> str:
    return f"<{kind}><loc>{escape(address)}</loc><lastmod>{modified}</lastmod></{kind}>\n"


def _write(edition: Edition, root: str, lines: Iterator[str]) -> None:
    if not edition.is_wanted:
        return
    edition.out.write(f'{_HEAD}<{root} xmlns="{_SPACE}">\n'.encode())
    for line in lines:
        edition.out.write(line.encode())
    edition.out.write(f"</{root}>\n".encode())
