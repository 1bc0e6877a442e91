"""What is known of how many things: a matrix of classes and of what there may be to know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graph.errors import QueryRejected
from graph.namespaces import MP
from graph.publishing.site.asking import query_about, rows_of, value_of

if TYPE_CHECKING:
    from graph.publishing.edition import Edition
    from graph.publishing.labels import Names

CLASSES = (
    "Cluster",
    "ClusterOrganisation",
    "Organisation",
    "Person",
    "Project",
    "Programme",
    "Event",
    "Area",
)
KNOWN = ("name", "place", "sector", "figures", "evidence", "dates")
"""What may be known of a thing."""
_NOT_FOR = {
    "Person": ("place", "sector", "figures", "dates"),
    "ClusterOrganisation": ("sector",),
    "Event": ("sector",),
    "Programme": ("place", "sector"),
    "Area": ("sector", "dates"),
}
"""What is not to be expected of things of a class."""

_LARGE = 200_000
"""A graph of more quads is large."""
_MOST_OF_SMALL, _MOST_OF_LARGE = 1_000, 300
"""How many things of a class are looked at."""

_FIRST = "{ SELECT ?class ?it WHERE { VALUES ?class { mp:CLASS } ?it a ?class } LIMIT MOST }"
_HOW_MANY = "PREFIX mp: <%s> SELECT (COUNT(?thing) AS ?things) { ?thing a mp:CLASS }"


def coverage(edition: Edition, names: Names) -> list[dict[str, Any]]:
    """Return a row for each class: how many things, how many looked at, of how many is known what.

    Under `known`, what is not to be expected of the class is None.
    """
    return [_row(edition, names, name) for name in CLASSES]


def coverage_query() -> str:
    """Return the query that counts, with nothing left out."""
    return query_about("coverage", {})


def lacking_query(name: str, what: str) -> str:
    """Return the query for the things of the class called *name* of which *what* is not known.

    QueryRejected when there is no such class or nothing like that to know.
    """
    if name not in CLASSES or what not in KNOWN:
        raise QueryRejected(
            f"'class' is {name[:40]!a} and 'what' is {what[:40]!a}; send one of "
            f"{', '.join(CLASSES)} and one of {', '.join(KNOWN)}"
        )
    return query_about(
        "lacking",
        {"the class": f"?it a mp:{name} .", "what is not known": _LACKING[what]},
    )


_LACKING = {
    "name": ("FILTER (EXISTS { ?it mp:unnamed true } || NOT EXISTS { ?it skos:prefLabel ?label })"),
    "place": "FILTER NOT EXISTS { ?it mp:locatedIn|mp:partOf ?area }",
    "sector": "FILTER NOT EXISTS { ?it mp:sector ?sector }",
    "figures": (
        "FILTER NOT EXISTS { ?f mp:about ?it . FILTER EXISTS { ?f mp:indicator ?indicator } }"
    ),
    "evidence": "FILTER NOT EXISTS { ?s ?role ?it . FILTER EXISTS { ?s mp:evidence ?proof } }",
    "dates": (
        "FILTER NOT EXISTS { ?m mp:about ?it . FILTER EXISTS { ?m mp:milestoneKind ?kind } }"
    ),
}


def _row(edition: Edition, names: Names, name: str) -> dict[str, Any]:
    most = _MOST_OF_LARGE if edition.generation.quads > _LARGE else _MOST_OF_SMALL
    first = _FIRST.replace("CLASS", name).replace("MOST", str(most))
    nothing: dict[str, object] = {}
    counted = next(rows_of(edition, query_about("coverage", {"the first": first})), nothing)
    (all_of_it,) = rows_of(edition, (_HOW_MANY % MP).replace("CLASS", name))
    left_out = _NOT_FOR.get(name, ())
    return {
        "class": names.named(MP + name),
        "name": name,
        "things": int(value_of(all_of_it["things"])),
        "looked_at": int(value_of(counted.get("things")) or 0),
        "known": {
            what: None if what in left_out else int(value_of(counted.get(what)) or 0)
            for what in KNOWN
        },
    }
