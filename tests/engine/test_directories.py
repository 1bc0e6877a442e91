"""Directories: what is chosen is what is found, and every count is one."""

import json
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pyoxigraph as ox
import pytest
import rdflib

from graph.errors import QueryRejected
from graph.publishing.edition import UNION
from graph.publishing.site.directory.offered import DIRECTORIES
from graph.publishing.site.directory.pages import PAGE_THINGS, write_directory
from tests.engine.published import MP, Published, of_turtle

ID = "https://w3id.org/metapole/id/"
DEF = "https://w3id.org/metapole/def/"

CHOICES = [
    pytest.param("clusters", {}, id="all clusters"),
    pytest.param("clusters", {"country": "germany"}, id="one value"),
    pytest.param("clusters", {"country": "germany\nitaly\ntunisia"}, id="several values"),
    pytest.param("clusters", {"country": "france", "sector": "automotive"}, id="two facets"),
    pytest.param("clusters", {"sector": "mobility-transport-automotive"}, id="a wide sector"),
    pytest.param("clusters", {"region": "brittany\nnormandy", "label": "national"}, id="regions"),
    pytest.param("clusters", {"size": "50-99\n250-499"}, id="sizes"),
    pytest.param("clusters", {"partner": "united-states\njapan"}, id="countries of partners"),
    pytest.param("clusters", {"role": "partner\nmember"}, id="roles"),
    pytest.param("clusters", {"completeness": "4\n5"}, id="completeness"),
    pytest.param("clusters", {"sort": "completeness", "source": "cooperation-with-clusters"}),
    pytest.param("organisations", {"kind": "company"}, id="companies"),
    pytest.param(
        "organisations", {"completeness": "2"}, id="organisations of which little is known"
    ),
    pytest.param("partnerships", {"partner": "france", "sort": "newest"}, id="partnerships"),
    pytest.param("events", {"sort": "newest", "country": "luxembourg"}, id="events"),
    pytest.param("projects", {}, id="projects"),
    pytest.param("programmes", {}, id="programmes"),
    pytest.param("documents", {"sort": "newest"}, id="documents"),
]


def page(published: Published, name: str, **arguments: str) -> dict[str, Any]:
    return json.loads(published.written(write_directory, directory=name, **arguments))


def all_rows(published: Published, name: str, **arguments: str) -> list[dict[str, Any]]:
    first = page(published, name, **arguments)
    more = (
        page(published, name, **arguments, page=str(number))
        for number in range(2, first["paging"]["count"] + 1)
    )
    return [*first["rows"], *(row for each in more for row in each["rows"])]


def fresh(turtle: str) -> Published:
    """Return a store of its own, of which nothing is remembered."""
    published = of_turtle(turtle)
    return replace(published, facts=replace(published.facts, store_id=uuid4().hex))


def asked(published: Published, text: str) -> list[ox.QuerySolution]:
    found = published.store.query(text, default_graph=[UNION])
    assert isinstance(found, ox.QuerySolutions)
    return list(found)


@pytest.mark.parametrize(("name", "choice"), CHOICES)
def test_a_page_lists_what_its_query_finds(
    shipped: Published, name: str, choice: dict[str, str]
) -> None:
    rows = all_rows(shipped, name, **choice)
    listed = [row["thing"]["iri"] for row in rows]
    found = asked(shipped, page(shipped, name, **choice)["tools"]["query"])

    assert listed
    assert len(set(listed)) == len(listed) == page(shipped, name, **choice)["found"]
    assert sorted(listed) == sorted(row[DIRECTORIES[name].variable].value for row in found)


@pytest.mark.parametrize("language", ["en", "fr", "de"])
@pytest.mark.parametrize("name", DIRECTORIES)
def test_a_query_names_what_the_page_names(shipped: Published, name: str, language: str) -> None:
    shown = all_rows(shipped, name, language=language)
    found = asked(shipped, page(shipped, name, language=language)["tools"]["query"])
    thing = DIRECTORIES[name].variable
    by_thing = {row[thing].value: row for row in found}
    assert len(by_thing) == len(found)
    for row in shown:
        for column, values in row["cells"].items():
            cell = by_thing[row["thing"]["iri"]][column]
            told = [each if isinstance(each, str) else each.get("label", "") for each in values]
            if not told:
                assert cell is None
            elif not any("more" in each for each in values):
                assert sorted(cell.value.split(" | ")) == sorted(told)


@pytest.mark.parametrize(
    ("name", "choice"),
    [
        ("clusters", {}),
        ("clusters", {"country": "france", "sector": "health\nautomotive"}),
        ("clusters", {"source": "cooperation-with-clusters", "completeness": "3\n4"}),
        ("organisations", {"kind": "company"}),
        ("partnerships", {"partner": "finland"}),
    ],
)
def test_a_count_is_what_its_value_would_leave(
    shipped: Published, name: str, choice: dict[str, str]
) -> None:
    for facet in page(shipped, name, **choice)["facets"]:
        for value in (*facet["values"], *facet["more"]):
            others = {key: text for key, text in choice.items() if key != facet["name"]}
            alone = {**others, facet["name"]: value["value"]}
            assert page(shipped, name, **alone)["found"] == value["count"], value


