"""Directories over HTTP: pages without scripts, and the same choice as a file."""

import csv
import io
import re

import httpx2
import pytest

from graph.publishing.site.directory.offered import DIRECTORIES


def get(address: str, accept: str = "text/html") -> httpx2.Response:
    # There is no TLS, and to get ready for it takes longer than to ask.
    return httpx2.get(address, headers={"Accept": accept}, timeout=60, verify=False)


@pytest.mark.parametrize("prefix", ["", "/fr", "/de", "/embed"])
@pytest.mark.parametrize("name", DIRECTORIES)
def test_every_directory_is_a_page_in_every_language(endpoint: str, name: str, prefix: str) -> None:
    answer = get(f"{endpoint}{prefix}/{name}")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert len(answer.content) < 100_000
    assert answer.text.count("<h1") == 1


def test_a_directory_is_a_query_is_a_file(endpoint: str) -> None:
    choice = "?country=germany&country=italy&sort=completeness"
    page = get(f"{endpoint}/clusters{choice}").text
    rows = list(csv.DictReader(io.StringIO(get(f"{endpoint}/clusters.csv{choice}").text)))

    listed = set(re.findall(r'<th scope="row"><a href="[^"]*/cluster/([^"]+)"', page))
    assert listed
    assert {row["cluster"].rpartition("/")[2] for row in rows} == listed
    assert {row["country"] for row in rows} <= {"Germany", "Italy"}
    assert f'href="{endpoint}/clusters.csv{choice.replace("&", "&amp;")}"' in page


def test_facets_are_a_form_and_what_is_chosen_can_be_taken_away(endpoint: str) -> None:
    page = get(f"{endpoint}/fr/clusters?country=germany&sector=automotive&view=cards").text

    assert re.search(rf'<form class="facets" action="{endpoint}/fr/clusters"', page)
    assert re.search(r'<input type="checkbox" name="country" value="germany" checked>', page)
    assert '<input type="hidden" name="view" value="cards">' in page
    assert f'<a href="{endpoint}/fr/clusters?sector=automotive&amp;view=cards">' in page
    assert '<ul class="cards">' in page
    assert "<script>" not in page


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("?colour=red", 400, "no parameter"),
        ("?sort=size", 400, "it may be name or completeness"),
        ("?page=0", 400, "from 1 on"),
        ("?page=1&page=2", 400, "send it once"),
        ("?country=atlantis", 200, "is not known here"),
        ("?country=%3Cscript%3Ealert(1)%3C/script%3E", 200, "&lt;script&gt;"),
    ],
)
def test_nonsense_is_refused_or_left_out_in_plain_words(
    endpoint: str, query: str, status: int, words: str
) -> None:
    answer = get(f"{endpoint}/clusters{query}")

    assert answer.status_code == status
    assert words in answer.text
    assert "<script>alert" not in answer.text
