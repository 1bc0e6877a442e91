"""What the bytes of a dump go through on their way: compression, and what XML would lose."""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING, Protocol

import zstandard

if TYPE_CHECKING:
    from graph.publishing.dumps.offered import Compression
    from graph.publishing.edition import Out

_PIECE_BYTES = 64 * 1024
_GZIP = 31
"""A window of 32 KiB, and a header of gzip: with no name and no time in it."""
_LEVELS = {"gz": 6, "zst": 5}


class _Compressor(Protocol):
    def compress(self, content: bytes, /) -> bytes: ...
    def flush(self) -> bytes: ...


class File:
    """A file that is written compressed, or as it is; the same bytes in make the same bytes.

    Write all of it, and finish.
    """

    def __init__(self, out: Out, compression: Compression) -> None:
        self._out = out
        self._pending = bytearray()
        self._compressor = _compressor(compression)

    def write(self, content: bytes, /) -> int:
        """Take the next bytes."""
        if not self._compressor:
            return self._out.write(content)
        self._pending += content
        if len(self._pending) >= _PIECE_BYTES:
            self._pass_on(self._compressor)
        return len(content)

    def flush(self) -> None:
        """Do nothing: pieces that depend on when this is called would not be the same."""

    def finish(self) -> None:
        """Write what is left."""
        if self._compressor:
            self._pass_on(self._compressor)
            self._out.write(self._compressor.flush())

    def _pass_on(self, compressor: _Compressor) -> None:
        piece = compressor.compress(bytes(self._pending))
        self._pending.clear()
        if piece:
            self._out.write(piece)


class XmlFile:
    """A file of XML, in which literals keep their carriage returns.

    A parser takes one that is not escaped for the end of a line (XML 1.0, 2.11). Some characters
    XML cannot say at all (2.2): U+FFFD takes their place.
    """

    _UNSAYABLE = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
    _REPLACEMENT = "\ufffd".encode()

    def __init__(self, out: Out) -> None:
        self._out = out
        self._rest = b""

    def write(self, content: bytes, /) -> int:
        """Take the next bytes."""
        text = self._rest + content
        # What may be the beginning of a character of three bytes waits for the rest of it.
        end = len(text) - (2 if text[-2:-1] == b"\xef" else 1 if text[-1:] == b"\xef" else 0)
        self._rest = text[end:]
        self._out.write(self._said(text[:end]))
        return len(content)

    def flush(self) -> None:
        """Do nothing."""

    def finish(self) -> None:
        """Write what is left."""
        self._out.write(self._said(self._rest))

    def _said(self, text: bytes) -> bytes:
        return self._UNSAYABLE.sub(self._REPLACEMENT, text).replace(b"\r", b"&#xD;")


def _compressor(compression: Compression) -> _Compressor | None:
    match compression:
        case "gz":
            return zlib.compressobj(_LEVELS["gz"], zlib.DEFLATED, _GZIP)
        case "zst":
            checked = zstandard.ZstdCompressor(level=_LEVELS["zst"], write_checksum=True)
            return checked.compressobj()
        case "":
            return None
