"""A description as RDF, in whatever format."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.addresses import data_of
from graph.formats import format_named
from graph.namespaces import DEF, ID, RDF_TYPE, XSD, prefixes
from graph.publishing.json_ld import json_ld
from graph.publishing.things.formats import ALWAYS
from graph.publishing.things.links import url
from graph.readers.xml_names import written_as_xml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graph.publishing.edition import Out
    from graph.publishing.things.description import Description

HYDRA = "http://www.w3.org/ns/hydra/core#"
_JSON_LD = format_named("jsonld").media_type
_WITH_GRAPHS = (ox.RdfFormat.TRIG, ox.RdfFormat.N_QUADS)
_KIND = re.compile(rf"(?:{re.escape(ID)}|{re.escape(DEF)})([a-z]+(?:-[a-z]+)*)/.")


def write_rdf(description: Description, public_url: str, media_type: str, out: Out) -> None:
    """Write *description*, with its place among the pages if there are several."""
    quads = [*description.quads, *_paging(description, public_url, media_type)]
    if media_type == _JSON_LD:
        out.write(json_ld(_triples(quads)).encode())
        return
    rdf_format = ox.RdfFormat.from_media_type(media_type)
    assert rdf_format is not None  # noqa: S101 -- it is one of those that are on offer
    short = _prefixes(quads)
    if rdf_format in _WITH_GRAPHS:
        content = sorted(quads, key=lambda quad: str(quad.graph_name))
    elif rdf_format == ox.RdfFormat.RDF_XML:
        content = written_as_xml(quad.triple for quad in _triples(quads))
    else:
        content = (quad.triple for quad in _triples(quads))
    ox.serialize(content, out, rdf_format, prefixes=short)  # pyright: ignore[reportArgumentType, reportCallIssue] -- write and flush are all it needs


def _triples(quads: Iterable[ox.Quad]) -> list[ox.Quad]:
    """Return *quads* without their graphs, each once."""
    return list(dict.fromkeys(ox.Quad(*quad.triple) for quad in quads))


def _prefixes(quads: Iterable[ox.Quad]) -> dict[str, str]:
    """Return the prefixes that make *quads* short: one for each type of thing and scheme."""
    nodes = {end for quad in quads for end in (quad.subject, quad.object)}
    iris = sorted(node.value for node in nodes if isinstance(node, ox.NamedNode))
    short = prefixes()
    for iri in iris:
        if match := _KIND.match(iri):
            short.setdefault(match[1], match[0][:-1])
    return short


def _paging(description: Description, public_url: str, media_type: str) -> Iterator[ox.Quad]:
    """Yield how to go on from one page to the next (Hydra, 5.3)."""
    wish, last = description.wish, description.pages
    if last == 1:
        return
    extension = _extension(media_type)
    whole = ox.NamedNode(url(data_of(wish.thing.value, extension, public_url)))

    def page(number: int) -> ox.NamedNode:
        fields = f"&asof={wish.day}" if wish.day else ""
        return ox.NamedNode(f"{whole.value}?page={number}{fields}")

    def hydra(name: str) -> ox.NamedNode:
        return ox.NamedNode(HYDRA + name)

    this = page(wish.page)
    a, size = ox.NamedNode(RDF_TYPE), ox.NamedNode(f"{XSD}integer")
    yield ox.Quad(whole, a, hydra("Collection"))
    yield ox.Quad(whole, hydra("totalItems"), ox.Literal(str(description.entries), datatype=size))
    yield ox.Quad(whole, hydra("view"), this)
    yield ox.Quad(this, a, hydra("PartialCollectionView"))
    numbers = {"first": 1, "previous": wish.page - 1, "next": wish.page + 1, "last": last}
    for name, number in numbers.items():
        if 1 <= number <= last:
            yield ox.Quad(this, hydra(name), page(number))


def _extension(media_type: str) -> str:
    return next(each.extension for each in ALWAYS if each.media_type == media_type)
