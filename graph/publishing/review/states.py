"""The query that finds all matches in a state, the surest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph.review.terms import PROLOGUE

if TYPE_CHECKING:
    from graph.review.terms import State

_ALL = """
SELECT ?match ?subject ?predicate ?object ?confidence ?reasons ?decision ?by ?when
WHERE {
  GRAPH <https://w3id.org/metapole/graph/review/matches> {
    ?match a sssom:Mapping ;
      owl:annotatedSource ?subject ;
      owl:annotatedProperty ?predicate ;
      owl:annotatedTarget ?object ;
      sssom:confidence ?confidence ;
      rdfs:comment ?reasons .
    OPTIONAL { ?match mp:decision ?decision ; sssom:reviewer_label ?by ; dct:modified ?when }
    CONDITION
  }
}
ORDER BY DESC(?confidence) ?match
"""
_CONDITIONS: dict[State, str] = {
    "open": "FILTER (!BOUND(?decision))",
    "accepted": 'FILTER (?decision = "accepted")',
    "rejected": 'FILTER (?decision = "rejected")',
}


def query_text(state: State) -> str:
    """Return the query that finds all matches in *state*."""
    return PROLOGUE + _ALL.replace("CONDITION", _CONDITIONS[state])
