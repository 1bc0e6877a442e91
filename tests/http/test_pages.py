"""A page is a document in a template: what holds for all of them."""

import re
from pathlib import Path

import httpx2
import pytest
from markupsafe import Markup
from starlette.testclient import TestClient

from server.app import create_app
from server.pages import shown, why_without_scripts
from server.settings import Settings
from tests.http.conftest import Serve, Server, publish


def ask(server: Server, path: str, method: str = "GET", **headers: str) -> httpx2.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx2.request(method, server.url + path, headers=named)


def test_the_first_page_tells_of_the_generation(server: Server) -> None:
    answer = ask(server, "/")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["last-modified"].endswith(" GMT")
    assert f"Generation {answer.headers['x-generation']}" in answer.text


def test_a_page_that_has_not_changed_is_not_sent_again(server: Server) -> None:
    first = ask(server, "/")
    for tag in (first.headers["etag"], "*"):
        again = ask(server, "/", if_none_match=tag)
        assert (again.status_code, again.content) == (304, b"")
    head = ask(server, "/", "HEAD")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == first.headers["etag"]


@pytest.mark.parametrize(
    ("accept", "status"),
    [("text/html", 200), ("*/*", 200), ("text/turtle", 406), ("image/png, text/*;q=0.1", 200)],
)
def test_a_page_is_html(server: Server, accept: str, status: int) -> None:
    assert ask(server, "/", accept=accept).status_code == status


def test_static_files_are_found_and_nothing_else(server: Server) -> None:
    assert ask(server, "/static/metapole.css").headers["content-type"].startswith("text/css")
    versioned = re.search(r"static/icon\.svg\?v=[0-9a-f]+", ask(server, "/").text)
    assert versioned
    assert "immutable" in ask(server, f"/{versioned[0]}").headers["cache-control"]
    for other in ("", "?v=0123456789ab"):  # an address that may mean another file tomorrow
        answer = ask(server, f"/static/icon.svg{other}")
        assert answer.headers["cache-control"] == "no-cache"
    for path in ("/static/nothing.css", "/static/..%2Fpages.py", "/static/../pages.py"):
        assert ask(server, path).status_code == 404


def test_why_there_are_no_scripts_is_known_to_who_tells_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.pages.WEB", tmp_path)
    assert why_without_scripts() == ""
    (tmp_path / "built").mkdir()
    (tmp_path / "built" / "not-built").write_text("npm failed: no network\n")
    assert why_without_scripts() == "npm failed: no network"


@pytest.mark.parametrize("coding", ["br", "gzip"])
def test_static_files_are_sent_compressed(server: Server, coding: str) -> None:
    address = f"{server.url}/static/metapole.css"
    coded = httpx2.get(address, headers={"Accept-Encoding": coding})
    plain = httpx2.get(address, headers={"Accept-Encoding": "identity"})

    assert coded.headers["content-encoding"] == coding
    assert "content-encoding" not in plain.headers
    assert int(coded.headers["content-length"]) < int(plain.headers["content-length"]) / 2
    assert coded.text == plain.text
    assert coded.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize("value", [len, print])
def test_a_template_that_shows_a_method_fails(value: object) -> None:
    with pytest.raises(TypeError, match=r"write it with \[\]"):
        shown(value)


@pytest.mark.parametrize("value", [1, "update", None, Markup("<b>")])
def test_a_template_shows_what_is_text(value: object) -> None:
    assert shown(value) is value


def test_every_page_names_the_licence_that_the_operator_gave(
    serve: Serve, small_store: Path
) -> None:
    given = "https://example.org/licence?a=1&b=2"
    with serve(small_store, "--licence", given) as running:
        for path in ("/", "/data", "/ontology", "/help", "/about", "/accessibility"):
            page = ask(running, path).text
            assert f'rel="license" href="{given.replace("&", "&amp;")}"' in page, path
            assert "creativecommons.org" not in page.partition("<footer")[2], path


def test_a_page_that_would_hold_too_much_is_refused(
    small_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.reads._LONGEST_VALUES", 1_000_000)
    long = "http://example.org/" + "g" * 90
    many = "".join(f"GRAPH <{long}{n}> {{ <x:a> <x:b> <x:c> }}\n" for n in range(9_000))
    store = small_store.with_name("many")
    publish(store, many)
    with TestClient(create_app(Settings(store=store))) as client:
        answer = client.get("/about")
        assert answer.status_code == 403
        assert "ask for a file" in answer.json()["detail"]
