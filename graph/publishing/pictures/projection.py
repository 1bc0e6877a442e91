"""The projection of our maps: Lambert's azimuthal equal-area one, around 10° E, 52° N.

Areas of the same size on earth are of the same size on the map (Snyder, Map Projections: A Working
Manual, 1987, equations 24-2 to 24-4).
"""

from __future__ import annotations

from math import cos, radians, sin, sqrt

WIDTH, HEIGHT = 960, 860
"""The size of the map, in the units of what `projected` returns."""

_LONGITUDE, _LATITUDE = radians(10), radians(52)
_SCALE = 1417.727169005791
_LEFT, _TOP = 470.1970155581676, 489.2498925912214
"""Where the centre is."""
_OPPOSITE = 1e-9
"""The other side of the earth is everywhere around the map; this is as near to it as one gets."""

Position = tuple[float, float]


def projected(longitude: float, latitude: float) -> Position:
    """Return where a point is on the map, from its left and upper edges."""
    east, north = radians(longitude) - _LONGITUDE, radians(latitude)
    nearness = 1 + sin(_LATITUDE) * sin(north) + cos(_LATITUDE) * cos(north) * cos(east)
    scale = _SCALE * sqrt(2 / max(nearness, _OPPOSITE))
    upwards = cos(_LATITUDE) * sin(north) - sin(_LATITUDE) * cos(north) * cos(east)
    return _LEFT + scale * cos(north) * sin(east), _TOP - scale * upwards


def is_on_the_map(position: Position) -> bool:
    """Tell whether *position* is not beyond the edges."""
    x, y = position
    return 0 <= x <= WIDTH and 0 <= y <= HEIGHT
