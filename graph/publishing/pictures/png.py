"""Pictures as pixels: SVG drawn by resvg, with a font that comes along."""

from __future__ import annotations

from resvg_py import svg_to_bytes

from graph.publishing.pictures.font import FAMILY, FILE

LEAST_WIDE, MOST_WIDE = 200, 2400
"""How wide a picture may be, in pixels."""


def png_of(svg: str, width: int) -> bytes:
    """Return the picture *svg* as a PNG that is so many pixels wide.

    Only what is in *svg* itself is drawn, and its text in the one font that there is.
    """
    return svg_to_bytes(
        svg_string=svg,
        width=width,
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
