"""The reader: a process that opens one generation and answers one query after the other.

Started by `process.Reader.on` with the directory of the generation, the bytes of memory that it may
add to what it then has, and how nice it is to others.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
import traceback
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from graph.errors import (
    ForbiddenOperation,
    GraphError,
    MovedThing,
    QueryRejected,
    ReservedGraph,
    StoreUnusable,
    UnknownThing,
    UnsupportedFeature,
    UnwritableAnswer,
    WithdrawnThing,
)
from graph.held import hold_all
from graph.processes import frames, inside, sandbox
from graph.publishing.writers import WRITERS, writer_of
from graph.readers.asking import results_of
from graph.readers.dataset import graph_name
from graph.readers.xml_names import written_as_xml
from graph.search.missing import NoIndex

if TYPE_CHECKING:
    from collections.abc import Iterable

_PATIENCE_S = 0.25
_TOO_SHORT_TO_GROW_S = 0.01
"""What takes less time in all cannot have left much memory behind."""
_OPENING_S = 60.0
_IDLE_S = 1.0
"""Who has had nothing to do for so long loads what he did not need yet."""
_LONG_IDLE_S = 10.0
"""Who has had nothing to do for so long reads the files that ship, too."""
_ABOUT_TEXTS = ("read", "plan", "extract")
_LATE_BYTES = 96_000_000
"""How much address space what is loaded late may take, once it is loaded."""

_TRIPLES_ONLY = ("application/ld+json",)
"""A client that asks for one graph as JSON-LD wants its triples at the top."""

Job = dict[str, Any]


class _UnknownGraph(LookupError):  # noqa: N818 -- the name says what happened
    """The store has no graph of that name."""


def main() -> None:
    """Answer queries until the parent closes the socket."""
    inside.run(_serve)


class _Opened:
    """A store that is open, and the names of its graphs."""

    def __init__(self, store: ox.Store) -> None:
        self.store = store
        self.named_graphs = list(store.named_graphs())


def _serve(parent: inside.Parent, arguments: list[str]) -> None:
    """Do all of the reader's work, in the calling thread.

    pyoxigraph aborts the process if a result is touched from a second thread,
    so results never leave this function; bytes do.
    """
    directory, memory, nice = arguments[0], int(arguments[1]), int(arguments[2])
    os.nice(nice)
    opened = _Opened(ox.Store.read_only(directory))
    inside.silence()
    late = _Late()
    missing = sandbox.enter(memory + _LATE_BYTES, at_the_last=late.load)
    at_rest = sandbox.address_space()
    parent.say(frames.READY, {"missing": missing})
    busy = 0.0
    while True:
        patience = _IDLE_S
        while not late.is_loaded and not parent.has_said_more(patience):
            sandbox.limit_processor_time(_OPENING_S)
            at_rest = (at_rest or 0) + late.load_next()
            patience = 0.0
        if not late.holds_all and not parent.has_said_more(_LONG_IDLE_S):
            sandbox.limit_processor_time(_OPENING_S)
            at_rest = (at_rest or 0) + late.hold()
        kind, payload = parent.receive()
        if kind == frames.OPEN:
            sandbox.limit_processor_time(_OPENING_S)
            del opened  # before the other is opened: both would count against the limit
            opened = _Opened(ox.Store.read_only(payload.decode()))
            at_rest = sandbox.address_space()
            continue
        if kind == frames.TABLES:
            late.take_tables(payload)
            continue
        begun = time.monotonic()
        job: Job = json.loads(payload)
        sandbox.limit_processor_time(job["seconds"])
        if job["kind"] in _ABOUT_TEXTS:
            at_rest = (at_rest or 0) + late.load_texts()
        elif job["kind"] == "document":
            at_rest = (at_rest or 0) + late.load_writer(job["writer"])
        elif job.get("searches"):
            at_rest = (at_rest or 0) + late.load_writer("search")
        sink = _Sink(parent, is_xml=job["media_type"].endswith("+xml"))
        ending = _answer(opened, parent, sink, job)
        ending["is_usable"] = True
        busy += time.monotonic() - begun
        if busy > _TOO_SHORT_TO_GROW_S:
            busy = 0.0
            # What one query left behind shall not count against the next.
            grown = (sandbox.address_space() or 0) - (at_rest or 0)
            ending["is_usable"] = at_rest is None or grown < memory // 4
        parent.send_frames(sink.rest(), frames.packed_json(frames.END, ending))


class _Late:
    """What reads texts and what writes documents; most of what a start would take.

    It is loaded when the first of them comes, or piece by piece when there is nothing else to do.
    """

    def __init__(self) -> None:
        self._tables: bytes | None = None
        self._has_texts = False
        self.holds_all = False
        """Whether all is read of the files that ship."""
        self._writers_left = dict.fromkeys(WRITERS)

    @property
    def is_loaded(self) -> bool:
        """Tell whether all is loaded."""
        return self._has_texts and not self._writers_left

    def load(self) -> int:
        """Load all, and read what of the files that ship is needed; no file is opened after that.

        Return how much more address space that took.
        """
        more = 0
        while not self.is_loaded:
            more += self.load_next()
        return more + self.hold()

    def hold(self) -> int:
        """Read what is needed of the files that ship; return how much more address space it took.

        Before all is loaded, not all is known that is needed.
        """
        before = sandbox.address_space() or 0
        hold_all()
        self.holds_all = self.is_loaded
        return (sandbox.address_space() or 0) - before

    def load_next(self) -> int:
        """Load one more piece; return how much more address space that took."""
        if not self._has_texts:
            return self.load_texts()
        return self.load_writer(next(iter(self._writers_left)))

    def load_texts(self) -> int:
        """Load what reads texts; return how much more address space that took."""
        if self._has_texts:
            return 0
        before = sandbox.address_space() or 0
        sys.dont_write_bytecode = True  # nothing can be written here
        from graph.readers import texts  # noqa: PLC0415 -- see above

        self._has_texts = True
        if self._tables:
            texts.take_tables(self._tables)
        return (sandbox.address_space() or 0) - before

    def load_writer(self, kind: str) -> int:
        """Load what writes documents of *kind*; return how much more address space that took."""
        if kind not in self._writers_left:
            return 0
        before = sandbox.address_space() or 0
        sys.dont_write_bytecode = True  # the same
        import_module("graph.publishing.edition")  # what a writer gets
        writer_of(kind)
        del self._writers_left[kind]
        return (sandbox.address_space() or 0) - before

    def take_tables(self, content: bytes) -> None:
        """Take the tables of the parser, which the parent sends."""
        self._tables = content
        if self._has_texts:
            from graph.readers import texts  # noqa: PLC0415 -- the same

            texts.take_tables(content)


def _answer(opened: _Opened, parent: inside.Parent, sink: _Sink, job: Job) -> dict[str, Any]:
    """Do *job* and write its answer to *sink*; return what there is to say after it."""
    store, named_graphs = opened.store, opened.named_graphs
    rows = _content(parent) if job.get("blocks") else b""
    try:
        if job["kind"] == "graph":
            _dump(store, sink, job)
        elif job["kind"] in _ABOUT_TEXTS:
            for piece in _about_texts(store, parent, job):
                sink.write(piece)
        elif job["kind"] == "document":
            _write(store, sink, job, rows)
        else:
            _evaluate(store, named_graphs, sink, job, rows)
    except Exception as error:  # the front knows what to make of it
        sink.drop()
        return _failure(error, _FAILURES if job["kind"] != "document" else _DOCUMENT_FAILURES)
    return {}


def _about_texts(store: ox.Store, parent: inside.Parent, job: Job) -> Iterable[bytes]:
    from graph.readers import texts  # noqa: PLC0415 -- the same

    if job["kind"] == "extract":
        return texts.extract(store, job, _content(parent))
    return [texts.read(job) if job["kind"] == "read" else texts.plan(job)]


def _write(store: ox.Store, sink: _Sink, job: Job, rows: bytes) -> None:
    """Write a document."""
    from graph.publishing.edition import Edition, Facts  # noqa: PLC0415 -- the same

    edition = Edition(
        store,
        job["media_type"],
        job["arguments"],
        job["public_url"],
        Facts(**job["generation"]),
        sink if job["evaluate"] else _Nowhere(),
        job["evaluate"],
        rows,
        job.get("blocks") or {},
    )
    writer_of(job["writer"])(edition)


def _content(parent: inside.Parent) -> bytes:
    """Receive the file that belongs to a job."""
    content = bytearray()
    while (frame := parent.receive())[0] == frames.DATA:
        content += frame[1]
    return bytes(content)


def _dump(store: ox.Store, sink: _Sink, job: Job) -> None:
    """Write all triples of one graph; as quads of that graph, where the format has quads."""
    name = ox.DefaultGraph() if job["graph"] is None else graph_name(job["graph"])
    if isinstance(name, ox.NamedNode) and not store.contains_named_graph(name):
        raise _UnknownGraph(job["graph"])
    if not job["evaluate"]:
        return
    rdf_format = ox.RdfFormat.from_media_type(job["media_type"])
    if rdf_format == ox.RdfFormat.RDF_XML:
        quads = store.quads_for_pattern(None, None, None, name)
        triples = written_as_xml(quad.triple for quad in quads)
        ox.serialize(triples, sink, rdf_format, prefixes=job["prefixes"])  # pyright: ignore[reportArgumentType, reportCallIssue] -- the same
    elif rdf_format and rdf_format.supports_datasets and job["media_type"] not in _TRIPLES_ONLY:
        quads = store.quads_for_pattern(None, None, None, name)
        ox.serialize(quads, sink, rdf_format, prefixes=job["prefixes"])  # pyright: ignore[reportArgumentType, reportCallIssue] -- a sink needs write and flush only
    else:
        store.dump(sink, rdf_format, from_graph=name, prefixes=job["prefixes"])  # pyright: ignore[reportArgumentType] -- the same


def _evaluate(
    store: ox.Store,
    named_graphs: list[ox.NamedNode | ox.BlankNode],
    sink: _Sink,
    job: Job,
    rows: bytes,
) -> None:
    results = results_of(store, job, named_graphs, job.get("generation"), rows)
    if job["evaluate"]:
        _serialize(results, sink, job)


def _serialize(
    results: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples, sink: _Sink, job: Job
) -> None:
    if isinstance(results, ox.QueryTriples):
        rdf_format = ox.RdfFormat.from_media_type(job["media_type"])
        triples = written_as_xml(results) if rdf_format == ox.RdfFormat.RDF_XML else results
        ox.serialize(triples, sink, rdf_format, prefixes=job["prefixes"])  # pyright: ignore[reportArgumentType, reportCallIssue] -- a sink needs write and flush only
    else:
        table_format = ox.QueryResultsFormat.from_media_type(job["media_type"])
        results.serialize(sink, table_format)  # pyright: ignore[reportArgumentType] -- the same


_Failures = tuple[tuple[type[Exception], str], ...]

_DOCUMENT_FAILURES: _Failures = (
    (UnknownThing, "unknown thing"),
    (WithdrawnThing, "withdrawn thing"),
    (MovedThing, "moved thing"),
    (UnwritableAnswer, "unsuitable"),
    (ForbiddenOperation, "forbidden"),
    (UnsupportedFeature, "refused"),
    (QueryRejected, "syntax"),
    (NoIndex, "no index"),
    (MemoryError, "memory"),
    (StoreUnusable, "store"),
    (OSError, "store"),
)
"""What to call an error of a writer: by the first of these types that it is of."""

_FAILURES: _Failures = (
    (ForbiddenOperation, "forbidden"),
    (ReservedGraph, "reserved"),
    (UnsupportedFeature, "refused"),
    (SyntaxError, "syntax"),
    (ValueError, "syntax"),
    (QueryRejected, "syntax"),
    (UnwritableAnswer, "unwritable"),
    (NoIndex, "no index"),
    (MemoryError, "memory"),
    (_UnknownGraph, "unknown graph"),
    (RuntimeError, "unsupported"),
    (OSError, "store"),
)
"""What to call an error of a query; the same."""


def _failure(error: Exception, failures: _Failures) -> dict[str, Any]:
    message = str(error)
    kind = next((kind for known, kind in failures if isinstance(error, known)), "bug")
    if kind == "store" and "does not support" in message:
        kind, message = "unwritable", f"it has a triple term or a base direction ({message})"
    elif kind == "bug":
        message = "".join(traceback.format_exception(error))
    carried = vars(error) if isinstance(error, GraphError) else {}
    return {**carried, "failure": kind, "message": message}


class _Nowhere:
    """A file that takes all and keeps nothing."""

    def write(self, content: bytes) -> int:
        return len(content)

    def flush(self) -> None:
        """Do nothing."""


class _Sink:
    """A file that the engine writes an answer to; sends it on in frames."""

    # XML 1.0 has no way at all to write these (2.2), and a literal may hold them.
    _NOT_XML = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
    _REPLACEMENT = "\ufffd".encode()

    def __init__(self, parent: inside.Parent, *, is_xml: bool) -> None:
        self._parent = parent
        self._is_xml = is_xml
        self._pending = bytearray()
        self._sent_at = time.monotonic()

    def write(self, content: bytes) -> int:
        self._pending += content
        if len(self._pending) >= frames.FRAME_BYTES or self._is_late():
            self._send(keep=2 if self._is_xml else 0)
        return len(content)

    def flush(self) -> None:
        """Do nothing: who has written all asks for the rest."""

    def drop(self) -> None:
        """Forget what was not sent yet."""
        self._pending.clear()

    def rest(self) -> bytes:
        """Return a frame with what was not sent yet; nothing if there is nothing."""
        content = self._clean(bytes(self._pending))
        return frames.packed(frames.DATA, content) if content else b""

    def _is_late(self) -> bool:
        return time.monotonic() - self._sent_at > _PATIENCE_S

    def _send(self, keep: int) -> None:
        """Send what is pending but for the last *keep* bytes, which may be half a character."""
        end = max(len(self._pending) - keep, 0)
        while keep and end and self._pending[end - 1] == 0xEF:
            end -= 1
        content = bytes(self._pending[:end])
        del self._pending[:end]
        self._sent_at = time.monotonic()
        if content:
            self._parent.send(self._clean(content))

    def _clean(self, content: bytes) -> bytes:
        return self._NOT_XML.sub(self._REPLACEMENT, content) if self._is_xml else content
