"""What only some kinds of things have: a statement says something, a document holds evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graph.namespaces import MP, SKOS
from graph.publishing.site.figures import figure_values
from graph.publishing.site.things.areas import area_parts
from graph.publishing.site.things.asking import iris_about
from graph.publishing.site.things.concepts import concept_parts
from graph.publishing.site.things.sources import document_parts, evidence_parts

if TYPE_CHECKING:
    import pyoxigraph as ox

    from graph.publishing.site.things.statements import Statements

_PHASES = f"SELECT ?phase {{ ?phase <{MP}phaseOf> ?thing FILTER (isIRI(?phase)) }} LIMIT 100"
_TOLD_ELSEWHERE = frozenset(
    {"from", "to", "timeBasis", "timeAsPrinted", "evidence", "statedIn", "confidence", "status"}
)
"""Properties of statements that have a place of their own on a page."""


def own_parts(
    statements: Statements,
    thing: ox.NamedNode,
    kinds: set[str],
) -> dict[str, Any]:
    """Return what *thing* has because it is of these *kinds*; None for what it has not."""
    is_concept = bool(kinds & {SKOS + "Concept", SKOS + "ConceptScheme"})
    return {
        "statement": _statement(statements, thing, kinds),
        "evidence": evidence_parts(statements, thing) if "Evidence" in kinds else None,
        "document": document_parts(statements, thing) if "SourceDocument" in kinds else None,
        "concept": concept_parts(statements, thing) if is_concept else None,
        "area": area_parts(statements, thing) if "Area" in kinds else None,
        "phases": _phases(statements, thing) if "Programme" in kinds else [],
        "phase_of": statements.values(thing, "phaseOf"),
    }


def _statement(
    statements: Statements,
    thing: ox.NamedNode,
    kinds: set[str],
) -> dict[str, Any] | None:
    if "Statement" not in kinds:
        return None
    said = {
        name: statements.values(thing, name)
        for name in statements.properties(thing)
        if name not in _TOLD_ELSEWHERE
    }
    of_others = [value for name, values in said.items() if name != "about" for value in values]
    if "about" in said:  # which may be derived from what is said of somebody in particular
        said["about"] = [each for each in said["about"] if each not in of_others]
    return {
        **statements.told(thing),
        "figure": figure_values(statements.edition, statements.names, thing.value)
        if "KeyFigure" in kinds
        else None,
        "says": [
            {"title": statements.names.named(MP + name), "values": values}
            for name, values in said.items()
            if values
        ],
    }


def _phases(statements: Statements, thing: ox.NamedNode) -> list[dict[str, Any]]:
    return [
        statements.names.named(each)
        for each in sorted(iris_about(statements.edition, _PHASES, thing))
    ]
