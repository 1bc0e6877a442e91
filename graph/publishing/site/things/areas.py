"""Who is in an area, its parts included, and who there works with whom outside its country."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graph.namespaces import MP
from graph.publishing.site.things.asking import by_label, counted_things, rows_about

if TYPE_CHECKING:
    import pyoxigraph as ox

    from graph.publishing.site.things.statements import Statements


_ENDS = ("partnership", "inside", "outside", "country")
_MOST_LINKS = 60
_MOST_COMPARED = 100
"""How many partnerships are looked at, of how many there are."""

_IN_IT = f"""
  ?area <{MP}partOf>* ?thing .
  ?cluster <{MP}locatedIn> ?area ; a <{MP}Cluster> .
  FILTER (isIRI(?cluster))
"""
_CLUSTERS = f"SELECT DISTINCT ?cluster {{ {_IN_IT} }}"
_COUNT = f"SELECT (COUNT(DISTINCT ?cluster) AS ?count) {{ {_IN_IT} }}"
_ACROSS = f"""
SELECT ?partnership ?inside ?outside ?country {{
  {{
    SELECT DISTINCT ?partnership ?inside {{
      {_IN_IT.replace("?cluster", "?inside")}
      ?partnership <{MP}partner>|<{MP}within> ?inside ; a <{MP}Partnership> .
    }}
    LIMIT {_MOST_COMPARED}
  }}
  ?partnership <{MP}partner> ?outside .
  FILTER (?inside != ?outside && isIRI(?partnership) && isIRI(?outside))
  ?outside <{MP}locatedIn>/<{MP}partOf>* ?country .
  ?country a <{MP}Country> .
  FILTER NOT EXISTS {{ ?inside <{MP}locatedIn>/<{MP}partOf>* ?country }}
}}
LIMIT {_MOST_COMPARED}
"""


def area_parts(statements: Statements, thing: ox.NamedNode) -> dict[str, Any]:
    """Return the clusters in the area *thing*, and their partnerships with other countries."""
    rows = rows_about(statements.edition, _ACROSS, thing)
    found = dict.fromkeys(tuple(row[name].value for name in _ENDS) for row in rows)
    across = [
        {name: statements.names.named(iri) for name, iri in zip(_ENDS, iris, strict=True)}
        for iris in found
    ]
    across.sort(key=lambda each: by_label(each["inside"]) + by_label(each["outside"]))
    return {
        **counted_things(statements, _CLUSTERS, _COUNT, thing),
        "across": across[:_MOST_LINKS],
    }
