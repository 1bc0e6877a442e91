"""A diagram as SVG: boxes that are links, and lines between them."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

from graph.namespaces import MP

if TYPE_CHECKING:
    from graph.publishing.ontology.diagram import Box, Layout, Link

_WIDTH, _ROW, _COLUMN, _MARGIN = 200, 24, 260, 8
WIDE = 420
"""How far columns are apart that many lines lie between."""
_GAP = 4
"""What is free between two boxes in rows that follow each other."""
_LONGEST = 26
_FONT = {"font-family": "sans-serif", "font-size": "13"}


def svg(
    layout: Layout, name: str, *, title: str = "", address: str = "", column: int = _COLUMN
) -> str:
    """Return *layout* as SVG; boxes link to the classes at *address*.

    What has the id *name* says what it shows: its *title*, or without one a part of the page around
    it. *column* is how far the columns are apart. A style sheet may say how it looks, by class; it
    has colours of its own for where there is none.
    """
    root = ET.Element("svg", _frame(layout, name, column))
    if title:
        ET.SubElement(root, "title", {"id": name}).text = title
    lines = ET.SubElement(
        root, "g", {"class": "lines", "fill": "none", "stroke": "#808080", "aria-hidden": "true"}
    )
    for link in layout.links:
        ET.SubElement(lines, "path", {"d": _curve(link, column)})
    for box in layout.boxes:
        _draw(root, box, address, column)
    ET.indent(root, " ")
    return ET.tostring(root, encoding="unicode")


def _frame(layout: Layout, name: str, column: int) -> dict[str, str]:
    columns = max((box.column for box in layout.boxes), default=0)
    rows = max((box.row + 1 + len(box.lines) for box in layout.boxes), default=0)
    width = columns * column + _WIDTH + 2 * _MARGIN
    height = round(rows * _ROW) + 2 * _MARGIN
    return {
        "xmlns": "http://www.w3.org/2000/svg",
        "class": "diagram",
        "viewBox": f"0 0 {width} {height}",
        "width": str(width),
        "height": str(height),
        "role": "group",
        "aria-labelledby": name,
    }


def _curve(link: Link, column: int) -> str:
    left = _left(link.start, column) + _WIDTH
    right = _left(link.end, column)
    start, end = _middle(link.row), _middle(link.end.row)
    if right < left:  # it leads back
        left, right = left - _WIDTH, right + _WIDTH
    half = (left + right) // 2
    return f"M{left} {start}C{half} {start} {half} {end} {right} {end}"


def _draw(root: ET.Element, box: Box, address: str, column: int) -> None:
    name = box.iri.removeprefix(MP)
    left, top = _left(box, column), round(_MARGIN + box.row * _ROW)
    height = _ROW * (1 + len(box.lines)) - _GAP
    link = ET.SubElement(root, "a", {"href": f"{address}#{name}", "class": "box"})
    frame = {"x": left, "y": top, "width": _WIDTH, "height": height, "rx": 3}
    ET.SubElement(
        link,
        "rect",
        {key: str(value) for key, value in frame.items()} | {"fill": "#fff", "stroke": "#808080"},
    )
    for place, words in enumerate((name, *box.lines)):
        bold = {} if place else {"font-weight": "bold"}
        at = {"x": str(left + 8), "y": str(top + place * _ROW + 15)}
        ET.SubElement(link, "text", {**at, **_FONT, **bold, "fill": "#1a1a1a"}).text = _cut(words)


def _left(box: Box, column: int) -> int:
    return _MARGIN + box.column * column


def _middle(row: float) -> int:
    return round(_MARGIN + row * _ROW + (_ROW - _GAP) / 2)


def _cut(words: str) -> str:
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"
