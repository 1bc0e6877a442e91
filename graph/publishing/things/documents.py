"""Documents about a thing: what there is to say about it, in all formats.

Their arguments are `iri` and, where they are not as usual, `page` and `asof`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from graph.errors import QueryRejected, UnknownThing, UnwritableAnswer
from graph.publishing.asof import day_from
from graph.publishing.things.description import Wish, describe
from graph.publishing.things.finding import require_thing
from graph.publishing.things.formats import CSV, GEOJSON, formats_of_thing
from graph.publishing.things.places import features_of
from graph.publishing.things.rdf import write_rdf
from graph.publishing.things.table import table_of
from graph.publishing.things.values import thing_values

if TYPE_CHECKING:
    from graph.publishing.edition import Edition
    from graph.publishing.things.description import Description

_JSON = "application/json"
_LONGEST_NUMBER = 9


def write_resource(edition: Edition) -> None:
    """Write what there is to say about a thing."""
    wish = wish_of(edition)
    formats = formats_of_thing(edition.store, wish.thing)
    if edition.media_type not in {each.media_type for each in formats}:
        raise UnwritableAnswer(
            f"{wish.thing.value} cannot be had as {edition.media_type}; there is "
            + ", ".join(each.media_type for each in formats)
        )
    if edition.media_type == GEOJSON.media_type:
        features = features_of(edition.store, wish.thing)
        edition.out.write(_json({"type": "FeatureCollection", "features": features}))
        return
    description = describe(edition.store, wish)
    require_page(wish, description.pages)
    if edition.media_type in (_JSON, CSV.media_type):
        _write_values(edition, description)
    else:
        write_rdf(description, edition.public_url, edition.media_type, edition.out)


def _write_values(edition: Edition, description: Description) -> None:
    formats = formats_of_thing(edition.store, description.wish.thing)
    values = thing_values(edition, description, formats)
    is_table = edition.media_type == CSV.media_type
    edition.out.write(table_of(values["statements"]) if is_table else _json(values))


def wish_of(edition: Edition) -> Wish:
    """Read the arguments; raise what is wrong with them, or where the thing is instead."""
    arguments = edition.arguments
    day = day_from(arguments["asof"]) if "asof" in arguments else None
    page = _page_from(arguments.get("page", "1"))
    return Wish(require_thing(edition.store, arguments["iri"], edition.public_url), page, day)


def require_page(wish: Wish, pages: int) -> None:
    """Raise UnknownThing where there is no such page."""
    if wish.page > pages:
        there = f"there are {pages} pages" if pages > 1 else "there is one page"
        raise UnknownThing(f"there is no page {wish.page} about {wish.thing.value}: {there}")


def _page_from(text: str) -> int:
    is_number = text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER
    if not is_number or int(text) < 1:
        raise QueryRejected(f"'page' is {text[:40]!a}; send a number from 1 on")
    return int(text)


def _json(values: object) -> bytes:
    return json.dumps(values, ensure_ascii=False).encode()
