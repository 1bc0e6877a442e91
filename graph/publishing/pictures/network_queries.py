"""The queries behind the page with the network: all links of some kinds, or the hops of a way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.publishing.asof import HOLDS, literal_of
from graph.publishing.pictures.relations import RELATIONS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date

    from graph.publishing.pictures.relations import Link, Relation

_PREFIXES = """\
PREFIX location-kind: <https://w3id.org/metapole/def/location-kind/>
PREFIX mp: <https://w3id.org/metapole/def#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""
_LABELS = """\
  OPTIONAL {
    SELECT ?one (MIN(STR(?label)) AS ?one_name) WHERE { ?one skos:prefLabel ?label } GROUP BY ?one
  }
  OPTIONAL {
    SELECT ?other (MIN(STR(?label)) AS ?other_name)
    WHERE { ?other skos:prefLabel ?label } GROUP BY ?other
  }
"""
_PROVED = """\
  OPTIONAL { ?statement mp:from ?from }
  OPTIONAL { ?statement mp:to ?to }
  OPTIONAL { ?statement mp:statedIn ?document }
"""


def network_query(relations: Collection[str], patterns: str = "", day: date | None = None) -> str:
    """Return the query for all links of the *relations*; *patterns* narrow them down."""
    found = "\n  UNION\n".join(
        f"  {{ {_linked(relation, *pair)} }}"
        for relation in RELATIONS
        if relation.name in relations
        for pair in relation.pairs
    )
    holds = HOLDS.strip().replace("?day", str(literal_of(day))) if day else ""
    return (
        "# What is linked with what, by which statement, and which document says so?\n"
        "#defaultView:Graph\n"
        f"{_PREFIXES}\n"
        "SELECT DISTINCT ?one ?one_name ?other ?other_name ?relation\n"
        "  ?statement ?from ?to ?document\n"
        f"WHERE {{\n{found}\n{patterns}{_indented(holds)}{_LABELS}{_PROVED}}}\n"
        "ORDER BY ?relation ?one ?other ?statement\n"
    )


def focus_query(thing: str) -> str:
    """Return the query for all links of *thing*."""
    node = ox.NamedNode(thing)
    return network_query(
        [relation.name for relation in RELATIONS],
        f"  FILTER(?one = {node} || ?other = {node})\n",
    )


def path_query(hops: Iterable[Link]) -> str:
    """Return the query that finds each of the *hops* again, with what proves it."""
    found = "\n  UNION\n".join(
        f"  {{\n    BIND({place} AS ?hop)\n"
        f"    BIND({ox.NamedNode(hop.one)} AS ?one)\n"
        f"    BIND({ox.NamedNode(hop.other)} AS ?other)\n"
        f"    ?statement mp:{hop.of_one} {ox.NamedNode(hop.one)} ;\n"
        f"      mp:{hop.of_other} {ox.NamedNode(hop.other)} .\n  }}"
        for place, hop in enumerate(hops, 1)
    )
    return (
        "# Which statements lead from one thing to the next, and where are they printed?\n"
        f"{_PREFIXES}\n"
        "SELECT ?hop ?one ?one_name ?statement ?other ?other_name ?document ?printed ?line\n"
        f"WHERE {{\n{found}\n{_LABELS}"
        "  OPTIONAL { ?statement mp:statedIn ?document }\n"
        "  OPTIONAL {\n    ?statement mp:evidence ?evidence .\n"
        "    ?evidence mp:printedAs ?printed .\n"
        "    OPTIONAL { ?evidence mp:lineFrom ?line }\n  }\n"
        "}\nORDER BY ?hop ?statement\n"
    )


def _linked(relation: Relation, own: str, other: str) -> str:
    differs = " FILTER(STR(?one) < STR(?other))" if own == other else " FILTER(?one != ?other)"
    return (
        f"?statement mp:{own} ?one ; mp:{other} ?other .{differs} "
        f'BIND("{relation.name}" AS ?relation)'
    )


def _indented(text: str) -> str:
    return "".join(f"  {line}\n" for line in text.splitlines())
