"""`serve --sources DIR`: pages show the text of a document, if it is the one that was read."""

from __future__ import annotations

import hashlib
import html
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import httpx2
import pytest

from .conftest import ROOT, publish

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .conftest import Serve

TEXT = "<script>alert(1)</script> The cluster has 380 members.\nIt began in 2005.\u202e\n"
FIRST = TEXT.index("380 members")
STORE = """
PREFIX mp: <https://w3id.org/metapole/def#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX document: <https://w3id.org/metapole/id/document/>
PREFIX evidence: <https://w3id.org/metapole/id/evidence/>
GRAPH <https://w3id.org/metapole/graph/g> {{
  document:one a mp:SourceDocument ; skos:prefLabel "One"@en ; mp:fileName "one.txt" ;
    mp:sha256 "{digest}" ; mp:characters {characters} ; mp:lines 2 .
  document:two a mp:SourceDocument ; mp:fileName "two.txt" ; mp:sha256 "{other}" .
  document:away a mp:SourceDocument ; mp:fileName "../secret.txt" ; mp:sha256 "{other}" .
  evidence:one a mp:Evidence ; mp:document document:one ; mp:sha256 "{digest}" ;
    mp:printedAs "380 members" ; mp:charFrom {first} ; mp:charTo {end} ;
    mp:lineFrom 1 ; mp:lineTo 1 .
  evidence:outside a mp:Evidence ; mp:document document:one ; mp:sha256 "{digest}" ;
    mp:charFrom 5000 ; mp:charTo 5005 .
  evidence:two a mp:Evidence ; mp:document document:two ; mp:sha256 "{other}" ;
    mp:charFrom 0 ; mp:charTo 5 .
  evidence:away a mp:Evidence ; mp:document document:away ; mp:sha256 "{other}" ;
    mp:charFrom 0 ; mp:charTo 5 .
}}
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sources") / "store"
    told = {
        "digest": hashlib.sha256(TEXT.encode()).hexdigest(),
        "other": "0" * 64,
        "characters": len(TEXT),
        "first": FIRST,
        "end": FIRST + len("380 members"),
    }
    publish(path, STORE.format(**told))
    return path


@pytest.fixture(scope="module")
def site(serve: Serve, store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server that has the first document, and another version of the second."""
    folder = tmp_path_factory.mktemp("documents")
    (folder / "one.txt").write_text(TEXT, encoding="utf-8")
    (folder / "two.txt").write_text("another version", encoding="utf-8")
    (folder.parent / "secret.txt").write_text("the secret", encoding="utf-8")
    with serve(store, "--sources", folder) as server:
        yield server.url


def page(address: str) -> str:
    answer = httpx2.get(address, headers={"Accept": "text/html"}, verify=False)
    assert answer.status_code == 200
    return answer.text


def passage(text: str) -> str:
    """Return what a page shows of a document."""
    (found,) = re.findall(r'<pre class="passage[^"]*"[^>]*>(.*?)</pre>', text, re.DOTALL)
    return found


def test_evidence_is_shown_in_its_text(site: str) -> None:
    shown = passage(page(f"{site}/evidence/one"))

    assert "<mark>380 members</mark>" in shown
    assert "<script" not in shown
    assert html.unescape(re.sub(r"</?mark>", "", shown)) == TEXT


def test_a_document_is_shown_with_its_places_marked(site: str) -> None:
    shown = passage(page(f"{site}/document/one"))

    assert f'<a href="{site}/evidence/one"><mark>380 members</mark></a>' in shown
    assert html.unescape(re.sub(r"</?(?:mark|a)[^>]*>", "", shown)) == TEXT


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("evidence/two", "its SHA-256 digest is another one"),
        ("document/two", "its SHA-256 digest is another one"),
        ("evidence/away", "do not include this one"),
        ("document/away", "do not include this one"),
        ("evidence/outside", "outside of the document"),
    ],
)
def test_a_text_that_is_not_the_one_that_was_read_is_not_shown(
    site: str, path: str, said: str
) -> None:
    shown = page(f"{site}/{path}")

    assert said in shown
    assert "passage" not in shown
    assert "another version" not in shown
    assert "the secret" not in shown


def test_without_documents_pages_say_so(serve: Serve, store: Path) -> None:
    with serve(store) as server:
        shown = page(f"{server.url}/fr/evidence/one")

    assert "n’a pas le document sous la main" in shown
    assert "380 members" in shown
    assert "It began in 2005" not in shown


def test_a_folder_that_is_not_there_is_named_before_anything_is_served(
    store: Path, tmp_path: Path
) -> None:
    nowhere = tmp_path / "nowhere"
    options = ("--port", "0", "--store", store, "--sources", nowhere)
    command = [sys.executable, "-m", "server", "serve", *map(str, options)]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, cwd=ROOT, timeout=60
    )

    assert done.returncode == 1
    assert f"{nowhere} cannot be read" in done.stderr
