"""VoID says how much there is, and it is as much as one finds who counts in another way."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
import rdflib
from rdflib import FOAF, RDF, RDFS, VOID

from graph.generations import Generation, current_generation
from graph.namespaces import COMMITS_GRAPH, LINKS_GRAPH, UNION_GRAPH
from graph.publishing.catalogue import void_counts
from graph.publishing.catalogue.void import write_void
from tests.engine.published import PUBLIC_URL, Published, of_whole_generation

if TYPE_CHECKING:
    from pathlib import Path

SD = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")
DATASET = rdflib.URIRef(f"{PUBLIC_URL}data/catalogue/metapole")


@pytest.fixture(scope="session")
def generation(shipped_store: Path) -> Generation:
    found = current_generation(shipped_store)
    assert found
    return found


@pytest.fixture(scope="session")
def published(generation: Generation) -> Published:
    return of_whole_generation(generation)


@pytest.fixture(scope="session")
def void(published: Published) -> rdflib.Graph:
    text = published.written(write_void, "text/turtle")
    return rdflib.Graph().parse(data=text, format="turtle")


@pytest.fixture(scope="session")
def triples(published: Published) -> set[ox.Triple]:
    """Return every triple once, from the graphs themselves: not from the union that is queried."""
    hidden = {ox.NamedNode(UNION_GRAPH), ox.NamedNode(COMMITS_GRAPH)}
    return {quad.triple for quad in published.store if quad.graph_name not in hidden}


def counts(
    void: rdflib.Graph, part: rdflib.URIRef, of: rdflib.URIRef, count: rdflib.URIRef
) -> Counter[str]:
    found = Counter[str]()
    for node in void.objects(DATASET, part):
        found[str(void.value(node, of))] = int(str(void.value(node, count)))
    return found


def test_it_says_how_many_triples_there_are(void: rdflib.Graph, triples: set[ox.Triple]) -> None:
    assert int(str(void.value(DATASET, VOID.triples))) == len(triples)


def test_it_says_how_many_triples_each_property_has(
    void: rdflib.Graph, triples: set[ox.Triple]
) -> None:
    expected = Counter(triple.predicate.value for triple in triples)

    assert counts(void, VOID.propertyPartition, VOID.property, VOID.triples) == expected
    assert int(str(void.value(DATASET, VOID.properties))) == len(expected)


def test_it_says_how_many_instances_each_class_has(
    void: rdflib.Graph, triples: set[ox.Triple]
) -> None:
    expected = Counter(
        triple.object.value
        for triple in triples
        if triple.predicate.value == str(RDF.type) and isinstance(triple.object, ox.NamedNode)
    )

    assert counts(void, VOID.classPartition, VOID["class"], VOID.entities) == expected
    assert int(str(void.value(DATASET, VOID.classes))) == len(expected)


def test_it_says_how_often_the_instances_of_a_class_have_a_property(
    void: rdflib.Graph, triples: set[ox.Triple]
) -> None:
    figure = "https://w3id.org/metapole/def#KeyFigure"
    figures = {
        triple.subject
        for triple in triples
        if triple.predicate.value == str(RDF.type) and triple.object == ox.NamedNode(figure)
    }
    expected = Counter(t.predicate.value for t in triples if t.subject in figures)

    (part,) = (
        node
        for node in void.objects(DATASET, VOID.classPartition)
        if str(void.value(node, VOID["class"])) == figure
    )
    found = {
        str(void.value(node, VOID.property)): int(str(void.value(node, VOID.triples)))
        for node in void.objects(part, VOID.propertyPartition)
    }
    assert found == expected


def test_it_says_how_many_different_subjects_and_objects_there_are(
    void: rdflib.Graph, triples: set[ox.Triple]
) -> None:
    subjects, objects = ({each[place] for each in map(list, triples)} for place in (0, 2))

    assert int(str(void.value(DATASET, VOID.distinctSubjects))) == len(subjects)
    assert int(str(void.value(DATASET, VOID.distinctObjects))) == len(objects)


@pytest.mark.parametrize(
    "space",
    [
        "http://www.wikidata.org/entity/",
        "http://data.europa.eu/nuts/code/",
        "http://data.europa.eu/ux2/nace2.1/",
        "http://publications.europa.eu/resource/authority/country/",
    ],
)
def test_it_says_how_many_links_lead_to_data_of_others(
    void: rdflib.Graph, project: Path, space: str
) -> None:
    # The data as another library reads it from the files, nothing derived.
    files = rdflib.Graph()
    for path in (project / "data" / "links.ttl", *(project / "ontology" / "schemes").glob("*.ttl")):
        files.parse(path)
    expected = Counter(
        str(link)
        for _, link, target in files
        if str(target).startswith(space) and "Match" in str(link)
    )
    assert expected

    found = Counter[str]()
    for linkset in void.subjects(RDF.type, VOID.Linkset):
        target = void.value(linkset, VOID.objectsTarget)
        if str(void.value(target, VOID.uriSpace)) == space:
            link = str(void.value(linkset, VOID.linkPredicate))
            found[link] = int(str(void.value(linkset, VOID.triples)))
            assert void.value(target, FOAF.homepage)
            assert (DATASET, VOID.subset, linkset) in void
    assert found == expected


def test_each_graph_is_a_part_of_it(void: rdflib.Graph, published: Published) -> None:
    sizes = {
        str(name): int(str(void.value(part, VOID.triples)))
        for part in void.objects(DATASET, VOID.subset)
        if (name := void.value(part, SD.name))
    }

    hidden = (COMMITS_GRAPH, UNION_GRAPH)
    names = [each for each in published.store.named_graphs() if each.value not in hidden]
    assert sizes == {
        name.value: sum(1 for _ in published.store.quads_for_pattern(None, None, None, name))
        for name in names
    }
    assert LINKS_GRAPH in sizes


def test_what_there_is_to_begin_with_is_in_the_data(
    void: rdflib.Graph, triples: set[ox.Triple]
) -> None:
    things = {each.subject.value for each in triples if isinstance(each.subject, ox.NamedNode)}

    roots = list(void.objects(DATASET, VOID.rootResource))
    assert roots
    for root in roots:
        assert str(root) in things
        assert [str(address) for address in void.objects(root, RDFS.seeAlso)] == [
            str(root).replace("https://w3id.org/metapole/", PUBLIC_URL)
        ]


def test_it_has_no_blank_nodes(void: rdflib.Graph) -> None:
    assert not [node for node in void.all_nodes() if isinstance(node, rdflib.BNode)]


def test_it_is_the_same_each_time(published: Published) -> None:
    once, again = (published.written(write_void, "text/turtle") for _ in range(2))

    assert once == again


@pytest.mark.parametrize(
    ("limit", "left_out", "still_there"),
    [
        pytest.param("MOST_TRIPLES", VOID.distinctSubjects, VOID.classPartition, id="joins"),
        pytest.param("MOST_COUNTED", VOID.classPartition, VOID.triples, id="any look at all"),
    ],
)
def test_a_large_graph_is_not_counted_for_ever(
    published: Published,
    monkeypatch: pytest.MonkeyPatch,
    limit: str,
    left_out: rdflib.URIRef,
    still_there: rdflib.URIRef,
) -> None:
    monkeypatch.setattr(void_counts, limit, 1_000)
    monkeypatch.setattr(void_counts, "_kept", {})

    text = published.written(write_void, "text/turtle")

    void = rdflib.Graph().parse(data=text, format="turtle")
    assert void.value(DATASET, left_out) is None
    assert void.value(DATASET, still_there)


def test_only_the_largest_parts_are_told_of(
    published: Published, triples: set[ox.Triple], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(void_counts, "MOST_PARTITIONS", 3)
    monkeypatch.setattr(void_counts, "_kept", {})

    text = published.written(write_void, "text/turtle")

    void = rdflib.Graph().parse(data=text, format="turtle")
    largest = Counter(triple.predicate.value for triple in triples).most_common(3)
    assert counts(void, VOID.propertyPartition, VOID.property, VOID.triples) == dict(largest)
