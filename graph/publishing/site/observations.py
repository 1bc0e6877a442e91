"""The figures of an indicator in short: enough to sort, choose and compare many of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.publishing.asof import holds_on
from graph.publishing.site.asking import rows_of, value_of

if TYPE_CHECKING:
    from datetime import date

    from graph.publishing.edition import Edition

MOST_READ = 5_000
"""How many figures of one indicator are read for a page; a file has all."""

_SHORT = """
PREFIX mp: <https://w3id.org/metapole/def#>
SELECT ?figure ?about ?unit ?value ?from ?to {
  ?figure mp:indicator ?indicator ; mp:about ?thing .
  BIND (?thing AS ?about)
  OPTIONAL { ?figure mp:unit ?unit }
  OPTIONAL { ?figure mp:value ?value }
  OPTIONAL { ?figure mp:from ?from }
  OPTIONAL { ?figure mp:to ?to }
}
LIMIT 5000
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
    """Return the figures of *indicator* about *thing*, by time."""
    text = _SHORT.replace("?indicator", str(ox.NamedNode(indicator)))
    return _found(edition, text.replace("?thing", str(ox.NamedNode(thing))))


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
