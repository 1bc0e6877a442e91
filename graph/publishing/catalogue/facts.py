"""What the store says of its graphs that a catalogue tells: when they changed, what they cover."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.namespaces import COMMITS_GRAPH, GRAPH, MP, SKOS, XSD
from graph.publishing.catalogue.describing import DCT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graph.publishing.edition import Edition

COUNTRIES = "http://publications.europa.eu/resource/authority/country/"
"""Where the names of the EU's table of countries begin."""

MOST_TRIPLES = 500_000
"""How large a graph may be to be searched for the first and the last day it tells of."""

_MOST_COUNTRIES = 60
_WEB = ("https://", "http://")
_LONGEST_LABEL = 300

_TIMES = f"""
    PREFIX mp: <{MP}>
    PREFIX prov: <http://www.w3.org/ns/prov#>
    SELECT ?graph (MIN(?time) AS ?first) (MAX(?time) AS ?last)
    WHERE {{ ?commit prov:endedAtTime ?time OPTIONAL {{ ?commit mp:changedGraph ?graph }} }}
    GROUP BY ?graph
"""
_COUNTRIES = f"""
    PREFIX mp: <{MP}>
    PREFIX skos: <{SKOS}>
    SELECT DISTINCT ?country
    WHERE {{
      ?place a mp:Country ; skos:exactMatch ?country
      FILTER (isIRI(?country) && STRSTARTS(STR(?country), "{COUNTRIES}"))
      FILTER (
        EXISTS {{ GRAPH ?graph {{ ?place ?ours ?value }} }}
        || EXISTS {{ GRAPH ?graph {{ ?thing ?theirs ?place }} }}
      )
    }}
    ORDER BY ?country
    LIMIT {_MOST_COUNTRIES}
"""
_PERIOD = f"""
    PREFIX mp: <{MP}>
    PREFIX xsd: <{XSD}>
    SELECT ?first ?last
    WHERE {{
      {{ SELECT (MIN(?from) AS ?first) {{
        GRAPH ?graph {{ ?begun mp:from ?from }} FILTER (?from >= "0001-01-01"^^xsd:date)
      }} }}
      {{ SELECT (MAX(?to) AS ?last) {{
        GRAPH ?graph {{ ?ended mp:to ?to }} FILTER (?to >= "0001-01-01"^^xsd:date)
      }} }}
    }}
"""
_DOCUMENTS = f"""
    PREFIX mp: <{MP}>
    PREFIX skos: <{SKOS}>
    SELECT ?document ?label
    WHERE {{
      GRAPH ?graph {{ ?document a mp:SourceDocument ; skos:prefLabel ?label }}
      FILTER NOT EXISTS {{ GRAPH ?graph {{ ?document mp:documentPartOf ?other }} }}
    }}
    ORDER BY ?document ?label
    LIMIT 20
"""


@dataclass(frozen=True, slots=True)
class Times:
    """When a graph came to be, as far as the commits tell, and when it changed last."""

    issued: str | None
    modified: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of which countries and days a graph tells."""

    countries: tuple[str, ...]
    first: str | None
    last: str | None


@dataclass(frozen=True, slots=True)
class SourceDocument:
    """The document whose statements a graph holds."""

    iri: str
    label: str


class Changes:
    """When each graph changed, as the log of commits in *edition* says."""

    def __init__(self, edition: Edition) -> None:
        self._built = edition.generation.built
        self._spans: dict[str, tuple[str, str]] = {}
        commits = ox.NamedNode(COMMITS_GRAPH)
        for row in _rows(edition, _TIMES, commits, commits):
            if row["first"] and row["last"]:
                self._spans[row["graph"]] = (row["first"], row["last"])

    @property
    def graphs(self) -> tuple[str, ...]:
        """All graphs that the log knows of, those that are gone, too."""
        return tuple(self._spans)

    def of(self, graph: str) -> Times:
        """Return when *graph* changed; who is in no commit changes with the generation."""
        if graph in self._spans:
            return Times(*self._spans[graph])
        return Times(None, self.of_all.modified)

    @property
    def of_all(self) -> Times:
        """When anything did: the first commit, and the generation that is read."""
        firsts = [first for first, _ in self._spans.values()]
        lasts = [last for _, last in self._spans.values()]
        return Times(min(firsts, default=None), max(lasts, default=self._built))


def coverage(edition: Edition, graph: str | None) -> Coverage:
    """Return of what *graph* tells, or all together; large ones are not searched for days."""
    name = edition.union if graph is None else ox.NamedNode(graph)
    size = edition.generation.union_triples if graph is None else edition.generation.graphs[graph]
    graphs = edition.union, name
    countries = tuple(row["country"] for row in _rows(edition, _COUNTRIES, *graphs))
    if size > MOST_TRIPLES:
        return Coverage(countries, None, None)
    (period,) = _rows(edition, _PERIOD, *graphs)
    return Coverage(countries, period["first"] or None, period["last"] or None)


def source_document(edition: Edition, graph: str) -> SourceDocument | None:
    """Return the document that *graph* is taken from: the one it is named after, or the first."""
    rows = list(_rows(edition, _DOCUMENTS, edition.union, ox.NamedNode(graph)))
    slug = graph.removeprefix(GRAPH).rpartition("/")[2]
    named = [row for row in rows if row["document"].rpartition("/")[2] == slug]
    for row in (*named, *rows):
        return SourceDocument(row["document"], row["label"][:_LONGEST_LABEL])
    return None


def licence(edition: Edition, graph: str) -> str | None:
    """Return the address of the licence that *graph* has by what it says of itself, if it does."""
    name, predicate = ox.NamedNode(graph), ox.NamedNode(DCT + "license")
    for quad in edition.store.quads_for_pattern(name, predicate, None, name):
        if isinstance(quad.object, ox.NamedNode) and quad.object.value.startswith(_WEB):
            return quad.object.value
    return None


def _rows(
    edition: Edition, query: str, default_graph: ox.NamedNode, named_graph: ox.NamedNode
) -> Iterator[dict[str, str]]:
    """Yield the rows of an answer as texts; nothing is an empty one."""
    answer = edition.store.query(query, default_graph=[default_graph], named_graphs=[named_graph])
    assert isinstance(answer, ox.QuerySolutions)  # noqa: S101 -- they are SELECT queries
    names = [variable.value for variable in answer.variables]
    for row in answer:
        yield {name: _text(row[name]) for name in names}


def _text(term: object) -> str:
    return term.value if isinstance(term, ox.NamedNode | ox.Literal) else ""
