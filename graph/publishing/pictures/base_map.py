"""The countries of Europe as the map draws them, and where all countries of the world are.

`europe.json` is GeoJSON, made from Natural Earth by `server/web/map/europe.mjs`; it says so itself.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from graph.publishing.pictures.projection import Position, projected

_FILE = Path(__file__).with_name("europe.json")
_SMALLEST = 1.5
"""How large an island is at least, in square units of the picture, to be drawn."""

Ring = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Outline:
    """A country: its code (ISO 3166-1, three letters; "" if it has none), and its shape."""

    code: str
    path: str
    """As the `d` of a path has it."""


def base_map() -> bytes:
    """Return the file of the map."""
    return _FILE.read_bytes()


@cache
def outlines(scale: float) -> tuple[Outline, ...]:
    """Return all countries that the map shows, *scale* times as large as the map is."""
    return tuple(
        Outline(country["properties"]["code"], path)
        for country in _read()["features"]
        if (path := _path(country["geometry"]["coordinates"], scale))
    )


@cache
def countries_shown() -> frozenset[str]:
    """Return the codes of the countries that the map shows."""
    return frozenset(country["properties"]["code"] for country in _read()["features"])


@cache
def middle_of(code: str) -> Position | None:
    """Return where the middle of a country is on the map, or beyond its edges."""
    at: list[float] | None = _read()["countries"].get(code)
    return projected(*at) if at else None


@cache
def _read() -> dict[str, Any]:
    return json.loads(base_map())


def _path(polygons: list[list[list[list[float]]]], scale: float) -> str:
    rings = (_ring(ring, scale) for polygon in polygons for ring in polygon)
    return "".join(_drawn(ring) for ring in rings if _area(ring) >= _SMALLEST)


def _ring(positions: list[list[float]], scale: float) -> Ring:
    """Return the corners in whole units of the picture, each once."""
    points: Ring = []
    for longitude, latitude in positions:
        x, y = projected(longitude, latitude)
        point = round(x * scale), round(y * scale)
        if not points or points[-1] != point:
            points.append(point)
    return points[:-1] if len(points) > 1 and points[0] == points[-1] else points


def _area(ring: Ring) -> float:
    following = [*ring[1:], *ring[:1]]
    return abs(sum(x * v - u * y for (x, y), (u, v) in zip(ring, following, strict=True))) / 2


def _drawn(ring: Ring) -> str:
    """Return a closed line, in steps: they are shorter than places."""
    (x, y), *rest = ring
    steps: list[str] = []
    for u, v in rest:
        steps.append(f"{u - x}{_after(v - y)}")
        x, y = u, v
    return f"M{ring[0][0]}{_after(ring[0][1])}l{' '.join(steps).replace(' -', '-')}z"


def _after(number: int) -> str:
    """Return a number as it stands behind another one."""
    return f"{number}" if number < 0 else f" {number}"
