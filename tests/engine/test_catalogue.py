"""The catalogue lists all there is, on pages that each say all that a reader of one needs."""

from __future__ import annotations

import json
import tracemalloc
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import httpx2
import pyoxigraph as ox
import pytest
import rdflib
from rdflib import DCAT, DCTERMS, FOAF, RDF, VOID, XSD

from graph.errors import QueryRejected, UnknownThing
from graph.generations import current_generation
from graph.publishing.catalogue import documents as catalogue
from graph.publishing.catalogue import facts as catalogue_facts
from graph.publishing.catalogue.documents import write_catalogue, write_dataset
from graph.publishing.catalogue.entries import Catalogue, Entry, address_of_graph
from graph.publishing.catalogue.page import write_catalogue_page, write_dataset_page
from graph.publishing.publisher import Publisher
from tests.engine.published import PUBLIC_URL, Published, of_quads, of_whole_generation

if TYPE_CHECKING:
    from pathlib import Path

HYDRA = rdflib.Namespace("http://www.w3.org/ns/hydra/core#")
ADDRESS = f"{PUBLIC_URL}data/catalogue"
CATALOGUE = rdflib.URIRef(ADDRESS)
WHOLE = rdflib.URIRef(f"{ADDRESS}/metapole")

TRIG = """
    PREFIX mp: <https://w3id.org/metapole/def#>
    PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
    PREFIX graph: <https://w3id.org/metapole/graph/>
    PREFIX graph-source: <https://w3id.org/metapole/graph/source/>
    PREFIX prov: <http://www.w3.org/ns/prov#>
    PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
    PREFIX document: <https://w3id.org/metapole/id/document/>
    PREFIX country: <https://w3id.org/metapole/id/country/>
    PREFIX figure: <https://w3id.org/metapole/id/figure/>
    PREFIX commit: <https://w3id.org/metapole/id/commit/>
    GRAPH graph-source:leaflet {
        document:other a mp:SourceDocument ; skos:prefLabel "Another"@en .
        document:leaflet a mp:SourceDocument ; skos:prefLabel "Tract <b>{x}</b>"@fr .
        figure:a mp:from "2001-05-01"^^xsd:date .
        figure:b mp:from "1999-01-01"^^xsd:date ;
            mp:to "2003-12-31"^^xsd:date .
        figure:c mp:from "long ago" , "0000-99-99"^^xsd:date ; mp:to "9999-99-99"^^xsd:date .
        figure:d mp:area country:france .
    }
    GRAPH <http://example.org/other?a=1&b=2#c> { <http://example.org/a> a <http://example.org/B> . }
    GRAPH graph:places {
        country:france a mp:Country ; skos:exactMatch
            <http://publications.europa.eu/resource/authority/country/FRA> , <urn:FRA> .
    }
    GRAPH graph:commits {
        commit:1 prov:endedAtTime "2026-01-01T00:00:00Z"^^xsd:dateTime ;
            mp:changedGraph graph-source:leaflet , graph:places .
        commit:2 prov:endedAtTime "2026-02-01T00:00:00Z"^^xsd:dateTime ;
            mp:changedGraph graph-source:leaflet .
    }
"""
LEAFLET = rdflib.URIRef(f"{ADDRESS}/graph/source/leaflet")
OTHER = rdflib.URIRef(f"{ADDRESS}/graph/http%3A%2F%2Fexample.org%2Fother%3Fa%3D1%26b%3D2%23c")
PLACES = rdflib.URIRef(f"{ADDRESS}/graph/places")


@pytest.fixture(scope="module")
def small() -> Published:
    return of_quads(list(ox.parse(TRIG, ox.RdfFormat.TRIG)))


@pytest.fixture(scope="module")
def shipped(shipped_store: Path) -> Published:
    generation = current_generation(shipped_store)
    assert generation
    return of_whole_generation(generation)


def read(published: Published, media_type: str = "text/turtle", **arguments: str) -> rdflib.Graph:
    text = published.written(write_catalogue, media_type, **arguments)
    return rdflib.Graph().parse(data=text, format=media_type)


def listed(graph: rdflib.Graph) -> set[str]:
    return {str(dataset) for dataset in graph.objects(CATALOGUE, DCAT.dataset)}


def texts(graph: rdflib.Graph, subject: rdflib.URIRef, name: rdflib.URIRef) -> dict[str, str]:
    """Return the texts of a property by their languages."""
    found = graph.objects(subject, name)
    return {text.language or "": str(text) for text in found if isinstance(text, rdflib.Literal)}


def test_every_graph_is_a_dataset_but_the_log_and_the_union(small: Published) -> None:
    found = {iri for iri in listed(read(small)) if "/graph/" in iri}

    assert found == {str(LEAFLET), str(OTHER), str(PLACES)}


