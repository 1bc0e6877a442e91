"""The map as a picture: how many clusters are where, and who works together across borders."""

from __future__ import annotations

from dataclasses import dataclass
from math import log2, sqrt
from typing import TYPE_CHECKING, Literal

from graph.publishing.pictures import svg
from graph.publishing.pictures.base_map import outlines
from graph.publishing.pictures.boxes import Rectangle, around, outside
from graph.publishing.pictures.chosen import Choice
from graph.publishing.pictures.edge_of_map import Stub, stubs
from graph.publishing.pictures.places import places
from graph.publishing.pictures.projection import HEIGHT, WIDTH
from graph.publishing.pictures.text import one_line, shortened, width

if TYPE_CHECKING:
    from graph.publishing.edition import Edition
    from graph.publishing.labels import Names
    from graph.publishing.pictures.areas import Spot
    from graph.publishing.pictures.places import Places
    from graph.publishing.pictures.projection import Position

Size = Literal["small", "large"]
SCALES: dict[str, float] = {"small": 0.5, "large": 1.0}
"""How large a picture of each size is, in sizes of the map."""
_COUNTRIES = {scale: outlines(scale) for scale in SCALES.values()}
"""Made when this is loaded, which a reader has time for; the first map need not wait for it."""

_FONT = 12.0
_LARGEST, _EACH = 30.0, 8.0
"""The radius of the largest circle, and that of one for a single cluster unless it is smaller."""
_SMALLEST = 2.6
_RING = 4.5
_BEND = 0.18
_WIDEST_NAME = 200.0
MOST_ARCS = 120
"""How many lines a map shows at most: those that stand for the most partnerships."""
_MOST_NAMES = 60


def map_drawing(
    edition: Edition, names: Names, size: Size = "small", labelled_by: str = "map"
) -> str:
    """Return the map of all clusters, and of partnerships across borders, as SVG.

    The page has an element with the id *labelled_by*, such as a heading, that says what it shows,
    and loads `pictures.css`.
    """
    return drawing(edition, names, places(edition, Choice()), size, labelled_by)


def drawing(
    edition: Edition, names: Names, shown: Places, size: Size = "large", labelled_by: str = "map"
) -> str:
    """Return the map of *shown* as SVG."""
    return _Map(edition, names, shown, SCALES[size]).written(labelled_by)


@dataclass(frozen=True, slots=True)
class _Circle:
    """A spot as it is drawn: full if there are clusters, else a ring."""

    spot: Spot
    at: Position
    radius: float
    number: int


