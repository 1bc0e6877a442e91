"""Pictures as pixels: SVG drawn by resvg, with a font that comes along."""

from __future__ import annotations

import re
from pathlib import Path

from resvg_py import svg_to_bytes

from graph.errors import UnwritableAnswer
from graph.publishing.pictures.font import FAMILY, FILE

LEAST_WIDE, MOST_WIDE = 200, 2400
"""How wide a picture may be, in pixels."""
MOST_HIGH = 6000
"""What would be higher is made less wide."""
_SIZE = re.compile(r"""<svg[^>]* viewBox=["']0 0 ([0-9.]+) ([0-9.]+)["']""")


def png_of(svg: str, width: int) -> bytes:
    """Return the picture *svg* as a PNG that is so many pixels wide.

    Only what is in *svg* itself is drawn, and its text in the one font that there is. The picture
    begins at 0 0.
    """
    _require_font()
    return svg_to_bytes(
        svg_string=svg,
        width=min(width, _widest(svg)),
        skip_system_fonts=True,
        font_files=[FILE],
        font_family=FAMILY,
        # What a picture asks for is not there, and what is asked for instead is a serif font.
        serif_family=FAMILY,
        sans_serif_family=FAMILY,
        cursive_family=FAMILY,
        fantasy_family=FAMILY,
        monospace_family=FAMILY,
        background="#ffffff",
    )


def _widest(svg: str) -> int:
    """Return how wide *svg* may be to be no higher than a picture may be."""
    size = _SIZE.search(svg)
    wide, high = (float(size[1]), float(size[2])) if size else (1.0, 1.0)
    return max(1, int(MOST_HIGH * wide / max(high, 1)))


def _require_font() -> None:
    """Raise UnwritableAnswer where the font cannot be opened: text would vanish without a word."""
    try:
        Path(FILE).open("rb").close()
    except OSError as error:
        raise UnwritableAnswer(
            "pictures cannot be made of pixels here, for a reader can open no font on this "
            "system; take the SVG"
        ) from error
