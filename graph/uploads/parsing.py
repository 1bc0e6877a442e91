"""Read what was sent, in any RDF syntax, and write it as N-Triples: all of it, or nothing.

The engine reads. It is more forgiving than a server may be that acknowledges what it was sent, so
what it would skip or cut off without a word is found here, and refused.
"""

from __future__ import annotations

import codecs
import itertools
import pyexpat
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

import pyoxigraph as ox

from graph.errors import UnreadableUpload, UploadTooLarge
from graph.parse_errors import reason_of
from graph.uploads.lines import CheckedLines, Defect

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graph.limits import UploadLimits

_PIECE_BYTES = 1 << 20
_BATCH = 100
_AMPLIFICATION_LIMIT_BREACH = 43
_SHOWN = 200
_ALL_OF_IT = "send all of it again, nothing was kept"


class Part(NamedTuple):
    """A file that was sent."""

    file: BinaryIO
    media_type: str
    name: str = ""
    """What messages call it; empty when it is the only one."""


class Counts(NamedTuple):
    """What was written."""

    triples: int
    """How many lines; a triple that was sent twice is there twice."""
    size: int
    has_blank_nodes: bool


def write_ntriples(
    parts: Sequence[Part], output: BinaryIO, base_iri: str, graph: str | None, limits: UploadLimits
) -> Counts:
    """Write the triples of all *parts*, which are for *graph*, to *output*.

    The blank nodes of a part get names that nothing else has. UnreadableUpload says what is wrong,
    in which part and, where that can be known, on which line.
    """
    lines = CheckedLines(output, limits)
    for part in parts:
        _Document(part, base_iri, graph).write_to(lines, limits)
    return Counts(lines.triples, lines.size, lines.has_blank_nodes)


