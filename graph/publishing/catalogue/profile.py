"""The profile that the data follows: where its schema, shapes, vocabularies and examples are."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from graph.addresses import data_of
from graph.namespaces import DEF, OWL, RDF_TYPE, RDFS, SKOS
from graph.publishing.catalogue.describing import DCT, PROF, ROLE, Said, Texts, write_rdf
from graph.publishing.catalogue.formats import EU, FILE_TYPES
from graph.publishing.publisher import publisher_of

if TYPE_CHECKING:
    from graph.publishing.edition import Edition

_TITLE: Texts = {
    "en": "Metapole: profile of data on industrial clusters",
    "fr": "Metapole : profil des données sur les clusters industriels",
    "de": "Metapole: Profil der Daten zu Industrieclustern",
}
_COMMENT: Texts = {
    "en": "How clusters, their statements and the evidence of these are written in RDF.",
    "fr": "Comment les clusters, leurs énoncés et les preuves de ceux-ci s’écrivent en RDF.",
    "de": "Wie Cluster, ihre Aussagen und deren Belege in RDF geschrieben werden.",
}
_PROFILE_OF = (
    "http://www.w3.org/ns/org#",
    "http://www.w3.org/2004/02/skos/core#",
    "http://www.w3.org/ns/prov#",
    "http://www.opengis.net/ont/geosparql#",
)
_SHACL = "http://www.w3.org/ns/shacl#"
_JSON_LD = "http://www.w3.org/ns/json-ld#"


class Resource(NamedTuple):
    """Something that makes the profile usable."""

    name: str
    role: str
    path: str
    standard: str
    title: Texts


_RESOURCES = (
    Resource(
        "schema", "schema", "ontology.ttl", OWL,
        {"en": "Ontology", "fr": "Ontologie", "de": "Ontologie"},
    ),
    Resource(
        "shapes", "validation", "ontology/shapes.ttl", _SHACL,
        {"en": "Shapes", "fr": "Formes", "de": "Shapes"},
    ),
    Resource(
        "context", "mapping", "data/context.jsonld", _JSON_LD,
        {"en": "JSON-LD context", "fr": "Contexte JSON-LD", "de": "JSON-LD-Kontext"},
    ),
    Resource(
        "questions", "example", "data/questions.ttl", _SHACL,
        {
            "en": "Questions with their queries",
            "fr": "Questions et leurs requêtes",
            "de": "Fragen mit ihren Abfragen",
        },
    ),
    Resource(
        "guidance", "guidance", "ontology", "",
        {
            "en": "Documentation of the ontology",
            "fr": "Documentation de l’ontologie",
            "de": "Dokumentation der Ontologie",
        },
    ),
)  # fmt: skip


def write_profile(edition: Edition) -> None:
    """Write the profile, with one vocabulary for each concept scheme of the generation."""
    said = Said()
    iri = f"{edition.public_url}data/profile"
    about = said.about(iri, f"{PROF}Profile", f"{DCT}Standard")
    about.text(f"{DCT}title", _TITLE).text(f"{RDFS}comment", _COMMENT)
    about.value(f"{PROF}hasToken", "metapole").link(f"{PROF}isProfileOf", *_PROFILE_OF)
    about.value(f"{DCT}publisher", publisher_of(edition.arguments).name)
    for resource in (*_RESOURCES, *_vocabularies(edition)):
        node = f"{iri}#{resource.name}"
        about.link(f"{PROF}hasResource", node)
        described = said.about(node, f"{PROF}ResourceDescriptor")
        described.text(f"{DCT}title", resource.title)
        described.link(f"{PROF}hasRole", ROLE + resource.role)
        described.link(f"{PROF}hasArtifact", edition.public_url + resource.path)
        if resource.standard:
            described.link(f"{DCT}conformsTo", resource.standard)
        ending = resource.path.rpartition(".")[2]
        if ending in FILE_TYPES:
            described.link(f"{DCT}format", f"{EU}file-type/{FILE_TYPES[ending].eu_name}")
    write_rdf(edition, said)


def _vocabularies(edition: Edition) -> list[Resource]:
    """Return the concept schemes that the generation has."""
    schemes = edition.store.quads_for_pattern(
        None, ox.NamedNode(RDF_TYPE), ox.NamedNode(f"{SKOS}ConceptScheme"), edition.union
    )
    iris = sorted(
        quad.subject.value
        for quad in schemes
        if isinstance(quad.subject, ox.NamedNode) and quad.subject.value.startswith(DEF)
    )
    return [
        Resource(
            f"vocabulary-{iri.removeprefix(DEF)}",
            "vocabulary",
            data_of(iri, "ttl", ""),
            SKOS.removesuffix("#"),
            _labels(edition, iri),
        )
        for iri in iris
    ]


def _labels(edition: Edition, iri: str) -> Texts:
    found = edition.store.quads_for_pattern(
        ox.NamedNode(iri), ox.NamedNode(f"{SKOS}prefLabel"), None, edition.union
    )
    labels = {
        quad.object.language: quad.object.value
        for quad in found
        if isinstance(quad.object, ox.Literal) and quad.object.language
    }
    return dict(sorted(labels.items()))
