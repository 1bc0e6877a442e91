"""The first lines of a long answer, and how many there are, without keeping the rest."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server.assistants.answers import LONGEST_TEXT, cut

if TYPE_CHECKING:
    from collections.abc import AsyncIterable

MOST_SHOWN = 200_000
"""How many characters of an answer are told."""
MOST_COUNTED = 64_000_000
"""Up to how many bytes the lines of an answer are counted."""


@dataclass
class Lines:
    """What was read of an answer: its head, if it has one, and its lines."""

    head: str = ""
    shown: list[str] = field(default_factory=list[str])
    count: int = 0
    is_counted: bool = True
    """Whether the count is that of the whole answer."""
    rest: bytes = b""
    """What comes after the last end of a line."""


async def first_lines(pieces: AsyncIterable[bytes], most: int, *, has_head: bool) -> Lines:
    """Read *pieces*, and keep up to *most* lines that are not too long together."""
    lines = Lines(count=-1 if has_head else 0)
    size = told = 0
    async for piece in pieces:
        size += len(piece)
        if size > MOST_COUNTED:
            lines.is_counted = False
            break
        lines.count += piece.count(b"\n")
        if len(lines.shown) == most or told > MOST_SHOWN:
            continue
        *whole, lines.rest = (lines.rest + piece).split(b"\n")
        for line in whole:
            text = line.decode()
            if has_head and not lines.head:
                lines.head = text
            elif len(lines.shown) < most and told <= MOST_SHOWN:
                lines.shown.append(text)
                told += min(len(text), LONGEST_TEXT * (1 + text.count("\t")))
    return lines


def cells(line: str) -> list[str | None]:
    """Return the terms of a line of a table, each cut where it is too long."""
    return [cut(cell) or None for cell in line.split("\t")]
