"""Every rule derives what its first line says, and nothing else."""

from __future__ import annotations

import re

import pyoxigraph as ox
import pytest

from graph.derivation import derive
from graph.namespaces import BASE, MP, RDF, RDFS
from graph.paths import bundled

ONTOLOGY = bundled("ontology")
RULES = ONTOLOGY / "rules"
PREFIXES = f"""
    @prefix mp: <{MP}> .
    @prefix ex: <{BASE}id/thing/> .
    @prefix geo: <http://www.opengis.net/ont/geosparql#> .
    @prefix org: <http://www.w3.org/ns/org#> .
    @prefix owl: <http://www.w3.org/2002/07/owl#> .
    @prefix rdf: <{RDF}> .
    @prefix rdfs: <{RDFS}> .
    @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
    @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
    @prefix field-kind: <{BASE}def/field-kind/> .
    @prefix location-kind: <{BASE}def/location-kind/> .
    @prefix milestone-kind: <{BASE}def/milestone-kind/> .
    @prefix role: <{BASE}def/role/> .
"""
MEMBERSHIPS = """
    ex:m1 a mp:Membership ; mp:member ex:a ; mp:group ex:net ; mp:role role:member .
    ex:m2 a mp:Membership ; mp:member ex:b ; mp:group ex:net ; mp:role role:founding-member .
    ex:m3 a mp:Membership ; mp:member ex:c ; mp:group ex:net ; mp:role role:supporter .
    ex:m4 a mp:Membership ; mp:member ex:d ; mp:group ex:net ; mp:role role:managing-organisation .
    ex:m5 a mp:Membership ; mp:member ex:e ; mp:group ex:net ; mp:role role:manager .
    ex:net a mp:ClusterNetwork . ex:a a mp:Cluster . ex:c a mp:Cluster .
"""
MILESTONES = """
    ex:s mp:milestoneKind milestone-kind:start ; mp:about ex:work ;
        mp:from "2018-07-01"^^xsd:date ; mp:to "2018-07-31"^^xsd:date .
    ex:e mp:milestoneKind milestone-kind:end ; mp:about ex:work ;
        mp:from "2021-12-01"^^xsd:date ; mp:to "2021-12-31"^^xsd:date .
    ex:f mp:milestoneKind milestone-kind:foundation ; mp:about ex:work ;
        mp:from "2001-01-01"^^xsd:date ; mp:to "2001-12-31"^^xsd:date .
    ex:o mp:milestoneKind milestone-kind:start ; mp:about ex:cluster ;
        mp:from "2005-01-01"^^xsd:date ; mp:to "2005-12-31"^^xsd:date .
    ex:work a mp:Undertaking .
"""
CASES: dict[str, tuple[str, str]] = {
    "ends": (MILESTONES, 'ex:work mp:ends "2021-12-31"^^xsd:date .'),
    "georeference": (
        """
        ex:g a mp:Georeference ; mp:about ex:area ; mp:nutsCode "LU" ;
            geo:asWKT "POINT(6.1 49.8)"^^geo:wktLiteral .
        """,
        'ex:area mp:nutsCode "LU" ; geo:asWKT "POINT(6.1 49.8)"^^geo:wktLiteral .',
    ),
    "located-in": (
        """
        ex:l1 mp:about ex:a ; mp:locationKind location-kind:seat ; mp:area ex:here .
        ex:l2 mp:about ex:a ; mp:locationKind location-kind:contacts ; mp:area ex:there .
        ex:l3 mp:about ex:b ; mp:locationKind location-kind:zone-managed ; mp:area ex:there .
        """,
        "ex:a mp:locatedIn ex:here .",
    ),
    "managed-by": (MEMBERSHIPS, "ex:net mp:managedBy ex:d , ex:e ."),
    "member-cluster": (MEMBERSHIPS, "ex:net mp:memberCluster ex:a ."),
    "member-of": (MEMBERSHIPS, "ex:a org:memberOf ex:net . ex:b org:memberOf ex:net ."),
    "part-of": ("ex:s mp:part ex:small ; mp:whole ex:big .", "ex:small mp:partOf ex:big ."),
    "participates-in": (
        """
        ex:p1 mp:participant ex:a ; mp:undertaking ex:work .
        ex:p2 mp:participant ex:country ; mp:undertaking ex:work .
        ex:a a mp:Actor . ex:country a mp:Country .
        """,
        "ex:a mp:participatesIn ex:work .",
    ),
    "partner-of": (
        "ex:p mp:partner ex:a , ex:b ; mp:via ex:c .",
        "ex:a mp:partnerOf ex:b . ex:b mp:partnerOf ex:a .",
    ),
    "rdfs-equivalent-class": (
        "ex:C owl:equivalentClass ex:D . ex:a a ex:C . ex:b a ex:D .",
        "ex:a a ex:D . ex:b a ex:C .",
    ),
    "rdfs-equivalent-property": (
        "ex:p owl:equivalentProperty ex:q . ex:a ex:p ex:b . ex:c ex:q 1 .",
        "ex:a ex:q ex:b . ex:c ex:p 1 .",
    ),
    "rdfs-inverse-property": (
        'ex:p owl:inverseOf ex:q . ex:a ex:p ex:b . ex:c ex:q ex:d . ex:a ex:p "text" .',
        "ex:b ex:q ex:a . ex:d ex:p ex:c .",
    ),
    "rdfs-subclass": (
        "ex:C rdfs:subClassOf ex:D . ex:D rdfs:subClassOf ex:E . ex:a a ex:C . ex:b a ex:D .",
        "ex:a a ex:D . ex:b a ex:E .",
    ),
    "rdfs-subproperty": (
        'ex:p rdfs:subPropertyOf ex:q . ex:a ex:p ex:b . ex:a ex:p "text" .',
        'ex:a ex:q ex:b . ex:a ex:q "text" .',
    ),
    "rdfs-symmetric-property": (
        'ex:p a owl:SymmetricProperty . ex:a ex:p ex:b . ex:a ex:p "text" .',
        "ex:b ex:p ex:a .",
    ),
    "sector": (
        """
        ex:s1 mp:about ex:a ; mp:fieldKind field-kind:sector ; mp:field ex:rail .
        ex:s2 a mp:Specialisation ; mp:about ex:a ; mp:fieldKind field-kind:specialty ;
            mp:field ex:lasers .
        ex:s3 mp:about ex:a ; mp:fieldKind field-kind:topic ; mp:field ex:energy .
        ex:lasers skos:broader ex:photonics . ex:photonics skos:broader ex:electronics .
        ex:rail a mp:Sector . ex:photonics a mp:Sector .
        ex:electronics a mp:Sector . ex:energy a mp:Sector .
        """,
        "ex:a mp:sector ex:rail , ex:photonics .",
    ),
    "specialty": (
        """
        ex:s1 a mp:Specialisation ; mp:about ex:a ; mp:field ex:lasers .
        ex:s2 a mp:FieldOfActivity ; mp:about ex:a ; mp:field ex:rail .
        """,
        "ex:a mp:specialty ex:lasers .",
    ),
    "starts": (MILESTONES, 'ex:work mp:starts "2018-07-01"^^xsd:date .'),
    "stated-in": (
        "ex:s mp:evidence ex:e . ex:e mp:document ex:text .",
        "ex:s mp:statedIn ex:text .",
    ),
}


