"""Rows: what a query of `graph/queries` finds, for all things of a kind, some hundred at a time.

Each file is a query that can be sent to the endpoint as it is, and then gives all rows at once. Its
comments `# only: ?x` mark where the things may be named that are asked for: an engine that is asked
for all would hold all rows before it gives the first. `# on the day: ?x` marks where it may be said
that only what holds on a day is asked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.namespaces import RDF_TYPE
from graph.publishing.asof import HOLDS, literal_of
from graph.query_texts import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from graph.publishing.edition import Edition

AT_ONCE = 500
"""How many things are asked for at a time."""

_ONLY = re.compile(r"# only: (\?\w+)$", re.MULTILINE)
_DAY = re.compile(r"# on the day: (\?\w+)$", re.MULTILINE)

Row = dict[str, str]
"""The lexical form of what each variable is bound to; one that is not bound is left out."""


@dataclass(frozen=True, slots=True)
class Found:
    """Where things are found: in the triples with this predicate, and with this object if any."""

    predicate: str
    object: str | None = None
    is_object: bool = False
    """The thing is the object of such a triple, not its subject."""

    def iris(self, edition: Edition) -> Iterator[str]:
        """Yield the IRI of each, more than once if there are several triples."""
        wanted = ox.NamedNode(self.object) if self.object else None
        for quad in edition.store.quads_for_pattern(
            None, ox.NamedNode(self.predicate), wanted, edition.union
        ):
            term = quad.object if self.is_object else quad.subject
            if isinstance(term, ox.NamedNode):
                yield term.value


@dataclass(frozen=True, slots=True)
class Listing:
    """A query with a row, or some, for each of the things that its first variable stands for."""

    query: str
    """The name of its file."""
    item: str
    found: tuple[Found, ...]

    @property
    def is_of_statements(self) -> bool:
        """Tell whether its rows hold for a time, and can be asked for as of a day."""
        return bool(_DAY.search(text_of(self.query)))

    def items(self, edition: Edition) -> list[str]:
        """Return the IRIs of all things that there are rows for, in their order."""
        return sorted(set(chain.from_iterable(each.iris(edition) for each in self.found)))


def of_class(iri: str) -> tuple[Found, ...]:
    """Return where the things of a class are found."""
    return (Found(RDF_TYPE, iri),)


def query_text(listing: Listing, day: date | None = None) -> str:
    """Return the query as anybody can send it, for all things; as of *day* if one is given."""
    text = text_of(listing.query)
    if day is None:
        return text
    said = f"BIND({literal_of(day)} AS ?day)\n{HOLDS.strip()}"
    return _DAY.sub(lambda mark: said.replace("?statement", mark[1]), text)


def rows(
    edition: Edition,
    listing: Listing,
    *,
    day: date | None = None,
    only: Iterable[str] | None = None,
) -> Iterator[Row]:
    """Yield the rows of all things, or of those that are named, in their order."""
    text = query_text(listing, day)
    items = iter(listing.items(edition) if only is None else only)
    while some := list(islice(items, AT_ONCE)):
        # An IRI that is a NamedNode ends where it ends: nothing in it reads as more of the query.
        named = " ".join(str(ox.NamedNode(iri)) for iri in some)
        asked = _ONLY.sub(lambda mark, named=named: f"VALUES {mark[1]} {{ {named} }}", text)
        yield from _found(edition, asked)


def _found(edition: Edition, text: str) -> Iterator[Row]:
    solutions = edition.store.query(text, default_graph=[edition.union])
    assert isinstance(solutions, ox.QuerySolutions)  # noqa: S101 -- every file is a SELECT query
    names = [variable.value for variable in solutions.variables]
    for solution in solutions:
        yield {
            name: value.value
            for name, value in zip(names, solution, strict=True)
            if isinstance(value, ox.Literal | ox.NamedNode | ox.BlankNode)
        }
