"""The reader: a process that opens one generation and answers one query after the other.

Started by `process.Reader.start` with: the descriptor of its socket, the directory of the
generation, the bytes of memory it may add, and the process id of its parent.
"""

import json
import os
import re
import sys
import threading
import time
import traceback
from dataclasses import asdict
from typing import Any

import pyoxigraph as ox

from graph.errors import (
    ForbiddenOperation,
    QueryRejected,
    UnsupportedFeature,
    UnwritableAnswer,
)
from graph.readers import frames, sandbox
from graph.readers.dataset import UNION, dataset, graph_name
from graph.readers.xml_names import written_as_xml
from graph.sparql.admission import admit
from graph.sparql.template import TemplateCache

_STACK_SIZES = (1 << 30, 1 << 28, 1 << 26)
_PATIENCE_S = 0.25

_TRIPLES_ONLY = ("application/ld+json",)
"""A client that asks for one graph as JSON-LD wants its triples at the top."""

Job = dict[str, Any]


class _UnknownGraph(LookupError):  # noqa: N818 -- the name says what happened
    """The store has no graph of that name."""


def main() -> None:
    """Answer queries until the parent closes the socket."""
    descriptor, directory, memory, parent = sys.argv[-4:]
    sandbox.die_with(int(parent))
    _run_on_a_deep_stack(lambda: _serve(int(descriptor), directory, int(memory)))


def _run_on_a_deep_stack(target: Any) -> None:  # noqa: ANN401 -- a plain callable
    """Run *target* in a thread whose stack is large: the engine's parser recurses per bracket."""
    for size in _STACK_SIZES:
        threading.stack_size(size)
        thread = threading.Thread(target=target)
        try:
            thread.start()
        except RuntimeError:
            continue
        return thread.join()
    raise SystemExit("no memory for the stack of a reader")


def _serve(descriptor: int, directory: str, memory: int) -> None:
    """Do all of the reader's work, in the calling thread.

    pyoxigraph aborts the process if a result is touched from a second thread,
    so results never leave this function; bytes do.
    """
    store = ox.Store.read_only(directory)
    named_graphs = [name for name in store.named_graphs() if name != UNION]
    missing = sandbox.enter(memory)
    at_rest = sandbox.address_space()
    frames.write(descriptor, frames.packed_json(frames.READY, {"missing": missing}))
    _silence()
    while True:
        try:
            _, payload = frames.read(descriptor)
            frames.write(descriptor, frames.packed(frames.BEGUN, b""))
            ending = _answer(store, named_graphs, descriptor, json.loads(payload))
            # What one query left behind shall not count against the next.
            grown = (sandbox.address_space() or 0) - (at_rest or 0)
            ending["is_usable"] = at_rest is None or grown < memory // 4
            frames.write(descriptor, frames.packed_json(frames.END, ending))
        except (EOFError, BrokenPipeError):
            return


def _silence() -> None:
    """Send what the C++ and Rust runtimes print when they abort to nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def _answer(
    store: ox.Store, named_graphs: list[ox.NamedNode | ox.BlankNode], descriptor: int, job: Job
) -> dict[str, Any]:
    """Do *job* and write its answer to *descriptor*; return what there is to say after it."""
    sink = _Sink(descriptor, is_xml=job["media_type"].endswith("+xml"))
    try:
        if job["kind"] == "read":
            _read(sink, job)
        elif job["kind"] == "graph":
            _dump(store, sink, job)
        else:
            _evaluate(store, named_graphs, sink, job)
        sink.flush()
    except Exception as error:  # the front knows what to make of it
        return _failure(error)
    return {}


def _read(sink: "_Sink", job: Job) -> None:
    """Write what the text of a query tells, as JSON."""
    admitted = admit(TemplateCache(job["base_iri"]), job["text"])
    sink.write(json.dumps(asdict(admitted)).encode())


def _dump(store: ox.Store, sink: "_Sink", job: Job) -> None:
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
    store: ox.Store, named_graphs: list[ox.NamedNode | ox.BlankNode], sink: "_Sink", job: Job
) -> None:
    asked, graphs = dataset(store, job, named_graphs)
    results = asked.query(job["text"], base_iri=job["base_iri"], **graphs)
    if job["evaluate"]:
        _serialize(results, sink, job)


def _serialize(
    results: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples, sink: "_Sink", job: Job
) -> None:
    if isinstance(results, ox.QueryTriples):
        rdf_format = ox.RdfFormat.from_media_type(job["media_type"])
        triples = written_as_xml(results) if rdf_format == ox.RdfFormat.RDF_XML else results
        ox.serialize(triples, sink, rdf_format, prefixes=job["prefixes"])  # pyright: ignore[reportArgumentType, reportCallIssue] -- a sink needs write and flush only
    else:
        table_format = ox.QueryResultsFormat.from_media_type(job["media_type"])
        results.serialize(sink, table_format)  # pyright: ignore[reportArgumentType] -- the same


def _failure(error: Exception) -> dict[str, Any]:
    message = str(error)
    match error:
        case ForbiddenOperation():
            kind = "forbidden"
        case UnsupportedFeature():
            kind = "refused"
        case SyntaxError() | ValueError() | QueryRejected():
            kind = "syntax"
        case UnwritableAnswer():
            kind = "unwritable"
        case MemoryError():
            kind = "memory"
        case _UnknownGraph():
            kind = "unknown graph"
        case RuntimeError():
            kind = "unsupported"
        case OSError():
            kind = "unwritable" if "does not support" in message else "store"
            if kind == "unwritable":
                message = f"it has a triple term or a base direction ({message})"
        case _:
            kind, message = "bug", "".join(traceback.format_exception(error))
    return {"failure": kind, "message": message}


class _Sink:
    """A file that the engine writes an answer to; sends it on in frames."""

    # XML 1.0 has no way at all to write these (2.2), and a literal may hold them.
    _NOT_XML = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
    _REPLACEMENT = "\ufffd".encode()

    def __init__(self, descriptor: int, *, is_xml: bool) -> None:
        self._descriptor = descriptor
        self._is_xml = is_xml
        self._pending = bytearray()
        self._sent_at = time.monotonic()

    def write(self, content: bytes) -> int:
        self._pending += content
        if len(self._pending) >= frames.FRAME_BYTES or self._is_late():
            self._send(keep=2 if self._is_xml else 0)
        return len(content)

    def flush(self) -> None:
        self._send(keep=0)

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
        if self._is_xml:
            content = self._NOT_XML.sub(self._REPLACEMENT, content)
        if content:
            frames.write(self._descriptor, frames.packed(frames.DATA, content))
