"""Who may write: from headers to an author or a refusal, and no token in any log."""

import contextlib
import socket
from pathlib import Path

import httpx2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from graph.writing.wishes import Author
from server.auth import (
    NotAuthorised,
    Presented,
    author_of,
    authorise,
    presented_by,
    refuse_cross_site,
    scope_to_write,
)
from server.problems import install_problem_handlers
from server.scopes import UPDATE, Scope, scope_from_text
from server.token_changes import new_value
from server.tokens import Token

from .conftest import Serve

VALUE = "metapole_KfM3-x9~Zq.7+b/vYt0w=="
OURS = "https://example.org/our/"
PUBLIC_URL = "https://clusters.example.org"
CHALLENGE = 'Bearer realm="metapole"'


def token(*scopes: str) -> Token:
    return Token("importer", "0a1b2c3d", tuple(map(scope_from_text, scopes)), "", "")


class Known:
    """One token, which is found by VALUE."""

    def __init__(self, *scopes: str) -> None:
        self._token = token(*scopes)

    def find(self, value: str) -> Token | None:
        return self._token if value == VALUE else None


def refusal(
    *authorization: str,
    needed: Scope = UPDATE,
    tokens: Known | None = None,
    origins: tuple[str, ...] = (),
    fetch_sites: tuple[str, ...] = (),
    fields: tuple[str, ...] = (),
) -> NotAuthorised:
    presented = Presented(authorization, origins, fetch_sites)
    with pytest.raises(NotAuthorised) as refused:
        authorise(presented, needed, tokens or Known("admin"), PUBLIC_URL, fields)
    said = f"{refused.value.title} {refused.value.detail} {refused.value.headers}"
    assert VALUE not in said
    return refused.value


@pytest.mark.parametrize(
    "authorization",
    [f"Bearer {VALUE}", f"bearer {VALUE}", f"BEARER {VALUE}", f"Bearer   {VALUE}"],
)
def test_a_token_in_the_header_is_taken(authorization: str) -> None:
    author = authorise(Presented((authorization,)), UPDATE, Known("update"), PUBLIC_URL)
    assert author == Author("importer")


def test_without_a_file_of_tokens_writing_is_off_for_everybody() -> None:
    with pytest.raises(NotAuthorised, match="metapole serve --token-file FILE") as refused:
        authorise(Presented((f"Bearer {VALUE}",)), UPDATE, None, PUBLIC_URL)
    assert refused.value.status == 403
    assert refused.value.headers == {}


@pytest.mark.parametrize(
    ("authorization", "status", "challenge"),
    [
        pytest.param([], 401, CHALLENGE, id="none"),
        pytest.param([""], 401, CHALLENGE, id="empty"),
        pytest.param(["Basic dXNlcjpwYXNz"], 401, CHALLENGE, id="another scheme"),
        pytest.param([f"Token {VALUE}"], 401, CHALLENGE, id="scheme of others"),
        pytest.param([VALUE], 401, CHALLENGE, id="no scheme"),
        pytest.param([f"Bearer\t{VALUE}"], 401, CHALLENGE, id="tab"),
        pytest.param(["Bearer"], 400, "invalid_request", id="no token"),
        pytest.param(["Bearer "], 400, "invalid_request", id="blank token"),
        pytest.param([f"Bearer {VALUE} {VALUE}"], 400, "invalid_request", id="two in one"),
        pytest.param([f"Bearer {VALUE}, Bearer x"], 400, "invalid_request", id="a list"),
        pytest.param([f'Bearer "{VALUE}"'], 400, "invalid_request", id="quoted"),
        pytest.param([f"Bearer {VALUE}é"], 400, "invalid_request", id="not ASCII"),
        pytest.param([f"Bearer {VALUE}\0"], 400, "invalid_request", id="NUL"),
        pytest.param([f"Bearer {VALUE}", "Basic x"], 400, "invalid_request", id="two headers"),
        pytest.param([f"Bearer {VALUE}"] * 2, 400, "invalid_request", id="the same twice"),
        pytest.param([f"Bearer {VALUE}x"], 400, "invalid_request", id="more behind the end"),
        pytest.param([f"Bearer {VALUE[:-1]}"], 401, "invalid_token", id="cut"),
        pytest.param([f"Bearer {VALUE.lower()}"], 401, "invalid_token", id="lower case"),
        pytest.param(["Bearer x"], 401, "invalid_token", id="unknown"),
    ],
)
def test_what_is_no_known_token_is_refused_as_rfc_6750_says(
    authorization: list[str], status: int, challenge: str
) -> None:
    refused = refusal(*authorization)
    error = "" if challenge == CHALLENGE else f', error="{challenge}"'
    assert refused.status == status
    assert refused.headers == {"WWW-Authenticate": CHALLENGE + error}


