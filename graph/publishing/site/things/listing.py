"""All that is said of a thing, entry by entry, a page at a time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from graph.publishing.site.tools import tools
from graph.publishing.things.description import describe
from graph.publishing.things.documents import require_page, wish_of
from graph.publishing.things.formats import formats_of_thing
from graph.publishing.things.links import address_with
from graph.publishing.things.values import thing_values

if TYPE_CHECKING:
    from graph.formats import Format
    from graph.publishing.edition import Edition
    from graph.publishing.things.description import Wish


def write_listing(edition: Edition) -> None:
    """Write one page of it, as JSON."""
    wish = wish_of(edition)
    description = describe(edition.store, wish)
    require_page(wish, description.pages)
    if not edition.is_wanted:
        return
    formats = formats_of_thing(edition.store, wish.thing)
    values = thing_values(edition, description, formats)
    numbers = {"first": 1, "previous": wish.page - 1, "next": wish.page + 1}
    values["page"]["addresses"] = {
        name: listing_address(wish, edition.public_url, numbers.get(name, description.pages))
        for name in values["page"]["addresses"]
    }
    values["tools"] = tools_of_thing(wish, edition.public_url, formats, values["query"])
    edition.out.write(json.dumps(values, ensure_ascii=False).encode())


def listing_address(wish: Wish, public_url: str, page: int = 1) -> str:
    """Return where page number *page* of all that is said of the thing is."""
    address = address_with(wish, public_url, page=page)
    if page > 1:
        return address
    return f"{address}{'&' if '?' in address else '?'}page=1"


def tools_of_thing(
    wish: Wish, public_url: str, formats: tuple[Format, ...], query: str
) -> dict[str, Any]:
    """Return what can be done with a page about the thing; its IRI is what stays."""
    files = [(each, address_with(wish, public_url, each.extension)) for each in formats]
    return tools(public_url, query, (), files, permalink=wish.thing.value)
