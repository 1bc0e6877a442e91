"""Problems are pages for who reads pages, and problem documents for everybody else."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx2
import pytest
from starlette.testclient import TestClient

from graph.errors import EngineUnavailable
from graph.query import Engine
from server.app import create_app
from server.pages import Templates
from server.problem_pages import prefers_page
from server.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
JAVA = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"
HOSTILE = "<script>alert(1)</script>\"'onload=x&{{6543*7}}\u202e"


class Parsed(HTMLParser):
    """What is in a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.attributes: list[tuple[str, str | None]] = []
        self.scripts: list[dict[str, str | None]] = []
        self.language: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script" and ("type", "application/json") not in attrs:
            self.scripts.append(dict(attrs))
        self.attributes += attrs
        if tag == "html":
            self.language = dict(attrs)["lang"]


def ask(address: str, accept: str = BROWSER, method: str = "GET") -> httpx2.Response:
    return httpx2.request(method, address, headers={"Accept": accept}, verify=False, timeout=30)


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (BROWSER, True),
        (JAVA, True),
        ("application/xhtml+xml", True),
        ("text/html;q=0.5, text/turtle", False),
        ("text/html;q=0", False),
        ("application/sparql-results+json, text/html;q=0.1", False),
        ("text/html;q=0.8, */*", False),
        ("*/*", False),
        ("text/*", False),
        ("application/json", False),
        ("", False),
        ("html", False),
        ("text/html" + "," * 5_000, False),
    ],
)
def test_who_names_html_and_likes_nothing_better_reads_pages(accept: str, expected: bool) -> None:
    assert prefers_page(accept) is expected


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nothing", 404),
        ("/cluster/minalogics", 404),
        ("/cluster/minalogic?asof=never", 400),
        ("/cluster/minalogic?colour=red", 400),
        ("/data/clusters.csv?asof=never", 400),
        ("/changes/9..x", 404),
        ("/data/cluster/minalogic.geojson.ttl", 404),
        ("/graph/nothing", 404),
        ("/data/cluster/none.ttl", 404),
        ("/validate", 405),
    ],
)
def test_a_browser_gets_a_page_with_the_status_and_headers_of_the_problem(
    endpoint: str, path: str, status: int
) -> None:
    page, document = ask(endpoint + path), ask(endpoint + path, "*/*")

    assert page.status_code == document.status_code == status
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert document.headers["content-type"] == "application/problem+json"
    assert "accept" in page.headers["vary"].lower()
    kept = ("cache-control", "allow", "x-content-type-options", "retry-after")
    assert [page.headers.get(name) for name in kept] == [
        document.headers.get(name) for name in kept
    ]
    assert "style-src 'self'" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]
    found = document.json()["detail"].split("; ")[0][:60]
    text = re.sub(r"&#39;|&#34;|&lt;|&gt;|&amp;", "?", page.text)
    assert re.sub(r"['\"<>&]", "?", found) in text
    assert 'name="q"' in page.text


@pytest.mark.parametrize(
    ("prefix", "language", "title"),
    [
        ("", "en", "There is nothing here"),
        ("/fr", "fr", "Il n’y a rien ici"),
        ("/de", "de", "Hier ist nichts"),
        ("/embed/de", "de", "Hier ist nichts"),
    ],
)
def test_a_problem_is_in_the_language_of_its_address(
    endpoint: str, prefix: str, language: str, title: str
) -> None:
    answer = ask(f"{endpoint}{prefix}/cluster/minalogics")

    assert answer.headers["content-language"] == language
    assert f"<h1>{title}</h1>" in answer.text
    assert Parsed(answer.text).language == language
    near = f"{endpoint}{prefix.removeprefix('/embed')}/cluster/minalogic"
    assert f'<a href="{near}"><bdi>Minalogic</bdi></a>' in answer.text
    is_framed = prefix.startswith("/embed")
    assert ("frame-ancestors *" in answer.headers["content-security-policy"]) is is_framed


@pytest.mark.parametrize(
    "path",
    [
        "/{}",
        "/cluster/{}",
        "/fr/{}",
        "/de/cluster/x?{}=1",
        "/cluster/x?asof={}",
        "/data/clusters.csv?asof={}",
        "/graph/{}",
        "/data/{}/x.ttl",
    ],
)
def test_nothing_of_a_request_comes_back_as_markup(endpoint: str, path: str) -> None:
    answer = ask(endpoint + path.format(quote(HOSTILE, safe="")))
    page = Parsed(answer.text)

    assert answer.status_code >= 400
    own = f"{endpoint}/static/"
    assert all((each.get("src") or "").startswith(own) for each in page.scripts)
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert str(6543 * 7) not in answer.text
    targets = [value or "" for name, value in page.attributes if name in ("href", "src", "action")]
    assert all(each.startswith((endpoint, "https://creativecommons.org", "#")) for each in targets)


def test_head_and_what_changes_something_are_answered_as_before(endpoint: str) -> None:
    head = ask(f"{endpoint}/nothing", method="HEAD")
    assert (head.status_code, head.content) == (404, b"")
    assert head.headers["content-type"] == "text/html; charset=utf-8"
    refused = ask(f"{endpoint}/cluster/minalogic", method="DELETE")
    assert refused.status_code == 405
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.headers["allow"] == "GET, HEAD"


def test_a_problem_page_needs_no_reader(small_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def down(*_: object, **__: object) -> None:
        raise EngineUnavailable("no reader could answer")

    monkeypatch.setattr(Engine, "answer", down)
    with TestClient(create_app(Settings(store=small_store))) as client:
        answer = client.get("/", headers={"Accept": BROWSER})

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert "The page cannot be made just now" in answer.text
    assert "no reader could answer" in answer.text


def test_where_no_page_can_be_made_the_problem_is_told_anyway(
    small_store: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> bytes:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(Templates, "about_problem", broken)
    with TestClient(create_app(Settings(store=small_store))) as client:
        answer = client.get("/nothing", headers={"Accept": BROWSER})

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == 404
    assert "ZeroDivisionError" in caplog.text
