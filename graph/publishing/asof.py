"""Which statements hold on a day: `?asof=YYYY-MM-DD`.

`mp:from` and `mp:to` are the first and the last possible day of a statement, so it is shown for a
day that is not outside of them. A bound that is not there is open, and what has no time at all is
shown for every day: nothing says that it did not hold. With `time-basis:document-date` the bounds
are those of the document, so such a statement *may* hold on that day; `mp:timeBasis` tells.

What is derived tells no time. A view of a day has none of it but types.
"""

from __future__ import annotations

import contextlib
import re
from datetime import date

import pyoxigraph as ox

from graph.errors import QueryRejected
from graph.namespaces import XSD

DAY = ox.Variable("day")
"""What `HOLDS` compares with: `store.query(..., substitutions={DAY: literal_of(day)})`.

The engine substitutes only what the query returns, so `?day` has to stand behind SELECT, too.
"""

HOLDS = """
FILTER NOT EXISTS {
  ?statement <https://w3id.org/metapole/def#from> ?firstDay .
  FILTER (?firstDay > ?day)
}
FILTER NOT EXISTS {
  ?statement <https://w3id.org/metapole/def#to> ?lastDay .
  FILTER (?lastDay < ?day)
}
"""
"""A SPARQL fragment that keeps each `?statement` that may hold on `?day` (an xsd:date)."""

_WRITTEN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def day_from(text: str) -> date:
    """Read a day; QueryRejected when *text* is none."""
    if _WRITTEN.fullmatch(text):
        with contextlib.suppress(ValueError):
            return date.fromisoformat(text)
    raise QueryRejected(
        f"'asof' is {text[:40]!a}, which is no day; send one such as asof=2019-06-27"
    )


def literal_of(day: date) -> ox.Literal:
    """Return *day* as a store writes it."""
    return ox.Literal(day.isoformat(), datatype=ox.NamedNode(f"{XSD}date"))


def holds_on(day: date, first: str, last: str) -> bool:
    """Tell whether a statement from *first* to *last* may hold on *day*, as `HOLDS` does.

    Days are as a store writes them, YYYY-MM-DD; what is empty or no day is an open bound.
    """
    text = day.isoformat()
    is_too_early = bool(_WRITTEN.fullmatch(first)) and text < first
    is_too_late = bool(_WRITTEN.fullmatch(last)) and text > last
    return not (is_too_early or is_too_late)
