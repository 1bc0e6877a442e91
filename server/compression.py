"""Send an answer compressed where the client takes it (RFC 9110, 8.4 and 12.5.3).

A compressed answer has the same entity tag as the plain one where tags are weak: a weak tag stands
for all codings of a content. The strong tag of a graph tells of its coding.
"""

import asyncio
import zlib
from collections.abc import AsyncIterable, AsyncIterator, Callable
from functools import lru_cache
from typing import Protocol

import brotli  # pyright: ignore[reportMissingTypeStubs] -- it has none
import zstandard

from server.negotiate import REMEMBERED, REMEMBERED_LENGTH, weights_from

MIN_BYTES = 1024
"""An answer shorter than this goes as it is: one packet is one packet."""

PIECE_BYTES = 128 * 1024
"""How much is compressed in one go, so that the first bytes leave early."""

_THREAD_BYTES = 64 * 1024
"""From here on the work is done in a thread: the libraries let others run meanwhile."""


class Encoder(Protocol):
    """Compresses one answer, a piece after the other."""

    def encode(self, piece: bytes) -> bytes:
        """Return all of *piece*, compressed: nothing of it waits for the next one."""
        ...

    def finish(self) -> bytes:
        """Return what ends the answer."""
        ...


class _Gzip:
    def __init__(self) -> None:
        self._compressor = zlib.compressobj(5, zlib.DEFLATED, 31)

    def encode(self, piece: bytes) -> bytes:
        return self._compressor.compress(piece) + self._compressor.flush(zlib.Z_SYNC_FLUSH)

    def finish(self) -> bytes:
        return self._compressor.flush(zlib.Z_FINISH)


class _BrotliCompressor(Protocol):
    def process(self, content: bytes) -> bytes: ...
    def flush(self) -> bytes: ...
    def finish(self) -> bytes: ...


class _Brotli:
    def __init__(self) -> None:
        self._compressor: _BrotliCompressor = brotli.Compressor(quality=4)  # pyright: ignore[reportUnknownMemberType] -- the same

    def encode(self, piece: bytes) -> bytes:
        return self._compressor.process(piece) + self._compressor.flush()

    def finish(self) -> bytes:
        return self._compressor.finish()


class _Zstandard:
    def __init__(self) -> None:
        self._compressor = zstandard.ZstdCompressor(level=3).compressobj()

    def encode(self, piece: bytes) -> bytes:
        start = self._compressor.compress(piece)
        return start + self._compressor.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)

    def finish(self) -> bytes:
        return self._compressor.flush(zstandard.COMPRESSOBJ_FLUSH_FINISH)


ENCODERS: dict[str, Callable[[], Encoder]] = {
    "zstd": _Zstandard,
    "br": _Brotli,
    "gzip": _Gzip,
}
"""By content coding, the preferred one first."""


def choose_coding(accept_encoding: str, size: int | None) -> str | None:
    """Return the coding that *accept_encoding* likes best; None means to send the bytes as such.

    A coding has to be named: `*` alone is no sign that a client knows them all. *size* is the
    number of bytes, None when it is not known, because it is large.
    """
    if not accept_encoding:
        return None
    is_short = size is not None and size < MIN_BYTES
    chosen = _chosen if len(accept_encoding) <= REMEMBERED_LENGTH else _chosen.__wrapped__
    return chosen(accept_encoding, is_short)


@lru_cache(REMEMBERED)
def _chosen(accept_encoding: str, is_short: bool) -> str | None:
    weights = weights_from(accept_encoding)
    weights["gzip"] = max(weights.get("gzip", 0), weights.get("x-gzip", 0))
    best = max(ENCODERS, key=lambda coding: weights.get(coding, 0))
    worth = weights.get(best, 0)
    plain = weights.get("identity", weights.get("*"))
    if worth == 0 or ("identity" in weights and weights["identity"] > worth):
        return None
    return None if is_short and plain != 0 else best


async def compressed(content: bytes, coding: str) -> bytes:
    """Return all of *content* in *coding*."""
    encoder = ENCODERS[coding]()
    if len(content) < _THREAD_BYTES:
        return encoder.encode(content) + encoder.finish()
    return await asyncio.to_thread(lambda: encoder.encode(content) + encoder.finish())


async def compressed_pieces(pieces: AsyncIterable[bytes], coding: str) -> AsyncIterator[bytes]:
    """Yield *pieces* in *coding*, each as soon as it is there."""
    encoder = ENCODERS[coding]()
    async for piece in pieces:
        for start in range(0, len(piece), PIECE_BYTES):
            part = piece[start : start + PIECE_BYTES]
            if len(part) < _THREAD_BYTES:
                yield encoder.encode(part)
            else:
                yield await asyncio.to_thread(encoder.encode, part)
    yield encoder.finish()
