# ruff: noqa: D102 -- a method is the rule of the grammar that has its name
"""Build the tree, rule by rule of the grammar.

Each method is called with what was made of the parts of its rule, when the last part is read.
Nothing recurses: the parser reduces from the leaves up.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from graph.sparql import constants, tree
from graph.sparql.tokens import BUILTINS, Token, short

if TYPE_CHECKING:
    from graph.sparql.tokens import Source

_RDF_TYPE = tree.RDF + "type"
_REIFIES = tree.RDF + "reifies"
_FIRST, _REST, _NIL = tree.RDF + "first", tree.RDF + "rest", tree.RDF + "nil"
_ESCAPED_LOCAL = re.compile(r"\\(.)")


class _Described(NamedTuple):
    """A node of the graph that brings triples of its own: `[ :p 1 ]`, `(1 2)`, `<< :s :p :o >>`."""

    term: tree.Term
    triples: list[tree.Triple]


class _Object(NamedTuple):
    term: tree.Term
    triples: list[tree.Triple]
    annotations: list[_Reifier | _Annotation]


class _Reifier(NamedTuple):
    term: tree.Variable | tree.IRI | tree.BlankNode


class _Annotation(NamedTuple):
    properties: list[_Property]


class _Property(NamedTuple):
    verb: tree.Variable | tree.Path
    objects: list[_Object]


class _Separator(NamedTuple):
    string: tree.Literal


class _Row(NamedTuple):
    terms: tuple[tree.Term | None, ...]
    at: int


class _Table(NamedTuple):
    variables: tuple[tree.Variable, ...]
    rows: list[_Row]


class _SelectClause(NamedTuple):
    reduction: Literal["", "DISTINCT", "REDUCED"]
    projection: tuple[tree.Variable | tree.Assignment, ...] | None
    at: int


class Builder:
    """Makes one tree out of one text."""

    def __init__(self, source: Source, base: str | None) -> None:
        self._source = source
        self.base = base
        self._blanks = 0
        self._blank_prefix = ""
        self.prefixes: dict[str, str] = {}
        self.versions: list[str] = []

    # Prologue

    def base_decl(self, parts: list[Token]) -> None:
        self.base = self._fixed_iri(parts[1])

    def prefix_decl(self, parts: list[Token]) -> None:
        prefix, _, local = parts[1].text.partition(":")
        if local:
            raise self._rejected(
                parts[1].at, f"a prefix ends with its ':'; write {prefix}: and a space"
            )
        self.prefixes[prefix] = self._fixed_iri(parts[2])

    def version_decl(self, parts: list[Token]) -> None:
        if parts[1].text[:3] in ('"""', "'''"):
            raise self._rejected(
                parts[1].at, 'a version has one quotation mark on each side: "1.2"'
            )
        self.versions.append(constants.string_value(parts[1].text))

    def prologue(self, parts: list[None]) -> None:
        pass

    # Terms

    def var(self, parts: list[Token]) -> tree.Variable:
        return tree.Variable(parts[0].text[1:], at=parts[0].at)

    def iri(self, parts: list[Token]) -> tree.IRI:
        token = parts[0]
        return tree.IRI(tree.Slot(token.constant, self.base), at=token.at)

    def prefixed_name(self, parts: list[Token]) -> tree.IRI:
        token = parts[0]
        prefix, _, local = token.text.partition(":")
        namespace = self.prefixes.get(prefix)
        if namespace is None:
            raise self._rejected(
                token.at, f"the prefix '{prefix}:' is not declared; add PREFIX {prefix}: <...>"
            )
        if "\\" in local:
            local = _ESCAPED_LOCAL.sub(r"\1", local)
        return tree.IRI(namespace + local, at=token.at)

    def type(self, parts: list[Token]) -> tree.IRI:
        return tree.IRI(_RDF_TYPE, at=parts[0].at)

    def rdf_literal(self, parts: list[Any]) -> tree.Literal:
        string: Token = parts[0]
        lexical = tree.Slot(string.constant)
        if len(parts) == 1:
            return tree.Literal(lexical, at=string.at)
        if isinstance(parts[1], tree.IRI):
            return tree.Literal(lexical, parts[1], at=string.at)
        language: Token = parts[1]
        direction = language.text.partition("--")[2]
        if direction not in ("", "ltr", "rtl"):
            raise self._rejected(
                language.at, f"the direction is ltr or rtl, not {short(direction)}"
            )
        return tree.Literal(lexical, language=language.text[1:], at=string.at)

    def number(self, parts: list[Token]) -> tree.Literal:
        token = parts[0]
        datatype = token.type.rpartition("_")[2].lower()
        return tree.Literal(
            tree.Slot(token.constant, is_number=True),
            tree.IRI(tree.XSD + datatype),
            at=token.at,
        )

    signed_number = number

    def boolean(self, parts: list[Token]) -> tree.Literal:
        token = parts[0]
        return tree.Literal(token.text.lower(), tree.IRI(tree.XSD + "boolean"), at=token.at)

    def blank_node(self, parts: list[Token]) -> tree.BlankNode:
        if parts[0].type == "BLANK":
            return tree.BlankNode(parts[0].text[2:], at=parts[0].at)
        return self._new_blank_node(parts[0].at)

    def nil(self, parts: list[Token]) -> tree.IRI:
        return tree.IRI(_NIL, at=parts[0].at)

    def triple_term(self, parts: list[Any]) -> tree.TripleTerm:
        return tree.TripleTerm(parts[1], parts[2], parts[3], at=parts[0].at)

    # Triples

    def triples_same_subject(self, parts: list[Any]) -> list[tree.Triple]:
        term, triples = _described(parts[0])
        for properties in parts[1:]:
            triples = [*self._about(term, properties), *triples]
        return triples

    def property_list(self, parts: list[Any]) -> list[_Property]:
        return list(map(_Property, parts[::2], parts[1::2]))

    def object_list(self, parts: list[_Object]) -> list[_Object]:
        return parts

    def object(self, parts: list[Any]) -> _Object:
        term, triples = _described(parts[0])
        return _Object(term, triples, parts[1:])

    def reifier(self, parts: list[Any]) -> _Reifier:
        token: Token = parts[0]
        return _Reifier(parts[1] if len(parts) > 1 else self._new_blank_node(token.at))

    def annotation_block(self, parts: list[list[_Property]]) -> _Annotation:
        return _Annotation(parts[0])

    def collection(self, parts: list[Any]) -> _Described:
        """Write a list out (4.2.3)."""
        at = parts[0].at
        items = list(map(_described, parts[1:]))
        cells: list[tree.Term] = [self._new_blank_node(at) for _ in items]
        rests = [*cells[1:], tree.IRI(_NIL, at=at)]
        triples: list[tree.Triple] = []
        for cell, (item, more), rest in zip(cells, items, rests, strict=True):
            triples.append(tree.Triple(cell, tree.IRI(_FIRST, at=at), item, at=at))
            triples.extend(more)
            triples.append(tree.Triple(cell, tree.IRI(_REST, at=at), rest, at=at))
        return _Described(cells[0], triples)

    def blank_node_property_list(self, parts: list[Any]) -> _Described:
        node = self._new_blank_node(parts[0].at)
        return _Described(node, self._about(node, parts[1]))

    def reified_triple(self, parts: list[Any]) -> _Described:
        """Write `<< s p o ~ r >>` out: the triple is named, not asserted (4.3.2)."""
        at = parts[0].at
        subject, about_subject = _described(parts[1])
        object_, about_object = _described(parts[3])
        reifier = parts[4].term if len(parts) > 4 else self._new_blank_node(at)
        reified = tree.Triple(subject, parts[2], object_, at=at)
        return _Described(reifier, [_reification(reifier, reified), *about_subject, *about_object])

    def _about(self, subject: tree.Term, properties: list[_Property]) -> list[tree.Triple]:
        triples: list[tree.Triple] = []
        for verb, objects in properties:
            for each in objects:
                triple = tree.Triple(subject, verb, each.term, at=verb.at)
                triples.append(triple)
                triples.extend(each.triples)
                triples.extend(self._annotations(triple, each.annotations))
        return triples

    def _annotations(
        self, triple: tree.Triple, annotations: list[_Reifier | _Annotation]
    ) -> list[tree.Triple]:
        """Write `~ r {| p o |}` out (4.3.3): a block is about the reifier right before it."""
        if annotations and not isinstance(triple.predicate, tree.Variable | tree.IRI):
            raise self._rejected(
                triple.predicate.at, "what a path finds cannot be annotated; annotate one triple"
            )
        triples: list[tree.Triple] = []
        reifier = None
        for annotation in annotations:
            if isinstance(annotation, _Reifier):
                reifier = annotation.term
                triples.append(_reification(reifier, triple))
                continue
            if reifier is None:
                reifier = self._new_blank_node(triple.at)
                triples.append(_reification(reifier, triple))
            triples.extend(self._about(reifier, annotation.properties))
            reifier = None
        return triples

    def triples_block(self, parts: list[list[tree.Triple]]) -> tree.Triples:
        triples = tuple(triple for part in parts for triple in part)
        return tree.Triples(triples, at=triples[0].at)

    triples_template = triples_block

    # Paths

    def path_alternative(self, parts: list[tree.Path]) -> tree.PathAlternative:
        return tree.PathAlternative(tuple(parts), at=parts[0].at)

    def path_sequence(self, parts: list[tree.Path]) -> tree.PathSequence:
        return tree.PathSequence(tuple(parts), at=parts[0].at)

    def path_inverse(self, parts: list[tree.Path]) -> tree.PathInverse:
        return tree.PathInverse(parts[0], at=parts[0].at)

    path_one_inverse = path_inverse

    def path_elt(self, parts: list[Any]) -> tree.PathRepeat:
        return tree.PathRepeat(parts[0], parts[1].text, at=parts[0].at)

    def path_negated(self, parts: list[Any]) -> tree.PathNegated:
        return tree.PathNegated(tuple(parts[1:]), at=parts[0].at)

    # Expressions

    def bracketted(self, parts: list[Any]) -> tree.Expression:
        return parts[0]

    def or_expression(self, parts: list[Any]) -> tree.Or:
        return tree.Or(tuple(parts), at=parts[0].at)

    def and_expression(self, parts: list[Any]) -> tree.And:
        return tree.And(tuple(parts), at=parts[0].at)

    def relational(self, parts: list[Any]) -> tree.Comparison:
        return tree.Comparison(parts[1].text, parts[0], parts[2], at=parts[0].at)

    def in_list(self, parts: list[Any]) -> tree.Membership:
        return tree.Membership(parts[0], parts[-1], at=parts[0].at)

    def not_in_list(self, parts: list[Any]) -> tree.Membership:
        return tree.Membership(parts[0], parts[-1], is_negated=True, at=parts[0].at)

    def additive(self, parts: list[Any]) -> tree.Sum:
        """Read a sum; `?x -1` adds a number that has a sign (production 117)."""
        operators: list[str] = []
        operands = [parts[0]]
        expected = "+"
        for part in parts[1:]:
            if isinstance(part, Token):
                expected = part.text
            else:
                operators.append(expected)
                operands.append(part)
                expected = "+"
        return tree.Sum(tuple(operators), tuple(operands), at=parts[0].at)

    def multiplicative(self, parts: list[Any]) -> tree.Product:
        operators = tuple(operator.text for operator in parts[1::2])
        return tree.Product(operators, tuple(parts[::2]), at=parts[0].at)

    def signed_product(self, parts: list[Any]) -> tree.Expression:
        return self.multiplicative(parts) if len(parts) > 1 else parts[0]

    def negation(self, parts: list[Any]) -> tree.Not:
        """Read `!a`; three in a row say what one says, so that they make no deep tree."""
        operand = parts[1]
        if isinstance(operand, tree.Not) and isinstance(operand.operand, tree.Not):
            return operand.operand
        return tree.Not(operand, at=parts[0].at)

    def sign(self, parts: list[Any]) -> tree.Sign:
        return tree.Sign(parts[0].text, parts[1], at=parts[0].at)

    def expression_list(self, parts: list[Any]) -> tuple[tree.Expression, ...]:
        return tuple(parts)

    def function_call(self, parts: list[Any]) -> tree.FunctionCall:
        is_distinct = len(parts) > 1 and isinstance(parts[1], Token)
        arguments = tuple(parts[2:] if is_distinct else parts[1:])
        return tree.FunctionCall(parts[0], arguments, is_distinct, at=parts[0].at)

    def builtin(self, parts: list[Any]) -> tree.BuiltIn:
        token: Token = parts[0]
        name, arguments = token.text.upper(), parts[1]
        fewest, most = BUILTINS[name]
        if not fewest <= len(arguments) <= most:
            number = f"{fewest}" if fewest == most else f"{fewest} to {most}"
            plural = "" if number == "1" else "s"
            raise self._rejected(
                token.at, f"{name} takes {number} argument{plural}, not {len(arguments)}"
            )
        if name == "BOUND" and not isinstance(arguments[0], tree.Variable):
            raise self._rejected(token.at, "BOUND takes a variable and nothing else")
        base = self.base if name in ("IRI", "URI") else None
        return tree.BuiltIn(name, arguments, base, at=token.at)

    def aggregate(self, parts: list[Any]) -> tree.Aggregate:
        token: Token = parts[0]
        name = token.text.upper()
        is_distinct = isinstance(parts[1], Token) and parts[1].type == "DISTINCT"
        argument = parts[2 if is_distinct else 1]
        separator = parts[-1].string if isinstance(parts[-1], _Separator) else None
        if isinstance(argument, Token):
            argument = None
        if argument is None and name != "COUNT":
            raise self._rejected(token.at, f"only COUNT takes '*'; {name} takes an expression")
        if separator is not None and name != "GROUP_CONCAT":
            raise self._rejected(token.at, f"only GROUP_CONCAT has a SEPARATOR, not {name}")
        return tree.Aggregate(name, argument, is_distinct, separator, at=token.at)

    def separator(self, parts: list[Token]) -> _Separator:
        return _Separator(tree.Literal(tree.Slot(parts[-1].constant), at=parts[-1].at))

    def exists(self, parts: list[Any]) -> tree.Exists:
        return tree.Exists(parts[-1], is_negated=len(parts) > 2, at=parts[0].at)

    # Patterns

    def group_graph_pattern(self, parts: list[Any]) -> tree.Group:
        return tree.Group(tuple(parts[1:]), at=parts[0].at)

    def group_or_union(self, parts: list[Any]) -> tree.Group | tree.Union:
        groups = tuple(part for part in parts if not isinstance(part, Token))
        return groups[0] if len(groups) == 1 else tree.Union(groups, at=groups[0].at)

    def optional(self, parts: list[Any]) -> tree.Optional:
        return tree.Optional(parts[1], at=parts[0].at)

    def minus(self, parts: list[Any]) -> tree.Minus:
        return tree.Minus(parts[1], at=parts[0].at)

    def lateral(self, parts: list[Any]) -> tree.Lateral:
        return tree.Lateral(parts[1], at=parts[0].at)

    def graph(self, parts: list[Any]) -> tree.NamedGraph:
        return tree.NamedGraph(parts[1], parts[2], at=parts[0].at)

    def service(self, parts: list[Any]) -> tree.Service:
        return tree.Service(parts[-2], parts[-1], is_silent=len(parts) > 3, at=parts[0].at)

    def filter(self, parts: list[Any]) -> tree.Filter:
        return tree.Filter(parts[1], at=parts[0].at)

    def bind(self, parts: list[Any]) -> tree.Bind:
        return tree.Bind(parts[1], parts[3], at=parts[0].at)

    def inline_data(self, parts: list[Any]) -> tree.Values:
        table: _Table = parts[1]
        for row in table.rows:
            if len(row.terms) != len(table.variables):
                raise self._rejected(
                    row.at,
                    f"this row of VALUES has {len(row.terms)} values "
                    f"for {len(table.variables)} variables",
                )
        rows = tuple(row.terms for row in table.rows)
        return tree.Values(table.variables, rows, at=parts[0].at)

    def data_one_var(self, parts: list[Any]) -> _Table:
        return _Table((parts[0],), [_Row((part,), parts[0].at) for part in parts[1:]])

    def data_full(self, parts: list[Any]) -> _Table:
        return _Table(parts[0], parts[1:])

    def data_vars(self, parts: list[Any]) -> tuple[tree.Variable, ...]:
        return tuple(parts[1:])

    def data_row(self, parts: list[Any]) -> _Row:
        return _Row(tuple(parts[1:]), parts[0].at)

    def undef(self, parts: list[Any]) -> None:
        pass

    # Queries

    def query(self, parts: list[Any]) -> tree.Query:
        _, query, values = parts
        return replace(query, values=values) if values is not None else query

    def values_clause(self, parts: list[Any]) -> tree.Values | None:
        return self.inline_data(parts) if parts else None

    def select_query(self, parts: list[Any]) -> tree.Select:
        clause, dataset, where, modifiers = parts
        reduction, projection, at = clause
        return tree.Select(projection, where, dataset, modifiers, reduction=reduction, at=at)

    def sub_select(self, parts: list[Any]) -> tree.Select:
        clause, where, modifiers, values = parts
        reduction, projection, at = clause
        return tree.Select(projection, where, (), modifiers, values, reduction, at=at)

    def select_clause(self, parts: list[Any]) -> _SelectClause:
        at = parts.pop(0).at
        reduction: Literal["", "DISTINCT", "REDUCED"] = ""
        if isinstance(parts[0], Token) and parts[0].type in ("DISTINCT", "REDUCED"):
            reduction = "DISTINCT" if parts.pop(0).type == "DISTINCT" else "REDUCED"
        projection = None if isinstance(parts[0], Token) else tuple(parts)
        return _SelectClause(reduction, projection, at)

    def assignment(self, parts: list[Any]) -> tree.Assignment:
        return tree.Assignment(parts[0], parts[2], at=parts[0].at)

    def construct(self, parts: list[Any]) -> tree.Construct:
        template = parts[1].triples if isinstance(parts[1], tree.Triples) else ()
        dataset, where, modifiers = parts[-3:]
        return tree.Construct(template, where, dataset, modifiers, at=parts[0].at)

    def construct_where(self, parts: list[Any]) -> tree.Construct:
        block = parts[-2] if isinstance(parts[-2], tree.Triples) else None
        elements = () if block is None else (block,)
        template = () if block is None else block.triples
        return tree.Construct(template, tree.Group(elements), parts[1], parts[-1], at=parts[0].at)

    def describe_query(self, parts: list[Any]) -> tree.Describe:
        at = parts.pop(0).at
        modifiers = parts.pop()
        where = parts.pop() if isinstance(parts[-1], tree.Group) else None
        dataset = parts.pop()
        resources = None if isinstance(parts[0], Token) else tuple(parts)
        return tree.Describe(resources, where, dataset, modifiers, at=at)

    def ask_query(self, parts: list[Any]) -> tree.Ask:
        return tree.Ask(parts[2], parts[1], parts[3], at=parts[0].at)

    def dataset(self, parts: list[tree.From]) -> tuple[tree.From, ...]:
        return tuple(parts)

    def dataset_clause(self, parts: list[Any]) -> tree.From:
        return tree.From(parts[-1], is_named=len(parts) > 2, at=parts[0].at)

    def where_clause(self, parts: list[Any]) -> tree.Group:
        return parts[-1]

    def solution_modifier(self, parts: list[Any]) -> tree.Modifiers:
        return tree.Modifiers(**dict(parts))

    def group_clause(self, parts: list[Any]) -> tuple[str, tuple[Any, ...]]:
        return "group_by", tuple(parts[2:])

    def group_condition(self, parts: list[Any]) -> tree.Expression | tree.Assignment:
        return parts[0] if len(parts) == 1 else self.assignment(parts)

    def having_clause(self, parts: list[Any]) -> tuple[str, tuple[Any, ...]]:
        return "having", tuple(parts[1:])

    def order_clause(self, parts: list[Any]) -> tuple[str, tuple[Any, ...]]:
        return "order_by", tuple(parts[2:])

    def order_condition(self, parts: list[Any]) -> tree.Order:
        is_descending = isinstance(parts[0], Token) and parts[0].type == "DESC"
        return tree.Order(parts[-1], is_descending, at=parts[0].at)

    def limit(self, parts: list[Token]) -> tuple[str, tree.Literal]:
        return "limit", self.number(parts[1:])

    def offset(self, parts: list[Token]) -> tuple[str, tree.Literal]:
        return "offset", self.number(parts[1:])

    # Updates

    def update(self, parts: list[Any]) -> tree.Update:
        return tree.Update(tuple(part for part in parts if part is not None))

    def load(self, parts: list[Any]) -> tree.Load:
        iris = [part for part in parts if isinstance(part, tree.IRI)]
        is_silent = isinstance(parts[1], Token)
        return tree.Load(*iris, is_silent=is_silent, at=parts[0].at)

    def clear(self, parts: list[Any]) -> tree.Clear:
        is_silent = isinstance(parts[1], Token) and parts[1].type == "SILENT"
        target = parts[-1] if isinstance(parts[-1], tree.IRI) else parts[-1].type
        return tree.Clear(parts[0].type, target, is_silent, at=parts[0].at)

    def create(self, parts: list[Any]) -> tree.Create:
        is_silent = parts[1].type == "SILENT"
        return tree.Create(parts[-1], is_silent, at=parts[0].at)

    def transfer(self, parts: list[Any]) -> tree.Transfer:
        is_silent = isinstance(parts[1], Token) and parts[1].type == "SILENT"
        return tree.Transfer(parts[0].type, parts[-3], parts[-1], is_silent, at=parts[0].at)

    def graph_or_default(self, parts: list[Any]) -> tree.IRI | None:
        return parts[-1] if isinstance(parts[-1], tree.IRI) else None

    def insert_data(self, parts: list[Any]) -> tree.InsertData:
        return tree.InsertData(parts[-1], at=parts[0].at)

    def delete_data(self, parts: list[Any]) -> tree.DeleteData:
        return tree.DeleteData(parts[-1], at=parts[0].at)

    def delete_where(self, parts: list[Any]) -> tree.DeleteWhere:
        return tree.DeleteWhere(parts[-1], at=parts[0].at)

    def modify(self, parts: list[Any]) -> tree.Modify:
        said = {name: part for name, part in parts[:-2] if name != "using"}
        using = tuple(part for name, part in parts[:-2] if name == "using")
        return tree.Modify(
            said.get("graph"),
            said.get("delete"),
            said.get("insert"),
            using,
            parts[-1],
            at=parts[-2].at,
        )

    def with_graph(self, parts: list[Any]) -> tuple[str, tree.IRI]:
        return "graph", parts[1]

    def delete(self, parts: list[Any]) -> tuple[str, tree.Quads]:
        return "delete", parts[1]

    def insert(self, parts: list[Any]) -> tuple[str, tree.Quads]:
        return "insert", parts[1]

    def using(self, parts: list[Any]) -> tuple[str, tree.From]:
        return "using", self.dataset_clause(parts)

    def quads(self, parts: list[Any]) -> tree.Quads:
        found: list[tree.Triple | tree.QuadGraph] = []
        for part in parts[1:]:
            if isinstance(part, tree.Triples):
                found.extend(part.triples)
            else:
                found.append(part)
        return tree.Quads(tuple(found), at=parts[0].at)

    def quads_graph(self, parts: list[Any]) -> tree.QuadGraph:
        triples = parts[-1].triples if isinstance(parts[-1], tree.Triples) else ()
        return tree.QuadGraph(parts[1], triples, at=parts[0].at)

    # Helpers

    def _new_blank_node(self, at: int) -> tree.BlankNode:
        """Return a blank node under a label that the text does not use."""
        if not self._blank_prefix:
            self._blank_prefix = "b"
            while f"_:{self._blank_prefix}" in self._source.text:
                self._blank_prefix += "b"
        self._blanks += 1
        return tree.BlankNode(f"{self._blank_prefix}{self._blanks}", at=at)

    def _fixed_iri(self, token: Token) -> str:
        """Return the IRI of a declaration, which must be part of the template."""
        if token.constant >= 0:
            raise self._rejected(token.at, "this declaration cannot be read; write it on one line")
        return constants.iri_value(token.text, self.base)

    def _rejected(self, at: int, complaint: str) -> Exception:
        return self._source.rejected(at, complaint)


def _described(part: _Described | tree.Term) -> _Described:
    if isinstance(part, _Described):
        return _Described(part.term, part.triples)
    return _Described(part, [])


def _reification(reifier: tree.Term, triple: tree.Triple) -> tree.Triple:
    term = tree.TripleTerm(triple.subject, triple.predicate, triple.object, at=triple.at)  # pyright: ignore[reportArgumentType]
    return tree.Triple(reifier, tree.IRI(_REIFIES, at=triple.at), term, at=triple.at)
