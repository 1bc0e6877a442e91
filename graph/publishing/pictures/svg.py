"""SVG, written by a writer of XML: shapes with classes, links, and text that is only text."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

from graph.publishing.pictures.text import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graph.publishing.pictures.projection import Position

Element = ET.Element
LINE = 1.25
"""How far lines of text are apart, of the size of the font."""


def picture(width: int, height: int, name: str, kind: str) -> Element:
    """Return an empty picture of a *kind*, which is a class; what has the id *name* says its name.

    It holds links, so it is a group and no image: what is in an image is not for everybody.
    """
    return Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "class": f"picture {kind}",
            "viewBox": f"0 0 {width} {height}",
            "width": str(width),
            "height": str(height),
            "role": "group",
            "aria-labelledby": name,
        },
    )


def group(parent: Element, kind: str, **attributes: str) -> Element:
    """Add a group whose class is *kind*."""
    return ET.SubElement(parent, "g", {"class": kind, **_named(attributes)})


def link(parent: Element, address: str, title: str, kind: str = "") -> Element:
    """Add a link to *address*, with a *title*; a group where that leads nowhere on the web."""
    is_safe = address.startswith(("https://", "http://", "/"))
    tag, attributes = ("a", {"href": _plain(address)}) if is_safe else ("g", {})
    made = ET.SubElement(parent, tag, attributes | ({"class": kind} if kind else {}))
    ET.SubElement(made, "title").text = one_line(title)
    return made


def shape(parent: Element, tag: str, kind: str, title: str = "", **attributes: float | str) -> None:
    """Add a circle, a path or what else *tag* says, with a *title* if there is one."""
    said = {key: number(value) for key, value in attributes.items()}
    made = ET.SubElement(parent, tag, {"class": kind, **_named(said)})
    if title:
        ET.SubElement(made, "title").text = one_line(title)


def text(
    parent: Element,
    lines: Sequence[str],
    at: Position,
    size: float,
    *,
    kind: str = "",
    anchor: str = "middle",
    language: str | None = None,
) -> None:
    """Add *lines* of text, the first with its base line at *at*."""
    x, y = at
    attributes = {"x": number(x), "y": number(y), "font-size": number(size), "text-anchor": anchor}
    attributes |= {"class": kind} if kind else {}
    attributes |= {"lang": language} if language else {}
    made = ET.SubElement(parent, "text", attributes)
    if len(lines) == 1:
        made.text = lines[0]
        return
    for place, line in enumerate(lines):
        down = {"dy": number(size * LINE)} if place else {}
        ET.SubElement(made, "tspan", {"x": number(x), **down}).text = line


def written(root: Element) -> str:
    """Return the picture as text."""
    return ET.tostring(root, encoding="unicode")


def number(value: float | str) -> str:
    """Return a number as SVG has it, with one decimal, which is the same on every machine."""
    if isinstance(value, str):
        return _plain(value)
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def _named(attributes: dict[str, str]) -> dict[str, str]:
    return {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()}


def _plain(value: str) -> str:
    return "".join(each for each in value if each >= " ")