@pytest.mark.parametrize(
    ("scopes", "needed", "named"),
    [
        (["read"], UPDATE, "update"),
        ([f"write:{OURS}"], UPDATE, "update"),
        ([f"write:{OURS}"], scope_to_write(None), "update"),
        ([f"write:{OURS}", "read"], scope_to_write("urn:x:y"), "write:urn:x:y"),
        (["read"], scope_to_write("urn:x:é"), "write:urn:x:%C3%A9"),
        (["read"], scope_to_write('urn:x"\\\r\n '), "write:urn:x%22%5C%0D%0A%20"),
        (["update"], Scope("admin"), "admin"),
    ],
)
def test_a_token_that_is_too_narrow_is_told_what_is_needed(
    scopes: list[str], needed: Scope, named: str
) -> None:
    refused = refusal(f"Bearer {VALUE}", needed=needed, tokens=Known(*scopes))
    assert refused.status == 403
    assert refused.headers == {
        "WWW-Authenticate": f'{CHALLENGE}, error="insufficient_scope", scope="{named}"'
    }
    assert f"has the scope {' '.join(scopes)}; this needs {needed}" in refused.detail


@pytest.mark.parametrize(
    ("scopes", "author"),
    [
        (["admin"], Author("importer")),
        (["update"], Author("importer")),
        ([f"write:{OURS}", "update"], Author("importer")),
        ([f"write:{OURS}", "read", "write:urn:x:"], Author("importer", (OURS, "urn:x:"))),
        (["read"], Author("importer", ())),
    ],
)
def test_an_author_may_write_where_the_token_says(scopes: list[str], author: Author) -> None:
    assert author_of(token(*scopes)) == author


def test_the_author_of_a_token_to_read_may_write_nowhere() -> None:
    author = author_of(token("read"))
    assert not author.may_write(None)
    assert not author.may_write(OURS)


@pytest.mark.parametrize("field", ["access_token", "token", "Access_Token"])
def test_a_token_among_the_parameters_is_refused_whatever_the_header_says(field: str) -> None:
    for authorization in ([], [f"Bearer {VALUE}"]):
        refused = refusal(*authorization, fields=("update", field))
        assert refused.status == 400
        assert "Authorization: Bearer TOKEN" in refused.detail
        assert "revoked" in refused.detail
        assert 'error="invalid_request"' in refused.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    ("origins", "fetch_sites"),
    [
        (["https://evil.example"], []),
        (["null"], []),
        ([""], []),
        (["http://clusters.example.org"], []),
        (["https://clusters.example.org:8443"], []),
        (["https://clusters.example.org.evil.example"], []),
        (["https://clusters.example.org@evil.example"], []),
        (["https://evil.example/https://clusters.example.org"], []),
        (["https://clusters.example.org:99999"], []),
        (["https://[clusters.example.org"], []),
        (["https://clusters.example.org", "https://evil.example"], []),
        (["https://clusters.example.org https://evil.example"], []),
        ([], ["cross-site"]),
        ([], ["Cross-Site"]),
        (["https://clusters.example.org"], ["cross-site"]),
    ],
)
def test_a_page_of_another_site_may_not_write_even_with_a_token(
    origins: list[str], fetch_sites: list[str]
) -> None:
    refused = refusal(f"Bearer {VALUE}", origins=tuple(origins), fetch_sites=tuple(fetch_sites))
    assert refused.status == 403
    assert refused.title == "Another site may not write"
    assert refused.headers == {}


