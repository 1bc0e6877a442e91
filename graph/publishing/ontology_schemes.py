"""The pages of concept schemes and of shapes, as plain values."""

from __future__ import annotations

import difflib
import json
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.description import Description
from graph.errors import MovedThing, UnknownThing
from graph.namespaces import ONTOLOGY_GRAPH
from graph.paths import bundled
from graph.publishing import ontology_reading as reading
from graph.publishing.ontology_names import Names, files
from graph.publishing.ontology_offers import FILE_FORMATS
from graph.publishing.ontology_shapes import shapes_in
from graph.publishing.ontology_usage import uses_of_concepts
from graph.publishing.ontology_values import (
    alignment_values,
    constraint_values,
    named_values,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from graph.publishing.edition import Edition
    from graph.publishing.ontology_reading import Concept, Scheme
    from graph.publishing.ontology_shapes import Shape
    from graph.publishing.ontology_values import Values

_NEAR = 3


def ontology_quads(store: ox.Store) -> list[ox.Quad]:
    """Return what the graph of the ontology holds, by subject, property and value."""
    quads = store.quads_for_pattern(None, None, None, ox.NamedNode(ONTOLOGY_GRAPH))
    return sorted(quads, key=lambda quad: tuple(map(str, quad.triple)))


def shapes() -> Sequence[Shape]:
    """Return the shapes that data is checked by."""
    return shapes_in(bundled("ontology") / "shapes")


def write_scheme_page(edition: Edition) -> None:
    """Write what the page of the scheme *scheme* says, as JSON."""
    described = Description.of(ontology_quads(edition.store))
    scheme = _scheme(described, edition.arguments["scheme"], edition.public_url)
    write_values(edition, lambda: _scheme_values(edition, scheme))


def write_shapes_page(edition: Edition) -> None:
    """Write what the page of the shapes says, as JSON."""
    names = Names(edition.public_url)
    address = f"{edition.public_url}ontology/shapes"
    write_values(
        edition,
        lambda: {
            "files": files(address, FILE_FORMATS[:1]),
            "shapes": [_shape(each, names) for each in shapes()],
        },
    )


def write_values(edition: Edition, values: Callable[[], Values]) -> None:
    """Write *values* as JSON, if they are wanted."""
    if edition.is_wanted:
        edition.out.write(json.dumps(values(), ensure_ascii=False).encode())


def _scheme(described: Description, name: str, public_url: str) -> Scheme:
    """Return the scheme called *name*; UnknownThing, with those that there are, if none is."""
    found = {each.name: each for each in reading.schemes(described)}
    if name in found:
        return found[name]
    if moved := next((each for each in found if each == name.lower()), None):
        address = f"{public_url}ontology/{moved}"
        raise MovedThing(f"the scheme is called {moved}; it is found at {address}", address)
    if any(
        term.name == name for term in (*reading.classes(described), *reading.properties(described))
    ):
        address = f"{public_url}ontology#{name}"
        raise MovedThing(f"{name} is a term of the ontology; it is found at {address}", address)
    near = difflib.get_close_matches(name, found, _NEAR) or list(found)
    raise UnknownThing(
        f"there is no concept scheme {name[:80]!r}; there are {', '.join(found)}",
        [
            {"iri": found[each].iri, "address": f"{public_url}ontology/{each}",
             "label": found[each].label("en")}
            for each in near
        ],
    )  # fmt: skip


def _scheme_values(edition: Edition, scheme: Scheme) -> Values:
    names = Names(edition.public_url)
    uses = uses_of_concepts(edition.store, scheme.iri)
    return {
        **scheme_summary(scheme, names),
        "files": files(f"{edition.public_url}data/def/{scheme.name}"),
        "concepts": [
            _concept(concept, names, uses) | {"depth": depth}
            for depth, concept in reading.in_tree_order(scheme.concepts)
        ],
    }


def scheme_summary(scheme: Scheme, names: Names) -> Values:
    """Return what there is to say of a scheme without its concepts."""
    return {**named_values(scheme, names), "name": scheme.name, "count": len(scheme.concepts)}


def _concept(concept: Concept, names: Names, uses: Mapping[str, int]) -> Values:
    return {
        **named_values(concept, names),
        "slug": concept.slug,
        "other_labels": concept.other_labels,
        "notations": concept.notations,
        "broader": names.references(concept.broader),
        "mappings": alignment_values(concept.mappings, names),
        "uses": uses.get(concept.iri, 0),
    }


def _shape(shape: Shape, names: Names) -> Values:
    return {
        "iri": shape.iri,
        "name": shape.iri.rpartition("#")[2],
        "targets": [{"how": how, "term": names.reference(iri)} for how, iri in shape.targets],
        "constraints": [constraint_values(each, names) for each in shape.constraints],
    }
