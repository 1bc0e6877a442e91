"""What the ontology says of its terms and schemes: one reading, for every writer."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graph.namespaces import BASE, DEF, MP, OWL, RDF_TYPE, RDFS, SKOS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graph.description import Description, Text

LANGUAGES = ("en", "fr", "de")
"""The languages in which every term and concept has a label."""

ONTOLOGY = BASE + "def"
_DCT = "http://purl.org/dc/terms/"
_KINDS = ("Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty")
_PARENTS = (RDFS + "subClassOf", RDFS + "subPropertyOf")
_ALIGNING = (
    *_PARENTS,
    OWL + "equivalentClass",
    OWL + "equivalentProperty",
    OWL + "inverseOf",
    *(f"{SKOS}{how}Match" for how in ("exact", "close", "broad", "narrow", "related")),
)


@dataclass(frozen=True, slots=True)
class Named:
    """What every term, scheme and concept has: names and what they mean."""

    iri: str
    labels: tuple[Text, ...]
    definitions: tuple[Text, ...]
    notes: tuple[Text, ...]
    replaced_by: tuple[str, ...]
    is_deprecated: bool

    def label(self, language: str) -> str:
        """Return the label in *language*, or nothing."""
        return next((text for text, tag in self.labels if tag == language), "")

    def definition(self, language: str = "en") -> str:
        """Return the definition in *language*, or nothing."""
        return next((text for text, tag in self.definitions if tag == language), "")


@dataclass(frozen=True, slots=True)
class Term(Named):
    """A class or a property of ours."""

    kind: str
    """What OWL calls it: `Class`, `ObjectProperty`, ..."""
    parents: tuple[str, ...]
    alignments: tuple[tuple[str, str], ...]
    """How it relates to terms of others: the property that says so, and the other term."""
    domains: tuple[str, ...]
    ranges: tuple[str, ...]
    inverses: tuple[str, ...]
    disjoint: tuple[str, ...]
    is_derived: bool
    is_symmetric: bool

    @property
    def name(self) -> str:
        """Its local name: `Cluster`."""
        return self.iri.removeprefix(MP)

    @property
    def own_parents(self) -> tuple[str, ...]:
        """Those of its parents that are terms of ours."""
        return tuple(iri for iri in self.parents if iri.startswith(MP))


@dataclass(frozen=True, slots=True)
class Concept(Named):
    """A concept of a scheme."""

    scheme: str
    other_labels: tuple[Text, ...]
    notations: tuple[str, ...]
    broader: tuple[str, ...]
    mappings: tuple[tuple[str, str], ...]

    @property
    def slug(self) -> str:
        """The end of its IRI."""
        return self.iri.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Scheme(Named):
    """A concept scheme with its concepts, in the order of their IRIs."""

    concepts: tuple[Concept, ...]

    @property
    def name(self) -> str:
        """The end of its IRI: `sector`."""
        return self.iri.removeprefix(DEF)


@dataclass(frozen=True, slots=True)
class Header:
    """What the ontology says of itself."""

    titles: tuple[Text, ...]
    descriptions: tuple[Text, ...]
    values: dict[str, tuple[str, ...]]
    """By name: version, version_iri, prior, created, modified, licence, creators."""


_HEADER = {
    "version": OWL + "versionInfo",
    "version_iri": OWL + "versionIRI",
    "prior": OWL + "priorVersion",
    "created": _DCT + "created",
    "modified": _DCT + "modified",
    "licence": _DCT + "license",
    "creators": _DCT + "creator",
}


def header(described: Description) -> Header:
    """Return what the ontology says of itself."""
    return Header(
        in_order(described.texts(ONTOLOGY, _DCT + "title")),
        in_order(described.texts(ONTOLOGY, _DCT + "description")),
        {name: _sorted(described, ONTOLOGY, iri) for name, iri in _HEADER.items()},
    )


def classes(described: Description) -> list[Term]:
    """Return the classes of ours, in order."""
    return _terms(described, _KINDS[:1])


def properties(described: Description) -> list[Term]:
    """Return the properties of ours, in order."""
    return _terms(described, _KINDS[1:])


def schemes(described: Description) -> list[Scheme]:
    """Return the schemes of ours with their concepts, in order."""
    members: dict[str, set[str]] = defaultdict(set)
    for iri in described.of_type(SKOS + "ConceptScheme"):
        members[iri].update(())
    for iri, about in described.objects.items():
        if SKOS + "inScheme" in about:
            for scheme in described.values(iri, SKOS + "inScheme"):
                members[scheme].add(iri)
    return [
        Scheme(
            *_named(described, iri, SKOS + "prefLabel"),
            tuple(_concept(described, concept, iri) for concept in sorted(members[iri])),
        )
        for iri in sorted(members)
        if iri.startswith(DEF)
    ]


def in_tree_order(concepts: Iterable[Concept]) -> Iterator[tuple[int, Concept]]:
    """Yield *concepts*, each once and below its first broader one, with how deep it is.

    One that only a circle leads to comes at the end, at the top.
    """
    known = {each.iri: each for each in concepts}
    below: dict[str, list[Concept]] = defaultdict(list)
    for each in known.values():
        below[next((iri for iri in each.broader if iri in known), "")].append(each)
    seen: set[str] = set()
    for start in (*below[""], *known.values()):
        waiting = [(0, start)]
        while waiting:
            depth, concept = waiting.pop()
            if concept.iri not in seen:
                seen.add(concept.iri)
                yield depth, concept
                waiting += ((depth + 1, each) for each in reversed(below[concept.iri]))


def in_order(texts: Iterable[Text]) -> tuple[Text, ...]:
    """Return *texts* in the order of our languages, then by tag and letter."""
    rank = {language: place for place, language in enumerate(LANGUAGES)}
    return tuple(sorted(texts, key=lambda text: (rank.get(text[1], len(rank)), text[1])))


def _terms(described: Description, kinds: tuple[str, ...]) -> list[Term]:
    return [
        _term(described, iri, kinds)
        for iri in described.of_type(*(OWL + kind for kind in kinds))
        if iri.startswith(MP)
    ]


def _term(described: Description, iri: str, kinds: tuple[str, ...]) -> Term:
    types = described.values(iri, RDF_TYPE)
    return Term(
        *_named(described, iri, RDFS + "label"),
        kind=next(kind for kind in kinds if OWL + kind in types),
        parents=tuple(sorted(parent for how in _PARENTS for parent in described.values(iri, how))),
        alignments=_elsewhere(described, iri),
        domains=_sorted(described, iri, RDFS + "domain"),
        ranges=_sorted(described, iri, RDFS + "range"),
        inverses=tuple(
            each for each in _sorted(described, iri, OWL + "inverseOf") if each.startswith(MP)
        ),
        disjoint=_sorted(described, iri, OWL + "disjointWith"),
        is_derived="true" in described.values(iri, MP + "derived"),
        is_symmetric=OWL + "SymmetricProperty" in types,
    )


def _concept(described: Description, iri: str, scheme: str) -> Concept:
    return Concept(
        *_named(described, iri, SKOS + "prefLabel"),
        scheme=scheme,
        other_labels=in_order(described.texts(iri, SKOS + "altLabel")),
        notations=_sorted(described, iri, SKOS + "notation"),
        broader=_sorted(described, iri, SKOS + "broader"),
        mappings=_elsewhere(described, iri),
    )


def _named(
    described: Description, iri: str, label: str
) -> tuple[str, tuple[Text, ...], tuple[Text, ...], tuple[Text, ...], tuple[str, ...], bool]:
    """Return what `Named` is made of."""
    return (
        iri,
        in_order(described.texts(iri, label)),
        in_order(described.texts(iri, SKOS + "definition")),
        in_order(described.texts(iri, SKOS + "scopeNote")),
        _sorted(described, iri, _DCT + "isReplacedBy"),
        "true" in described.values(iri, OWL + "deprecated"),
    )


def _elsewhere(described: Description, iri: str) -> tuple[tuple[str, str], ...]:
    """Return how *iri* relates to terms that are not ours."""
    return tuple(
        (how, other)
        for how in _ALIGNING
        for other in _sorted(described, iri, how)
        if not other.startswith(BASE)
    )


def _sorted(described: Description, iri: str, predicate: str) -> tuple[str, ...]:
    return tuple(sorted(described.values(iri, predicate)))
