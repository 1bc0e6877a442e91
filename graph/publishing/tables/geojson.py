"""GeoJSON (RFC 7946): rows as features, at the points of the areas that they are in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from graph.publishing.tables.cells import plain_row, values_of
from graph.publishing.tables.columns import POSITIONS
from graph.publishing.wkt import geometry_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from graph.publishing.edition import Out
    from graph.publishing.tables.offered import Table
    from graph.publishing.tables.rows import Row

Point = tuple[float, float]
"""Longitude and latitude."""

POSITION_IS = "a point within an area, where a map puts its name; not an address"


def point_from(text: str) -> Point | None:
    """Read a point of longitude and latitude (GeoSPARQL 1.1, 8.5.1); None when it is none."""
    found = geometry_of(text)
    if not found or found["type"] != "Point":
        return None
    longitude, latitude = found["coordinates"]
    is_on_earth = -180 <= longitude <= 180 and -90 <= latitude <= 90
    return (longitude, latitude) if is_on_earth else None


def points_of(row: Row) -> list[Point]:
    """Return the points of *row*."""
    found = (point_from(text) for text in values_of(POSITIONS, row))
    return [point for point in found if point]


def geometry(points: list[Point]) -> dict[str, Any] | None:
    """Return where something is; None where that is not known (RFC 7946, 3.2)."""
    if not points:
        return None
    if len(points) == 1:
        return {"type": "Point", "coordinates": list(points[0])}
    return {"type": "MultiPoint", "coordinates": [list(point) for point in points]}


def feature(table: Table, row: Row) -> dict[str, Any]:
    """Return *row* as a feature; its properties say what its position is."""
    points = points_of(row)
    columns = tuple(column for column in table.columns if column.name != POSITIONS.name)
    properties = dict(plain_row(columns, row))
    if points:
        properties["position_is"] = POSITION_IS
    return {
        "type": "Feature",
        "id": row[table.key],
        "geometry": geometry(points),
        "properties": properties,
    }


def write_geojson(table: Table, found: Iterable[Row], head: Mapping[str, object], out: Out) -> None:
    """Write the rows that were *found* for *table*, with members of *head* before them."""
    start = {"type": "FeatureCollection", **head}
    write_array(start, "features", (feature(table, row) for row in found), out)


def write_array(head: Mapping[str, object], name: str, values: Iterator[Any], out: Out) -> None:
    """Write a JSON object with the members of *head* and an array that is written as it comes."""
    out.write(encoded(head)[:-1] + b"," + encoded(name) + b":[")
    separator = b"\n"
    for value in values:
        out.write(separator + encoded(value))
        separator = b",\n"
    out.write(b"]}\n")


def encoded(value: object) -> bytes:
    """Return *value* as JSON."""
    # A lone surrogate cannot come from the store, whose literals are Unicode.
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
