"""Results of queries as values: read them from bytes, and tell whether two are the same.

The same means: the same RDF terms, but for the labels of blank nodes. The store rewrites literals
(`36.00` to `36`, xsd:byte to xsd:integer); what is the same only after both sides were rewritten
so is told apart, as equal by value.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Literal

import pyoxigraph as ox

from tests.spec.manifests import RDF, Description, Term

if TYPE_CHECKING:
    from collections.abc import Iterable

RS = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"

Row = tuple[Term | None, ...]
Likeness = Literal["exactly", "by value"]


class Differ(AssertionError):  # noqa: N818 -- it says what is wrong with the answer
    """The answer is not the expected one."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The solutions of a SELECT, the columns by name; or the triples of a CONSTRUCT."""

    kind: Literal["table", "graph"]
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    is_ordered: bool = False

    def __str__(self) -> str:
        """Return some of it, to be shown in a message."""
        shown = [" ".join("-" if term is None else str(term) for term in row) for row in self.rows]
        more = ["..."] if len(shown) > 20 else []
        return "\n    ".join(
            [f"{len(shown)} rows of {', '.join(self.columns)}", *shown[:20], *more]
        )


Result = Rows | bool


def table_from(content: bytes, extension: str) -> Result:
    """Read the answer of a SELECT or ASK in a format of SPARQL results."""
    results_format = ox.QueryResultsFormat.from_extension(extension)
    assert results_format, f"no format of results is called {extension}"
    results = ox.parse_query_results(content, results_format)
    if isinstance(results, ox.QueryBoolean):
        return bool(results)
    columns = tuple(sorted(variable.value for variable in results.variables))
    return Rows("table", columns, tuple(tuple(row[name] for name in columns) for row in results))


def graph_from(content: bytes, extension: str, base: str | None = None) -> Rows:
    """Read a graph."""
    quads = list(ox.parse(content, ox.RdfFormat.from_extension(extension), base_iri=base))
    assert all(isinstance(quad.graph_name, ox.DefaultGraph) for quad in quads), "not one graph"
    return Rows(
        "graph", ("s", "p", "o"), tuple({(q.subject, q.predicate, q.object) for q in quads})
    )


def quads_from(quads: Iterable[ox.Quad]) -> Rows:
    """Return *quads* as rows; those of the default graph have no value in the last column."""
    rows = {(q.subject, q.predicate, q.object, _name(q.graph_name)) for q in quads}
    return Rows("graph", ("s", "p", "o", "g"), tuple(rows))


def expected_from(content: bytes, extension: str, base: str) -> Result:
    """Read an expected result; a file of RDF is a graph, or describes the rows of a table."""
    if extension in ("srx", "srj", "tsv"):
        return table_from(content, extension)
    about = Description(ox.parse(content, ox.RdfFormat.from_extension(extension), base_iri=base))
    for node in about.having(f"{RDF}type"):
        if about.text(node, f"{RDF}type") == f"{RS}ResultSet":
            answer = about.text(node, f"{RS}boolean")
            return answer == "true" if answer else _described_table(about, node)
    return graph_from(content, extension, base)


def compare(expected: Result, actual: Result, *, is_lax: bool = False) -> Likeness:
    """Tell how *actual* equals *expected*; Differ when it does not.

    When *is_lax*, of rows that are expected n times 1 to n will do (REDUCED).
    """
    if isinstance(expected, bool) or isinstance(actual, bool):
        if expected is not actual:
            raise Differ(f"expected {expected}, got {actual}")
        return "exactly"
    if _are_same(expected, actual, is_lax=is_lax):
        return "exactly"
    if _are_same(_rewritten(expected), _rewritten(actual), is_lax=is_lax):
        return "by value"
    raise Differ(f"expected {expected}\ngot {actual}")


def compare_csv(expected: bytes, actual: bytes) -> Likeness:
    """Compare CSV as text: the same cells in the same columns, the rows in any order."""
    wanted, found = _csv_from(expected), _csv_from(actual)
    if not _are_same(wanted, found, is_lax=False):
        raise Differ(f"expected {wanted}\ngot {found}")
    return "exactly"


def _name(graph: ox.NamedNode | ox.BlankNode | ox.DefaultGraph) -> Term | None:
    return None if isinstance(graph, ox.DefaultGraph) else graph


