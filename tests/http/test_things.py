"""Every IRI answers: things and concepts lead to pages and files, with typed links around them."""

from __future__ import annotations

import json
import re
import socket
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import httpx2
import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.publishing.things.formats import THING_FORMATS

from .conftest import publish

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graph.formats import Format

    from .conftest import Serve

W3ID = "https://w3id.org/metapole/"
HTML = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
"""What browsers send."""
NOT_THERE = {
    ("def/sector/automotive", "geojson"),
    ("def/sector", "geojson"),
    ("def/sector", "csv"),
}
"""Of concepts there is no map, and of a scheme there are no statements."""
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class Site:
    """The server, on a connection that stays open."""

    def __init__(self, url: str, client: httpx2.Client) -> None:
        self.url = url
        self._client = client

    def ask(self, path: str, method: str = "GET", **headers: str) -> httpx2.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._client.request(method, self.url + path, headers=named)


@pytest.fixture(scope="module")
def site(endpoint: str) -> Iterator[Site]:
    with httpx2.Client(verify=False, timeout=60) as client:
        yield Site(endpoint, client)


STRANGE = """
PREFIX mp: <https://w3id.org/metapole/def#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX dct: <http://purl.org/dc/terms/>
PREFIX id: <https://w3id.org/metapole/id/>
GRAPH <https://w3id.org/metapole/graph/g> {
    <https://w3id.org/metapole/id/cluster/pôle> a mp:Cluster, <javascript:alert(1)> ;
        skos:prefLabel "</script><script>alert(1)</script>"@en ;
        skos:altLabel "\\"><img src=x onerror=alert(2)>"@fr ;
        mp:page <javascript:alert(3)> , <data:text/html,x> ; skos:note "\\u0001\\u202E{{7*7}}" .
    <https://w3id.org/metapole/id/figure/f> a mp:Statement ;
        mp:about <https://w3id.org/metapole/id/cluster/pôle> ; mp:evidence <javascript:alert(4)> .
    [] a mp:Statement ; mp:about <https://w3id.org/metapole/id/cluster/pôle> ; mp:evidence [] .
    <urn:x> a mp:Statement , 7 ; mp:about <https://w3id.org/metapole/id/cluster/pôle> .
    <https://w3id.org/metapole/id/cluster/long> a mp:Cluster ;
        skos:prefLabel "\u202eevil LONG"@en , "LONG"@fr ; skos:altLabel "LONG" .
    <https://w3id.org/metapole/id/claim/long> a mp:Claim , mp:Statement ; mp:text "=1+1 LONG" ;
        mp:about <https://w3id.org/metapole/id/cluster/long> ;
        mp:page "javascript:alert(5)" .
    <https://w3id.org/metapole/id/web-link/long> a mp:WebLink , mp:Statement ;
        mp:about <https://w3id.org/metapole/id/cluster/long> ; mp:page "javascript:alert(6)" .
    <https://w3id.org/metapole/id/cluster/gone> owl:deprecated true ;
        dct:isReplacedBy <https://w3id.org/metapole/id/cluster/pôle> .
    <https://w3id.org/metapole/id/cluster/former> dct:isReplacedBy
        <https://w3id.org/metapole/id/cluster/pôle> .
}
""".replace("LONG", "x" * 10_000)


