"""A picture as a file of its own: with a title, a caption, and its own light colours."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graph.publishing.pictures import svg
from graph.publishing.pictures.text import one_line, wrapped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graph.publishing.edition import Facts

_SVG = "http://www.w3.org/2000/svg"
_TITLE, _CAPTION = 18.0, 11.0
_MARGIN = 16.0
_MOST_LINES = 6
_NARROWEST = 400
PAPER = """\
.picture{font-family:"Noto Sans","DejaVu Sans",Verdana,sans-serif;background:#fff}
.paper{fill:#fff}
text{fill:#1c2024}
.title{font-weight:600}
.caption{fill:#555c63}
"""
"""How all files look: their paper, letters, title and caption."""
STYLE = (
    PAPER
    + """\
.country{fill:#eceae3;stroke:#bdbdb6;stroke-width:.7;stroke-linejoin:round}
.arc{fill:none;stroke:#0b5f66;stroke-opacity:.55;stroke-linecap:round}
.spot circle{fill:#0b5f66;fill-opacity:.75;stroke:#fff;stroke-width:1}
.spot.hollow circle{fill:#fff;fill-opacity:.7;stroke:#0b5f66;stroke-width:1.6}
.spot.whole circle{stroke:#0b5f66;stroke-width:1.4;stroke-dasharray:3 2;fill-opacity:.35}
.stub rect{fill:#e3f0ef;stroke:#0b5f66;stroke-width:.8}
.names text,.thing text,.kinds text{stroke:#fff;stroke-width:3;stroke-linejoin:round}
.names text,.thing text,.kinds text{paint-order:stroke}
.kinds text,.more{fill:#555c63}
.line path{fill:none;stroke:#8b8f8c;stroke-width:1.4}
.line.partnership path{stroke:#0b5f66;stroke-width:2}
.line.participation path{stroke-dasharray:6 3}
.line.funding path{stroke-dasharray:2 3}
.line.part path{stroke-width:.9}
.thing circle{fill:#fff;stroke:#8b8f8c;stroke-width:2}
.thing.cluster circle,.thing.network circle,.thing.group circle{fill:#0b5f66;stroke:#fff}
.thing.organisation circle,.thing.person circle{stroke:#0b5f66}
.thing.project circle,.thing.programme circle,.thing.event circle{fill:#e3f0ef;stroke:#0b5f66}
.thing.focus circle{stroke:#1c2024;stroke-width:2.5}
.thing.focus text{font-weight:600}
"""
)
"""How pictures look where no style sheet of a page says so; `pictures.css` has the same classes."""


@dataclass(frozen=True, slots=True)
class Caption:
    """What stands around a picture: its title above it, and lines below."""

    title: str
    lines: tuple[str, ...] = ()


def caption_from(arguments: Mapping[str, str], facts: Facts) -> Caption:
    """Read what is to stand around a picture, in the language of whoever asked.

    `{generation}` and `{day}` in it are those of *facts*.
    """
    text = arguments.get("caption", "")
    text = text.replace("{generation}", str(facts.number)).replace("{day}", facts.built[:10])
    return Caption(arguments.get("title", ""), tuple(line for line in text.split("\n") if line))


def standalone(drawing: str, caption: Caption, style: str = STYLE) -> str:
    """Return *drawing*, a picture of a page, as an SVG that stands for itself.

    Any drawing will do that has a `viewBox` from 0, and text that is measured already.
    """
    inner = ET.fromstring(drawing)  # noqa: S314 -- it was written here, a moment ago
    _, _, wide, high = map(float, inner.attrib["viewBox"].split())
    width = max(wide, _NARROWEST)
    title = wrapped(one_line(caption.title), _TITLE, (width - 2 * _MARGIN) / _BOLD, 2)
    lines = [
        line
        for text in caption.lines
        for line in wrapped(one_line(text), _CAPTION, width - 2 * _MARGIN, _MOST_LINES)
    ]
    top = _MARGIN + len(title) * _TITLE * svg.LINE + 6
    below = len(lines) * _CAPTION * 1.45 + _MARGIN
    return _written(inner, (width, wide, high), (title, lines), (top, below), style)


_BOLD = 1.1
"""How much wider bold text is."""


def _written(
    inner: svg.Element,
    sizes: tuple[float, float, float],
    texts: tuple[list[str], list[str]],
    around: tuple[float, float],
    style: str,
) -> str:
    (width, wide, high), (title, lines), (top, below) = sizes, texts, around
    whole = round(width), round(top + high + below)
    root = svg.picture(*whole, "title", "alone")
    root.attrib["class"] = inner.attrib.get("class", "picture")
    ET.SubElement(root, "title", {"id": "title"}).text = " ".join(title)
    ET.SubElement(root, "style").text = style
    svg.shape(root, "rect", "paper", x=0, y=0, width=whole[0], height=whole[1])
    at = (_MARGIN, _MARGIN + _TITLE)
    svg.text(root, title, at, _TITLE, kind="title", anchor="start")
    # An SVG in an SVG shows nothing beyond its edges, which countries have.
    place = {"x": (width - wide) / 2, "y": top, "width": wide, "height": high}
    within = ET.SubElement(root, "svg", {name: svg.number(value) for name, value in place.items()})
    within.extend(_without_namespace(each) for each in inner)
    for place, line in enumerate(lines):
        at = (_MARGIN, top + high + _CAPTION * (1.2 + 1.45 * place))
        svg.text(root, [line], at, _CAPTION, kind="caption", anchor="start")
    return svg.written(root)


def _without_namespace(element: svg.Element) -> svg.Element:
    """Return *element* with names as they are written here."""
    for each in element.iter():
        each.tag = each.tag.removeprefix(f"{{{_SVG}}}")
    return element
