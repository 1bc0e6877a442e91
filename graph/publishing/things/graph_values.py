"""What a page about a named graph shows: how much is in it, of what kind, and from where."""

from __future__ import annotations

import difflib
import json
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from graph.addresses import address_of
from graph.errors import UnknownThing
from graph.formats import formats_of
from graph.namespaces import GRAPH, MP, short
from graph.publishing.catalogue.rights import rights_values
from graph.publishing.labels import Names
from graph.publishing.site.tools import tools
from graph.publishing.things.description import LABEL_PROPERTIES, TYPE, UNION
from graph.publishing.things.links import links_of_graph

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graph.publishing.edition import Edition

_MOST_COUNTED = 100_000
"""How many things are counted by class: a graph may have millions."""
_MOST_ASKED = 5_000
"""How many of them are asked for a name."""
_MOST_SHOWN = 100
_NEAR = 0.7
"""How alike two names have to be, from 0 to 1 (`difflib`)."""
_DOCUMENT = ox.NamedNode(MP + "SourceDocument")
_QUERY = """SELECT ?subject ?property ?value WHERE {{
  GRAPH {} {{ ?subject ?property ?value }}
}}
LIMIT 1000"""


def write_graph_values(edition: Edition) -> None:
    """Write what is known of the graph that the argument `iri` names, as JSON."""
    iri, facts = edition.arguments["iri"], edition.generation
    if iri not in facts.graphs:
        raise _unknown(edition, iri)
    values = {
        "iri": iri,
        "name": iri.removeprefix(GRAPH),
        "address": address_of(iri, edition.public_url),
        "triples": facts.graphs[iri],
        "changed": facts.changed.get(iri),
        **rights_values(edition, iri),
        **_content(edition, ox.NamedNode(iri)),
        "tools": _tools(edition, iri),
    }
    edition.out.write(json.dumps(values, ensure_ascii=False).encode())


def _tools(edition: Edition, iri: str) -> dict[str, Any]:
    formats = {each.media_type: each for each in formats_of("graph")}
    files = [
        (formats[link.media_type], link.target)
        for link in links_of_graph(iri, edition.public_url)
        if link.media_type
    ]
    return tools(edition.public_url, query_of_graph(iri), (), files, permalink=iri)


def query_of_graph(iri: str) -> str:
    """Return the query that finds what the graph *iri* holds."""
    return _QUERY.format(ox.NamedNode(iri))


def _unknown(edition: Edition, iri: str) -> UnknownThing:
    """Return the error that there is no graph *iri*, with those that have names like it."""
    by_name = {each.removeprefix(GRAPH): each for each in edition.generation.graphs}
    near = difflib.get_close_matches(iri.removeprefix(GRAPH), by_name, n=3, cutoff=_NEAR)
    told = [
        {
            "iri": by_name[name],
            "address": address_of(by_name[name], edition.public_url),
            "label": name,
        }
        for name in near
    ]
    hint = f"; near it are {', '.join(near)}" if near else ""
    number = edition.generation.number
    return UnknownThing(f"there is no graph {short(iri)} in generation {number}{hint}", told)


def _content(edition: Edition, graph: ox.NamedNode) -> dict[str, Any]:
    typed = list(_typed(edition.store, graph))
    classes = Counter(cls.value for _, cls in typed)
    documents = sorted({thing.value for thing, cls in typed if cls == _DOCUMENT})
    named = (thing for thing, _ in typed[:_MOST_ASKED] if _has_name(edition.store, thing))
    called = Names(edition).named
    things = sorted({thing.value for thing in islice(named, _MOST_SHOWN)})
    return {
        "is_counted": len(typed) < _MOST_COUNTED,
        "classes": [
            {**called(cls), "count": count}
            for cls, count in sorted(classes.items(), key=lambda each: (-each[1], each[0]))
        ][:_MOST_SHOWN],
        "documents": [called(each) for each in documents[:_MOST_SHOWN]],
        "things": [called(each) for each in things],
    }


def _typed(store: ox.Store, graph: ox.NamedNode) -> Iterator[tuple[ox.NamedNode, ox.NamedNode]]:
    for quad in islice(store.quads_for_pattern(None, TYPE, None, graph), _MOST_COUNTED):
        if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode):
            yield quad.subject, quad.object


def _has_name(store: ox.Store, thing: ox.NamedNode) -> bool:
    found = (store.quads_for_pattern(thing, each, None, UNION) for each in LABEL_PROPERTIES)
    return any(next(quads, None) is not None for quads in found)