@pytest.fixture(scope="module")
def strange(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server of what nobody should write, and some things that were withdrawn."""
    store = tmp_path_factory.mktemp("strange") / "store"
    publish(store, STRANGE)
    options = ("--licence", "https://creativecommons.org/publicdomain/zero/1.0/")
    with serve(store, *options) as server, httpx2.Client(verify=False, timeout=60) as client:
        yield Site(server.url, client)


def links(answer: httpx2.Response) -> dict[str, list[str]]:
    """Return the targets of the Link header, by the type of link."""
    found: dict[str, list[str]] = {}
    for target, relations in re.findall(r'<([^>]*)>; rel="([^"]*)"', answer.headers["link"]):
        for relation in relations.split():
            found.setdefault(relation, []).append(target)
    return found


@pytest.mark.parametrize(
    ("accept", "target"),
    [
        (None, "cluster/avia"),
        ("*/*", "cluster/avia"),
        (HTML, "cluster/avia"),
        ("text/turtle", "data/cluster/avia.ttl"),
        ("text/turtle;q=0.5, application/ld+json", "data/cluster/avia.jsonld"),
        # In quads nothing is in the default graph, where clients that follow links look.
        ("application/n-quads, text/turtle;q=0.9, */*;q=0.1", "data/cluster/avia.ttl"),
        ("application/n-quads, text/html;q=0", "data/cluster/avia.nq"),
        ("application/trig, */*;q=0.1", "data/cluster/avia.trig"),
        ("text/html;q=0.2, application/rdf+xml;q=0.7", "data/cluster/avia.rdf"),
        ("application/json", "data/cluster/avia.json"),
        ("application/ld+json;q=0, */*;q=0.1", "cluster/avia"),
        ("text/csv", "data/cluster/avia.csv"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_thing_leads_to_what_a_client_likes_best(
    site: Site, method: str, accept: str | None, target: str
) -> None:
    headers = {} if accept is None else {"accept": accept}
    answer = site.ask("/id/cluster/avia", method, **headers)
    assert (answer.status_code, answer.content) == (303, b"")
    assert answer.headers["location"] == f"{site.url}/{target}"
    assert answer.headers["vary"] == "Accept"
    assert links(answer)["cite-as"] == [f"{W3ID}id/cluster/avia"]


def test_what_nobody_has_is_refused_with_what_there_is(site: Site) -> None:
    answer = site.ask("/id/cluster/avia", accept="image/png")
    assert answer.status_code == 406
    for each in ("text/html", "text/turtle", "application/ld+json"):
        assert each in answer.json()["detail"]


@pytest.mark.parametrize(
    ("path", "accept", "target"),
    [
        ("/def/sector/automotive", HTML, "sector/automotive"),
        ("/def/role/member", HTML, "ontology/role#member"),
        ("/def/sector/automotive", "text/turtle", "data/def/sector/automotive.ttl"),
        ("/def/sector", HTML, "ontology/sector"),
        ("/def/sector", "application/n-triples", "data/def/sector.nt"),
    ],
)
def test_a_concept_and_a_scheme_lead_on(site: Site, path: str, accept: str, target: str) -> None:
    answer = site.ask(path, accept=accept)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"{site.url}/{target}"


@pytest.mark.parametrize("name", ["cluster/minalogic", "def/sector/automotive", "def/sector"])
@pytest.mark.parametrize("written_as", THING_FORMATS, ids=lambda each: each.extension)
def test_a_file_is_what_its_extension_says(site: Site, name: str, written_as: Format) -> None:
    answer = site.ask(f"/data/{name}.{written_as.extension}", accept="text/html")
    if (name, written_as.extension) in NOT_THERE:
        assert answer.status_code == 406
        assert ".ttl, .nt" in answer.text
        return
    assert answer.status_code == 200
    assert answer.headers["content-type"].split(";")[0] == written_as.media_type
    assert answer.headers["etag"].startswith('W/"')
    assert answer.headers["last-modified"].endswith(" GMT")
    assert answer.headers["vary"] == "Accept, Accept-Encoding"
    if written_as.kind == "graph":
        rdf_format = ox.RdfFormat.from_media_type(written_as.media_type)
        triples = {quad.triple for quad in ox.parse(answer.content, rdf_format)}
        assert len(triples) > 8
    elif written_as.media_type.endswith("json"):
        assert answer.json()


@pytest.mark.parametrize(
    "path",
    ["/cluster/avia", "/data/cluster/avia", "/data/cluster/avia.ttl", "/data/cluster/avia.json",
     "/data/cluster/avia/linkset", "/data/def/sector.nt", "/graph/enrichment"],
)  # fmt: skip
def test_head_says_what_get_says_and_what_is_known_is_not_sent_again(site: Site, path: str) -> None:
    accept = "text/html" if path == "/graph/enrichment" else "*/*"
    whole = site.ask(path, accept=accept)
    head = site.ask(path, "HEAD", accept=accept)
    assert (whole.status_code, head.status_code, head.content) == (200, 200, b"")
    for name in ("content-type", "etag", "last-modified", "vary", "link", "cache-control"):
        assert head.headers.get(name) == whole.headers.get(name)
    again = site.ask(path, accept=accept, if_none_match=whole.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers.get("link") == whole.headers.get("link")


def test_a_file_is_negotiated_where_the_address_has_no_extension(site: Site) -> None:
    for accept, media_type in (
        ("*/*", "text/turtle"),
        ("application/ld+json", "application/ld+json"),
        ("application/json", "application/json"),
        ("text/html;q=0.9, application/trig;q=0.8", "application/trig"),
    ):
        answer = site.ask("/data/cluster/avia", accept=accept)
        assert answer.headers["content-type"].split(";")[0] == media_type
    assert site.ask("/data/cluster/avia", accept="image/png").status_code == 406


def test_the_page_and_the_files_are_signposted(site: Site) -> None:
    page = links(site.ask("/cluster/minalogic", "HEAD"))
    assert page["cite-as"] == [f"{W3ID}id/cluster/minalogic"]
    assert page["license"] == ["https://creativecommons.org/licenses/by/4.0/"]
    assert "https://schema.org/AboutPage" in page["type"]
    assert f"{W3ID}def#Cluster" in page["type"]
    assert set(page["linkset"]) == {f"{site.url}/data/cluster/minalogic/linkset"}
    assert page["describedby"] == page["alternate"]
    for target in page["describedby"]:
        path = urlsplit(target).path
        file = site.ask(path, "HEAD")
        assert file.status_code == 200, path
        assert links(file)["describes"] == [f"{site.url}/cluster/minalogic"]
        assert links(file)["cite-as"] == page["cite-as"]


def test_the_author_of_a_document_is_who_published_it(site: Site) -> None:
    answer = site.ask("/document/luxinnovation-pole-automobile-europeen-2019")
    assert links(answer)["author"] == [f"{W3ID}id/organisation/luxinnovation"]


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("application/linkset", "application/linkset"),
        ("application/linkset+json", "application/linkset+json"),
        ("*/*", "application/linkset+json"),
        (HTML, "application/linkset+json"),
    ],
)
def test_the_links_are_a_document_too(site: Site, accept: str, media_type: str) -> None:
    answer = site.ask("/data/cluster/avia/linkset", accept=accept)
    assert answer.headers["content-type"] == media_type
    assert f"{W3ID}id/cluster/avia" in answer.text


class _Data(HTMLParser):
    """The data that a page has for search engines."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.documents: list[str] = []
        self._is_in_one = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._is_in_one = tag == "script" and ("type", "application/ld+json") in attrs
        known = ("application/ld+json", "application/json", "module")
        assert tag != "script" or dict(attrs).get("type") in known

    def handle_data(self, data: str) -> None:
        if self._is_in_one:
            self.documents.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._is_in_one = self._is_in_one and tag != "script"


def test_a_page_shows_values_time_source_and_what_is_printed(site: Site) -> None:
    page = site.ask("/cluster/avia", accept=HTML).text
    for expected in (
        '<span lang="es"><bdi>Cluster de automoción de la Comunitat Valenciana</bdi></span></h1>',
        "more than 11.200 million euros",
        "2014\u2009–\u20092020",
        "date of the document",
        f'href="{site.url}/evidence/avia-turnover"',
        f'href="{site.url}/country/spain"><bdi>Spain</bdi></a>',
        f'href="{site.url}/data/cluster/avia.jsonld"',
        f'href="{site.url}/sparql?query=',
    ):
        assert expected in page
    (document,) = _Data(page).documents
    assert json.loads(document)["@id"] == f"{W3ID}id/cluster/avia"


@pytest.mark.parametrize("view", ["", "?asof=2016-01-01"])
def test_the_query_of_a_page_answers_what_its_file_says(site: Site, view: str) -> None:
    said = site.ask(f"/data/cluster/avia.json{view}").json()
    asked = site.ask(said["query_address"].removeprefix(site.url), accept="application/n-triples")
    file = site.ask(f"/data/cluster/avia.nt{view}")
    parsed = [
        {quad.triple for quad in ox.parse(each.content, ox.RdfFormat.N_TRIPLES)}
        for each in (asked, file)
    ]
    assert parsed[0] == parsed[1]
    assert len(parsed[0]) > 400


def test_a_page_of_many_leads_to_the_others(site: Site) -> None:
    path = "/document/ifa-competitive-clusters-2007"
    first, second = site.ask(path), site.ask(f"{path}?page=2")
    assert links(first)["next"] == [f"{site.url}{path}?page=2"]
    assert "prev" not in links(first)
    assert links(second)["prev"] == links(second)["first"] == [site.url + path]
    assert f"{site.url}/data{path}.ttl?page=2" in links(second)["describedby"]
    (last,) = links(first)["last"]
    assert "next" not in links(site.ask(last.removeprefix(site.url)))
    behind = site.ask(f"{path}?page=1000")
    assert (behind.status_code, "there are" in behind.json()["detail"]) == (404, True)
    data = site.ask(f"/data{path}.nt?page=2")
    assert links(data)["next"] == [f"{site.url}/data{path}.nt?page=3"]


@pytest.mark.parametrize("day", ["2007-06-01", "2026-01-01"])
def test_a_view_of_a_day_says_that_it_is_one(site: Site, day: str) -> None:
    page = site.ask(f"/cluster/avia?asof={day}").text
    assert "This is a view" in page
    assert ("more than 11.200 million euros" in page) is False
    everything = site.ask("/data/cluster/avia.nt").text.splitlines()
    view = site.ask(f"/data/cluster/avia.nt?asof={day}").text.splitlines()
    assert set(view) < set(everything)
    assert site.ask("/cluster/avia?asof=2016-01-01").text.count("11.200 million") > 0


@pytest.mark.parametrize(
    "query",
    ["asof=2007-02-30", "asof=", "asof=today", "page=0", "page=x", "page=1&page=2", "nothing=1",
     "asof=2007-01-01%00", "page=%0D%0AX-Evil:%201", "page=%E2%80%A8"],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/id/cluster/avia", "/cluster/avia", "/data/cluster/avia.ttl"])
def test_bad_parameters_are_refused(site: Site, path: str, query: str) -> None:
    answer = site.ask(f"{path}?{query}")
    assert answer.status_code == 400
    assert not CONTROL.search(answer.text)


def test_there_are_no_profiles(site: Site) -> None:
    answer = site.ask("/data/cluster/avia?profile=dcat")
    assert answer.status_code == 406
    assert "ttl" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/id/cluster/AVIA", "/id/cluster/avia"),
        ("/cluster/AVIA", "/cluster/avia"),
        ("/data/cluster/AVIA.ttl", "/data/cluster/avia.ttl"),
        ("/data/Cluster/Avia", "/data/cluster/avia"),
        ("/data/cluster/AVIA/linkset", "/data/cluster/avia/linkset"),
        ("/def/Sector/Automotive", "/def/sector/automotive"),
        ("/data/def/SECTOR.nt", "/data/def/sector.nt"),
        ("/cluster/acod?asof=2016-01-01", None),
        ("/cluster/ACOD?asof=2016-01-01", "/cluster/acod?asof=2016-01-01"),
        ("/area/nrw", "/area/north-rhine-westphalia"),
        ("/cluster/%61via", None),
        ("/cluster/automotive-cluster-east-germany", "/cluster/acod"),
    ],
)
def test_another_way_to_write_a_name_is_sent_on_for_good(
    site: Site, path: str, target: str | None
) -> None:
    answer = site.ask(path)
    if target is None:
        assert answer.status_code == 200
        return
    assert answer.status_code == 308
    assert answer.headers["location"] == site.url + target
    assert site.ask(target).status_code in (200, 303)


