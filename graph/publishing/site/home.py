"""What the first page shows: how much there is, questions with answers, pictures, what is new."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from graph.errors import StoreUnusable
from graph.namespaces import DEF, ID, MP
from graph.publishing.ahead.rows import kept_rows
from graph.publishing.feeds.changes import latest_changes
from graph.publishing.feeds.news import is_known_by_name
from graph.publishing.labels import Names
from graph.publishing.pictures.offered import pictures_at
from graph.publishing.site.asking import value_of
from graph.publishing.site.pictured import map_of_all, network_of_all
from graph.publishing.site.questions import answered_questions
from graph.publishing.site.speaking import in_language_of_page
from graph.publishing.site.tools import tools
from graph.query_texts import text_of

if TYPE_CHECKING:
    from graph.publishing.edition import Edition

_EXAMPLES = (
    f"{ID}cluster/minalogic",
    f"{DEF}sector/automotive",
    f"{ID}area/greater-region",
    f"{ID}organisation/cea",
)
"""What to search for; those that a store has not got are left out."""
_MOST_CHANGES = 3
_MOST_EXAMPLES = 4


@dataclass(frozen=True, slots=True)
class Total:
    """How many things of a class there are, and which page has them."""

    name: str
    kind: str
    page: str


_TOTALS = (
    Total("clusters", "Cluster", "clusters"),
    Total("partnerships", "Partnership", "network"),
    Total("figures", "KeyFigure", "figures"),
    Total("evidence", "Evidence", "quality"),
)


def write_home(edition: Edition) -> None:
    """Write what the first page shows, as JSON."""
    names = Names(edition)
    values = {
        "totals": [
            {
                "name": each.name,
                "count": _count(edition, each.kind),
                "address": edition.public_url + each.page,
            }
            for each in _TOTALS
        ],
        "examples": [names.named(each) for each in _examples(edition)],
        "questions": answered_questions(edition, names),
        "changes": _changes(edition),
        "map": map_of_all(edition, names),
        "network": network_of_all(edition, names),
        "tools": tools(
            edition.public_url,
            in_language_of_page(edition, text_of("totals"), is_fixed=True),
            (),
            pictures=_pictures(edition),
        ),
    }
    edition.out.write(json.dumps(values, ensure_ascii=False).encode())


def _changes(edition: Edition) -> list[dict[str, Any]]:
    """Return the latest changes; none where they cannot be read, which `/changes` says."""
    try:
        return [_shown(each) for each in latest_changes(edition, _MOST_CHANGES)]
    except (StoreUnusable, OSError):
        return []


def _pictures(edition: Edition) -> list[dict[str, str]]:
    return [
        {**each, "extension": f"{name}.{each['extension']}"}
        for name in ("map", "network")
        for each in pictures_at(edition, name)
    ]


def _shown(change: dict[str, Any]) -> dict[str, Any]:
    """Return *change* with the things that people know by name, and no statements or evidence."""
    return {
        **change,
        "things": [each for each in change["things"] if is_known_by_name(each["iri"])],
    }


def _count(edition: Edition, kind: str) -> int:
    query = f"SELECT (COUNT(*) AS ?count) {{ ?thing a <{MP}{kind}> }}"
    (row,) = kept_rows(edition, query, 1).named()
    return int(value_of(row["count"]))


def _examples(edition: Edition) -> list[str]:
    """Return what to search for: the examples that are there, else some clusters."""
    there = [
        iri
        for iri in _EXAMPLES
        if next(edition.store.quads_for_pattern(ox.NamedNode(iri), None, None, edition.union), None)
    ]
    return there or _some_clusters(edition)


def _some_clusters(edition: Edition) -> list[str]:
    rows = edition.store.query(
        f"SELECT ?cluster {{ ?cluster a <{MP}Cluster> FILTER (isIRI(?cluster)) }} "
        f"LIMIT {_MOST_EXAMPLES}",
        default_graph=[edition.union],
    )
    assert isinstance(rows, ox.QuerySolutions)  # noqa: S101 -- it is a SELECT query
    return sorted(row["cluster"].value for row in rows)
