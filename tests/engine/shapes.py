"""Queries with SERVICE that are made by chance, from few names, so that much is shared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

_EX = "http://example.org/"
_NODES = [f":n{number}" for number in range(6)]
_VALUES = [*_NODES, "1", "2", '"a"', '"a"@en', "true", "1.5"]
_PREDICATES = (":p", ":q", ":r")
_VARIABLES = ("?a", "?b", "?c", "?d")


def store(random: Random, *, is_ours: bool = False) -> ox.Store:
    """Return a store with a few triples; in ours some are in named graphs, or of blank nodes."""
    made = ox.Store()
    nodes = [*_NODES, "_:x", "_:y"] if is_ours else _NODES
    triples = [
        f"{random.choice(nodes)} {random.choice(_PREDICATES)} "
        f"{random.choice(nodes if random.random() < 0.7 else _VALUES)} ."
        for _ in range(14)
    ]
    text = f"PREFIX : <{_EX}> {' '.join(triples[:9])} "
    if is_ours:
        text += f"GRAPH :g1 {{ {' '.join(triples[:4])} }} GRAPH :g2 {{ {' '.join(triples[3:7])} }}"
    else:
        text += " ".join(triples[9:])
    made.load(text, format=ox.RdfFormat.TRIG)
    return made


class Shapes:
    """Makes queries that ask *endpoints*."""

    def __init__(
        self, random: Random, endpoints: tuple[str, ...], *, binds_all: bool = False
    ) -> None:
        """Make them so that every SERVICE *binds_all* of its variables, or not."""
        self._binds_all = binds_all
        self._random = random
        self._endpoints = endpoints
        self._new = 0
        self._services = 0

    def query(self) -> str:
        """Return another query, which asks at least one of them."""
        while True:
            self._new = self._services = 0
            group = self._group(2)
            if self._services:
                return f"PREFIX : <{_EX}> {self._around(group)}"

    def _around(self, group: str) -> str:
        return self._one_of(
            (5, lambda: f"SELECT * {group}"),
            (1, lambda: f"SELECT ?a ?b {group}"),
            (1, lambda: f"SELECT DISTINCT ?b {group}"),
            (1, lambda: f"SELECT ?a (COUNT(*) AS ?n) {group} GROUP BY ?a"),
            (1, lambda: f"SELECT * {group} VALUES ?a {{ {self._terms()} }}"),
            (1, lambda: f"ASK {group}"),
        )

    def _group(self, depth: int) -> str:
        elements = [self._element(depth) for _ in range(self._random.randint(1, 4))]
        return f"{{ {' '.join(elements)} }}"

    def _element(self, depth: int) -> str:
        if depth == 0:
            return self._one_of((4, self._triple), (3, self._service), (1, self._values))
        return self._one_of(
            (6, self._triple),
            (6, self._service),
            (2, lambda: f"OPTIONAL {self._group(depth - 1)}"),
            (2, lambda: f"MINUS {self._group(depth - 1)}"),
            (1, lambda: f"{self._group(depth - 1)} UNION {self._group(depth - 1)}"),
            (1, lambda: self._group(depth - 1)),
            (1, lambda: self._graph(depth)),
            (1, lambda: f"FILTER {self._exists_word()} {self._group(depth - 1)}"),
            (1, lambda: f"{{ {self._inner_select(depth - 1)} }}"),
            (2, self._filter),
            (1, self._bind),
            (1, self._values),
        )  # fmt: skip

    def _graph(self, depth: int) -> str:
        if self._binds_all:  # the engine takes a SERVICE in it to be about that graph there
            return f"GRAPH ?g {{ {self._triple()} {self._triple()} }}"
        return f"GRAPH {self._random.choice(('?g', ':g1'))} {self._group(depth - 1)}"

    def _inner_select(self, depth: int) -> str:
        group = self._group(depth)
        return self._one_of(
            (1, lambda: f"SELECT ?a ?b {group}"),
            (1, lambda: f"SELECT DISTINCT ?b ?c {group}"),
            (1, lambda: f"SELECT ?b (COUNT(*) AS ?n{self._number()}) {group} GROUP BY ?b"),
            (1, lambda: f"SELECT * {group}"),
            (1, lambda: f"SELECT ?c {group} VALUES ?c {{ {self._terms()} }}"),
        )

    def _service(self) -> str:
        self._services += 1
        silent = "SILENT " if self._random.random() < 0.1 else ""
        return f"SERVICE {silent}<{self._random.choice(self._endpoints)}> {self._body()}"

    def _body(self) -> str:
        first = self._triple()
        if self._binds_all:
            return self._one_of(
                (4, lambda: f"{{ {first} }}"),
                (2, lambda: f"{{ {first} {self._triple()} }}"),
                (1, lambda: f"{{ {first} FILTER(isIRI({self._variable()})) }}"),
                (1, lambda: f"{{ {first} MINUS {{ {self._triple()} }} }}"),
                (1, lambda: f"{{ {{ {first} }} UNION {{ {first} }} }}"),
                (1, lambda: f"{{ VALUES ?a {{ {self._terms()} }} {first} }}"),
                (1, lambda: f"{{ SELECT ?a (COUNT(*) AS ?n{self._number()}) "
                            f"{{ ?a :p ?b }} GROUP BY ?a }}"),
            )  # fmt: skip
        return self._one_of(
            (6, lambda: f"{{ {first} }}"),
            (2, lambda: f"{{ {first} {self._triple()} }}"),
            (2, lambda: f"{{ {first} OPTIONAL {{ {self._triple()} }} }}"),
            (1, lambda: f"{{ {first} {self._filter()} }}"),
            (1, lambda: f"{{ {{ {first} }} UNION {{ {self._triple()} }} }}"),
            (1, lambda: f"{{ OPTIONAL {{ {first} }} }}"),
            (1, lambda: f"{{ {first} MINUS {{ {self._triple()} }} }}"),
            (1, lambda: f"{{ {first} {self._bind()} }}"),
            (1, lambda: f"{{ {first} {self._values()} }}"),
            (1, lambda: f"{{ SELECT ?a (COUNT(*) AS ?n{self._number()}) "
                        f"{{ {first} }} GROUP BY ?a }}"),
        )  # fmt: skip

    def _triple(self) -> str:
        subject = self._variable() if self._random.random() < 0.85 else self._random.choice(_NODES)
        value = self._variable() if self._random.random() < 0.85 else self._random.choice(_VALUES)
        path = self._one_of(
            (8, lambda: self._random.choice(_PREDICATES)), (1, lambda: ":p/:q"), (1, lambda: "^:p")
        )
        return f"{subject} {path} {value} ."

    def _filter(self) -> str:
        left, right = self._variable(), self._variable()
        return self._one_of(
            (1, lambda: f"FILTER({left} != {right})"),
            (1, lambda: f"FILTER(isIRI({left}))"),
            (1, lambda: f"FILTER(!BOUND({left}))"),
            (1, lambda: f"FILTER({left} IN ({', '.join(self._terms().split())}))"),
        )

    def _bind(self) -> str:
        return self._one_of(
            (1, lambda: f"BIND({self._variable()} AS ?x{self._number()})"),
            (1, lambda: f"BIND({self._random.choice(_NODES)} AS ?x{self._number()})"),
        )

    def _values(self) -> str:
        if self._random.random() < 0.5:
            return f"VALUES {self._variable()} {{ {self._terms()} }}"
        first, second = self._random.sample(_VARIABLES, 2)
        return f"VALUES ({first} {second}) {{ ({self._random.choice(_NODES)} UNDEF) (:n1 :n2) }}"

    def _terms(self) -> str:
        return " ".join(self._random.sample(_VALUES, self._random.randint(1, 4)))

    def _exists_word(self) -> str:
        return self._random.choice(("EXISTS", "NOT EXISTS"))

    def _variable(self) -> str:
        return self._random.choice(_VARIABLES)

    def _number(self) -> int:
        self._new += 1
        return self._new

    def _one_of(self, *choices: tuple[int, Callable[[], str]]) -> str:
        weights, makers = zip(*choices, strict=True)
        return self._random.choices(makers, weights)[0]()
