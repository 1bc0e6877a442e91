"""The difference between two graphs, for people to read and for programs to apply."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.namespaces import GRAPH, RDF_TYPE, XSD, short

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True, slots=True)
class Difference:
    """What a graph loses and gains.

    A blank node has no name that two graphs could share, so a statement that has one counts as
    lost and as gained.
    """

    graph: str
    removed: frozenset[ox.Triple]
    added: frozenset[ox.Triple]

    @classmethod
    def between(
        cls, graph: str, here: frozenset[ox.Triple], there: frozenset[ox.Triple]
    ) -> Difference:
        """Return what the graph named *graph* loses and gains when *there* replaces *here*."""
        return cls(graph, here - there, there - here)

    def lines(self, limit: int | None = None) -> list[str]:
        """Return the difference in short names, by subject: `-` what goes, `+` what comes.

        Of more than *limit* statements, the last line says how many are not shown.
        """
        statements = sorted(
            [(_text(each.subject), "-", _rest(each)) for each in self.removed]
            + [(_text(each.subject), "+", _rest(each)) for each in self.added],
            key=lambda line: (line[0], line[2].partition(" ")[0], line[1] == "+", line[2]),
        )
        shown = statements[:limit]
        lines: list[str] = []
        for subject, group in groupby(shown, key=lambda line: line[0]):
            lines.append(f"  {subject}")
            lines += (f"    {sign} {rest}" for _, sign, rest in group)
        if len(shown) < len(statements):
            lines.append(f"  and {counted(len(statements) - len(shown), 'statement')} more")
        return lines


def rdf_patch(differences: Iterable[Difference]) -> Iterator[str]:
    """Yield the lines of one transaction of RDF Patch that makes all *differences*."""
    yield "TX ."
    for difference in differences:
        graph = ox.NamedNode(difference.graph)
        yield from sorted(f"D {triple} {graph} ." for triple in difference.removed)
        yield from sorted(f"A {triple} {graph} ." for triple in difference.added)
    yield "TC ."


def quad_patch(name: str, removed: Iterable[str], added: Iterable[str]) -> Iterator[str]:
    """Yield the lines of an RDF Patch called *name*; statements are lines of N-Quads.

    They come without the full stop, and are in no order: a patch is in the order of its lines.
    """
    yield f"H id <{name}> ."
    yield "TX ."
    yield from sorted(f"D {statement} ." for statement in removed)
    yield from sorted(f"A {statement} ." for statement in added)
    yield "TC ."


def shown_graph(iri: str) -> str:
    """Return the name of a graph as messages give it: `graph/links`."""
    return "graph/" + iri.removeprefix(GRAPH) if iri.startswith(GRAPH) else f"<{iri}>"


def counted(count: int, noun: str) -> str:
    """Return *count* and *noun*, in the plural unless it is one."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def printable(text: str) -> str:
    """Return *text* on one line, without what steers a terminal."""
    return "".join(each if each.isprintable() else "\ufffd" for each in text)


def statement_text(triple: ox.Triple) -> str:
    """Return *triple* in short names, on one line."""
    return f"{_text(triple.subject)} {_rest(triple)}"


def _rest(triple: ox.Triple) -> str:
    predicate = triple.predicate.value
    return f"{'a' if predicate == RDF_TYPE else short(predicate)} {_text(triple.object)}"


def _text(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> str:
    """Return *term* as a person would write it, with nothing that steers a terminal."""
    if isinstance(term, ox.NamedNode):
        text = short(term.value)
    elif isinstance(term, ox.Triple):
        text = f"<<( {statement_text(term)} )>>"
    elif isinstance(term, ox.Literal) and term.datatype.value == XSD + "integer":
        text = term.value
    elif isinstance(term, ox.Literal) and "^^" in str(term):
        text = f"{ox.Literal(term.value)}^^{short(term.datatype.value)}"
    else:
        text = str(term)
    return printable(text)
