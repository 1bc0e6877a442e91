"""Who is in an area, its parts included, and who there works with whom outside its country."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graph.namespaces import MP
from graph.publishing.site.things.asking import by_label, iris_about, number_about, rows_about

if TYPE_CHECKING:
    import pyoxigraph as ox

    from graph.publishing.site.things.statements import Statements


MOST_CLUSTERS = 100
_MOST_SORTED = 2_000
_MOST_LINKS = 60

_IN_IT = f"""
  ?cluster <{MP}locatedIn>/<{MP}partOf>* ?thing ; a <{MP}Cluster> .
  FILTER (isIRI(?cluster))
"""
_CLUSTERS = f"SELECT DISTINCT ?cluster {{ {_IN_IT} }} LIMIT {_MOST_SORTED}"
_COUNT = f"SELECT (COUNT(DISTINCT ?cluster) AS ?count) {{ {_IN_IT} }}"
_ACROSS = f"""
SELECT DISTINCT ?partnership ?inside ?outside ?country {{
  ?inside <{MP}locatedIn>/<{MP}partOf>* ?thing .
  ?partnership a <{MP}Partnership> ; <{MP}partner>|<{MP}within> ?inside ; <{MP}partner> ?outside .
  ?outside <{MP}locatedIn>/<{MP}partOf>* ?country .
  ?country a <{MP}Country> .
  FILTER (?inside != ?outside && isIRI(?partnership) && isIRI(?inside) && isIRI(?outside))
  FILTER NOT EXISTS {{ ?inside <{MP}locatedIn>/<{MP}partOf>* ?country }}
}}
LIMIT {_MOST_LINKS}
"""


def area_parts(statements: Statements, thing: ox.NamedNode) -> dict[str, Any]:
    """Return the clusters in the area *thing*, and their partnerships with other countries."""
    clusters = [
        statements.names.named(each) for each in iris_about(statements.edition, _CLUSTERS, thing)
    ]
    across = [
        {
            name: statements.names.named(row[name].value)
            for name in ("partnership", "inside", "outside", "country")
        }
        for row in rows_about(statements.edition, _ACROSS, thing)
    ]
    return {
        "clusters": sorted(clusters, key=by_label)[:MOST_CLUSTERS],
        "count": number_about(statements.edition, _COUNT, thing),
        "across": sorted(
            across, key=lambda each: by_label(each["inside"]) + by_label(each["outside"])
        ),
    }
