"""The pages of concept schemes and of shapes, as plain values."""

from __future__ import annotations

import difflib
import json
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.description import Description
from graph.errors import MovedThing, UnknownThing
from graph.held import held
from graph.namespaces import DEF, ONTOLOGY_GRAPH, SKOS
from graph.paths import bundled
from graph.publishing.ontology import reading
from graph.publishing.ontology.names import Names, files
from graph.publishing.ontology.offers import FILE_FORMATS
from graph.publishing.ontology.shapes import shapes_in
from graph.publishing.ontology.usage import uses_of_concepts
from graph.publishing.ontology.values import (
    alignment_values,
    constraint_values,
    named_values,
)
from graph.publishing.site.tools import tools
from graph.publishing.things.description import instantiated
from graph.query_texts import text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from graph.publishing.edition import Edition
    from graph.publishing.ontology.reading import Concept, Scheme
    from graph.publishing.ontology.shapes import Shape
    from graph.publishing.ontology.values import Values

_NEAR = 3
_ONTOLOGY = ox.NamedNode(ONTOLOGY_GRAPH)
_IN_SCHEME = ox.NamedNode(SKOS + "inScheme")


def ontology_quads(store: ox.Store) -> list[ox.Quad]:
    """Return what the graph of the ontology holds, by subject, property and value."""
    return _ordered(store.quads_for_pattern(None, None, None, _ONTOLOGY))


def _ordered(quads: Iterable[ox.Quad]) -> list[ox.Quad]:
    return sorted(quads, key=lambda quad: tuple(map(str, quad.triple)))


def _scheme_named(store: ox.Store, name: str) -> Scheme | None:
    """Return the scheme called *name*, reading no more than it; None if there is none."""
    try:
        iri = ox.NamedNode(DEF + name)
    except ValueError:
        return None
    members = store.quads_for_pattern(None, _IN_SCHEME, iri, _ONTOLOGY)
    subjects = dict.fromkeys((iri, *(quad.subject for quad in members)))
    quads = (
        quad for each in subjects for quad in store.quads_for_pattern(each, None, None, _ONTOLOGY)
    )
    found = reading.schemes(Description.of(_ordered(quads)))
    return next((each for each in found if each.name == name), None)


@held
def shapes() -> Sequence[Shape]:
    """Return the shapes that data is checked by."""
    return shapes_in(bundled("ontology") / "shapes")


def write_scheme_page(edition: Edition) -> None:
    """Write what the page of the scheme *scheme* says, as JSON."""
    name = edition.arguments["scheme"]
    if (scheme := _scheme_named(edition.store, name)) is None:
        raise _elsewhere(edition, name)
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
            "tools": tools(edition.public_url, text_of("use-of-shapes"), ()),
        },
    )


def write_values(edition: Edition, values: Callable[[], Values]) -> None:
    """Write *values* as JSON, if they are wanted."""
    if edition.is_wanted:
        edition.out.write(json.dumps(values(), ensure_ascii=False).encode())


def _elsewhere(edition: Edition, name: str) -> MovedThing | UnknownThing:
    """Return where *name*, which is no scheme, leads to; or else which schemes there are."""
    described, public_url = Description.of(ontology_quads(edition.store)), edition.public_url
    found = {each.name: each for each in reading.schemes(described)}
    if moved := next((each for each in found if each == name.lower()), None):
        address = f"{public_url}ontology/{moved}"
        return MovedThing(f"the scheme is called {moved}; it is found at {address}", address)
    terms = (*reading.classes(described), *reading.properties(described))
    if any(term.name == name for term in terms):
        address = f"{public_url}ontology#{name}"
        return MovedThing(f"{name} is a term of the ontology; it is found at {address}", address)
    near = difflib.get_close_matches(name, found, _NEAR) or list(found)
    return UnknownThing(
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
        "tools": _tools(edition, scheme),
    }


def _tools(edition: Edition, scheme: Scheme) -> Values:
    query = instantiated(text_of("concepts-of-a-scheme"), ox.NamedNode(scheme.iri), None)
    told = tools(edition.public_url, query, (), permalink=scheme.iri)
    return {**told, "files": files(f"{edition.public_url}data/def/{scheme.name}")}


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
