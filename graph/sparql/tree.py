"""What a SPARQL text says, as a tree of immutable nodes.

The tree holds no abbreviations: prefixed names and relative IRIs are resolved, `;`, `,`, `[]`,
`()`, reified triples and annotations are written out as triples (18.2.2.1 of SPARQL 1.2 Query).
Chains such as `a + b + c` or `{} UNION {} UNION {}` are one node with many parts, so a tree is
only as deep as the brackets of its text. `walk`, `rewrite` and `==` use no recursion all the same.

    Operation    Select Construct Describe Ask | Update
    Pattern      Group Triples Union Optional Minus Lateral NamedGraph Service Filter Bind Values
    Expression   Or And Comparison Membership Sum Product Sign Not FunctionCall BuiltIn Aggregate
                 Exists, and terms
    Path         PathSequence PathAlternative PathInverse PathRepeat PathNegated, and IRIs
    Term         Variable IRI Literal BlankNode TripleTerm
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from functools import cache
from operator import is_not
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast
from typing import Literal as OneOf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XSD = "http://www.w3.org/2001/XMLSchema#"


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a constant of the text goes that the template was lifted from."""

    number: int
    base: str | None = None
    """What a relative IRI is resolved against there."""
    is_number: bool = False
    """It is a number as it is written, with no quotes around it."""


Text: TypeAlias = str | Slot


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A part of a query. Two nodes are equal when they say the same, wherever they stand."""

    at: int = field(default=-1, kw_only=True, repr=False)
    """The number of the token in the text that this node begins at; -1 when in no text."""

    def __eq__(self, other: object) -> bool:
        """Compare what the nodes say, not where they stand."""
        return isinstance(other, Node) and _leaves(self) == _leaves(other)

    def __hash__(self) -> int:
        """Return the same number for nodes that say the same."""
        return hash(_leaves(self))


_N = TypeVar("_N", bound=Node)


# Terms (4.1 of SPARQL 1.2 Query)


@dataclass(frozen=True, slots=True, eq=False)
class Variable(Node):
    """`?name`, `$name`."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class IRI(Node):
    """An absolute IRI."""

    value: Text


@dataclass(frozen=True, slots=True, eq=False)
class BlankNode(Node):
    """A blank node; those without a label in the text have got one."""

    label: str


@dataclass(frozen=True, slots=True, eq=False)
class Literal(Node):
    """A string with its datatype or its language, if it has one."""

    lexical: Text
    datatype: IRI | None = None
    language: str | None = None
    """With the direction where it has one: `ar--rtl`."""


@dataclass(frozen=True, slots=True, eq=False)
class TripleTerm(Node):
    """`<<( subject predicate object )>>`."""

    subject: Term
    predicate: Variable | IRI
    object: Term


Term: TypeAlias = Variable | IRI | BlankNode | Literal | TripleTerm

# Paths (9.1)


@dataclass(frozen=True, slots=True, eq=False)
class PathSequence(Node):
    """`a / b / c`."""

    parts: tuple[Path, ...]


@dataclass(frozen=True, slots=True, eq=False)
class PathAlternative(Node):
    """`a | b | c`."""

    parts: tuple[Path, ...]


@dataclass(frozen=True, slots=True, eq=False)
class PathInverse(Node):
    """`^a`."""

    path: Path


@dataclass(frozen=True, slots=True, eq=False)
class PathRepeat(Node):
    """`a?`, `a*`, `a+`."""

    path: Path
    times: OneOf["?", "*", "+"]


@dataclass(frozen=True, slots=True, eq=False)
class PathNegated(Node):
    """`!(a | ^b)`: one step by any other property."""

    excluded: tuple[IRI | PathInverse, ...]


Path: TypeAlias = IRI | PathSequence | PathAlternative | PathInverse | PathRepeat | PathNegated

# Expressions (17)


@dataclass(frozen=True, slots=True, eq=False)
class Or(Node):
    """`a || b || c`."""

    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, eq=False)
