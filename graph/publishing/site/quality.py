"""The page about the quality of the data: what is known, what contradicts, what is missing.

Every part is bounded: of very much, only the first is looked at, and the page says how much.
"""

from __future__ import annotations

import json
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from graph.checks import shipped_checks
from graph.namespaces import MP, RDF_TYPE
from graph.publishing.ahead.rows import kept_rows
from graph.publishing.catalogue.library import questions
from graph.publishing.labels import Names
from graph.publishing.site.answers import answer_to
from graph.publishing.site.asking import only_first, query_about, rows_of, value_of
from graph.publishing.site.conflicts import conflicts_among
from graph.publishing.site.coverage import KNOWN, coverage, coverage_query, is_large, lacking_query
from graph.publishing.site.figures import cut, figure_values, in_order
from graph.publishing.site.observations import observations_about
from graph.publishing.site.tools import address_of_query, tools

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from graph.publishing.edition import Edition

MOST_STATEMENTS = 2_000
"""Up to how many things of a list are counted."""
MOST_OF_LARGE = 300
"""How many statements of a large graph are looked at."""
MOST_LISTED = 50
"""How many things of a list are shown; the query behind it gives all."""
_MOST_FIGURES_OF_LARGE = 30
"""Of how many figures of a large graph others are looked for that contradict them."""
Row = dict[str, object]
_STATEMENT = ox.NamedNode(MP + "Statement")
_STATEMENTS = "?it a mp:Statement"
_WITHOUT_CURRENCY = "V6"


def write_quality(edition: Edition) -> None:
    """Write what the page about quality shows, as JSON."""
    _write(edition, _Quality(edition).values())


def write_lacking(edition: Edition) -> None:
    """Write the things of a class of which something is not known, as JSON."""
    asked = edition.arguments
    query = lacking_query(asked.get("class", ""), asked.get("what", ""))
    names = Names(edition)
    found = {value_of(row["thing"]): None for row in islice(rows_of(edition, query), 2_000)}
    values = {
        "class": names.named(MP + asked["class"]),
        "what": asked["what"],
        "things": [names.named(iri) for iri in list(found)[:500]],
        "count": len(found),
        "tools": tools(edition.public_url, query),
    }
    _write(edition, values)


