"""What links things: statements that they are partners, members, take part, fund, or are parts."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.namespaces import MP
from graph.publishing.ahead.memory import memory_of
from graph.publishing.asof import holds_on

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from graph.publishing.edition import Edition

MOST_READ = 4_000
"""How many triples are read to find the statements of a kind; there may be many more."""


_PAIRS = f"""
SELECT ?statement ?one ?other {{{{
  {{{{ SELECT ?statement ?one {{{{ ?statement {{own}} ?one }}}} LIMIT {MOST_READ} }}}}
  ?statement {{other}} ?other
  FILTER(?one != ?other)
}}}}
"""


@dataclass(frozen=True, slots=True)
class Relation:
    """A kind of statement, and the properties that lead from it to what it links."""

    name: str
    pairs: tuple[tuple[str, str], ...]


RELATIONS = (
    Relation("partnership", (("partner", "partner"), ("partner", "via"), ("partner", "within"))),
    Relation("membership", (("member", "group"),)),
    Relation("participation", (("participant", "undertaking"),)),
    Relation(
        "funding",
        (
            ("funder", "recipient"),
            ("funder", "throughProgramme"),
            ("throughProgramme", "recipient"),
        ),
    ),
    Relation("part", (("part", "whole"),)),
)
"""All kinds of statements that things are linked by."""


@dataclass(frozen=True, slots=True, order=True)
class Link:
    """Two things, and the statement that links them by two of its properties."""

    one: str
    other: str
    relation: str
    statement: str
    of_one: str
    of_other: str

    @property
    def reversed(self) -> Link:
        """The same from the other end."""
        return Link(self.other, self.one, self.relation, self.statement, self.of_other, self.of_one)


class Links:
    """The links of a generation; on a *day*, if one is given."""

    def __init__(self, edition: Edition, day: date | None = None) -> None:
        self._edition = edition
        self._day = day
        self._holding: dict[str, bool] = {}

    def around(self, thing: str, most: int = MOST_READ) -> list[Link]:
        """Return the links from *thing* to others, in order; *most* of them at most."""
        found = (
            link
            for relation in RELATIONS
            for pair in relation.pairs
            for own, other in dict.fromkeys((pair, pair[::-1]))
            for link in self._from(thing, relation.name, own, other)
        )
        return sorted(set(islice(found, most)))

    def all(self, relation: Relation) -> tuple[list[Link], bool]:
        """Return all links of a kind, each once, and whether these are all there are."""
        memory = memory_of(self._edition, "links")
        if self._day is not None:
            return self._read(relation)
        if relation.name not in memory:
            memory[relation.name] = self._read(relation)
        return memory[relation.name]

    def _read(self, relation: Relation) -> tuple[list[Link], bool]:
        found: set[Link] = set()
        most = 0
        for own, other in relation.pairs:
            rows = self._pairs(own, other)
            most = max(most, len(rows))
            found |= {
                Link(one, end, relation.name, statement, own, other)
                for statement, one, end in rows
                if (one < end if own == other else one != end) and self._holds(statement)
            }
        return sorted(found), most < MOST_READ

    def _pairs(self, own: str, other: str) -> list[tuple[str, str, str]]:
        """Return statements with what two of their properties lead to, some thousand at most."""
        # What is read costs more than what is looked through: so the engine looks, and few terms
        # are read.
        text = _PAIRS.format(own=ox.NamedNode(MP + own), other=ox.NamedNode(MP + other))
        rows = self._edition.store.query(text, default_graph=[self._edition.union])
        assert isinstance(rows, ox.QuerySolutions)  # noqa: S101 -- it is a SELECT query
        return [
            (row[0].value, row[1].value, row[2].value)
            for row in rows
            if all(isinstance(term, ox.NamedNode) for term in row)
        ]

    def _from(self, thing: str, relation: str, own: str, other: str) -> Iterator[Link]:
        for quad in self._quads(None, own, ox.NamedNode(thing)):
            if isinstance(quad.subject, ox.NamedNode) and self._holds(quad.subject.value):
                statement = quad.subject.value
                for end in self._objects(statement, other):
                    if end != thing:
                        yield Link(thing, end, relation, statement, own, other)

    def _objects(self, statement: str, name: str) -> list[str]:
        found = (quad.object for quad in self._quads(ox.NamedNode(statement), name, None))
        return [each.value for each in found if isinstance(each, ox.NamedNode)]

    def _holds(self, statement: str) -> bool:
        if self._day is None:
            return True
        if statement not in self._holding:
            first, last = (self._text(statement, name) for name in ("from", "to"))
            self._holding[statement] = holds_on(self._day, first, last)
        return self._holding[statement]

    def _text(self, statement: str, name: str) -> str:
        found = (quad.object for quad in self._quads(ox.NamedNode(statement), name, None))
        return next((each.value for each in found if isinstance(each, ox.Literal)), "")

    def _quads(
        self, subject: ox.NamedNode | None, name: str, value: ox.NamedNode | None
    ) -> Iterator[ox.Quad]:
        return self._edition.store.quads_for_pattern(
            subject, ox.NamedNode(MP + name), value, self._edition.union
        )
