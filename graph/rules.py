"""Read rules (CONSTRUCT queries) as Horn clauses, so that it can be told what one triple changes.

    for clause in read_rules(ontology / "rules").clauses:
        clause.body, clause.head    # what has to hold, and what holds then

A rule may say triples, sequences of properties, UNION, VALUES, and FILTER with isIRI, != and &&.
With these alone, more triples never make less follow, and no new terms come of it: what follows
from a store is finite, and can be kept up to date from its changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import pyoxigraph as ox

from graph.errors import QueryRejected, UnreadableSource
from graph.paths import files_digest
from graph.sparql import template, tree
from graph.sparql.tokens import Source
from graph.terms import as_stored

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

Term: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Slot: TypeAlias = Term | str
"""A term, or the name of a variable."""


class Atom(NamedTuple):
    """A pattern of triples."""

    subject: Slot
    predicate: Slot
    object: Slot

    @property
    def variables(self) -> frozenset[str]:
        """The names of its variables."""
        return frozenset(slot for slot in self if isinstance(slot, str))


@dataclass(frozen=True, slots=True)
class IsIRI:
    """`FILTER isIRI(slot)`."""

    slot: Slot

    @property
    def slots(self) -> tuple[Slot, ...]:
        """What it looks at."""
        return (self.slot,)


@dataclass(frozen=True, slots=True)
class Differ:
    """`FILTER (left != right)`."""

    left: Slot
    right: Slot

    @property
    def slots(self) -> tuple[Slot, ...]:
        """What it looks at."""
        return (self.left, self.right)


Filter: TypeAlias = IsIRI | Differ


@dataclass(frozen=True, slots=True)
class Clause:
    """Where all of *body* holds and all *filters* are true, all of *head* holds."""

    head: tuple[Atom, ...]
    body: tuple[Atom, ...]
    filters: tuple[Filter, ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules that are used together."""

    texts: tuple[str, ...]
    """What the engine runs, in this order."""
    clauses: tuple[Clause, ...]
    """The same as clauses; a rule with UNION or VALUES is several."""
    digest: str
    """The `rules_digest` of their files."""


def read_rules(folder: Path) -> Rules:
    """Read the rules of *folder* (`*.rq`); UnreadableSource says what is no rule, and where."""
    texts: list[str] = []
    clauses: list[Clause] = []
    for path in rule_files(folder):
        text = path.read_text(encoding="utf-8")
        try:
            clauses += _Reader(Source.of(text)).clauses(template.parse(text))
        except QueryRejected as error:
            raise UnreadableSource(f"{path}, {error}") from error
        texts.append(text)
    return Rules(tuple(texts), tuple(clauses), rules_digest(folder))


def rules_digest(folder: Path) -> str:
    """Return a SHA-256 that changes whenever a rule in *folder* does."""
    return files_digest(rule_files(folder))


def rule_files(folder: Path) -> list[Path]:
    """Return the files of the rules in *folder*."""
    return sorted(folder.glob("*.rq"))


@dataclass(frozen=True, slots=True)
class _Branch:
    """One way to meet a group: a conjunction, and the terms that VALUES gives to variables."""

    atoms: tuple[Atom, ...] = ()
    filters: tuple[Filter, ...] = ()
    values: tuple[tuple[str, Term], ...] = ()

    @property
    def variables(self) -> frozenset[str]:
        given = frozenset(name for name, _ in self.values)
        return given.union(*(atom.variables for atom in self.atoms))

    def joined(self, other: _Branch) -> _Branch | None:
        """Return the conjunction of both; None when VALUES gives a variable two terms."""
        mine, theirs = dict(self.values), dict(other.values)
        if any(mine.get(name, term) != term for name, term in theirs.items()):
            return None
        return _Branch(
            self.atoms + other.atoms, self.filters + other.filters, tuple((mine | theirs).items())
        )


