"""The hash of what a dump says, whatever the order and the format: RDFC-1.0 with SHA-256.

Where there are no blank nodes, a canonical document is the sorted lines of canonical N-Quads (RDF
Dataset Canonicalization, 4.4.3 and 5). They are sorted in runs, which are kept compressed, and
merged: memory grows with a small part of the data, and up to a bound.
"""

from __future__ import annotations

import hashlib
import heapq
import io
from typing import TYPE_CHECKING

import pyoxigraph as ox
import zstandard

from graph.publishing.checksums import CanonicalHash

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_RUN_BYTES = 48_000_000
"""How many bytes of lines are sorted at once; in memory they take more than twice as much."""

MOST_BYTES = 160_000_000
"""How long all runs may be, compressed."""

_HAS_BLANK_NODES = (
    "there are blank nodes: names for them that everybody finds can take for ever to find"
)
_HAS_TRIPLE_TERMS = "there are triple terms, of which RDFC-1.0 does not tell"
_TOO_MUCH = "there is too much to sort"


class _NotGiven(Exception):  # noqa: N818 -- it says what is not
    """There is no hash; the message says why."""


def canonical_hash(quads: Iterable[ox.Quad], most_bytes: int = MOST_BYTES) -> CanonicalHash:
    """Return the hash of *quads*, none of which comes twice."""
    runs = _Runs(most_bytes)
    try:
        for quad in quads:
            _check(quad)
            runs.add(f"{quad} .\n".encode())
    except _NotGiven as error:
        return CanonicalHash(None, str(error))
    digest = hashlib.sha256()
    for line in runs.sorted():
        digest.update(line)
    return CanonicalHash(digest.hexdigest())


def _check(quad: ox.Quad) -> None:
    terms = (quad.subject, quad.object, quad.graph_name)
    if any(isinstance(term, ox.BlankNode) for term in terms):
        raise _NotGiven(_HAS_BLANK_NODES)
    if isinstance(quad.object, ox.Triple):
        raise _NotGiven(_HAS_TRIPLE_TERMS)


class _Runs:
    """Lines to be sorted, most of them in runs that are sorted and compressed already."""

    def __init__(self, most_bytes: int) -> None:
        self._bytes_left = most_bytes
        self._lines: list[bytes] = []
        self._line_bytes = 0
        self._runs: list[bytes] = []

    def add(self, line: bytes) -> None:
        self._lines.append(line)
        self._line_bytes += len(line)
        if self._line_bytes >= _RUN_BYTES:
            self._end_run()

    def sorted(self) -> Iterator[bytes]:
        """Yield all lines in the order of their bytes, which is that of their characters."""
        self._lines.sort()
        return heapq.merge(self._lines, *map(_lines_of, self._runs))

    def _end_run(self) -> None:
        self._lines.sort()
        compressor = zstandard.ZstdCompressor(level=3).compressobj()
        pieces = [compressor.compress(line) for line in self._lines]
        run = b"".join([*pieces, compressor.flush()])
        self._bytes_left -= len(run)
        if self._bytes_left < 0:
            raise _NotGiven(_TOO_MUCH)
        self._runs.append(run)
        self._lines.clear()
        self._line_bytes = 0


def _lines_of(run: bytes) -> Iterator[bytes]:
    with zstandard.ZstdDecompressor().stream_reader(run) as reader:
        yield from io.BufferedReader(reader)  # pyright: ignore[reportArgumentType] -- it reads as a raw file does
