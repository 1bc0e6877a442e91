"""Facets: what can be chosen, and how many things there are of each."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from graph.publishing.ahead.memory import memory_of
from graph.publishing.pictures.chosen import PREFIXES, conditions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
            "values": _values(
                names, facet, _counts(edition, class_name, facet, tuple(facets), choice)
            ),
        }
        for facet in facets
    ]


def slug_in(facet: Facet, iri: str) -> str:
    """Return the value *iri* as addresses have it."""
    return iri.removeprefix(facet.namespace)


def _counts(
    edition: Edition, class_name: str, facet: Facet, facets: tuple[Facet, ...], choice: Choice
) -> dict[str, int]:
    """Return how many things there are of each value of *facet*, as the others are chosen."""
    others = replace(choice, values=tuple(v for v in choice.values if v[0] != facet.name))
    if others.values:
        return _read(edition, class_name, facet, facets, others)
    memory = memory_of(edition, "facets")
    if (class_name, facet.name) not in memory:
        memory[class_name, facet.name] = _read(edition, class_name, facet, facets, others)
    return memory[class_name, facet.name]


def _read(
    edition: Edition, class_name: str, facet: Facet, facets: tuple[Facet, ...], choice: Choice
) -> dict[str, int]:
    text = (
        f"{PREFIXES}SELECT ?value (COUNT(DISTINCT ?thing) AS ?count)\nWHERE {{\n"
        f"  ?thing a mp:{class_name} .\n{conditions(choice, facets)}  {facet.pattern}\n}}\n"
        f"GROUP BY ?value\nORDER BY DESC(?count) ?value\nLIMIT {_MOST}"
    )
    rows = edition.store.query(text, default_graph=[edition.union])
    assert isinstance(rows, ox.QuerySolutions)  # noqa: S101 -- it is a SELECT query
    return {
        row["value"].value: int(row["count"].value)
        for row in rows
        if isinstance(row["value"], ox.NamedNode)
    }


def _values(names: Names, facet: Facet, counts: Mapping[str, int]) -> list[dict[str, Any]]:
    found = [
        {"value": slug_in(facet, iri), "named": names.named(iri), "count": number}
        for iri, number in counts.items()
        if iri.startswith(facet.namespace)
    ]
    return sorted(found, key=_by_label)


def _by_label(value: dict[str, Any]) -> str:
    return value["named"]["label"].casefold()
