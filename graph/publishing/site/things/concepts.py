"""What a sector, a specialty or another concept is: its place among others, and who works in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from graph.namespaces import MP, SKOS
from graph.publishing.site.things.asking import (
    by_label,
    counted_things,
    iris_about,
    rows_about,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graph.publishing.site.things.statements import Statements


_MOST_STEPS = 6
"""How far up a page shows what is wider."""
_MATCHES = ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")

_CLUSTERS = f"""
SELECT DISTINCT ?cluster {{
  {{ SELECT ?cluster {{ ?cluster <{MP}specialty> ?thing }} }}
  UNION {{ SELECT ?cluster {{ ?field <{SKOS}broader>* ?thing . ?cluster <{MP}sector> ?field }} }}
  FILTER (isIRI(?cluster) && EXISTS {{ ?cluster a <{MP}Cluster> }})
}}
"""
_COUNT = f"SELECT (COUNT(*) AS ?count) {{ {{ {_CLUSTERS} }} }}"
_NARROWER = f"""
SELECT ?narrower {{ ?narrower <{SKOS}broader> ?thing FILTER (isIRI(?narrower)) }} LIMIT 500
"""
_IN_THE_NARROWER = f"""
SELECT ?narrower (COUNT(?cluster) AS ?count) {{
  ?narrower <{SKOS}broader> ?thing .
  ?cluster <{MP}%s> ?narrower ; a <{MP}Cluster> .
}}
GROUP BY ?narrower
"""


def concept_parts(statements: Statements, thing: ox.NamedNode) -> dict[str, Any]:
    """Return what is known of the concept *thing*."""
    return {
        "definitions": _texts(statements, thing, "definition"),
        "broader": [statements.names.named(each) for each in _wider(statements, thing)],
        "narrower": _narrower(statements, thing),
        "matches": [
            {"title": statements.names.named(SKOS + name), "values": values}
            for name in _MATCHES
            if (values := [statements.names.named(each) for each in _iris(statements, thing, name)])
        ],
        "schemes": [statements.names.named(each) for each in _iris(statements, thing, "inScheme")],
        **counted_things(statements, _CLUSTERS, _COUNT, thing),
    }


def _narrower(statements: Statements, thing: ox.NamedNode) -> list[dict[str, Any]]:
    edition = statements.edition
    counts: dict[str, int] = {}
    for name in ("sector", "specialty"):
        for row in rows_about(edition, _IN_THE_NARROWER % name, thing):
            iri = row["narrower"].value
            counts[iri] = counts.get(iri, 0) + int(row["count"].value)
    found = (
        {**statements.names.named(each), "count": counts.get(each, 0)}
        for each in iris_about(edition, _NARROWER, thing)
    )
    return sorted(found, key=by_label)


def _wider(statements: Statements, thing: ox.NamedNode) -> list[str]:
    """Return what is wider than *thing*, the widest first."""
    found: list[str] = []
    while len(found) < _MOST_STEPS and (above := _iris(statements, thing, "broader")):
        if above[0] in (thing.value, *found):
            break
        found.append(above[0])
        thing = ox.NamedNode(above[0])
    return found[::-1]


def _texts(statements: Statements, thing: ox.NamedNode, name: str) -> list[dict[str, Any]]:
    """Return the text in the language of the page, else in the next best."""
    found = [each for each in _objects(statements, thing, name) if isinstance(each, ox.Literal)]
    best = statements.names.best(found)
    return [{"text": best.value[:1_000], "language": best.language}] if best else []


def _iris(statements: Statements, thing: ox.NamedNode, name: str) -> list[str]:
    found = _objects(statements, thing, name)
    return sorted(each.value for each in found if isinstance(each, ox.NamedNode))[:50]


def _objects(statements: Statements, thing: ox.NamedNode, name: str) -> Iterator[object]:
    found = statements.edition.store.quads_for_pattern(
        thing, ox.NamedNode(SKOS + name), None, statements.edition.union
    )
    return (quad.object for quad in found)
