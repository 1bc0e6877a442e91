"""Where the things of a network stand: near to what they are linked with, and apart from others.

Kamada and Kawai's method begins with a circle and follows a gradient, so that the same network is
laid out the same way every time (An algorithm for drawing general undirected graphs, 1989).
"""

from __future__ import annotations

from math import hypot, sqrt
from typing import TYPE_CHECKING, Protocol, cast

import igraph  # pyright: ignore[reportMissingTypeStubs] -- it has none

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from graph.publishing.pictures.projection import Position


class _Graph(Protocol):
    """What is used here of a graph of igraph, which has no types."""

    def connected_components(self) -> Iterable[list[int]]: ...
    def induced_subgraph(self, vertices: list[int], /) -> _Graph: ...
    def layout_kamada_kawai(self) -> Iterable[Sequence[float]]: ...
    def get_edgelist(self) -> list[tuple[int, int]]: ...


Box = tuple[float, float]
"""Width and height of what stands around a point."""

_EDGE = 150
"""How long a link is, on average."""
_GAP = 10
_ROUNDS = 40
_WIDE = 1.7
"""How much wider than high a picture is meant to be."""


def positions(boxes: Sequence[Box], links: Sequence[tuple[int, int]]) -> list[Position]:
    """Return where the middle of each box is, from the left and upper edges on."""
    graph = cast("_Graph", igraph.Graph(n=len(boxes), edges=list(links)))
    parts = sorted(map(sorted, graph.connected_components()), key=lambda part: (-len(part), part))
    placed: dict[int, Position] = {}
    packing = _Packing(boxes)
    for part in parts:
        points = _spread(graph.induced_subgraph(part))
        _push_apart(points, [boxes[each] for each in part])
        placed |= dict(zip(part, packing.moved(points, part), strict=True))
    return [placed[each] for each in range(len(boxes))]


def _spread(part: _Graph) -> list[list[float]]:
    """Return the points of a connected network, with links as long as they should be."""
    found: list[list[float]] = [list(map(float, each)) for each in part.layout_kamada_kawai()]
    lengths = [
        hypot(found[a][0] - found[b][0], found[a][1] - found[b][1]) for a, b in part.get_edgelist()
    ]
    mean = sum(lengths) / len(lengths) if lengths else 1
    # More sideways than upwards, for text is wide.
    return [[x * _EDGE * 1.15 / mean, y * _EDGE * 0.85 / mean] for x, y in found]


def _push_apart(points: list[list[float]], boxes: Sequence[Box]) -> None:
    """Move boxes that overlap, each pair by half of what is missing."""
    for _ in range(_ROUNDS):
        has_moved = False
        for one in range(len(points)):
            for other in range(one + 1, len(points)):
                has_moved |= _moved_apart(points[one], points[other], boxes[one], boxes[other])
        if not has_moved:
            return


def _moved_apart(one: list[float], other: list[float], box: Box, other_box: Box) -> bool:
    lacking = [
        (box[axis] + other_box[axis]) / 2 + _GAP - abs(other[axis] - one[axis]) for axis in (0, 1)
    ]
    if min(lacking) <= 0.01:
        return False
    axis = 0 if lacking[0] <= lacking[1] else 1
    half = lacking[axis] / 2 if other[axis] >= one[axis] else -lacking[axis] / 2
    one[axis] -= half
    other[axis] += half
    return True


class _Packing:
    """Puts the parts of a network beside each other, row by row."""

    def __init__(self, boxes: Sequence[Box]) -> None:
        self._boxes = boxes
        room = sum((width + _EDGE) * (height + _EDGE / 2) for width, height in boxes)
        self._width = sqrt(room * _WIDE)
        self._left = self._top = self._below = 0.0

    def moved(self, points: Sequence[Sequence[float]], part: Sequence[int]) -> list[Position]:
        """Return *points* in the next free place."""
        boxes = [self._boxes[each] for each in part]
        left = min(x - box[0] / 2 for (x, _), box in zip(points, boxes, strict=True))
        top = min(y - box[1] / 2 for (_, y), box in zip(points, boxes, strict=True))
        right = max(x + box[0] / 2 for (x, _), box in zip(points, boxes, strict=True))
        bottom = max(y + box[1] / 2 for (_, y), box in zip(points, boxes, strict=True))
        if self._left and self._left + right - left > self._width:
            self._left, self._top = 0.0, self._below
        moved = [(x - left + self._left, y - top + self._top) for x, y in points]
        self._left += right - left + 2 * _GAP
        self._below = max(self._below, self._top + bottom - top + 2 * _GAP)
        return moved