def _described_table(about: Description, table: Term) -> Rows:
    variables = about.all(table, f"{RS}resultVariable")
    columns = tuple(sorted(each.value for each in variables if isinstance(each, ox.Literal)))
    solutions = about.all(table, f"{RS}solution")
    indexes = {each: about.text(each, f"{RS}index") for each in solutions}
    is_ordered = bool(solutions) and all(indexes.values())
    if is_ordered:
        solutions.sort(key=lambda each: int(indexes[each] or 0))
    rows: list[Row] = []
    for solution in solutions:
        values = {
            about.text(binding, f"{RS}variable"): about.one(binding, f"{RS}value")
            for binding in about.all(solution, f"{RS}binding")
        }
        rows.append(tuple(values.get(name) for name in columns))
    return Rows("table", columns, tuple(rows), is_ordered)


def _csv_from(content: bytes) -> Rows:
    columns, *lines = csv.reader(io.StringIO(content.decode(), newline=""))
    rows = tuple(tuple(_cell(text) for text in line) for line in lines)
    return Rows("table", tuple(columns), rows)


def _cell(text: str) -> Term:
    return ox.BlankNode(text[2:]) if text.startswith("_:") else ox.Literal(text)


def _are_same(expected: Rows, actual: Rows, *, is_lax: bool) -> bool:
    if (expected.kind, expected.columns) != (actual.kind, actual.columns):
        return False
    if is_lax:
        wanted, found = Counter(expected.rows), Counter(actual.rows)
        return wanted.keys() == found.keys() and found <= wanted
    if expected.is_ordered:
        together = tuple(term for row in expected.rows for term in row)
        return _are_alike([together], [tuple(term for row in actual.rows for term in row)])
    return _are_alike(list(expected.rows), list(actual.rows))


def _are_alike(expected: list[Row], actual: list[Row]) -> bool:
    """Tell whether one renaming of blank nodes makes the rows the same, in whatever order."""
    if Counter(map(_shape, expected)) != Counter(map(_shape, actual)):
        return False
    expected = sorted(
        (row for row in expected if _has_blank(row)), key=lambda row: str(_shape(row))
    )
    return _can_be_renamed(expected, [row for row in actual if _has_blank(row)], {})


def _can_be_renamed(
    expected: list[Row], actual: list[Row], names: dict[ox.BlankNode, ox.BlankNode]
) -> bool:
    if not expected:
        return True
    first, *others = expected
    for number, candidate in enumerate(actual):
        renamed = _renamed(first, candidate, names)
        if renamed is not None and _can_be_renamed(
            others, actual[:number] + actual[number + 1 :], renamed
        ):
            return True
    return False


def _renamed(
    expected: Row, actual: Row, names: dict[ox.BlankNode, ox.BlankNode]
) -> dict[ox.BlankNode, ox.BlankNode] | None:
    """Return *names* with what makes *actual* of *expected*; None when nothing does."""
    if len(expected) != len(actual):
        return None
    names = dict(names)
    for ours, theirs in zip(expected, actual, strict=True):
        if isinstance(ours, ox.BlankNode) and isinstance(theirs, ox.BlankNode):
            if names.setdefault(ours, theirs) != theirs:
                return None
        elif isinstance(ours, ox.Triple) and isinstance(theirs, ox.Triple):
            inner = _renamed(_parts(ours), _parts(theirs), names)
            if inner is None:
                return None
            names = inner
        elif ours != theirs:
            return None
    return names if len(set(names.values())) == len(names) else None


def _parts(triple: ox.Triple) -> Row:
    return triple.subject, triple.predicate, triple.object


def _shape(row: Row) -> tuple[object, ...]:
    """Return *row* without the labels of its blank nodes."""
    return tuple(
        "_"
        if isinstance(term, ox.BlankNode)
        else _shape(_parts(term))
        if isinstance(term, ox.Triple)
        else term
        for term in row
    )


def _has_blank(row: Row) -> bool:
    return any(
        isinstance(term, ox.BlankNode) or (isinstance(term, ox.Triple) and _has_blank(_parts(term)))
        for term in row
    )


def _rewritten(result: Rows) -> Rows:
    rows = (tuple(term and _stored(term) for term in row) for row in result.rows)
    return replace(result, rows=tuple(set(rows) if result.kind == "graph" else rows))


@cache
def _stored(term: Term) -> Term:
    """Return what the store makes of *term*."""
    store, name = ox.Store(), ox.NamedNode("x:y")
    store.add(ox.Quad(name, name, term))
    return next(iter(store)).object
