"""Text in pictures: what of it is shown, how wide it is, and where its lines are broken."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from graph.publishing.pictures.font import advance

if TYPE_CHECKING:
    from collections.abc import Iterator

_DIRECTIONS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""What turns the text around it; each text in a picture has a direction of its own."""
_NOT_XML = re.compile("[^\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LONGEST = 300
ELLIPSIS = "…"
WIDER = 1.12
"""How much wider than ours the fonts are that a browser may have in its place (DejaVu, Verdana)."""


def one_line(text: str) -> str:
    """Return *text* as a picture may show it: in one line, not endless, with nothing hidden."""
    cut = text[: _LONGEST + 1]
    line = " ".join(_NOT_XML.sub(" ", _DIRECTIONS.sub("", cut)).split())
    return line if len(text) <= _LONGEST else line[:_LONGEST] + ELLIPSIS


def width(text: str, size: float) -> float:
    """Return how wide *text* is at most, in a font of *size*."""
    return sum(map(advance, text)) * size * WIDER


def shortened(text: str, size: float, most: float) -> str:
    """Return *text*, or as much of its beginning as is no wider than *most*."""
    if width(text, size) <= most:
        return text
    kept = text
    while kept and width(kept + ELLIPSIS, size) > most:
        kept = kept[:-1]
    return kept.rstrip() + ELLIPSIS


def wrapped(text: str, size: float, most: float, lines: int) -> list[str]:
    """Return *text* in no more than so many *lines*, none of them wider than *most*."""
    found: list[str] = []
    for word in _words(text, size, most):
        together = f"{found[-1]} {word}" if found else word
        if found and width(together, size) <= most:
            found[-1] = together
        elif len(found) < lines:
            found.append(word)
        else:
            found[-1] = shortened(f"{found[-1]} {word}{ELLIPSIS}", size, most)
            break
    return found


def _words(text: str, size: float, most: float) -> Iterator[str]:
    """Yield the words of *text*; one that is too wide in pieces."""
    for word in text.split():
        piece = ""
        for character in word:
            if piece and width(piece + character, size) > most:
                yield piece
                piece = ""
            piece += character
        yield piece
