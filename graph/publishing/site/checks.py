"""The page about checks: each query of which a row is a defect, asked of what is stated here.

To run them all takes seconds, so the page tells which there are, and what they found comes later.
"""

from __future__ import annotations

import json
import time
from itertools import islice
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from graph.checks import shipped_checks
from graph.held import held
from graph.namespaces import COMMITS_GRAPH, DERIVED_GRAPH, UNION_GRAPH, short
from graph.paths import bundled
from graph.publishing.labels import Names
from graph.publishing.site.asking import value_of
from graph.publishing.site.figures import cut
from graph.publishing.site.tools import address_of_query, tools

if TYPE_CHECKING:
    from graph.checks import Check
    from graph.publishing.edition import Edition

LONGEST_S = 60.0
"""No further check begins when so much time has been used."""
LARGEST = 400_000
"""A graph of more quads is left to `metapole validate`: one check alone would take too long."""
_MOST_ROWS = 1_000
_MOST_SHOWN = 20
_NOT_STATED = frozenset({COMMITS_GRAPH, DERIVED_GRAPH, UNION_GRAPH})


def write_checks(edition: Edition) -> None:
    """Write which checks there are, as JSON; none is run."""
    checks = shipped_checks()
    values = {
        "validate": edition.arguments.get("validate", ""),
        "is_too_large": _is_too_large(edition),
        "quads": edition.generation.quads,
        "generation": edition.generation.number,
        "all": len(checks),
        "shapes": _shape_files(),
        "checks": [_described(edition, each) for each in checks],
        "tools": tools(edition.public_url, _query_of_list(checks)),
    }
    _write(edition, values)


def write_check_results(edition: Edition) -> None:
    """Write what each check finds, as JSON, as far as time allows."""
    checks = shipped_checks()
    is_too_large = _is_too_large(edition)
    running = _Running(edition)
    # Those without an answer in time are told, too.
    results = [] if is_too_large else [found for each in checks if (found := running.result(each))]
    done = {found["name"] for found in results}
    values = {
        "generation": edition.generation.number,
        "finding": [found for found in results if found["count"]],
        "quiet": [found for found in results if not found["count"]],
        "not_run": [_described(edition, each) for each in checks if each.path.stem not in done],
    }
    _write(edition, values)


def _write(edition: Edition, values: dict[str, Any]) -> None:
    if edition.is_wanted:
        edition.out.write(json.dumps(values, ensure_ascii=False).encode())


def _is_too_large(edition: Edition) -> bool:
    return edition.generation.quads > LARGEST


class _Running:
    def __init__(self, edition: Edition) -> None:
        self._edition = edition
        self._names = Names(edition)
        self._until = time.monotonic() + LONGEST_S
        self._stated = [
            ox.NamedNode(name)
            for name in sorted(edition.generation.graphs)
            if name not in _NOT_STATED
        ]

    def result(self, check: Check) -> dict[str, Any] | None:
        """Return what *check* finds; None when there is no time left."""
        if time.monotonic() > self._until:
            return None
        rows = self._edition.store.query(
            check.text, default_graph=[*self._stated], named_graphs=[*self._stated]
        )
        assert isinstance(rows, ox.QuerySolutions)  # noqa: S101 -- every check is a SELECT query
        names = {variable.value for variable in rows.variables}
        found = [
            {name: value_of(row[name]) for name in ("subject", "message") if name in names}
            for row in islice(rows, _MOST_ROWS)
        ]
        return {
            **_described(self._edition, check),
            "count": len(found),
            "are_all": len(found) < _MOST_ROWS,
            "rows": [self._shown(row) for row in found[:_MOST_SHOWN]],
        }

    def _shown(self, row: dict[str, str]) -> dict[str, Any]:
        subject = row.get("subject", "")
        is_iri = subject.startswith(("http://", "https://"))
        return {
            "subject": self._names.named(subject) if is_iri else None,
            "short": short(subject)[:100],
            "message": cut(row.get("message", "")),
        }


def _described(edition: Edition, check: Check) -> dict[str, Any]:
    return {
        "name": check.path.stem,
        "rule": check.rule,
        "remedy": check.remedy,
        "severity": check.severity,
        "query_address": address_of_query(check.text, edition.public_url),
    }


def _query_of_list(checks: list[Check]) -> str:
    """Return a query that gives the checks themselves: they are no part of the graph."""
    rows = "\n".join(
        f"    ({json.dumps(each.path.stem)} {json.dumps(each.rule)} {json.dumps(each.severity)})"
        for each in checks
    )
    return (
        "SELECT ?check ?rule ?severity\nWHERE {\n  VALUES (?check ?rule ?severity) {\n"
        f"{rows}\n  }}\n}}\n"
    )


@held
def _shape_files() -> int:
    return len(list((bundled("ontology") / "shapes").glob("*.ttl")))
