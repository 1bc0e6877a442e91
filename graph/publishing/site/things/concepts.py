"""What a sector, a specialty or another concept is: its place among others, and who works in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from graph.namespaces import MP, SKOS
from graph.publishing.site.things.asking import by_label, iris_about, number_about, rows_about

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graph.publishing.site.things.statements import Statements


MOST_CLUSTERS = 100
"""How many clusters a page names; the directory has all."""
_MOST_STEPS = 6
"""How far up a page shows what is wider."""
_MOST_SORTED = 2_000
_MATCHES = ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")

_IN_IT = f"""
  ?cluster <{MP}sector>/<{SKOS}broader>*|<{MP}specialty> ?thing ; a <{MP}Cluster> .
  FILTER (isIRI(?cluster))
"""
_CLUSTERS = f"SELECT DISTINCT ?cluster {{ {_IN_IT} }} LIMIT {_MOST_SORTED}"
_COUNT = f"SELECT (COUNT(DISTINCT ?cluster) AS ?count) {{ {_IN_IT} }}"
_NARROWER = f"""
SELECT ?narrower (COUNT(DISTINCT ?cluster) AS ?count) {{
  ?narrower <{SKOS}broader> ?thing FILTER (isIRI(?narrower))
  OPTIONAL {{ ?cluster <{MP}sector>|<{MP}specialty> ?narrower ; a <{MP}Cluster> }}
}}
GROUP BY ?narrower LIMIT 500
"""


def concept_parts(statements: Statements, thing: ox.NamedNode) -> dict[str, Any]:
    """Return what is known of the concept *thing*."""
    clusters = [
        statements.names.named(each) for each in iris_about(statements.edition, _CLUSTERS, thing)
    ]
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
        "clusters": sorted(clusters, key=by_label)[:MOST_CLUSTERS],
        "count": number_about(statements.edition, _COUNT, thing),
    }


def _narrower(statements: Statements, thing: ox.NamedNode) -> list[dict[str, Any]]:
    rows = rows_about(statements.edition, _NARROWER, thing)
    found = (
        {**statements.names.named(row["narrower"].value), "count": int(row["count"].value)}
        for row in rows
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
