"""`/sparql` as a page, without scripts: a form, the answer, a mistake in its line."""

from __future__ import annotations

import csv
import html
import io
import re
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx2
import pytest

from .conftest import Serve, Server, publish

if TYPE_CHECKING:
    from collections.abc import Iterator

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
CLUSTERS = """\
# title: Clusters by name
PREFIX mp: <https://w3id.org/metapole/def#>
SELECT ?cluster { ?cluster a mp:Cluster } ORDER BY ?cluster
"""


def get(address: str, query: str | None = None, accept: str = BROWSER) -> httpx2.Response:
    params = None if query is None else {"query": query}
    return httpx2.get(address, params=params, headers={"Accept": accept})


@pytest.mark.parametrize("prefix", ["", "/fr", "/de"])
def test_a_browser_gets_a_form_that_asks_here_by_get(endpoint: str, prefix: str) -> None:
    page = get(f"{endpoint}{prefix}/sparql")

    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "script-src 'self'; style-src 'self'" in page.headers["content-security-policy"]
    assert f'action="{endpoint}{prefix}/sparql" method="get"' in page.text
    assert re.search(r"<textarea[^>]* name=\"query\"", page.text)


@pytest.mark.parametrize("prefix", ["", "/fr", "/de"])
def test_the_query_that_is_there_to_begin_with_finds_something(endpoint: str, prefix: str) -> None:
    page = get(f"{endpoint}{prefix}/sparql")
    area = re.search(r"<textarea[^>]*>(.*?)</textarea>", page.text, re.DOTALL)
    assert area

    answer = get(f"{endpoint}/sparql", html.unescape(area[1]), "text/csv")

    assert len(list(csv.reader(io.StringIO(answer.text)))) > 20


def test_the_answer_is_on_the_page_by_name_and_linked(endpoint: str) -> None:
    page = get(f"{endpoint}/sparql", CLUSTERS)

    assert page.status_code == 200
    assert "<h1>Clusters by name</h1>" in page.text
    assert f'<a href="{endpoint}/cluster/minalogic"' in page.text
    assert "<bdi>Minalogic</bdi>" in page.text
    names = re.findall(r"<td><a [^>]*><bdi>", page.text)
    assert len(names) == 88  # as many as there are clusters: see tests/package/test_wheel.py
    assert "88 rows" in page.text


@pytest.mark.parametrize(
    ("prefix", "name"), [("", "located in"), ("/fr", "situé dans"), ("/de", "gelegen in")]
)
def test_things_are_called_as_the_language_of_the_page_has_it(
    endpoint: str, prefix: str, name: str
) -> None:
    query = "SELECT ?term { VALUES ?term { <https://w3id.org/metapole/def#locatedIn> } }"
    page = get(f"{endpoint}{prefix}/sparql", query)

    assert f"<bdi>{name}</bdi>" in page.text


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("ASK { ?s a <https://w3id.org/metapole/def#Cluster> }", "<strong>Yes</strong>"),
        ("ASK { ?s a <https://w3id.org/metapole/def#Nothing> }", "<strong>No</strong>"),
        ("SELECT * { ?s a <https://w3id.org/metapole/def#Nothing> }", "Nothing fits the query."),
        ("SELECT (1 AS ?one) {}", '<td class="number"><span><bdi>1</bdi></span></td>'),
        ("SELECT ?a ?b { VALUES (?a ?b) { (UNDEF 'x'@fr) } }", '<td></td><td><span lang="fr">'),
        (
            (
                "CONSTRUCT { ?s a <https://w3id.org/metapole/def#Cluster> } "
                "WHERE { ?s a <https://w3id.org/metapole/def#Cluster> } LIMIT 1"
            ),
            '<th scope="col">subject</th><th scope="col">predicate</th><th scope="col">object</th>',
        ),
    ],
)
def test_every_kind_of_answer_is_shown(endpoint: str, query: str, shown: str) -> None:
    assert shown in get(f"{endpoint}/sparql", query).text


