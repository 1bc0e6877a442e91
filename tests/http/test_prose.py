"""Help, about and accessibility say the same in three languages; their examples can be run."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import httpx2
import pytest

from graph.publishing.site.help import examples

if TYPE_CHECKING:
    from collections.abc import Iterator

LANGUAGES = {"en": "", "fr": "/fr", "de": "/de"}


@pytest.fixture(scope="module")
def client(endpoint: str) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=endpoint, verify=False, timeout=30) as each:
        yield each


def text(client: httpx2.Client, path: str) -> str:
    answer = client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 200, path
    return answer.text


@pytest.mark.parametrize("name", ["help", "about", "accessibility"])
def test_the_same_is_said_in_every_language(client: httpx2.Client, name: str) -> None:
    parts: dict[str, list[str]] = {}
    leads: dict[str, list[str]] = {}
    for language, prefix in LANGUAGES.items():
        page = text(client, f"{prefix}/{name}")
        main = page[page.index("<main") : page.index("</main>")]
        parts[language] = re.findall(r'<h2 id="([^"]+)"', main)
        leads[language] = re.findall(r'href="([^"]+)"', main)
        assert f'<html lang="{language}">' in page

    assert len(parts["en"]) > 3
    assert parts["en"] == parts["fr"] == parts["de"]
    assert len(leads["en"]) == len(leads["fr"]) == len(leads["de"])


@pytest.mark.parametrize("prefix", LANGUAGES.values())
def test_every_example_can_be_run(client: httpx2.Client, prefix: str) -> None:
    page = text(client, f"{prefix}/help")
    found = dict(
        re.findall(r'href="([^"]+)" data-example="([a-z]+)"', page)[index][::-1]
        for index in range(len(examples()))
    )
    assert set(found) == set(examples())
    if prefix:
        return
    for name, address in found.items():
        answer = client.get(unescape(address), headers={"Accept": "text/csv"})
        assert answer.status_code == 200, name
        assert answer.text.count("\n") > 1, name


def test_the_questions_of_the_first_page_are_answered(client: httpx2.Client) -> None:
    page = text(client, "/")
    found = re.findall(r'href="([^"]+/questions/[^"]+)"', page)

    assert len(found) == 6
    for address in found:
        answer = client.get(f"{address}.csv")
        assert answer.status_code == 200, address
        assert answer.text.count("\n") > 1, address


@pytest.mark.parametrize("path", ["/", "/fr/", "/help", "/about", "/cluster/minalogic"])
def test_a_page_is_light_and_takes_no_strange_parameter(client: httpx2.Client, path: str) -> None:
    assert len(text(client, path).encode()) < 100_000
    if path not in ("/", "/fr/"):
        assert client.get(f"{path}?colour=red").status_code == 400
