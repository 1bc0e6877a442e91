"""What the shapes say of a file that is sent: over HTTP, and nothing is kept."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx2
import pyoxigraph as ox
import pytest

from graph.formats import Format, formats_of

from .conftest import Serve, publish
from .writers import FORM, PUBLIC, TOKENS, TURTLE, Writer, writing

MP = "https://w3id.org/metapole/def#"
SH = "http://www.w3.org/ns/shacl#"
CLUSTER = "https://w3id.org/metapole/id/cluster/nameless"
BAD = f"<{CLUSTER}> a <{MP}Cluster>, <{MP}Organisation> ."
GOOD = "<x:s> <x:p> <x:o> ."
JSON = {"Accept": "application/json"}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("validate") / "store"
    publish(folder)
    return folder


@pytest.fixture(scope="module")
def writer(serve: Serve, store: Path) -> Iterator[Writer]:
    with writing(serve, store, in_place=True) as each:
        before = each.everything()
        yield each
        assert each.everything() == before
        assert not list((store / "spool").iterdir())


def validate(
    writer: Writer, content: str | bytes, target: str = "", **headers: str
) -> httpx2.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx2.post(
        f"{writer.server.url}/validate{target}",
        content=content,
        headers={"Content-Type": TURTLE} | named,
        timeout=60,
    )


def test_what_conforms_is_said_to(writer: Writer) -> None:
    response = validate(writer, GOOD, **JSON)
    assert response.status_code == 200, response.text
    assert response.json() == {"conforms": True, "nodes": 0, "complete": True, "findings": []}
    assert response.headers["cache-control"] == "no-store"
    assert "x-truncated" not in response.headers


def test_what_breaks_a_shape_is_said_with_place_and_remedy(writer: Writer) -> None:
    report = validate(writer, BAD, **JSON).json()
    assert (report["conforms"], report["nodes"], report["complete"]) == (False, 1, True)
    (finding,) = [each for each in report["findings"] if each["shape"].endswith("#Cluster")]
    assert finding["focus"] == CLUSTER
    assert finding["severity"] == "error"
    assert finding["message"] == "a cluster is a network, not the body that runs it"
    assert finding["remedy"].startswith("make two things, joined by a membership")


@pytest.mark.parametrize("each", formats_of("graph"), ids=lambda each: each.name)
def test_the_report_is_rdf_in_every_syntax(writer: Writer, each: Format) -> None:
    response = validate(writer, BAD, Accept=each.media_type)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].partition(";")[0] == each.media_type
    quads = list(ox.parse(response.content, ox.RdfFormat.from_media_type(each.media_type)))
    (conforms,) = [quad.object for quad in quads if quad.predicate.value == f"{SH}conforms"]
    assert conforms == ox.Literal(False)
    focus = {quad.object for quad in quads if quad.predicate.value == f"{SH}focusNode"}
    assert focus == {ox.NamedNode(CLUSTER)}


def test_turtle_is_the_report_of_who_has_no_wish(writer: Writer) -> None:
    assert validate(writer, GOOD).headers["content-type"] == "text/turtle; charset=utf-8"


def test_relative_iris_are_those_of_the_graph_that_is_named(writer: Writer) -> None:
    relative = BAD.replace("https://w3id.org/metapole/id", "../id")
    for name in ("https://w3id.org/metapole/graph/a", f"{PUBLIC}/graph/a"):
        report = validate(writer, relative, f"?graph={quote(name, safe='')}", **JSON).json()
        assert {each["focus"] for each in report["findings"]} == {CLUSTER}


def test_parts_are_one_file(writer: Writer) -> None:
    part = f"--b\r\nContent-Type: text/turtle\r\n\r\n{BAD}\r\n"
    content_type = "multipart/form-data; boundary=b"
    report = validate(writer, f"{part}--b--\r\n", Content_Type=content_type, **JSON).json()
    assert report["conforms"] is False


@pytest.mark.parametrize(
    ("target", "headers", "content", "status", "complaint"),
    [
        ("", {}, f"{BAD} <x:s", 400, "line 1"),
        ("", {"Content-Type": "text/plain"}, BAD, 415, "of type text/plain"),
        ("", {"Content-Type": FORM}, "query=x", 415, FORM),
        ("", {"Content-Encoding": "gzip"}, BAD, 415, "send it without Content-Encoding"),
        ("", {"Accept": "image/png"}, BAD, 406, "text/turtle"),
        ("", {"Accept": "rubbish"}, BAD, 400, "nothing in the Accept header can be read"),
        ("?graph=a", {}, BAD, 400, "no absolute IRI"),
        ("?default", {}, BAD, 400, "not judged in the place of the default graph"),
        ("?graph=x:a&graph=x:b", {}, BAD, 400, "2 'graph'"),
        ("", {}, "#" * 1_100_000, 413, "longer than 1048576 bytes"),
        ("", {"Authorization": "Bearer a-token-of-nobody-here"}, BAD, 401, "not known here"),
    ],
)
def test_what_cannot_be_judged_is_told(
    writer: Writer, target: str, headers: dict[str, str], content: str, status: int, complaint: str
) -> None:
    named = {name.replace("-", "_"): value for name, value in headers.items()}
    response = validate(writer, content, target, **named)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert complaint in response.json()["detail"]


def test_a_token_is_for_what_is_long(writer: Writer) -> None:
    authorization = f"Bearer {TOKENS['reader'][1]}"
    long = GOOD + "#" * 1_100_000
    assert validate(writer, long, Authorization=authorization, **JSON).json()["conforms"] is True


def test_another_method_is_refused(writer: Writer) -> None:
    response = httpx2.get(f"{writer.server.url}/validate")
    assert (response.status_code, response.headers["allow"]) == (405, "OPTIONS, POST")
    options = httpx2.options(f"{writer.server.url}/validate")
    assert (options.status_code, options.headers["allow"]) == (204, "OPTIONS, POST")
    assert "text/turtle" in options.headers["accept-post"]


def test_who_takes_no_writes_judges_all_the_same(serve: Serve, store: Path) -> None:
    with serve(store, "--readers", 1) as server:
        assert validate(Writer(server), BAD, **JSON).json()["conforms"] is False


@pytest.mark.parametrize("method", ["PUT", "POST", "UPDATE"])
def test_a_change_that_breaks_shapes_is_refused(serve: Serve, store: Path, method: str) -> None:
    with writing(serve, store, "--validate", "reject") as writer:
        before = writer.everything()
        response = change(writer, method, BAD)
        assert response.status_code == 422, response.text
        assert response.headers["content-type"] == "application/problem+json"
        problem = response.json()
        assert problem["title"] == "The data would break shapes"
        assert "shape:Cluster" in problem["detail"]
        assert {each["focus"] for each in problem["findings"]} == {CLUSTER}
        assert writer.everything() == before
        good = change(writer, method, GOOD)
        assert (good.status_code, good.content) == (204 if method == "UPDATE" else 201, b"")
        assert good.headers["server-timing"].startswith("gate;dur=")


@pytest.mark.parametrize(("method", "status"), [("PUT", 201), ("UPDATE", 200)])
def test_a_change_that_breaks_shapes_is_made_where_that_is_only_told(
    serve: Serve, store: Path, method: str, status: int
) -> None:
    with writing(serve, store, "--validate", "warn") as writer:
        response = change(writer, method, BAD)
        assert response.status_code == status, response.text
        report = response.json()
        assert {each["focus"] for each in report["findings"]} == {CLUSTER}
        assert (report["added"], report["removed"]) == (2, 0)
        assert str(report["commit"]) == response.headers["x-commit"]
        assert writer.server.ask(f"ASK {{ GRAPH ?g {{ {BAD} }} }}").text == "true"
        again = writer.update(f"DELETE WHERE {{ GRAPH ?g {{ <{CLUSTER}> ?p ?o }} }}")
        assert (again.status_code, again.content) == (204, b"")


def change(writer: Writer, method: str, triples: str) -> httpx2.Response:
    if method == "UPDATE":
        return writer.update(f"INSERT DATA {{ GRAPH <x:a> {{ {triples} }} }}")
    return writer.send(method, "/graph/new", triples)