class _Map:
    def __init__(self, edition: Edition, names: Names, shown: Places, scale: float) -> None:
        self._edition = edition
        self._names = names
        self._shown = shown
        self._scale = scale
        self._size = round(WIDTH * scale), round(HEIGHT * scale)
        self._circles = self._drawn_circles()
        self._stubs = self._drawn_stubs()

    def written(self, labelled_by: str) -> str:
        root = svg.picture(*self._size, labelled_by, "map")
        self._draw_countries(root)
        self._draw_arcs(root)
        self._draw_circles(root)
        self._draw_stubs(root)
        self._draw_names(root)
        return svg.written(root)

    def _drawn_circles(self) -> list[_Circle]:
        """Return the circles, the largest first, so that none is hidden."""
        numbers = {
            spot: len(clusters)
            for spot, clusters in self._shown.clusters.items()
            if spot.kind != "outside"
        }
        most = max(numbers.values(), default=1) or 1
        one = min(_EACH, _LARGEST / sqrt(most)) * (0.5 + self._scale / 2)
        found = [
            self._circle(spot, max(_SMALLEST, one * sqrt(number)) if number else _RING, number)
            for spot, number in numbers.items()
        ]
        rings = [
            self._circle(spot, _RING, 0)
            for spot in self._shown.partners
            if spot not in numbers and spot.kind != "outside"
        ]
        return sorted([*found, *rings], key=lambda each: (-each.radius, each.spot.area))

    def _circle(self, spot: Spot, radius: float, number: int) -> _Circle:
        x, y = spot.at
        return _Circle(spot, (x * self._scale, y * self._scale), radius, number)

    def _drawn_stubs(self) -> list[Stub]:
        there: dict[Spot, set[str]] = {}
        for found in (self._shown.clusters, self._shown.partners):
            for spot, things in found.items():
                if spot.kind == "outside":
                    there.setdefault(spot, set()).update(things)
        texts = {
            spot: f"{shortened(self._name(spot), _FONT, _WIDEST_NAME)} {len(things)}"
            for spot, things in there.items()
        }
        return stubs(texts, self._size, self._scale, _FONT)

    def _draw_countries(self, root: svg.Element) -> None:
        drawn = svg.group(root, "countries", aria_hidden="true")
        for outline in _COUNTRIES[self._scale]:
            svg.shape(drawn, "path", "country", d=outline.path)

    def _draw_arcs(self, root: svg.Element) -> None:
        drawn = svg.group(root, "arcs", fill="none")
        at = {each.spot: each.at for each in self._circles}
        at |= {each.spot: each.foot for each in self._stubs}
        arcs = sorted(self._shown.across.items(), key=lambda arc: -len(arc[1]))
        for (one, other), statements in arcs[:MOST_ARCS]:
            if one in at and other in at and at[one] != at[other]:
                title = f"{self._name(one)} – {self._name(other)}: {len(statements)}"
                wide = 1 + log2(len(statements)) / 2
                path = _arc(at[one], at[other])
                svg.shape(drawn, "path", "arc", title, d=path, stroke_width=wide)

    def _draw_circles(self, root: svg.Element) -> None:
        drawn = svg.group(root, "spots")
        for each in self._circles:
            kind = "spot" if each.number else "spot hollow"
            named = self._names.named(each.spot.area)
            title = f"{named['label']}: {each.number}" if each.number else named["label"]
            kind += " whole" if each.spot.kind == "country" else ""
            parent = svg.link(drawn, named["address"], title, kind)
            x, y = each.at
            svg.shape(parent, "circle", "", cx=x, cy=y, r=each.radius)

    def _draw_stubs(self, root: svg.Element) -> None:
        drawn = svg.group(root, "stubs")
        for each in self._stubs:
            named = self._names.named(each.spot.area)
            parent = svg.link(drawn, named["address"], each.text, "stub")
            box = each.box
            wide, high = box.right - box.left, box.bottom - box.top
            svg.shape(
                parent, "rect", "", x=box.left, y=box.top, width=wide, height=high, rx=high / 2
            )
            middle = (box.left + box.right) / 2, (box.top + box.bottom) / 2 + _FONT * 0.35
            svg.text(parent, [each.text], middle, _FONT, language=named["language"])

    def _draw_names(self, root: svg.Element) -> None:
        """Write the names of spots where there is room for them, of the largest first."""
        drawn = svg.group(root, "names")
        taken = [*outside(*self._size), *(each.box for each in self._stubs)]
        taken += [around(*each.at, 2 * each.radius, 2 * each.radius) for each in self._circles]
        named = [each for each in self._circles if each.number or each.spot in self._shown.partners]
        for each in named[:_MOST_NAMES]:
            text = shortened(self._name(each.spot), _FONT, _WIDEST_NAME)
            for at, anchor, box in _places_beside(each, text):
                if not any(map(box.meets, taken)):
                    taken.append(box)
                    language = self._names.named(each.spot.area)["language"]
                    svg.text(drawn, [text], at, _FONT, anchor=anchor, language=language)
                    break

    def _name(self, spot: Spot) -> str:
        return one_line(self._names.named(spot.area)["label"])


def _arc(start: Position, end: Position) -> str:
    """Return a curve from *start* to *end*, bent upwards."""
    (x, y), (u, v) = sorted((start, end))
    across = (v - y) * _BEND, (x - u) * _BEND
    middle = (x + u) / 2 + across[0], (y + v) / 2 + across[1]
    numbers = (x, y, *middle, u, v)
    return "M{} {}Q{} {} {} {}".format(*map(svg.number, numbers))


def _places_beside(circle: _Circle, text: str) -> list[tuple[Position, str, Rectangle]]:
    """Return where a name may stand: beside a circle, above or below it, or in between."""
    wide, high = width(text, _FONT), _FONT * 1.1
    (x, y), away = circle.at, circle.radius + 3
    middle = y + _FONT * 0.35
    above, below = y - away - 2, y + away + _FONT * 0.8
    aside = away * 0.7
    return [
        ((x + away, middle), "start", around(x + away + wide / 2, y, wide, high)),
        ((x - away, middle), "end", around(x - away - wide / 2, y, wide, high)),
        ((x, above), "middle", around(x, above - _FONT * 0.35, wide, high)),
        ((x, below), "middle", around(x, below - _FONT * 0.35, wide, high)),
        *(
            ((x + aside * right, middle + aside * down), anchor, box)
            for right, anchor in ((1, "start"), (-1, "end"))
            for down in (-1, 1)
            for box in [around(x + (aside + wide / 2) * right, y + aside * down, wide, high)]
        ),
    ]
