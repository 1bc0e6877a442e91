"""How often classes, properties and values are used: counted as far as it takes no time."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.errors import QueryRejected
from graph.namespaces import OWL, RDF, RDF_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graph.publishing.edition import Edition

MOST_COUNTED = 300
"""Up to what number the uses of a class or a property are counted."""
_LOOKED_THROUGH = 5_000
"""How many triples are looked through for classes and properties that the ontology has not."""
_SAMPLE = 300
"""How many things of a class are read to learn what such things say."""
_MOST_VALUES = 3_000
"""How many values of a property are read to learn which there are."""
_MOST_THINGS, _MOST_OF_ONE = 500, 20
"""The same where the things are of one class: how many of them, and of how many values of each."""
_TYPE = ox.NamedNode(RDF_TYPE)
_MOST_TERMS = 300
"""How many classes, properties or values are told of."""

_CLASSES = f"""
    SELECT DISTINCT ?term {{
      {{ ?term a <{OWL}Class> }}
      UNION {{ SELECT ?term {{ ?thing a ?term }} LIMIT {_LOOKED_THROUGH} }}
      FILTER (isIRI(?term))
    }}
"""
_PROPERTIES = f"""
    SELECT DISTINCT ?term {{
      {{ ?term a <{OWL}ObjectProperty> }} UNION {{ ?term a <{OWL}DatatypeProperty> }}
      UNION {{ ?term a <{RDF}Property> }}
      UNION {{ SELECT ?term {{ ?thing ?term ?value }} LIMIT {_LOOKED_THROUGH} }}
      FILTER (isIRI(?term))
    }}
"""
_USES = f"""
    SELECT (COUNT(*) AS ?count) {{ {{ SELECT * {{ PATTERN }} LIMIT {MOST_COUNTED + 1} }} }}
"""
_OF_SAMPLE = f"""
    SELECT ?term (COUNT(DISTINCT ?thing) AS ?count) {{
      {{ SELECT DISTINCT ?thing {{ PATTERN }} LIMIT {_SAMPLE} }}
      ?thing ?term ?value
    }}
    GROUP BY ?term ORDER BY DESC(?count) ?term LIMIT {_MOST_TERMS}
"""
_SAMPLE_SIZE = f"""
    SELECT (COUNT(*) AS ?count) {{ {{ SELECT DISTINCT ?thing {{ PATTERN }} LIMIT {_SAMPLE} }} }}
"""
_VALUES = f"""
    SELECT ?term (COUNT(*) AS ?count) {{
      {{ SELECT ?term {{ PATTERN }} LIMIT {_MOST_VALUES} }}
      FILTER (!isBlank(?term))
    }}
    GROUP BY ?term ORDER BY DESC(?count) ?term LIMIT {_MOST_TERMS}
"""


@dataclass(frozen=True, slots=True)
class Counted:
    """A class, a property or a value, and how often it is used."""

    count: int
    iri: str = ""
    text: str = ""
    """How a literal is written."""
    is_more: bool = False
    """It was not counted to the end."""
    of: int = 0
    """In how many things that were looked at; 0: in all."""


class Counting:
    """Counts in the union of *edition*."""

    def __init__(self, edition: Edition) -> None:
        self._edition = edition

    def classes(self) -> list[Counted]:
        """Return the classes that things are of, the largest first."""
        return self._used(_CLASSES, f"?thing a {_TERM}")

    def properties(self) -> list[Counted]:
        """Return the properties that statements are made with."""
        return self._used(_PROPERTIES, f"?thing {_TERM} ?value")

    def properties_of_class(self, cls: str) -> list[Counted]:
        """Return what things of *cls* say."""
        return self._of_sample(f"?thing a {node(cls)}")

    def properties_of_values(self, of: str) -> list[Counted]:
        """Return what the values of the property *of* say."""
        return self._of_sample(f"?other {node(of)} ?thing FILTER (isIRI(?thing))")

    def values(self, of: str, cls: str = "") -> list[Counted]:
        """Return the values of the property *of*; those that things of *cls* have."""
        if cls:
            return self._values_in(of, cls)
        pattern = f"?thing {node(of)} ?term"
        return [_counted(row) for row in self._rows(_VALUES.replace("PATTERN", pattern))]

    def _values_in(self, of: str, cls: str) -> list[Counted]:
        """Return values that some things of *cls* have, one after the other: a join takes long."""
        store, union, pointing = self._edition.store, self._edition.union, _named(of)
        things = store.quads_for_pattern(None, _TYPE, _named(cls), union)
        found = Counter(
            value.object
            for thing in islice(things, _MOST_THINGS)
            for value in islice(
                store.quads_for_pattern(thing.subject, pointing, None, union), _MOST_OF_ONE
            )
            if not isinstance(value.object, ox.BlankNode)
        )
        ordered = sorted(found.items(), key=lambda each: (-each[1], str(each[0])))
        return [_term_counted(term, count) for term, count in ordered[:_MOST_TERMS]]

    def _used(self, terms: str, pattern: str) -> list[Counted]:
        found = (row["term"] for row in self._rows(terms))
        counted = [self._uses(term, pattern) for term in found]
        used = [each for each in counted if each.count]
        return sorted(used, key=lambda each: (-each.count, each.iri))[:_MOST_TERMS]

    def _uses(self, term: ox.NamedNode, pattern: str) -> Counted:
        asked = _USES.replace("PATTERN", pattern.replace(_TERM, str(term)))
        count = self._count(asked)
        return Counted(min(count, MOST_COUNTED), term.value, is_more=count > MOST_COUNTED)

    def _of_sample(self, pattern: str) -> list[Counted]:
        size = self._count(_SAMPLE_SIZE.replace("PATTERN", pattern))
        rows = self._rows(_OF_SAMPLE.replace("PATTERN", pattern))
        return [_counted(row, size, is_more=size >= _SAMPLE) for row in rows]

    def _count(self, text: str) -> int:
        (row,) = self._rows(text)
        return int(row["count"].value)

    def _rows(self, text: str) -> Iterable[ox.QuerySolution]:
        rows = self._edition.store.query(text, default_graph=[self._edition.union])
        assert isinstance(rows, ox.QuerySolutions)  # noqa: S101 -- it is a SELECT query
        return rows


_TERM = "<about:term>"


def node(iri: str) -> str:
    """Return *iri* as a query has it; QueryRejected when it is none."""
    return str(_named(iri))


def _named(iri: str) -> ox.NamedNode:
    try:
        return ox.NamedNode(iri)
    except ValueError as error:
        raise QueryRejected(f"{iri[:200]!r} is no absolute IRI ({error})") from error


def _counted(row: ox.QuerySolution, of: int = 0, *, is_more: bool = False) -> Counted:
    return _term_counted(row["term"], int(row["count"].value), of, is_more=is_more)


def _term_counted(term: object, count: int, of: int = 0, *, is_more: bool = False) -> Counted:
    if isinstance(term, ox.NamedNode):
        return Counted(count, term.value, is_more=is_more, of=of)
    return Counted(count, text=str(term), is_more=is_more, of=of)
