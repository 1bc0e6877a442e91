"""The page about quality tells what is known and what is missing, and leads to each thing."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

import httpx2
import pytest

from .conftest import publish, wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Serve

TIMEOUT_S = 30
WRONG = """
PREFIX mp: <https://w3id.org/metapole/def#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
GRAPH <http://example.org/source> {
  <http://example.org/figure> a mp:KeyFigure ;
    mp:from "2010-01-01"^^xsd:date ; mp:to "2009-12-31"^^xsd:date .
}
"""


def get(address: str, accept: str = "text/html") -> httpx2.Response:
    return httpx2.get(address, headers={"Accept": accept}, timeout=TIMEOUT_S)


@pytest.mark.parametrize(
    ("prefix", "words"),
    [
        ("", ["Quality", "Without a name", "refuses every change that breaks a SHACL shape"]),
        ("/fr", ["Qualité", "Sans nom", "refuse toute modification"]),
        ("/de", ["Qualität", "Ohne Namen", "lehnt jede Änderung ab"]),
        ("/embed", ["Quality", "Without a name"]),
    ],
)
def test_quality_is_told_in_every_language(endpoint: str, prefix: str, words: list[str]) -> None:
    answer = get(f"{endpoint}{prefix}/quality")

    assert answer.status_code == 200
    assert [each for each in words if each not in answer.text] == []
    assert len(answer.content) < 100_000


def test_what_is_counted_can_be_had_as_a_file(endpoint: str) -> None:
    lines = get(f"{endpoint}/quality.csv", "*/*").text.splitlines()

    rows = {row["class"].rpartition("#")[2]: row for row in csv.DictReader(lines)}
    assert (rows["Cluster"]["things"], rows["Cluster"]["name"]) == ("88", "82")
    page = get(f"{endpoint}/quality").text
    assert re.search(r"82 <small>93%</small>", page)


def test_a_number_leads_to_the_things_that_lack_it(endpoint: str) -> None:
    page = get(f"{endpoint}/fr/quality").text
    address = f"{endpoint}/fr/quality/lacking?class=Cluster&amp;what=name"
    assert f'href="{address}"' in page

    lacking = get(address.replace("&amp;", "&"))
    unnamed = re.findall(rf'href="{endpoint}/fr/cluster/(unnamed-[a-z0-9-]+)"', lacking.text)
    assert len(set(unnamed)) == 6


def found_by_checks(endpoint: str, said: str) -> str:
    """Return the page about checks when it says so."""
    pages = [""]

    def says_so() -> bool:
        answer = get(f"{endpoint}/quality/checks")
        assert answer.status_code == 200
        pages.append(answer.text)
        return said in answer.text

    wait_until(says_so, seconds=60)
    return pages[-1]


def test_checks_are_run_behind_the_page_and_find_nothing_in_what_ships(endpoint: str) -> None:
    assert "being run now" not in found_by_checks(endpoint, "No check finds anything.")


def test_after_a_change_the_page_tells_what_was_found_before_until_it_is_found_anew(
    serve: Serve, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    publish(store, WRONG)
    with serve(store, in_place=True) as server:
        first = get(f"{server.url}/quality/checks").text
        assert "being run now" in first
        assert "No check finds anything." not in first
        found = found_by_checks(server.url, "it begins at 2010-01-01 and ends at 2009-12-31")
        assert "The data has changed since" not in found
        publish(store, WRONG.replace("2009-12-31", "2009-11-30"))
        wait_until(lambda: server.ask("ASK {}").headers["X-Generation"] == "2")
        between = get(f"{server.url}/quality/checks").text
        assert "this is what was found in generation 1" in between
        assert "ends at 2009-12-31" in between
        assert "The data has changed since" not in found_by_checks(
            server.url, "it begins at 2010-01-01 and ends at 2009-11-30"
        )


@pytest.mark.parametrize(
    ("path", "detail"),
    [
        ("/quality/lacking", "send one of Cluster"),
        ("/quality/lacking?class=Cluster&what=truth", "one of name, place"),
        ("/quality/lacking?class=%3E%20%7D&what=name", "send one of Cluster"),
        ("/quality?page=2", "this address has no parameter 'page'"),
    ],
)
def test_what_means_nothing_is_said_in_plain_words(endpoint: str, path: str, detail: str) -> None:
    answer = get(endpoint + path, "*/*")

    assert answer.status_code == 400
    assert detail in answer.json()["detail"]