def read(turtle: str) -> list[ox.Quad]:
    return list(ox.parse(PREFIXES + turtle, ox.RdfFormat.TURTLE))


def ontology() -> list[ox.Quad]:
    paths = [*(ONTOLOGY / "terms").glob("*.ttl"), *(ONTOLOGY / "schemes").glob("*.ttl")]
    paths.append(ONTOLOGY / "alignments.ttl")
    return [quad for path in paths for quad in ox.parse(path=str(path))]


def test_every_rule_has_a_case_and_every_case_a_rule() -> None:
    names = {path.stem for path in RULES.glob("*.rq")}
    assert names == set(CASES), "write a case in CASES for each file in ontology/rules"


@pytest.mark.parametrize("name", CASES)
def test_a_rule_derives_what_it_says(name: str) -> None:
    given, expected = CASES[name]
    known = ox.Store()
    known.extend(read(given))
    derived = known.query((RULES / f"{name}.rq").read_text(encoding="utf-8"))
    assert isinstance(derived, ox.QueryTriples)
    assert {str(triple) for triple in derived} == {str(quad.triple) for quad in read(expected)}


@pytest.mark.parametrize("name", CASES)
def test_a_rule_begins_with_a_sentence_and_names_no_graph(name: str) -> None:
    text = (RULES / f"{name}.rq").read_text(encoding="utf-8")
    assert re.match(r"# [A-Z].*\.\n", text), f"rules/{name}.rq: say first what it derives"
    for word in ("GRAPH", "NOT EXISTS", "MINUS", "OPTIONAL", "BIND"):
        assert not re.search(rf"\b{word}\b", text), (
            f"rules/{name}.rq uses {word}; a rule only adds triples, over the union of all graphs"
        )


def test_the_rules_together_reach_the_shortcuts_through_the_hierarchy() -> None:
    given = """
        ex:m a mp:Membership ; mp:member ex:a ; mp:group ex:meta ; mp:role role:member .
        ex:meta a mp:MetaCluster .
        ex:a a mp:Cluster .
        ex:r a mp:Membership ; mp:member ex:body ; mp:group ex:a ; mp:role role:manager .
    """
    expected = """
        ex:meta mp:memberCluster ex:a . ex:meta a mp:ClusterNetwork , mp:Actor .
        ex:meta org:hasMember ex:a . ex:a org:memberOf ex:meta .
        ex:m mp:about ex:a , ex:meta . ex:m a mp:Statement , org:Membership .
        ex:a mp:managedBy ex:body . ex:body mp:manages ex:a .
    """
    derived = {str(quad.triple) for quad in derive([*ontology(), *read(given)], RULES)}
    missing = {str(quad.triple) for quad in read(expected)} - derived
    assert not missing


def test_the_rules_say_nothing_new_about_the_terms() -> None:
    about_terms = [
        quad for quad in derive(ontology(), RULES) if str(quad.subject).startswith(f"<{MP}")
    ]
    assert about_terms == [], "keep the closure to instances: no rule may conclude on classes"


def test_every_derived_property_has_a_rule() -> None:
    marked = ox.Store()
    marked.extend(ontology())
    texts = "".join(path.read_text(encoding="utf-8") for path in RULES.glob("*.rq"))
    heads = set(re.findall(r"mp:\w+", "".join(re.findall(r"CONSTRUCT \{[^}]*\}", texts))))
    inverse = ox.NamedNode("http://www.w3.org/2002/07/owl#inverseOf")
    for quad in marked.quads_for_pattern(None, ox.NamedNode(MP + "derived"), None):
        assert isinstance(quad.subject, ox.NamedNode)
        name = "mp:" + quad.subject.value.removeprefix(MP)
        is_inverse = any(marked.quads_for_pattern(None, inverse, quad.subject))
        assert name in heads or is_inverse, f"{name} is marked mp:derived; write a rule for it"
