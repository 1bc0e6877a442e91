"""The query that finds what there is to say about a thing, for whoever wants to ask it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph.namespaces import DERIVED_GRAPH
from graph.publishing.asof import HOLDS
from graph.publishing.things.description import instantiated
from graph.query_texts import text_of

if TYPE_CHECKING:
    from datetime import date

    import pyoxigraph as ox

_STATED = f"""FILTER (%s NOT EXISTS {{ GRAPH <{DERIVED_GRAPH}> {{ %s }} }})"""
_POINTING = _STATED % ("EXISTS { ?statement a mp:Statement } ||", "?statement %s ?thing") + HOLDS
_ON_A_DAY = {
    "own": _STATED % ("?p = rdf:type ||", "?thing ?p ?o"),
    "pointing": _POINTING % "?p",
    "holding": HOLDS,
    "linked": _STATED % ("?link = rdf:type ||", "?thing ?link ?s"),
    "linking": _POINTING % "?link",
}
"""What has to hold on a day, for each place of the query where something does."""


def query_about(thing: ox.NamedNode, day: date | None) -> str:
    """Return a CONSTRUCT query whose answer is all pages about *thing* together.

    Where a neighbour says more than a page tells of it, the answer has all of that, too.
    """
    text = text_of("description-of-a-thing")
    for place, condition in _ON_A_DAY.items():
        text = text.replace(f"    # if {place}\n", f"{condition}\n" if day else "")
    return instantiated(text, thing, day)
