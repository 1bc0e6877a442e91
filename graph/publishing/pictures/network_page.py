"""The page with the network: a picture, all statements, ways between two things, countries."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from graph.namespaces import MP
from graph.publishing.ahead.rows import kept_rows
from graph.publishing.labels import Names
from graph.publishing.pictures.asked import asked_of
from graph.publishing.pictures.matrix import matrix_values
from graph.publishing.pictures.meaning import key_of
from graph.publishing.pictures.network import drawing
from graph.publishing.pictures.network_choice import PARAMETERS, PARTNERSHIP_KIND
from graph.publishing.pictures.networks import network_data
from graph.publishing.pictures.offered import pictures_of
from graph.publishing.pictures.relations import RELATIONS
from graph.publishing.pictures.statements import statement_values
from graph.publishing.site.asking import value_of
from graph.publishing.site.tools import tools

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graph.publishing.edition import Edition
    from graph.publishing.pictures.asked import Asked, Step, Ways
    from graph.publishing.pictures.meaning import Meant
    from graph.publishing.pictures.networks import Network
    from graph.publishing.pictures.relations import Link

_MOST_ROWS = 30
"""How many statements the table has."""
_MOST_KINDS = 100
_KINDS = f"""
SELECT ?kind (COUNT(DISTINCT ?statement) AS ?count)
{{ ?statement <{MP}partnershipKind> ?kind FILTER(STRSTARTS(STR(?kind), "{PARTNERSHIP_KIND}")) }}
GROUP BY ?kind ORDER BY ?kind LIMIT 100
"""


def write_network_page(edition: Edition) -> None:
    """Write what the page with the network shows."""
    asked = asked_of(edition)
    if edition.is_wanted:
        document = _Page(edition, asked).written()
        edition.out.write(json.dumps(document, ensure_ascii=False).encode())


class _Page:
    def __init__(self, edition: Edition, asked: Asked) -> None:
        self._edition = edition
        self._names = Names(edition)
        self._asked = asked

    def written(self) -> dict[str, Any]:
        """Return the page as plain values."""
        asked, names, edition = self._asked, self._names, self._edition
        choice, focus, links = asked.choice, asked.focus, asked.links
        partnerships = [link for link in links if link.relation == "partnership"]
        rows, count = self._rows()
        parameters = ("asof", "focus", "from", "to", *PARAMETERS)
        return {
            "drawing": drawing(edition, names, asked.network, "network-name"),
            "data": network_data(edition, names, asked.network),
            "focus": self._named(focus.only) if focus and focus.only else None,
            "focus_asked": edition.arguments.get("focus", ""),
            "focus_choices": self._choices(focus) if focus and not focus.only else None,
            "ways": self._ways(asked.ways) if asked.ways else None,
            "shown": len(asked.network.things),
            "left_out": asked.network.left_out,
            "are_all": asked.are_all,
            "rows": rows,
            "statements": count,
            "facets": [self._kinds(), *asked.chooser.values(names, links)],
            "with": self._named(choice.partner_country) if choice.partner_country else None,
            "matrix": matrix_values(edition, names, partnerships),
            "asof": choice.day.isoformat() if choice.day else None,
            "tools": tools(
                edition.public_url,
                asked.query,
                pictures=pictures_of(edition, "network", parameters) if asked.is_answered else [],
            ),
        }

    def _ways(self, ways: Ways) -> dict[str, Any]:
        """Return the ways between two things, or what else may be meant by their names."""
        found = ways.found
        return {
            "asked": list(ways.names),
            "ends": [self._named(end.only) if end.only else None for end in ways.ends],
            "choices": [None if end.only else self._choices(end) for end in ways.ends],
            "paths": [[self._step(step) for step in path] for path in ways.paths],
            "is_same": bool(found and found.paths and len(found.paths[0]) == 1),
            "are_all": bool(found and found.are_all),
            "was_given_up": bool(found and found.was_given_up),
            "seen": found.seen if found else 0,
        }

    def _step(self, hops: Step) -> dict[str, Any]:
        return {
            "one": self._named(hops[0].one),
            "other": self._named(hops[0].other),
            "statements": [
                statement_values(self._edition, self._names, hop.statement, hop.relation)
                | {"as": [self._named(MP + hop.of_one), self._named(MP + hop.of_other)]}
                for hop in hops
            ],
        }

    def _rows(self) -> tuple[list[dict[str, Any]], int]:
        """Return the statements of the picture, each with what it links, and how many there are.

        Of the whole network, also those that have no room in the picture.
        """
        ends: dict[tuple[str, str], dict[str, None]] = {}
        is_part = bool(self._asked.focus and self._asked.focus.only)
        for relation, statement, things in (
            _drawn(self._asked.network) if is_part else _linked(self._asked.links)
        ):
            ends.setdefault((relation, statement), {}).update(dict.fromkeys(things))
        rows = [
            statement_values(self._edition, self._names, statement, relation)
            | {"things": [self._named(end) for end in things]}
            for (relation, statement), things in sorted(ends.items())[:_MOST_ROWS]
        ]
        return rows, len(ends)

    def _kinds(self) -> dict[str, Any]:
        """Return the kinds of statements that can be chosen: partnerships also by their kinds."""
        rows = kept_rows(self._edition, _KINDS, _MOST_KINDS).named()
        choice = self._asked.choice
        return {
            "name": "kind",
            "chosen": []
            if not self._edition.arguments.get("kind")
            else [
                *(name for name in choice.relations if name != "partnership" or not choice.kinds),
                *(kind.removeprefix(PARTNERSHIP_KIND) for kind in sorted(choice.kinds)),
            ],
            "relations": [relation.name for relation in RELATIONS],
            "values": [
                {
                    "value": value_of(row["kind"]).removeprefix(PARTNERSHIP_KIND),
                    "named": self._named(value_of(row["kind"])),
                    "count": int(value_of(row["count"])),
                }
                for row in rows
            ],
        }

    def _choices(self, end: Meant) -> dict[str, Any]:
        things = end.things or end.near
        return {
            "is_ambiguous": bool(end.things),
            "things": [{"named": self._named(iri), "key": key_of(iri)} for iri in things],
        }

    def _named(self, iri: str) -> dict[str, Any]:
        return self._names.named(iri)


def _drawn(network: Network) -> Iterator[tuple[str, str, tuple[str, str]]]:
    for edge in network.edges:
        for statement in edge.statements:
            yield edge.relation, statement, (edge.one, edge.other)


def _linked(links: Iterable[Link]) -> Iterator[tuple[str, str, tuple[str, str]]]:
    for link in links:
        yield link.relation, link.statement, (link.one, link.other)