def test_a_long_answer_is_shown_in_part_and_that_is_said(endpoint: str) -> None:
    page = get(f"{endpoint}/sparql", "SELECT * { ?s ?p ?o }")

    assert page.text.count("<tr>") == 1001
    assert "The first 1,000 rows; a file has all of them." in page.text


@pytest.mark.parametrize(
    ("query", "endings"),
    [
        ("SELECT ?s { ?s a <https://w3id.org/metapole/def#Cluster> }", "csv json tsv xml"),
        ("CONSTRUCT WHERE { ?s a <https://w3id.org/metapole/def#Cluster> }", "ttl jsonld nt rdf"),
    ],
)
@pytest.mark.parametrize("prefix", ["", "/de"])
def test_every_file_that_the_page_leads_to_has_the_whole_answer(
    endpoint: str, query: str, endings: str, prefix: str
) -> None:
    page = get(f"{endpoint}{prefix}/sparql", query)
    for ending in endings.split():
        found = re.search(rf'href="([^"]*/sparql\.{ending}\?[^"]*)"', page.text)
        assert found
        file = get(html.unescape(found[1]))
        assert file.status_code == 200
        assert "text/html" not in file.headers["content-type"]
        assert file.text.count("/cluster/") >= 88


def test_the_ending_of_another_kind_of_answer_is_not_there(endpoint: str) -> None:
    answer = get(f"{endpoint}/sparql.ttl", "ASK {}", "*/*")

    assert answer.status_code == 404
    assert "csv" in answer.json()["detail"]


def test_a_mistake_is_shown_in_its_line(endpoint: str) -> None:
    page = get(f"{endpoint}/sparql", "SELECT *\nWHERE {\n  ?s ?p\n}")

    assert page.status_code == 400
    assert "Line 4, column 1:" in page.text
    place = re.search(r'<pre class="place"[^>]*>(.*?)</pre>', page.text, re.DOTALL)
    assert place
    lines = re.sub(r"<[^>]*>", "", place[1]).rstrip().splitlines()
    assert [line[6:] for line in lines] == ["WHERE {", "  ?s ?p", "}", "^"]
    assert "SELECT *\nWHERE {" in page.text  # it is still in the form


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("SELECT * { SERVICE <http://a.example/> { ?s ?p ?o } }", 403, "--federate"),
        ("INSERT DATA { <urn:a> <urn:b> <urn:c> }", 400, "this is an update"),
        ("SELECT (<urn:no-function>(1) AS ?x) {}", 501, "urn:no-function"),
        ("SELECT * { GRAPH <not absolute> {} }", 400, "not absolute"),
    ],
)
def test_what_is_not_answered_is_explained_on_the_page(
    endpoint: str, query: str, status: int, said: str
) -> None:
    page = get(f"{endpoint}/sparql", query)
    as_ever = get(f"{endpoint}/sparql", query, "application/json")

    assert (page.status_code, as_ever.status_code) == (status, status)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert said in html.unescape(page.text)
    assert page.headers["cache-control"] == "no-store"


def test_an_update_is_never_made_from_a_page(endpoint: str) -> None:
    page = httpx2.get(
        f"{endpoint}/sparql", params={"update": "CLEAR ALL"}, headers={"Accept": BROWSER}
    )

    assert page.status_code == 400
    assert "there is an update in the address" in page.text


@pytest.mark.parametrize(
    "accept",
    [
        None,
        "*/*",
        (
            "application/sparql-results+json, application/sparql-results+xml;q=0.9, "
            "text/tab-separated-values;q=0.7, text/csv;q=0.5, application/json;q=0.2, "
            "application/xml;q=0.2, */*;q=0.1"
        ),  # Jena
        "application/sparql-results+xml,application/rdf+xml;q=0.9,*/*;q=0.5",
        "text/csv, text/html;q=0.9",
    ],
)
def test_programs_get_what_sparql_says(endpoint: str, accept: str | None) -> None:
    """What httpx sends by itself is `*/*`, as curl does; None stands for nothing at all."""
    headers = {} if accept is None else {"Accept": accept}
    with httpx2.Client() as client:
        if accept is None:
            del client.headers["accept"]
        for _ in range(2):  # the second comes from the cache
            page = get(f"{endpoint}/sparql", "ASK { ?a ?b ?c }")
            answer = client.get(
                f"{endpoint}/sparql", params={"query": "ASK { ?a ?b ?c }"}, headers=headers
            )
            assert page.headers["content-type"] == "text/html; charset=utf-8"
            assert answer.status_code == 200
            assert "html" not in answer.headers["content-type"]
            assert "Accept" in answer.headers["vary"]
            assert "Accept" in page.headers["vary"]


