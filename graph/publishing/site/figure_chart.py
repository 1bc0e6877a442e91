"""A chart of key figures as SVG: for each, the time it held for, and how much it is.

A row has two marks. The bar at the left is the time: hollow where it is only that of the document,
and with an arrow where an end is open. The dot at the right is the amount: hollow where it is not
exact, with an arrow to the side on which the true value lies, two dots for a range. What a mark
stands for is also written behind it, so nothing is told by a shape or a colour alone.

Charting libraries were no help: pygal has no bars of time and writes styles and scripts into its
pictures, which our pages forbid; the others need a browser or numpy.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from graph.publishing.pictures import svg
from graph.publishing.pictures.standalone import PAPER
from graph.publishing.pictures.text import one_line, shortened
from graph.publishing.site.figure_scales import Times, Values, ends_of, numbers_of
from graph.publishing.site.wording import amount, number_words, period

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graph.publishing.site.figures import Figure

MOST_ROWS = 40
"""How many figures one chart has; the table below it has the others."""
STYLE = (
    PAPER
    + """\
.soft{fill:#555c63}
a text{fill:#0b5f66}
.tick{stroke:#dedbd2}
.time,.dot{fill:#0b5f66;stroke:#0b5f66;stroke-width:1.6}
.time.hollow{fill:none;stroke-width:1.2}
.dot.hollow{fill:#fff}
.stem{stroke:#8b8f8c}
.span{stroke:#0b5f66;stroke-width:2}
.arrow{fill:#0b5f66}
"""
)
"""How a chart looks where no style sheet of a page says so; `figures.css` has the same classes."""

_WIDTH, _ROW, _TOP, _BELOW = 880, 26, 34, 34
_NAME, _TIME, _VALUE, _WORDS = (8, 226), (240, 474), (500, 664), (684, 872)
"""From where to where the columns of a chart reach."""
_SIZE, _SMALL = 12.5, 11.0
_ABOVE, _UNDER = frozenset({"more-than", "at-least"}), frozenset({"nearly"})


@dataclass(frozen=True, slots=True)
class Wording:
    """What a chart says besides its figures."""

    title: str
    stated: str
    """What a time is called that the source gives."""
    of_document: str
    """What it is called where it is only that of the document."""
    language: str
    home: str
    """The address that the pages in that language begin with."""
    public_url: str


def chart(figures: Sequence[Figure], wording: Wording, name: str) -> str:
    """Return the first `MOST_ROWS` of *figures*, which have one unit, as SVG.

    *name* is the id of what says what it shows.
    """
    rows = figures[:MOST_ROWS]
    bottom = _TOP + _ROW * len(rows)
    root = svg.picture(_WIDTH, bottom + _BELOW, name, "figures")
    ET.SubElement(root, "title", {"id": name}).text = one_line(wording.title)
    drawn = _Chart(rows, wording)
    drawn.draw_axes(svg.group(root, "axes", aria_hidden="true"), bottom)
    last_thing = ""
    for number, figure in enumerate(rows):
        thing = str(figure["about"]["iri"]) if figure["about"] else figure["iri"]
        middle = _TOP + _ROW * (number + 0.5)
        drawn.draw_row(root, figure, middle, is_named=thing != last_thing)
        last_thing = thing
    drawn.draw_key(svg.group(root, "key"), bottom + _BELOW - 12)
    return svg.written(root)


class _Chart:
    def __init__(self, rows: Sequence[Figure], wording: Wording) -> None:
        self._wording = wording
        self._times = Times.of(rows, *_TIME)
        self._values = Values.of(rows, *_VALUE)
        self._first = rows[0] if rows else None

    def draw_axes(self, parent: svg.Element, bottom: float) -> None:
        for at, year in self._times.ticks():
            _line(parent, "tick", (at, _TOP - 8), (at, bottom))
            svg.text(parent, [year], (at, _TOP - 14), _SMALL, kind="soft")
        for number in self._values.ticks():
            at = self._values.at(number)
            _line(parent, "tick", (at, _TOP - 8), (at, bottom))
        for number in sorted({self._values.least, self._values.most}):
            words = self._tick_words(number)
            svg.text(parent, [words], (self._values.at(number), _TOP - 14), _SMALL, kind="soft")

    def draw_row(self, root: svg.Element, figure: Figure, middle: float, *, is_named: bool) -> None:
        parent = svg.group(root, "row")
        about = figure["about"] or {"label": figure["iri"], "address": figure["address"]}
        said = self._words(figure)
        time = period(figure["from"], figure["to"], self._wording.language)
        told = f"{about['label']}: {said} ({time})"
        ET.SubElement(parent, "title").text = one_line(told)
        if is_named:
            link = svg.link(parent, self._address(about["address"]), about["label"])
            _text(link, about["label"], _NAME, middle)
        self._draw_time(parent, figure, middle)
        self._draw_value(parent, figure, middle)
        _text(parent, said, _WORDS, middle)

    def draw_key(self, parent: svg.Element, at: float) -> None:
        """Draw what the two looks of a time mean."""
        stated, of_document = self._wording.stated, self._wording.of_document
        for kind, words, left in (
            ("time", stated, _TIME[0]),
            ("time hollow", of_document, _TIME[0] + 120),
        ):
            svg.shape(parent, "rect", kind, x=left, y=at - 8, width=22, height=10, rx=2)
            place = (left + 28, at + 1)
            svg.text(parent, [one_line(words)], place, _SMALL, kind="soft", anchor="start")

    def _draw_time(self, parent: svg.Element, figure: Figure, middle: float) -> None:
        start, end = ends_of(figure)
        if start is None and end is None:
            return
        left = self._times.at(start) if start else _TIME[0]
        right = max(self._times.at(end) if end else _TIME[1], left + 5)
        kind = "time hollow" if figure["is_of_document"] else "time"
        wide = right - left
        svg.shape(parent, "rect", kind, x=left, y=middle - 5, width=wide, height=10, rx=2)
        if start is None:
            _arrow(parent, left, left + 7, middle, 9)
        if end is None:
            _arrow(parent, right, right - 7, middle, 9)

    def _draw_value(self, parent: svg.Element, figure: Figure, middle: float) -> None:
        places = sorted(self._values.at(number) for number in numbers_of(figure))
        if not places:
            return
        first, last = places[0], places[-1]
        _line(parent, "stem", (self._values.at(0.0), middle), (first, middle))
        if len(places) > 1:
            _line(parent, "span", (first, middle), (last, middle))
        is_hollow = not figure["is_exact"] and len(places) == 1
        for place in places:
            kind = "dot hollow" if is_hollow else "dot"
            svg.shape(parent, "circle", kind, cx=place, cy=middle, r=4.5)
        side = (figure["precision"] in _ABOVE) - (figure["precision"] in _UNDER)
        if side:
            _arrow(parent, last + 15 * side, last + 9 * side, middle, 4)

    def _words(self, figure: Figure) -> str:
        is_told = figure["qualifier"] and not figure["is_exact"] and figure["precision"] != "range"
        before = f"{figure['qualifier']['label']} " if is_told else ""
        return before + amount(figure, self._wording.language)

    def _tick_words(self, number: float) -> str:
        exact = f"{number:.6g}"
        if self._first and self._first["unit_symbol"] == "%":
            return amount({**self._first, "numbers": [exact]}, self._wording.language)
        return number_words(Decimal(exact), self._wording.language)

    def _address(self, address: str) -> str:
        """Return *address* in the language of the chart."""
        return address.replace(self._wording.public_url, self._wording.home, 1)


def _text(parent: svg.Element, words: str, ends: tuple[float, float], middle: float) -> None:
    line = shortened(one_line(words), _SIZE, ends[1] - ends[0])
    svg.text(parent, [line], (ends[0], middle + 4), _SIZE, anchor="start")


def _line(
    parent: svg.Element, kind: str, start: tuple[float, float], end: tuple[float, float]
) -> None:
    (x1, y1), (x2, y2) = start, end
    svg.shape(parent, "line", kind, x1=x1, y1=y1, x2=x2, y2=y2)


def _arrow(parent: svg.Element, tip: float, back: float, middle: float, half: float) -> None:
    corners = ((tip, middle), (back, middle - half), (back, middle + half))
    points = " ".join(f"{svg.number(x)},{svg.number(y)}" for x, y in corners)
    svg.shape(parent, "polygon", "arrow", points=points)
