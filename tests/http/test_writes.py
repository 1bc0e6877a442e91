"""From requests that change something to wishes, and from what came of them to answers.

What makes changes is replaced here by something that remembers what it was asked for.
"""

import asyncio
import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote, urlencode

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from starlette.types import Message

from graph import errors
from graph.errors import GraphError
from graph.generations import Generation
from graph.writing.wishes import Author, Conditions, GraphWrite, Key, Update, Wish, Written
from server.cache import ResultCache
from server.editor import EditorPage
from server.explaining import Explaining
from server.pages import Templates
from server.problems import STATUS, install_problem_handlers
from server.reads import Reads
from server.routes.graphs import graph_routes
from server.routes.sparql import sparql_routes
from server.scopes import scope_from_text
from server.settings import Settings
from server.tokens import Token
from server.uploads import SpooledPart
from server.writes import NEW_GRAPHS, Writes

if TYPE_CHECKING:
    from graph.query import Engine

PUBLIC = "https://data.example.org/kg"
TEMPLATES = Templates(PUBLIC)
BASE = "https://w3id.org/metapole/graph/"
MAY_UPDATE, MAY_WRITE_OURS, MAY_READ = "token-of-the-updater", "token-of-the-writer", "token-reader"
TOKENS = {
    MAY_UPDATE: Token("updater", "1", (scope_from_text("update"),), "", ""),
    MAY_WRITE_OURS: Token("writer", "2", (scope_from_text("write:x:our/"),), "", ""),
    "token-of-the-sender": Token("sender", "3", (scope_from_text(f"write:{NEW_GRAPHS}"),), "", ""),
    MAY_READ: Token("reader", "4", (scope_from_text("read"),), "", ""),
}
UPDATE = "application/sparql-update"
FORM = "application/x-www-form-urlencoded"
TURTLE = {"Content-Type": "text/turtle"}
CHANGE = "INSERT DATA { <x:s> <x:p> 'é' }"
SYNTAXES = (
    "text/turtle, application/n-triples, application/n-quads, application/trig, "
    "application/rdf+xml, application/ld+json"
)
TRIPLE = b"<s> <p> <o> ."
GENERATION = Generation(7, Path(), 0, "digest", changed={"x:our/a": 3, "x:b": 3, "": 5})


class Known:
    """Tokens that are the same for ever."""

    def find(self, value: str) -> Token | None:
        return TOKENS.get(value)


@dataclass
class Desk:
    """Remembers what it is asked for, and answers what it is told to."""

    spool: Path
    generation: Generation = GENERATION
    takes_writes: bool = True
    wishes: list[Wish] = field(default_factory=list[Wish])
    contents: list[bytes] = field(default_factory=list[bytes])
    """What was sent, the parts of one body one after the other."""
    bases: list[tuple[str | None, str]] = field(default_factory=list[tuple[str | None, str]])
    written: Written = field(default_factory=lambda: Written(GENERATION, 12))
    refusal: Exception | None = None

    async def accept_upload(
        self, spooled: Sequence[SpooledPart], graph: str | None, base_iri: str
    ) -> Path:
        self.contents.append(b"".join(part.path.read_bytes() for part in spooled))
        self.bases.append((graph, base_iri))
        if isinstance(self.refusal, errors.UnreadableUpload):
            raise self.refusal
        target = self.spool / "elsewhere.nt"
        target.write_bytes(self.contents[-1])
        return target

    async def write(self, wish: Wish) -> Written:
        self.wishes.append(wish)
        if isinstance(wish.change, GraphWrite) and wish.change.content:
            assert wish.change.content.read_bytes() == self.contents[-1]
        if self.refusal:
            raise self.refusal
        return self.written


def app_for(desk: Desk, *, is_on: bool = True) -> Starlette:
    settings = Settings(public_url=PUBLIC)
    reads = Reads(cast("Engine", desk), ResultCache(0), TEMPLATES, "dialect")
    writes = Writes(desk, reads, Known() if is_on else None, settings)
    editor = EditorPage(settings, cast("Engine", desk), reads)
    explaining = Explaining(cast("Engine", desk), reads)
    app = Starlette(
        routes=[
            *sparql_routes(settings, reads, writes, editor, explaining),
            *graph_routes(settings, reads, writes),
        ]
    )
    install_problem_handlers(app)
    return app


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    each = Desk(tmp_path / "spool")
    yield each
    assert not each.spool.exists() or not list(each.spool.iterdir())