class And(Node):
    """`a && b && c`."""

    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Comparison(Node):
    """`left = right`, and `!=`, `<`, `>`, `<=`, `>=`."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Membership(Node):
    """`operand IN (choices)`, `operand NOT IN (choices)`."""

    operand: Expression
    choices: tuple[Expression, ...]
    is_negated: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Sum(Node):
    """`a + b - c`: one operator for each operand but the first."""

    operators: tuple[str, ...]
    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Product(Node):
    """`a * b / c`: one operator for each operand but the first."""

    operators: tuple[str, ...]
    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Sign(Node):
    """`-a`, `+a`."""

    operator: str
    operand: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Not(Node):
    """`!a`."""

    operand: Expression


@dataclass(frozen=True, slots=True, eq=False)
class FunctionCall(Node):
    """`iri(arguments)`: a cast or an extension."""

    function: IRI
    arguments: tuple[Expression, ...]
    is_distinct: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class BuiltIn(Node):
    """`NAME(arguments)`, with the name in capitals."""

    name: str
    arguments: tuple[Expression, ...]
    base: str | None = None
    """What `IRI("a")` resolves a relative IRI against."""


@dataclass(frozen=True, slots=True, eq=False)
class Aggregate(Node):
    """`COUNT(DISTINCT a)`; without an argument, `COUNT(*)`."""

    name: str
    argument: Expression | None = None
    is_distinct: bool = False
    separator: Literal | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Exists(Node):
    """`EXISTS {}`, `NOT EXISTS {}`."""

    group: Group
    is_negated: bool = False


# Patterns (5 to 13)


@dataclass(frozen=True, slots=True, eq=False)
class Triple(Node):
    """A triple pattern or, with a path as its predicate, a path pattern."""

    subject: Term
    predicate: Variable | Path
    object: Term


@dataclass(frozen=True, slots=True, eq=False)
class Triples(Node):
    """Triple patterns with nothing between them."""

    triples: tuple[Triple, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Group(Node):
    """`{ ... }`; a sub-query is the only element of its group."""

    elements: tuple[Pattern, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Union(Node):
    """`{} UNION {} UNION {}`."""

    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Optional(Node):
    """`OPTIONAL {}`."""

    group: Group


@dataclass(frozen=True, slots=True, eq=False)
class Minus(Node):
    """`MINUS {}`."""

    group: Group


@dataclass(frozen=True, slots=True, eq=False)
class Lateral(Node):
    """`LATERAL {}` (SEP-0006)."""

    group: Group


@dataclass(frozen=True, slots=True, eq=False)
class NamedGraph(Node):
    """`GRAPH name {}`."""

    name: Variable | IRI
    group: Group


@dataclass(frozen=True, slots=True, eq=False)
class Service(Node):
    """`SERVICE SILENT endpoint {}`."""

    endpoint: Variable | IRI
    group: Group
    is_silent: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Filter(Node):
    """`FILTER (condition)`."""

    condition: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Bind(Node):
    """`BIND (expression AS variable)`."""

    expression: Expression
    variable: Variable


@dataclass(frozen=True, slots=True, eq=False)
class Values(Node):
    """`VALUES (variables) { (row) }`, with None for UNDEF."""

    variables: tuple[Variable, ...]
    rows: tuple[tuple[Term | None, ...], ...]


# Operations (15 and 16, and SPARQL 1.2 Update 3)


@dataclass(frozen=True, slots=True, eq=False)
class Assignment(Node):
    """`(expression AS variable)`."""

    expression: Expression
    variable: Variable


@dataclass(frozen=True, slots=True, eq=False)
class Order(Node):
    """What to sort by, and which way round."""

    expression: Expression
    is_descending: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class From(Node):
    """`FROM graph`, `FROM NAMED graph`; in updates `USING`."""

    graph: IRI
    is_named: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Modifiers(Node):
    """What is done with the solutions before they are given out."""

    group_by: tuple[Expression | Assignment, ...] = ()
    having: tuple[Expression, ...] = ()
    order_by: tuple[Order, ...] = ()
    limit: Literal | None = None
    offset: Literal | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Select(Node):
    """`SELECT`, also inside a group; a projection of None is `*`."""

    projection: tuple[Variable | Assignment, ...] | None
    where: Group
    dataset: tuple[From, ...] = ()
    modifiers: Modifiers = Modifiers()
    values: Values | None = None
    reduction: OneOf["", "DISTINCT", "REDUCED"] = ""


@dataclass(frozen=True, slots=True, eq=False)
class Construct(Node):
    """`CONSTRUCT {template} WHERE {}`; the short form is written out."""

    template: tuple[Triple, ...]
    where: Group
    dataset: tuple[From, ...] = ()
    modifiers: Modifiers = Modifiers()
    values: Values | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Describe(Node):
    """`DESCRIBE`; resources of None are `*`."""

    resources: tuple[Variable | IRI, ...] | None
    where: Group | None
    dataset: tuple[From, ...] = ()
    modifiers: Modifiers = Modifiers()
    values: Values | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Ask(Node):
    """`ASK`."""

    where: Group
    dataset: tuple[From, ...] = ()
    modifiers: Modifiers = Modifiers()
    values: Values | None = None


@dataclass(frozen=True, slots=True, eq=False)
class QuadGraph(Node):
    """`GRAPH name {}` in a template of quads."""

    name: Variable | IRI
    triples: tuple[Triple, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Quads(Node):
    """What an update inserts or deletes."""

    parts: tuple[Triple | QuadGraph, ...]


@dataclass(frozen=True, slots=True, eq=False)
class InsertData(Node):
    """`INSERT DATA {}`."""

    quads: Quads


@dataclass(frozen=True, slots=True, eq=False)
class DeleteData(Node):
    """`DELETE DATA {}`."""

    quads: Quads


@dataclass(frozen=True, slots=True, eq=False)
class DeleteWhere(Node):
    """`DELETE WHERE {}`."""

    quads: Quads


@dataclass(frozen=True, slots=True, eq=False)
class Modify(Node):
    """`WITH graph DELETE {} INSERT {} USING graph WHERE {}`."""

    graph: IRI | None
    delete: Quads | None
    insert: Quads | None
    using: tuple[From, ...]
    where: Group


@dataclass(frozen=True, slots=True, eq=False)
class Load(Node):
    """`LOAD SILENT source INTO GRAPH graph`."""

    source: IRI
    graph: IRI | None = None
    is_silent: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Clear(Node):
    """`CLEAR` or `DROP`, of one graph or of `DEFAULT`, `NAMED` or `ALL`."""

    action: OneOf["CLEAR", "DROP"]
    target: IRI | OneOf["DEFAULT", "NAMED", "ALL"]
    is_silent: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Create(Node):
    """`CREATE SILENT GRAPH graph`."""

    graph: IRI
    is_silent: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Transfer(Node):
    """`ADD`, `MOVE` or `COPY` of one graph to another; None is the default graph."""

    action: OneOf["ADD", "MOVE", "COPY"]
    source: IRI | None
    target: IRI | None
    is_silent: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Update(Node):
    """A sequence of operations on the graph store."""

    operations: tuple[UpdateOperation, ...]


Expression: TypeAlias = (
    Or
    | And
    | Comparison
    | Membership
    | Sum
    | Product
    | Sign
    | Not
    | FunctionCall
    | BuiltIn
    | Aggregate
    | Exists
    | Variable
    | IRI
    | Literal
    | TripleTerm
)
Pattern: TypeAlias = (
    Triples
    | Group
    | Union
    | Optional
    | Minus
    | Lateral
    | NamedGraph
    | Service
    | Filter
    | Bind
    | Values
    | Select
)
Query: TypeAlias = Select | Construct | Describe | Ask
UpdateOperation: TypeAlias = (
    InsertData | DeleteData | DeleteWhere | Modify | Load | Clear | Create | Transfer
)
Operation: TypeAlias = Query | Update


def children(node: Node) -> Iterator[Node]:
    """Yield the nodes right below *node*, in the order of its fields."""
    for name in _names(type(node)):
        yield from _nodes_in(getattr(node, name))


def walk(root: Node) -> Iterator[Node]:
    """Yield *root* and all nodes below it, each before those below it."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(list(children(node))))


