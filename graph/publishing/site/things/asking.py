"""Ask the store about one thing, with a query that a page can be sure to get an answer to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from graph.publishing.things.description import instantiated

if TYPE_CHECKING:
    from datetime import date

    from graph.publishing.edition import Edition
    from graph.publishing.site.things.statements import Statements

MOST_NAMED = 60
"""How many clusters a page names; the directory has all."""
MOST_SORTED = 400
"""Of more than so many, some are named."""


def rows_about(
    edition: Edition, text: str, thing: ox.NamedNode, day: date | None = None
) -> list[Any]:
    """Return the rows of the SELECT query *text*, which says `?thing` and maybe `?day`."""
    rows = edition.store.query(instantiated(text, thing, day), default_graph=[edition.union])
    assert isinstance(rows, ox.QuerySolutions)  # noqa: S101 -- it is a SELECT query
    return list(rows)


def iris_about(
    edition: Edition, text: str, thing: ox.NamedNode, day: date | None = None
) -> list[str]:
    """Return the IRIs that the only variable of the query *text* stands for."""
    return [row[0].value for row in rows_about(edition, text, thing, day) if row[0] is not None]


def number_about(edition: Edition, text: str, thing: ox.NamedNode) -> int:
    """Return the only number that the query *text* finds."""
    ((count,),) = rows_about(edition, text, thing)
    return int(count.value)


def counted_things(
    statements: Statements, things: str, count: str, thing: ox.NamedNode
) -> dict[str, Any]:
    """Return the clusters that the query *things* finds, by name, and how many there are.

    There may be more than are named; then *count*, a query too, counts them.
    """
    edition, named = statements.edition, statements.names.named
    found = iris_about(edition, f"{things} LIMIT {MOST_SORTED}", thing)
    is_whole = len(found) < MOST_SORTED
    return {
        "clusters": sorted(map(named, found), key=by_label)[:MOST_NAMED],
        "count": len(found) if is_whole else number_about(edition, count, thing),
    }


def by_label(named: dict[str, Any]) -> tuple[bool, str, str]:
    """Return where *named* comes in a list; what has no name of its own, in brackets, is last."""
    return named["label"].startswith("["), named["label"].casefold(), named["iri"]
