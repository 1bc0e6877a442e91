"""What is known of how many things: a matrix of classes and of what there may be to know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graph.errors import QueryRejected
from graph.namespaces import MP
from graph.publishing.ahead.rows import kept_rows
from graph.publishing.site.asking import only_first, query_about, value_of

if TYPE_CHECKING:
    from collections.abc import Mapping

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

LARGE = 200_000
"""A graph of more quads is large."""
MOST_OF_LARGE = 100
"""How many things of each class of it are looked at."""

_FIRST = "{ SELECT ?class ?it WHERE { VALUES ?class { mp:CLASS } ?it a ?class } LIMIT MOST }"
_HOW_MANY = "PREFIX mp: <%s> SELECT (COUNT(?thing) AS ?things) { ?thing a mp:CLASS }"


def coverage(edition: Edition, names: Names) -> list[dict[str, Any]]:
    """Return a row for each class: how many things, how many looked at, of how many is known what.

    Under `known`, what is not to be expected of the class is None. Of a large graph, only the first
    things of each class are looked at.
    """
    if is_large(edition):
        return [_row(names, name, *_sampled(edition, name)) for name in CLASSES]
    found = kept_rows(edition, coverage_query(), 1_000).named()
    counted = {value_of(row["class"]): row for row in found}
    rows = {name: counted.get(MP + name, {}) for name in CLASSES}
    return [_row(names, name, row, _number(row, "things")) for name, row in rows.items()]


def is_large(edition: Edition) -> bool:
    """Tell whether there is so much that a page cannot look at all of it."""
    return edition.generation.quads > LARGE


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


def _sampled(edition: Edition, name: str) -> tuple[dict[str, object], int]:
    """Return what is known of the first things of a class, and how many things it has."""
    first = _FIRST.replace("CLASS", name).replace("MOST", str(MOST_OF_LARGE))
    nothing: dict[str, object] = {}
    found = kept_rows(edition, only_first(coverage_query(), first), 1).named()
    counted = found[0] if found else nothing
    (all_of_it,) = kept_rows(edition, (_HOW_MANY % MP).replace("CLASS", name), 1).named()
    return counted, _number(all_of_it, "things")


def _row(names: Names, name: str, counted: Mapping[str, object], things: int) -> dict[str, Any]:
    left_out = _NOT_FOR.get(name, ())
    return {
        "class": names.named(MP + name),
        "name": name,
        "things": things,
        "looked_at": _number(counted, "things"),
        "known": {what: None if what in left_out else _number(counted, what) for what in KNOWN},
    }


def _number(row: Mapping[str, object], name: str) -> int:
    return int(value_of(row.get(name)) or 0)