@pytest.fixture
def client(desk: Desk) -> TestClient:
    return TestClient(app_for(desk))


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def send(
    client: TestClient,
    method: str,
    target: str,
    content: bytes | str = b"",
    *,
    token: str = MAY_UPDATE,
    **headers: str,
) -> httpx2.Response:
    """Send *content*; headers are named with _ for -."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    response = client.request(method, target, content=content, headers=bearer(token) | named)
    assert "access-control-allow-origin" not in response.headers
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cache-control"] == "no-store"
    return response


def indirect(name: str) -> str:
    return f"/graph-store?graph={quote(name, safe='')}"


@pytest.mark.parametrize(
    ("target", "content_type", "content", "update"),
    [
        pytest.param("/sparql", UPDATE, CHANGE, Update(CHANGE), id="direct"),
        pytest.param(
            "/sparql", FORM, urlencode({"update": CHANGE}), Update(CHANGE), id="in a form"
        ),
        pytest.param(
            "/sparql?using-graph-uri=x:a&using-graph-uri=x:b&using-named-graph-uri=x:c", UPDATE,
            CHANGE, Update(CHANGE, ("x:a", "x:b"), ("x:c",)), id="graphs",
        ),
        pytest.param(
            "/sparql", FORM, urlencode({"update": CHANGE, "using-named-graph-uri": "x:c"}),
            Update(CHANGE, (), ("x:c",)), id="graphs in a form",
        ),
        pytest.param(
            "/sparql", FORM, urlencode({"update": "é" * 1_000_000}), Update("é" * 1_000_000),
            id="a form longer than one with a query may be",
        ),
    ],
)  # fmt: skip
def test_an_update_is_wished_for(
    client: TestClient, desk: Desk, target: str, content_type: str, content: str, update: Update
) -> None:
    response = send(client, "POST", target, content, Content_Type=content_type)
    assert (response.status_code, response.content) == (204, b"")
    assert desk.wishes == [Wish(update, Author("updater"))]
    assert (response.headers["x-generation"], response.headers["x-commit"]) == ("7", "12")
    assert "etag" not in response.headers


@pytest.mark.parametrize(
    ("method", "target", "graph", "base_iri"),
    [
        ("PUT", indirect("x:our/a"), "x:our/a", "x:our/a"),
        ("POST", indirect("x:our/a"), "x:our/a", "x:our/a"),
        ("PUT", "/graph/a/b%C3%A9", f"{BASE}a/bé", f"{BASE}a/bé"),
        ("POST", "/graph/a%2Fb", f"{BASE}a%2Fb", f"{BASE}a%2Fb"),
        ("PUT", indirect(f"{PUBLIC}/graph/a"), f"{BASE}a", f"{BASE}a"),
        ("PUT", "/graph-store?default", None, f"{PUBLIC}/graph-store?default"),
        ("POST", "/graph-store?default=", None, f"{PUBLIC}/graph-store?default"),
    ],
)
@pytest.mark.parametrize("content", [TRIPLE, b""], ids=["a triple", "nothing"])
def test_a_graph_is_wished_for(
    client: TestClient, desk: Desk, method: str, target: str, graph: str | None, base_iri: str,
    content: bytes,
) -> None:  # fmt: skip
    response = send(client, method, target, content, **TURTLE)
    assert (response.status_code, response.content) == (204, b"")
    (wish,) = desk.wishes
    assert isinstance(wish.change, GraphWrite)
    assert (wish.change.method, wish.change.graph) == (method.lower(), graph)
    assert (wish.author, wish.key, wish.conditions) == (Author("updater"), None, Conditions())
    assert desk.contents == [content]
    assert desk.bases == [(graph, base_iri)]


@pytest.mark.parametrize(
    ("target", "graph"),
    [
        ("/graph/a", f"{BASE}a"),
        (indirect("x:our/a"), "x:our/a"),
        ("/graph-store?default", None),
    ],
)
def test_a_graph_is_wished_away(
    client: TestClient, desk: Desk, target: str, graph: str | None
) -> None:
    assert send(client, "DELETE", target).status_code == 204
    assert desk.wishes == [Wish(GraphWrite("delete", graph), Author("updater"))]


def test_a_narrow_token_writes_where_it_may(client: TestClient, desk: Desk) -> None:
    response = send(client, "PUT", indirect("x:our/a"), TRIPLE, token=MAY_WRITE_OURS, **TURTLE)
    assert response.status_code == 204
    assert desk.wishes[0].author == Author("writer", ("x:our/",))


def test_a_graph_without_a_name_gets_one(client: TestClient, desk: Desk) -> None:
    desk.written = Written(GENERATION, 12, created=True)
    responses = [
        send(client, "POST", "/graph-store", TRIPLE, token=token, **TURTLE)
        for token in (MAY_UPDATE, MAY_UPDATE, "token-of-the-sender")
    ]
    names: list[str] = []
    for response, wish, base in zip(responses, desk.wishes, desk.bases, strict=True):
        assert response.status_code == 201
        assert isinstance(wish.change, GraphWrite)
        name = wish.change.graph or ""
        assert (wish.change.method, wish.conditions) == ("post", Conditions(exists=False))
        assert uuid.UUID(name.removeprefix(f"{BASE}upload/")).version == 4
        assert response.headers["location"] == name.replace(BASE, f"{PUBLIC}/graph/")
        assert base == (name, name)
        names.append(name)
    assert len(set(names)) == 3


def test_a_new_graph_has_the_same_name_when_it_is_sent_again(
    client: TestClient, desk: Desk
) -> None:
    def sent(token: str = MAY_UPDATE, key: str = "k", content: bytes = TRIPLE) -> str:
        headers = {"Idempotency_Key": key, **TURTLE}
        return send(client, "POST", "/graph-store", content, token=token, **headers).headers[
            "location"
        ]

    assert sent() == sent(key='"k"') == sent(content=b"")
    assert len({sent(), sent(key="l"), sent("token-of-the-sender")}) == 3
    first, again, other = (wish.key for wish in desk.wishes[:3])
    assert first == again
    assert first != other


@pytest.mark.parametrize(
    ("written", "status", "headers"),
    [
        (Written(GENERATION, 12), 204, {"x-commit": "12", "x-generation": "7"}),
        (Written(GENERATION, None), 204, {"x-generation": "7"}),
        (Written(GENERATION, 12, created=True), 201, {"x-commit": "12"}),
        (Written(GENERATION, 12, is_replay=True), 204,
         {"x-commit": "12", "idempotency-replayed": "true"}),
        (Written(GENERATION, 12, gate_ms=3.14159), 204,
         {"x-commit": "12", "server-timing": "gate;dur=3.1"}),
    ],
)  # fmt: skip
def test_what_came_of_a_write_is_told(
    client: TestClient, desk: Desk, written: Written, status: int, headers: dict[str, str]
) -> None:
    desk.written = written
    response = send(client, "PUT", indirect("x:b"), TRIPLE, **TURTLE)
    assert (response.status_code, response.content) == (status, b"")
    assert {name: response.headers[name] for name in headers} == headers
    optional = {"x-commit", "idempotency-replayed", "server-timing", "location"}
    assert optional & set(response.headers) == optional & set(headers)


@pytest.mark.parametrize(("created", "status"), [(False, 200), (True, 201)])
def test_findings_that_are_no_reason_to_refuse_are_told(
    client: TestClient, desk: Desk, created: bool, status: int
) -> None:
    finding = {"focus": "x:s", "message": "é: no label", "severity": "violation"}
    desk.written = Written(GENERATION, 12, 2, 1, created, findings=(finding,))
    response = send(client, "PUT", indirect("x:b"), TRIPLE, **TURTLE)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/json"
    assert response.json() == {
        "generation": 7, "commit": 12, "added": 2, "removed": 1, "findings": [finding],
    }  # fmt: skip


def refusals() -> Iterator[GraphError]:
    for kind in STATUS:
        if kind is errors.ShapesViolated:
            yield kind("why", [{"focus": "x:s"}])
        elif issubclass(kind, errors.RemoteFailed):
            continue  # a change asks no other server
        elif kind not in (errors.BuildRejected, errors.MovedThing):
            yield kind("why")


@pytest.mark.parametrize("refusal", list(refusals()), ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("method", ["PUT", "UPDATE"])
def test_what_is_refused_is_told_to_nobody_else(
    client: TestClient, desk: Desk, refusal: GraphError, method: str
) -> None:
    desk.refusal = refusal
    if method == "UPDATE":
        response = send(client, "POST", "/sparql", CHANGE, Content_Type=UPDATE)
    else:
        response = send(client, "PUT", indirect("x:b"), TRIPLE, **TURTLE)
    assert response.status_code == STATUS[type(refusal)]
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["detail"] == "why"
    is_shapes = isinstance(refusal, errors.ShapesViolated)
    assert response.json().get("findings") == ([{"focus": "x:s"}] if is_shapes else None)


def key_of(desk: Desk) -> Key:
    key = desk.wishes.pop().key
    assert key
    return key


def test_an_update_is_the_same_however_it_is_sent(client: TestClient, desk: Desk) -> None:
    def sent(content: str, target: str = "/sparql", content_type: str = UPDATE) -> Key:
        send(client, "POST", target, content, Content_Type=content_type, Idempotency_Key='"k"')
        return key_of(desk)

    direct = sent(CHANGE)
    assert direct.value == "k"
    assert sent(urlencode({"update": CHANGE}), content_type=FORM) == direct
    others = [
        sent(CHANGE + " "),
        sent(CHANGE, "/sparql?using-graph-uri=x:a"),
        sent(CHANGE, "/sparql?using-named-graph-uri=x:a"),
    ]
    assert len({direct.digest, *(other.digest for other in others)}) == 4


def test_parts_are_the_same_whatever_stands_between_them(client: TestClient, desk: Desk) -> None:
    def sent(boundary: str, *contents: str) -> Key:
        part = 'Content-Disposition: form-data; name="f"; filename="{}.ttl"\r\n\r\n{}\r\n'
        body = "".join(f"--{boundary}\r\n{part.format(boundary, each)}" for each in contents)
        response = send(
            client, "POST", indirect("x:b"), f"{body}--{boundary}--\r\n",
            Content_Type=f"multipart/form-data; boundary={boundary}", Idempotency_Key="k",
        )  # fmt: skip
        assert response.status_code == 204
        return key_of(desk)

    assert sent("one", "<a> <b> <c> .", "") == sent("two", "<a> <b> <c> .", "")
    assert desk.contents[0] == b"<a> <b> <c> ."
    assert sent("one", "<a> <b> <c> .") != sent("one", "<a> <b> <c> .", "")


def test_conditions_are_those_of_the_graph(client: TestClient, desk: Desk) -> None:
    reads = Reads(cast("Engine", desk), ResultCache(0), TEMPLATES, "dialect")
    tags, others = reads.versions("x:our/a"), reads.versions("x:b")
    assert len(tags) > 20
    assert not set(tags) & set(others)
    for tag in tags:
        assert tag.startswith('"3-')
        send(client, "DELETE", indirect("x:our/a"), If_Match=tag)
        assert desk.wishes.pop().conditions == Conditions(versions=(3,))
    send(client, "DELETE", indirect("x:our/a"), If_Match=next(iter(others)))
    assert desk.wishes.pop().conditions == Conditions(versions=())
    send(client, "PUT", "/graph-store?default", TRIPLE, **TURTLE, If_None_Match="*")
    assert desk.wishes.pop().conditions == Conditions(exists=False)
    send(client, "PUT", indirect("x:unknown"), TRIPLE, **TURTLE, If_Match='"3-0"')
    assert desk.wishes.pop().conditions == Conditions(versions=())


def test_a_tag_is_of_one_version(desk: Desk) -> None:
    def tags(generation: Generation) -> set[str]:
        desk.generation = generation
        return set(Reads(cast("Engine", desk), ResultCache(0), TEMPLATES, "dialect").versions(None))

    now = tags(GENERATION)
    later = Generation(8, Path(), 9, "other", changed=GENERATION.changed)
    assert tags(later) == now
    assert not tags(Generation(8, Path(), 9, "other", changed={"": 8})) & now
    another = Generation(7, Path(), 0, "x", changed={"": 5}, store_id="another store")
    assert not tags(another) & now


WRONG: list[tuple[str, str, str, dict[str, str], bytes, int, str]] = [
    ("condition on an update", "POST", "/sparql", {"Content-Type": UPDATE, "If-Match": '"a"'},
     b"CLEAR ALL", 400, "'If-Match' is about one graph"),
    ("condition on no graph", "POST", "/graph-store", TURTLE | {"If-None-Match": "*"}, TRIPLE,
     400, "'If-None-Match' is about one graph"),
    ("no tag", "PUT", "/graph/a", TURTLE | {"If-Match": "abc"}, TRIPLE, 400, "in quotes"),
    ("contradiction", "PUT", "/graph/a", TURTLE | {"If-Match": "*", "If-None-Match": "*"}, TRIPLE,
     400, "contradict each other"),
    ("no key", "PUT", "/graph/a", TURTLE | {"Idempotency-Key": ""}, TRIPLE, 400,
     "'Idempotency-Key' cannot be read"),
    ("long key", "POST", "/sparql", {"Content-Type": UPDATE, "Idempotency-Key": "x" * 256},
     b"CLEAR ALL", 400, "1 to 255 visible characters"),
    ("no type", "PUT", "/graph/a", {}, TRIPLE, 415, "without Content-Type cannot be read as a gra"),
    ("wrong type", "POST", "/graph/a", {"Content-Type": "text/csv"}, TRIPLE, 415,
     f"must be one of {SYNTAXES}"),
    ("update as a graph", "PUT", "/graph/a", {"Content-Type": UPDATE}, b"CLEAR ALL", 415, UPDATE),
    ("parts for PUT", "PUT", "/graph/a", {"Content-Type": "multipart/form-data; boundary=x"},
     b"--x--", 415, "multipart/form-data"),
    ("no parts", "POST", "/graph/a", {"Content-Type": "multipart/form-data; boundary=x"},
     b"--x--\r\n", 400, "the body has no parts"),
    ("charset", "PUT", "/graph/a", {"Content-Type": "text/turtle; charset=utf-16"}, TRIPLE, 415,
     "in utf-16; SPARQL and RDF are sent in UTF-8"),
    ("gzip", "PUT", "/graph/a", TURTLE | {"Content-Encoding": "gzip"}, TRIPLE, 415,
     "sent as gzip; send it without Content-Encoding"),
    ("too large", "PUT", "/graph/a", TURTLE | {"Content-Length": "268435457"}, TRIPLE, 413,
     "longer than 268435456 bytes"),
    ("relative name", "PUT", "/graph-store?graph=a", TURTLE, TRIPLE, 400, "no absolute IRI"),
    ("name with a bracket", "PUT", "/graph-store?graph=x:a%5B", TURTLE, TRIPLE, 400,
     "'graph' is 'x:a[', which is no absolute IRI (Invalid IRI code point '[')"),
    ("name cut short", "DELETE", "/graph-store?graph=x:a%25", {}, b"", 400, "'x:a%'"),
    ("bracket in the address", "PUT", "/graph/a[", TURTLE, TRIPLE, 400, "no absolute IRI"),
    ("no name", "PUT", "/graph-store", TURTLE, TRIPLE, 400, "0 'graph' and 0 'default'"),
    ("delete all", "DELETE", "/graph-store", {}, b"", 400, "0 'graph' and 0 'default'"),
    ("another name", "POST", "/graph-store?grpah=x:a", TURTLE, TRIPLE, 400, "0 'graph'"),
    ("two names", "PUT", "/graph-store?graph=x:a&graph=x:b", TURTLE, TRIPLE, 400, "2 'graph'"),
    ("name and default", "DELETE", "/graph-store?graph=x:a&default", {}, b"", 400, "1 'default'"),
    ("two addresses", "PUT", "/graph/a?graph=x:b", TURTLE, TRIPLE, 400, "both name a graph"),
    ("default at another", "DELETE", "/graph/a?default", {}, b"", 400, "both name a graph"),
    ("bad UTF-8 in the name", "PUT", "/graph/%FF", TURTLE, TRIPLE, 400, "not percent-encoded"),
    ("PATCH", "PATCH", "/graph/a", TURTLE, TRIPLE, 405,
     "PATCH is not for graphs here; they take GET, HEAD, OPTIONS, DELETE, POST, PUT"),
    ("QUERY", "QUERY", "/graph-store?default", TURTLE, TRIPLE, 405, "QUERY is not for graphs"),
    ("token in the address", "DELETE", f"/graph-store?default&access_token={MAY_UPDATE}", {}, b"",
     400, "not taken from the parameter 'access_token'"),
    ("token in the address of an update", "POST", f"/sparql?access_token={MAY_UPDATE}",
     {"Content-Type": UPDATE}, b"CLEAR ALL", 400, "'access_token'"),
    ("token in a form", "POST", "/sparql", {"Content-Type": FORM},
     b"update=CLEAR+ALL&access_token=x", 400, "'access_token'"),
    ("another site", "POST", "/sparql", {"Content-Type": FORM, "Origin": "https://evil.example"},
     b"update=CLEAR+ALL", 403, "a page of 'https://evil.example'"),
    ("another site, as browsers tell", "DELETE", "/graph/a", {"Sec-Fetch-Site": "cross-site"}, b"",
     403, "cross-site"),
    ("long form without an end", "POST", "/sparql", {"Content-Type": FORM,
     "Content-Length": "12582913"}, b"update=", 413, "longer than 12582912 bytes"),
    ("long update", "POST", "/sparql", {"Content-Type": UPDATE, "Content-Length": "4194305"}, b"",
     413, "longer than 4194304 bytes"),
    ("NUL", "POST", "/sparql", {"Content-Type": UPDATE}, b"CLEAR\0ALL", 400, "1:6: the update has"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("method", "target", "headers", "content", "status", "complaint"),
    [pytest.param(*each[1:], id=each[0]) for each in WRONG],
)
def test_what_is_wrong_is_told_and_changes_nothing(
    client: TestClient, desk: Desk, method: str, target: str, headers: dict[str, str],
    content: bytes, status: int, complaint: str,
) -> None:  # fmt: skip
    named = {name.replace("-", "_"): value for name, value in headers.items()}
    response = send(client, method, target, content, **named)
    assert (response.status_code, response.json()["status"]) == (status, status), response.text
    assert complaint in response.json()["detail"]
    assert MAY_UPDATE not in response.text
    assert not desk.wishes
    if status == 405:
        assert response.headers["allow"] == "DELETE, GET, HEAD, OPTIONS, POST, PUT"
    if status == 415 and method != "POST" and "charset" not in headers.get("Content-Type", ""):
        wanted = response.headers.get("accept") or response.headers["accept-encoding"]
        assert "application/trig" in wanted or wanted == "identity"


@pytest.mark.parametrize(
    ("authorization", "target", "status", "challenge"),
    [
        ({}, "/sparql", 401, 'Bearer realm="metapole"'),
        ({}, "/graph/a", 401, 'Bearer realm="metapole"'),
        ({}, "/graph-store", 401, 'Bearer realm="metapole"'),
        (bearer("token-of-nobody"), "/sparql", 401, 'error="invalid_token"'),
        (bearer("token-of-nobody"), "/graph-store?default", 401, 'error="invalid_token"'),
        (bearer(MAY_READ), "/graph/a", 403, 'error="insufficient_scope"'),
        (bearer(MAY_READ), "/sparql", 403, 'error="insufficient_scope", scope="update"'),
        (bearer(MAY_WRITE_OURS), "/sparql", 403, 'error="insufficient_scope", scope="update"'),
        (bearer(MAY_WRITE_OURS), "/graph/a", 403, f'scope="write:{BASE}a"'),
        (bearer(MAY_WRITE_OURS), "/graph-store?default", 403, 'scope="update"'),
        (bearer(MAY_WRITE_OURS), "/graph-store", 403, f'scope="write:{NEW_GRAPHS}"'),
        (bearer("token-of-the-sender"), indirect("x:our/a"), 403, 'scope="write:x:our/a"'),
    ],
)
def test_who_may_not_write_is_told_before_the_body_is_read(
    desk: Desk, authorization: dict[str, str], target: str, status: int, challenge: str
) -> None:
    content_type = UPDATE if target == "/sparql" else "text/turtle"
    received = asked(app_for(desk), target, {**authorization, "Content-Type": content_type}, [])
    assert received.status_code == status
    assert challenge in received.headers["www-authenticate"]
    assert "access-control-allow-origin" not in received.headers
    assert not desk.wishes


def test_a_long_form_is_read_for_a_good_token_alone(desk: Desk) -> None:
    headers = {"Content-Type": FORM, "Content-Length": "2000000"}
    assert asked(app_for(desk), "/sparql", headers, []).status_code == 413
    for token, status in (("token-of-nobody", 401), (MAY_WRITE_OURS, 403)):
        assert asked(app_for(desk), "/sparql", headers | bearer(token), []).status_code == status
    whole: Message = {"type": "http.request", "body": b"update=" + b"+" * 1_999_993}
    answer = asked(app_for(desk), "/sparql", headers | bearer(MAY_UPDATE), [whole])
    assert answer.status_code == 204
    assert desk.wishes == [Wish(Update(" " * 1_999_993), Author("updater"))]


def test_a_short_form_with_an_update_needs_a_token(client: TestClient, desk: Desk) -> None:
    response = client.post("/sparql", data={"update": "CLEAR ALL"})
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == 'Bearer realm="metapole"'
    assert "access-control-allow-origin" not in response.headers
    assert not desk.wishes


@pytest.mark.parametrize(
    "content_type", ["text/turtle", "multipart/form-data; boundary=x", UPDATE, FORM]
)
def test_a_client_that_is_gone_has_written_nothing(desk: Desk, content_type: str) -> None:
    some: Message = {"type": "http.request", "body": b"--x\r\n", "more_body": True}
    is_graph = content_type not in (UPDATE, FORM)
    headers = {"Content-Type": content_type} | bearer(MAY_UPDATE)
    target = "/graph-store?default" if is_graph else "/sparql"
    gone: Message = {"type": "http.disconnect"}
    answer = asked(app_for(desk), target, headers, [some, gone])
    assert answer.status_code == 499
    assert not desk.wishes


def test_a_body_is_cut_off_that_becomes_too_long(desk: Desk) -> None:
    piece: Message = {"type": "http.request", "body": b"#" * 3_000_000, "more_body": True}
    headers = {"Content-Type": UPDATE} | bearer(MAY_UPDATE)
    assert asked(app_for(desk), "/sparql", headers, [piece, piece]).status_code == 413
    assert not desk.wishes


def asked(
    app: Starlette, target: str, headers: dict[str, str], messages: Sequence[Message]
) -> httpx2.Response:
    """Post to *app*; whoever receives more than *messages* waits for ever, and fails."""
    path, _, query = target.partition("?")
    scope: dict[str, Any] = {
        "type": "http", "method": "POST", "path": path, "raw_path": path.encode(),
        "query_string": query.encode(), "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip
    unread, sent = list(messages), list[Message]()

    async def receive() -> Message:
        return unread.pop(0) if unread else await asyncio.Event().wait() and {}

    async def send_(message: Message) -> None:
        sent.append(message)

    async def ask() -> None:
        async with asyncio.timeout(20):
            await app(scope, receive, send_)

    asyncio.run(ask())
    start, *rest = sent
    body = b"".join(message["body"] for message in rest)
    return httpx2.Response(start["status"], headers=start["headers"], content=body)


@pytest.mark.parametrize("is_on", [True, False])
def test_what_may_be_sent_is_told_to_who_asks(desk: Desk, is_on: bool) -> None:
    client = TestClient(app_for(desk, is_on=is_on))
    options = client.options("/graph-store")
    assert options.status_code == 204
    reading = "GET, HEAD, OPTIONS"
    assert options.headers["allow"] == (f"{reading}, DELETE, POST, PUT" if is_on else reading)
    assert ("accept-post" in options.headers) == is_on
    for target in ("/graph-store", "/graph/a", "/sparql"):
        preflight = client.options(
            target,
            headers={
                "Origin": "https://example.org", "Access-Control-Request-Method": "PUT",
                "Access-Control-Request-Headers": "authorization",
            },
        )  # fmt: skip
        assert not {"PUT", "DELETE", "PATCH"} & set(
            preflight.headers["access-control-allow-methods"].split(", ")
        )
        assert "authorization" not in preflight.headers["access-control-allow-headers"].lower()


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
def test_without_tokens_graphs_are_read_only(desk: Desk, method: str) -> None:
    client = TestClient(app_for(desk, is_on=False))
    response = send(client, method, "/graph/a", TRIPLE, **TURTLE)
    assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    assert "needs a token" in response.json()["detail"]
    assert not desk.wishes


def test_without_a_writer_a_token_is_of_no_use(desk: Desk) -> None:
    desk.takes_writes = False
    client = TestClient(app_for(desk))
    assert send(client, "PUT", "/graph/a", TRIPLE, **TURTLE).status_code == 405
    response = send(client, "POST", "/sparql", CHANGE, Content_Type=UPDATE)
    assert (response.status_code, response.json()["title"]) == (403, "Writing is off")


def test_a_report_is_json_that_everyone_can_read(client: TestClient, desk: Desk) -> None:
    desk.refusal = errors.ShapesViolated("2 things break shapes", [{"message": "'é'"}])
    response = send(client, "POST", "/sparql", CHANGE, Content_Type=UPDATE)
    assert json.loads(response.content)["findings"] == [{"message": "'é'"}]
