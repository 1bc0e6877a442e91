"""One JSON-LD document of a few triples, in the terms of the ontology's context.

The context goes along, so that a reader needs no network (JSON-LD 1.1, 4.1); only as much of it as
is needed, so that people see the data.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from graph.publishing.json_ld_terms import shipped_terms

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import pyoxigraph as ox

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]


def json_ld(quads: Iterable[ox.Quad]) -> str:
    """Return the triples of *quads*, whatever their graphs; a subject is where it comes first."""
    terms = shipped_terms()
    about: dict[ox.NamedNode | ox.BlankNode, list[ox.Quad]] = {}
    for quad in quads:
        about.setdefault(quad.subject, []).append(quad)  # pyright: ignore[reportArgumentType] -- RDF 1.2 has no triple there
    nodes = [terms.node(subject, said) for subject, said in about.items()]
    document = {"@context": _needed(terms.context, nodes), "@graph": nodes}
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _needed(context: Mapping[str, Any], nodes: Iterable[Json]) -> dict[str, Any]:
    """Return as much of *context* as explains *nodes*."""
    used = {name for node in nodes for name in _names_in(node)}
    names = {name for each in used for name in (each, each.partition(":")[0])} & context.keys()
    names |= {each.partition(":")[0] for name in names for each in _strings_in(context[name])}
    kept = {name: value for name, value in context.items() if name in names}
    return {"@version": context["@version"], **kept}


def _names_in(value: Json) -> Iterator[str]:
    """Yield all that is read as a term in *value*: keys, classes and datatypes."""
    if isinstance(value, list):
        for each in value:
            yield from _names_in(each)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _strings_in(inner) if key in ("type", "@type") else _names_in(inner)


def _strings_in(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for each in value if isinstance(value, list) else value.values():
            yield from _strings_in(each)
