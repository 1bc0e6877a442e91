"""Queries of `graph/queries` about something: with terms put where their comments say what may be.

A file can be sent to the endpoint as it is, and is then about everything. Its comments such as
`# the indicator: ?x` mark where it may be said what it is about; `# on the day: ?x`, where it may
be said that only what holds on a day is asked for. What stands between `# the things: ?x` and
`# so far` finds the things that are asked about; something else may stand there that finds fewer.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.publishing.asof import HOLDS, literal_of
from graph.query_texts import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from graph.publishing.edition import Edition

_THINGS = re.compile(r"^ *# the things: (\?\w+)\n.*?^ *# so far\n", re.MULTILINE | re.DOTALL)
_MARK = re.compile(r"^( *)# ([a-z ]+): (\?\w+)$", re.MULTILINE)


def query_about(name: str, said: Mapping[str, str], day: date | None = None) -> str:
    """Return the query of that *name* with what is *said* of each mark, by the words of that.

    What is said is SPARQL, in which `?it` stands for the variable of the mark.
    """
    known = dict(said)
    if day:
        known["on the day"] = on_day(day, "?it")

    def put(mark: re.Match[str]) -> str:
        if mark[2] not in known:
            return mark[0]
        lines = known[mark[2]].replace("?it", mark[3]).splitlines()
        return "\n".join(f"{mark[1]}{line}" for line in lines)

    return _MARK.sub(put, text_of(name))


def only(iri: str) -> str:
    """Return SPARQL that says that `?it` is *iri*, which is checked."""
    return f"VALUES ?it {{ {ox.NamedNode(iri)} }}"


def only_first(text: str, first: str) -> str:
    """Return the query *text* with what is *first* in place of what finds its things."""
    return _THINGS.sub(lambda place: f"  {first.replace('?it', place[1])}\n", text)


def on_day(day: date, statement: str) -> str:
    """Return SPARQL that keeps each *statement* that may hold on *day*."""
    text = HOLDS.strip().replace("?statement", statement)
    return text.replace("?day", str(literal_of(day)))


def rows_of(edition: Edition, text: str) -> Iterator[dict[str, object]]:
    """Yield what the SELECT query *text* finds in all graphs, as terms by name."""
    solutions = edition.store.query(text, default_graph=[edition.union])
    assert isinstance(solutions, ox.QuerySolutions)  # noqa: S101 -- it is a SELECT query
    names = [variable.value for variable in solutions.variables]
    for solution in solutions:
        yield {
            name: value for name, value in zip(names, solution, strict=True) if value is not None
        }


def value_of(term: object) -> str:
    """Return the IRI or the lexical form of *term*; "" for none."""
    return term.value if isinstance(term, ox.NamedNode | ox.Literal | ox.BlankNode) else ""
