"""A statement that links things, as pages show it: its kind, its time, where it is printed."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from graph.namespaces import MP
from graph.publishing.pictures.networks import kinds_of_statement
from graph.publishing.site.figures import evidence_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graph.publishing.edition import Edition
    from graph.publishing.labels import Names

_MOST_EVIDENCE = 3
_MOST_VALUES = 100


def statement_values(
    edition: Edition, names: Names, statement: str, relation: str
) -> dict[str, Any]:
    """Return *statement* as plain values: its kinds, its time and its evidence."""
    said = _Said(edition, statement)
    evidence = said.iris("evidence")[:_MOST_EVIDENCE]
    return {
        "iri": statement,
        "address": names.named(statement)["address"],
        "relation": relation,
        "kinds": kinds_of_statement(edition, names, statement, relation),
        "from": said.text("from"),
        "to": said.text("to"),
        "evidence": [evidence_values(edition, names, each) for each in evidence],
        "documents": [names.named(each) for each in said.iris("statedIn")[:_MOST_EVIDENCE]],
    }


class _Said:
    def __init__(self, edition: Edition, statement: str) -> None:
        self._edition = edition
        self._node = ox.NamedNode(statement)

    def iris(self, name: str) -> list[str]:
        return sorted(each.value for each in self._terms(name) if isinstance(each, ox.NamedNode))

    def text(self, name: str) -> str | None:
        found = sorted(each.value for each in self._terms(name) if isinstance(each, ox.Literal))
        return found[0] if found else None

    def _terms(self, name: str) -> Iterator[object]:
        quads = self._edition.store.quads_for_pattern(
            self._node, ox.NamedNode(MP + name), None, self._edition.union
        )
        return (quad.object for quad in islice(quads, _MOST_VALUES))
