"""Rectangles in a picture, to keep texts from covering each other."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A rectangle, by its edges."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Rectangle) -> bool:
        """Tell whether the two have anything in common."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


def around(x: float, y: float, wide: float, high: float) -> Rectangle:
    """Return a rectangle of that size around its middle."""
    return Rectangle(x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)


def outside(wide: float, high: float) -> list[Rectangle]:
    """Return what is around a picture of that size."""
    return [
        Rectangle(-inf, -inf, 0, inf),
        Rectangle(wide, -inf, inf, inf),
        Rectangle(-inf, -inf, inf, 0),
        Rectangle(-inf, high, inf, inf),
    ]
