"""Read SPARQL once: what is known of a template serves every text that has its shape.

    reader = TemplateCache(base="http://localhost:8000/sparql")
    reading = reader.read("SELECT * { ?s ?p 1 }", "query")
    reading.form, reading.columns, reading.engine_text

A text is a template and its constants (IRIs in `<>`, strings, numbers). Two texts with the same
template differ in nothing that the parser, the rules or the repairs look at, so these run once.
A text whose template is known costs one pass of the lexer.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass, replace
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Literal, TypeVar

from graph.errors import QueryRejected
from graph.limits import MAX_NESTING
from graph.sparql import constants, printer, tree
from graph.sparql.hidden_graphs import filtered_graphs
from graph.sparql.parser import Kind, parse_template
from graph.sparql.repairs import HIDES_GRAPHS, with_repairs
from graph.sparql.tokens import Pieces, Source, rejected

if TYPE_CHECKING:
    from graph.sparql.scope import Scopes

_Op = TypeVar("_Op", bound=tree.Operation)
Form = Literal["select", "ask", "construct", "describe", "update"]

VOLATILE = frozenset(("NOW", "RAND", "UUID", "STRUUID", "BNODE"))
"""Functions that give another value each time."""

_FORMS: dict[type[tree.Node], Form] = {
    tree.Select: "select",
    tree.Ask: "ask",
    tree.Construct: "construct",
    tree.Describe: "describe",
    tree.Update: "update",
}


@dataclass(frozen=True, slots=True)
class Template:
    """What all texts of one shape have in common; its IRIs may be slots."""

    form: Form
    operation: tree.Operation
    """The tree as the text has it; `segments` are printed from the repaired one."""
    segments: tuple[printer.Segment, ...]
    fingerprint: str
    """The same for queries that differ in constants, prefixes and white space only."""
    columns: tuple[str, ...] | None
    """The variables of a SELECT in order; None for other forms."""
    dataset: tuple[tree.From, ...]
    """FROM and FROM NAMED; in updates, USING and USING NAMED."""
    services: tuple[tree.Variable | tree.IRI, ...]
    functions: tuple[tree.IRI, ...]
    builtins: frozenset[str]
    aggregates: frozenset[str]
    prefixes: dict[str, str]
    versions: tuple[str, ...]
    filters_graphs: bool
    """The text for the engine has filters for hidden graphs, whose names are still to be put in."""
    repairs: tuple[str, ...]
    """What was written in another way for the engine: some of `graph.sparql.repairs.REPAIRS`."""
    bases: tuple[str | None, ...]
    """What each constant is resolved against, when it is a relative IRI."""


@dataclass(frozen=True)
class Reading:
    """One text, read: its template and its constants."""

    template: Template
    source: Source
    engine_text: str
    """The text for the engine: what the engine gets wrong is written in another way."""

    @property
    def form(self) -> Form:
        """What the text asks for."""
        return self.template.form

    @property
    def columns(self) -> tuple[str, ...] | None:
        """The variables of a SELECT in order; None for other forms."""
        return self.template.columns

    @property
    def is_volatile(self) -> bool:
        """Tell whether the same text may have another answer on the same data."""
        return not VOLATILE.isdisjoint(self.template.builtins)

    @property
    def services(self) -> tuple[str | None, ...]:
        """The endpoints that SERVICE asks; None for one that is a variable."""
        return tuple(
            self.iri(each) if isinstance(each, tree.IRI) else None
            for each in self.template.services
        )

    @property
    def functions(self) -> tuple[str, ...]:
        """The functions called by IRI: casts and extensions."""
        return tuple(map(self.iri, self.template.functions))

    @property
    def default_graphs(self) -> tuple[str, ...]:
        """The graphs after FROM or USING."""
        return tuple(self.iri(each.graph) for each in self.template.dataset if not each.is_named)

    @property
    def named_graphs(self) -> tuple[str, ...]:
        """The graphs after FROM NAMED or USING NAMED."""
        return tuple(self.iri(each.graph) for each in self.template.dataset if each.is_named)

    @cached_property
    def operation(self) -> tree.Operation:
        """The tree with its constants."""
        return filled(self.template.operation, self.source)

    def iri(self, node: tree.IRI) -> str:
        """Return what *node* of the template's tree is in this text."""
        if isinstance(node.value, str):
            return node.value
        constant = self.source.split.constants[node.value.number]
        return constants.iri_value(constant, node.value.base)

    def place(self, node: tree.Node) -> str:
        """Name where *node* of the template's tree stands in this text, as line and column."""
        return self.source.place(node.at)


