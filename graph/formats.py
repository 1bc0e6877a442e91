"""The formats answers come in: one table of names, media types and kinds."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["table", "graph"]


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write an answer."""

    name: str
    kind: Kind
    media_type: str
    extension: str
    generic_media_type: str | None = None
    """A wider media type that this format also satisfies (`application/json`)."""


FORMATS: tuple[Format, ...] = (
    Format("json", "table", "application/sparql-results+json", "srj", "application/json"),
    Format("xml", "table", "application/sparql-results+xml", "srx", "application/xml"),
    Format("csv", "table", "text/csv", "csv"),
    Format("tsv", "table", "text/tab-separated-values", "tsv"),
    Format("turtle", "graph", "text/turtle", "ttl"),
    Format("ntriples", "graph", "application/n-triples", "nt"),
    Format("nquads", "graph", "application/n-quads", "nq"),
    Format("trig", "graph", "application/trig", "trig"),
    Format("rdfxml", "graph", "application/rdf+xml", "rdf", "application/xml"),
    Format("jsonld", "graph", "application/ld+json", "jsonld", "application/json"),
)
"""All formats; within a kind the first is the one sent when the client has no wish."""


def formats_of(kind: Kind) -> tuple[Format, ...]:
    """Return the formats of *kind*, the preferred one first."""
    return tuple(each for each in FORMATS if each.kind == kind)


def format_named(name: str) -> Format:
    """Return the format called *name*; KeyError when there is none."""
    return _BY_NAME[name]


_BY_NAME = {each.name: each for each in FORMATS}
