"""What the ontology of a store says, read once for as long as its graph does not change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from graph.description import Description
from graph.namespaces import ONTOLOGY_GRAPH
from graph.publishing.ontology import reading
from graph.publishing.ontology.schemes import ontology_quads

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graph.publishing.edition import Edition
    from graph.publishing.ontology.reading import Header, Scheme, Term


@dataclass(frozen=True, slots=True)
class Ontology:
    """All terms and schemes of one ontology, in order."""

    header: Header
    classes: Sequence[Term]
    properties: Sequence[Term]
    schemes: Sequence[Scheme]


def ontology_of(edition: Edition) -> Ontology:
    """Return what the ontology says in the generation that *edition* shows."""
    facts = edition.generation
    changed = facts.changed.get(ONTOLOGY_GRAPH)
    if not facts.store_id or changed is None:  # nothing says how long it stays as it is
        return _read(edition)
    key = (facts.store_id, changed)
    if key not in _KEPT:
        _KEPT.clear()
        _KEPT[key] = _read(edition)
    return _KEPT[key]


_KEPT: dict[tuple[str, int], Ontology] = {}


def _read(edition: Edition) -> Ontology:
    described = Description.of(ontology_quads(edition.store))
    return Ontology(
        reading.header(described),
        reading.classes(described),
        reading.properties(described),
        reading.schemes(described),
    )