def test_who_has_a_name_not_quite_right_is_offered_near_ones(site: Site) -> None:
    for path in ("/id/cluster/minalogics", "/cluster/minalogics", "/data/cluster/minalogics.ttl"):
        answer = site.ask(path)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
        first = answer.json()["suggestions"][0]
        assert first == {
            "iri": f"{W3ID}id/cluster/minalogic",
            "address": f"{site.url}/id/cluster/minalogic",
            "label": "Minalogic",
        }


def test_an_extension_that_is_none_is_told_which_there_are(site: Site) -> None:
    answer = site.ask("/data/cluster/avia.exe")
    assert answer.status_code == 404
    assert "ttl, nt, rdf, jsonld" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/nothing", "/a/b/c", "/data/x", "/id/x", "/id/a/b/c"])
def test_what_is_no_address_of_a_thing_is_not_there(site: Site, path: str) -> None:
    assert site.ask(path).status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_things_are_only_read(site: Site, method: str) -> None:
    for path in ("/id/cluster/avia", "/cluster/avia", "/data/cluster/avia.ttl"):
        answer = site.ask(path, method)
        assert answer.status_code == 405
        assert answer.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize("name", ["enrichment", "source/cooperation-with-clusters", "derived"])
def test_a_graph_has_a_page_for_who_likes_html_best(site: Site, name: str) -> None:
    answer = site.ask(f"/graph/{name}", accept=HTML)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert f"<h1>Graph {name}</h1>" in answer.text
    count = re.search(r"It holds ([\d,]+) triples", answer.text)
    triples = site.ask(f"/graph/{name}", accept="application/n-triples").text
    assert count
    assert int(count[1].replace(",", "")) == triples.count("\n")
    assert links(answer)["cite-as"] == [f"{W3ID}graph/{name}"]
    for file in links(answer)["item"]:
        assert f'href="{file}"' in answer.text
        assert site.ask(file.removeprefix(site.url), "HEAD").status_code == 200


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "text/turtle"),
        ("*/*", "text/turtle"),
        ("text/*", "text/turtle"),
        ("application/rdf+xml, */*;q=0.1", "application/rdf+xml"),
        ("text/html;q=0.5, text/turtle", "text/turtle"),
        ("text/turtle, text/html", "text/turtle"),
    ],
)
def test_a_graph_is_a_graph_for_everybody_else(
    site: Site, accept: str | None, media_type: str
) -> None:
    headers = {} if accept is None else {"accept": accept}
    answer = site.ask("/graph/enrichment", **headers)
    assert answer.headers["content-type"].split(";")[0] == media_type
    assert answer.headers["etag"].startswith('"')


