"""What another server sends, unpacked piece by piece and never more than it may be."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from graph.fetching.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_PIECE_BYTES = 1 << 16
_WITH_GZIP_HEADER = 16 + zlib.MAX_WBITS


class Body:
    """The content of an answer, to be read like a file."""

    def __init__(self, pieces: Iterable[bytes], coding: str, most: int) -> None:
        pieces = _bounded(pieces, most)
        match coding.strip().lower():
            case "" | "identity":
                self._pieces = pieces
            case "gzip" | "x-gzip":
                self._pieces = _bounded(_unpacked(pieces), most)
            case _:
                raise Fault("broken", "packed its answer in a way that was not asked for")
        self._piece: bytes = b""
        self._at = 0

    def read(self, size: int = -1) -> bytes:
        """Return up to *size* bytes more; none at the end."""
        while self._at == len(self._piece):
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._piece, self._at = piece, 0
        start, self._at = self._at, len(self._piece) if size < 0 else self._at + size
        self._at = min(self._at, len(self._piece))
        return self._piece[start : self._at]

    def __iter__(self) -> Iterator[bytes]:
        """Yield what there is, as it comes."""
        while piece := self.read():
            yield piece


def _bounded(pieces: Iterable[bytes], most: int) -> Iterator[bytes]:
    total = 0
    for piece in pieces:
        total += len(piece)
        if total > most:
            raise Fault("much", f"sent more than {most:,} bytes, which is all that is taken of it")
        yield piece


def _unpacked(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Unpack gzip, whose parts may follow each other (RFC 1952, 2.2)."""
    unpacking = zlib.decompressobj(_WITH_GZIP_HEADER)
    has_begun = False
    try:
        for piece in pieces:
            rest = piece
            while rest:
                if unpacking.eof:
                    unpacking = zlib.decompressobj(_WITH_GZIP_HEADER)
                yield unpacking.decompress(rest, _PIECE_BYTES)
                has_begun = True
                rest = unpacking.unused_data if unpacking.eof else unpacking.unconsumed_tail
    except zlib.error as error:
        raise Fault("broken", "sent something that is not packed as it says (gzip)") from error
    if has_begun and not unpacking.eof:
        raise Fault("broken", "sent an answer that is cut off")
