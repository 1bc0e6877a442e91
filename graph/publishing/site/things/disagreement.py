"""What sources say of one thing that cannot all be right, or may not be, side by side."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

from graph.publishing.site.conflicts import conflicts_among
from graph.publishing.site.observations import Observation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graph.publishing.edition import Edition
    from graph.publishing.site.figures import Figure

    Row = dict[str, Any]


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


def claims_side_by_side(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Return the kinds of claims among *rows* of which two documents say different things.

    Whether two texts contradict each other, only a reader can tell. Claims about times that do not
    meet are both right.
    """
    by_kind: dict[str, list[Row]] = {}
    for row in rows:
        for kind in row["cells"]["claimKind"][:1]:
            by_kind.setdefault(kind["iri"], []).append(row)
    found: list[dict[str, Any]] = []
    for same in by_kind.values():
        pairs = [pair for pair in combinations(same, 2) if _differ(*pair)]
        if told := [row for row in same if any(row is each for pair in pairs for each in pair)]:
            found.append({"kind": told[0]["cells"]["claimKind"][0], "rows": told})
    return found


def _differ(one: Row, other: Row) -> bool:
    sources = [{each["document"]["iri"] for each in row["evidence"] if each["document"]}
               for row in (one, other)]  # fmt: skip
    if not all(sources) or sources[0] & sources[1]:
        return False
    texts = [[each["text"].casefold() for each in row["cells"]["text"]] for row in (one, other)]
    return texts[0] != texts[1] and _may_meet(one["time"], other["time"])


def _may_meet(one: dict[str, str | None], other: dict[str, str | None]) -> bool:
    return not any(
        earlier["to"] and later["from"] and earlier["to"] < later["from"]
        for earlier, later in ((one, other), (other, one))
    )


def _short(thing: str, figure: Figure) -> Observation:
    unit = figure["unit"]["iri"] if figure["unit"] else ""
    value = figure["numbers"][0] if figure["value"] is not None else ""
    return Observation(figure["iri"], thing, unit, value, figure["from"] or "", figure["to"] or "")
