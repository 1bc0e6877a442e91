"""What a generation holds, counted: instances of classes, triples of properties, links."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.namespaces import BASE, OWL, SKOS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graph.publishing.edition import Edition

MOST_PARTITIONS = 1_000
"""How many classes, properties and kinds of links are told of: those with the most."""

MOST_TRIPLES = 1_000_000
"""How large the union may be for what takes more than one look at each triple."""

MOST_COUNTED = 25_000_000
"""How large the union may be for a look at each triple: ten million take eight seconds."""

_LINKS = (
    f"{OWL}sameAs",
    *(f"{SKOS}{how}Match" for how in ("exact", "close", "broad", "narrow", "related")),
)

_CLASSES = """
    SELECT ?class (COUNT(*) AS ?count)
    WHERE { ?instance a ?class FILTER (isIRI(?class)) } GROUP BY ?class
"""
_PROPERTIES = """
    SELECT ?property (COUNT(*) AS ?count) WHERE { ?subject ?property ?object } GROUP BY ?property
"""
_PROPERTIES_OF_CLASSES = """
    SELECT ?class ?property (COUNT(*) AS ?count)
    WHERE { ?instance a ?class ; ?property ?value FILTER (isIRI(?class)) }
    GROUP BY ?class ?property
"""
_SUBJECTS = "SELECT (COUNT(DISTINCT ?subject) AS ?count) WHERE { ?subject ?property ?object }"
_OBJECTS = "SELECT (COUNT(DISTINCT ?object) AS ?count) WHERE { ?subject ?property ?object }"
_TARGETS = f"""
    SELECT ?link ?space (COUNT(*) AS ?count)
    WHERE {{
      VALUES ?link {{ {" ".join(f"<{link}>" for link in _LINKS)} }}
      ?subject ?link ?object
      FILTER (isIRI(?object) && !STRSTARTS(STR(?object), "{BASE}"))
      BIND (REPLACE(STR(?object), "[^/#]*$", "") AS ?space)
    }}
    GROUP BY ?link ?space
"""


@dataclass(frozen=True, slots=True)
class Linkset:
    """How many links of one kind lead to one set of others' data."""

    link: str
    space: str
    """What the names of the things there begin with."""
    triples: int


@dataclass(frozen=True, slots=True)
class Counts:
    """What the union of a generation holds; each list has the largest first.

    Without classes and properties where the union is too large to look at each triple.
    """

    classes: tuple[tuple[str, int], ...]
    properties: tuple[tuple[str, int], ...]
    linksets: tuple[Linkset, ...]
    number_of_classes: int
    number_of_properties: int
    properties_of_classes: dict[str, tuple[tuple[str, int], ...]]
    """Empty where the union is large."""
    subjects: int | None
    objects: int | None
    """None where the union is large."""


_kept: dict[tuple[str, int], Counts] = {}
"""What was counted last: it is asked for in several formats."""


def counts_of(edition: Edition) -> Counts:
    """Count what *edition* holds, or remember it."""
    key = (edition.generation.store_id, edition.generation.number)
    if key not in _kept:
        counted = _counted(edition)
        _kept.clear()
        _kept[key] = counted
    return _kept[key]


def _counted(edition: Edition) -> Counts:
    triples = edition.generation.union_triples
    classes = properties = list[tuple[str, int]]()
    if triples <= MOST_COUNTED:
        classes = _largest((name, count) for (name,), count in _rows(edition, _CLASSES))
        properties = _largest((name, count) for (name,), count in _rows(edition, _PROPERTIES))
    links = [Linkset(link, space, count) for (link, space), count in _rows(edition, _TARGETS)]
    links.sort(key=lambda each: (-each.triples, each.space, each.link))
    is_small = triples <= MOST_TRIPLES
    told = classes[:MOST_PARTITIONS]
    return Counts(
        tuple(told),
        tuple(properties[:MOST_PARTITIONS]),
        tuple(links[:MOST_PARTITIONS]),
        len(classes),
        len(properties),
        _properties_of({name for name, _ in told}, edition) if is_small else {},
        _number(edition, _SUBJECTS) if is_small else None,
        _number(edition, _OBJECTS) if is_small else None,
    )


def _properties_of(classes: set[str], edition: Edition) -> dict[str, tuple[tuple[str, int], ...]]:
    found: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for (name, property_name), count in _rows(edition, _PROPERTIES_OF_CLASSES):
        if name in classes:
            found[name].append((property_name, count))
    return {name: tuple(_largest(counts)[:MOST_PARTITIONS]) for name, counts in found.items()}


def _largest(counts: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    return sorted(counts, key=lambda each: (-each[1], each[0]))


def _number(edition: Edition, query: str) -> int:
    ((_, count),) = _rows(edition, query)
    return count


def _rows(edition: Edition, query: str) -> Iterator[tuple[list[str], int]]:
    """Yield the rows of an answer: the names in it, and the number at its end."""
    answer = edition.store.query(query, default_graph=[edition.union])
    assert isinstance(answer, ox.QuerySolutions)  # noqa: S101 -- they are SELECT queries
    for row in answer:
        *names, count = row
        if count is None:  # no group at all
            continue
        yield [_text(name) for name in names], int(_text(count))


def _text(term: object) -> str:
    assert isinstance(term, ox.NamedNode | ox.Literal)  # noqa: S101 -- the queries ask for these
    return term.value