def test_what_ships_is_listed_graph_by_graph(shipped: Published, project: Path) -> None:
    found = {iri.removeprefix(f"{ADDRESS}/graph/") for iri in listed(read(shipped))}

    sources = {f"source/{path.stem}" for path in (project / "data" / "sources").glob("*.ttl")}
    assert sources
    assert sources | {"ontology", "enrichment", "links", "derived"} <= found


def test_a_graph_of_a_document_is_called_after_the_document(small: Published) -> None:
    titles = texts(read(small), LEAFLET, DCTERMS.title)

    assert titles["en"] == "Statements of the document “Tract <b>{x}</b>”"
    assert titles.keys() == {"en", "fr", "de"}


def test_a_dataset_says_when_its_graph_came_and_changed(small: Published) -> None:
    graph = read(small)

    january, february = (
        rdflib.Literal(f"2026-{month}-01T00:00:00Z", datatype=XSD.dateTime)
        for month in ("01", "02")
    )

    def times(dataset: rdflib.URIRef) -> list[object]:
        return [graph.value(dataset, each) for each in (DCTERMS.issued, DCTERMS.modified)]

    assert times(LEAFLET) == [january, february]
    assert times(PLACES) == [january, january]
    assert times(WHOLE) == [january, february]


def test_a_dataset_says_of_what_countries_and_days_it_tells(small: Published) -> None:
    graph = read(small)
    france = rdflib.URIRef("http://publications.europa.eu/resource/authority/country/FRA")

    assert list(graph.objects(LEAFLET, DCTERMS.spatial)) == [france]
    assert not list(graph.objects(OTHER, DCTERMS.spatial))
    period = graph.value(LEAFLET, DCTERMS.temporal)
    assert str(graph.value(period, DCAT.startDate)) == "1999-01-01"
    assert str(graph.value(period, DCAT.endDate)) == "2003-12-31"


def test_large_graphs_are_not_searched_for_days(
    small: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue_facts, "MOST_TRIPLES", 3)

    graph = read(small)

    assert not list(graph.objects(LEAFLET, DCTERMS.temporal))
    assert list(graph.objects(LEAFLET, DCTERMS.spatial))


def test_every_dataset_has_what_portals_need(shipped: Published) -> None:
    graph = read(shipped)

    datasets = [rdflib.URIRef(iri) for iri in listed(graph)]
    assert datasets
    for dataset in datasets:
        assert str(graph.value(dataset, DCTERMS.identifier)) == str(dataset)
        for each in (DCTERMS.title, DCTERMS.description):
            assert texts(graph, dataset, each).keys() == {"en", "fr", "de"}
        assert list(graph.objects(dataset, DCAT.distribution))
        publisher = graph.value(dataset, DCTERMS.publisher)
        assert str(graph.value(publisher, FOAF.name)) == "Metapole contributors"
        assert graph.value(graph.value(dataset, DCAT.contactPoint), RDF.type)
        for distribution in graph.objects(dataset, DCAT.distribution):
            assert str(distribution).startswith(f"{dataset}#")
            assert str(graph.value(distribution, DCAT.accessURL)).startswith(PUBLIC_URL)


def test_the_number_of_triples_is_that_of_the_graph(shipped: Published) -> None:
    graph = read(shipped)

    name = ox.NamedNode("https://w3id.org/metapole/graph/links")
    counted = sum(1 for _ in shipped.store.quads_for_pattern(None, None, None, name))
    links = rdflib.URIRef(f"{ADDRESS}/graph/links")
    assert int(str(graph.value(links, VOID.triples))) == counted > 0


def test_services_say_what_they_serve_and_where(small: Published) -> None:
    graph = read(small)

    services = list(graph.objects(CATALOGUE, DCAT.service))
    assert services
    for service in services:
        assert list(graph.objects(service, DCAT.servesDataset)) == [WHOLE]
        assert str(graph.value(service, DCAT.endpointURL)).startswith(PUBLIC_URL)
        assert graph.value(service, DCAT.endpointDescription)
        # A portal takes no service for one that is also an accessService.
        assert (None, DCAT.accessService, service) not in graph


def test_nothing_is_without_a_name(shipped: Published) -> None:
    assert not [node for node in read(shipped).all_nodes() if isinstance(node, rdflib.BNode)]


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # its own JSON-LD parser's
@pytest.mark.parametrize(
    "media_type", ["application/rdf+xml", "application/ld+json", "application/n-triples"]
)
def test_it_says_the_same_in_every_format(small: Published, media_type: str) -> None:
    assert set(read(small, media_type)) == set(read(small))


