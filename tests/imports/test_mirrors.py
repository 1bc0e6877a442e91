"""A mirror holds what a query finds at another endpoint: all of it, or it stays as it was."""

from __future__ import annotations

import asyncio
import http.server
import threading
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pyoxigraph as ox
import pytest

from graph.errors import ImportRefused
from graph.fetching.allowed import Allowed, AllowList
from graph.fetching.fetchers import Fetchers
from graph.importing.candidate import read_lines
from graph.importing.mirror import Mirror
from graph.importing.mirroring import Mirroring
from graph.limits import FetchLimits

from .conftest import triples

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from .conftest import Run

EX = "http://example.org/"
GRAPH = "https://w3id.org/metapole/graph/import/labels"
LABEL = ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
QUERY = f"""\
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
CONSTRUCT {{ ?thing rdfs:label ?label }}
WHERE {{ ?thing rdfs:label ?label FILTER (STRSTARTS(STR(?thing), "{EX}")) }}
"""


class Portal:
    """An endpoint whose answers have at most *most_rows* rows, or so many solutions, if any."""

    def __init__(self) -> None:
        self.store = ox.Store()
        self.most_rows = 0
        self.most_keys = 1000
        self.texts: list[str] = []
        self.before_each: Callable[[str], object] = str
        portal = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._answer(urlsplit(self.path).query)

            def do_POST(self) -> None:
                self._answer(self.rfile.read(int(self.headers["Content-Length"])).decode())

            def _answer(self, form: str) -> None:
                text = parse_qs(form)["query"][0]
                portal.texts.append(text)
                portal.before_each(text)
                is_too_much = text.count("(<") > portal.most_keys
                media_type, content = portal.answer(text)
                self.send_response(400 if is_too_much else 200)
                self.send_header("Content-Type", media_type)
                self.send_header("Content-Length", str(len(content)))
                if portal.most_rows:
                    self.send_header("X-SPARQL-MaxRows", str(portal.most_rows))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- as the base calls it
                """Say nothing."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/sparql"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def answer(self, text: str) -> tuple[str, bytes]:
        """Answer as Virtuoso does: what is too much is left out, and 200 is said."""
        if self.most_rows and "COUNT" not in text:
            text = f"{text} LIMIT {self.most_rows}" if " LIMIT " not in text else text
        found = self.store.query(text)
        if isinstance(found, ox.QuerySolutions):
            content = found.serialize(format=ox.QueryResultsFormat.JSON)
            assert content
            return "application/sparql-results+json", content
        assert isinstance(found, ox.QueryTriples)
        content = found.serialize(format=ox.RdfFormat.TURTLE)
        assert content is not None
        return "text/turtle", content

    def add(self, name: str, *labels: str) -> None:
        for label in labels:
            self.store.add(ox.Quad(ox.NamedNode(EX + name), LABEL, ox.Literal(label)))

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def portal() -> Iterator[Portal]:
    portal = Portal()
    for number in range(25):
        portal.add(f"thing/{number}", f"thing {number}", f"Ding {number}")
    yield portal
    portal.close()


@pytest.fixture
def query(tmp_path: Path) -> Path:
    path = tmp_path / "labels.rq"
    path.write_text(QUERY)
    return path


def labels(store: Path) -> set[tuple[str, str]]:
    return _labels(triples(store, GRAPH))


def _labels(found: Iterable[ox.Triple]) -> set[tuple[str, str]]:
    return {
        (each.subject.value, each.object.value)
        for each in found
        if each.predicate == LABEL
        and isinstance(each.subject, ox.NamedNode)
        and isinstance(each.object, ox.Literal)
    }


def there(portal: Portal) -> set[tuple[str, str]]:
    return {
        (quad.subject.value, quad.object.value)
        for quad in portal.store
        if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.Literal)
    }


def test_a_mirror_is_made_page_by_page_and_again_only_where_something_changed(
    portal: Portal, query: Path, run: Run, store: Path
) -> None:
    words = ("sparql", portal.url, "--query", query, "--page", 10, "--yes", "--licence", "cc0")
    status, _, said = run(*words)
    assert status == 0, said
    assert labels(store) == there(portal)
    _says_where_it_is_from(store, portal)
    assert sum(text.startswith("CONSTRUCT") for text in portal.texts) == 3

    status, _, said = run(*words)
    assert status == 0, said
    assert "Done" not in said

    portal.add("thing/new", "new")
    portal.store.remove(ox.Quad(ox.NamedNode(EX + "thing/3"), LABEL, ox.Literal("thing 3")))
    status, _, said = run(*words)
    assert status == 0, said
    assert "Done" in said
    assert labels(store) == there(portal)

    status, _, said = run("undo", "labels", "--yes")
    assert status == 0, said
    assert (EX + "thing/3", "thing 3") in labels(store)


def _says_where_it_is_from(store: Path, portal: Portal) -> None:
    said = {
        (each.predicate.value.rpartition("/")[2], str(each.object))
        for each in triples(store, GRAPH)
    }
    assert ("source", f"<{portal.url}>") in said
    assert ("license", "<https://creativecommons.org/publicdomain/zero/1.0/>") in said
    (mapped,) = [value for name, value in said if name == "def#mappedBy"]
    assert mapped.startswith('"labels.rq (SHA-256 ')


def mirrored(
    portal: Portal, folder: Path, most: int = 500, text: str = QUERY
) -> set[tuple[str, str]]:
    """Return what a mirror gets of *text* in pages of *most* keys."""
    allowed = Allowed("portal", portal.url, FetchLimits(cache_ttl_s=0), is_private=True)

    async def work() -> Path:
        async with Fetchers(AllowList([allowed])) as fetchers:
            mirroring = Mirroring(fetchers, allowed, Mirror.read(text), folder, most)
            return (await mirroring.fetch("labels")).part.path

    return _labels(read_lines(asyncio.run(work())))


def test_what_an_endpoint_leaves_out_is_asked_for_in_smaller_pages(
    portal: Portal, tmp_path: Path
) -> None:
    portal.most_rows = 7
    assert mirrored(portal, tmp_path, 20) == there(portal)


def test_a_page_that_is_too_much_for_the_endpoint_is_asked_for_in_halves(
    portal: Portal, tmp_path: Path
) -> None:
    portal.most_keys = 7
    assert mirrored(portal, tmp_path, 20) == there(portal)
    asked = [text.count("(<") for text in portal.texts if text.startswith("CONSTRUCT")]
    assert asked == [20, 10, 5, 5, 5, 5, 5], "what is too much once is not tried again"


def test_a_mirror_is_refused_where_one_key_is_too_much(portal: Portal, tmp_path: Path) -> None:
    portal.add("thing/3", *map(str, range(20)))
    portal.most_rows = 10
    with pytest.raises(ImportRefused, match=f"more than 10 solutions for <{EX}thing/3>"):
        mirrored(portal, tmp_path)


def test_a_mirror_is_refused_when_the_endpoint_changes_meanwhile(
    portal: Portal, tmp_path: Path
) -> None:
    def change(text: str) -> None:
        if text.startswith("CONSTRUCT"):
            portal.add("thing/0-meanwhile", "new")

    portal.before_each = change
    with pytest.raises(ImportRefused, match=r"has 26 of \?thing now, and 25 came"):
        mirrored(portal, tmp_path, 10)


def test_a_mirror_is_refused_where_solutions_would_be_left_out(
    portal: Portal, tmp_path: Path
) -> None:
    portal.store.add(ox.Quad(ox.BlankNode(), LABEL, ox.Literal("nobody")))
    with pytest.raises(ImportRefused, match=r"has 1 solutions in which \?s is no IRI"):
        mirrored(portal, tmp_path, text="CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }")


def test_an_endpoint_that_is_not_there_changes_nothing(query: Path, run: Run, store: Path) -> None:
    before = triples(store, GRAPH)
    status, _, said = run("sparql", "http://127.0.0.1:9/sparql", "--query", query, "--yes")
    assert status == 1
    assert "127.0.0.1 cannot be connected to" in said
    assert triples(store, GRAPH) == before


@pytest.mark.parametrize(
    ("text", "key", "complaint"),
    [
        ("SELECT * { ?s ?p ?o }", None, "no CONSTRUCT"),
        ("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 10", None, "sorts, groups or limits"),
        ("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } ORDER BY ?s", None, "sorts, groups or limits"),
        ("CONSTRUCT { <a:b> ?p ?o } WHERE { ?s ?p ?o }", None, "--key names one"),
        ("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", "x", r"--key takes one of \?s, \?p, \?o"),
        ("CONSTRUCT { ?s ?p ?o } WHERE { SERVICE <a:b> { ?s ?p ?o } }", None, "has a SERVICE"),
        ("CONSTRUCT { ?s ?p } WHERE { ?s ?p ?o }", None, "line 1"),
    ],
)
def test_a_query_that_cannot_be_asked_for_in_pages_is_refused(
    text: str, key: str | None, complaint: str
) -> None:
    with pytest.raises(ImportRefused, match=complaint):
        Mirror.read(text, key)


def test_pages_have_the_statements_of_the_query_whatever_its_pattern_is() -> None:
    store = ox.Store()
    text = """
        PREFIX : <http://example.org/>
        CONSTRUCT { ?x :is ?y . ?y :has ?z . [] :about ?x } WHERE {
          { SELECT ?x (COUNT(*) AS ?n) { ?x :p ?o } GROUP BY ?x HAVING (COUNT(*) > 1) }
          OPTIONAL { ?x :q ?y } MINUS { ?x :gone true } BIND (STR(?x) AS ?z)
          FILTER (?n < 4)
        } VALUES ?y { UNDEF :a :b }
    """
    insert = "PREFIX : <http://example.org/> INSERT DATA { %s }"
    data = (
        "".join(f":x{n} :p 1, 2, {n} . :x{n} :q :{'abc'[n % 3]} ." for n in range(12))
        + " :x5 :gone true . :y :p 1 ."
    )
    store.update(insert % data)
    mirror = Mirror.read(text, "?x")
    found: set[str] = set()
    last: str | None = None
    pages = 0
    while keys := _keys(store, mirror.keys_after(last, 4)):
        last, pages = keys[-1], pages + 1
        found |= _lines(store, mirror.page(keys))
    assert pages == 3
    assert found == _lines(store, text)


def _keys(store: ox.Store, query: str) -> list[str]:
    solutions = store.query(query)
    assert isinstance(solutions, ox.QuerySolutions)
    return [str(row["x"])[1:-1] for row in solutions]


def _lines(store: ox.Store, query: str) -> set[str]:
    """Return what *query* makes, with blank nodes that are all the same."""
    triples = store.query(query)
    assert isinstance(triples, ox.QueryTriples)
    return {
        " ".join(["_:" if isinstance(each, ox.BlankNode) else str(each) for each in triple])
        for triple in triples
    }
