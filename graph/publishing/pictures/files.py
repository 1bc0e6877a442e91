"""Pictures as files: the map and the network as SVG and PNG, and the base map for scripts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from graph.errors import QueryRejected, UnknownThing
from graph.publishing.labels import Names
from graph.publishing.pictures.asked import asked_of
from graph.publishing.pictures.base_map import base_map
from graph.publishing.pictures.chosen import choice_from
from graph.publishing.pictures.letters import STANDS_FOR, drawable, drawable_in
from graph.publishing.pictures.map import drawing as drawing_of_map
from graph.publishing.pictures.map_features import map_features
from graph.publishing.pictures.network import drawing as drawing_of_network
from graph.publishing.pictures.places import places
from graph.publishing.pictures.png import LEAST_WIDE, MOST_WIDE, png_of
from graph.publishing.pictures.standalone import STYLE, Caption, caption_from, standalone

if TYPE_CHECKING:
    from graph.publishing.edition import Edition

PNG = "image/png"
_USUAL_WIDTH = 1200


def write_base_map(edition: Edition) -> None:
    """Write the outlines of the countries of Europe."""
    if edition.is_wanted:
        edition.out.write(base_map())


def write_map_places(edition: Edition) -> None:
    """Write what the map shows of Europe as GeoJSON: places, and lines between them."""
    choice = choice_from(edition.arguments)
    if edition.is_wanted:
        features = map_features(edition, Names(edition), places(edition, choice))
        collection = {"type": "FeatureCollection", "features": features}
        edition.out.write(json.dumps(collection, ensure_ascii=False).encode())


def write_map_picture(edition: Edition) -> None:
    """Write the map as a file."""
    choice, width = choice_from(edition.arguments), width_of(edition)
    if edition.is_wanted:
        _write(edition, drawing_of_map(edition, Names(edition), places(edition, choice)), width)


def write_network_picture(edition: Edition) -> None:
    """Write the network as a file; UnknownThing where there is nothing to draw."""
    width = width_of(edition)
    names = Names(edition)
    asked = asked_of(edition)
    drawing = drawing_of_network(edition, names, asked.network, "network")
    if not asked.is_answered:
        raise UnknownThing("nothing is linked by what was asked for, so there is no picture of it")
    if edition.is_wanted:
        _write(edition, drawing, width)


def _write(edition: Edition, drawing: str, width: int) -> None:
    caption = caption_from(edition.arguments, edition.generation)
    edition.out.write(picture(edition, drawing, caption, width))


def picture(
    edition: Edition, drawing: str, caption: Caption, width: int, style: str = STYLE
) -> bytes:
    """Return *drawing* as the file that is asked for.

    An SVG is drawn with the fonts of whoever looks at it. For a PNG there is one, and where it
    lacks letters the argument `lacking` is what the caption says about that.
    """
    if edition.media_type != PNG:
        return standalone(drawing, caption, style).encode()
    texts = (drawing, caption.title)
    if texts != (drawable_in(drawing), drawable(caption.title)):
        told = edition.arguments.get("lacking", "").format(mark=STANDS_FOR)
        lines = (*caption.lines, *filter(None, [told]))
        caption = Caption(drawable(caption.title), lines)
    return png_of(standalone(drawable_in(drawing), caption, style), width)


def width_of(edition: Edition) -> int:
    """Return how wide a picture is to be; QueryRejected where that is nonsense."""
    text = edition.arguments.get("width", str(_USUAL_WIDTH))
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(MOST_WIDE))
    if not is_number or not LEAST_WIDE <= int(text) <= MOST_WIDE:
        raise QueryRejected(
            f"'width' is {text[:40]!a}; send a number of pixels from {LEAST_WIDE} to {MOST_WIDE}"
        )
    return int(text)
