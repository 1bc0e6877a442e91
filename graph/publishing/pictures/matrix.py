"""How many partnerships there are between which countries."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from graph.publishing.pictures.areas import Areas
from graph.publishing.pictures.meaning import key_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graph.publishing.edition import Edition
    from graph.publishing.labels import Names
    from graph.publishing.pictures.relations import Link

_MOST = 12
"""How many countries a table has room for."""


def matrix_values(edition: Edition, names: Names, links: Iterable[Link]) -> dict[str, Any]:
    """Return a row for each country, with the number of partnerships for each other one.

    A partnership of three countries counts once for every two of them. Within a country it counts
    where two partners are of it.
    """
    counted, unplaced = _counted(edition, links)
    found = sorted({country for pair in counted for country in pair})
    countries = sorted(found, key=lambda iri: names.named(iri)["label"].casefold())
    shown = countries[:_MOST]
    return {
        "countries": [names.named(iri) for iri in shown],
        "rows": [
            {
                "country": names.named(one),
                "cells": [_cell(edition, counted, one, other) for other in shown],
            }
            for one in shown
        ],
        "left_out": len(countries) - len(shown),
        "unplaced": len(unplaced),
    }


def _counted(
    edition: Edition, links: Iterable[Link]
) -> tuple[dict[tuple[str, str], set[str]], set[str]]:
    """Return the partnerships for each two countries, and those that nobody can place."""
    areas, links = Areas(edition), list(links)
    areas.learn(end for link in links for end in (link.one, link.other))
    counted: dict[tuple[str, str], set[str]] = defaultdict(set)
    unplaced: set[str] = set()
    known: dict[str, list[str]] = {}
    for link in links:
        if link.of_other != "partner":
            continue
        for end in (link.one, link.other):
            if end not in known:
                known[end] = areas.countries(areas.of(end))
        pairs = {
            (min(one, other), max(one, other))
            for one in known[link.one]
            for other in known[link.other]
        }
        for pair in pairs:
            counted[pair].add(link.statement)
        if not pairs:
            unplaced.add(link.statement)
    return counted, unplaced


def _cell(
    edition: Edition, counted: dict[tuple[str, str], set[str]], one: str, other: str
) -> dict[str, Any]:
    number = len(counted.get((min(one, other), max(one, other)), ()))
    slugs = [key_of(each).removeprefix("country/") for each in (one, other)]
    query = urlencode([("kind", "partnership"), ("country", slugs[0]), ("with", slugs[1])])
    return {"count": number, "address": f"{edition.public_url}network?{query}" if number else None}
