"""The commands and numbers of the guide to the pages are what it says they are."""

from __future__ import annotations

import json
import shlex
import subprocess

import httpx2
import pytest

from graph import source_texts
from graph.publishing.site.things import statements
from graph.publishing.things.description import PAGE_ENTRIES, PART_ENTRIES

from .test_examples import PROJECT, blocks

GUIDE = "pages.md"
TEXT = (PROJECT / "docs" / "guides" / GUIDE).read_text(encoding="utf-8")


def run(name: str, endpoint: str) -> str:
    """Return what the command of that *name* writes."""
    (text,) = [text for page, found, text in blocks("run") if (page.name, found) == (GUIDE, name)]
    words = shlex.split(text.replace("http://127.0.0.1:8000", endpoint))
    assert words[0] == "curl"
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def test_a_browser_gets_a_page_and_a_program_the_document(endpoint: str) -> None:
    page, document = run("problem-page", endpoint), json.loads(run("problem", endpoint))

    assert f'<a href="{endpoint}/fr/cluster/minalogic">' in page
    assert '<html lang="fr">' in page
    assert document["suggestions"][0]["label"] == "Minalogic"


def test_the_guide_says_how_much_is_on_a_page() -> None:
    assert f"{PAGE_ENTRIES} to a page" in TEXT
    assert f"`&part=2` shows the second {PART_ENTRIES}" in TEXT
    assert f"up to {statements.MOST_ROWS} rows" in TEXT
    assert f"more than {source_texts.LARGEST // 1_000_000} MB" in TEXT


@pytest.mark.parametrize(
    "path",
    ["cluster/minalogic?asof=2007-06-01", "cluster/minalogic?page=1", "sector/automotive",
     "document/ifa-competitive-clusters-2007?part=2", "help", "about", "accessibility"],
)  # fmt: skip
def test_the_addresses_of_the_guide_answer(endpoint: str, path: str) -> None:
    for prefix in ("", "fr/", "de/", "embed/"):
        assert httpx2.get(f"{endpoint}/{prefix}{path}", verify=False).status_code == 200
