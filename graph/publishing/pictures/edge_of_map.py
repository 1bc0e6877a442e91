"""What lies beyond the map: its name stands at the edge, in the direction where it is."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from graph.publishing.pictures.boxes import Rectangle, around
from graph.publishing.pictures.text import width

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graph.publishing.pictures.areas import Spot
    from graph.publishing.pictures.projection import Position

_MOST = 40
"""How many names stand at the edges; there is no room for more."""
_HIGH = 1.7
_SIDES = 0.8
_INSET = 4.0
_GAP = 4.0

Side = str
"""`left`, `right`, `top` or `bottom`."""


@dataclass(frozen=True, slots=True)
class Stub:
    """A place beyond the map: its text, in a box at the edge, and where arcs to it end."""

    spot: Spot
    text: str
    box: Rectangle
    foot: Position


def stubs(
    texts: Mapping[Spot, str], size: tuple[int, int], scale: float, font: float
) -> list[Stub]:
    """Return the *texts* of places as they stand around a map of that *size* and *scale*."""
    found: dict[Side, list[tuple[float, Spot]]] = {}
    for spot in sorted(texts, key=lambda each: each.area)[:_MOST]:
        side, along = _edge(spot.at, size, scale)
        found.setdefault(side, []).append((along, spot))
    return [
        stub
        for side, placed in sorted(found.items())
        for stub in _along(side, sorted(placed, key=_order), texts, size, font)
    ]


def _edge(at: Position, size: tuple[int, int], scale: float) -> tuple[Side, float]:
    """Return the edge that the way from the middle to *at* crosses, and how far along it."""
    middle = size[0] / 2, size[1] / 2
    step = at[0] * scale - middle[0], at[1] * scale - middle[1]
    shares = [middle[axis] / abs(step[axis]) if step[axis] else float("inf") for axis in (0, 1)]
    axis = 0 if shares[0] <= shares[1] else 1
    sides = (("left", "right"), ("top", "bottom"))
    other = 1 - axis
    return sides[axis][step[axis] > 0], middle[other] + step[other] * shares[axis]


def _order(placed: tuple[float, Spot]) -> tuple[float, str]:
    return placed[0], placed[1].area


def _along(
    side: Side,
    placed: Sequence[tuple[float, Spot]],
    texts: Mapping[Spot, str],
    size: tuple[int, int],
    font: float,
) -> list[Stub]:
    """Return the stubs of one edge, none on another."""
    is_upright = side in ("left", "right")
    high = font * _HIGH
    wide = {spot: width(texts[spot], font) + 2 * font * _SIDES for _, spot in placed}
    lengths = [high if is_upright else wide[spot] for _, spot in placed]
    # The names at the upper and lower edges have the corners.
    first, last = (2.5 * high, size[1] - 2.5 * high) if is_upright else (_INSET, size[0] - _INSET)
    middles = _apart([at for at, _ in placed], lengths, first, last)
    made: list[Stub] = []
    for middle, (_, spot) in zip(middles, placed, strict=False):
        box = _box(side, middle, wide[spot], high, size)
        made.append(Stub(spot, texts[spot], box, _foot(side, box)))
    return made


def _apart(
    middles: Sequence[float], lengths: Sequence[float], first: float, last: float
) -> list[float]:
    """Move what stands along an edge apart; what there is no room for is left out."""
    ends = accumulate(long + _GAP for long in lengths)
    fitting = sum(1 for end in ends if end <= last - first)
    moved: list[float] = []
    for middle, long in list(zip(middles, lengths, strict=True))[:fitting]:
        moved.append(max(middle, first + long / 2))
        first = moved[-1] + long / 2 + _GAP
    for place in reversed(range(len(moved))):
        moved[place] = min(moved[place], last - lengths[place] / 2)
        last = moved[place] - lengths[place] / 2 - _GAP
    return moved


def _box(side: Side, middle: float, wide: float, high: float, size: tuple[int, int]) -> Rectangle:
    at = {
        "left": (_INSET + wide / 2, middle),
        "right": (size[0] - _INSET - wide / 2, middle),
        "top": (middle, _INSET + high / 2),
        "bottom": (middle, size[1] - _INSET - high / 2),
    }
    return around(*at[side], wide, high)


def _foot(side: Side, box: Rectangle) -> Position:
    x, y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    feet = {
        "left": (box.right, y),
        "right": (box.left, y),
        "top": (x, box.bottom),
        "bottom": (x, box.top),
    }
    return feet[side]
