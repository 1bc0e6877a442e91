"""One generation as one file: N-Quads, compressed, that any other engine can load, too.

    # metapole archive {"format": 2, "generation": 7, ...}     what its record says, but for files
    <...> <...> "..." <...> .                                  every quad but those of the union
    # end sha256:...                                           of all that is before this line

The union follows from the other graphs, and is left out. Blank nodes keep their names.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox
import zstandard

from graph.errors import StoreUnusable
from graph.generations.record import FORMAT, generation_from, record_text
from graph.namespaces import UNION_GRAPH
from graph.writing.transaction import COMMITS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

    from graph.generations import Generation, Progress

SUFFIX = ".nq.zst"

_MAGIC = b"\x28\xb5\x2f\xfd"
_HEAD = b"# metapole archive "
_END = b"# end sha256:"
_END_BYTES = len(_END) + 64 + 1
_PIECE_BYTES = 1 << 20
_LEVEL = 9


class Examined(NamedTuple):
    """What an archive says of itself, and its log of commits."""

    generation: Generation
    log: ox.Store


def is_archive(path: Path) -> bool:
    """Tell whether *path* is a file that is compressed as archives are."""
    try:
        with path.open("rb") as file:
            return file.read(len(_MAGIC)) == _MAGIC
    except OSError:
        return False


def write_archive(generation: Generation, file: BinaryIO, progress: Progress) -> None:
    """Write what *generation* holds to *file*."""
    store = ox.Store.read_only(str(generation.path))
    record = json.loads(record_text(replace(generation, files={})))
    compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True)
    with compressor.stream_writer(file, closefd=False) as compressed:
        digest = _Digest(compressed)
        digest.write(_HEAD + json.dumps(record).encode() + b"\n")
        quads = _counted(_all_but_union(store), generation.quads, progress)
        ox.serialize(quads, digest, ox.RdfFormat.N_QUADS)  # pyright: ignore[reportArgumentType, reportCallIssue] -- write and flush are all it needs
        compressed.write(_END + digest.hexdigest().encode() + b"\n")


def examine_archive(path: Path, progress: Progress) -> Examined:
    """Read all of the archive *path*; StoreUnusable when it is not what was written."""
    generation = manifest(path)
    log = ox.Store()
    found = 0
    for found, quad in enumerate(archived_quads(path), start=1):
        if quad.graph_name == COMMITS:
            log.add(quad)
        if found % 5000 == 0 and generation.quads:
            progress("verify", found / generation.quads)
    if found != generation.quads:
        raise _damaged(path, f"it holds {found} quads and says {generation.quads}")
    progress("verify", 1.0)
    return Examined(generation, log)


def manifest(path: Path) -> Generation:
    """Return what the archive *path* says of itself; its path is the archive."""
    try:
        with path.open("rb") as file:
            reader = zstandard.ZstdDecompressor().stream_reader(file)
            line = _first_line(reader)
        record = json.loads(line.removeprefix(_HEAD)) if line.startswith(_HEAD) else None
        if record is not None and int(record["format"]) == FORMAT:
            return replace(generation_from(path, record), path=path)
    except (OSError, zstandard.ZstdError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise _damaged(path, f"its first line cannot be read ({error})") from error
    if record is None and _HEAD.startswith(line):
        raise _damaged(path, "it is cut off in its first line")
    if record is None:
        raise StoreUnusable(f"{path}: is no archive of metapole; name one that 'backup' has made")
    raise StoreUnusable(
        f"{path}: has format {record['format']}, and this version of metapole knows {FORMAT}; "
        "use the version that made it"
    )


def archived_quads(path: Path) -> Iterator[ox.Quad]:
    """Yield the quads of the archive *path*; StoreUnusable, at the latest after the last of them.

    Whoever takes them all and gets no error has got what was written.
    """
    with path.open("rb") as file:
        reader = zstandard.ZstdDecompressor().stream_reader(file)
        content = _Content(path, reader)
        try:
            yield from ox.parse(content, ox.RdfFormat.N_QUADS)  # pyright: ignore[reportArgumentType] -- read is all it needs
        except SyntaxError as error:
            raise _damaged(path, f"its N-Quads cannot be read ({error})") from error
        content.finish()


class _Digest:
    """A file that knows the digest of what was written to it."""

    def __init__(self, file: zstandard.ZstdCompressionWriter) -> None:
        self._file = file
        self._digest = hashlib.sha256()

    def write(self, content: bytes) -> int:
        self._digest.update(content)
        self._file.write(content)
        return len(content)

    def flush(self) -> None:
        pass

    def hexdigest(self) -> str:
        return self._digest.hexdigest()


class _Content:
    """All of an archive but its last line, as a file; that line is compared with what was read."""

    def __init__(self, path: Path, reader: zstandard.ZstdDecompressionReader) -> None:
        self._path = path
        self._reader = reader
        self._digest = hashlib.sha256()
        self._ahead = b""

    def read(self, size: int = -1) -> bytes:
        """Return some of what comes next; the last line is held back."""
        content = self._ahead
        while len(content) <= _END_BYTES:
            piece = self._more(_PIECE_BYTES if size < 0 else size)
            if not piece:
                self._ahead = content
                return b""
            content += piece
        content, self._ahead = content[:-_END_BYTES], content[-_END_BYTES:]
        self._digest.update(content)
        return content

    def finish(self) -> None:
        """Compare the last line with all that was read before it."""
        while self.read():
            pass
        expected = _END + self._digest.hexdigest().encode() + b"\n"
        if self._ahead != expected:
            is_there = re.fullmatch(_END + rb"[0-9a-f]{64}\n", self._ahead)
            raise _damaged(
                self._path, "its digest is another" if is_there else "its end is missing"
            )

    def _more(self, size: int) -> bytes:
        try:
            return self._reader.read(size)
        except (OSError, zstandard.ZstdError) as error:
            raise _damaged(self._path, str(error)) from error


def _first_line(reader: zstandard.ZstdDecompressionReader) -> bytes:
    line = bytearray()
    while b"\n" not in line and (piece := reader.read(_PIECE_BYTES)):
        line += piece
        if len(line) >= len(_HEAD) and not line.startswith(_HEAD):
            break
    return bytes(line).partition(b"\n")[0]


def _all_but_union(store: ox.Store) -> Iterator[ox.Quad]:
    names: list[ox.NamedNode | ox.BlankNode | ox.DefaultGraph] = [
        ox.DefaultGraph(),
        *(name for name in store.named_graphs() if name != ox.NamedNode(UNION_GRAPH)),
    ]
    for name in names:
        yield from store.quads_for_pattern(None, None, None, name)


def _counted(quads: Iterator[ox.Quad], total: int, progress: Progress) -> Iterator[ox.Quad]:
    for done, quad in enumerate(quads, start=1):
        if total and done % 5000 == 0:
            progress("write", done / total)
        yield quad
    progress("write", 1.0)


def _damaged(path: Path, finding: str) -> StoreUnusable:
    return StoreUnusable(f"{path}: the archive is damaged: {finding}; take another backup")