def test_the_facets_count_what_the_sources_say(shipped: Published, data: rdflib.Graph) -> None:
    """Another library, which derives nothing, finds the same."""
    clusters = {*data.subjects(rdflib.RDF.type, MP.Cluster)}
    clusters |= {*data.subjects(rdflib.RDF.type, MP.MetaCluster)}
    ranks = {
        (cluster, category)
        for statement in data.subjects(rdflib.RDF.type, MP.Labelling)
        for cluster in data.objects(statement, MP.labelled)
        for category in data.objects(statement, MP.category)
        if cluster in clusters
    }
    found = page(shipped, "clusters")
    facets = {facet["name"]: facet for facet in found["facets"]}
    told = {each["value"]: each["count"] for each in facets["label"]["values"]}

    assert found["total"] == len(clusters)
    assert set(told) == {"national", "international"}
    for rank, count in told.items():
        concept = rdflib.URIRef(f"{DEF}label-category/{rank}")
        assert count == sum(category == concept for _, category in ranks)


def test_an_area_of_a_country_is_in_the_country() -> None:
    published = fresh(f"""
        PREFIX mp: <{MP}>
        PREFIX id: <{ID}>
        <{ID}cluster/a> a mp:Cluster ; mp:locatedIn <{ID}area/saxony> .
        <{ID}cluster/b> a mp:Cluster ; mp:locatedIn <{ID}country/france> .
        <{ID}area/saxony> a mp:Area ; mp:partOf <{ID}area/east> .
        <{ID}area/east> a mp:Area ; mp:partOf <{ID}country/germany> .
        <{ID}country/germany> a mp:Country . <{ID}country/france> a mp:Country .
    """)

    assert page(published, "clusters", country="germany")["found"] == 1
    assert page(published, "clusters", region="east")["found"] == 1


def test_what_is_known_is_counted_and_named(shipped: Published) -> None:
    rows = {row["thing"]["iri"]: row["known"] for row in all_rows(shipped, "clusters")}

    assert {"place", "sector", "partners", "source"} <= set(rows[f"{ID}cluster/minalogic"])
    in_order = all_rows(shipped, "clusters", sort="completeness")
    counts = [len(row["known"]) for row in in_order]
    assert counts == sorted(counts, reverse=True)


def test_a_value_that_nothing_has_is_left_out_and_said_so(shipped: Published) -> None:
    found = page(shipped, "clusters", country="atlantis\nfrance", sector="<script>")

    assert found["ignored"] == [
        {"facet": "country", "value": "atlantis"},
        {"facet": "sector", "value": "<script>"},
    ]
    assert [each["named"]["iri"] for each in found["chosen"]] == [f"{ID}country/france"]
    assert found["found"] == page(shipped, "clusters", country="france")["found"]


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"sort": "size"}, "'sort' is 'size'; it may be name or completeness"),
        ({"view": "list"}, "'view' is 'list'; it may be table or cards"),
        ({"page": "0"}, "'page' is '0'; it is a number from 1 on"),
        ({"page": "٣"}, "it is a number from 1 on"),
        ({"page": "9999999999"}, "it is a number from 1 on"),
    ],
)
def test_nonsense_is_refused_in_plain_words(
    shipped: Published, wrong: dict[str, str], complaint: str
) -> None:
    with pytest.raises(QueryRejected, match=complaint):
        page(shipped, "clusters", **wrong)


def test_pages_share_the_things_among_them(shipped: Published) -> None:
    first, last = page(shipped, "clusters"), page(shipped, "clusters", page="999")

    assert len(first["rows"]) == PAGE_THINGS
    assert set(first["paging"]["addresses"]) == {"next", "last"}
    assert last["paging"]["number"] == last["paging"]["count"]
    assert set(last["paging"]["addresses"]) == {"first", "previous"}
    assert len(all_rows(shipped, "clusters")) == first["total"]


def test_an_empty_directory_is_a_page() -> None:
    for name in DIRECTORIES:
        found = page(fresh(""), name)
        assert (found["total"], found["found"], found["rows"]) == (0, 0, [])


def test_names_that_mean_harm_are_text_and_short() -> None:
    published = fresh(f"""
        PREFIX mp: <{MP}>
        PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
        <{ID}cluster/long> a mp:Cluster ; skos:prefLabel "{"x" * 10_000}"@en ;
            mp:sector <javascript:alert(1)> , <http://other.example/s%3Cscript%3E> .
        <javascript:alert(2)> a mp:Cluster ; skos:prefLabel "=cmd|' /C calc'!A0"@en .
        [] a mp:Cluster ; skos:prefLabel "of no name"@en .
    """)

    found = page(published, "clusters", sector="javascript:alert(1)")

    assert found["total"] == 2
    assert found["found"] == 1
    assert len(found["rows"][0]["thing"]["label"]) < 300
    assert len(asked(published, found["tools"]["query"])) == 1
