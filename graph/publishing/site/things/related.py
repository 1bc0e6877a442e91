"""What a thing is near to: clusters like it, and the partners of its partners."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graph.namespaces import MP
from graph.publishing.site.things.asking import rows_about

if TYPE_CHECKING:
    import pyoxigraph as ox

    from graph.publishing.edition import Edition
    from graph.publishing.labels import Names

_MOST_COMPARED = 5_000
"""How many pairs are looked at: a specialty may be that of everybody."""
_MOST_SIMILAR = 6
_MOST_PARTNERS = 200
_MOST_SHARED = 5

_SIMILAR = f"""
SELECT ?other (COUNT(*) AS ?shared) {{
  {{ SELECT ?other {{
    ?thing <{MP}%s> ?field . ?other <{MP}%s> ?field ; a <{MP}Cluster> .
    FILTER (?other != ?thing && isIRI(?other) && isIRI(?field))
  }} LIMIT {_MOST_COMPARED} }}
}}
GROUP BY ?other ORDER BY DESC(?shared) ?other LIMIT {_MOST_SIMILAR}
"""
_SHARED = f"""
SELECT DISTINCT ?field {{
  ?thing <{MP}%s> ?field . ?other <{MP}%s> ?field . FILTER (isIRI(?field))
}} LIMIT {_MOST_SHARED}
"""
_PARTNERS_OF_PARTNERS = f"""
SELECT DISTINCT ?between ?other {{
  ?thing <{MP}partnerOf> ?between . ?between <{MP}partnerOf> ?other .
  FILTER (?other != ?thing && isIRI(?other) && isIRI(?between))
  FILTER NOT EXISTS {{ ?thing <{MP}partnerOf> ?other }}
}}
LIMIT {_MOST_PARTNERS}
"""


def similar_clusters(edition: Edition, names: Names, thing: ox.NamedNode) -> list[dict[str, Any]]:
    """Return the clusters that share most specialties with *thing*, else sectors."""
    for name in ("specialty", "sector"):
        rows = rows_about(edition, _SIMILAR % (name, name), thing)
        if rows:
            return [_similar(edition, names, thing, row["other"], name) for row in rows]
    return []


def partners_of_partners(
    edition: Edition, names: Names, thing: ox.NamedNode
) -> list[dict[str, Any]]:
    """Return who works with the partners of *thing*, and not with itself: by whom they are near."""
    through: dict[str, list[str]] = {}
    for row in rows_about(edition, _PARTNERS_OF_PARTNERS, thing):
        through.setdefault(row["other"].value, []).append(row["between"].value)
    return [
        {"thing": names.named(other), "through": [names.named(each) for each in sorted(between)]}
        for other, between in sorted(through.items())
    ]


def _similar(
    edition: Edition, names: Names, thing: ox.NamedNode, other: ox.NamedNode, name: str
) -> dict[str, Any]:
    text = (_SHARED % (name, name)).replace("?other", str(other))
    shared = [names.named(row["field"].value) for row in rows_about(edition, text, thing)]
    return {"thing": names.named(other.value), "shared": shared}