@pytest.mark.parametrize("media_type", ["application/n-quads", "application/trig"])
def test_formats_for_graphs_say_it_of_no_graph(small: Published, media_type: str) -> None:
    text = small.written(write_catalogue, media_type)
    rdf_format = ox.RdfFormat.from_media_type(media_type)
    assert rdf_format

    quads = list(ox.parse(text, rdf_format))

    assert {quad.graph_name for quad in quads} == {ox.DefaultGraph()}
    plain = ox.parse(small.written(write_catalogue, "text/turtle"), ox.RdfFormat.TURTLE)
    assert {quad.triple for quad in quads} == {quad.triple for quad in plain}


def test_json_ld_needs_nothing_from_elsewhere(small: Published) -> None:
    said = json.loads(small.written(write_catalogue, "application/ld+json"))

    assert set(said) == {"@context", "@graph"}
    assert all(isinstance(meaning, str) for meaning in said["@context"].values())
    assert any("dct:title" in node for node in said["@graph"])


class TestPages:
    @pytest.fixture(autouse=True)
    def _short(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(catalogue, "PER_PAGE", 2)

    @pytest.mark.parametrize(
        ("next_name", "kind"),
        [
            pytest.param(HYDRA.next, HYDRA.PartialCollectionView, id="as Hydra has it"),
            pytest.param(HYDRA.nextPage, HYDRA.PagedCollection, id="as Hydra had it"),
        ],
    )
    def test_who_follows_the_pages_gets_each_dataset_once_and_comes_to_an_end(
        self, shipped: Published, next_name: rdflib.URIRef, kind: rdflib.URIRef
    ) -> None:
        path, found = "data/catalogue.ttl", list[str]()
        page: str | None = "1"
        pages = 0
        while page:
            graph = read(shipped, path=path, page=page)
            found += listed(graph)
            pages += 1
            (view,) = graph.subjects(RDF.type, kind)
            after = graph.value(view, next_name)
            assert after is None or str(after).startswith(f"{PUBLIC_URL}{path}?page=")
            page = str(after).rpartition("=")[2] if after else None

        assert len(found) == len(set(found)) == len(Catalogue(shipped.edition()).entries)
        assert pages == -(-len(found) // 2)

    def test_each_page_is_whole(self, shipped: Published) -> None:
        second = read(shipped, page="2")

        assert len(listed(second)) == 2
        for dataset in listed(second):
            publisher = second.value(rdflib.URIRef(dataset), DCTERMS.publisher)
            assert second.value(publisher, FOAF.name)
        assert texts(second, CATALOGUE, DCTERMS.title).keys() == {"en", "fr", "de"}

    @pytest.mark.parametrize("page", ["0", "-1", "x", "", "1.5", "١", "9" * 40])
    def test_what_is_no_page_is_refused(self, small: Published, page: str) -> None:
        with pytest.raises(QueryRejected, match="send a number from 1 on"):
            read(small, page=page)

    def test_a_page_behind_the_last_is_not_an_empty_catalogue(self, small: Published) -> None:
        with pytest.raises(UnknownThing, match="the last is"):
            read(small, page="999")


def test_a_change_elsewhere_leaves_what_is_said_of_a_graph(small: Published) -> None:
    again = of_quads(
        [
            *ox.parse(TRIG, ox.RdfFormat.TRIG),
            ox.Quad(
                ox.NamedNode("http://example.org/x"),
                ox.NamedNode("http://example.org/y"),
                ox.Literal("z"),
                ox.NamedNode("http://example.org/new"),
            ),
        ]
    )

    def said(published: Published) -> bytes:
        return published.written(write_dataset, "text/turtle", dataset="graph/source/leaflet")

    assert said(again) == said(small)


def test_a_dataset_is_described_at_its_own_address(small: Published) -> None:
    text = small.written(
        write_dataset, "text/turtle", dataset=str(OTHER).removeprefix(f"{ADDRESS}/")
    )
    graph = rdflib.Graph().parse(data=text, format="turtle")

    assert (OTHER, RDF.type, DCAT.Dataset) in graph
    assert list(graph.subjects(RDF.type, DCAT.Dataset)) == [OTHER]
    (store,) = graph.objects(OTHER, DCAT.distribution)
    assert str(graph.value(store, DCAT.accessURL)) == (
        f"{PUBLIC_URL}graph-store?graph=http%3A%2F%2Fexample.org%2Fother%3Fa%3D1%26b%3D2%23c"
    )


@pytest.mark.parametrize(
    "slug", ["", "nope", "graph/", "graph/source", "graph/commits", "metapole/"]
)
def test_what_is_no_dataset_is_not_there(small: Published, slug: str) -> None:
    with pytest.raises(UnknownThing, match="the catalogue has no dataset"):
        small.written(write_dataset, "text/turtle", dataset=slug)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("https://w3id.org/metapole/graph/urn:x", "urn:x"),
        ("https://w3id.org/metapole/graph/urn%3Ax", "urn:x"),
        ("https://w3id.org/metapole/graph/a%2Fb", "https://w3id.org/metapole/graph/a/b"),
    ],
)
def test_graphs_with_like_names_are_different_datasets(ours: str, theirs: str) -> None:
    assert Entry("graph", ours).slug != Entry("graph", theirs).slug


