"""What the grammar does not say: the notes of section 19.8 and what they refer to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph.sparql import tree
from graph.sparql.scope import Scope, Scopes, is_grouped, variables, within

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graph.sparql.tokens import Source


def check(source: Source, scopes: Scopes) -> None:
    """Refuse the operation of *scopes* where it breaks a rule; *source* is the text it is from."""
    _Check(source, scopes).run()


class _Check:
    def __init__(self, source: Source, scopes: Scopes) -> None:
        self._source = source
        self._scopes = scopes
        self._labels: dict[str, int] = {}
        self._data_labels: dict[str, int] = {}
        self._aggregates: set[int] = set()
        """Those that stand where an aggregate may stand."""
        self._term_places: dict[int, str] = {}

    def run(self) -> None:
        # From the outside in: what a node says of those below it is noted before they are met.
        for node in reversed(self._scopes.nodes):
            if isinstance(node, tree.Select | tree.Construct | tree.Describe | tree.Ask):
                self._note_aggregates(node)
            self._check(node)

    def _check(self, node: tree.Node) -> None:
        match node:
            case tree.Group():
                self._check_group(node)
            case tree.Select():
                self._check_select(node)
            case tree.Construct():
                self._check_template(node.template, "CONSTRUCT")
            case tree.Aggregate():
                self._check_aggregate(node)
            case tree.Values():
                self._check_values(node)
            case tree.Triple():
                self._note_term_places((node.subject, node.object), "pattern")
            case tree.TripleTerm():
                self._check_triple_term(node)
            case tree.InsertData() | tree.DeleteData() | tree.DeleteWhere() | tree.Modify():
                self._check_quads(node)
            case _:
                pass

    # Groups

    def _check_group(self, group: tree.Group) -> None:
        in_scope: set[str] = set()
        pattern = -1
        for element in group.elements:
            if isinstance(element, tree.Bind) and element.variable.name in in_scope:
                raise self._source.rejected(
                    element.variable.at,
                    f"BIND gives ?{element.variable.name} a value, and it has one by then; "
                    "use another variable, or compare with FILTER",
                )
            if not isinstance(element, tree.Minus):
                in_scope.update(self._scopes.of(element))
            if isinstance(element, tree.Triples):
                pattern = element.at if pattern < 0 else pattern
                self._check_labels(element, pattern)
            elif not isinstance(element, tree.Filter):
                pattern = -1

    def _check_labels(self, block: tree.Triples, pattern: int) -> None:
        """Refuse one label in two basic graph patterns (5.1.1): it would be two nodes."""
        for node in _below(block.triples):
            if isinstance(node, tree.BlankNode) and (
                self._labels.setdefault(node.label, pattern) != pattern
            ):
                raise self._source.rejected(
                    node.at,
                    f"_:{node.label} stands in two patterns that do not touch, so it would be "
                    "two nodes; write a variable instead",
                )

    # Queries

    def _check_select(self, query: tree.Select) -> None:
        if query.projection is None:
            if is_grouped(query):
                raise self._source.rejected(
                    query.at, "SELECT * cannot be grouped; name the columns after SELECT"
                )
            return
        keys = _group_keys(query.modifiers)
        has_groups = is_grouped(query)
        in_scope = keys if has_groups else self._scopes.of(query.where)
        assigned: set[str] = set()
        for each in query.projection:
            if has_groups:
                self._check_grouped(each, keys.keys() | assigned)
            if isinstance(each, tree.Assignment):
                name = each.variable.name
                if name in in_scope or name in assigned:
                    raise self._source.rejected(
                        each.variable.at,
                        f"AS gives ?{name} a value, and it has one already; use another variable",
                    )
                assigned.add(name)

    def _check_grouped(self, shown: tree.Variable | tree.Assignment, keys: set[str]) -> None:
        """Refuse a variable that has many values in a group (11.4 and 18.2.4.1)."""
        root = shown.expression if isinstance(shown, tree.Assignment) else shown
        waiting: list[tree.Node] = [root]
        while waiting:
            node = waiting.pop()
            if isinstance(node, tree.Variable) and node.name not in keys:
                raise self._source.rejected(
                    node.at,
                    f"?{node.name} has many values in a group; put it in GROUP BY, "
                    f"or in an aggregate such as SAMPLE(?{node.name})",
                )
            if not isinstance(node, tree.Aggregate | tree.Exists):
                waiting.extend(tree.children(node))

    def _note_aggregates(self, query: tree.Query) -> None:
        modifiers = query.modifiers
        roots: list[tree.Node] = [*modifiers.having, *modifiers.order_by]
        if isinstance(query, tree.Select):
            roots += query.projection or ()
        for root in roots:
            self._aggregates.update(
                id(node) for node in within(root) if isinstance(node, tree.Aggregate)
            )

    def _check_aggregate(self, aggregate: tree.Aggregate) -> None:
        if id(aggregate) not in self._aggregates:
            raise self._source.rejected(
                aggregate.at,
                f"{aggregate.name} may stand only after SELECT, HAVING or ORDER BY; "
                "here it would have no group to work on. Use a sub-SELECT",
            )
        for node in within(aggregate.argument) if aggregate.argument is not None else ():
            if isinstance(node, tree.Aggregate):
                raise self._source.rejected(
                    node.at, f"{node.name} cannot stand inside {aggregate.name}; use a sub-SELECT"
                )

    def _check_values(self, values: tree.Values) -> None:
        seen: set[str] = set()
        for variable in values.variables:
            if variable.name in seen:
                raise self._source.rejected(
                    variable.at, f"VALUES names ?{variable.name} twice; name it once"
                )
            seen.add(variable.name)
        self._note_term_places(
            (term for row in values.rows for term in row if term is not None), "data"
        )

    # Triple terms

    def _note_term_places(self, nodes: Iterable[tree.Node], place: str) -> None:
        for node in _below(nodes):
            if isinstance(node, tree.TripleTerm):
                self._term_places[id(node)] = place

    def _check_triple_term(self, term: tree.TripleTerm) -> None:
        """Refuse what the productions of triple terms in data and in expressions leave out."""
        place = self._term_places.get(id(term), "expression")
        if place != "pattern" and isinstance(term.subject, tree.TripleTerm):
            raise self._source.rejected(
                term.subject.at, "a triple term cannot be the subject of a triple term"
            )
        if place != "pattern" and isinstance(term.subject, tree.Literal):
            raise self._source.rejected(
                term.subject.at, "a literal cannot be the subject of a triple term"
            )
        for part in (term.subject, term.predicate, term.object):
            if place == "data" and isinstance(part, tree.Variable):
                raise self._source.rejected(
                    part.at, f"?{part.name} stands in VALUES, where only values can stand"
                )
            if place != "pattern" and isinstance(part, tree.BlankNode):
                raise self._source.rejected(
                    part.at, "a blank node cannot stand in a triple term here"
                )

    # Templates and updates

    def _check_quads(
        self, operation: tree.InsertData | tree.DeleteData | tree.DeleteWhere | tree.Modify
    ) -> None:
        if isinstance(operation, tree.Modify):
            if operation.delete is not None:
                self._check_template(operation.delete.parts, "DELETE")
                self._refuse_blank_nodes(operation.delete, "DELETE")
            if operation.insert is not None:
                self._check_template(operation.insert.parts, "INSERT")
            return
        is_insert = isinstance(operation, tree.InsertData)
        name = "INSERT DATA" if is_insert else "DELETE"
        self._check_template(operation.quads.parts, name)
        if not is_insert:
            self._refuse_blank_nodes(operation.quads, name)
        if not isinstance(operation, tree.DeleteWhere):
            self._check_data(operation.quads)

    def _check_template(self, parts: Iterable[tree.Node], name: str) -> None:
        for part in parts:
            if isinstance(part, tree.QuadGraph):
                self._check_template(part.triples, name)
            elif isinstance(part, tree.Triple) and not isinstance(
                part.predicate, tree.Variable | tree.IRI
            ):
                raise self._source.rejected(
                    part.predicate.at,
                    f"a property path cannot stand in a template of {name}; "
                    "it finds triples, and cannot make them",
                )

    def _refuse_blank_nodes(self, quads: tree.Quads, name: str) -> None:
        for node in _below([quads]):
            if isinstance(node, tree.BlankNode):
                raise self._source.rejected(
                    node.at,
                    f"a blank node cannot stand in {name}, since it names nothing that is there; "
                    "write a variable, and find its value with WHERE",
                )

    def _check_data(self, quads: tree.Quads) -> None:
        for node in _below([quads]):
            if isinstance(node, tree.Variable):
                raise self._source.rejected(
                    node.at, f"?{node.name} stands in data, where only values can stand"
                )
            if isinstance(node, tree.BlankNode) and (
                self._data_labels.setdefault(node.label, id(quads)) != id(quads)
            ):
                raise self._source.rejected(
                    node.at, f"_:{node.label} stands in two INSERT DATA; use another label"
                )


def _group_keys(modifiers: tree.Modifiers) -> Scope:
    keys = [
        key.variable if isinstance(key, tree.Assignment) else key
        for key in modifiers.group_by
        if isinstance(key, tree.Variable | tree.Assignment)
    ]
    return variables(keys)


def _below(roots: Iterable[tree.Node]) -> Iterable[tree.Node]:
    for root in roots:
        yield from tree.walk(root)
