"""Which features are asked for: the parameters of OGC API Features (17-069r4, 7.15)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from graph.errors import QueryRejected

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graph.publishing.tables.geojson import Point

DEFAULT_LIMIT = 100
MOST_FEATURES = 1_000
"""In one answer. A larger limit is no error; so many are given (7.15.2)."""
_LARGEST = 10**9

_NUMBER = re.compile(r"-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,2})?", re.ASCII)
_WHOLE = re.compile(r"\d{1,9}", re.ASCII)
_TIME = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?(?:Z|[-+]\d{2}:\d{2}))?", re.ASCII
)
_OPEN = ("", "..")


@dataclass(frozen=True, slots=True)
class Box:
    """A part of the earth; one that begins east of where it ends crosses the antimeridian."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, point: Point) -> bool:
        """Tell whether *point* is in it, or on its edge."""
        longitude, latitude = point
        if not self.south <= latitude <= self.north:
            return False
        if self.west <= self.east:
            return self.west <= longitude <= self.east
        return longitude >= self.west or longitude <= self.east


@dataclass(frozen=True, slots=True)
class Span:
    """A time from one day to another, both as YYYY-MM-DD; "" where it is open."""

    first: str
    last: str

    def meets(self, first: str, last: str) -> bool:
        """Tell whether it has a day in common with the time from *first* to *last*."""
        begins_in_time = not self.last or not first or first <= self.last
        ends_in_time = not self.first or not last or last >= self.first
        return begins_in_time and ends_in_time


@dataclass(frozen=True, slots=True)
class Selection:
    """Which features are asked for."""

    limit: int = DEFAULT_LIMIT
    offset: int = 0
    box: Box | None = None
    span: Span | None = None


def selection_from(arguments: Mapping[str, str]) -> Selection:
    """Read the parameters of a request; QueryRejected when one cannot be read."""
    limit, offset = arguments.get("limit", ""), arguments.get("offset", "")
    box, span = arguments.get("bbox", ""), arguments.get("datetime", "")
    return Selection(
        min(_whole("limit", limit, 1), MOST_FEATURES) if limit else DEFAULT_LIMIT,
        _whole("offset", offset, 0) if offset else 0,
        box_from(box) if box else None,
        span_from(span) if span else None,
    )


def box_from(text: str) -> Box:
    """Read a bounding box of longitudes and latitudes; heights are left out."""
    parts = [part.strip() for part in text.split(",")]
    if len(parts) not in (4, 6) or not all(_NUMBER.fullmatch(part) for part in parts):
        raise _bad_box(text, "four numbers, or six with heights, with commas between")
    numbers = [float(part) for part in parts]
    if len(numbers) == 6:
        numbers = [*numbers[:2], *numbers[3:5]]
    west, south, east, north = numbers
    if not (-180 <= west <= 180 and -180 <= east <= 180):
        raise _bad_box(text, "longitudes from -180 to 180")
    if not -90 <= south <= north <= 90:
        raise _bad_box(text, "latitudes from -90 to 90, the southern one first")
    return Box(west, south, east, north)


def span_from(text: str) -> Span:
    """Read a day, a time, or an interval of these, of which one end may be open (7.15.4)."""
    first, slash, last = text.partition("/")
    if not slash:
        day = _day(text, text)
        return Span(day, day)
    days = ["" if end in _OPEN else _day(end, text) for end in (first, last)]
    if days == ["", ""] or (all(days) and days[0] > days[1]):
        raise _bad_time(text)
    return Span(*days)


def _whole(name: str, text: str, least: int) -> int:
    if not _WHOLE.fullmatch(text) or int(text) < least:
        raise QueryRejected(
            f"'{name}' is {text[:40]!a}; send a whole number from {least} to {_LARGEST - 1:,}"
        )
    return int(text)


def _day(text: str, whole: str) -> str:
    """Return the day of a date or of a date with time (RFC 3339, 5.6)."""
    if not _TIME.fullmatch(text):
        raise _bad_time(whole)
    try:
        datetime.fromisoformat(text)
        return date.fromisoformat(text[:10]).isoformat()
    except ValueError as error:
        raise _bad_time(whole) from error


def _bad_box(text: str, wanted: str) -> QueryRejected:
    return QueryRejected(
        f"'bbox' is {text[:80]!a}; send {wanted}, such as bbox=4.5,48.5,8,50.5 (west, south, "
        "east, north)"
    )


def _bad_time(text: str) -> QueryRejected:
    return QueryRejected(
        f"'datetime' is {text[:80]!a}; send a day, a time with a zone, or an interval such as "
        "2014-01-01/2020-12-31, 2014-01-01/.. or ../2020-12-31"
    )
