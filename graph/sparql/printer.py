"""Write a tree as SPARQL text for the engine.

The text has no abbreviation: every IRI is absolute, and no prefix is declared, so no reader can
take an IRI for anything else. Only where IRI() is called does it say what the BASE is.
What is printed parses to the tree it was printed from.
Where a tree still has slots, the text has gaps; `text` is for trees without.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeAlias

from graph.sparql import tree
from graph.sparql.constants import written_string

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Segment: TypeAlias = str | tree.Slot
_Part: TypeAlias = str | tree.Slot | tree.Node

_NUMBERS = {
    tree.XSD + "integer": re.compile(r"[+-]?[0-9]+"),
    tree.XSD + "decimal": re.compile(r"[+-]?[0-9]*\.[0-9]+"),
    tree.XSD + "double": re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)[eE][+-]?[0-9]+"),
    tree.XSD + "boolean": re.compile("true|false"),
}


def text(root: tree.Node) -> str:
    """Return *root*, which has no slots, as text."""
    printed = segments(root)
    gap = next((each for each in printed if isinstance(each, tree.Slot)), None)
    if gap is not None:
        raise ValueError(f"constant {gap.number} of the tree is not filled in")
    return "".join(map(str, printed))


def segments(root: tree.Node) -> tuple[Segment, ...]:
    """Return *root* as text with gaps where its slots are."""
    printed: list[Segment] = []
    words: list[str] = []
    waiting: list[_Part] = [root, _base(root)] if isinstance(root, tree.Query) else [root]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            words.append(part)
        elif isinstance(part, tree.Slot):
            printed += ("".join(words), part)
            words.clear()
        else:
            waiting.extend(reversed(list(_PRINT[type(part)](part))))
    printed.append("".join(words))
    return tuple(printed)


def _variable(node: tree.Variable) -> Iterable[_Part]:
    return (f"?{node.name}",)


def _iri(node: tree.IRI) -> Iterable[_Part]:
    # A slot is printed with its brackets: `constants.written` writes both.
    return (node.value if isinstance(node.value, tree.Slot) else f"<{node.value}>",)


def _blank_node(node: tree.BlankNode) -> Iterable[_Part]:
    return (f"_:{node.label}",)


def _literal(node: tree.Literal) -> Iterable[_Part]:
    if isinstance(node.lexical, tree.Slot):
        if node.lexical.is_number:
            return (node.lexical,)
        quoted: tree.Slot | str = node.lexical
    elif _is_bare(node.lexical, node.datatype):
        return (node.lexical,)
    else:
        quoted = written_string(node.lexical)
    if node.language is not None:
        return (quoted, f"@{node.language}")
    if node.datatype is not None:
        return (quoted, "^^", node.datatype)
    return (quoted,)


def _is_bare(lexical: str, datatype: tree.IRI | None) -> bool:
    """Tell whether a literal may stand without quotes, as `1` and `true` do."""
    if datatype is None or not isinstance(datatype.value, str):
        return False
    pattern = _NUMBERS.get(datatype.value)
    return pattern is not None and pattern.fullmatch(lexical) is not None


def _triple_term(node: tree.TripleTerm) -> Iterable[_Part]:
    return ("<<( ", node.subject, " ", node.predicate, " ", node.object, " )>>")


# Paths; a part that binds less tightly than its place asks for is put in brackets.

_PATH_RANK: dict[type[tree.Node], int] = {
    tree.PathAlternative: 1,
    tree.PathSequence: 2,
    tree.PathInverse: 3,
    tree.PathRepeat: 4,
}


def _step(path: tree.Node, rank: int) -> Iterator[_Part]:
    if _PATH_RANK.get(type(path), 5) < rank:
        yield from ("(", path, ")")
    else:
        yield path


def _path_sequence(node: tree.PathSequence) -> Iterator[_Part]:
    return _separated("/", [list(_step(part, 3)) for part in node.parts])


def _path_alternative(node: tree.PathAlternative) -> Iterator[_Part]:
    return _separated("|", [list(_step(part, 2)) for part in node.parts])


def _path_inverse(node: tree.PathInverse) -> Iterator[_Part]:
    yield "^"
    yield from _step(node.path, 4)


def _path_repeat(node: tree.PathRepeat) -> Iterator[_Part]:
    yield from _step(node.path, 5)
    yield node.times


def _path_negated(node: tree.PathNegated) -> Iterator[_Part]:
    yield "!("
    yield from _separated("|", [[part] for part in node.excluded])
    yield ")"


# Expressions

_RANK: dict[type[tree.Node], int] = {
    tree.Or: 1,
    tree.And: 2,
    tree.Comparison: 3,
    tree.Membership: 3,
    tree.Sum: 4,
    tree.Product: 5,
    tree.Sign: 6,
    tree.Not: 6,
}


def _operand(node: tree.Node, rank: int) -> Iterator[_Part]:
    if _RANK.get(type(node), 7) < rank:
        yield from ("(", node, ")")
    else:
        yield node


def _or(node: tree.Or) -> Iterator[_Part]:
    return _separated(" || ", [list(_operand(each, 2)) for each in node.operands])


def _and(node: tree.And) -> Iterator[_Part]:
    return _separated(" && ", [list(_operand(each, 3)) for each in node.operands])


def _comparison(node: tree.Comparison) -> Iterator[_Part]:
    yield from _operand(node.left, 4)
    yield f" {node.operator} "
    yield from _operand(node.right, 4)


def _membership(node: tree.Membership) -> Iterator[_Part]:
    yield from _operand(node.operand, 4)
    yield " NOT IN " if node.is_negated else " IN "
    yield from _arguments(node.choices)


def _sum(node: tree.Sum) -> Iterator[_Part]:
    return _chain(node.operators, node.operands, 5)


def _product(node: tree.Product) -> Iterator[_Part]:
    return _chain(node.operators, node.operands, 6)


def _chain(
    operators: tuple[str, ...], operands: tuple[tree.Expression, ...], rank: int
) -> Iterator[_Part]:
    yield from _operand(operands[0], rank)
    for operator, operand in zip(operators, operands[1:], strict=True):
        yield f" {operator} "
        yield from _operand(operand, rank)


def _sign(node: tree.Sign) -> Iterator[_Part]:
    # With the space, `- 1` is the negative of one; without, a number of its own.
    yield f"{node.operator} "
    yield from _operand(node.operand, 7)


def _not(node: tree.Not) -> Iterator[_Part]:
    yield "!"
    yield from _operand(node.operand, 7)


def _function_call(node: tree.FunctionCall) -> Iterator[_Part]:
    yield node.function
    yield from _arguments(node.arguments, "DISTINCT " if node.is_distinct else "")


def _builtin(node: tree.BuiltIn) -> Iterator[_Part]:
    yield node.name
    yield from _arguments(node.arguments)


def _aggregate(node: tree.Aggregate) -> Iterator[_Part]:
    yield f"{node.name}("
    if node.is_distinct:
        yield "DISTINCT "
    yield node.argument if node.argument is not None else "*"
    if node.separator is not None:
        yield from ("; SEPARATOR = ", node.separator)
    yield ")"


def _exists(node: tree.Exists) -> Iterable[_Part]:
    return ("NOT EXISTS " if node.is_negated else "EXISTS ", node.group)


def _arguments(arguments: tuple[tree.Expression, ...], first: str = "") -> Iterator[_Part]:
    yield f"({first}"
    yield from _separated(", ", [[each] for each in arguments])
    yield ")"


# Patterns


def _triple(node: tree.Triple) -> Iterable[_Part]:
    return (node.subject, " ", node.predicate, " ", node.object, " . ")


def _triples(node: tree.Triples) -> Iterable[_Part]:
    return node.triples


def _group(node: tree.Group) -> Iterator[_Part]:
    yield "{ "
    for element in node.elements:
        yield element
        yield " "
    yield "}"


def _union(node: tree.Union) -> Iterator[_Part]:
    return _separated(" UNION ", [[group] for group in node.groups])


def _optional(node: tree.Optional) -> Iterable[_Part]:
    return ("OPTIONAL ", node.group)


def _minus(node: tree.Minus) -> Iterable[_Part]:
    return ("MINUS ", node.group)


def _lateral(node: tree.Lateral) -> Iterable[_Part]:
    return ("LATERAL ", node.group)


def _named_graph(node: tree.NamedGraph) -> Iterable[_Part]:
    return ("GRAPH ", node.name, " ", node.group)


def _service(node: tree.Service) -> Iterable[_Part]:
    return ("SERVICE SILENT " if node.is_silent else "SERVICE ", node.endpoint, " ", node.group)


def _filter(node: tree.Filter) -> Iterable[_Part]:
    return ("FILTER(", node.condition, ")")


def _bind(node: tree.Bind | tree.Assignment) -> Iterable[_Part]:
    start = "BIND(" if isinstance(node, tree.Bind) else "("
    return (start, node.expression, " AS ", node.variable, ")")


def _values(node: tree.Values) -> Iterator[_Part]:
    yield "VALUES ("
    yield from _separated(" ", [[variable] for variable in node.variables])
    yield ") { "
    for row in node.rows:
        yield "("
        yield from _separated(" ", [["UNDEF" if term is None else term] for term in row])
        yield ") "
    yield "}"


# Queries


def _select(node: tree.Select) -> Iterator[_Part]:
    yield f"SELECT {node.reduction} " if node.reduction else "SELECT "
    if node.projection is None:
        yield "* "
    else:
        for each in node.projection:
            yield each
            yield " "
    yield from _rest_of_query(node)


def _construct(node: tree.Construct) -> Iterator[_Part]:
    yield "CONSTRUCT { "
    yield from node.template
    yield "} "
    yield from _rest_of_query(node)


def _describe(node: tree.Describe) -> Iterator[_Part]:
    yield "DESCRIBE "
    if node.resources is None:
        yield "* "
    else:
        for each in node.resources:
            yield each
            yield " "
    yield from _rest_of_query(node)


def _ask(node: tree.Ask) -> Iterator[_Part]:
    yield "ASK "
    yield from _rest_of_query(node)


def _rest_of_query(node: tree.Query) -> Iterator[_Part]:
    yield from node.dataset
    if node.where is not None:
        yield from ("WHERE ", node.where)
    yield node.modifiers
    if node.values is not None:
        yield from (" ", node.values)


def _from(node: tree.From) -> Iterable[_Part]:
    return ("FROM NAMED " if node.is_named else "FROM ", node.graph, " ")


def _modifiers(node: tree.Modifiers) -> Iterator[_Part]:
    if node.group_by:
        yield " GROUP BY"
        for key in node.group_by:
            yield from (" ", *_condition(key))
    if node.having:
        yield " HAVING"
        for condition in node.having:
            yield from (" (", condition, ")")
    if node.order_by:
        yield " ORDER BY"
        yield from node.order_by
    if node.limit is not None:
        yield from (" LIMIT ", node.limit)
    if node.offset is not None:
        yield from (" OFFSET ", node.offset)


def _condition(node: tree.Expression | tree.Assignment) -> Iterable[_Part]:
    if isinstance(node, tree.Variable | tree.Assignment):
        return (node,)
    return ("(", node, ")")


def _order(node: tree.Order) -> Iterable[_Part]:
    return (" DESC(" if node.is_descending else " ASC(", node.expression, ")")


def _base(operation: tree.Node) -> str:
    """Return the declaration of the base, if a function asks for it (17.4.2.8)."""
    for node in tree.walk(operation):
        if isinstance(node, tree.BuiltIn) and node.base is not None:
            return f"BASE <{node.base}> "
    return ""


# Updates


def _update(node: tree.Update) -> Iterator[_Part]:
    return _separated(" ;\n", [[_base(operation), operation] for operation in node.operations])


def _quads(node: tree.Quads) -> Iterator[_Part]:
    yield "{ "
    yield from node.parts
    yield "}"


def _quad_graph(node: tree.QuadGraph) -> Iterator[_Part]:
    yield from ("GRAPH ", node.name, " { ", *node.triples, "} ")


def _data(word: str) -> Callable[[Any], Iterable[_Part]]:
    def parts(node: tree.InsertData | tree.DeleteData | tree.DeleteWhere) -> Iterable[_Part]:
        return (f"{word} ", node.quads)

    return parts


def _modify(node: tree.Modify) -> Iterator[_Part]:
    if node.graph is not None:
        yield from ("WITH ", node.graph, " ")
    if node.delete is not None:
        yield from ("DELETE ", node.delete, " ")
    if node.insert is not None:
        yield from ("INSERT ", node.insert, " ")
    for using in node.using:
        yield from ("USING NAMED " if using.is_named else "USING ", using.graph, " ")
    yield from ("WHERE ", node.where)


def _load(node: tree.Load) -> Iterator[_Part]:
    yield from (f"LOAD {_silent(node)}", node.source)
    if node.graph is not None:
        yield from (" INTO GRAPH ", node.graph)


def _clear(node: tree.Clear) -> Iterator[_Part]:
    yield f"{node.action} {_silent(node)}"
    if isinstance(node.target, tree.IRI):
        yield "GRAPH "
    yield node.target


def _create(node: tree.Create) -> Iterable[_Part]:
    return (f"CREATE {_silent(node)}GRAPH ", node.graph)


def _transfer(node: tree.Transfer) -> Iterator[_Part]:
    yield f"{node.action} {_silent(node)}"
    yield node.source if node.source is not None else "DEFAULT"
    yield " TO "
    yield node.target if node.target is not None else "DEFAULT"


def _silent(node: tree.Load | tree.Clear | tree.Create | tree.Transfer) -> str:
    return "SILENT " if node.is_silent else ""


def _separated(separator: str, parts: Iterable[Iterable[_Part]]) -> Iterator[_Part]:
    is_first = True
    for part in parts:
        if not is_first:
            yield separator
        is_first = False
        yield from part


_PRINT: dict[type[tree.Node], Callable[[Any], Iterable[_Part]]] = {
    tree.Variable: _variable,
    tree.IRI: _iri,
    tree.BlankNode: _blank_node,
    tree.Literal: _literal,
    tree.TripleTerm: _triple_term,
    tree.PathSequence: _path_sequence,
    tree.PathAlternative: _path_alternative,
    tree.PathInverse: _path_inverse,
    tree.PathRepeat: _path_repeat,
    tree.PathNegated: _path_negated,
    tree.Or: _or,
    tree.And: _and,
    tree.Comparison: _comparison,
    tree.Membership: _membership,
    tree.Sum: _sum,
    tree.Product: _product,
    tree.Sign: _sign,
    tree.Not: _not,
    tree.FunctionCall: _function_call,
    tree.BuiltIn: _builtin,
    tree.Aggregate: _aggregate,
    tree.Exists: _exists,
    tree.Triple: _triple,
    tree.Triples: _triples,
    tree.Group: _group,
    tree.Union: _union,
    tree.Optional: _optional,
    tree.Minus: _minus,
    tree.Lateral: _lateral,
    tree.NamedGraph: _named_graph,
    tree.Service: _service,
    tree.Filter: _filter,
    tree.Bind: _bind,
    tree.Assignment: _bind,
    tree.Values: _values,
    tree.Select: _select,
    tree.Construct: _construct,
    tree.Describe: _describe,
    tree.Ask: _ask,
    tree.From: _from,
    tree.Modifiers: _modifiers,
    tree.Order: _order,
    tree.Update: _update,
    tree.Quads: _quads,
    tree.QuadGraph: _quad_graph,
    tree.InsertData: _data("INSERT DATA"),
    tree.DeleteData: _data("DELETE DATA"),
    tree.DeleteWhere: _data("DELETE WHERE"),
    tree.Modify: _modify,
    tree.Load: _load,
    tree.Clear: _clear,
    tree.Create: _create,
    tree.Transfer: _transfer,
}
