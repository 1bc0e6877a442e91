"""The terms and their alignments contradict neither each other nor the outside vocabularies."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
import rdflib
from owlrl.OWLRL import OWLRL_Semantics  # pyright: ignore[reportMissingTypeStubs]: has none
from rdflib.namespace import OWL, RDFS, SKOS

from graph.namespaces import MP
from graph.paths import bundled

ONTOLOGY = bundled("ontology")
RELATIONS = {
    ox.NamedNode(iri)
    for iri in (
        RDFS.subClassOf, RDFS.subPropertyOf, OWL.inverseOf,
        OWL.equivalentClass, OWL.equivalentProperty,
        SKOS.closeMatch, SKOS.broadMatch, SKOS.narrowMatch, SKOS.relatedMatch,
    )
}  # fmt: skip
# What the outside vocabularies themselves declare to exclude each other or to stand below another.
OUTSIDE_AXIOMS = """
    @prefix foaf: <http://xmlns.com/foaf/0.1/> .
    @prefix org: <http://www.w3.org/ns/org#> .
    @prefix owl: <http://www.w3.org/2002/07/owl#> .
    @prefix prov: <http://www.w3.org/ns/prov#> .
    @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
    @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
    foaf:Person owl:disjointWith foaf:Organization , foaf:Project .
    foaf:Document owl:disjointWith foaf:Organization , foaf:Project .
    org:ChangeEvent rdfs:subClassOf prov:Activity .
    org:FormalOrganization rdfs:subClassOf org:Organization .
    org:OrganizationalCollaboration rdfs:subClassOf org:Organization .
    org:Organization rdfs:subClassOf foaf:Agent ; owl:equivalentClass foaf:Organization .
    org:member rdfs:domain org:Membership ; rdfs:range foaf:Agent .
    org:memberOf rdfs:domain foaf:Agent ; rdfs:range org:Organization .
    org:organization rdfs:domain org:Membership ; rdfs:range org:Organization .
    prov:Entity owl:disjointWith prov:Activity .
    prov:wasDerivedFrom rdfs:domain prov:Entity ; rdfs:range prov:Entity .
    skos:Concept owl:disjointWith skos:ConceptScheme .
"""
SMALL_GRAPH = """
    @prefix mp: <https://w3id.org/metapole/def#> .
    @prefix ex: <https://w3id.org/metapole/id/cluster/> .
    @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
    ex:meta a mp:MetaCluster .
    ex:one a mp:Cluster ; mp:partnerOf ex:two ; mp:managedBy ex:body ; mp:locatedIn ex:here .
    ex:two a mp:Cluster .
    ex:body a mp:ClusterOrganisation .
    ex:somebody a mp:Person .
    ex:here a mp:Country ; mp:partOf ex:there .
    ex:there a mp:Area .
    ex:work a mp:Project ; mp:starts "2018-07-01"^^xsd:date .
    ex:frame a mp:Programme .
    ex:meeting a mp:Event .
    ex:text a mp:SourceDocument ; mp:publisher ex:body .
    ex:place a mp:Evidence ; mp:document ex:text .
    ex:membership a mp:Membership ; mp:member ex:one ; mp:group ex:meta ; mp:evidence ex:place .
    ex:meta mp:memberCluster ex:one .
    ex:partnership a mp:Partnership ; mp:partner ex:one , ex:two ; mp:statedIn ex:text .
    ex:figure a mp:KeyFigure ; mp:about ex:one ; mp:value 1.5 .
    ex:money a mp:Funding ; mp:funder ex:frame ; mp:recipient ex:work ; mp:amount ex:figure .
    ex:help a mp:Service ; mp:provider ex:body .
    ex:change a mp:Succession ; mp:predecessor ex:one ; mp:successor ex:two .
    ex:claim a mp:Claim ; mp:about ex:two .
"""
WORDS = {SKOS.prefLabel, SKOS.definition, SKOS.scopeNote, RDFS.label, RDFS.isDefinedBy}


def contradictions(*texts: str) -> list[str]:
    """Return what an OWL 2 RL reasoner finds wrong with the ontology and *texts* together."""
    known = rdflib.Graph()
    for path in [*(ONTOLOGY / "terms").glob("*.ttl"), *(ONTOLOGY / "schemes").glob("*.ttl")]:
        known.parse(path, format="turtle")
    known.parse(ONTOLOGY / "alignments.ttl", format="turtle")
    for word in WORDS:  # labels cannot contradict anything and take most of the time
        known.remove((None, word, None))
    for text in (OUTSIDE_AXIOMS, *texts):
        known.parse(data=text, format="turtle")
    reasoner = OWLRL_Semantics(known, axioms=False, daxioms=False)
    reasoner.closure()
    messages: list[str] = reasoner.error_messages  # pyright: ignore[reportUnknownMemberType]: untyped
    members = known.subjects(rdflib.RDF.type, OWL.Nothing)
    return [*messages, *(f"{member} is owl:Nothing" for member in members)]


def test_the_ontology_and_a_small_graph_are_consistent() -> None:
    found = contradictions(SMALL_GRAPH)
    assert found == [], "correct terms/*.ttl or alignments.ttl: " + "; ".join(found)


@pytest.mark.parametrize(
    "planted",
    [
        pytest.param("ex:one a mp:ClusterOrganisation .", id="cluster and its organisation"),
        pytest.param("ex:claim a <http://www.w3.org/ns/org#ChangeEvent> .", id="act and statement"),
        pytest.param("ex:somebody a mp:Organisation .", id="person and organisation"),
    ],
)
def test_a_contradiction_is_found(planted: str) -> None:
    prefixes = SMALL_GRAPH.partition("ex:meta")[0]
    assert contradictions(SMALL_GRAPH, prefixes + planted), "the reasoner misses what it should see"


def test_the_alignments_lead_from_our_terms_to_others() -> None:
    for quad in ox.parse(path=str(ONTOLOGY / "alignments.ttl")):
        assert quad.predicate in RELATIONS, f"{quad}: the rules and readers know other relations"
        assert isinstance(quad.subject, ox.NamedNode)
        assert isinstance(quad.object, ox.NamedNode)
        is_inward = quad.object.value.startswith(MP)
        assert not is_inward, f"{quad}: state it in terms/*.ttl; alignments lead outwards"
