"""What there is to say about a thing, a page at a time.

The neighbourhood of a thing is a list of *entries*: the triples that have it as subject, then those
that have it as object, the ones of statements first. A page is a fixed number of them, and around
each what is needed to read it: a statement is told in full, with its evidence; every neighbour has
its label, every class its name. So an answer stands by itself, and asks nobody twice.

Every triple is in the graphs that state it. The commit log is about changes, not about things.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.namespaces import (
    COMMITS_GRAPH,
    DERIVED_GRAPH,
    MP,
    RDF_TYPE,
    RDFS,
    SKOS,
    UNION_GRAPH,
)
from graph.publishing.asof import HOLDS, literal_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

PAGE_ENTRIES = 250
"""How many entries a page has."""
PART_ENTRIES = 25
"""How many a part of a page has: as many as people read at once."""
PARTS = PAGE_ENTRIES // PART_ENTRIES
_MOST_SORTED = 5_000
"""Up to how many entries are put in order; more come in the order of the store."""
MOST_OF_ONE = 100
"""How many triples of one neighbour are told; its own page has all."""
_MOST_LABELS = 20
"""How many labels of one neighbour are told."""
_QUADS_OF_A_TRIPLE = 3
"""In how many graphs a triple usually is at most, the union among them."""

UNION = ox.NamedNode(UNION_GRAPH)
DERIVED = ox.NamedNode(DERIVED_GRAPH)
_HIDDEN = (UNION, ox.NamedNode(COMMITS_GRAPH))
TYPE = ox.NamedNode(RDF_TYPE)
_STATEMENT = ox.NamedNode(MP + "Statement")
EVIDENCE = ox.NamedNode(MP + "evidence")
LABEL_PROPERTIES = (ox.NamedNode(SKOS + "prefLabel"), ox.NamedNode(RDFS + "label"))
_FIRST = {TYPE.value: 0, SKOS + "prefLabel": 1, SKOS + "altLabel": 2}

_OWN = "?thing ?predicate ?object ."
_POINTING = "?statement ?predicate ?thing . FILTER (?statement != ?thing)"
_OWN_ON_A_DAY = f"""
FILTER (?predicate = <{RDF_TYPE}>
        || NOT EXISTS {{ GRAPH <{DERIVED_GRAPH}> {{ ?thing ?predicate ?object }} }})
