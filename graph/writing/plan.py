"""From the text of a SPARQL update to a plan: what is to be done, as plain values.

    plan_of("DELETE { ?s ?p 1 } WHERE { ?s ?p 1 }", "http://localhost:8000/sparql")
    {"fingerprint": "7c14...", "operations": [{"kind": "modify", "select": "SELECT ...", ...}]}

Plans are made where a text may do no harm, in a reader, and carried out where the store is changed
(`graph.writing.evaluation`). All that can be said against a text without its data is said here.
"""

from __future__ import annotations

import hashlib
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, NoReturn, ParamSpec, TypeVar, cast

import pyoxigraph as ox

from graph.errors import ForbiddenOperation, QueryRejected, ReservedGraph
from graph.limits import MAX_NESTING
from graph.readers.dataset import graph_name
from graph.sparql import printer, tree
from graph.sparql.data_blocks import NotLiftable
from graph.sparql.matches import FUNCTIONS, with_placeholders
from graph.sparql.parser import parse_template
from graph.sparql.repairs import repaired
from graph.sparql.scope import Names, variables
from graph.sparql.template import filled
from graph.sparql.tokens import Source, tokens
from graph.writing.plan_terms import NoTerm, data_form, iri_form, lifted_form, term_form
from graph.writing.transaction import RESERVED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from graph.sparql.data_blocks import DataBlock
    from graph.writing.plan_terms import QuadForm

Plan = dict[str, Any]
_P = ParamSpec("_P")
_T = TypeVar("_T")

MAX_DATA_BYTES = 64_000_000
"""How long the data blocks of one update may be when they are written out as N-Quads."""

_NEVER_EVALUATED = "ASK { <x:no> <x:such> <x:triple> FILTER EXISTS { { %s } } }"
"""The engine reads a pattern that is asked of each solution, and prepares it; there is none."""

_QUERIES = frozenset(("SELECT", "ASK", "CONSTRUCT", "DESCRIBE"))
_UPDATES = frozenset(
    ("INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH")
)
_MANAGEMENT = (tree.Clear, tree.Create, tree.Transfer)
_RESERVED_NAMES = frozenset(name.value for name in RESERVED)


def plan_of(
    text: str,
    base_iri: str,
    using_graphs: Sequence[str] = (),
    using_named_graphs: Sequence[str] = (),
    *,
    max_nesting: int = MAX_NESTING,
) -> Plan:
    """Read *text* as an update, or raise what is wrong with it, and at which place.

    QueryRejected (ForbiddenOperation, UnsupportedFeature) or ReservedGraph; what the engine has to
    say of a WHERE is raised as it comes: SyntaxError, or RuntimeError for an unknown function.

    The graphs of the request are written into the operations as USING and USING NAMED, "as if a
    USING clause were included for every operation" (SPARQL 1.1 Protocol, 2.2.3). DELETE WHERE is
    short for DELETE with the same pattern in WHERE (SPARQL 1.1 Update, 3.1.3.3), so it finds in
    these graphs what it deletes in the store's. INSERT DATA, DELETE DATA and the management of
    graphs have no WHERE, and are what they are without. It is an error if the text has USING,
    USING NAMED or WITH, in any operation.
    """
    source = Source.of(text)
    try:
        update, data = _read(source, base_iri, max_nesting)
    except QueryRejected:
        _refuse_query(source, max_nesting)
        raise
    if FUNCTIONS in text and with_placeholders(update, source) is not update:
        raise QueryRejected(
            "mpf:matches searches names for queries; ask first, and name in the update what was "
            "found"
        )
    planner = _Planner(source, data, _using(using_graphs, using_named_graphs))
    return {"fingerprint": _fingerprint(source), "operations": list(planner.operations(update))}


def _read(source: Source, base: str, max_nesting: int) -> tuple[tree.Update, dict[int, str]]:
    """Return the tree of an update, and the data blocks that were left out of it."""
    try:
        parsed = parse_template(source, "update", base, max_nesting, lift_data=True)
        data = {at: _lifted(block) for at, block in parsed.data.items()}
    except NotLiftable:
        parsed, data = parse_template(source, "update", base, max_nesting), {}
    return filled(cast("tree.Update", parsed.operation), source), data


def _fingerprint(source: Source) -> str:
    """Return the same for updates that differ in their constants only."""
    split = source.split
    shape = "".join(map("".join, zip_longest(split.runs, split.signature, fillvalue="")))
    return hashlib.sha256(shape.encode()).hexdigest()[:16]


