"""All that is said of a thing, entry by entry: a part of a page of its files at a time."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from graph.errors import UnknownThing
from graph.publishing.site.tools import tools
from graph.publishing.things.description import PART_ENTRIES, PARTS, describe
from graph.publishing.things.documents import require_page, wish_of
from graph.publishing.things.formats import formats_of_thing
from graph.publishing.things.links import address_with
from graph.publishing.things.values import thing_values

if TYPE_CHECKING:
    from graph.formats import Format
    from graph.publishing.edition import Edition
    from graph.publishing.things.description import Description, Wish

_NUMBERS = {str(number): number for number in range(1, PARTS + 1)}


def write_listing(edition: Edition) -> None:
    """Write one part of it, as JSON."""
    wish = replace(wish_of(edition), part=_part_from(edition.arguments.get("part", "1")))
    description = describe(edition.store, wish)
    require_page(wish, description.pages)
    if not edition.is_wanted:
        return
    formats = formats_of_thing(edition.store, wish.thing)
    values = thing_values(edition, description, formats)
    values["page"] = _paging(description, edition.public_url)
    values["tools"] = tools_of_thing(wish, edition.public_url, formats, values["query"])
    edition.out.write(json.dumps(values, ensure_ascii=False).encode())


def listing_address(wish: Wish, public_url: str, number: int = 1) -> str:
    """Return where part *number* of all that is said of the thing is, counted over all pages."""
    page, part = divmod(number - 1, PARTS)
    address = address_with(wish, public_url, page=page + 1)
    fields = ([] if page else ["page=1"]) + ([f"part={part + 1}"] if part else [])
    return address + "".join(
        ("&" if "?" in address or place else "?") + field for place, field in enumerate(fields)
    )


def tools_of_thing(
    wish: Wish, public_url: str, formats: tuple[Format, ...], query: str
) -> dict[str, Any]:
    """Return what can be done with a page about the thing; its IRI is what stays."""
    files = [(each, address_with(wish, public_url, each.extension)) for each in formats]
    return tools(public_url, query, (), files, permalink=wish.thing.value)


def _part_from(text: str) -> int:
    if text not in _NUMBERS:
        raise UnknownThing(f"there is no part {text[:40]!a} of a page; there are {PARTS} of each")
    return _NUMBERS[text]


def _paging(description: Description, public_url: str) -> dict[str, Any]:
    """Return where the other parts are; those behind the last entry are none."""
    wish = description.wish
    number = wish.span[0] // PART_ENTRIES + 1
    count = max(1, -(-description.entries // PART_ENTRIES))
    if number > count:
        raise UnknownThing(f"there is no part {wish.part} of page {wish.page}: it is not that long")
    numbers = {"first": 1, "previous": number - 1, "next": number + 1, "last": count}
    addresses = {
        name: listing_address(wish, public_url, other)
        for name, other in numbers.items()
        if count > 1 and 1 <= other <= count
    }
    entries = description.entries
    return {"number": number, "count": count, "entries": entries, "addresses": addresses}