def test_a_page_is_kept_by_its_tag(endpoint: str) -> None:
    page = get(f"{endpoint}/sparql", CLUSTERS)
    again = httpx2.get(
        f"{endpoint}/sparql",
        params={"query": CLUSTERS},
        headers={"Accept": BROWSER, "If-None-Match": page.headers["etag"]},
    )

    assert again.status_code == 304


def test_what_changes_by_itself_is_not_kept(endpoint: str) -> None:
    query = "SELECT (STRUUID() AS ?id) {}"
    pages = [get(f"{endpoint}/sparql", query) for _ in range(2)]

    assert pages[0].headers["cache-control"] == "no-store"
    ids = [re.findall(r"<bdi>([0-9a-f-]{36})</bdi>", page.text) for page in pages]
    assert all(ids)
    assert ids[0] != ids[1]


def test_a_frame_has_the_answer_and_no_form(endpoint: str) -> None:
    page = get(f"{endpoint}/embed/sparql", CLUSTERS)

    assert "frame-ancestors *" in page.headers["content-security-policy"]
    assert "Minalogic" in page.text
    assert "<form" not in page.text
    assert '<base target="_top">' in page.text  # what is linked is no page for frames


def test_a_frame_without_a_query_is_a_page_too(endpoint: str) -> None:
    assert get(f"{endpoint}/embed/sparql").status_code == 200


@pytest.fixture(scope="module")
def hostile(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    store = tmp_path_factory.mktemp("hostile") / "store"
    publish(
        store,
        r"""
        PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
        GRAPH <urn:g> {
            <javascript:alert(1)> rdfs:label "<script>alert(1)</script>" .
            <urn:a> rdfs:label "\u202Egnp.exe" .
            <urn:b> rdfs:label "%s" .
        }
        """
        % ("x" * 10_000),
    )
    with serve(store, "--readers", 1, "--timeout", 2) as server:
        yield server


def test_hostile_names_are_text(hostile: Server) -> None:
    page = get(hostile.sparql, "SELECT * { ?thing ?p ?name }")

    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
    assert 'href="javascript:' not in page.text
    assert "<bdi>\u202egnp.exe</bdi>" in page.text
    assert "x" * 501 not in page.text


def test_a_query_in_the_address_is_text_on_the_page(hostile: Server) -> None:
    for query in ("</textarea><script>alert(1)</script>", "ASK {} # </textarea><script>"):
        assert "<script>alert" not in get(hostile.sparql, query).text
        assert "# </textarea>" not in get(hostile.sparql, query).text


def test_a_slow_query_ends_as_for_all_and_the_page_says_so(hostile: Server) -> None:
    numbers = " ".join(map(str, range(300)))
    product = "".join(f"VALUES ?{name} {{ {numbers} }} " for name in "abcd")
    slow = f"SELECT (COUNT(*) AS ?n) {{ {product} }}"
    page = get(hostile.sparql, slow)

    assert page.status_code == 504
    assert "stopped after 2 s" in page.text
    assert get(hostile.sparql, "ASK {}").status_code == 200


def test_an_address_of_a_query_is_read_as_ever_by_programs(endpoint: str) -> None:
    """What an editor adds to the address means nothing to the protocol."""
    answer = httpx2.get(
        f"{endpoint}/sparql?query={quote('ASK {}')}&view=map", headers={"Accept": "text/csv"}
    )

    assert answer.text == "true"
