"""Every term says what it means, in words and in relation to the others."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
import rdflib

from graph.namespaces import MP, RDF, RDF_TYPE, RDFS, XSD, short
from graph.paths import bundled

if TYPE_CHECKING:
    from pathlib import Path

ONTOLOGY = bundled("ontology")
TERMS = sorted((ONTOLOGY / "terms").glob("*.ttl"))
SCHEMES = sorted((ONTOLOGY / "schemes").glob("*.ttl"))
ALIGNMENTS = ONTOLOGY / "alignments.ttl"
DEFINITION_OF_TERMS = "https://w3id.org/metapole/def"
OWL = "http://www.w3.org/2002/07/owl#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
KINDS = {
    OWL + kind
    for kind in ("AnnotationProperty", "Class", "DatatypeProperty", "ObjectProperty")
}  # fmt: skip


@pytest.fixture(scope="module")
def terms() -> ox.Store:
    store = ox.Store()
    for path in TERMS:
        store.load(path=str(path))
    return store


def objects(store: ox.Store, subject: str, predicate: str) -> list[ox.NamedNode | ox.Literal]:
    quads = store.quads_for_pattern(ox.NamedNode(subject), ox.NamedNode(predicate), None)
    found = [quad.object for quad in quads]
    return [node for node in found if isinstance(node, (ox.NamedNode, ox.Literal))]


def own_terms(store: ox.Store) -> list[str]:
    quads = store.quads_for_pattern(None, ox.NamedNode(RDF_TYPE), None)
    subjects = {quad.subject.value for quad in quads if isinstance(quad.subject, ox.NamedNode)}
    return sorted(iri for iri in subjects if iri.startswith(MP))


def languages(store: ox.Store, subject: str, predicate: str) -> list[str]:
    found = objects(store, subject, predicate)
    return sorted(node.language or "" for node in found if isinstance(node, ox.Literal))


@pytest.mark.parametrize(
    "path", [*TERMS, *SCHEMES, ALIGNMENTS], ids=lambda path: f"{path.parent.name}/{path.name}"
)
def test_two_parsers_read_the_same_number_of_triples(path: Path) -> None:
    ours = {quad.triple for quad in ox.parse(path=str(path))}
    theirs = rdflib.Graph().parse(path, format="turtle")
    assert len(ours) == len(theirs), f"{path}: write only Turtle 1.1 that every parser reads"


def test_every_term_has_a_label_in_three_languages(terms: ox.Store) -> None:
    for term in own_terms(terms):
        found = languages(terms, term, RDFS + "label")
        assert found == ["de", "en", "fr"], (
            f"{short(term)} has labels in {found}; give it one rdfs:label each in en, fr and de"
        )


def test_every_term_has_one_english_definition(terms: ox.Store) -> None:
    for term in own_terms(terms):
        found = languages(terms, term, SKOS + "definition")
        assert found == ["en"], (
            f"{short(term)}: write one skos:definition in English, in a sentence"
        )
        text = objects(terms, term, SKOS + "definition")[0].value
        assert re.fullmatch(r"[A-Z].*\.", text), f"{short(term)}: end {text!r} with a full stop"


def test_every_term_has_one_kind_and_names_the_ontology(terms: ox.Store) -> None:
    for term in own_terms(terms):
        kinds = KINDS & {node.value for node in objects(terms, term, RDF_TYPE)}
        assert len(kinds) == 1, f"{short(term)} is {kinds or 'nothing'}; type it with one OWL kind"
        defined_by = [node.value for node in objects(terms, term, RDFS + "isDefinedBy")]
        assert defined_by == [DEFINITION_OF_TERMS], f"{short(term)}: add rdfs:isDefinedBy"


def test_classes_begin_with_a_capital_and_properties_do_not(terms: ox.Store) -> None:
    for term in own_terms(terms):
        is_class = any(node.value == OWL + "Class" for node in objects(terms, term, RDF_TYPE))
        pattern = r"[A-Z][A-Za-z0-9]*" if is_class else r"[a-z][A-Za-z0-9]*"
        name = term.removeprefix(MP)
        assert re.fullmatch(pattern, name), f"rename mp:{name} so that it matches {pattern}"


def test_no_term_is_used_that_is_not_defined(terms: ox.Store) -> None:
    defined = set(own_terms(terms))
    for path in [*TERMS, *SCHEMES, ALIGNMENTS]:
        for quad in ox.parse(path=str(path)):
            for node in (quad.subject, quad.predicate, quad.object):
                is_own = isinstance(node, ox.NamedNode) and node.value.startswith(MP)
                if is_own:
                    assert node.value in defined, (
                        f"{path} uses {short(node.value)}, which terms/*.ttl do not define; "
                        "define it there or correct the spelling"
                    )


def test_the_terms_build_on_no_outside_class_or_property(terms: ox.Store) -> None:
    for predicate in ("subClassOf", "subPropertyOf"):
        for quad in terms.quads_for_pattern(None, ox.NamedNode(RDFS + predicate), None):
            is_own = isinstance(quad.object, ox.NamedNode) and quad.object.value.startswith(MP)
            assert is_own, f"move `{quad.subject} rdfs:{predicate} {quad.object}` to alignments.ttl"


def test_a_literal_property_names_the_datatype_of_its_values(terms: ox.Store) -> None:
    for term in own_terms(terms):
        if any(node.value == OWL + "DatatypeProperty" for node in objects(terms, term, RDF_TYPE)):
            ranges = [node.value for node in objects(terms, term, RDFS + "range")]
            assert len(ranges) == 1, f"{short(term)}: give it one datatype as rdfs:range"
            assert ranges[0].startswith((XSD, RDF)), f"{short(term)}: {ranges[0]} is no datatype"


def test_a_derived_property_says_from_which_statement(terms: ox.Store) -> None:
    derived = terms.quads_for_pattern(None, ox.NamedNode(MP + "derived"), None)
    names = [quad.subject.value for quad in derived if isinstance(quad.subject, ox.NamedNode)]
    assert len(names) > 10, "mark the properties that rules compute with `mp:derived true`"
    for term in names:
        notes = [node.value for node in objects(terms, term, SKOS + "scopeNote")]
        source = re.search(r"Derived from mp:([A-Za-z]+)", " ".join(notes))
        assert source, f"{short(term)}: begin a skos:scopeNote with 'Derived from mp:...'"
        assert objects(terms, MP + source[1], RDF_TYPE), f"{short(term)}: mp:{source[1]} is no term"


def test_the_ontology_says_what_it_is_and_under_which_licence(terms: ox.Store) -> None:
    needed = {
        "http://purl.org/dc/terms/title": ["de", "en", "fr"],
        "http://purl.org/dc/terms/description": ["de", "en", "fr"],
    }
    for predicate, expected in needed.items():
        assert languages(terms, DEFINITION_OF_TERMS, predicate) == expected, predicate
    for predicate in (
        OWL + "versionIRI",
        OWL + "versionInfo",
        "http://purl.org/dc/terms/created",
        "http://purl.org/dc/terms/creator",
        "http://purl.org/dc/terms/license",
        "http://purl.org/dc/terms/modified",
        "http://purl.org/vocab/vann/preferredNamespacePrefix",
        "http://purl.org/vocab/vann/preferredNamespaceUri",
    ):
        found = objects(terms, DEFINITION_OF_TERMS, predicate)
        assert len(found) == 1, f"give the ontology one {predicate} in terms/ontology.ttl"


def test_the_version_iri_ends_with_the_version(terms: ox.Store) -> None:
    version = objects(terms, DEFINITION_OF_TERMS, OWL + "versionInfo")[0].value
    iri = objects(terms, DEFINITION_OF_TERMS, OWL + "versionIRI")[0].value
    assert iri == f"{DEFINITION_OF_TERMS}/{version}", "change owl:versionIRI with owl:versionInfo"


@pytest.mark.parametrize(
    "path", [*TERMS, *SCHEMES, ALIGNMENTS], ids=lambda path: f"{path.parent.name}/{path.name}"
)
def test_blocks_are_in_iri_order(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    prefixes = dict(re.findall(r"^@prefix ([\w-]*): <([^>]*)>", text, re.MULTILINE))
    starts = re.findall(r"^(?:<([^>]+)>|([\w-]+):(\S+))", text, re.MULTILINE)
    own = [iri or prefixes[prefix] + name for iri, prefix, name in starts]
    order = [iri for iri in own if iri.startswith(DEFINITION_OF_TERMS)]
    for before, after in pairwise(order):
        assert before < after, f"{path}: move the block of {after} before that of {before}"
