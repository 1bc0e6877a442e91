"""The countries as the map draws them, and where the middle of each is.

`countries.json` is GeoJSON, made from Natural Earth by `server/web/map/countries.mjs`, with more
detail where the map reaches; it says so itself.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from graph.publishing.pictures.projection import Position, is_on_the_map, projected

_CONTENT = Path(__file__).with_name("countries.json").read_bytes()
"""Read when this is loaded: a reader may open no file later."""
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
    return _CONTENT


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
    return frozenset(outline.code for outline in outlines(1.0))


@cache
def middle_of(code: str) -> Position | None:
    """Return the longitude and latitude of the middle of a country of the world."""
    at: list[float] | None = _read()["countries"].get(code)
    return (at[0], at[1]) if at else None


@cache
def _read() -> dict[str, Any]:
    return json.loads(_CONTENT)


def _path(polygons: list[list[list[list[float]]]], scale: float) -> str:
    rings = (
        _ring(ring, scale) for polygon in polygons if _reaches_the_map(polygon) for ring in polygon
    )
    return "".join(_drawn(ring) for ring in rings if _area(ring) >= _SMALLEST)


def _reaches_the_map(polygon: list[list[list[float]]]) -> bool:
    return any(is_on_the_map(projected(x, y)) for x, y in polygon[0])


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