def postorder(root: Node) -> list[Node]:
    """Return *root* and all nodes below it, each after those below it."""
    found: list[Node] = []
    waiting = [root]
    while waiting:
        node = waiting.pop()
        found.append(node)
        waiting.extend(children(node))
    found.reverse()
    return found


def rewrite(root: _N, change: Callable[[Any], Any]) -> _N:
    """Return *root* with every node replaced by what *change* makes of it, from the leaves up.

    *change* gets a node whose parts are changed already, and returns it or another in its place.
    """
    done: dict[int, Any] = {}
    for node in postorder(root):
        if id(node) in done:
            continue
        names = _names(type(node))
        old = [getattr(node, name) for name in names]
        new = [_replaced(value, done) for value in old]
        same = node
        if any(map(is_not, new, old)):
            same = type(node)(**dict(zip(names, new, strict=True)), at=node.at)
        done[id(node)] = change(same)
    return done[id(root)]


def _replaced(value: object, done: Mapping[int, Any]) -> object:
    if isinstance(value, Node):
        return done[id(value)]
    if isinstance(value, tuple):
        before = cast("tuple[object, ...]", value)
        after = tuple(_replaced(part, done) for part in before)
        return after if any(map(is_not, after, before)) else before
    return value


def _nodes_in(value: object) -> Iterator[Node]:
    if isinstance(value, Node):
        yield value
    elif isinstance(value, tuple):
        for part in cast("tuple[object, ...]", value):
            yield from _nodes_in(part)


@cache
def _names(kind: type[Node]) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind) if each.name != "at")


def _leaves(root: Node) -> tuple[object, ...]:
    """Return all that *root* says in one flat tuple: two trees are equal when these are."""
    said: list[object] = []
    waiting: list[object] = [root]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Node):
            kind = type(value)
            said.append(kind)
            waiting.extend(getattr(value, name) for name in _names(kind))
        elif isinstance(value, tuple):
            parts = cast("tuple[object, ...]", value)
            said.append(len(parts))
            waiting.extend(parts)
        else:
            said.append(value)
    return tuple(said)