class _Document:
    """One part, while it is read."""

    def __init__(self, part: Part, base_iri: str, graph: str | None) -> None:
        rdf_format = ox.RdfFormat.from_media_type(part.media_type)
        assert rdf_format  # noqa: S101 -- the server takes only what `formats` lists
        self._file = part.file
        self._format = rdf_format
        self._base_iri = base_iri
        self._graph = ox.DefaultGraph() if graph is None else ox.NamedNode(graph)
        self._name = part.name

    def write_to(self, lines: CheckedLines, limits: UploadLimits) -> None:
        """Write all triples to *lines*."""
        self._check_encoding()
        if self._format == ox.RdfFormat.RDF_XML:
            self._check_xml()
        if self._format == ox.RdfFormat.JSON_LD:
            self._check_json_ld()
        before = lines.triples
        try:
            triples = self._triples(before, limits.triples)
            ox.serialize(triples, lines, ox.RdfFormat.N_TRIPLES)  # pyright: ignore[reportArgumentType, reportCallIssue] -- a sink needs write and flush only
        except SyntaxError as error:
            raise self._syntax_error(error) from error
        except Defect as defect:
            raise self._unreadable(
                str(defect), self._line_of(defect.statement - before)
            ) from defect

    def _triples(self, before: int, limit: int) -> Iterator[ox.Triple]:
        for number, quad in enumerate(self._quads(self._begin()), before):
            if number >= limit:
                raise UploadTooLarge(
                    f"it holds more than {limit} statements; send them in several requests"
                )
            if not isinstance(quad.graph_name, ox.DefaultGraph) and quad.graph_name != self._graph:
                raise Defect(self._other_graph(quad), number)
            yield quad.triple

    def _quads(self, file: BinaryIO | _LineByLine, *, lenient: bool = False) -> Iterator[ox.Quad]:
        return ox.parse(
            file,  # pyright: ignore[reportArgumentType] -- a source needs read only
            self._format,
            base_iri=self._base_iri,
            rename_blank_nodes=True,
            lenient=lenient,
        )

    def _begin(self) -> BinaryIO:
        """Return the file at its first character, after a byte order mark."""
        self._file.seek(0)
        if self._file.read(len(codecs.BOM_UTF8)) != codecs.BOM_UTF8:
            self._file.seek(0)
        return self._file

    def _pieces(self) -> Iterator[bytes]:
        self._file.seek(0)
        while piece := self._file.read(_PIECE_BYTES):
            yield piece
        yield b""

    def _check_encoding(self) -> None:
        """Refuse what is not UTF-8; the engine looks only at what it reads as text."""
        decoder = codecs.getincrementaldecoder("utf-8")()
        line = 1
        for piece in self._pieces():
            pending = decoder.getstate()[0] + piece
            try:
                decoder.decode(piece, final=not piece)
            except UnicodeDecodeError as error:
                line += pending.count(b"\n", 0, error.start)
                byte = pending[error.start]
                raise self._unreadable(
                    f"byte 0x{byte:02X} is not UTF-8; save it as UTF-8", line
                ) from error
            line += piece.count(b"\n")

    def _check_xml(self) -> None:
        """Refuse what is not well-formed XML, as a file cut short is not: the engine would take it.

        Expat tells the place, and stops where entities grow beyond all measure.
        """
        # Its encoding is known by now, whatever it declares.
        parser = pyexpat.ParserCreate("utf-8", " ")
        try:
            for piece in self._pieces():
                parser.Parse(piece, not piece)
        except pyexpat.ExpatError as error:
            if error.code == _AMPLIFICATION_LIMIT_BREACH:
                raise UploadTooLarge(
                    f"{self._place(error.lineno)}its entities stand for far more text than was "
                    "sent; write the text out"
                ) from error
            what = pyexpat.ErrorString(error.code)
            raise self._wrong_syntax(what, error.lineno, error.offset + 1) from error

    def _check_json_ld(self) -> None:
        """Refuse what a reader of JSON-LD is to skip (JSON-LD 1.1 API, 8.1): it would be lost.

        Keys that stand for nothing are not meant to be data, and are skipped.
        """
        start = self._begin().read(4096).lstrip()[:1]
        if start and start not in b"{[":
            raise self._wrong_syntax("a document is an object or an array", 1, None)
        try:
            quads = self._quads(self._begin(), lenient=True)
            meant = (str(quad) for quad in quads if ":" in quad.predicate.value)
            while batch := list(itertools.islice(meant, _BATCH)):
                if _complaint_about(batch):
                    raise self._lost(batch)
        except SyntaxError as error:
            raise self._syntax_error(error) from error

    def _lost(self, statements: list[str]) -> UnreadableUpload:
        wrong = ((statement, _complaint_about([statement])) for statement in statements)
        statement, complaint = next(each for each in wrong if each[1])
        return self._unreadable(
            f"{statement[:_SHOWN]} cannot be kept: {complaint}; correct it and {_ALL_OF_IT}"
        )

    def _line_of(self, statement: int) -> int | None:
        """Return the line on which the statement with that number ends, where that can be known.

        The engine does not say, so the file is read again, line by line, as far as that.
        """
        if self._format == ox.RdfFormat.JSON_LD:  # whole objects are read before a statement comes
            return None
        file = _LineByLine(self._begin())
        next(itertools.islice(self._quads(file), statement, None), None)
        return file.line

    def _line_of_error(self) -> int | None:
        if self._format == ox.RdfFormat.JSON_LD:
            return None
        file = _LineByLine(self._begin())
        try:
            for _ in self._quads(file):
                pass
        except SyntaxError:
            pass
        return file.line

    def _syntax_error(self, error: SyntaxError) -> UnreadableUpload:
        reason = reason_of(error)
        if "LoadDocumentCallback" in reason:
            return self._unreadable(
                "its context is to be fetched from another address, which is not done here; "
                "write the context itself into the document"
            )
        return self._wrong_syntax(reason, error.lineno or self._line_of_error(), error.offset)

    def _wrong_syntax(self, what: str, line: int | None, column: int | None) -> UnreadableUpload:
        return self._unreadable(
            f"it cannot be read as {self._format.name} ({what}); correct it and {_ALL_OF_IT}",
            line,
            column,
        )

    def _other_graph(self, quad: ox.Quad) -> str:
        target = "the default graph" if isinstance(self._graph, ox.DefaultGraph) else self._graph
        return (
            f"a statement is in the graph {quad.graph_name}, and what is sent here goes to "
            f"{target}; send each graph to its own address, or leave its name out"
        )

    def _unreadable(
        self, what: str, line: int | None = None, column: int | None = None
    ) -> UnreadableUpload:
        return UnreadableUpload(self._place(line, column) + what)

    def _place(self, line: int | None, column: int | None = None) -> str:
        names = (
            self._name,
            f"line {line}" if line else "",
            f"column {column}" if line and column else "",
        )
        place = ", ".join(filter(None, names))
        return f"{place}: " if place else ""


def _complaint_about(statements: list[str]) -> str:
    """Return what is wrong with some of *statements*, if anything is."""
    try:
        for _ in ox.parse("".join(f"{each} .\n" for each in statements), ox.RdfFormat.N_QUADS):
            pass
    except SyntaxError as error:
        return reason_of(error)
    return ""


class _LineByLine:
    """A file that gives one line at a time, so that it is known which one was read last."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._lines_before = 0
        self._last = b""

    @property
    def line(self) -> int:
        """The number of the line that was read last."""
        return self._lines_before + 1

    def read(self, size: int) -> bytes:
        """Return what is left of a line, or as much as is wanted."""
        if piece := self._file.readline(size):
            self._lines_before += self._last.endswith(b"\n")
            self._last = piece
        return piece
