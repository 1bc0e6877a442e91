"""Well-known text (OGC 06-103r4, 7) as the geometry of GeoJSON (RFC 7946, 3.1)."""

from __future__ import annotations

import re
from typing import Any

_LONGITUDE_FIRST = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
"""The only reference system that GeoJSON has; it is meant where none is named (GeoSPARQL, 8.5)."""
_WHOLE = re.compile(r"\s*(?:<([^<>]*)>)?\s*([A-Za-z]+)\s*(\([0-9eE.+\-,()\s]*\))\s*")
_NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?"
_POSITION = re.compile(rf"({_NUMBER})\s+({_NUMBER})")
_DEPTHS = {
    "POINT": ("Point", 0),
    "MULTIPOINT": ("MultiPoint", 1),
    "LINESTRING": ("LineString", 1),
    "MULTILINESTRING": ("MultiLineString", 2),
    "POLYGON": ("Polygon", 2),
    "MULTIPOLYGON": ("MultiPolygon", 3),
}
"""What each is called in GeoJSON, and how deep its lists of positions are."""


def geometry_of(text: str) -> dict[str, Any] | None:
    """Return the geometry that *text* tells of; None where it is none that GeoJSON has."""
    match = _WHOLE.fullmatch(text)
    if not match or match[1] not in (None, _LONGITUDE_FIRST):
        return None
    kind, depth = _DEPTHS.get(match[2].upper(), ("", 0))
    coordinates = _coordinates(match[3], depth) if kind else None
    return None if coordinates is None else {"type": kind, "coordinates": coordinates}


def _coordinates(text: str, depth: int) -> list[Any] | None:
    """Read what stands in parentheses, *depth* lists deep."""
    inner = text.strip()
    if not (inner.startswith("(") and inner.endswith(")")):
        return _position(inner) if depth == 0 else None
    inner = inner[1:-1]
    if depth == 0:
        return _position(inner)
    parts = [
        _position(part) if depth == 1 and "(" not in part else _coordinates(part, depth - 1)
        for part in _parts(inner)
    ]
    return None if None in parts else parts


def _position(text: str) -> list[float] | None:
    match = _POSITION.fullmatch(text.strip())
    return [float(match[1]), float(match[2])] if match else None


def _parts(text: str) -> list[str]:
    """Split *text* at the commas that stand in no parentheses."""
    parts, depth = [""], 0
    for character in text:
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return parts
