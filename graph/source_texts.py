"""The source documents that an operator has, found by their SHA-256 digest.

What is asked for is a digest, never a path: a document is shown if its content is what the evidence
was read from, and whatever a graph says can lead to no other file.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from typing import TYPE_CHECKING, Literal, NamedTuple

from graph.errors import UnreadableSource

if TYPE_CHECKING:
    from pathlib import Path

State = Literal["none", "absent", "differs", "outside", "shown"]
"""Of a text: no folder was named; not in it; only its name is; the place is not in it; there."""

AROUND = 400
"""How many characters are shown on each side of a place."""
LARGEST = 4_000_000
"""How many bytes a document may have."""
_MOST_FILES = 5_000
_MOST_KEPT = 16
"""How many texts are kept in memory."""


class Passage(NamedTuple):
    """The text at a place, and around it."""

    state: State
    before: str = ""
    printed: str = ""
    after: str = ""


class SourceTexts:
    """The documents in *folder*, which are looked for once; None: there are none."""

    def __init__(self, folder: Path | None = None) -> None:
        self._is_there = folder is not None
        self._paths: dict[str, Path] = {}
        self._names: set[str] = set()
        self._texts: OrderedDict[str, str] = OrderedDict()
        for path in _files_in(folder) if folder else ():
            self._names.add(path.name)
            self._paths[_digest(_content(path))] = path

    def state(self, sha256: str, file_name: str) -> State:
        """Tell whether there is the document with that digest, which is called *file_name*."""
        if not self._is_there:
            return "none"
        if self._text(sha256) is not None:
            return "shown"
        return "differs" if file_name in self._names else "absent"

    def text(self, sha256: str) -> str:
        """Return the document with that digest; "" if it is not there."""
        return self._text(sha256) or ""

    def passage(self, sha256: str, file_name: str, first: int, end: int) -> Passage:
        """Return the characters of a document from *first* to *end*, and some around them."""
        state = self.state(sha256, file_name)
        if state != "shown":
            return Passage(state)
        text = self.text(sha256)
        if not 0 <= first < end <= len(text):
            return Passage("outside")
        before = text[max(0, first - AROUND) : first]
        after = text[end : end + AROUND]
        return Passage(
            "shown",
            ("…" if first > AROUND else "") + before,
            text[first:end],
            after + ("…" if end + AROUND < len(text) else ""),
        )

    def _text(self, sha256: str) -> str | None:
        """Return a document, if its content is still what its digest says."""
        if sha256 in self._texts:
            self._texts.move_to_end(sha256)
            return self._texts[sha256]
        if sha256 not in self._paths:
            return None
        try:
            content = _content(self._paths[sha256])
            text = content.decode() if _digest(content) == sha256 else None
        except (UnreadableSource, UnicodeDecodeError):
            text = None
        if text is not None:
            self._texts[sha256] = text
            while len(self._texts) > _MOST_KEPT:
                self._texts.popitem(last=False)
        return text


def _files_in(folder: Path) -> list[Path]:
    try:
        found = sorted(path for path in folder.iterdir() if path.is_file())
    except OSError as error:
        reason = error.strerror or str(error)
        raise UnreadableSource(
            f"{folder} cannot be read ({reason}); name the folder with the source documents"
        ) from error
    if len(found) > _MOST_FILES:
        raise UnreadableSource(
            f"{folder} holds more than {_MOST_FILES} files; name the folder with the source "
            "documents alone"
        )
    return [path for path in found if path.stat().st_size <= LARGEST]


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise UnreadableSource(
            f"{path} cannot be read ({reason}); check its permissions"
        ) from error


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