def test_the_page_of_a_graph_that_is_not_there_is_not_there(site: Site) -> None:
    page = site.ask("/graph/enrichments", accept=HTML)
    assert page.status_code == 404
    assert f'href="{site.url}/graph/enrichment"' in page.text


class _Links(HTMLParser):
    """Where a page leads, and what runs in it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.targets: set[str] = set()
        self.tags: set[str] = set()
        self.handlers: set[str] = set()
        self.scripts: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.targets |= {value or "" for name, value in attrs if name in ("href", "src")}
        self.handlers |= {name for name, _ in attrs if name.startswith("on")}
        if tag == "script" and ("type", "application/json") not in attrs:
            self.scripts.add((dict(attrs).get("src") or "inline").partition("?")[0])


def test_what_others_wrote_does_nothing_on_a_page(strange: Site) -> None:
    answer = strange.ask("/cluster/p%C3%B4le", accept=HTML)
    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    page = _Links(answer.text)
    assert page.handlers == set()
    assert "img" not in page.tags
    assert {target.partition(":")[0] for target in page.targets} <= {
        "http",
        "https",
        "data",
        "#_content",
    }
    assert {target for target in page.targets if target.startswith("data:")} <= {"data:,"}
    (document,) = _Data(answer.text).documents
    assert json.loads(document)["name"] == "</script><script>alert(1)</script>"


@pytest.mark.parametrize("view", ["", "?page=1"])
def test_a_very_long_name_is_cut_and_leads_nowhere(strange: Site, view: str) -> None:
    answer = strange.ask(f"/cluster/long{view}", accept=HTML)
    page = _Links(answer.text)

    assert answer.status_code == 200
    assert len(answer.content) < 30_000
    assert answer.text.count("\u202e") <= answer.text.count("<bdi>") + 2  # of title and citation
    assert not [each for each in page.targets if each.startswith("javascript:")]


def test_the_licence_is_what_the_operator_says(strange: Site) -> None:
    for path, accept in (
        ("/cluster/p%C3%B4le", HTML),
        ("/data/cluster/p%C3%B4le.nt", "*/*"),
        ("/graph/g", HTML),
    ):
        answer = strange.ask(path, "HEAD", accept=accept)
        assert links(answer)["license"] == ["https://creativecommons.org/publicdomain/zero/1.0/"], (
            path
        )


def test_a_name_with_accents_is_sent_on_in_ascii(strange: Site) -> None:
    answer = strange.ask("/id/cluster/p%C3%B4le", accept="text/turtle")
    assert answer.headers["location"] == f"{strange.url}/data/cluster/p%C3%B4le.ttl"
    assert strange.ask("/id/cluster/former").headers["location"].endswith("/id/cluster/p%C3%B4le")
    assert strange.ask("/data/cluster/p%C3%B4le.ttl").status_code == 200


@pytest.mark.parametrize("path", ["/id/cluster/gone", "/cluster/gone", "/data/cluster/gone.ttl"])
def test_what_was_withdrawn_is_gone_and_names_its_successor(strange: Site, path: str) -> None:
    answer = strange.ask(path)
    assert answer.status_code == 410
    (successor,) = answer.json()["successors"]
    assert successor["iri"] == f"{W3ID}id/cluster/pôle"


# Lone surrogates and NUL included: what is percent-encoded may be any bytes.
segments = st.one_of(
    st.text(max_size=12).map(lambda text: quote(text.encode("utf-8", "surrogatepass"), safe="")),
    st.binary(max_size=8).map(lambda some: quote(some, safe="")),
    st.sampled_from(["cluster", "avia", "AVIA", "def", "sector", "avia.ttl", "..", ".", "",
                     "%0d%0aX-Evil:1", "%C2%85", "%2F", "avia%00", "%ff", "\x85", "\u2028", "é",
                     "<script>", "a" * 600]),
)  # fmt: skip
paths = st.tuples(
    st.sampled_from(["", "/id", "/data", "/def", "/data/def", "/graph", "/cluster"]),
    st.lists(segments, min_size=1, max_size=3),
    st.sampled_from(["", "?page=2", "?asof=%0D%0A", "?asof=2016-01-01", "?x=%00"]),
).map(lambda parts: f"{parts[0]}/{'/'.join(parts[1])}{parts[2]}")


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(path=paths, accept=st.sampled_from(["*/*", HTML, "text/turtle", "text/csv"]))
def test_no_address_breaks_anything_or_is_given_back_raw(
    site: Site, path: str, accept: str
) -> None:
    status, head, body = raw_answer(site, path, accept)
    assert status in (200, 303, 308, 400, 404, 406, 410, 414), (status, body)
    lines = head.split(b"\r\n")
    assert not any(line.lower().startswith(b"x-evil") for line in lines)
    assert not any(re.search(rb"[\x00-\x08\x0a-\x1f\x7f]", line) for line in lines)
    if status >= 400 and accept == HTML:
        page = _Links(body.decode())
        assert not CONTROL.search(body.decode().replace("\n", " "))
        assert page.handlers == set()
        assert page.scripts <= {f"{site.url}/static/site.js"}
    elif status >= 400:
        assert not CONTROL.search(body.decode())
        assert not CONTROL.search(json.loads(body)["detail"]), body


def raw_answer(site: Site, target: str, accept: str) -> tuple[int, bytes, bytes]:
    """Ask for *target* as it is, which no client library would send."""
    address = urlsplit(site.url)
    with socket.create_connection((address.hostname or "", address.port or 0), 10) as connection:
        request = f"GET {target} HTTP/1.1\r\nHost: x\r\nAccept: {accept}\r\nConnection: close\r\n"
        connection.sendall(f"{request}\r\n".encode())
        content = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = content.partition(b"\r\n\r\n")
    if b"transfer-encoding: chunked" in head.lower():
        body = b""
    return int(head.split(b" ", 2)[1]), head, body
