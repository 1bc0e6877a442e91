"""What files are, by the ends of their names: media types, and the EU's names of file types."""

from __future__ import annotations

from typing import NamedTuple

IANA = "http://www.iana.org/assignments/media-types/"
EU = "http://publications.europa.eu/resource/authority/"


class FileType(NamedTuple):
    """What a file is."""

    label: str
    media_type: str
    eu_name: str
    """Its name in the EU's table of file types."""


FILE_TYPES = {
    "ttl": FileType("Turtle", "text/turtle", "RDF_TURTLE"),
    "nt": FileType("N-Triples", "application/n-triples", "RDF_N_TRIPLES"),
    "nq": FileType("N-Quads", "application/n-quads", "RDF_N_QUADS"),
    "trig": FileType("TriG", "application/trig", "RDF_TRIG"),
    "rdf": FileType("RDF/XML", "application/rdf+xml", "RDF_XML"),
    "jsonld": FileType("JSON-LD", "application/ld+json", "JSON_LD"),
    "csv": FileType("CSV", "text/csv", "CSV"),
    "json": FileType("JSON", "application/json", "JSON"),
    "geojson": FileType("GeoJSON", "application/geo+json", "GEOJSON"),
    "xlsx": FileType(
        "XLSX", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "XLSX"
    ),
    # IANA knows no media type of its own for GraphML.
    "graphml": FileType("GraphML", "application/xml", "XML"),
    "ics": FileType("iCalendar", "text/calendar", "ICS"),
    "txt": FileType("text", "text/plain", "TXT"),
}

COMPRESSIONS = {"gz": ("gzip", "application/gzip"), "zst": ("Zstandard", "application/zstd")}


class NamedFile(NamedTuple):
    """A file as its name tells of it."""

    path: str
    stem: str
    """Its name without what says in which format it is."""
    file_type: FileType
    compression: str | None
    """The media type of what it is packed with."""

    @property
    def label(self) -> str:
        """What to call its format: `Turtle, gzip`."""
        packed = {media_type: label for label, media_type in COMPRESSIONS.values()}
        parts = (self.file_type.label, packed.get(self.compression or "", ""))
        return ", ".join(filter(None, parts))


def named_file(path: str) -> NamedFile | None:
    """Return what the name at the end of *path* tells; None when its format is not known."""
    rest, dot, ending = path.rpartition(".")
    compression = COMPRESSIONS[ending][1] if ending in COMPRESSIONS else None
    if compression:
        rest, dot, ending = rest.rpartition(".")
    if not dot or ending not in FILE_TYPES:
        return None
    return NamedFile(path, rest, FILE_TYPES[ending], compression)
