"""What an import was made from, and the statements that say so in its graph.

They are in the vocabulary of PROV-O: an activity that used documents and generated the graph. What
a document is called, how large it is and its SHA-256 are said as of every source document.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.importing.names import activity_of, document_of, graph_of
from graph.namespaces import MP, RDF_TYPE, SKOS, XSD

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PROV = "http://www.w3.org/ns/prov#"
DCT = "http://purl.org/dc/terms/"
ENDED = ox.NamedNode(PROV + "endedAtTime")
_PIECE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class RawFile:
    """A file as it was found, byte by byte."""

    name: str
    media_type: str
    sha256: str
    size: int
    url: str | None = None
    """Where it was fetched from; None for a file of this machine."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What an import is made from."""

    name: str
    """What the import is called (`names.checked_name`)."""
    files: tuple[RawFile, ...]
    retrieved: str
    """When the files were there as they are (xsd:dateTime, UTC)."""
    source: str | None = None
    """An IRI that says more of where the data are from: a page, a dataset, an endpoint."""
    licence: str | None = None
    """The IRI of the licence."""
    mapping: str = ""
    """What made RDF of the files: its name, and the SHA-256 of its texts; "" for RDF as it was."""

    @property
    def graph(self) -> str:
        """The IRI of the graph that the import makes."""
        return graph_of(self.name)

    def triples(self) -> Iterator[ox.Triple]:
        """Yield what the graph says of itself."""
        activity, graph = map(ox.NamedNode, (activity_of(self.name), self.graph))
        yield _link(activity, RDF_TYPE, PROV + "Activity")
        yield _text(activity, SKOS + "prefLabel", f"import {self.name}")
        yield _value(activity, PROV + "endedAtTime", self.retrieved, "dateTime")
        yield _link(activity, PROV + "generated", self.graph)
        if self.mapping:
            yield ox.Triple(activity, _mp("mappedBy"), ox.Literal(self.mapping))
        yield _link(graph, PROV + "wasGeneratedBy", activity.value)
        for number, file in enumerate(self.files, 1):
            document = document_of(self.name, number)
            yield _link(activity, PROV + "used", document)
            yield from self._about(ox.NamedNode(document), file)
        yield from self._rights(graph)

    def _about(self, document: ox.NamedNode, file: RawFile) -> Iterator[ox.Triple]:
        yield _link(document, RDF_TYPE, MP + "SourceDocument")
        yield _text(document, SKOS + "prefLabel", file.name)
        yield ox.Triple(document, _mp("fileName"), ox.Literal(file.name))
        yield ox.Triple(document, _mp("sha256"), ox.Literal(file.sha256))
        yield _value(document, MP + "bytes", str(file.size), "integer")
        yield ox.Triple(document, ox.NamedNode(DCT + "format"), ox.Literal(file.media_type))
        if file.url:
            yield _link(document, DCT + "source", file.url)
        yield from self._rights(document)

    def _rights(self, subject: ox.NamedNode) -> Iterator[ox.Triple]:
        if self.source:
            yield _link(subject, DCT + "source", self.source)
        if self.licence:
            yield _link(subject, DCT + "license", self.licence)


def keep_raw(
    path: Path, copy: Path, *, name: str = "", media_type: str, url: str | None = None
) -> RawFile:
    """Copy the file *path* to *copy*, and return what there is to say of it.

    A name may come from elsewhere: what no XML can carry, and what steers a terminal, is left out.
    """
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as source, copy.open("wb") as target:
        while piece := source.read(_PIECE_BYTES):
            digest.update(piece)
            size += len(piece)
            target.write(piece)
    shown = "".join(each for each in name or path.name if each.isprintable()) or "file"
    return RawFile(shown, media_type, digest.hexdigest(), size, url)


def mapped_by(name: str, *texts: bytes) -> str:
    """Return what a graph says of the mapping *name* that has these *texts*."""
    return f"{name} (SHA-256 {hashlib.sha256(b''.join(texts)).hexdigest()})"


def now() -> str:
    """Return the time as provenance has it."""
    return datetime.now(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


def _mp(name: str) -> ox.NamedNode:
    return ox.NamedNode(MP + name)


def _link(subject: ox.NamedNode, predicate: str, value: str) -> ox.Triple:
    return ox.Triple(subject, ox.NamedNode(predicate), ox.NamedNode(value))


def _text(subject: ox.NamedNode, predicate: str, text: str) -> ox.Triple:
    return ox.Triple(subject, ox.NamedNode(predicate), ox.Literal(text, language="en"))


def _value(subject: ox.NamedNode, predicate: str, value: str, datatype: str) -> ox.Triple:
    literal = ox.Literal(value, datatype=ox.NamedNode(XSD + datatype))
    return ox.Triple(subject, ox.NamedNode(predicate), literal)
