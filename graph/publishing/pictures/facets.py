"""Facets: what can be chosen, and how many things there are of each."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from graph.publishing.pictures.chosen import PREFIXES, conditions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graph.publishing.edition import Edition
    from graph.publishing.labels import Names
    from graph.publishing.pictures.chosen import Choice
    from graph.publishing.site.directory.definitions import Facet

_MOST = 100
"""How many values are offered of one facet."""


def facet_values(
    edition: Edition, names: Names, class_name: str, facets: Sequence[Facet], choice: Choice
) -> list[dict[str, Any]]:
    """Return what can be chosen of each of the *facets*, with the others as they are chosen."""
    return [
        {
            "name": facet.name,
            "chosen": [slug_in(facet, iri) for iri in choice.of(facet.name)],
            "values": _values(edition, names, class_name, facet, tuple(facets), choice),
        }
        for facet in facets
    ]


def slug_in(facet: Facet, iri: str) -> str:
    """Return the value *iri* as addresses have it."""
    return iri.removeprefix(facet.namespace)


def _values(
    edition: Edition,
    names: Names,
    class_name: str,
    facet: Facet,
    facets: tuple[Facet, ...],
    choice: Choice,
) -> list[dict[str, Any]]:
    others = replace(choice, values=tuple(v for v in choice.values if v[0] != facet.name))
    text = (
        f"{PREFIXES}SELECT ?value (COUNT(DISTINCT ?thing) AS ?count)\nWHERE {{\n"
        f"  ?thing a mp:{class_name} .\n{conditions(others, facets)}  {facet.pattern}\n}}\n"
        f"GROUP BY ?value\nORDER BY DESC(?count) ?value\nLIMIT {_MOST}"
    )
    rows = edition.store.query(text, default_graph=[edition.union])
    assert isinstance(rows, ox.QuerySolutions)  # noqa: S101 -- it is a SELECT query
    found = [
        {
            "value": slug_in(facet, row["value"].value),
            "named": names.named(row["value"].value),
            "count": int(row["count"].value),
        }
        for row in rows
        if isinstance(row["value"], ox.NamedNode) and row["value"].value.startswith(facet.namespace)
    ]
    return sorted(found, key=lambda each: each["named"]["label"].casefold())
