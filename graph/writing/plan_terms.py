"""The terms and the data of a plan: text that the engine reads at once, and lists.

A term of a template is
- a number: the value of the column of that number,
- a string that begins with `_:`: another blank node for each solution,
- any other string: a constant, as N-Triples writes it,
- a list of three: a triple term.

Constants are as the store keeps them (`1` for `01`), so that equal quads are equal.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, TypeAlias

import pyoxigraph as ox

from graph.sparql import printer, tree
from graph.sparql.data_blocks import NotLiftable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from graph.sparql.data_blocks import DataBlock

TermForm: TypeAlias = "int | str | list[TermForm]"
QuadForm: TypeAlias = "list[TermForm | None]"
"""Subject, predicate, object and the name of the graph, which is None for the default graph."""

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Row = tuple[Term | None, ...]
_Fresh: TypeAlias = "defaultdict[str, ox.BlankNode]"
_Part: TypeAlias = "Callable[[Row, _Fresh], Term | ox.DefaultGraph | None]"

_PLACE = re.compile(r"Parser error at line \d+ (?:column \d+|between columns? \d+ and[^:]*): ")


class NoTerm(ValueError):  # noqa: N818 -- it says what is wrong
    """What SPARQL lets stand in data, and RDF does not; `at` is where in the tree."""

    def __init__(self, node: tree.Node, error: Exception) -> None:
        super().__init__(_PLACE.sub("", error.args[0]))
        self.at = node.at


# Writing


def term_form(node: tree.Node, columns: Mapping[str, int]) -> TermForm:
    """Return *node* of a template as plain values; NoTerm when it is none."""
    match node:
        case tree.Variable():
            return columns[node.name]
        case tree.BlankNode():
            return f"_:{node.label}"
        case tree.TripleTerm():
            parts = (node.subject, node.predicate, node.object)
            return [term_form(part, columns) for part in parts]
        case tree.IRI():
            return f"<{iri_form(node)}>"
        case _:
            return _literal_form(node)


def iri_form(node: tree.IRI) -> str:
    """Return the IRI that *node* is; NoTerm when the engine takes it for none."""
    try:
        return ox.NamedNode(str(node.value)).value
    except ValueError as error:
        raise NoTerm(node, error) from None


def data_form(quads: tree.Quads) -> str:
    """Return *quads*, which have no variables, as N-Quads; NoTerm when they are none."""
    try:
        return _n_quads("".join(map(_trig, quads.parts)))
    except SyntaxError:
        for part in quads.parts:
            for triple in part.triples if isinstance(part, tree.QuadGraph) else (part,):
                _check(triple)
            _check(part)
        raise


def lifted_form(block: DataBlock) -> str:
    """Return the quads of *block* as N-Quads; NotLiftable when they are none in TriG."""
    try:
        return _n_quads(block.trig, block.base)
    except SyntaxError:
        raise NotLiftable from None


def _literal_form(node: tree.Node) -> str:
    store = ox.Store()
    try:
        store.load(f"<x:x> <x:x> {printer.text(node)} .", ox.RdfFormat.TURTLE)
    except SyntaxError as error:
        raise NoTerm(node, error) from None
    return str(next(iter(store)).object)


def _trig(part: tree.Triple | tree.QuadGraph) -> str:
    """Return *part* as TriG, for which a brace makes all the difference."""
    text = printer.text(part)
    return f"{{ {text} }}\n" if isinstance(part, tree.Triple) else f"{text}\n"


def _check(part: tree.Triple | tree.QuadGraph) -> None:
    try:
        _n_quads(_trig(part))
    except SyntaxError as error:
        raise NoTerm(part, error) from None


def _n_quads(trig: str, base: str | None = None) -> str:
    # Through a store, which makes of each literal what it keeps of it.
    store = ox.Store()
    store.load(trig, ox.RdfFormat.TRIG, base_iri=base)
    return (store.dump(format=ox.RdfFormat.N_QUADS) or b"").decode()


# Reading


def data_quads(form: str) -> Iterator[ox.Quad]:
    """Yield the quads of a data block, with blank nodes that were never seen before."""
    return ox.parse(form, ox.RdfFormat.N_QUADS, rename_blank_nodes=True)


class Template:
    """Quads with gaps, to be filled with the values of solutions."""

    def __init__(self, forms: Sequence[QuadForm]) -> None:
        self._quads = [tuple(map(_part, form)) for form in forms]

    def filled(self, row: Row) -> Iterator[ox.Quad]:
        """Yield the quads that *row*, a solution, makes; those that would be no RDF are left out.

        The blank nodes of the template are new for each row (SPARQL 1.1 Update, 3.1.3).
        """
        fresh: _Fresh = defaultdict(ox.BlankNode)
        for parts in self._quads:
            subject, predicate, value, graph = [part(row, fresh) for part in parts]
            if (
                isinstance(subject, ox.NamedNode | ox.BlankNode)
                and isinstance(predicate, ox.NamedNode)
                and isinstance(value, Term)
                and isinstance(graph, ox.NamedNode | ox.DefaultGraph)
            ):
                yield ox.Quad(subject, predicate, value, graph)


def _part(form: TermForm | None) -> _Part:
    match form:
        case None:
            default = ox.DefaultGraph()
            return lambda _row, _fresh: default
        case int():
            return lambda row, _fresh: row[form]
        case str() if form.startswith("_:"):
            return lambda _row, fresh: fresh[form]
        case str():
            constant = next(ox.parse(f"<x:x> <x:x> {form} .", ox.RdfFormat.N_TRIPLES)).object
            return lambda _row, _fresh: constant
        case list():
            return _triple_term(*map(_part, form))


def _triple_term(*parts: _Part) -> _Part:
    def fill(row: Row, fresh: _Fresh) -> ox.Triple | None:
        subject, predicate, value = (part(row, fresh) for part in parts)
        if (
            isinstance(subject, ox.NamedNode | ox.BlankNode)
            and isinstance(predicate, ox.NamedNode)
            and isinstance(value, Term)
        ):
            return ox.Triple(subject, predicate, value)
        return None

    return fill
