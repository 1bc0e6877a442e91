"""What pages say of anything in the ontology, as plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graph.publishing.ontology.names import Names, Reference
    from graph.publishing.ontology.reading import Named
    from graph.publishing.ontology.shapes import Constraint

Values = dict[str, Any]


def constraint_values(constraint: Constraint, names: Names) -> Values:
    """Return what there is to say of *constraint*."""
    choices = [
        names.reference(each) if each.startswith(("http:", "https:")) else _plain(each)
        for each in constraint.choices
    ]
    return {
        "path": names.reference(constraint.path) if constraint.path else None,
        "how_many": constraint.how_many if constraint.path else "",
        "kinds": names.references(constraint.kinds),
        "choices": choices,
        "limits": [
            {"name": name, **(names.reference(value) if "://" in value else _plain(value))}
            for name, value in constraint.limits
        ],
        "messages": constraint.messages,
    }


def _plain(text: str) -> Reference:
    return {"iri": "", "text": text, "href": ""}


def named_values(named: Named, names: Names) -> Values:
    """Return what there is to say of all that has a name."""
    return {
        "iri": named.iri,
        "short": names.reference(named.iri)["text"],
        "labels": named.labels,
        "definitions": named.definitions,
        "notes": named.notes,
        "is_deprecated": named.is_deprecated,
        "replaced_by": names.references(named.replaced_by),
    }


def alignment_values(found: Iterable[tuple[str, str]], names: Names) -> list[Values]:
    """Return how something relates to terms of others."""
    return [{"how": names.reference(how), "term": names.reference(other)} for how, other in found]
