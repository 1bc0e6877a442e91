"""The figures of an indicator in short: enough to sort, choose and compare many of them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.namespaces import MP
from graph.publishing.asof import holds_on
from graph.publishing.site.asking import rows_of, value_of

if TYPE_CHECKING:
    from datetime import date

    from graph.publishing.edition import Edition

MOST_READ = 1_000
"""How many figures of one indicator are read for a page; a file has all."""

_MOST_ABOUT = 500
_ABOUT, _INDICATOR = ox.NamedNode(MP + "about"), ox.NamedNode(MP + "indicator")
_SHORT = """
PREFIX mp: <https://w3id.org/metapole/def#>
SELECT ?figure ?about ?unit ?value ?from ?to {
  ?figure mp:indicator ?indicator ; mp:about ?about .
  OPTIONAL { ?figure mp:unit ?unit }
  OPTIONAL { ?figure mp:value ?value }
  OPTIONAL { ?figure mp:from ?from }
  OPTIONAL { ?figure mp:to ?to }
}
LIMIT 1000
"""


@dataclass(frozen=True, slots=True)
class Observation:
    """A key figure in short; what is not said is empty."""

    figure: str
    thing: str
    unit: str
    value: str
    first: str
    last: str

    @property
    def is_dated(self) -> bool:
        """Tell whether anything is known of its time."""
        return bool(self.first or self.last)

    def holds(self, day: date) -> bool:
        """Tell whether it may hold on *day*."""
        return holds_on(day, self.first, self.last)

    def overlaps(self, other: Observation) -> bool:
        """Tell whether both are dated at both ends, and hold at the same time for a while."""
        is_dated = self.first and self.last and other.first and other.last
        return bool(is_dated) and self.first <= other.last and other.first <= self.last


def observations_of(edition: Edition, indicator: str) -> list[Observation]:
    """Return the figures of *indicator* by thing, then by time, `MOST_READ` at most."""
    return _found(edition, _SHORT.replace("?indicator", str(ox.NamedNode(indicator))))


def observations_about(edition: Edition, thing: str, indicator: str) -> list[Observation]:
    """Return the figures of *indicator* about *thing*, by time; `_MOST_ABOUT` statements at most.

    One by one: the engine would begin with all figures of the indicator.
    """
    about = edition.store.quads_for_pattern(None, _ABOUT, ox.NamedNode(thing), edition.union)
    wanted = ox.NamedNode(indicator)
    found: list[Observation] = []
    for quad in islice(about, _MOST_ABOUT):
        is_figure = ox.Quad(quad.subject, _INDICATOR, wanted, edition.union) in edition.store
        if is_figure and isinstance(quad.subject, ox.NamedNode):
            said = _said(edition, quad.subject)
            values = (said.get(key, "") for key in ("unit", "value", "from", "to"))
            found.append(Observation(quad.subject.value, thing, *values))
    return sorted(found, key=lambda each: (each.first, each.figure))


def _said(edition: Edition, node: ox.NamedNode) -> dict[str, str]:
    """Return what is said of *node*, by the last word of the property."""
    quads = edition.store.quads_for_pattern(node, None, None, edition.union)
    return {quad.predicate.value.removeprefix(MP): value_of(quad.object) for quad in quads}


def _found(edition: Edition, text: str) -> list[Observation]:
    found: dict[str, Observation] = {}
    for row in rows_of(edition, text):
        ends = row["figure"], row["about"]
        if not all(isinstance(end, ox.NamedNode) for end in ends):
            continue  # what has no name has no page
        keys = ("figure", "about", "unit", "value", "from", "to")
        values = [value_of(row.get(key)) for key in keys]
        found.setdefault(values[0], Observation(*values))
    return sorted(found.values(), key=lambda each: (each.thing, each.first, each.figure))