@pytest.mark.parametrize(
    ("public_url", "origin", "fetch_site"),
    [
        ("https://clusters.example.org", "https://clusters.example.org", "same-origin"),
        ("https://clusters.example.org/", "HTTPS://CLUSTERS.example.org:443", "none"),
        ("https://clusters.example.org:443/kg/", "https://clusters.example.org", "same-origin"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000", "same-origin"),
        ("http://[::1]:8000/", "http://[::1]:8000", "same-origin"),
    ],
)
def test_a_page_of_our_own_may_write(public_url: str, origin: str, fetch_site: str) -> None:
    refuse_cross_site(Presented((), (origin,), (fetch_site,)), public_url)


def test_a_public_url_that_is_none_lets_no_page_in() -> None:
    with pytest.raises(NotAuthorised):
        refuse_cross_site(Presented((), ("http://example.org:99999",)), "http://example.org:99999")


def test_headers_are_picked_by_name_and_none_is_lost() -> None:
    headers = [
        (b"authorization", b" Bearer a "),
        (b"host", b"localhost"),
        (b"authorization", b"Bearer \xff"),
        (b"origin", b"null"),
        (b"sec-fetch-site", b"none"),
    ]
    assert presented_by(headers) == Presented(("Bearer a", "Bearer \xff"), ("null",), ("none",))


def test_what_is_shown_of_a_request_in_a_log_is_without_its_token() -> None:
    assert VALUE not in repr(Presented((f"Bearer {VALUE}",)))


@given(st.lists(st.binary(max_size=60), max_size=3))
@example([b"Bearer \xff\xfe"])
@example([b"bearer " + b"=" * 60])
def test_no_bytes_are_accepted_or_break_the_reading(values: list[bytes]) -> None:
    presented = presented_by((b"authorization", value) for value in values)
    with pytest.raises(NotAuthorised) as refused:
        authorise(presented, UPDATE, Known("admin"), PUBLIC_URL)
    assert refused.value.status in (400, 401)
    assert refused.value.headers["WWW-Authenticate"].startswith(CHALLENGE)


PIECES = ["Bearer", "bearer", "Basic", " ", " ", "\t", ",", "=", "\xa0", VALUE, VALUE[:-1]]


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join))
@example(f"Bearer {VALUE}")
@example(f"bearer  {VALUE}")
def test_only_the_scheme_spaces_and_the_whole_token_are_accepted(header: str) -> None:
    scheme, _, rest = header.partition(" ")
    should_be = scheme.lower() == "bearer" and rest.lstrip(" ") == VALUE
    try:
        authorise(Presented((header,)), UPDATE, Known("admin"), PUBLIC_URL)
    except NotAuthorised:
        assert not should_be
    else:
        assert should_be


@given(st.text(max_size=60))
@example("https://clusters.example.org\n")
@example("//clusters.example.org")
def test_no_text_passes_for_our_origin_but_ours(origin: str) -> None:
    with contextlib.suppress(NotAuthorised):
        refuse_cross_site(Presented((), (origin,)), PUBLIC_URL)
        assert origin.lower() in (PUBLIC_URL, f"{PUBLIC_URL}:443")


def test_a_refusal_is_answered_with_a_problem_document() -> None:
    async def write(request: Request) -> Response:
        presented = presented_by(request.scope["headers"])
        names = request.query_params.keys()
        author = authorise(presented, UPDATE, Known("read"), PUBLIC_URL, names)
        return Response(author.name)

    app = Starlette(routes=[Route("/write", write, methods=["POST"])])
    install_problem_handlers(app)
    client = TestClient(app)

    missing = client.post("/write")
    narrow = client.post("/write", headers={"Authorization": f"Bearer {VALUE}"})
    leaked = client.post("/write", params={"access_token": VALUE})

    for response, status in ((missing, 401), (narrow, 403), (leaked, 400)):
        assert response.status_code == status
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["status"] == status
        assert response.headers["cache-control"] == "no-store"
        assert VALUE not in response.text + str(response.headers)
    assert missing.headers["www-authenticate"] == CHALLENGE
    assert 'error="insufficient_scope", scope="update"' in narrow.headers["www-authenticate"]
    assert 'error="invalid_request"' in leaked.headers["www-authenticate"]


def test_a_token_is_in_no_log_wherever_it_was_sent(serve: Serve, small_store: Path) -> None:
    value = new_value()  # of characters that are sent as they are, wherever it is
    bearer = {"Authorization": f"Bearer {value}"}
    update = {"update": "CLEAR ALL"}
    with serve(small_store, "--readers", 1) as server, httpx2.Client() as client:
        answers = [
            client.get(server.sparql, params={"query": "ASK {}"}, headers=bearer),
            client.get(server.sparql, params={"query": "ASK {", "token": value}, headers=bearer),
            client.get(server.sparql, params={"query": f"ASK {{ {value}"}, headers=bearer),
            client.get(f"{server.url}/{value}", headers=bearer),
            client.post(server.sparql, data=update, headers=bearer),
            client.post(server.sparql, data=update, headers={"Authorization": value}),
            client.post(server.sparql, data={**update, "access_token": value}),
            client.post(server.sparql, params={"access_token": value}, data=update),
            client.put(f"{server.url}/graph-store", params={"default": "", "token": value}),
            client.put(f"{server.url}/graph/x", content=value, headers=bearer),
        ]
        with socket.create_connection(("127.0.0.1", server.port)) as raw:
            raw.sendall(f"NONSENSE\r\nAuthorization: Bearer {value}\r\n\r\n".encode())
            assert raw.recv(1000).startswith(b"HTTP/1.1 400 ")
    assert answers[0].status_code == 200
    assert all(400 <= answer.status_code < 500 for answer in answers[1:])
    # The server has ended, so that all its lines are written.
    assert "Metapole serves" in server.log.read_text()
    assert value not in server.log.read_text()
