"""Who may change something: those with a token, from a program or a page of our own."""

import itertools

import pytest

from .attacker import FORM, QUERY, TOKENS, TURTLE, UPDATE, Answer, Attacker

pytestmark = pytest.mark.hostile

UPDATES = (
    "INSERT DATA { <x:s> <x:p> 1 }",
    "CLEAR ALL",
    "DROP SILENT ALL",
    "DELETE WHERE { ?s ?p ?o }",
)
TOKEN = TOKENS["updater"][1]
ROUTES = ("/", "/sparql", "/graph-store?default", "/graph-store?graph=http://example.org/big",
          "/graph-store", "/graph/x", "/validate", "/healthz", "/healthz/live", "/healthz/ready",
          "/metrics", "/admin/queries", "/admin/queries/x", "/docs", "/openapi.json",
          "/.git/config",
          "/graph/../sparql", "/graph/%2e%2e/%2e%2e/etc/passwd", "//sparql", "/sparql/", "/SPARQL",
          "/static/../../etc/passwd", "/sparql;x=y", "/favicon.ico")  # fmt: skip
METHODS = ("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "POST", "DELETE", "PATCH", "QUERY", "PROPFIND",
           "MKCOL", "COPY", "LINK", "get", "LOCK", "PURGE", "SEARCH")  # fmt: skip
HONEST = {200, 204, 304, 400, 401, 403, 404, 405, 406, 411, 413, 415, 429}