"""
_POINTING_ON_A_DAY = f"""
FILTER (EXISTS {{ ?statement a <{MP}Statement> }}
        || NOT EXISTS {{ GRAPH <{DERIVED_GRAPH}> {{ ?statement ?predicate ?thing }} }})
{HOLDS}
"""
_IS_STATEMENT = f"BIND (EXISTS {{ ?statement a <{MP}Statement> }} AS ?isStatement)"

Node = ox.NamedNode | ox.BlankNode
Value = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


@dataclass(frozen=True, slots=True)
class Wish:
    """What to describe: a thing, which page of it, and as of which day, if any."""

    thing: ox.NamedNode
    page: int = 1
    day: date | None = None
    part: int | None = None
    """Which part of the page; None: all of it."""

    @property
    def span(self) -> tuple[int, int]:
        """The number of the first entry, from 0 on, and how many there may be."""
        first = (self.page - 1) * PAGE_ENTRIES
        if self.part is None:
            return first, PAGE_ENTRIES
        return first + (self.part - 1) * PART_ENTRIES, PART_ENTRIES


@dataclass(frozen=True, slots=True)
class Entry:
    """A triple that has the thing as subject or object."""

    subject: Node
    predicate: ox.NamedNode
    object: Value
    is_statement: bool = False
    """Whether the subject is a statement, which points to the thing."""


@dataclass(frozen=True, slots=True)
class Description:
    """One page of what there is to say about a thing."""

    wish: Wish
    entries: int
    """How many there are on all pages."""
    own: tuple[Entry, ...]
    pointing: tuple[Entry, ...]
    quads: tuple[ox.Quad, ...]
    """All that is told, each quad once, in an order that reads well."""

    @property
    def pages(self) -> int:
        """How many pages there are; there is always one."""
        return page_count(self.entries)


def page_count(entries: int) -> int:
    """Return how many pages so many *entries* have."""
    return max(1, -(-entries // PAGE_ENTRIES))


def describe(store: ox.Store, wish: Wish) -> Description:
    """Gather the page that *wish* asks for; one behind the last is empty."""
    neighbourhood = Neighbourhood(store, wish.thing, wish.day)
    entries = neighbourhood.entries(*wish.span)
    own = tuple(entry for entry in entries if entry.subject == wish.thing)
    pointing = tuple(entry for entry in entries if entry.subject != wish.thing)
    quads = _Gathering(store, wish.thing).quads_around(own, pointing)
    return Description(wish, neighbourhood.size, own, pointing, quads)


class Neighbourhood:
    """The entries of *thing*, on *day* if there is one."""

    def __init__(self, store: ox.Store, thing: ox.NamedNode, day: date | None) -> None:
        self._store = store
        self._thing = thing
        self._day = day
        self._own = _OWN + (_OWN_ON_A_DAY if day else "")
        self._pointing = _POINTING + (_POINTING_ON_A_DAY if day else "")
        self._own_size = self._count(self._own)
        self.size = self._own_size + self._count(self._pointing)

    def entries(self, first: int, many: int) -> list[Entry]:
        """Return *many* entries from the number *first* on, which counts from 0."""
        if self.size <= _MOST_SORTED:
            own = sorted(self._ask_own(), key=_own_order)[first : first + many]
        else:
            own = list(self._ask_own(f"OFFSET {first} LIMIT {many}"))
        behind, rest = max(first - self._own_size, 0), many - len(own)
        if not rest:
            return own
        if self.size <= _MOST_SORTED:
            return own + self._sorted_pointing(behind, rest)
        return own + list(self._ask_pointing(f"OFFSET {behind} LIMIT {rest}"))

    def _ask_own(self, how_many: str = "") -> Iterator[Entry]:
        for row in self._rows(f"SELECT ?predicate ?object {{ {self._own} }} {how_many}"):
            yield Entry(self._thing, row["predicate"], row["object"])

    def _sorted_pointing(self, first: int, many: int) -> list[Entry]:
        # To look in the store is much quicker than to have the engine look for each subject.
        rows = self._rows(f"SELECT ?statement ?predicate {{ {self._pointing} }}")
        found: list[tuple[Node, ox.NamedNode]] = [(row[0], row[1]) for row in rows]
        statements = {node for node in {row[0] for row in found} if self._is_statement(node)}
        order = sorted(  # statements first, then by subject and property
            (subject not in statements, str(subject), predicate.value, place)
            for place, (subject, predicate) in enumerate(found)
        )
        return [
            Entry(*found[place], self._thing, not is_other)
            for is_other, _, _, place in order[first : first + many]
        ]

    def _is_statement(self, node: Node) -> bool:
        return ox.Quad(node, TYPE, _STATEMENT, UNION) in self._store

    def _ask_pointing(self, how_many: str) -> Iterator[Entry]:
        text = (
            f"SELECT ?statement ?predicate ?isStatement {{ {self._pointing} {_IS_STATEMENT} }} "
            + how_many
        )
        for row in self._rows(text):
            is_statement = row["isStatement"].value == "true"
            yield Entry(row["statement"], row["predicate"], self._thing, is_statement)

    def _count(self, pattern: str) -> int:
        (row,) = self._rows(f"SELECT (COUNT(*) AS ?count) {{ {pattern} }}")
        return int(row["count"].value)

    def _rows(self, text: str) -> ox.QuerySolutions:
        rows = self._store.query(
            instantiated(text, self._thing, self._day),
            default_graph=[UNION],
            named_graphs=[DERIVED],
        )
        assert isinstance(rows, ox.QuerySolutions)  # noqa: S101 -- it is a SELECT query
        return rows


def instantiated(text: str, thing: ox.NamedNode, day: date | None) -> str:
    """Return the query *text* about *thing*, on *day*.

    The engine substitutes only what a query returns, so terms are put in here, as it writes them:
    what it has taken for an IRI has nothing in it that would end one.
    """
    text = text.replace("?thing", str(thing))
    return text.replace("?day", str(literal_of(day))) if day else text


class _Gathering:
    """Collects quads, each once."""

    def __init__(self, store: ox.Store, thing: ox.NamedNode) -> None:
        self._store = store
        self._thing = thing
        self._found: dict[ox.Quad, None] = {}
        self._told: set[object] = {thing}
        """What is told in full, or as far as it is told at all."""

    def quads_around(self, own: Iterable[Entry], pointing: Iterable[Entry]) -> tuple[ox.Quad, ...]:
        """Return the quads of all entries, and what is needed to read them."""
        for predicate in (TYPE, *LABEL_PROPERTIES):
            self._add(self._thing, predicate, None, _MOST_LABELS)
        for entry in own:
            self._add(entry.subject, entry.predicate, entry.object)
        self._tell_parts(list(self._found))
        for entry in pointing:
            if entry.is_statement or isinstance(entry.subject, ox.BlankNode):
                self._tell(entry.subject)
            self._add(entry.subject, entry.predicate, entry.object)
        self._add_labels()
        return tuple(self._found)

    def _tell(self, node: Node) -> None:
        """Add all that *node* says, and its evidence and blank nodes."""
        if node in self._told:
            return
        self._told.add(node)
        self._tell_parts(self._add(node, None, None, MOST_OF_ONE))

    def _tell_parts(self, quads: Iterable[ox.Quad]) -> None:
        for quad in quads:
            is_evidence = quad.predicate == EVIDENCE and isinstance(quad.object, ox.NamedNode)
            if is_evidence or isinstance(quad.object, ox.BlankNode):
                self._tell(quad.object)  # pyright: ignore[reportArgumentType] -- it is a node

    def _add_labels(self) -> None:
        ends = (end for quad in self._found for end in (quad.subject, quad.object))
        neighbours = {end for end in ends if isinstance(end, ox.NamedNode)} - {self._thing}
        for neighbour in sorted(neighbours, key=lambda node: node.value):
            for predicate in LABEL_PROPERTIES:
                self._add(neighbour, predicate, None, _MOST_LABELS)

    def _add(
        self,
        subject: Node,
        predicate: ox.NamedNode | None,
        value: Value | None,
        most: int = MOST_OF_ONE,
    ) -> list[ox.Quad]:
        """Add the quads of a pattern; return them."""
        quads = sorted(self._visible(subject, predicate, value, most), key=_quad_order)
        self._found.update(dict.fromkeys(quads))
        return quads

    def _visible(
        self, subject: Node, predicate: ox.NamedNode | None, value: Value | None, most: int
    ) -> list[ox.Quad]:
        """Return the quads of a pattern that are not in the union; those of *most* triples."""
        few = most * _QUADS_OF_A_TRIPLE
        stored = self._store.quads_for_pattern(subject, predicate, value, None)
        quads = list(islice(stored, few + 1))
        if len(quads) > few:
            in_union = self._store.quads_for_pattern(subject, predicate, value, UNION)
            quads = [
                quad
                for triple in islice(in_union, most)
                for quad in self._store.quads_for_pattern(
                    triple.subject, triple.predicate, triple.object, None
                )
            ]
        return [quad for quad in quads if quad.graph_name not in _HIDDEN]


def _own_order(entry: Entry) -> tuple[object, ...]:
    is_node = not isinstance(entry.object, ox.Literal)
    predicate = entry.predicate.value
    return _FIRST.get(predicate, 3), is_node, predicate, str(entry.object)


def _quad_order(quad: ox.Quad) -> tuple[object, ...]:
    predicate = quad.predicate.value
    return _FIRST.get(predicate, 3), predicate, str(quad.object), str(quad.graph_name)
