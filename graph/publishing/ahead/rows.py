"""The rows of queries that are always the same, kept as long as the generation is."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

import pyoxigraph as ox

from graph.publishing.ahead.memory import memory_of

if TYPE_CHECKING:
    from graph.publishing.edition import Edition

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


class Rows(NamedTuple):
    """What a query finds."""

    variables: list[str]
    rows: list[list[Term | None]]
    further: int
    """How many rows more there are, as far as they were counted."""

    def named(self) -> list[dict[str, object]]:
        """Return the rows with the terms by the names of their variables."""
        return [
            {name: term for name, term in zip(self.variables, row, strict=True) if term is not None}
            for row in self.rows
        ]


def read_rows(edition: Edition, query: str, most: int, most_counted: int = 0) -> Rows:
    """Return the first *most* rows of what the SELECT *query* finds in all graphs.

    Up to *most_counted* more are counted.
    """
    solutions = edition.store.query(query, default_graph=[edition.union])
    assert isinstance(solutions, ox.QuerySolutions)  # noqa: S101 -- it is a SELECT query
    variables = [variable.value for variable in solutions.variables]
    rows = [list(row) for row in islice(solutions, most)]
    return Rows(variables, rows, sum(1 for _ in islice(solutions, most_counted)))


def kept_rows(edition: Edition, query: str, most: int, most_counted: int = 0) -> Rows:
    """Return the same of a *query* in which nothing is of the request, and keep it."""
    memory = memory_of(edition, "rows")
    key = f"{most} {most_counted} {query}"
    if key in memory:
        variables, rows, further = memory[key]
        return Rows(variables, [[_term(cell) for cell in row] for row in rows], further)
    found = read_rows(edition, query, most, most_counted)
    if not any(isinstance(term, ox.Triple) for row in found.rows for term in row):
        rows = [[_plain(term) for term in row] for row in found.rows]
        memory[key] = [found.variables, rows, found.further]
    return found


def _plain(term: Term | None) -> list[str | None] | None:
    match term:
        case ox.NamedNode():
            return [term.value]
        case ox.BlankNode():
            return [term.value, ""]
        case ox.Literal():
            return [term.value, term.language, term.datatype.value]
        case _:
            return None


def _term(cell: Any) -> Term | None:  # noqa: ANN401 -- JSON
    match cell:
        case [iri]:
            return ox.NamedNode(iri)
        case [name, _]:
            return ox.BlankNode(name)
        case [text, str() as language, _]:
            return ox.Literal(text, language=language)
        case [text, _, datatype]:
            return ox.Literal(text, datatype=ox.NamedNode(datatype))
        case _:
            return None