@pytest.mark.parametrize("authorization", [
    None, "", "Bearer", "Bearer ", "Bearer x", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}",
    f"bearer  {TOKEN.upper()}", f"Basic {TOKEN}", f"Token {TOKEN}",
    f"Bearer {TOKEN}, Bearer {TOKEN}",
    f"Bearer {TOKEN} {TOKEN}", f"Bearer {TOKENS['reader'][1]}", f"Bearer {TOKENS['ours'][1]}",
    "Bearer " + "x" * 20_000, "Bearer ../../tokens", "Bearer *", "Bearer \xff",
    "Bearer ' OR 1=1 --",
    "Bearer eyJhbGciOiJub25lIn0.eyJzY29wZSI6InVwZGF0ZSJ9.", "Negotiate YII=", "Digest username=x",
])  # fmt: skip
def test_row_33_without_the_right_token(attacker: Attacker, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    for text in UPDATES:
        answers = [
            attacker.send("POST", "/sparql", text, UPDATE, **headers),
            attacker.send("POST", "/sparql", f"update={text.replace(' ', '+')}", FORM, **headers),
        ]
        assert {answer.status for answer in answers} <= {400, 401, 403}
    for method, target in itertools.product(
        ("PUT", "POST", "DELETE"),
        ("/graph-store?default", "/graph-store?graph=http://example.org/big", "/graph/x"),
    ):
        answer = attacker.send(method, target, "<x:s> <x:p> 1 .", TURTLE, **headers)
        assert answer.status in {400, 401, 403}, (method, target)
    assert attacker.send("GET", "/admin/queries", **headers).status in {400, 401, 403}


def test_row_33_tokens_are_not_guessed(attacker: Attacker) -> None:
    def guess(number: int) -> Answer:
        return attacker.send(
            "POST", "/sparql", "CLEAR ALL", UPDATE, Authorization=f"Bearer {number}"
        )

    assert {answer.status for answer in attacker.flood(guess, 8, 90)} == {401, 429}


def test_a_token_for_some_graphs_is_for_no_others(attacker: Attacker) -> None:
    for target in (
        "/graph-store?graph=http://example.org/big",
        "/graph-store?graph=http://example.org/our",
        "/graph-store?graph=http://example.org/ours/x",
        "/graph-store?graph=http://example.org/our/../big",
        "/graph-store?graph=http://example.org/our%2F..%2Fbig%00",
        "/graph-store?graph=HTTP://example.org/our/x",
        "/graph-store?graph=http://example.org:80/our/x",
        "/graph-store?graph=http://example.org%2Four%252F",
        "/graph-store?default",
        "/graph-store?graph=http://example.org/our/x&graph=http://example.org/big",
        "/graph-store?graph=http://example.org/our/x&default",
        "/graph/http://example.org/our/x",
    ):
        for method in ("PUT", "POST", "DELETE"):
            answer = attacker.send(method, target, "<x:s> <x:p> <x:o", TURTLE, "ours")
            assert answer.status in {400, 403, 404}, (method, target)


@pytest.mark.parametrize("headers", [
    {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "http://localhost.evil.example"},
    {"Origin": "file://"}, {"Sec_Fetch_Site": "cross-site"}, {"Origin": "http://127.0.0.1"},
    {"Origin": "http://127.0.0.1:80@evil.example"}, {"Origin": "http://127.0.0.1, https://evil.example"},
    {"Referer": "https://evil.example/", "Origin": "https://evil.example"},
])  # fmt: skip
def test_row_34_pages_of_other_sites(attacker: Attacker, headers: dict[str, str]) -> None:
    for author, text in itertools.product((None, "updater"), UPDATES):
        for content, content_type in ((f"update={text.replace(' ', '+')}", FORM), (text, UPDATE)):
            answer = attacker.send("POST", "/sparql", content, content_type, author, **headers)
            assert answer.status in {401, 403}
            assert "access-control-allow-credentials" not in answer.headers
            assert answer.headers.get("access-control-allow-origin") in (None, "*")
    answer = attacker.send("PUT", "/graph/x", "", TURTLE, "updater", **headers)
    assert answer.status == 403
    assert "access-control-allow-origin" not in answer.headers
    read = attacker.send("GET", "/sparql?query=ASK%7B%7D", **headers)
    assert read.headers.get("access-control-allow-origin") == "*"
    assert "access-control-allow-credentials" not in read.headers
    preflight = attacker.send(
        "OPTIONS", "/graph/x", Access_Control_Request_Method="PUT",
        Access_Control_Request_Headers="authorization", **headers,
    )  # fmt: skip
    assert "PUT" not in preflight.headers.get("access-control-allow-methods", "")
    assert "authorization" not in preflight.headers.get("access-control-allow-headers", "").lower()


@pytest.mark.parametrize("method", ["GET", "HEAD", "QUERY", "OPTIONS", "PUT", "DELETE"])
def test_row_34_updates_that_are_not_posted(attacker: Attacker, method: str) -> None:
    for text in UPDATES:
        quoted = text.replace(" ", "+")
        for author in (None, "updater"):
            for target, content, content_type in (
                (f"/sparql?update={quoted}", None, None),
                (f"/sparql?query={quoted}", None, None),
                (f"/sparql?query=ASK%7B%7D&update={quoted}", None, None),
                ("/sparql", text, UPDATE),
                ("/sparql", f"update={quoted}", FORM),
                ("/sparql", text, QUERY),
            ):
                answer = attacker.send(method, target, content, content_type, author)
                assert answer.status in HONEST
                if method not in ("OPTIONS", "GET", "HEAD"):
                    assert answer.status >= 400


@pytest.mark.parametrize("value", [
    '"a",' + " " * 31_000 + "x", '"a", ' * 6_000, "W/" * 15_000, "," * 31_000,
])  # fmt: skip
def test_headers_that_take_long_to_read(attacker: Attacker, value: str) -> None:
    for name in ("If-Match", "If-None-Match", "Idempotency-Key", "Origin", "Authorization"):
        headers = {"Authorization": f"Bearer {TOKEN}"} | {name: value}
        answer = attacker.send("PUT", "/graph/x", "<x:s> <x:p> <x:o", TURTLE, **headers)
        assert answer.status in {400, 401, 403, 412}


def test_forms_that_browsers_post(attacker: Attacker) -> None:
    for content_type in (
        "text/plain",
        "multipart/form-data; boundary=b",
        "",
        FORM + "; charset=utf-16",
    ):
        content = "update=CLEAR+ALL" if "multipart" not in content_type else (
            '--b\r\nContent-Disposition: form-data; name="update"\r\n\r\nCLEAR ALL\r\n--b--'
        )  # fmt: skip
        answer = attacker.send("POST", "/sparql", content, content_type or None, "updater")
        assert answer.status in {400, 415}


@pytest.mark.parametrize("method", METHODS)
def test_every_method_on_every_route(attacker: Attacker, method: str) -> None:
    for target in ROUTES:
        for headers in ({}, {"Host": "evil.example"}, {"X_HTTP_Method_Override": "DELETE"}):
            answer = attacker.send(method, target, Cookie="token=x", **headers)
            assert answer.status in HONEST, (target, answer)
            assert b"evil.example" not in answer.body
            assert "evil.example" not in str(answer.headers)
            assert "set-cookie" not in answer.headers
            assert b"root:" not in answer.body


@pytest.mark.parametrize("target", [
    "/sparql?query=ASK%00%7B%7D", "/sparql?query=ASK%0d%0aX:%20y", "/sparql?query=%ff%fe",
    "/sparql?query=%C0%80", "/sparql?query=%ED%A0%80", "/sparql?query=%", "/sparql?query=%zz",
    "/sparql?query=ASK%257B%257D", "/sparql?query=ASK{}&query=ASK{}", "/sparql?query[]=ASK{}",
    "/sparql?query=ASK%7B%7D&default-graph-uri=%00", "/sparql?query=ASK%7B%7D&version=%0d%0a",
    "/sparql?query=ASK%7B%7D&default-graph-uri=x%0d%0aSet-Cookie:%20a", "/graph-store?graph=%0d%0a",
    "/graph-store?graph=../../etc/passwd", "/graph-store?graph=x:%3E%20%7D%20CLEAR%20ALL",
    "/sparql?" + "&".join(f"a{n}=1" for n in range(2000)), "/sparql?" + "&" * 5000,
    "/sparql?query=" + "%41" * 1000, "/graph/%00", "/graph/%ff", "/graph/" + "x" * 20_000,
    "/sparql?query=ASK%7B%7D&timeout=999999&limit=-1&format=../../x", "/sparql?%00=%00",
])  # fmt: skip
def test_parameters(attacker: Attacker, target: str) -> None:
    answer = attacker.send("GET", target)
    assert answer.status in {200, 400, 404, 413, 414}
    assert "set-cookie" not in answer.headers