def _lifted(block: DataBlock) -> str:
    """Return the quads of *block*; NotLiftable where TriG has none, or there is one to refuse."""
    form = lifted_form(block)
    if any(f"<{name}> .\n" in form for name in _RESERVED_NAMES):
        raise NotLiftable
    return form


def _refuse_query(source: Source, max_nesting: int) -> None:
    """Say so if the text, which is no update, begins like a query."""
    for token in tokens(source, max_nesting):
        if token.type in _UPDATES:
            return
        if token.type in _QUERIES:
            raise QueryRejected(
                f"this is a query ({token.type}), not an update; send it as a query"
            )


def _using(graphs: Iterable[str], named_graphs: Iterable[str]) -> tuple[tree.From, ...]:
    named = [(iri, False) for iri in graphs] + [(iri, True) for iri in named_graphs]
    try:
        return tuple(
            tree.From(tree.IRI(graph_name(iri).value), is_named) for iri, is_named in named
        )
    except ValueError as error:
        raise QueryRejected(str(error)) from error


class _Planner:
    """Makes the plan of one text; *data* are the data blocks that were lifted out of it."""

    def __init__(
        self, source: Source, data: Mapping[int, str], using: tuple[tree.From, ...]
    ) -> None:
        self._source = source
        self._data = data
        self._using = using
        self._data_bytes = 0
        self._places: dict[int, str] = {}

    def operations(self, update: tree.Update) -> Iterator[Plan]:
        """Return what is to be done, one thing after the other."""
        for node in tree.walk(update):
            self._forbid(node)
        self._places = self._source.places(
            node.at for node in update.operations if isinstance(node, _MANAGEMENT)
        )
        planned = map(self._operation, update.operations)
        return (each for each in planned if each is not None)

    def _operation(self, node: tree.UpdateOperation) -> Plan | None:
        match node:
            case tree.InsertData():
                return {"kind": "insert data", "quads": self._data_of(node.quads)}
            case tree.DeleteData():
                return {"kind": "delete data", "quads": self._data_of(node.quads)}
            case tree.DeleteWhere():
                return self._modify(_written_out(node))
            case tree.Modify():
                return self._modify(node)
            case tree.Clear():
                return self._clear(node)
            case tree.Create():
                self._refuse_reserved(node.graph)
                return self._management("create", node, graph=self._iri(node.graph))
            case tree.Transfer():
                return self._transfer(node)
            case tree.Load():
                # It cannot be loaded, and SILENT says to go on all the same (3.1.4).
                return None

    def _forbid(self, node: tree.Node) -> None:
        match node:
            case tree.Service():
                self._raise(
                    ForbiddenOperation,
                    node,
                    "SERVICE asks another endpoint, which is switched off here; ask that endpoint "
                    "yourself, and send what it answers with INSERT DATA",
                )
            case tree.Load(is_silent=False):
                self._raise(
                    ForbiddenOperation,
                    node,
                    "LOAD has the server fetch a document, which is switched off here; fetch it "
                    "yourself, and send it to the graph store, or with INSERT DATA",
                )
            case tree.Modify() if self._using:
                named = (node.graph, *(each.graph for each in node.using))
                first = min((each for each in named if each is not None), key=_at, default=None)
                if first is not None:
                    self._raise(
                        QueryRejected,
                        first,
                        "the request names graphs with using-graph-uri or using-named-graph-uri, "
                        "and so does the update with USING or WITH; name them in one place",
                    )
            case _:
                pass

    # Data and templates

    def _data_of(self, quads: tree.Quads) -> str:
        form = self._data.get(quads.at)
        if form is None:
            form = self._form(quads)
        self._data_bytes += len(form)
        if self._data_bytes > MAX_DATA_BYTES:
            self._raise(
                QueryRejected,
                quads,
                f"with its names written out, the data are longer than {MAX_DATA_BYTES:,} bytes; "
                "send them to the graph store as a file, or in several updates",
            )
        return form

    def _form(self, quads: tree.Quads) -> str:
        for part in quads.parts:
            if isinstance(part, tree.QuadGraph):
                self._refuse_reserved(part.name)
        return self._checked(data_form, quads)

    def _modify(self, node: tree.Modify) -> Plan:
        templates = [quads for quads in (node.delete, node.insert) if quads is not None]
        names = list(variables(templates))
        columns = {name: number for number, name in enumerate(names)}
        shown = tuple(map(tree.Variable, names)) or (Names(node).new(),)
        select = printer.text(repaired(tree.Select(shown, node.where)))
        self._try(select, node.where)
        using = node.using or self._using
        return {
            "kind": "modify",
            "select": select,
            "delete": list(self._template(node.delete, node.graph, columns)),
            "insert": list(self._template(node.insert, node.graph, columns)),
            "with": self._iri(node.graph),
            "using": [self._iri(each.graph) for each in using if not each.is_named],
            "using_named": [self._iri(each.graph) for each in using if each.is_named],
            "asks_named": any(isinstance(each, tree.NamedGraph) for each in tree.walk(node.where)),
        }

    def _try(self, select: str, where: tree.Group) -> None:
        """Have the engine say now what it has to say of *select*, which asks for *where*.

        It is not evaluated: an aggregate or ORDER BY would be at once, even where nothing is.
        """
        try:
            ox.Store().query(_NEVER_EVALUATED % select)
        except SyntaxError:
            for node in tree.walk(where):
                if isinstance(node, tree.IRI | tree.Literal):
                    self._checked(term_form, node, {})
            ox.Store().query(select)  # which says what is wrong without the words around it

    def _checked(self, form: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Return what *form* makes of its arguments, or say at which place it cannot."""
        try:
            return form(*args, **kwargs)
        except NoTerm as error:
            raise self._source.rejected(error.at, str(error)) from None

    def _iri(self, node: tree.IRI | None) -> str | None:
        return None if node is None else self._checked(iri_form, node)

    def _template(
        self, quads: tree.Quads | None, default: tree.IRI | None, columns: Mapping[str, int]
    ) -> Iterator[QuadForm]:
        for part in quads.parts if quads is not None else ():
            triples = part.triples if isinstance(part, tree.QuadGraph) else (part,)
            graph = part.name if isinstance(part, tree.QuadGraph) else default
            self._refuse_reserved(graph)
            name = None if graph is None else self._checked(term_form, graph, columns)
            for triple in triples:
                terms = (triple.subject, triple.predicate, triple.object)
                yield [*(self._checked(term_form, term, columns) for term in terms), name]

    # Management of graphs

    def _clear(self, node: tree.Clear) -> Plan:
        kind = "clear" if node.action == "CLEAR" else "drop"
        if isinstance(node.target, tree.IRI):
            self._refuse_reserved(node.target)
            return self._management(kind, node, graph=self._iri(node.target))
        return self._management(kind, node, graphs=node.target)

    def _transfer(self, node: tree.Transfer) -> Plan:
        self._refuse_reserved(node.target)
        if node.action == "MOVE":
            self._refuse_reserved(node.source)
        source, target = map(self._iri, (node.source, node.target))
        return self._management("transfer", node, action=node.action, source=source, target=target)

    def _management(
        self, kind: str, node: tree.Clear | tree.Create | tree.Transfer, **graphs: str | None
    ) -> Plan:
        return {
            "kind": kind,
            **graphs,
            "is_silent": node.is_silent,
            "place": self._places[node.at],
        }

    # Refusals

    def _refuse_reserved(self, graph: tree.Variable | tree.IRI | None) -> None:
        if isinstance(graph, tree.IRI) and graph.value in _RESERVED_NAMES:
            self._raise(
                ReservedGraph,
                graph,
                f"<{graph.value}> is kept by the server itself, from the other graphs; "
                "write to a graph of your own",
            )

    def _raise(self, kind: type[Exception], node: tree.Node, complaint: str) -> NoReturn:
        raise kind(f"{self._source.place(node.at)}: {complaint}")


def _written_out(node: tree.DeleteWhere) -> tree.Modify:
    """Return what *node* is short for (SPARQL 1.1 Update, 3.1.3.3)."""
    where = tree.Group(tuple(map(_pattern, node.quads.parts)))
    return tree.Modify(None, node.quads, None, (), where, at=node.at)


def _pattern(part: tree.Triple | tree.QuadGraph) -> tree.Pattern:
    if isinstance(part, tree.Triple):
        return tree.Triples((part,), at=part.at)
    group = tree.Group((tree.Triples(part.triples),) if part.triples else ())
    return tree.NamedGraph(part.name, group, at=part.at)


def _at(node: tree.Node) -> int:
    return node.at
