"""What is published of the ontology is what the ontology, the shapes and the data say."""

from __future__ import annotations

import io
import json
import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable
from itertools import combinations
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.namespace import OWL, RDF, RDFS, SH, SKOS

from graph.errors import MovedThing, UnknownThing
from graph.generations import current_generation
from graph.namespaces import COMMITS_GRAPH, ONTOLOGY_GRAPH, UNION_GRAPH
from graph.publishing.edition import Edition, Facts, facts_of
from graph.publishing.ontology.terms import MOST_USES
from graph.publishing.writers import writer_of

if TYPE_CHECKING:
    from pathlib import Path

MP = rdflib.Namespace("https://w3id.org/metapole/def#")
SVG = "{http://www.w3.org/2000/svg}"
PROPERTIES = (OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)
NAMESPACES = """
    @prefix org: <http://www.w3.org/ns/org#> .
    @prefix geo: <http://www.opengis.net/ont/geosparql#> .
    @prefix mp: <https://w3id.org/metapole/def#> .
    @prefix owl: <http://www.w3.org/2002/07/owl#> .
    @prefix prov: <http://www.w3.org/ns/prov#> .
    @prefix dct: <http://purl.org/dc/terms/> .
    @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
    @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
    @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
    @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
HOSTILE = "<script>alert(1)</script>\"'&]]>"

Write = Callable[..., bytes]


def written(store: ox.Store, writer: str, media_type: str, facts: Facts, **arguments: str) -> bytes:
    out = io.BytesIO()
    writer_of(writer)(Edition(store, media_type, arguments, "http://here.example/", facts, out))
    return out.getvalue()


@pytest.fixture(scope="module")
def shipped(shipped_store: Path) -> ox.Store:
    generation = current_generation(shipped_store)
    assert generation
    return ox.Store.read_only(str(generation.path))


@pytest.fixture(scope="module")
def write(shipped: ox.Store, shipped_store: Path) -> Write:
    """Have a writer write something of the graph that ships."""
    generation = current_generation(shipped_store)
    assert generation
    facts = Facts(**facts_of(generation))

    def write_document(writer: str, media_type: str = "application/json", **named: str) -> bytes:
        return written(shipped, writer, media_type, facts, **named)

    return write_document


@pytest.fixture(scope="module")
def overview(write: Write) -> dict[str, Any]:
    return json.loads(write("ontology-page"))


@pytest.fixture(scope="module")
def page(write: Write, overview: dict[str, Any]) -> dict[str, Any]:
    """The page of the ontology, with all that the pages of its terms say."""

    def whole(part: str) -> list[dict[str, Any]]:
        names = [each["name"] for each in overview[part]]
        return [json.loads(write("ontology-term", term=name))["term"] for name in names]

    return {**overview, "classes": whole("classes"), "properties": whole("properties")}


@pytest.fixture(scope="module")
def source(project: Path) -> rdflib.Graph:
    """What the files of the ontology say, as another parser reads them."""
    graph = rdflib.Graph()
    ontology = project / "ontology"
    paths = [*ontology.glob("terms/*.ttl"), *ontology.glob("schemes/*.ttl")]
    for path in [*paths, ontology / "alignments.ttl"]:
        graph.parse(path)
    return graph


def of_ours(source: rdflib.Graph, *kinds: rdflib.URIRef) -> set[str]:
    found = {str(term) for kind in kinds for term in source.subjects(RDF.type, kind)}
    return {term for term in found if term.startswith(MP)}


def texts(source: rdflib.Graph, subject: str, predicate: rdflib.URIRef) -> set[tuple[str, str]]:
    objects = source.objects(rdflib.URIRef(subject), predicate)
    return {
        (str(value), value.language or "") for value in objects if isinstance(value, rdflib.Literal)
    }


def iris(references: list[dict[str, str]]) -> set[str]:
    return {reference["iri"] for reference in references}


@pytest.mark.parametrize(
    ("media_type", "parser"),
    [
        ("text/turtle", "turtle"),
        ("application/rdf+xml", "xml"),
        ("application/ld+json", "json-ld"),
        ("application/n-triples", "nt"),
    ],
)
# rdflib's own JSON-LD parser uses the class it deprecates.
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
def test_every_file_of_the_ontology_says_the_same_as_its_sources(
    write: Write, source: rdflib.Graph, media_type: str, parser: str
) -> None:
    content = write("ontology", media_type)
    read = rdflib.Graph().parse(data=content, format=parser)

    assert len(source) > 5000
    assert set(read) == set(source)  # no blank nodes: equal is isomorphic
    assert content == write("ontology", media_type)


def test_every_class_and_property_is_on_the_page_with_its_labels_and_definitions(
    page: dict[str, Any], source: rdflib.Graph
) -> None:
    for part, kinds in (("classes", (OWL.Class,)), ("properties", PROPERTIES)):
        assert {term["iri"] for term in page[part]} == of_ours(source, *kinds)
        for term in page[part]:
            labels = {tuple(label) for label in term["labels"]}
            assert labels == texts(source, term["iri"], RDFS.label)
            assert [language for _, language in term["labels"]] == ["en", "fr", "de"]
            definitions = {tuple(each) for each in term["definitions"]}
            assert definitions == texts(source, term["iri"], SKOS.definition)
            notes = {tuple(each) for each in term["notes"]}
            assert notes == texts(source, term["iri"], SKOS.scopeNote)


def test_the_page_of_the_ontology_says_in_short_what_the_pages_of_terms_say(
    overview: dict[str, Any], page: dict[str, Any]
) -> None:
    for part in ("classes", "properties"):
        for short, whole in zip(overview[part], page[part], strict=True):
            assert short == {key: whole[key] for key in short}


def test_an_unknown_term_is_told_with_the_one_that_is_written_almost_so(write: Write) -> None:
    with pytest.raises(UnknownThing, match=r"no term 'cluster'; .*/ontology/term/Cluster"):
        write("ontology-term", term="cluster")
    with pytest.raises(UnknownThing, match=r"no term '\.\./x'$"):
        write("ontology-term", term="../x")


def test_of_what_is_used_very_often_the_uses_are_not_all_counted() -> None:
    turtle = f"{NAMESPACES} mp:Often a owl:Class . mp:often a owl:ObjectProperty ."
    graph, union = ox.NamedNode(ONTOLOGY_GRAPH), ox.NamedNode(UNION_GRAPH)
    store = ox.Store()
    for triple in ox.parse(turtle, ox.RdfFormat.TURTLE):
        store.add(ox.Quad(triple.subject, triple.predicate, triple.object, graph))
    often, is_a = ox.NamedNode(MP + "Often"), ox.NamedNode(str(RDF.type))
    store.extend(
        ox.Quad(ox.NamedNode(f"http://example.org/{number}"), is_a, often, union)
        for number in range(MOST_USES + 5)
    )
    facts = Facts(1, 0, "2026-11-27T10:00:00Z", 0, {}, 0, "", {})

    said = json.loads(written(store, "ontology-term", "application/json", facts, term="Often"))
    assert (said["term"]["uses"], said["term"]["are_all_uses"]) == (MOST_USES, False)
    said = json.loads(written(store, "ontology-term", "application/json", facts, term="often"))
    assert (said["term"]["uses"], said["term"]["are_all_uses"]) == (0, True)


def test_what_the_ontology_says_is_read_anew_when_its_graph_has_changed() -> None:
    graph = ox.NamedNode(ONTOLOGY_GRAPH)
    kind = ox.NamedNode("http://www.w3.org/2002/07/owl#Class")
    is_a = ox.NamedNode(str(RDF.type))
    store = ox.Store()
    store.add(ox.Quad(ox.NamedNode(MP + "One"), is_a, kind, graph))

    def classes(number: int, changed: int) -> list[str]:
        built, own = "2026-11-27T10:00:00Z", "a-store-of-this-test"
        facts = Facts(number, 0, built, 0, {}, 0, own, {ONTOLOGY_GRAPH: changed})
        said = json.loads(written(store, "ontology-page", "application/json", facts))
        return [term["name"] for term in said["classes"]]

    assert classes(1, 1) == ["One"]
    store.add(ox.Quad(ox.NamedNode(MP + "Two"), is_a, kind, graph))
    assert classes(2, 2) == ["One", "Two"]
    assert classes(3, 2) == ["One", "Two"]


def test_terms_are_related_as_the_ontology_relates_them(
    page: dict[str, Any], source: rdflib.Graph
) -> None:
    def objects(iri: str, *predicates: rdflib.URIRef) -> set[str]:
        term = rdflib.URIRef(iri)
        return {str(each) for how in predicates for each in source.objects(term, how)}

    for term in (*page["classes"], *page["properties"]):
        above = objects(term["iri"], RDFS.subClassOf, RDFS.subPropertyOf)
        assert iris(term["parents"]) == {iri for iri in above if iri.startswith(MP)}
        elsewhere = {(each["how"]["iri"], each["term"]["iri"]) for each in term["alignments"]}
        outside = {
            (str(how), str(other))
            for how, other in source.predicate_objects(rdflib.URIRef(term["iri"]))
            if re.search(r"(subClassOf|subPropertyOf|equivalent\w+|inverseOf|\w+Match)$", str(how))
            and not str(other).startswith("https://w3id.org/metapole/")
        }
        assert elsewhere == outside
    for term in page["properties"]:
        assert iris(term["domains"]) == objects(term["iri"], RDFS.domain)
        assert iris(term["ranges"]) == objects(term["iri"], RDFS.range)
    for term in page["classes"]:
        below = source.subjects(RDFS.subClassOf, rdflib.URIRef(term["iri"]))
        assert iris(term["children"]) == {str(each) for each in below}


def test_how_often_terms_are_used_is_counted_in_the_store(
    page: dict[str, Any], shipped: ox.Store
) -> None:
    used = Counter[str]()
    for graph in (UNION_GRAPH, COMMITS_GRAPH):
        for quad in shipped.quads_for_pattern(None, None, None, ox.NamedNode(graph)):
            used[quad.predicate.value] += 1
            if quad.predicate.value == str(RDF.type):
                used[getattr(quad.object, "value", "")] += 1
    for term in (*page["classes"], *page["properties"]):
        assert term["uses"] == used[term["iri"]], term["iri"]
    assert sum(term["uses"] > 0 for term in page["classes"]) > 40


def test_cardinalities_are_those_of_the_shapes(page: dict[str, Any], project: Path) -> None:
    shapes = rdflib.Graph()
    for path in (project / "ontology" / "shapes").glob("*.ttl"):
        shapes.parse(path)
    asked: dict[str, set[tuple[str, str]]] = {}
    for shape, cls in shapes.subject_objects(SH.targetClass):
        for constraint in shapes.objects(shape, SH.property):
            least = str(shapes.value(constraint, SH.minCount) or 0)
            most = str(shapes.value(constraint, SH.maxCount) or "n")
            how_many = least if least == most else f"{least}..{most}"
            path = str(shapes.value(constraint, SH.path))
            asked.setdefault(str(cls), set()).add((path, how_many))
    for term in page["classes"]:
        own = [row for row in term["constraints"] if row["of"]["iri"] == term["iri"]]
        found = {(row["path"]["iri"], row["how_many"]) for row in own}
        assert found == asked.get(term["iri"], set()), term["iri"]
    inherited = {row["of"]["text"] for row in _term(page, "Cluster")["constraints"]}
    assert inherited == {"mp:Actor"}


def test_every_example_is_in_the_data(page: dict[str, Any], shipped: ox.Store) -> None:
    scheme_names = {scheme["name"] for scheme in page["schemes"]}
    things = set(re.findall(r"metapole/id/([a-z-]+)/", " ".join(map(str, shipped))))
    short = "".join(
        f"@prefix {name}: <https://w3id.org/metapole/{kind}/{name}/> .\n"
        for kind, names in (("id", things - scheme_names), ("def", scheme_names))
        for name in names
    )
    examples = [term["example"] for term in (*page["classes"], *page["properties"])]
    shown = [example for example in examples if example]
    for example in shown:
        triples = list(ox.parse(NAMESPACES + short + example["turtle"], ox.RdfFormat.TURTLE))
        assert triples
        assert {triple.subject.value for triple in triples} == {example["thing"]["iri"]}
        for triple in triples:
            assert any(shipped.quads_for_pattern(*triple.triple)), example["turtle"]
    for term in (*page["classes"], *page["properties"]):
        assert (term["example"] is not None) == (term["uses"] > 0), term["iri"]
    assert len(shown) > 140


def _term(page: dict[str, Any], name: str) -> dict[str, Any]:
    return next(term for term in (*page["classes"], *page["properties"]) if term["name"] == name)


@pytest.mark.parametrize("of", ["hierarchy", "network"])
def test_a_diagram_shows_classes_that_are_links_and_do_not_overlap(
    write: Write, page: dict[str, Any], of: str
) -> None:
    root = ET.fromstring(write("diagram", "image/svg+xml", of=of))  # noqa: S314 -- our own
    boxes = root.findall(f"{SVG}a")
    names = [box.get("href", "").rpartition("#")[2] for box in boxes]

    assert root.find(f"{SVG}title") is not None
    assert root.get("role") == "group"
    assert set(names) <= {term["name"] for term in page["classes"]}
    assert all(box.get("href", "").startswith("http://here.example/ontology#") for box in boxes)
    if of == "hierarchy":
        assert sorted(names) == sorted(term["name"] for term in page["classes"])
    width, height = (float(root.get(side, "")) for side in ("width", "height"))
    places = [
        [float(rect.get(side, "")) for side in ("x", "y", "width", "height")]
        for rect in root.iter(f"{SVG}rect")
    ]
    assert len(places) == len(names)
    for x, y, wide, high in places:
        assert 0 <= x < x + wide <= width
        assert 0 <= y < y + high <= height
    for (x, y, wide, high), (x2, y2, wide2, high2) in combinations(places, 2):
        is_beside = x + wide <= x2 or x2 + wide2 <= x
        assert is_beside or y + high <= y2 or y2 + high2 <= y


def test_the_text_of_the_diagram_has_every_line_of_the_model(
    write: Write, page: dict[str, Any]
) -> None:
    lines = write("diagram", "text/vnd.mermaid", of="classes").decode().splitlines()

    assert lines[0] == "classDiagram"
    for term in page["classes"]:
        for parent in term["parents"]:
            assert f"    {parent['text'].removeprefix('mp:')} <|-- {term['name']}" in lines
    assert "    Partnership --> Actor : partner 2..n" in lines
    assert "    Location --> Area : area 1" in lines


def test_a_scheme_has_all_its_concepts_each_below_its_broader_one(
    write: Write, page: dict[str, Any], source: rdflib.Graph
) -> None:
    assert {scheme["iri"] for scheme in page["schemes"]} == {
        str(scheme) for scheme in source.subjects(RDF.type, SKOS.ConceptScheme)
    }
    for summary in page["schemes"]:
        scheme = json.loads(write("scheme-page", scheme=summary["name"]))
        concepts = [concept["iri"] for concept in scheme["concepts"]]
        members = source.subjects(SKOS.inScheme, rdflib.URIRef(summary["iri"]))
        assert sorted(concepts) == sorted(map(str, members))
        assert summary["count"] == len(concepts)
        above: list[str] = []
        for concept in scheme["concepts"]:
            labels = {tuple(label) for label in concept["labels"]}
            assert labels == texts(source, concept["iri"], SKOS.prefLabel)
            del above[concept["depth"] :]
            inside = iris(concept["broader"]) & set(concepts)
            assert (above[-1] in inside) if concept["depth"] else not inside
            above.append(concept["iri"])


def test_how_many_things_have_a_concept_is_counted_in_the_store(
    write: Write, shipped: ox.Store
) -> None:
    scheme = json.loads(write("scheme-page", scheme="indicator"))
    for concept in scheme["concepts"]:
        quads = shipped.quads_for_pattern(
            None, None, ox.NamedNode(concept["iri"]), ox.NamedNode(UNION_GRAPH)
        )
        things = {quad.subject for quad in quads if "metapole/id/" in str(quad.subject)}
        assert concept["uses"] == len(things), concept["iri"]
    assert sum(concept["uses"] for concept in scheme["concepts"]) > 60


@pytest.mark.parametrize(
    ("name", "suggested"), [("sectors", "sector"), ("rolle", "role"), ("../secret", "")]
)
def test_an_unknown_scheme_is_answered_with_those_that_exist(
    write: Write, name: str, suggested: str
) -> None:
    with pytest.raises(UnknownThing, match="sector") as caught:
        write("scheme-page", scheme=name)
    addresses = [each["address"] for each in caught.value.suggestions]
    assert f"http://here.example/ontology/{suggested}" in addresses or not suggested


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("Cluster", "ontology#Cluster"),
        ("partner", "ontology#partner"),
        ("ROLE", "ontology/role"),
        ("Field-Kind", "ontology/field-kind"),
    ],
)
def test_another_name_leads_to_the_right_address(write: Write, name: str, address: str) -> None:
    with pytest.raises(MovedThing) as caught:
        write("scheme-page", scheme=name)
    assert caught.value.address == f"http://here.example/{address}"


def test_every_shape_is_said_in_words(write: Write, project: Path) -> None:
    shapes = rdflib.Graph().parse(data=write("shapes", "text/turtle"), format="turtle")
    files = rdflib.Graph()
    for path in (project / "ontology" / "shapes").glob("*.ttl"):
        files.parse(path)
    assert len(shapes) == len(files)
    said = json.loads(write("shapes-page"))["shapes"]
    assert {shape["iri"] for shape in said} == {
        str(shape) for shape in files.subjects(RDF.type, SH.NodeShape)
    }
    messages = {
        text for shape in said for row in shape["constraints"] for text, _ in row["messages"]
    }
    assert messages == {str(message) for message in files.objects(None, SH.message)}


def test_the_context_is_the_one_that_ships(write: Write, project: Path) -> None:
    shipped = (project / "ontology" / "context.jsonld").read_bytes()
    assert write("context", "application/ld+json") == shipped


def test_an_ontology_that_runs_in_circles_and_says_hostile_things_is_written() -> None:
    store = ox.Store()
    graph = ox.NamedNode("https://w3id.org/metapole/graph/ontology")
    turtle = f"""
        {NAMESPACES}
        @prefix c: <https://w3id.org/metapole/def/loop/> .
        mp:A a owl:Class ; rdfs:subClassOf mp:B , mp:A ; rdfs:label {json.dumps(HOSTILE)}@en .
        mp:B a owl:Class ; rdfs:subClassOf mp:A , <javascript:alert(1)> .
        <https://w3id.org/metapole/def#x/y> a owl:Class .
        mp:p a owl:ObjectProperty ; rdfs:domain mp:A ;
            rdfs:range <https://w3id.org/metapole/def#%3Cb%3E> .
        <https://w3id.org/metapole/def/loop> a skos:ConceptScheme .
        c:one skos:inScheme <https://w3id.org/metapole/def/loop> ; skos:broader c:two .
        c:two skos:inScheme <https://w3id.org/metapole/def/loop> ; skos:broader c:one ;
            skos:exactMatch <data:text/html,hi> .
    """
    for triple in ox.parse(turtle, ox.RdfFormat.TURTLE):
        for name in (graph, ox.NamedNode(UNION_GRAPH)):
            store.add(ox.Quad(triple.subject, triple.predicate, triple.object, name))
    facts = Facts(1, 0, "2026-11-27T10:00:00Z", 0, {}, 0, "", {})

    said = json.loads(written(store, "ontology-page", "application/json", facts))
    assert {term["name"] for term in said["classes"]} == {"A", "B", "x/y"}
    drawn = ET.fromstring(said["hierarchy"])  # noqa: S314 -- our own
    assert len(drawn.findall(f"{SVG}a")) == 3
    term = json.loads(written(store, "ontology-term", "application/json", facts, term="B"))
    assert term["term"]["alignments"][0]["term"]["href"] == ""
    term = json.loads(written(store, "ontology-term", "application/json", facts, term="x/y"))
    assert term["term"]["name"] == "x/y"
    concepts = json.loads(written(store, "scheme-page", "application/json", facts, scheme="loop"))
    assert [concept["slug"] for concept in concepts["concepts"]] == ["one", "two"]
    assert concepts["concepts"][1]["mappings"][0]["term"]["href"] == ""
    text = written(store, "diagram", "text/vnd.mermaid", facts, of="classes").decode()
    assert "x/y" not in text
    assert "%3C" not in text
