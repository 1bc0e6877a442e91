"""Clusters side by side: what is known of each, and their figures aligned by what they measure.

Figures stand in one row if they are of the same indicator, unit, time and basis of comparison. What
stands in different rows is said to be not comparable, and why. Nobody is called better.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pyoxigraph as ox

from graph.errors import QueryRejected
from graph.namespaces import ID, MP, RDF_TYPE, SKOS
from graph.publishing.ahead.rows import kept_rows
from graph.publishing.labels import Names
from graph.publishing.site.figures import figures_about
from graph.publishing.site.tools import tools
from graph.publishing.things.names import slug_of
from graph.search.current import current_names
from graph.search.matching import BUT_FOR_ORDER, find

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from graph.publishing.edition import Edition

MOST = 5
"""How many clusters are compared at once."""
_PEERS = 6
_NEAR = 5
_MOST_LISTED = 12
"""How many things of a kind are named of each cluster."""
_CLUSTER = f"{ID}cluster/"
_CLASS = ox.NamedNode(f"{MP}Cluster")
_TYPE = ox.NamedNode(RDF_TYPE)

_FACTS = {
    "country": "?thing mp:locatedIn/mp:partOf* ?value . ?value a mp:Country .",
    "region": "?thing mp:locatedIn ?value . FILTER NOT EXISTS { ?value a mp:Country }",
    "sector": "?thing mp:sector ?value .",
    "label": "?labelling mp:labelled ?thing ; mp:category ?value .",
    "manager": "?thing mp:managedBy ?value .",
    "members": "?value org:memberOf ?thing .",
    "member_of": "?thing org:memberOf ?value .",
    "partners": "?thing mp:partnerOf ?value .",
}
"""What is told of each cluster besides its figures, and where it is found."""

_PREFIXES = f"""PREFIX mp: <{MP}>
PREFIX org: <http://www.w3.org/ns/org#>
"""
_PEERS_OF = """
SELECT ?peer (COUNT(DISTINCT ?sector) AS ?shared)
WHERE {
  VALUES ?chosen { # chosen
  }
  ?chosen mp:sector ?sector .
  ?peer mp:sector ?sector ; a mp:Cluster .
}
GROUP BY ?peer
ORDER BY DESC(?shared) ?peer
LIMIT 40
"""
_WELL_KNOWN = """
SELECT ?peer (COUNT(?figure) AS ?figures)
WHERE { ?figure a mp:KeyFigure ; mp:about ?peer . ?peer a mp:Cluster }
GROUP BY ?peer
ORDER BY DESC(?figures) ?peer
LIMIT 40
"""
_MOST_WELL_KNOWN = 40
_QUERY = f"""PREFIX cluster: <{_CLUSTER}>
PREFIX mp: <{MP}>
PREFIX skos: <{SKOS}>

SELECT ?cluster ?cluster_name ?indicator_name ?value ?minimum ?maximum ?unit ?qualifier ?from ?to
  ?figure
