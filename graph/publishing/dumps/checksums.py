"""Write the checksums of dumps: of one, or of all that there are.

A format is written once, and goes through all compressions on its way to the digests; nothing of it
is kept.
"""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING

from graph.publishing.checksums import Checksum, checksums_json, checksums_text, hashes_json
from graph.publishing.dumps.canonical import canonical_hash
from graph.publishing.dumps.content import content_of, graph_of
from graph.publishing.dumps.files import File
from graph.publishing.dumps.offered import all_dumps, dump_called
from graph.publishing.dumps.writing import write_plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pyoxigraph as ox

    from graph.publishing.checksums import CanonicalHash
    from graph.publishing.dumps.offered import Dump
    from graph.publishing.edition import Edition

_JSON = "application/json"


def write_checksums(edition: Edition) -> None:
    """Write the checksums of all dumps, as text or as JSON, where their canonical hashes are, too.

    With the argument `name` it is about that one alone.
    """
    name = edition.arguments.get("name")
    dumps = [dump_called(name)] if name else list(all_dumps(edition.generation.graphs))
    for dump in dumps:
        graph_of(edition.store, dump)
    if not edition.is_wanted:
        return
    if edition.media_type == _JSON:
        hashes = canonical_hashes(edition.store, dumps)
        edition.out.write(checksums_json(_checksums(edition.store, dumps, hashes)))
    else:
        found = _checksums(edition.store, dumps, {})
        if name:  # who asks for one file has it in no folder
            found = (replace(each, name=dumps[0].file_name) for each in found)
        edition.out.write(checksums_text(found))


def write_canonical_hashes(edition: Edition) -> None:
    """Write the canonical hashes of what all dumps say, by `Dump.meaning`, as JSON."""
    if edition.is_wanted:
        dumps = list(all_dumps(edition.generation.graphs))
        edition.out.write(hashes_json(canonical_hashes(edition.store, dumps)))


def canonical_hashes(store: ox.Store, dumps: Iterable[Dump]) -> dict[str, CanonicalHash]:
    """Return the canonical hashes of what *dumps* say, by `Dump.meaning`."""
    hashes: dict[str, CanonicalHash] = {}
    for dump in dumps:
        if dump.meaning and dump.meaning not in hashes:
            hashes[dump.meaning] = canonical_hash(content_of(store, dump))
    return hashes


def _checksums(
    store: ox.Store, dumps: Iterable[Dump], hashes: dict[str, CanonicalHash]
) -> Iterator[Checksum]:
    for _, group in itertools.groupby(dumps, key=attrgetter("content", "extension")):
        several = list(group)
        written = _Several(several)
        write_plain(store, several[0], written)
        for dump, (size, digest) in zip(several, written.finish(), strict=True):
            yield Checksum(dump.name, size, digest, hashes.get(dump.meaning))


class _Several:
    """One dump in several compressions, each of which only a digest is made of."""

    def __init__(self, dumps: Sequence[Dump]) -> None:
        self._digests = [_Digest() for _ in dumps]
        self._files = [
            File(digest, dump.compression)
            for digest, dump in zip(self._digests, dumps, strict=True)
        ]

    def write(self, content: bytes, /) -> int:
        for file in self._files:
            file.write(content)
        return len(content)

    def flush(self) -> None:
        """Do nothing."""

    def finish(self) -> list[tuple[int, str]]:
        for file in self._files:
            file.finish()
        return [(each.size, each.sha256.hexdigest()) for each in self._digests]


class _Digest:
    """A file that keeps nothing but its size and its digest."""

    def __init__(self) -> None:
        self.size = 0
        self.sha256 = hashlib.sha256()

    def write(self, content: bytes, /) -> int:
        self.size += len(content)
        self.sha256.update(content)
        return len(content)

    def flush(self) -> None:
        """Do nothing."""
