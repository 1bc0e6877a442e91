"""A file of N-Triples that takes only what the store, and every format it answers in, can hold.

The engine writes to it; what is amiss is raised through the engine. As the engine writes, terms are
known by their first character, so they are looked at as bytes, many lines at a time.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO

from graph.errors import UploadTooLarge

if TYPE_CHECKING:
    from graph.limits import UploadLimits

_BLOCK_BYTES = 1 << 16
_SHOWN_BYTES = 80
_LANGUAGE_BYTES = 200
"""How long a language tag may be; 35 characters are enough for all that are in use (RFC 5646)."""

_TERM = re.compile(
    rb"""<<\(|<(?P<iri>[^>\n]*)>|"(?P<text>[^"\\]*+(?:\\.[^"\\]*+)*+)"(?:@(?P<language>[^ \n]*))?"""
)
_ESCAPE = re.compile(rb"\\(?:u[0-9A-F]{4}|.)")
_CONTROL_CHARACTERS = {
    **{b"\\u%04X" % code: f"U+{code:04X}" for code in range(0x20)},
    b"\\b": "U+0008",
    b"\\f": "U+000C",
}
"""Those that XML 1.0 has no way at all to write (2.2), as the engine escapes them."""


class Defect(Exception):  # noqa: N818 -- it becomes an error when the place is known
    """A statement that is not taken, and why."""

    def __init__(self, what: str, statement: int) -> None:
        super().__init__(what)
        self.statement = statement
        """Its number, from 0, in the order in which statements came."""


class CheckedLines:
    """What the engine writes N-Triples to."""

    def __init__(self, file: BinaryIO, limits: UploadLimits) -> None:
        self.triples = 0
        self.size = 0
        self.has_blank_nodes = False
        self._file = file
        self._limits = limits
        # Escapes are what most texts have none of; most of those that have one are harmless.
        self._suspicious = re.compile(
            rb"\\[bfu]|<[^>\n]{%d}|@[^ \n]{%d}" % (limits.iri_bytes + 1, _LANGUAGE_BYTES + 1)
        )
        # A byte of text takes six at most (U+007F); the IRIs have room in what is added.
        self._longest_line = 6 * limits.literal_bytes + 8 * limits.iri_bytes
        self._pending = bytearray()

    def write(self, content: bytes) -> int:
        """Take the next piece of N-Triples, which may end anywhere."""
        last_line_end = content.rfind(b"\n") + 1
        end = len(self._pending) + last_line_end
        self._pending += content
        if last_line_end and end >= _BLOCK_BYTES:
            self._take(end)
        elif not last_line_end and end > self._longest_line:
            raise self._long_line(self.triples + self._pending.count(b"\n"))
        return len(content)

    def flush(self) -> None:
        """Take what is left: the engine has written all of a document."""
        self._take(len(self._pending))

    def _take(self, end: int) -> None:
        """Check and write the first *end* bytes that are pending, which are whole lines."""
        block = bytes(self._pending[:end])
        del self._pending[:end]
        self._check(block)
        self.triples += block.count(b"\n")
        self.size += len(block)
        if self.size > self._limits.written_bytes:
            raise UploadTooLarge(
                f"its statements take more than {self._limits.written_bytes} bytes as N-Triples; "
                "send them in several requests"
            )
        if not self.has_blank_nodes and b"_:" in block:
            self.has_blank_nodes = b"_:" in _TERM.sub(b"", block)
        self._file.write(block)

    def _check(self, block: bytes) -> None:
        """Look at the lines that could have something wrong with them."""
        has_long_line = len(block) > self._limits.literal_bytes
        place = 0
        while place < len(block):
            if not has_long_line:
                found = self._suspicious.search(block, place)
                if found is None:
                    return
                place = block.rfind(b"\n", place, found.start()) + 1 or place
            end = block.index(b"\n", place) + 1
            self._look_at(block[place:end], self.triples + block.count(b"\n", 0, place))
            place = end

    def _look_at(self, line: bytes, statement: int) -> None:
        """Check each term of one *line*."""
        if len(line) > self._longest_line:
            raise self._long_line(statement)
        for term in _TERM.finditer(line):
            if complaint := self._complaint_about_iri(term["iri"] or b""):
                raise Defect(complaint, statement)
            if complaint := self._complaint_about_text(term["text"] or b""):
                raise Defect(complaint, statement)
            if complaint := _complaint_about_language(term["language"] or b""):
                raise Defect(complaint, statement)

    def _complaint_about_iri(self, iri: bytes) -> str | None:
        if len(iri) <= self._limits.iri_bytes:
            return None
        return f"an IRI is longer than {self._limits.iri_bytes} bytes ({_shown(iri)}); shorten it"

    def _complaint_about_text(self, text: bytes) -> str | None:
        limit = self._limits.literal_bytes
        if len(text) > limit and len(_ESCAPE.sub(b"x", text)) > limit:
            return (
                f'a literal is longer than {limit} bytes ("{_shown(text)}"); '
                "shorten it, or link to the text"
            )
        for escape in _ESCAPE.finditer(text):
            if character := _CONTROL_CHARACTERS.get(escape[0]):
                return (
                    f'the literal "{_shown(text)}" holds {character}, a control character '
                    "that no answer in XML can carry; remove it"
                )
        return None

    def _long_line(self, statement: int) -> Defect:
        what = f"a statement is longer than {self._longest_line} bytes; shorten its texts"
        return Defect(what, statement)


def _complaint_about_language(tag: bytes) -> str | None:
    if len(tag) <= _LANGUAGE_BYTES:
        return None
    return f"a language tag is longer than {_LANGUAGE_BYTES} bytes (@{_shown(tag)}); shorten it"


def _shown(text: bytes) -> str:
    if len(text) <= _SHOWN_BYTES:
        return text.decode()
    return text[:_SHOWN_BYTES].decode(errors="ignore") + "..."