class TemplateCache:
    """Reads texts, and keeps the templates that were used last.

    *max_bytes* is counted in text; with its tree, a template takes about 25 times as much memory.
    """

    def __init__(
        self,
        base: str | None = None,
        *,
        max_templates: int = 1000,
        max_bytes: int = 1_000_000,
        max_template_bytes: int = 16_000,
        max_nesting: int = MAX_NESTING,
    ) -> None:
        self._base = base
        self._max_templates = max_templates
        self._max_bytes = max_bytes
        self._max_template_bytes = max_template_bytes
        self.max_nesting = max_nesting
        """How deep brackets may nest."""
        self._templates: OrderedDict[tuple[Kind, tuple[str, ...], str], Template] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def __len__(self) -> int:
        """Return how many templates are kept."""
        return len(self._templates)

    def known(self, text: str, kind: Kind = "query") -> Reading | None:
        """Read *text* if its template is known, which takes microseconds."""
        source = Source.of(text)
        template = self._find(kind, source.split)
        return None if template is None else instantiate(template, source)

    def read(self, text: str, kind: Kind = "query") -> Reading:
        """Read *text*, or say at which place it cannot be read."""
        source = Source.of(text)
        template = self._find(kind, source.split)
        if template is None:
            template = read_template(source, kind, self._base, self.max_nesting)
            reading = instantiate(template, source)
            self._keep(kind, source.split, template)
            return reading
        return instantiate(template, source)

    def _find(self, kind: Kind, split: Pieces) -> Template | None:
        key = (kind, split.runs, split.signature)
        with self._lock:
            template = self._templates.get(key)
            if template is not None:
                self._templates.move_to_end(key)
        return template

    def _keep(self, kind: Kind, split: Pieces, template: Template) -> None:
        key = (kind, split.runs, split.signature)
        size = _size(split)
        if size > self._max_template_bytes:
            return
        with self._lock:
            if key not in self._templates:
                self._bytes += size
            self._templates[key] = template
            while len(self._templates) > self._max_templates or self._bytes > self._max_bytes:
                (_, runs, signature), _ = self._templates.popitem(last=False)
                self._bytes -= _size(Pieces(runs, (), signature))


def read_template(
    source: Source, kind: Kind, base: str | None = None, max_nesting: int = MAX_NESTING
) -> Template:
    """Parse *source*, check it and repair it; this is the part that takes milliseconds."""
    parsed = parse_template(source, kind, base, max_nesting)
    operation = parsed.operation
    nodes = list(tree.walk(operation))
    printed = printer.segments(operation)
    after, repairs = with_repairs(operation)
    shown = after if isinstance(after, tree.Update) else filtered_graphs(after)
    return Template(
        form=_FORMS[type(operation)],
        operation=operation,
        segments=printed if shown is operation else printer.segments(shown),
        fingerprint=_fingerprint(printed, source.split),
        columns=_columns(operation, parsed.scopes),
        dataset=tuple(node for node in nodes if isinstance(node, tree.From)),
        services=tuple(node.endpoint for node in nodes if isinstance(node, tree.Service)),
        functions=tuple(node.function for node in nodes if isinstance(node, tree.FunctionCall)),
        builtins=frozenset(node.name for node in nodes if isinstance(node, tree.BuiltIn)),
        aggregates=frozenset(node.name for node in nodes if isinstance(node, tree.Aggregate)),
        prefixes=parsed.prefixes,
        versions=parsed.versions,
        filters_graphs=shown is not after,
        repairs=(*repairs, HIDES_GRAPHS) if shown is not after else repairs,
        bases=_bases(nodes, len(source.split.constants)),
    )


def instantiate(template: Template, source: Source) -> Reading:
    """Put the constants of *source* where the slots of its *template* are."""
    split = source.split
    if not split.constants:
        return Reading(template, source, str(template.segments[0]))
    try:
        written = list(map(constants.written, split.constants, template.bases))
    except QueryRejected:
        raise _bad_constant(template, source) from None
    text = "".join(
        [each if isinstance(each, str) else written[each.number] for each in template.segments]
    )
    return Reading(template, source, text)


def parse(
    text: str, kind: Kind = "query", base: str | None = None, max_nesting: int = MAX_NESTING
) -> tree.Operation:
    """Read *text* into a tree, constants and all."""
    source = Source.of(text)
    operation = parse_template(source, kind, base, max_nesting).operation
    return filled(operation, source)


def filled(operation: _Op, source: Source) -> _Op:
    """Return *operation* with the constants of *source* in the places of its slots."""
    values = source.split.constants

    def fill(node: tree.Node) -> tree.Node:
        if isinstance(node, tree.IRI) and isinstance(node.value, tree.Slot):
            slot = node.value
            try:
                iri = constants.iri_value(values[slot.number], slot.base)
            except QueryRejected as error:
                raise source.rejected(node.at, str(error)) from None
            return replace(node, value=iri)
        if isinstance(node, tree.Literal) and isinstance(node.lexical, tree.Slot):
            return replace(node, lexical=constants.value(values[node.lexical.number], None))
        return node

    return tree.rewrite(operation, fill)


def _size(split: Pieces) -> int:
    return sum(map(len, split.runs)) + 20 * len(split.signature)


def _columns(operation: tree.Operation, scopes: Scopes) -> tuple[str, ...] | None:
    if not isinstance(operation, tree.Select):
        return None
    if operation.projection is None:
        return scopes.columns(operation)
    return tuple(
        (each.variable if isinstance(each, tree.Assignment) else each).name
        for each in operation.projection
    )


def _bases(nodes: list[tree.Node], number: int) -> tuple[str | None, ...]:
    bases: list[str | None] = [None] * number
    for node in nodes:
        if isinstance(node, tree.IRI) and isinstance(node.value, tree.Slot):
            bases[node.value.number] = node.value.base
    return tuple(bases)


def _fingerprint(printed: tuple[printer.Segment, ...], split: Pieces) -> str:
    shape = "".join(
        each if isinstance(each, str) else f"${split.signature[each.number]}" for each in printed
    )
    return hashlib.sha256(shape.encode()).hexdigest()[:16]


def _bad_constant(template: Template, source: Source) -> QueryRejected:
    """Say which constant cannot be written, and where it stands."""
    start = 0
    for number, run in enumerate(source.split.runs):
        start += len(run)
        constant = source.split.constants[number]
        try:
            constants.written(constant, template.bases[number])
        except QueryRejected as error:
            return rejected(source.text, start, str(error))
        start += len(constant)
    raise AssertionError("all constants can be written")
