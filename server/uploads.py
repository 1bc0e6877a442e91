"""What is sent to be kept in a graph: checked by its head, then streamed to files, and never held.

A body is one file, or as multipart/form-data several (RFC 7578). Each is hashed on the way, so that
the same files sent again are known to be the same, whatever stands between them.
"""

import asyncio
import contextlib
import hashlib
import shutil
import tempfile
from collections.abc import AsyncGenerator, AsyncIterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path, PurePosixPath
from typing import Protocol

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from graph.errors import EngineUnavailable, UploadTooLarge
from graph.formats import formats_of
from server.negotiate import media_type
from server.protocol import BadProtocolRequest, refuse_charset, refuse_coding

MULTIPART = "multipart/form-data"
TAKEN = tuple(each.media_type for each in formats_of("graph"))
"""The media types that a graph can be sent in."""
MAX_PARTS = 100

_PIECE_BYTES = 1 << 20
"""How much is written in one go, by a thread: a disk may be slow."""
_BY_EXTENSION = {f".{each.extension}": each.media_type for each in formats_of("graph")}
_SAY_NOTHING = ("", "application/octet-stream")
"""What is sent as the type of a file by those who do not know it."""
_SENT_AS_IT_IS = ("", "7bit", "8bit", "binary")
_TYPES = f"its 'Content-Type' must be one of {', '.join(TAKEN)}"
_A_BOUNDARY = (
    "say in 'Content-Type' what stands between the parts, as 'multipart/form-data; boundary=...'; "
    "a library that writes such bodies sets it"
)


@dataclass(frozen=True, slots=True)
class Head:
    """What the headers tell of a body."""

    media_type: str
    boundary: bytes = b""
    """What stands between its parts; empty for a body that is one file."""


@dataclass(frozen=True, slots=True)
class SpooledPart:
    """A file that was sent."""

    path: Path
    media_type: str
    digest: str
    """SHA-256 of its content, in hexadecimal."""


def head_of(content_type: str | None, *, may_have_parts: bool) -> Head:
    """Read the Content-Type of a body; BadProtocolRequest when no graph is sent like that."""
    found = media_type(content_type or "")
    name = f"{found.type}/{found.subtype}" if found else ""
    if name == MULTIPART and may_have_parts:
        _, parameters = parse_options_header(content_type)
        boundary = parameters.get(b"boundary", b"")
        if not 1 <= len(boundary) <= 70:  # RFC 2046, 5.1.1
            raise BadProtocolRequest(f"the boundary has {len(boundary)} characters; {_A_BOUNDARY}")
        return Head(MULTIPART, boundary)
    if found is None or name not in TAKEN:
        sent = f"of type {content_type[:200]}" if content_type else "without Content-Type"
        raise _unsupported(f"a body {sent} cannot be read as a graph; {_TYPES}")
    refuse_charset(found)
    return Head(name)


def checked_head(headers: Mapping[str, str], max_bytes: int, *, may_have_parts: bool) -> Head:
    """Return what *headers* tell of a body; refuse one that is not taken by them alone."""
    refuse_coding(headers.get("content-encoding"))
    head = head_of(headers.get("content-type"), may_have_parts=may_have_parts)
    length = headers.get("content-length", "")
    if length.isdecimal() and int(length) > max_bytes:
        raise _too_large(max_bytes)
    return head


@asynccontextmanager
async def spooled(
    stream: AsyncIterable[bytes], head: Head, directory: Path, max_bytes: int
) -> AsyncGenerator[tuple[SpooledPart, ...]]:
    """Write *stream* to files in *directory*, which are there as long as the context lasts."""
    try:
        directory.mkdir(exist_ok=True)
        home = Path(tempfile.mkdtemp(dir=directory))
    except OSError as error:
        raise _not_kept(error) from error
    try:
        yield await _spool(stream, head, home, max_bytes)
    finally:
        await asyncio.shield(asyncio.to_thread(shutil.rmtree, home, ignore_errors=True))


def sweep(directory: Path) -> None:
    """Remove what a server that was killed has left in *directory*."""
    shutil.rmtree(directory, ignore_errors=True)


async def _spool(
    stream: AsyncIterable[bytes], head: Head, home: Path, max_bytes: int
) -> tuple[SpooledPart, ...]:
    held, size = bytearray(), 0
    target: _Target | None = None
    try:
        target = _Parts(home, head.boundary) if head.boundary else _Whole(home, head.media_type)
        async for piece in stream:
            size += len(piece)
            if size > max_bytes:
                raise _too_large(max_bytes)
            held += piece
            if len(held) >= _PIECE_BYTES:
                await asyncio.to_thread(target.feed, bytes(held))
                held.clear()
        await asyncio.to_thread(target.feed, bytes(held))
        return target.finish()
    except OSError as error:
        raise _not_kept(error) from error
    finally:
        if target:
            target.close()


class _Target(Protocol):
    """What a body is written to."""

    def feed(self, content: bytes) -> None: ...
    def finish(self) -> tuple[SpooledPart, ...]: ...
    def close(self) -> None: ...


