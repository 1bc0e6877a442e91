"""The ontology, its shapes, its diagrams and its JSON-LD context as files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.description import Description
from graph.held import held
from graph.namespaces import DEF, prefixes
from graph.paths import bundled
from graph.publishing.json_ld import json_ld
from graph.publishing.ontology import reading
from graph.publishing.ontology.diagram import class_diagram, hierarchy, network, relations_of
from graph.publishing.ontology.drawing import WIDE, svg
from graph.publishing.ontology.names import PREFIXES
from graph.publishing.ontology.schemes import ontology_quads, shapes
from graph.publishing.ontology.shapes import shapes_text
from graph.readers.xml_names import written_as_xml

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graph.publishing.edition import Edition

_SCHEME_NAME = re.compile(r"[a-z]+(-[a-z]+)*")
_TITLES = {
    "hierarchy": "Classes of the Metapole ontology, from the widest to the narrowest",
    "network": "What leads from class to class in the Metapole ontology",
}


def write_ontology(edition: Edition) -> None:
    """Write the graph of the ontology."""
    quads = ontology_quads(edition.store)
    triples: Iterable[ox.Triple] = [quad.triple for quad in quads]
    rdf_format = ox.RdfFormat.from_media_type(edition.media_type)
    if rdf_format == ox.RdfFormat.RDF_XML:
        triples = list(written_as_xml(triples))
    if edition.is_wanted and rdf_format == ox.RdfFormat.JSON_LD:
        edition.out.write(json_ld(quads).encode())
    elif edition.is_wanted:
        names = _prefixes(quads)
        ox.serialize(triples, edition.out, rdf_format, prefixes=names)  # pyright: ignore[reportArgumentType, reportCallIssue] -- an Out needs write and flush only


def write_shapes(edition: Edition) -> None:
    """Write the shapes as one Turtle file."""
    if edition.is_wanted:
        edition.out.write(_shapes())


def write_diagram(edition: Edition) -> None:
    """Write the diagram *of* the hierarchy or the network of classes, as SVG or for Mermaid."""
    if edition.is_wanted:
        edition.out.write(_diagram(edition).encode())


def write_context(edition: Edition) -> None:
    """Write the JSON-LD context in which JSON-LD is written here."""
    if edition.is_wanted:
        edition.out.write(_context())


def _diagram(edition: Edition) -> str:
    described = Description.of(ontology_quads(edition.store))
    classes = reading.classes(described)
    relations = relations_of(classes, reading.properties(described), shapes())
    if edition.media_type != "image/svg+xml":
        return class_diagram(classes, relations)
    address = f"{edition.public_url}ontology"
    of = edition.arguments["of"]
    if of == "network":
        return svg(network(relations), of, title=_TITLES[of], address=address, column=WIDE)
    return svg(hierarchy(classes), of, title=_TITLES[of], address=address)


def _prefixes(quads: Iterable[ox.Quad]) -> dict[str, str]:
    """Return the prefixes of what *quads* name: concepts have one for each scheme."""
    subjects = {quad.subject.value for quad in quads if isinstance(quad.subject, ox.NamedNode)}
    names = {iri.removeprefix(DEF).partition("/")[0] for iri in subjects if iri.startswith(DEF)}
    ours = {name: f"{DEF}{name}/" for name in sorted(names) if _SCHEME_NAME.fullmatch(name)}
    return {**ours, **PREFIXES, **prefixes()}


@held
def _shapes() -> bytes:
    return shapes_text(bundled("ontology") / "shapes").encode()


@held
def _context() -> bytes:
    return (bundled("ontology") / "context.jsonld").read_bytes()
