"""A chart of key figures as SVG: for each, the time it held for, and how much it is.

A row has two marks. The bar at the left is the time: hollow where it is only that of the document,
and with an arrow where an end is open. The dot at the right is the amount: hollow where it is not
exact, with an arrow to the side on which the true value lies, two dots for a range. What a mark
stands for is also written behind it, so nothing is told by a shape or a colour alone.

Charting libraries were no help: pygal has no bars of time and writes styles and scripts into its
pictures, which our pages forbid; the others need a browser or numpy. Python writes XML itself.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from graph.publishing.site.figure_scales import Times, Values, ends_of, numbers_of
from graph.publishing.site.figures import cut
from graph.publishing.site.wording import amount, number_words, period
from graph.publishing.xml_text import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graph.publishing.site.figures import Figure

MOST_ROWS = 40
"""How many figures one chart has; the table below it has the others."""
_WIDTH, _ROW, _TOP = 860, 26, 34
_NAME, _TIME, _VALUE, _WORDS = (8, 222), (236, 470), (496, 660), 676
"""From where to where the columns of a chart reach."""
_LONGEST_NAME = 33
_MOST_TICKS = 5
_TURNING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""What would write the rest of a line from right to left."""
_ABOVE, _BELOW = frozenset({"more-than", "at-least"}), frozenset({"nearly"})
_INK, _SOFT, _LINE = "#0b5f66", "#555c63", "#dedbd2"

_Element = ET.Element


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
    height = _TOP + _ROW * len(rows) + 34
    root = ET.Element("svg", _frame(name, height))
    ET.SubElement(root, "title", {"id": name}).text = _clean(wording.title)
    _rect(root, "ground", 0, 0, _WIDTH, height, fill="#ffffff")
    times, values = Times.of(rows, *_TIME), Values.of(rows, *_VALUE)
    _draw_axes(root, times, values, rows[0], wording, height)
    last_thing = ""
    for number, figure in enumerate(rows):
        thing = str(figure["about"]["iri"]) if figure["about"] else figure["iri"]
        _draw_row(root, figure, number, (times, values), wording, is_named=thing != last_thing)
        last_thing = thing
    _draw_key(root, wording, height - 12)
    ET.indent(root, " ")
    return ET.tostring(root, encoding="unicode")


def _draw_axes(
    root: _Element,
    times: Times,
    values: Values,
    figure: Figure,
    wording: Wording,
    height: int,
) -> None:
    bottom = height - 30
    lines = ET.SubElement(root, "g", {"class": "grid", "stroke": _LINE, "aria-hidden": "true"})
    marks = ET.SubElement(root, "g", {"class": "soft", "fill": _SOFT, "aria-hidden": "true"})
    for at, year in times.ticks():
        _line(lines, at, _TOP - 8, at, bottom)
        _text(marks, at, _TOP - 14, year, anchor="middle", size=11)
    for number in values.ticks():
        _line(lines, values.at(number), _TOP - 8, values.at(number), bottom)
    for number in {0.0 if values.least == 0 else values.least, values.most}:
        words = _tick_words(number, figure, wording.language)
        _text(marks, values.at(number), _TOP - 14, words, anchor="middle", size=11)


def _tick_words(number: float, figure: Figure, language: str) -> str:
    if figure["unit_symbol"] == "%":
        return amount({**figure, "numbers": [f"{number:.6g}"]}, language)
    return number_words(Decimal(f"{number:.6g}"), language)


def _draw_row(
    root: _Element,
    figure: Figure,
    number: int,
    scales: tuple[Times, Values],
    wording: Wording,
    *,
    is_named: bool,
) -> None:
    middle = _TOP + _ROW * number + _ROW / 2
    group = ET.SubElement(root, "g", {"class": "row"})
    about = figure["about"] or {"label": figure["iri"], "address": figure["address"]}
    said = _words(figure, wording.language)
    time = period(figure["from"], figure["to"], wording.language)
    ET.SubElement(group, "title").text = _clean(f"{about['label']}: {said} ({time})")
    if is_named:
        link = ET.SubElement(group, "a", {"href": _address(about["address"], wording)})
        _text(link, _NAME[0], middle + 4, cut(_clean(about["label"]), _LONGEST_NAME), ink=_INK)
    _draw_time(group, figure, scales[0], middle)
    _draw_value(group, figure, scales[1], middle)
    _text(group, _WORDS, middle + 4, cut(said, _LONGEST_NAME), ink="#1c2024")


def _draw_time(group: _Element, figure: Figure, times: Times, middle: float) -> None:
    start, end = ends_of(figure)
    if start is None and end is None:
        return
    left = times.at(start) if start else _TIME[0]
    right = max(times.at(end) if end else _TIME[1], left + 5)
    is_hollow = figure["is_of_document"]
    look = {"fill": "none", "stroke": _INK} if is_hollow else {"fill": _INK, "stroke": _INK}
    kind = "time hollow" if is_hollow else "time"
    _rect(group, kind, left, middle - 5, right - left, 10, **look)
    for is_open, tip, back in ((start is None, left, 7), (end is None, right, -7)):
        if is_open:
            _arrow(group, tip, tip + back, middle, 9)