class _File:
    """A file that grows, and is hashed as it does."""

    def __init__(self, path: Path, media_type: str) -> None:
        self._path = path
        self._media_type = media_type
        self._digest = hashlib.sha256()
        self._file = path.open("wb")

    def write(self, content: bytes | memoryview) -> None:
        self._file.write(content)
        self._digest.update(content)

    def finish(self) -> SpooledPart:
        self._file.close()
        return SpooledPart(self._path, self._media_type, self._digest.hexdigest())

    def close(self) -> None:
        with contextlib.suppress(OSError):  # closing writes; that this fails was told before
            self._file.close()


class _Whole:
    """A body that is one file."""

    def __init__(self, home: Path, media_type: str) -> None:
        self._file = _File(home / "1", media_type)

    def feed(self, content: bytes) -> None:
        self._file.write(content)

    def finish(self) -> tuple[SpooledPart, ...]:
        return (self._file.finish(),)

    def close(self) -> None:
        self._file.close()


class _Parts:
    """A body whose parts are files."""

    def __init__(self, home: Path, boundary: bytes) -> None:
        self._home = home
        self._done: list[SpooledPart] = []
        self._file: _File | None = None
        self._headers: list[tuple[bytearray, bytearray]] = []
        self._is_complete = False
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._headers.clear,
                "on_header_begin": lambda: self._headers.append((bytearray(), bytearray())),
                "on_header_field": lambda data, start, end: self._add(0, data[start:end]),
                "on_header_value": lambda data, start, end: self._add(1, data[start:end]),
                "on_headers_finished": self._begin,
                "on_part_data": lambda data, start, end: self._write(memoryview(data)[start:end]),
                "on_part_end": self._end,
                "on_end": self._complete,
            },
        )

    def feed(self, content: bytes) -> None:
        try:
            self._parser.write(content)
        except FormParserError as error:
            raise BadProtocolRequest(
                f"the body is not what its 'Content-Type' says ({error}); {_A_BOUNDARY}"
            ) from error

    def finish(self) -> tuple[SpooledPart, ...]:
        if not self._is_complete:
            raise BadProtocolRequest(
                f"the body breaks off in {self._place}: the boundary that ends it is not there; "
                "send all of it"
            )
        if not self._done:
            raise BadProtocolRequest(f"the body has no parts; send at least one file, and {_TYPES}")
        return tuple(self._done)

    def close(self) -> None:
        if self._file:
            self._file.close()

    @property
    def _place(self) -> str:
        return f"part {len(self._done) + 1}"

    def _add(self, which: int, piece: bytes) -> None:
        self._headers[-1][which].extend(piece)

    def _begin(self) -> None:
        if len(self._done) >= MAX_PARTS:
            raise BadProtocolRequest(f"the body has more than {MAX_PARTS} parts; send fewer")
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1").strip()
            for name, value in self._headers
        }
        encoding = headers.get("content-transfer-encoding", "").lower()
        if encoding not in _SENT_AS_IT_IS:
            raise _unsupported(f"{self._place} is sent in {encoding[:100]}; send it as it is")
        self._file = _File(self._home / str(len(self._done) + 1), self._type_from(headers))

    def _write(self, content: memoryview) -> None:
        assert self._file  # noqa: S101 -- headers come before content, even if there are none
        self._file.write(content)

    def _end(self) -> None:
        assert self._file  # noqa: S101 -- the same
        self._done.append(self._file.finish())
        self._file = None

    def _complete(self) -> None:
        self._is_complete = True

    def _type_from(self, headers: dict[str, str]) -> str:
        """Return the media type of a part, by the extension of its file where it is not said."""
        sent = headers.get("content-type", "")
        found = media_type(sent)
        name = f"{found.type}/{found.subtype}" if found else sent
        file = parse_options_header(headers.get("content-disposition"))[1].get(b"filename", b"")
        if name in _SAY_NOTHING:
            name = _BY_EXTENSION.get(PurePosixPath(file.decode("latin-1")).suffix.lower(), name)
        if name not in TAKEN:
            what = f"of type {name[:200]}" if name else "without Content-Type"
            raise _unsupported(f"{self._place} is {what}; {_TYPES}")
        if found:
            refuse_charset(found)
        return name


def _unsupported(detail: str) -> BadProtocolRequest:
    accept = {"Accept": ", ".join(TAKEN)}  # of a request, says RFC 9110, 12.5.1
    return BadProtocolRequest(detail, HTTPStatus.UNSUPPORTED_MEDIA_TYPE, accept)


def _too_large(max_bytes: int) -> UploadTooLarge:
    return UploadTooLarge(f"the body is longer than {max_bytes} bytes; send it in several requests")


def _not_kept(error: OSError) -> EngineUnavailable:
    return EngineUnavailable(
        f"what was sent could not be kept ({error.strerror}), nothing was changed; "
        "send it again later"
    )
