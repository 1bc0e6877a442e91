"""Figures about one thing that contradict each other, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graph.publishing.site.conflicts import conflicts_among
from graph.publishing.site.observations import Observation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graph.publishing.edition import Edition
    from graph.publishing.site.figures import Figure


def disagreements(edition: Edition, thing: str, figures: Iterable[Figure]) -> list[dict[str, Any]]:
    """Return the indicators by which *figures* of *thing* contradict each other, with those."""
    by_indicator: dict[str, list[Figure]] = {}
    for figure in figures:
        if figure["indicator"]:
            by_indicator.setdefault(figure["indicator"]["iri"], []).append(figure)
    found: list[dict[str, Any]] = []
    for same in by_indicator.values():
        by_iri = {each["iri"]: each for each in same}
        observations = sorted((_short(thing, each) for each in same), key=lambda each: each.unit)
        for conflict in conflicts_among(edition, observations):
            told = [by_iri[each.figure] for each in conflict]
            found.append({"indicator": told[0]["indicator"], "figures": told})
    return found


def _short(thing: str, figure: Figure) -> Observation:
    unit = figure["unit"]["iri"] if figure["unit"] else ""
    value = figure["numbers"][0] if figure["value"] is not None else ""
    return Observation(figure["iri"], thing, unit, value, figure["from"] or "", figure["to"] or "")