WHERE {{
  # chosen
  ?figure a mp:KeyFigure ; mp:about ?cluster ; mp:indicator ?indicator .
  ?cluster a mp:Cluster .
  OPTIONAL {{ ?cluster skos:prefLabel ?cluster_name }}
  OPTIONAL {{ ?indicator skos:prefLabel ?indicator_name FILTER (LANG(?indicator_name) = "en") }}
  OPTIONAL {{ ?figure mp:value ?value }}
  OPTIONAL {{ ?figure mp:minimum ?minimum }}
  OPTIONAL {{ ?figure mp:maximum ?maximum }}
  OPTIONAL {{ ?figure mp:unit ?unit }}
  OPTIONAL {{ ?figure mp:qualifier ?qualifier }}
  OPTIONAL {{ ?figure mp:from ?from }}
  OPTIONAL {{ ?figure mp:to ?to }}
}}
ORDER BY ?indicator ?unit ?from ?to ?cluster
"""

Values = dict[str, Any]


def write_comparison(edition: Edition) -> None:
    """Write the page that compares the clusters that the argument `c` names, one a line."""
    values = _Comparison(edition).values()
    if edition.is_wanted:
        edition.out.write(json.dumps(values, ensure_ascii=False).encode())


@dataclass(frozen=True, slots=True)
class _Key:
    """What figures share that can be compared."""

    unit: str
    per: str
    first: str
    last: str


class _Comparison:
    def __init__(self, edition: Edition) -> None:
        self._edition = edition
        self._names = Names(edition)
        self._slugs: list[str] = []
        self._unknown: list[Values] = []
        self._read(edition.arguments.get("c", "").split("\n"))

    def values(self) -> Values:
        query = _query(self._slugs)
        return {
            "clusters": [self._cluster(slug) for slug in self._slugs],
            "facts": list(_FACTS),
            "indicators": self._indicators(),
            "unknown": self._unknown,
            "peers": self._peers(),
            "slugs": self._slugs,
            "most": MOST,
            "tools": tools(self._edition.public_url, query),
        }

    def _read(self, asked: Iterable[str]) -> None:
        for text in filter(None, (each.strip() for each in asked)):
            slug = slug_of(text)
            if not self._is_cluster(slug) and (named := self._called(text)):
                slug = named
            if self._is_cluster(slug):
                self._slugs += [slug] if slug not in self._slugs else []
            else:
                self._unknown.append({"text": text[:80], "near": self._near(text)})
        if len(self._slugs) > MOST:
            raise QueryRejected(
                f"there are {len(self._slugs)} clusters to compare; choose up to {MOST} of them"
            )

    def _is_cluster(self, slug: str) -> bool:
        if not slug:
            return False
        node = ox.NamedNode(_CLUSTER + slug)
        return ox.Quad(node, _TYPE, _CLASS, self._edition.union) in self._edition.store

    def _called(self, text: str) -> str:
        """Return the slug of the only cluster that is called *text*; "" if there is none."""
        names = current_names(self._edition.store, self._edition.generation)
        hits = find(names, text, ("cluster",)).hits
        exact = [hit for hit in hits if hit.score >= BUT_FOR_ORDER]
        return exact[0].name.thing.removeprefix(_CLUSTER) if len(exact) == 1 else ""

    def _near(self, text: str) -> list[Values]:
        names = current_names(self._edition.store, self._edition.generation)
        hits = find(names, text, ("cluster",)).hits[:_NEAR]
        return [self._choice(hit.name.thing) for hit in hits]

    def _choice(self, iri: str) -> Values:
        """Return a cluster that can be added, and the query of the address that adds it."""
        slug = iri.removeprefix(_CLUSTER)
        return {
            "slug": slug,
            "named": self._names.named(iri),
            "query": _address([*self._slugs, slug]),
        }

    def _cluster(self, slug: str) -> Values:
        others = [each for each in self._slugs if each != slug]
        return {
            "slug": slug,
            "named": self._names.named(_CLUSTER + slug),
            "without": _address(others),
            "facts": {name: self._fact(slug, pattern) for name, pattern in _FACTS.items()},
        }

    def _fact(self, slug: str, pattern: str) -> list[Values]:
        thing = str(ox.NamedNode(_CLUSTER + slug))
        where = pattern.replace("?thing", thing)
        rows = self._rows(f"SELECT DISTINCT ?value WHERE {{ {where} }} ORDER BY ?value LIMIT 500")
        iris = [row.value for row in rows if isinstance(row, ox.NamedNode)]
        named: list[Values] = [self._names.named(iri) for iri in iris[:_MOST_LISTED]]
        return [*named, *([{"more": len(iris) - _MOST_LISTED}] if len(iris) > len(named) else [])]

    def _indicators(self) -> list[Values]:
        """Return the figures of all clusters, by indicator, then by what can be compared."""
        by_indicator: dict[str, dict[_Key, list[list[Values]]]] = {}
        named: dict[str, Values] = {}
        for place, slug in enumerate(self._slugs):
            for figure in figures_about(self._edition, self._names, _CLUSTER + slug):
                indicator = figure["indicator"] or {"iri": "", "label": "–", "address": ""}
                named[indicator["iri"]] = indicator
                rows = by_indicator.setdefault(indicator["iri"], {})
                cells = rows.setdefault(_key(figure), [[] for _ in self._slugs])
                cells[place].append(figure)
        told = [{"indicator": named[iri], **_compared(rows)} for iri, rows in by_indicator.items()]
        return sorted(told, key=lambda each: (-each["clusters"], each["indicator"]["label"]))

    def _peers(self) -> list[Values]:
        if self._slugs:
            chosen = " ".join(str(ox.NamedNode(_CLUSTER + slug)) for slug in self._slugs)
            found = self._rows(_PEERS_OF.replace("# chosen", chosen))
        else:
            rows = kept_rows(self._edition, _PREFIXES + _WELL_KNOWN, _MOST_WELL_KNOWN).rows
            found = [row[0] for row in rows]
        iris = [row.value for row in found if isinstance(row, ox.NamedNode)]
        there = {_CLUSTER + slug for slug in self._slugs}
        peers = [iri for iri in iris if iri not in there and iri.startswith(_CLUSTER)]
        return [self._choice(iri) for iri in peers[:_PEERS]]

    def _rows(self, text: str) -> list[object]:
        """Return what the first variable of a query is bound to, row by row."""
        found = self._edition.store.query(_PREFIXES + text, default_graph=[self._edition.union])
        assert isinstance(found, ox.QuerySolutions)  # noqa: S101 -- they are all SELECT
        return [row[0] for row in found]


def _key(figure: Values) -> _Key:
    unit, per = figure["unit"], figure["per"]
    return _Key(
        unit["iri"] if unit else "",
        per["iri"] if per else "",
        figure["from"] or "",
        figure["to"] or "",
    )


def _compared(rows: dict[_Key, list[list[Values]]]) -> Values:
    """Return the rows of one indicator, and what there is to say of whether they compare."""
    in_order = sorted(rows.items(), key=lambda row: (row[0].unit, row[0].first, row[0].last))
    told = [_row(cells) for _, cells in in_order]
    having = {place for row in told for place, cell in enumerate(row["cells"]) if cell}
    return {"rows": told, "clusters": len(having), "remarks": _remarks(list(rows), told, having)}


def _row(cells: list[list[Values]]) -> Values:
    figures = [figure for cell in cells for figure in cell]
    there = sum(bool(cell) for cell in cells)
    first = figures[0]
    return {
        "unit": first["unit"],
        "per": first["per"],
        "from": first["from"],
        "to": first["to"],
        "cells": cells,
        "clusters": there,
        "remarks": _remarks_on_row(cells, figures) if there > 1 else [],
    }


def _remarks_on_row(cells: list[list[Values]], figures: list[Values]) -> list[str]:
    """Return why the figures of one row do not compare, or not exactly."""
    remarks: list[str] = []
    if not first_is_dated(figures[0]):
        remarks.append("undated")
    if len({figure["precision"] for figure in figures}) > 1 or not figures[0]["is_exact"]:
        remarks.append("qualifiers")
    if any(len(cell) > 1 for cell in cells):
        remarks.append("conflict")
    if any(figure["is_of_document"] for figure in figures):
        remarks.append("document_time")
    return remarks or ["comparable"]


def first_is_dated(figure: Values) -> bool:
    """Tell whether it is known of which time *figure* is."""
    return bool(figure["from"] or figure["to"])


def _remarks(keys: Sequence[_Key], rows: Sequence[Values], having: set[int]) -> list[str]:
    """Return why figures of one indicator that stand in different rows do not compare."""
    if len(having) == 1:
        return ["only_one"]
    if all(row["clusters"] == len(having) for row in rows):
        return []
    remarks: list[str] = []
    if len({(key.unit, key.per) for key in keys}) > 1:
        remarks.append("units")
    if len({(key.first, key.last) for key in keys}) > 1:
        remarks.append("periods")
    return remarks


def _query(slugs: Sequence[str]) -> str:
    values = " ".join(f"cluster:{slug}" for slug in slugs)
    chosen = f"VALUES ?cluster {{ {values} }}" if slugs else "# of all clusters"
    return _QUERY.replace("# chosen", chosen)


def _address(slugs: Iterable[str]) -> str:
    return urlencode([("c", slug) for slug in slugs])
