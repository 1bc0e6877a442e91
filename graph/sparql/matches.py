"""A property function: `?thing mpf:matches ("some words" ?score ?name)` searches names.

It stands where a triple pattern stands, and finds the things that a search for the words finds:
their IRIs, how well they fit, from 1 down to 0, and by which name. The tree gets a block of values
in its place, which the reader fills (`graph.readers.matches`), so the engine joins it as any other.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

from graph.sparql import tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graph.sparql.tokens import Source

FUNCTIONS = "https://w3id.org/metapole/function#"
MATCHES = f"{FUNCTIONS}matches"
PLACEHOLDER = "about:matches?"
"""What the IRI begins with that stands for what a search will find; the words come after it."""

_HOW = (
    'write it as ?thing mpf:matches ("some words" ?score ?name); ?score and ?name may be left out'
)
_FIRST, _REST, _NIL = f"{tree.RDF}first", f"{tree.RDF}rest", f"{tree.RDF}nil"
_MOST_TERMS = 3
_Op = TypeVar("_Op", bound=tree.Operation)


def with_placeholders(operation: _Op, source: Source) -> _Op:
    """Put a block of values in the place of each use of the function in *operation*.

    QueryRejected where it is not used as it has to be.
    """
    changed = tree.rewrite(operation, lambda node: _changed(node, source))
    for node in tree.walk(changed):
        if isinstance(node, tree.Triple) and node.predicate == _MATCHES:
            continue  # in the template of a CONSTRUCT it is a property as any other
        for part in tree.children(node):
            if part == _MATCHES and isinstance(node, _PATHS):
                raise source.rejected(part.at, f"mpf:matches cannot be part of a path; {_HOW}")
    return changed


_MATCHES = tree.IRI(MATCHES)
_PATHS = (
    tree.PathAlternative | tree.PathInverse | tree.PathNegated | tree.PathRepeat | tree.PathSequence
)


def _changed(node: tree.Node, source: Source) -> tree.Node:
    if not isinstance(node, tree.Group):
        return node
    elements: list[tree.Pattern] = []
    for element in node.elements:
        if isinstance(element, tree.Triples) and _uses(element):
            elements += _Use(element, source).patterns()
        else:
            elements.append(element)
    return replace(node, elements=tuple(elements)) if elements != list(node.elements) else node


def _uses(triples: tree.Triples) -> bool:
    return any(each.predicate == _MATCHES for each in triples.triples)


class _Use:
    """The triple patterns of which some are uses of the function."""

    def __init__(self, triples: tree.Triples, source: Source) -> None:
        self._triples = triples
        self._source = source
        self._lists: dict[tuple[tree.Term, str | tree.Slot], tree.Triple] = {
            (each.subject, each.predicate.value): each
            for each in triples.triples
            if isinstance(each.subject, tree.BlankNode) and isinstance(each.predicate, tree.IRI)
        }
        self._taken: set[int] = set()

    def patterns(self) -> Iterator[tree.Pattern]:
        """Yield a block of values for each use, then what else there is."""
        for triple in self._triples.triples:
            if triple.predicate == _MATCHES:
                self._taken.add(id(triple))
                yield self._values(triple)
        rest = tuple(each for each in self._triples.triples if id(each) not in self._taken)
        if rest:
            yield replace(self._triples, triples=rest)

    def _values(self, triple: tree.Triple) -> tree.Values:
        terms = list(self._terms(triple.object))
        text = terms[0] if terms else None
        variables = (triple.subject, *terms[1:])
        if not isinstance(triple.subject, tree.Variable):
            raise self._rejected(triple, "what mpf:matches finds goes into a variable")
        if not isinstance(text, tree.Literal) or not isinstance(text.lexical, str):
            raise self._rejected(triple, "mpf:matches searches for words that the query itself has")
        if len(terms) > _MOST_TERMS or not all(isinstance(v, tree.Variable) for v in variables):
            raise self._rejected(triple, "mpf:matches takes words and up to two variables")
        named = tuple(each for each in variables if isinstance(each, tree.Variable))
        if len(set(named)) < len(named):
            raise self._rejected(
                triple, "mpf:matches puts each thing it finds into its own variable"
            )
        words = tree.IRI(PLACEHOLDER + quote(text.lexical, safe=""))
        return tree.Values(named, ((words, *(None for _ in named[1:])),), at=triple.at)

    def _terms(self, term: tree.Term) -> Iterator[tree.Term]:
        """Yield *term*, or what it lists."""
        if not isinstance(term, tree.BlankNode):
            yield term
            return
        cell: tree.Term = term
        while cell != tree.IRI(_NIL):
            first, rest = self._cell(cell, _FIRST), self._cell(cell, _REST)
            if first is None or rest is None:
                return
            self._taken |= {id(first), id(rest)}
            yield first.object
            cell = rest.object

    def _cell(self, cell: tree.Term, predicate: str) -> tree.Triple | None:
        return self._lists.get((cell, predicate))

    def _rejected(self, triple: tree.Triple, complaint: str) -> Exception:
        return self._source.rejected(triple.at, f"{complaint}; {_HOW}")
