"""What is said to those who send what cannot be done, on a real server: and nothing has changed."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import httpx2
import pytest

from .conftest import Serve, publish, wait_until
from .writers import FORM, OURS, TOKENS, TURTLE, UPDATE, Writer, indirect, writing

TRIPLES = "".join(f"<x:s> <x:p> <x:{number}> .\n" for number in range(1_000))
PARTS = "multipart/form-data; boundary=b"
DERIVED = "https://w3id.org/metapole/graph/derived"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bad") / "store"
    publish(folder)
    return folder


@pytest.fixture(scope="module")
def writer(serve: Serve, store: Path) -> Iterator[Writer]:
    with writing(serve, store, in_place=True) as each:
        assert each.send("PUT", indirect(f"{OURS}a"), TRIPLES).status_code == 201
        yield each


@pytest.fixture
def unchanged(writer: Writer, store: Path) -> Iterator[None]:
    before = writer.everything()
    yield
    assert writer.everything() == before
    assert not list((store / "spool").iterdir())


def told(response: httpx2.Response, status: int, complaint: str) -> None:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert "access-control-allow-origin" not in response.headers
    document = response.json()
    assert document["status"] == status
    assert complaint in document["detail"]
    assert not any(value in response.text for _, value in TOKENS.values())


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    ("update", "query", "status", "complaint"),
    [
        pytest.param("CLEAR XYZ", "", 400, "line 1, column 7: 'XYZ'", id="syntax"),
        pytest.param("INSERT DATA { <x:s> <x:p> ?o }", "", 400, "?o", id="variable in data"),
        pytest.param("ASK {}", "", 400, "a query", id="query"),
        pytest.param(
            "INSERT DATA { <x:s> <x:p> 1 } ; CREATE GRAPH <x:new> ; DELETE DATA { <x:s> <x:p> 1 } ;"
            f"CREATE GRAPH <{OURS}a>", "", 409, f"the graph <{OURS}a> is there", id="fourth fails",
        ),
        pytest.param(
            "INSERT DATA { <x:s> <x:p> 1 } ; DROP GRAPH <x:none>", "", 409, "x:none", id="no graph"
        ),
        pytest.param(
            "INSERT DATA { <x:s> <x:p> 1 } ; LOAD <http://127.0.0.1:1/>", "", 400, "LOAD", id="LOAD"
        ),
        pytest.param(
            "INSERT { ?s ?p ?o } WHERE { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", "", 400,
            "SERVICE", id="SERVICE",
        ),
        pytest.param(
            "WITH <x:a> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }", "?using-graph-uri=x:b", 400,
            "WITH", id="WITH and using",
        ),
        pytest.param(
            "DELETE { ?s ?p ?o } USING <x:a> WHERE { ?s ?p ?o }", "?using-named-graph-uri=x:b", 400,
            "USING", id="USING and using",
        ),
        pytest.param(f"DROP GRAPH <{DERIVED}>", "", 403, DERIVED, id="reserved graph"),
        pytest.param(
            f"INSERT DATA {{ GRAPH <{DERIVED}> {{ <x:s> <x:p> 1 }} }}", "", 403, DERIVED,
            id="into a reserved graph",
        ),
        pytest.param("INSERT DATA {" + "[" * 5_000, "", 400, "deep", id="nested"),
    ],
)  # fmt: skip
def test_an_update_that_cannot_be_made_is_told(
    writer: Writer, update: str, query: str, status: int, complaint: str
) -> None:
    told(writer.update(update, query), status, complaint)


def part(content: str, *headers: str) -> str:
    head = "".join(f"{header}\r\n" for header in headers or ["Content-Type: text/turtle"])
    return f"--b\r\n{head}\r\n{content}\r\n"


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    ("method", "content_type", "content", "status", "complaint"),
    [
        pytest.param("PUT", TURTLE, f"{TRIPLES}<x:s> <x:p> <x:o", 400, "line 1001", id="last line"),
        pytest.param(
            "POST", "application/n-triples", f"{TRIPLES}<x:s> <x:p> .", 400, "line 1001",
            id="last line of N-Triples",
        ),
        pytest.param(
            "POST", PARTS, f"{part(TRIPLES)}{part(f'{TRIPLES}@')}--b--\r\n", 400, "part 2",
            id="last line of a part",
        ),
        pytest.param("POST", PARTS, part(TRIPLES), 400, "breaks off in part 1", id="no last part"),
        pytest.param("POST", PARTS, "--b--\r\n", 400, "no parts", id="no parts"),
        pytest.param(
            "POST", PARTS, part(TRIPLES, "Content-Type: text/css") + "--b--\r\n", 415,
            "part 1 is of type text/css", id="part of another type",
        ),
        pytest.param("PUT", TURTLE, b"<x:s> <x:p> '\xff' .", 400, "0xFF is not UTF-8", id="UTF-8"),
        pytest.param("PUT", TURTLE, b"<x:s> <x:p> <x:\0> .", 400, "line 1", id="NUL"),
        pytest.param(
            "PUT", "application/trig", "GRAPH <x:other> { <x:s> <x:p> <x:o> }", 400, "x:other",
            id="another graph",
        ),
        pytest.param("PUT", "application/ld+json", "[1", 400, "line 1", id="JSON"),
        pytest.param("PUT", "application/ld+json", "", 400, "JSON", id="empty JSON"),
        pytest.param("PUT", "application/rdf+xml", "<a>", 400, "line 1", id="XML"),
        pytest.param(
            "PUT", "application/ld+json", '{"@context": "http://127.0.0.1:1/", "a": 1}', 400,
            "context", id="context elsewhere",
        ),
        pytest.param("PUT", "text/plain", TRIPLES, 415, "of type text/plain", id="type"),
        pytest.param("PUT", None, TRIPLES, 415, "without Content-Type", id="no type"),
        pytest.param("PUT", f"{TURTLE}; charset=iso-8859-1", TRIPLES, 415, "in iso", id="charset"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told(
    writer: Writer, method: str, content_type: str | None, content: str | bytes, status: int,
    complaint: str,
) -> None:  # fmt: skip
    for target in (indirect(f"{OURS}a"), "/graph-store?default", "/graph/new"):
        told(writer.send(method, target, content, content_type), status, complaint)


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    ("author", "method", "target", "content_type", "status"),
    [
        (None, "POST", "/sparql", UPDATE, 401),
        (None, "POST", "/sparql", FORM, 401),
        (None, "PUT", "/graph/a", TURTLE, 401),
        (None, "POST", "/graph-store", TURTLE, 401),
        (None, "DELETE", "/graph-store?default", None, 401),
        ("reader", "POST", "/sparql", UPDATE, 403),
        ("reader", "POST", "/sparql", FORM, 403),
        ("reader", "DELETE", indirect(f"{OURS}a"), None, 403),
        ("ours", "POST", "/sparql", UPDATE, 403),
        ("ours", "POST", "/sparql", FORM, 403),
        ("ours", "PUT", "/graph/a", TURTLE, 403),
        ("ours", "PUT", indirect(OURS[:-1]), TURTLE, 403),
        ("ours", "DELETE", "/graph-store?default", None, 403),
        ("ours", "POST", "/graph-store", TURTLE, 403),
    ],
)
def test_who_may_not_write_does_not(
    writer: Writer, author: str | None, method: str, target: str, content_type: str | None,
    status: int,
) -> None:  # fmt: skip
    content = {UPDATE: "CLEAR ALL", FORM: "update=CLEAR+ALL"}.get(content_type or "", "")
    response = writer.send(method, target, content, content_type, author)
    told(response, status, "token")
    assert response.headers["www-authenticate"].startswith('Bearer realm="metapole"')


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer another-token-of-nobody"},
        {"Authorization": "Basic dXBkYXRlcjp4"},
        {"Cookie": f"token={TOKENS['updater'][1]}"},
        {"X-Api-Key": TOKENS["updater"][1]},
    ],
)
def test_another_credential_is_none(writer: Writer, headers: dict[str, str]) -> None:
    for target, content_type in (("/sparql", UPDATE), ("/graph/a", TURTLE)):
        response = httpx2.post(
            writer.server.url + target, content="", headers=headers | {"Content-Type": content_type}
        )
        assert response.status_code == 401
        assert "www-authenticate" in response.headers


@pytest.mark.usefixtures("unchanged")
def test_a_token_in_the_address_is_no_token(writer: Writer) -> None:
    value = TOKENS["updater"][1]
    for target, content_type in (
        (f"/sparql?access_token={value}", UPDATE),
        (f"/graph-store?default&access_token={value}", TURTLE),
        (f"/graph/a?token={value}", TURTLE),
    ):
        response = writer.send("POST", target, "", content_type, author=None)
        told(response, 400, "not taken from the parameter")


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("author", [None, "updater"])
def test_a_form_of_another_site_changes_nothing(writer: Writer, author: str | None) -> None:
    form = urlencode({"update": "CLEAR ALL"})
    for headers in ({"Origin": "https://evil.example"}, {"Sec_Fetch_Site": "cross-site"}):
        response = writer.send("POST", "/sparql", form, FORM, author, **headers)
        told(response, 403, "a page of")


@pytest.mark.usefixtures("unchanged")
def test_a_client_that_hangs_up_in_the_middle_leaves_nothing(writer: Writer, store: Path) -> None:
    head = (
        f"PUT {indirect(f'{OURS}a')} HTTP/1.1\r\nHost: x\r\nContent-Type: text/turtle\r\n"
        f"Authorization: Bearer {TOKENS['updater'][1]}\r\nContent-Length: 2000000\r\n\r\n"
    )
    spool = store / "spool"
    with socket.create_connection(("127.0.0.1", writer.server.port), timeout=20) as connection:
        connection.sendall(head.encode() + b"#" * 1_500_000)
        wait_until(lambda: list(spool.iterdir()))
    wait_until(lambda: not list(spool.iterdir()))


@pytest.mark.usefixtures("unchanged")
def test_who_may_not_write_is_told_before_they_send(writer: Writer) -> None:
    for target, content_type in (("/sparql", UPDATE), ("/graph/a", TURTLE)):
        head = (
            f"POST {target} HTTP/1.1\r\nHost: x\r\nContent-Type: {content_type}\r\n"
            "Content-Length: 100000\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
        )
        with socket.create_connection(("127.0.0.1", writer.server.port), timeout=20) as connection:
            connection.sendall(head.encode())
            answer = connection.makefile("rb").readline()
        assert answer.startswith(b"HTTP/1.1 401 ")


@pytest.mark.usefixtures("unchanged")
def test_a_body_that_is_too_long_is_refused_while_it_comes(writer: Writer) -> None:
    with httpx2.Client(timeout=60) as client:
        pieces = (b"#" * 65_536 for _ in range(80))
        headers = {"Authorization": f"Bearer {TOKENS['updater'][1]}", "Content-Type": UPDATE}
        response = client.post(f"{writer.server.url}/sparql", content=pieces, headers=headers)
    told(response, 413, "longer than 4194304 bytes")


def test_what_a_killed_server_has_left_is_swept(serve: Serve, tmp_path: Path) -> None:
    publish(tmp_path / "store")
    spool = tmp_path / "store" / "spool"
    (spool / "left").mkdir(parents=True)
    (spool / "left" / "1").write_text(TRIPLES)
    with writing(serve, tmp_path / "store", in_place=True) as writer:
        assert not spool.exists()
        assert writer.send("PUT", "/graph/a", TRIPLES).status_code == 201
        assert not list(spool.iterdir())


def test_a_limit_of_the_operator_holds(serve: Serve, store: Path) -> None:
    with writing(serve, store, "--limit", "message.upload-bytes=1000") as writer:
        told(writer.send("PUT", "/graph/a", TRIPLES), 413, "longer than 1000 bytes")
        assert writer.send("PUT", "/graph/a", "#" * 1_000).status_code == 201


def test_nothing_secret_is_in_the_log(writer: Writer) -> None:
    content = "what-is-in-a-body"
    writer.update(f"INSERT DATA {{ <x:s> <x:p> '{content}' }} ; CLEAR XYZ")
    writer.send("PUT", "/graph/secret", f"<x:s> <x:p> '{content}")
    writer.send("DELETE", f"/graph-store?default&access_token={TOKENS['updater'][1]}")
    assert writer.update("INSERT DATA { <x:last> <x:p> 1 }").status_code == 204
    log = writer.server.log.read_text()
    assert content not in log
    assert not any(value in log for _, value in TOKENS.values())


def test_a_problem_is_json(writer: Writer) -> None:
    assert json.loads(writer.update("CLEAR XYZ").content)["title"] == "The operation is rejected"
