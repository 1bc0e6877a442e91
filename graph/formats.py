"""The formats answers come in: one table of names, media types and kinds."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["table", "graph", "document"]


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write an answer."""

    name: str
    kind: Kind
    media_type: str
    extension: str
    iri: str
    """Its name in the W3C's list of unique names for formats."""
    generic_media_type: str | None = None
    """A wider media type that this format also satisfies (`application/json`)."""


_W3C = "http://www.w3.org/ns/formats/"
_IANA = "http://www.iana.org/assignments/media-types/"

FORMATS: tuple[Format, ...] = (
    Format(
        "json", "table", "application/sparql-results+json", "srj",
        f"{_W3C}SPARQL_Results_JSON", "application/json",
    ),
    Format(
        "xml", "table", "application/sparql-results+xml", "srx",
        f"{_W3C}SPARQL_Results_XML", "application/xml",
    ),
    Format("csv", "table", "text/csv", "csv", f"{_W3C}SPARQL_Results_CSV"),
    Format("tsv", "table", "text/tab-separated-values", "tsv", f"{_W3C}SPARQL_Results_TSV"),
    Format("turtle", "graph", "text/turtle", "ttl", f"{_W3C}Turtle"),
    Format("ntriples", "graph", "application/n-triples", "nt", f"{_W3C}N-Triples"),
    Format("nquads", "graph", "application/n-quads", "nq", f"{_W3C}N-Quads"),
    Format("trig", "graph", "application/trig", "trig", f"{_W3C}TriG"),
    Format(
        "rdfxml", "graph", "application/rdf+xml", "rdf", f"{_W3C}RDF_XML", "application/xml"
    ),
    Format(
        "jsonld", "graph", "application/ld+json", "jsonld", f"{_W3C}JSON-LD", "application/json"
    ),
)  # fmt: skip
"""All formats; within a kind the first is the one sent when the client has no wish."""


def formats_of(kind: Kind) -> tuple[Format, ...]:
    """Return the formats of *kind*, the preferred one first."""
    return tuple(each for each in FORMATS if each.kind == kind)


def format_named(name: str) -> Format:
    """Return the format called *name*; KeyError when there is none."""
    return _BY_NAME[name]


DOCUMENT_FORMATS: tuple[Format, ...] = (
    Format("html", "document", "text/html", "html", f"{_IANA}text/html"),
    Format("plain-json", "document", "application/json", "json", f"{_IANA}application/json"),
    Format("plain-text", "document", "text/plain", "txt", f"{_IANA}text/plain"),
    Format("plain-csv", "document", "text/csv", "csv", f"{_IANA}text/csv"),
    Format(
        "geojson", "document", "application/geo+json", "geojson",
        f"{_IANA}application/geo+json", "application/json",
    ),
    Format(
        "linkset-json", "document", "application/linkset+json", "json",
        f"{_IANA}application/linkset+json", "application/json",
    ),
    Format("linkset", "document", "application/linkset", "txt", f"{_IANA}application/linkset"),
    Format("svg", "document", "image/svg+xml", "svg", f"{_IANA}image/svg+xml"),
    Format("png", "document", "image/png", "png", f"{_IANA}image/png"),
    Format("mermaid", "document", "text/vnd.mermaid", "mmd", f"{_IANA}text/vnd.mermaid"),
    Format(
        "xlsx", "document",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx",
        f"{_IANA}application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    Format(
        "csv-metadata", "document", "application/csvm+json", "csv-metadata.json",
        f"{_IANA}application/csvm+json", "application/json",
    ),
    Format(
        "datapackage", "document", "application/vnd.datapackage+json", "json",
        f"{_IANA}application/vnd.datapackage+json", "application/json",
    ),
    Format(
        "sparql", "document", "application/sparql-query", "rq",
        f"{_IANA}application/sparql-query", "text/plain",
    ),
    Format(
        "graphml", "document", "application/graphml+xml", "graphml",
        "http://graphml.graphdrawing.org/xmlns", "application/xml",
    ),
    Format("icalendar", "document", "text/calendar", "ics", f"{_IANA}text/calendar"),
    Format(
        "openapi", "document", "application/vnd.oai.openapi+json;version=3.0", "json",
        f"{_IANA}application/vnd.oai.openapi+json", "application/json",
    ),
    Format("rdf-patch", "document", "application/rdf-patch", "rdfp", "https://afs.github.io/rdf-patch/"),
    Format("atom", "document", "application/atom+xml", "atom", f"{_IANA}application/atom+xml"),
    Format("plain-xml", "document", "text/xml", "xml", f"{_IANA}text/xml"),
    Format("sitemap", "document", "application/xml", "xml", f"{_IANA}application/xml"),
    Format("plain-text", "document", "text/plain", "txt", f"{_IANA}text/plain"),
    Format("citation", "document", "application/yaml", "cff", f"{_IANA}application/yaml"),
    Format("bibtex", "document", "application/x-bibtex", "bib", "https://ctan.org/pkg/bibtex"),
)  # fmt: skip
"""Formats of what is neither the answer to a query nor a graph."""

_BY_NAME = {each.name: each for each in (*FORMATS, *DOCUMENT_FORMATS)}