def _draw_value(group: _Element, figure: Figure, values: Values, middle: float) -> None:
    places = [values.at(number) for number in numbers_of(figure)]
    if not places:
        return
    first, last = min(places), max(places)
    is_hollow = not figure["is_exact"] and len(places) == 1
    _line(group, values.at(0.0), middle, first, middle, kind="stem", stroke=_LINE)
    if len(places) > 1:
        _line(group, first, middle, last, middle, kind="span", stroke=_INK)
    for place in places:
        look = {"fill": "#ffffff" if is_hollow else _INK, "stroke": _INK}
        at = {"cx": f"{place:.1f}", "cy": f"{middle:.1f}", "r": "4.5"}
        kind = "dot hollow" if is_hollow else "dot"
        ET.SubElement(group, "circle", {"class": kind, **at, **look, "stroke-width": "1.6"})
    side = 1 if figure["precision"] in _ABOVE else -1 if figure["precision"] in _BELOW else 0
    if side:
        _arrow(group, last + 15 * side, last + 9 * side, middle, 4)


def _arrow(group: _Element, tip: float, back: float, middle: float, half: int) -> None:
    points = f"{tip:.1f},{middle:.1f} {back:.1f},{middle - half:.1f} {back:.1f},{middle + half:.1f}"
    ET.SubElement(group, "polygon", {"class": "arrow", "points": points, "fill": _INK})


def _draw_key(root: _Element, wording: Wording, at: float) -> None:
    """Draw what the two looks of a time mean."""
    group = ET.SubElement(root, "g", {"class": "key"})
    _rect(group, "time", _TIME[0], at - 8, 22, 10, fill=_INK, stroke=_INK)
    _text(group, _TIME[0] + 28, at + 1, wording.stated, ink=_SOFT, size=11)
    left = _TIME[0] + 48 + 7 * len(wording.stated)
    _rect(group, "time hollow", left, at - 8, 22, 10, fill="none", stroke=_INK)
    _text(group, left + 28, at + 1, wording.of_document, ink=_SOFT, size=11)


def _words(figure: Figure, language: str) -> str:
    is_told = figure["qualifier"] and not figure["is_exact"] and figure["precision"] != "range"
    before = f"{figure['qualifier']['label']} " if is_told else ""
    return _clean(before + amount(figure, language))


def _address(address: str, wording: Wording) -> str:
    """Return *address* in the language of the chart, and nothing that leads off the web."""
    if not address.startswith(("https://", "http://")):
        return "#"
    return address.replace(wording.public_url, wording.home, 1)


def _clean(text: str) -> str:
    return _TURNING.sub("", printable(text))


def _frame(name: str, height: int) -> dict[str, str]:
    return {
        "xmlns": "http://www.w3.org/2000/svg",
        "class": "chart",
        "viewBox": f"0 0 {_WIDTH} {height}",
        "width": str(_WIDTH),
        "height": str(height),
        "role": "group",
        "aria-labelledby": name,
        "font-family": "system-ui, sans-serif",
        "font-size": "12.5",
    }


def _rect(
    parent: _Element,
    kind: str,
    left: float,
    top: float,
    width: float,
    height: float,
    **look: str,
) -> None:
    at = {"x": left, "y": top, "width": width, "height": height}
    said = {key: f"{value:.1f}" for key, value in at.items()}
    rounded = {} if kind == "ground" else {"rx": "2"}
    ET.SubElement(parent, "rect", {"class": kind, **said, **rounded, **look})


def _line(
    parent: _Element,
    left: float,
    top: float,
    right: float,
    bottom: float,
    kind: str = "",
    **look: str,
) -> None:
    at = {"x1": left, "y1": top, "x2": right, "y2": bottom}
    said = {key: f"{value:.1f}" for key, value in at.items()}
    ET.SubElement(parent, "line", {**({"class": kind} if kind else {}), **said, **look})


def _text(
    parent: _Element,
    left: float,
    base: float,
    words: str,
    *,
    anchor: str = "",
    size: float = 0,
    ink: str = "",
) -> None:
    at: dict[str, Any] = {"x": f"{left:.1f}", "y": f"{base:.1f}"}
    look = {"text-anchor": anchor, "font-size": str(size) if size else "", "fill": ink}
    kind = {_INK: "name", _SOFT: "soft"}.get(ink, "")
    said = {key: value for key, value in {**at, **look, "class": kind}.items() if value}
    ET.SubElement(parent, "text", said).text = _clean(words)