class _Reader:
    """Reads one rule."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._steps = count(1)

    def clauses(self, operation: tree.Operation) -> Iterator[Clause]:
        if not isinstance(operation, tree.Construct):
            raise self._refused(operation, "is not a CONSTRUCT query")
        plain = tree.Construct(operation.template, operation.where)
        if plain != operation:
            raise self._refused(
                operation, "has more than a template and a pattern (FROM, GROUP BY, LIMIT, VALUES)"
            )
        for triple in operation.template:
            for term in (triple.subject, triple.object):
                if isinstance(term, tree.BlankNode):
                    raise self._refused(term, "makes a new blank node each time it is used")
        head = [atom for triple in operation.template for atom in self._atoms(triple)]
        for branch in self._group(operation.where):
            bound = branch.variables
            values = dict(branch.values)
            # What has an unbound variable is left out of the result (SPARQL 1.2 Query, 16.2).
            reached = tuple(_filled(atom, values) for atom in head if atom.variables <= bound)
            if reached:
                yield Clause(
                    reached,
                    tuple(_filled(atom, values) for atom in branch.atoms),
                    tuple(_filled_filter(each, values) for each in branch.filters),
                )

    def _group(self, group: tree.Group) -> list[_Branch]:
        branches = [_Branch()]
        conditions: list[Filter] = []
        for element in group.elements:
            if isinstance(element, tree.Filter):
                conditions += self._conditions(element.condition)
            else:
                branches = _joined(branches, self._pattern(element))
        # A filter is about its whole group, wherever in it it stands (SPARQL 1.2 Query, 5.2.2).
        for branch in branches:
            for slot in (slot for condition in conditions for slot in condition.slots):
                if isinstance(slot, str) and slot not in branch.variables:
                    raise self._refused(group, f"has a filter about ?{slot}, which may be unbound")
        return [
            _Branch(branch.atoms, (*branch.filters, *conditions), branch.values)
            for branch in branches
        ]

    def _pattern(self, pattern: tree.Pattern) -> list[_Branch]:
        match pattern:
            case tree.Triples(triples):
                return [_Branch(tuple(atom for triple in triples for atom in self._atoms(triple)))]
            case tree.Group():
                return self._group(pattern)
            case tree.Union(groups):
                return [branch for group in groups for branch in self._group(group)]
            case tree.Values(variables, rows):
                names = [variable.name for variable in variables]
                return [self._row(names, row) for row in rows]
            case _:
                raise self._refused(pattern, f"has {_words(pattern)}")

    def _row(self, names: list[str], row: tuple[tree.Term | None, ...]) -> _Branch:
        """Read a row of VALUES; its UNDEF says nothing of a variable."""
        given = zip(names, row, strict=True)
        terms = ((name, self._constant(term)) for name, term in given if term is not None)
        return _Branch(values=tuple(terms))

    def _conditions(self, condition: tree.Expression) -> list[Filter]:
        match condition:
            case tree.And(operands):
                return [each for operand in operands for each in self._conditions(operand)]
            case tree.BuiltIn("ISIRI" | "ISURI", (tree.Variable(name),)):
                return [IsIRI(name)]
            case tree.Comparison(
                "!=",
                tree.Variable() | tree.IRI() | tree.Literal() as left,
                tree.Variable() | tree.IRI() | tree.Literal() as right,
            ):
                return [Differ(self._slot(left), self._slot(right))]
            case _:
                raise self._refused(condition, "has a FILTER with more than isIRI(?a), != and &&")

    def _atoms(self, triple: tree.Triple) -> Iterator[Atom]:
        subject, last = self._slot(triple.subject), self._slot(triple.object)
        path = triple.predicate
        steps = path.parts if isinstance(path, tree.PathSequence) else (path,)
        for step in steps[:-1]:
            between = f"/{next(self._steps)}"
            yield Atom(subject, self._step(step), between)
            subject = between
        yield Atom(subject, self._step(steps[-1]), last)

    def _step(self, step: tree.Path | tree.Variable) -> Slot:
        if isinstance(step, tree.IRI | tree.Variable):
            return self._slot(step)
        raise self._refused(step, "has a path that is more than a sequence of properties (a/b)")

    def _slot(self, term: tree.Term) -> Slot:
        match term:
            case tree.Variable(name):
                return name
            case tree.BlankNode(label):
                return f"_:{label}"
            case _:
                return self._constant(term)

    def _constant(self, term: tree.Term) -> Term:
        match term:
            case tree.IRI(str(iri)):
                return ox.NamedNode(iri)
            case tree.Literal(str(lexical), None, None):
                return ox.Literal(lexical)
            case tree.Literal(str(lexical), tree.IRI(str(datatype))):
                return _as_stored(ox.Literal(lexical, datatype=ox.NamedNode(datatype)))
            case tree.Literal(str(lexical), None, str(language)) if "--" not in language:
                return _as_stored(ox.Literal(lexical, language=language))
            case _:
                raise self._refused(term, f"has {_words(term)}")

    def _refused(self, node: tree.Node, what: str) -> QueryRejected:
        return self._source.rejected(max(node.at, 0), f"the rule {what}; {_REMEDY}")


_REMEDY = (
    "write it as CONSTRUCT {} WHERE {} with triples, sequences of properties (a/b), UNION, VALUES, "
    "and FILTER with isIRI, != and &&"
)
_WORDS: dict[type[tree.Node], str] = {
    tree.Optional: "OPTIONAL",
    tree.Minus: "MINUS",
    tree.Lateral: "LATERAL",
    tree.NamedGraph: "GRAPH, and rules see the union of all graphs",
    tree.Service: "SERVICE",
    tree.Bind: "BIND",
    tree.Select: "a sub-query",
    tree.TripleTerm: "a triple term",
    tree.Literal: "text with a direction",
}


def _words(node: tree.Node) -> str:
    return _WORDS[type(node)]


def _as_stored(literal: ox.Literal) -> Term:
    anything = ox.NamedNode("x:")
    return as_stored(ox.Quad(anything, anything, literal)).object


def _joined(left: list[_Branch], right: list[_Branch]) -> list[_Branch]:
    both = (one.joined(other) for one in left for other in right)
    return [branch for branch in both if branch is not None]


def _filled(atom: Atom, values: Mapping[str, Term]) -> Atom:
    return Atom(*(_value(slot, values) for slot in atom))


def _filled_filter(condition: Filter, values: Mapping[str, Term]) -> Filter:
    return type(condition)(*(_value(slot, values) for slot in condition.slots))


def _value(slot: Slot, values: Mapping[str, Term]) -> Slot:
    return values.get(slot, slot) if isinstance(slot, str) else slot
