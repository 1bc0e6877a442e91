"""Admit a text as a query that this server answers: one query, and no update."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Self, cast

from graph.errors import ForbiddenOperation, QueryRejected
from graph.federation.plan import Plan
from graph.federation.planning import planned
from graph.sparql.matches import FUNCTIONS
from graph.sparql.searching import searching
from graph.sparql.tokens import Source, tokens

if TYPE_CHECKING:
    from graph.sparql.template import Reading, TemplateCache

QueryForm = Literal["select", "ask", "construct", "describe"]

_FORMS = frozenset(("SELECT", "ASK", "CONSTRUCT", "DESCRIBE"))
_UPDATES = frozenset(
    ("INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH")
)
_HIERARCHICAL = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*://")


@dataclass(frozen=True, slots=True)
class Admitted:
    """What is known of a query before it is evaluated, as plain values."""

    form: QueryForm
    engine_text: str
    """The query as the engine reads it, with the engine's own faults written around."""
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    """The graphs after FROM and after FROM NAMED."""
    is_volatile: bool = False
    """The same text has another answer next time: it uses NOW, RAND, UUID and the like."""
    prefixes: dict[str, str] = field(default_factory=dict[str, str])
    filters_graphs: bool = False
    """The text for the engine has filters for hidden graphs: see `graph.sparql.hidden_graphs`."""
    fingerprint: str = ""
    """The same for queries that differ in constants, prefixes and white space only."""
    searches: bool = False
    """The text for the engine has places for what a search of names finds: see `matches`."""

    repairs: tuple[str, ...] = ()
    """What was written in another way for the engine: some of `graph.sparql.repairs.REPAIRS`."""
    federation: Plan | None = None
    """What other endpoints are asked first, for rows that the text for the engine waits for."""

    def as_values(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return asdict(self)

    @classmethod
    def from_values(cls, values: dict[str, Any]) -> Self:
        """Return what `as_values` has told of."""
        plan = Plan.from_values(values["federation"]) if values["federation"] else None
        fields: dict[str, Any] = {**values, "federation": plan}
        return cls(**fields)

    @property
    def kind(self) -> Literal["table", "graph"]:
        """Tell whether the answer is a table (SELECT, ASK) or a graph (CONSTRUCT, DESCRIBE)."""
        return "table" if self.form in ("select", "ask") else "graph"


def admit(templates: TemplateCache, text: str) -> Admitted:
    """Read *text*, or say at which place it is no query that this server answers."""
    if not text.strip():
        raise QueryRejected("the query is empty; send the text of a SPARQL query")
    try:
        return admitted(templates.read(text))
    except QueryRejected:
        _refuse_update(text, templates.max_nesting)
        raise


def admit_known(templates: TemplateCache, text: str) -> Admitted | None:
    """Read *text* if its template is known and nobody else is asked, which takes microseconds."""
    reading = templates.known(text)
    return None if reading is None or reading.services else admitted(reading)


def admitted(reading: Reading) -> Admitted:
    """Return what there is to know of *reading*."""
    if reading.services:
        local, plan, repairs = planned(reading)
        filters = local.filters_graphs
        return _admitted(reading, local.text, filters, local.searches, repairs, plan)
    found = searching(reading) if FUNCTIONS in reading.source.text else None
    engine_text, filters = found or (reading.engine_text, reading.template.filters_graphs)
    repairs = reading.template.repairs
    return _admitted(reading, engine_text, filters, found is not None, repairs)


def _admitted(
    reading: Reading,
    engine_text: str,
    filters_graphs: bool,
    searches: bool,
    repairs: tuple[str, ...],
    plan: Plan | None = None,
) -> Admitted:
    return Admitted(
        cast("QueryForm", reading.form),
        engine_text,
        reading.default_graphs,
        reading.named_graphs,
        reading.is_volatile or plan is not None,
        {name: iri for name, iri in reading.template.prefixes.items() if _HIERARCHICAL.match(iri)},
        filters_graphs,
        reading.template.fingerprint,
        searches,
        repairs,
        plan,
    )


def _refuse_update(text: str, max_nesting: int) -> None:
    """Say so if *text*, which is no query, begins like an update."""
    for token in tokens(Source.of(text), max_nesting):
        if token.type in _FORMS:
            return
        if token.type in _UPDATES:
            raise ForbiddenOperation(
                f"this is an update ({token.type}), and the data cannot be changed here; "
                "send a query: SELECT, ASK, CONSTRUCT or DESCRIBE"
            )
