"""What of the ontology can be had as files."""

from __future__ import annotations

from graph.formats import format_named
from graph.publishing.document import Document

FILE_FORMATS = ("turtle", "rdfxml", "jsonld", "ntriples")
"""The names of the formats in which its RDF is offered, the preferred one first."""

_RDF = tuple(format_named(name) for name in FILE_FORMATS)
_SVG, _MERMAID = format_named("svg"), format_named("mermaid")

FILES = {
    **{f"ontology.{each.extension}": Document("ontology", (each,)) for each in _RDF},
    "ontology/shapes.ttl": Document("shapes", (format_named("turtle"),)),
    "ontology/hierarchy.svg": Document("diagram", (_SVG,), (("of", "hierarchy"),)),
    "ontology/network.svg": Document("diagram", (_SVG,), (("of", "network"),)),
    "ontology/classes.mmd": Document("diagram", (_MERMAID,), (("of", "classes"),)),
    "data/context.jsonld": Document("context", (format_named("jsonld"),)),
}
"""All files of it, by the paths that they are found at."""