@pytest.mark.parametrize(
    "graph", ["", ".", "..", "a/../b", "a//b", "a/", "what?", "part#1", "a%20b"]
)
def test_no_client_changes_the_address_of_a_dataset(graph: str) -> None:
    iri = f"https://w3id.org/metapole/graph/{graph}"

    dataset = Entry("graph", iri).iri(PUBLIC_URL)
    for address in (dataset, address_of_graph(iri, PUBLIC_URL)):
        assert urljoin(PUBLIC_URL, address) == address
        assert str(httpx2.URL(address)) == address
        assert "#" not in address
    assert "?" not in dataset


def test_the_publisher_is_whom_the_operator_names(small: Published) -> None:
    publisher = Publisher(
        'Cluster "Ä"', "Company", "data@example.org", "https://example.org/licence"
    )

    graph = read(small, **dict(publisher.arguments))

    (agent,) = graph.subjects(RDF.type, FOAF.Agent)
    assert str(graph.value(agent, FOAF.name)) == 'Cluster "Ä"'
    assert str(graph.value(agent, DCTERMS.type)).endswith("/Company")
    contact = graph.value(WHOLE, DCAT.contactPoint)
    vcard = rdflib.Namespace("http://www.w3.org/2006/vcard/ns#")
    assert str(graph.value(contact, vcard.hasEmail)) == "mailto:data@example.org"
    assert str(graph.value(WHOLE, DCTERMS.license)) == "https://example.org/licence"


class TestSchemaOrg:
    @pytest.mark.parametrize("language", ["en", "fr", "de"])
    def test_the_page_has_what_search_engines_for_data_need(
        self, shipped: Published, language: str
    ) -> None:
        page = json.loads(shipped.written(write_catalogue_page, language=language))
        said = page["json_ld"]

        assert said["@type"] == "DataCatalog"
        assert len(said["dataset"]) == len(page["datasets"]) > 0
        for dataset in said["dataset"]:
            assert dataset["@type"] == "Dataset"
            assert dataset["name"]
            assert 50 <= len(dataset["description"]) <= 5_000
            assert dataset["license"].startswith("https://")
            assert "distribution" not in dataset  # its own page says that, and all else

    def test_the_query_of_the_page_of_a_dataset_finds_what_it_holds(
        self, shipped: Published
    ) -> None:
        edition = shipped.edition(language="en")
        kinds: Counter[str] = Counter()
        for entry in Catalogue(edition).entries:
            said = shipped.written(write_dataset_page, language="en", dataset=entry.slug)
            query = json.loads(said)["tools"]["query"]
            found = shipped.store.query(query, default_graph=[edition.union])
            assert isinstance(found, ox.QuerySolutions)
            assert next(iter(found), None), entry.slug
            assert entry.kind != "graph" or f"GRAPH <{entry.name}>" in query
            kinds[entry.kind] += 1
        assert kinds["whole"] == 1
        assert kinds["table"] > 5 < kinds["graph"]

    def test_the_page_of_a_dataset_is_about_it(self, small: Published) -> None:
        page = json.loads(
            small.written(write_dataset_page, language="de", dataset="graph/source/leaflet")
        )

        assert page["json_ld"]["@id"] == str(LEAFLET)
        distributions = page["json_ld"]["distribution"]
        assert distributions
        assert all(each["contentUrl"].startswith(PUBLIC_URL) for each in distributions)
        assert page["json_ld"]["temporalCoverage"] == "1999-01-01/2003-12-31"
        assert page["title"] == "Aussagen des Dokuments „Tract <b>{x}</b>“"

    def test_a_label_without_end_makes_no_description_without_end(self) -> None:
        quads = list(ox.parse(TRIG.replace("Tract ", "Tract " + "x" * 10_000), ox.RdfFormat.TRIG))

        page = json.loads(
            of_quads(quads).written(
                write_dataset_page, language="en", dataset="graph/source/leaflet"
            )
        )

        assert len(page["json_ld"]["description"]) <= 5_000
        assert len(page["title"]) < 400


def test_a_page_of_very_many_graphs_takes_no_more_memory_than_one_of_few(small: Published) -> None:
    many = {f"https://w3id.org/metapole/graph/g{number:05}": 1 for number in range(10_000)}
    facts = replace(small.facts, graphs={**small.facts.graphs, **many})
    published = Published(small.store, facts)
    arguments = {"dataset": "graph/g05000"}
    published.written(write_dataset, "text/turtle", **arguments)

    tracemalloc.start()
    try:
        published.written(write_dataset, "text/turtle", **arguments)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert most < 10_000_000  # the list of all their files takes 80 MB
