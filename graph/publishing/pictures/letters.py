"""Letters that the font of pictures lacks: what stands for them, so that nobody sees empty boxes.

The font has Latin, Greek and Cyrillic letters. Fonts with all of Chinese are larger than all else
that is installed; whoever needs such names takes the SVG, which a browser draws with its own.
"""

from __future__ import annotations

import re
import unicodedata

from graph.publishing.pictures.font import has

STANDS_FOR = "[…]"
"""What is drawn in the place of letters that are lacking."""
_TEXT = re.compile(r">([^<]+)<")
_SHAPES_OTHERS = frozenset({"Mn", "Me", "Cf"})
"""Categories of characters that are drawn on others, or not at all."""


def drawable(text: str) -> str:
    """Return *text* with something in the place of letters that the font lacks."""
    written: list[str] = []
    for character in text:
        if _can_be_drawn(character):
            written.append(character)
        elif not written or written[-1] != STANDS_FOR:
            written.append(STANDS_FOR)
    return "".join(written)


def drawable_in(svg: str) -> str:
    """Return the picture *svg* with all its texts drawable."""
    return _TEXT.sub(lambda found: f">{drawable(found[1])}<", svg)


def _can_be_drawn(character: str) -> bool:
    return (
        has(character) or character.isspace() or unicodedata.category(character) in _SHAPES_OTHERS
    )