class _Quality:
    def __init__(self, edition: Edition) -> None:
        self._edition = edition
        self._names = Names(edition)

    def values(self) -> dict[str, Any]:
        statements = self._statements()
        return {
            "quads": self._edition.generation.quads,
            "generation": self._edition.generation.number,
            "validate": self._edition.arguments.get("validate", ""),
            "known": KNOWN,
            "coverage": coverage(self._edition, self._names),
            "statements": statements,
            "conflicts": self._conflicts(),
            "milestones": self._compared("conflicting-milestones", self._milestones),
            "claims": self._compared("claims-to-compare", self._claims),
            "unnamed": self._listed("unnamed-things", self._things),
            "undated": self._undated_statements(statements["total"]),
            "gaps": self._listed("gaps", self._gaps),
            "money": self._money(),
            "tools": tools(self._edition.public_url, coverage_query()),
        }

    def _of_first(self, name: str, pattern: str) -> str:
        """Return the query called *name* about the first things that fit *pattern*, if many do."""
        query = query_about(name, {})
        first = f"{{ SELECT * WHERE {{ {pattern} }} LIMIT {MOST_OF_LARGE} }}"
        return only_first(query, first) if is_large(self._edition) else query

    def _statements(self) -> dict[str, Any]:
        """Count statements by class, and how many have evidence and a time of their own."""
        query = query_about("evidence-of-statements", {})
        counted = self._of_first("evidence-of-statements", _STATEMENTS)
        found = kept_rows(self._edition, counted, MOST_STATEMENTS).named()
        rows = [self._counts(row) for row in found]
        keys = ("statements", "evidence", "dated", "of_the_document")
        total = {key: sum(row[key] for row in rows) for key in keys}
        return {
            "classes": sorted(rows, key=lambda row: row["class"]["label"]),
            "total": {"class": self._names.named(_STATEMENT.value), **total},
            "are_all": not is_large(self._edition),
            **self._query(query),
        }

    def _counts(self, row: Row) -> dict[str, Any]:
        keys = ("statements", "evidence", "dated", "of_the_document")
        counts = {key: int(value_of(row[key])) for key in keys}
        return {"class": self._names.named(value_of(row["class"])), **counts}

    def _said(self, node: ox.NamedNode, name: str) -> Iterable[ox.Quad]:
        return self._edition.store.quads_for_pattern(
            node, ox.NamedNode(MP + name), None, self._edition.union
        )

    def _conflicts(self) -> dict[str, Any]:
        """Return figures that contradict each other, by the rule of the check for them.

        Of a large graph, the figures are looked at that are about the same as the first ones.
        """
        (check,) = (one for one in shipped_checks() if one.path.stem == "conflicting-figures")
        groups = [
            group
            for thing, indicator in self._pairs()
            for group in conflicts_among(
                self._edition, observations_about(self._edition, thing, indicator)
            )
        ]
        return {
            "count": len(groups),
            "are_all": not is_large(self._edition),
            "groups": [self._conflict([each.figure for each in one]) for one in groups[:20]],
            "finds": bool(groups),
            **self._query(check.text),
        }

    def _pairs(self) -> list[tuple[str, str]]:
        """Return the things and indicators of which there may be several figures."""
        figures = self._edition.store.quads_for_pattern(
            None, ox.NamedNode(RDF_TYPE), ox.NamedNode(MP + "KeyFigure"), self._edition.union
        )
        if is_large(self._edition):
            first = (quad.subject for quad in islice(figures, _MOST_FIGURES_OF_LARGE))
            return list(dict.fromkeys(self._about(figure) for figure in first))
        pairs = Counter(self._about(quad.subject) for quad in figures)
        return [pair for pair, count in pairs.items() if count > 1 and all(pair)]

    def _compared(
        self, name: str, shown: Callable[[Iterable[Row]], list[dict[str, Any]]]
    ) -> dict[str, Any]:
        """Return what contradicts each other, or may; of a large graph only the query for it."""
        if not is_large(self._edition):
            return {**self._listed(name, shown), "is_asked": True}
        query = query_about(name, {})
        return {"items": [], "is_asked": False, "finds": False, **self._query(query)}

    def _about(self, figure: object) -> tuple[str, str]:
        """Return the thing that *figure* is about, and its indicator; "" for what it has not."""
        if not isinstance(figure, ox.NamedNode):
            return "", ""
        thing, indicator = (
            min((value_of(quad.object) for quad in self._said(figure, name)), default="")
            for name in ("about", "indicator")
        )
        return thing, indicator

    def _conflict(self, figures: Iterable[str]) -> dict[str, Any]:
        shown = in_order(figure_values(self._edition, self._names, iri) for iri in figures)
        return {"about": shown[0]["about"], "indicator": shown[0]["indicator"], "figures": shown}

    def _listed(
        self, name: str, shown: Callable[[Iterable[Row]], list[dict[str, Any]]]
    ) -> dict[str, Any]:
        """Return the first things that the query called *name* finds, as *shown* makes them."""
        query = query_about(name, {})
        found = kept_rows(self._edition, query, MOST_LISTED, MOST_STATEMENTS - MOST_LISTED)
        rows, count = found.named(), len(found.rows) + found.further
        return {
            "count": count,
            "are_all": count < MOST_STATEMENTS,
            "items": shown(rows),
            "finds": bool(rows),
            **self._query(query),
        }

    def _things(self, rows: Iterable[Row]) -> list[dict[str, Any]]:
        iris = dict.fromkeys(value_of(row["thing"]) for row in rows)
        return [self._names.named(iri) for iri in iris]

    def _undated_statements(self, total: Mapping[str, Any]) -> dict[str, Any]:
        """Return what statements without a time are about; how many there are, *total* tells."""
        query = query_about("undated-statements", {})
        bounded = self._of_first("undated-statements", _STATEMENTS)
        first = kept_rows(self._edition, bounded, MOST_LISTED).named()
        return {
            "count": total["statements"] - total["dated"],
            "are_all": not is_large(self._edition),
            "items": self._undated(first),
            "finds": bool(first),
            **self._query(query),
        }

    def _undated(self, rows: Iterable[Row]) -> list[dict[str, Any]]:
        iris = dict.fromkeys(value_of(row.get("about")) for row in rows)
        return [self._names.named(iri) for iri in iris if iri]

    def _milestones(self, rows: Iterable[Row]) -> list[dict[str, Any]]:
        return [
            {
                "about": self._names.named(value_of(row["thing"])),
                "kind": self._names.named(value_of(row["kind"])),
                "times": [
                    {
                        "statement": self._names.named(value_of(row[key])),
                        "from": value_of(row[first]),
                        "to": value_of(row[last]),
                    }
                    for key, first, last in (
                        ("milestone", "from", "to"),
                        ("other", "other_from", "other_to"),
                    )
                ],
            }
            for row in rows
        ]

    def _claims(self, rows: Iterable[Row]) -> list[dict[str, Any]]:
        """Return claims of one kind about one thing, with the documents that make them."""
        groups: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
        for row in rows:
            of_kind = groups.setdefault((value_of(row["thing"]), value_of(row["kind"])), {})
            for claim, text, document in (
                ("claim", "text", "document"),
                ("other", "other_text", "other_document"),
            ):
                of_kind[value_of(row[claim])] = {
                    "statement": self._names.named(value_of(row[claim])),
                    **self._text(row[text]),
                    "document": self._names.named(value_of(row[document])),
                }
        return [
            {
                "about": self._names.named(thing),
                "kind": self._names.named(kind),
                "claims": list(claims.values()),
            }
            for (thing, kind), claims in groups.items()
        ]

    def _text(self, text: object) -> dict[str, Any]:
        language = text.language if isinstance(text, ox.Literal) else None
        return {"text": cut(value_of(text)), "language": language}

    def _gaps(self, rows: Iterable[Row]) -> list[dict[str, Any]]:
        gaps: dict[str, dict[str, Any]] = {}
        for row in rows:
            said = self._text(row.get("text"))
            gap = gaps.setdefault(value_of(row["gap"]), {**said, "about": []})
            if about := value_of(row.get("about")):
                gap["about"].append(self._names.named(about))
        return list(gaps.values())

    def _money(self) -> dict[str, Any]:
        """Return the figures of money without a currency, and those without a period."""
        by_id = {each.name.partition("-")[0]: each for each in questions()}
        question = by_id[_WITHOUT_CURRENCY]
        page = f"{self._edition.public_url}questions/{question.slug}"
        said = {"page": page, **self._query(question.query)}
        if is_large(self._edition):
            return {"rows": [], "is_asked": False, "finds": False, **said}
        answer = answer_to(self._edition, self._names, question.query, MOST_LISTED, is_fixed=True)
        return {**answer.values(), "is_asked": True, "finds": bool(answer.rows), **said}

    def _query(self, text: str) -> dict[str, str]:
        return {"query_address": address_of_query(text, self._edition.public_url)}


def _write(edition: Edition, values: dict[str, Any]) -> None:
    if edition.is_wanted:
        edition.out.write(json.dumps(values, ensure_ascii=False).encode())
