"""In which formats a thing can be had: all of RDF, and some others where they make sense."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph.formats import Format, format_named
from graph.namespaces import MP
from graph.publishing.things.description import UNION, instantiated
from graph.publishing.things.places import features_of

if TYPE_CHECKING:
    import pyoxigraph as ox

ALWAYS = tuple(
    format_named(name)
    for name in ("turtle", "ntriples", "rdfxml", "jsonld", "trig", "nquads", "plain-json")
)
CSV = format_named("plain-csv")
GEOJSON = format_named("geojson")
THING_FORMATS = (*ALWAYS, CSV, GEOJSON)

_HAS_STATEMENTS = (
    f"ASK {{ ?statement ?link ?thing FILTER EXISTS {{ ?statement a <{MP}Statement> }} }}"
)


def formats_of_thing(store: ox.Store, thing: ox.NamedNode) -> tuple[Format, ...]:
    """Return the formats of *thing*: a table if there are statements, a map if it has a place."""
    formats = ALWAYS
    answer = store.query(instantiated(_HAS_STATEMENTS, thing, None), default_graph=[UNION])
    if bool(answer):
        formats += (CSV,)
    if features_of(store, thing):
        formats += (GEOJSON,)
    return formats
