"""The pages of the ontology: every term is found, by people, by programs and by its IRI."""

import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urldefrag, urljoin

import html5rdf  # pyright: ignore[reportMissingTypeStubs] -- it comes with rdflib, and has none
import httpx2
import pyoxigraph as ox
import pytest

from graph.generations import current_generation
from graph.publishing.document import Document
from graph.publishing.edition import Edition, Facts, facts_of
from graph.publishing.writers import writer_of
from server.messages import LANGUAGES, messages
from server.pages import JSON, Page, Templates

TYPES = {
    "ttl": "text/turtle",
    "rdf": "application/rdf+xml",
    "jsonld": "application/ld+json",
    "nt": "application/n-triples",
}
PAGES = [
    "/ontology",
    "/ontology/sector",
    "/ontology/specialty",
    "/ontology/shapes",
    "/ontology/network",
    "/ontology/term/Cluster",
    "/ontology/term/sector",
]
FILES = [
    "/ontology.ttl",
    "/ontology/shapes.ttl",
    "/ontology/hierarchy.svg",
    "/ontology/classes.mmd",
    "/data/context.jsonld",
]
HOSTILE = "</title></svg><script>alert(1)</script><img src=x onerror=alert(1)>\"'"


class Parts(HTMLParser):
    """The ids and the links of a page, and the languages of its parts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.names: list[tuple[str, dict[str, str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.names.append((tag, found))
        if "id" in found:
            self.ids.append(found["id"])
        if tag in ("a", "link") and found.get("href"):
            self.links.append(found["href"])


def ask(endpoint: str, path: str, method: str = "GET", **headers: str) -> httpx2.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    url = path if path.startswith("http") else endpoint + path
    return httpx2.request(method, url, headers=named, timeout=60)


@pytest.fixture(scope="module")
def pages(endpoint: str) -> dict[str, str]:
    """The pages in English, by their paths."""
    return {path: ask(endpoint, path, accept="text/html").text for path in PAGES}


@pytest.fixture(scope="module")
def own_terms(project: Path) -> dict[str, dict[str, str]]:
    """The labels of each class and property, by language."""
    labels: dict[str, dict[str, str]] = {}
    for path in (project / "ontology" / "terms").glob("*.ttl"):
        for quad in ox.parse(path=str(path)):
            is_label = quad.predicate.value.endswith("#label")
            if is_label and isinstance(quad.object, ox.Literal):
                name = str(quad.subject).rpartition("#")[2].rstrip(">")
                labels.setdefault(name, {})[quad.object.language or ""] = quad.object.value
    return labels


def test_every_term_is_a_part_of_the_page_and_leads_to_its_own_with_all_labels(
    endpoint: str, pages: dict[str, str], own_terms: dict[str, dict[str, str]]
) -> None:
    assert len(own_terms) > 150
    rows = dict(re.findall(r'<tr id="(\w+)">(.*?)</tr>', pages["/ontology"], re.DOTALL))

    assert sorted(rows) == sorted(own_terms)
    with httpx2.Client(headers={"Accept": "text/html"}, timeout=60) as client:
        for name, labels in own_terms.items():
            assert sorted(labels) == ["de", "en", "fr"]
            assert f'<span lang="en">{labels["en"]}</span>' in rows[name], name
            address = f"{endpoint}/ontology/term/{name}"
            assert f'href="{address}"' in rows[name]
            page = client.get(address).text
            for language, text in labels.items():
                assert f'<span lang="{language}">{text}</span>' in page, name


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_valid_html_whose_parts_have_names_of_their_own(
    pages: dict[str, str], path: str
) -> None:
    html5rdf.HTMLParser(strict=True).parse(pages[path])  # pyright: ignore[reportUnknownMemberType] -- the same
    found = Parts(pages[path])

    assert len(found.ids) == len(set(found.ids))
    tags = [tag for tag, _ in found.names]
    assert tags.count("h1") == tags.count("main") == tags.count("footer") == 1
    assert not {"style", "iframe"} & set(tags)
    assert not any(
        name.startswith("on") or name == "style" for _, all_ in found.names for name in all_
    )


def test_no_link_inside_the_ontology_leads_nowhere(
    endpoint: str, pages: dict[str, str], project: Path
) -> None:
    """Pages and files are asked for; the other schemes are compared with their sources."""
    known: dict[str, list[str]] = {endpoint + path: Parts(pages[path]).ids for path in PAGES}
    for path in (project / "ontology" / "schemes").glob("*.ttl"):
        triples = list(ox.parse(path=str(path)))
        slugs = [str(quad.subject).rpartition("/")[2].rstrip(">") for quad in triples]
        known.setdefault(f"{endpoint}/ontology/{path.stem}", slugs)
    found = {
        urldefrag(urljoin(endpoint + path, link))
        for path in PAGES
        for link in Parts(pages[path]).links
    }
    ours = {each for each in found if re.match(rf"{endpoint}/(ontology|static|data/)", each.url)}
    assert len(ours) > 400
    for address, fragment in ours:
        if address not in known:
            answer = ask(endpoint, address, "HEAD")
            assert answer.status_code == 200, address
            known[address] = []
        assert not fragment or fragment in known[address], f"{address}#{fragment}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_speaks_the_language_that_its_address_names(endpoint: str, language: str) -> None:
    title = {"en": "Classes", "fr": "Propriétés", "de": "Eigenschaften"}[language]
    prefix = "" if language == "en" else f"/{language}"
    answer = ask(endpoint, f"{prefix}/ontology", accept_language="it")

    assert f'<html lang="{language}">' in answer.text
    assert answer.headers["content-language"] == language
    assert f">{title}</h2>" in answer.text
    for other in LANGUAGES:
        address = f"{endpoint}{'' if other == 'en' else f'/{other}'}/ontology"
        assert f'<link rel="alternate" hreflang="{other}" href="{address}">' in answer.text


@pytest.mark.parametrize("suffix", TYPES)
def test_the_ontology_is_had_as_a_file_by_its_name_or_by_negotiation(
    endpoint: str, suffix: str
) -> None:
    named = ask(endpoint, f"/ontology.{suffix}")
    negotiated = ask(endpoint, "/ontology", accept=TYPES[suffix])
    for answer in (named, negotiated):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(TYPES[suffix])
        assert 'rel="license"' in answer.headers["link"]
        assert answer.headers["access-control-allow-origin"] == "*"
    assert named.content == negotiated.content


@pytest.mark.parametrize(
    ("accept", "location"),
    [
        ("", "/ontology"),
        ("*/*", "/ontology"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "/ontology"),
        ("text/turtle", "/ontology.ttl"),
        ("application/rdf+xml, text/turtle;q=0.5", "/ontology.rdf"),
        ("application/ld+json", "/ontology.jsonld"),
        ("application/n-triples", "/ontology.nt"),
    ],
)
def test_the_iri_of_a_term_leads_to_the_page_or_to_a_file(
    endpoint: str, accept: str, location: str
) -> None:
    for method in ("GET", "HEAD"):
        answer = ask(endpoint, "/def", method, accept=accept)
        assert answer.status_code == 303
        assert answer.headers["location"] == endpoint + location
        assert "Accept" in answer.headers["vary"]
        assert answer.content == b""


@pytest.mark.parametrize("path", [*PAGES, *FILES])
def test_who_has_it_already_is_told_so_and_who_asks_for_the_head_gets_it(
    endpoint: str, path: str
) -> None:
    first = ask(endpoint, path)
    head = ask(endpoint, path, "HEAD")
    again = ask(endpoint, path, if_none_match=first.headers["etag"])

    assert (first.status_code, head.status_code, again.status_code) == (200, 200, 304)
    assert (head.content, again.content) == (b"", b"")
    for name in ("etag", "last-modified", "vary", "link", "content-type"):
        assert head.headers.get(name) == first.headers.get(name), name


@pytest.mark.parametrize(
    ("path", "iri", "kind"),
    [
        ("/ontology", "https://w3id.org/metapole/def", "http://www.w3.org/2002/07/owl#Ontology"),
        (
            "/ontology/sector",
            "https://w3id.org/metapole/def/sector",
            "https://schema.org/AboutPage",
        ),
    ],
)
def test_a_page_says_of_what_it_is_where_its_files_are_and_under_which_licence(
    endpoint: str, path: str, iri: str, kind: str
) -> None:
    links = ask(endpoint, path, "HEAD").headers["link"]
    assert f'<{iri}>; rel="cite-as"' in links
    assert f'<{kind}>; rel="type"' in links
    assert '<https://creativecommons.org/licenses/by/4.0/>; rel="license"' in links
    for target, media_type in re.findall(
        r'<([^>]+)>; rel="describedby alternate"; type="([^"]+)"', links
    ):
        answer = ask(endpoint, target, "HEAD")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(media_type)
        assert f'<{endpoint}{path}>; rel="describes alternate"' in answer.headers["link"]
    ((linkset, media_type), *_) = re.findall(r'<([^>]+)>; rel="linkset"; type="([^"]+)"', links)
    answer = ask(endpoint, linkset, accept=media_type)
    assert answer.headers["content-type"].startswith(media_type)
    assert f'<{iri}>; rel="cite-as"; anchor="{endpoint}{path}"' in answer.text


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/ontology/sectors", 404, "sector"),
        ("/ontology/term/cluster", 404, "/ontology/term/Cluster"),
        ("/ontology/term/%3Cscript%3E", 404, "no term"),
        ("/ontology.xml", 404, "/ontology.rdf"),
        ("/ontology/sector.pdf", 404, "/ontology/shapes.ttl"),
        ("/ontology?lang=nl", 400, "it takes none"),
        ("/ontology?lang=%0d%0aX-Evil:1", 400, "not for text"),
        ("/nl/ontology", 404, "no such"),
        ("/ontology/a%0d%0aX-Evil:%201", 400, "not for text"),
        ("/ontology/%3Cscript%3E", 404, "sector"),
        ("/def/7.0.0", 404, "0.1.0"),
    ],
)
def test_what_is_not_there_is_answered_with_what_is(
    endpoint: str, path: str, status: int, said: str
) -> None:
    answer = ask(endpoint, path)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert said in json.dumps(answer.json())
    assert "x-evil" not in answer.headers
    assert not re.search(r"[\r\n]X-Evil", json.loads(answer.text)["detail"])


@pytest.mark.parametrize(
    ("path", "status", "location"),
    [
        ("/ontology/Cluster", 308, "/ontology#Cluster"),
        ("/ontology/SECTOR", 308, "/ontology/sector"),
        ("/def/0.1.0", 303, "/ontology"),
    ],
)
def test_what_has_another_address_leads_there(
    endpoint: str, path: str, status: int, location: str
) -> None:
    answer = ask(endpoint, path)
    assert (answer.status_code, answer.headers["location"]) == (status, endpoint + location)


def test_what_nobody_can_write_is_not_acceptable(endpoint: str) -> None:
    for path in ("/ontology", "/def"):
        answer = ask(endpoint, path, accept="image/png")
        assert answer.status_code == 406
        assert "text/turtle" in answer.json()["detail"]


Json = dict[str, "Json"] | list["Json"] | str | int | bool | None


def replaced(value: Json, words: set[str], name: str = "") -> Json:
    """Return *value* with all that comes from the graph made hostile; *words* are ours."""
    if isinstance(value, dict):
        return {key: replaced(each, words, key) for key, each in value.items()}
    if isinstance(value, list):
        return [replaced(each, words) for each in value]
    if not isinstance(value, str) or name in ("hierarchy", "network", "address"):
        return value
    if name == "href":
        return "javascript:alert(1)"
    return value if name in ("name", "how", "kind") and value in words else HOSTILE


@pytest.mark.parametrize(
    ("writer", "template", "arguments"),
    [
        ("ontology-page", "ontology.html", {}),
        ("ontology-term", "ontology_term.html", {"term": "Cluster"}),
        ("ontology-network", "ontology_network.html", {}),
        ("scheme-page", "scheme.html", {"scheme": "specialty"}),
        ("shapes-page", "shapes.html", {}),
    ],
)
def test_what_the_graph_says_is_text_wherever_it_stands(
    shipped_store: Path, writer: str, template: str, arguments: dict[str, str]
) -> None:
    generation = current_generation(shipped_store)
    assert generation
    facts, out = Facts(**facts_of(generation)), io.BytesIO()
    store = ox.Store.read_only(str(generation.path))
    writer_of(writer)(
        Edition(store, "application/json", arguments, "http://here.example/", facts, out)
    )
    words = {*messages("en")["ontology"], "disjoint", "Class"}
    values = replaced(json.loads(out.getvalue()), words)
    page = Page(Document(writer, (JSON,)), template, (("language", "de"), ("path", "ontology")))
    text = Templates("http://here.example").rendered(page, json.dumps(values).encode(), generation)
    found = Parts(text.decode())

    assert text.count(b"&lt;script&gt;") > 20
    assert "img" not in {tag for tag, _ in found.names}
    scripts = [each for tag, each in found.names if tag == "script"]
    own = "http://here.example/static/"
    assert all(
        each.get("src", "").startswith(own) or each.get("type") == "application/json"
        for each in scripts
    )
    attributes = {name for _, all_ in found.names for name in all_}
    assert not {name for name in attributes if name.startswith("on") or name == "style"}
    allowed = ("http://here.example/", "https://creativecommons.org/", "#", "data:,")
    assert [link for link in found.links if not link.startswith(allowed)] == []
