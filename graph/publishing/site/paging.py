"""Long lists, a page at a time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from graph.errors import QueryRejected

if TYPE_CHECKING:
    from graph.publishing.edition import Edition

_NUMBER = re.compile("[1-9][0-9]{0,5}")


def paging_values(
    edition: Edition, items: int, at_once: int, address: str
) -> tuple[dict[str, Any], slice]:
    """Return what `parts.pages` shows of a list at *address*, and which *items* are on the page.

    The argument `page` says which that is; QueryRejected when there is no such page.
    """
    asked = edition.arguments.get("page") or "1"
    count = max(1, -(-items // at_once))
    if not _NUMBER.fullmatch(asked) or int(asked) > count:
        raise QueryRejected(
            f"'page' is {asked[:20]!a}; send a number from 1 to {count}, or leave it out"
        )
    number = int(asked)
    paging = {**paging_at(number, count, address), "items": items}
    return paging, slice((number - 1) * at_once, number * at_once)


def paging_at(number: int, count: int, address: str) -> dict[str, Any]:
    """Return what `parts.pages` shows of page *number* of *count* of a list at *address*."""
    places = {"first": 1, "previous": number - 1, "next": number + 1, "last": count}
    useful = {
        name: place for name, place in places.items() if 1 <= place <= count and place != number
    }
    addresses = {name: _at(address, place) for name, place in useful.items()}
    return {"number": number, "count": count, "addresses": addresses}


def _at(address: str, number: int) -> str:
    if number == 1:
        return address
    return f"{address}{'&' if '?' in address else '?'}page={number}"
