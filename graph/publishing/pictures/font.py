"""The font that pictures are measured in, and that pixels are made with: it comes with a package.

So a picture looks the same on every machine, also on one that has no fonts.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Any, cast

from fontTools.ttLib import TTFont  # pyright: ignore[reportMissingTypeStubs] -- it has none

FAMILY = "Noto Sans"
FILE = str(files("fontpkg_noto_sans") / "files" / "NotoSans[wdth,wght].ttf")
_OTHERS = 1.0
"""How wide what the font lacks is taken to be: Chinese characters are as wide as high."""


def _read_advances() -> dict[int, float]:
    """Return how far each character leads on, in sizes of the font."""
    with cast("Any", TTFont(FILE, lazy=True)) as font:
        widths: dict[str, tuple[int, int]] = font["hmtx"].metrics
        units: int = font["head"].unitsPerEm
        names: dict[int, str] = font.getBestCmap()
        return {character: widths[name][0] / units for character, name in names.items()}


_ADVANCES = _read_advances()
"""Read when this is loaded: a reader has time for that, and may open no file later."""


def advance(character: str) -> float:
    """Return how wide *character* is in a font of size 1."""
    return _ADVANCES.get(ord(character), _OTHERS)


def has(character: str) -> bool:
    """Tell whether the font can draw *character*."""
    return ord(character) in _ADVANCES
