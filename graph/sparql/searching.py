"""The text for the engine of a query that searches names.

Which words it searches for is a constant, which a template does not know, so it is written anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from graph.sparql import printer, tree
from graph.sparql.hidden_graphs import filtered_graphs
from graph.sparql.matches import with_placeholders
from graph.sparql.repairs import repaired

if TYPE_CHECKING:
    from graph.sparql.template import Reading


class Searching(NamedTuple):
    """A query that searches names."""

    engine_text: str
    """The text, with places for what is found."""
    filters_graphs: bool
    """It has filters for hidden graphs."""


def searching(reading: Reading) -> Searching | None:
    """Return the query of *reading* as the engine gets it; None if it searches for nothing."""
    operation = reading.operation
    placed = with_placeholders(operation, reading.source)
    if placed is operation or isinstance(placed, tree.Update):
        return None
    after = repaired(placed)
    shown = filtered_graphs(after)
    text = "".join(map(str, printer.segments(shown)))
    return Searching(text, shown is not after)
