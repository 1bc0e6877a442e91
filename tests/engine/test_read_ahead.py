"""What pages need of a whole generation is read ahead, and changes nothing of what they say."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest

from graph.erasure import erase
from graph.generations import Generation, current_generation, publish_generation
from graph.limits import DumpLimits, Limits
from graph.paths import bundled
from graph.publishing.ahead import file, keeping, memory
from graph.publishing.ahead.rows import kept_rows, read_rows
from graph.publishing.ahead.writing import PAGES, write_ahead
from graph.publishing.document import Document
from graph.publishing.writers import writer_of
from graph.query import Engine
from server.pages import JSON

from .published import Published, of_turtle, of_whole_generation

if TYPE_CHECKING:
    from pathlib import Path

TRIG = """
PREFIX mp: <https://w3id.org/metapole/def#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
GRAPH <http://example.org/source> {
  <https://w3id.org/metapole/id/cluster/one> a mp:Cluster ; skos:prefLabel "One"@en .
}
"""


def current(store: Path) -> Generation:
    generation = current_generation(store)
    assert generation
    return generation


@pytest.fixture
def store(tmp_path: Path) -> Path:
    publish_generation(tmp_path / "store", ox.parse(TRIG, ox.RdfFormat.TRIG))
    return tmp_path / "store"


@pytest.fixture(scope="module")
def whole(shipped_store: Path) -> Published:
    return of_whole_generation(current(shipped_store))


@pytest.fixture(scope="module")
def read_ahead(whole: Published, tmp_path_factory: pytest.TempPathFactory) -> Published:
    """The same, with a file of what was read ahead."""
    path = tmp_path_factory.mktemp("ahead") / "file.parts"
    without = replace(whole, facts=replace(whole.facts, ahead="", store_id="read"))
    path.write_bytes(without.written(write_ahead))
    return replace(whole, facts=replace(whole.facts, ahead=str(path), store_id="read-ahead"))


CASES = [
    *PAGES,
    ("directory", {"directory": "clusters", "country": "france", "sort": "completeness"}),
    ("directory", {"directory": "organisations", "language": "de"}),
    ("map-page", {"country": "france"}),
    ("map-page", {"asof": "2010-01-01"}),
    ("network-page", {"country": "france", "language": "fr"}),
    ("network-page", {"from": "minalogic", "to": "nanoquebec"}),
]


@pytest.mark.parametrize(
    ("kind", "arguments"), CASES, ids=[f"{kind} {arguments}" for kind, arguments in CASES]
)
def test_a_page_says_the_same_with_what_was_read_ahead(
    whole: Published, read_ahead: Published, kind: str, arguments: dict[str, str]
) -> None:
    alone = replace(whole, facts=replace(whole.facts, ahead="", store_id=f"{kind}{arguments}"))
    memory._KEPT.clear()  # pyright: ignore[reportPrivateUsage] -- as a new reader

    assert json.loads(read_ahead.written(writer_of(kind), **arguments)) == json.loads(
        alone.written(writer_of(kind), **arguments)
    )


def test_a_page_reads_what_was_read_ahead_and_not_the_store(read_ahead: Published) -> None:
    memory._KEPT.clear()  # pyright: ignore[reportPrivateUsage] -- as a new reader
    empty = replace(read_ahead, store=ox.Store())
    page = json.loads(empty.written(writer_of("directory"), directory="clusters"))

    assert page["total"] > 80
    assert {each["name"] for each in page["facets"]} >= {"country", "sector", "completeness"}


DEEP = "[" * 100_000
DAMAGED = {
    "empty": b"",
    "no JSON": b"\x00\xff\xfe\n",
    "a line without an end": b"{" * 50_000,
    "no places": b"[]\n{}",
    "a place behind the end": b'{"census": [9000, 5], "rows": [-9, 5]}\n{}',
    "no place": b'{"census": "here", "rows": {}}\n{}',
    "other JSON": b'{"census": [0, 2], "rows": [0, 2], "links": [0, 2]}\n[]',
    "a census of something else": b'{"census": [0, 15]}\n{"clusters": 1}',
    "deep": f'{{"census": [0, {len(DEEP)}], "rows": [0, {len(DEEP)}]}}\n{DEEP}'.encode(),
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_file_is_as_good_as_none(
    whole: Published, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "damaged.parts"
    path.write_bytes(content)
    damaged = replace(whole, facts=replace(whole.facts, ahead=str(path), store_id=str(path)))
    page = json.loads(damaged.written(writer_of("directory"), directory="clusters"))

    assert page["total"] > 80
    assert json.loads(damaged.written(writer_of("quality")))["coverage"]


def test_a_file_is_only_of_the_generation_and_the_code_that_it_was_made_by(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = current(store)
    file.put(file.ahead_file(first), b"{}\n")
    assert of_whole_generation(first).facts.ahead == str(file.ahead_file(first))

    later = publish_generation(store, ox.parse(TRIG.replace("One", "Two"), ox.RdfFormat.TRIG))
    assert of_whole_generation(later).facts.ahead == ""
    monkeypatch.setattr(file, "_code", lambda: "other")
    assert of_whole_generation(first).facts.ahead == ""


def test_an_erasure_removes_what_was_read_ahead(store: Path) -> None:
    content = of_whole_generation(current(store)).written(write_ahead)
    file.put(file.ahead_file(current(store)), content)
    assert b"cluster/one" in content

    list(erase([store], "https://w3id.org/metapole/id/cluster/one", bundled("ontology")))
    left = (path for path in store.rglob("*") if path.is_file())
    assert [path.name for path in left if b"cluster/one" in path.read_bytes()] == []


ROWS = """
@prefix : <http://example.org/> .
:one :says "text", "texte"@fr, 5, "2010-01-01"^^<http://www.w3.org/2001/XMLSchema#date>, :two, [] .
:two :knows :one .
"""


def test_rows_are_kept_as_they_were_found() -> None:
    published = of_turtle(ROWS)
    query = """
        SELECT ?s ?o ?none { ?s ?p ?o OPTIONAL { ?o <http://example.org/knows> ?none } }
        ORDER BY ?s ?o LIMIT 100
    """
    edition = published.edition()
    found = read_rows(edition, query, 5, 1)

    assert len(found.rows) == 5
    assert found.further == 1
    assert kept_rows(edition, query, 5, 1) == found
    published.store.clear()
    assert kept_rows(edition, query, 5, 1) == found
    assert kept_rows(edition, query, 4, 1).rows == []  # another question


def test_rows_with_triples_in_them_are_found_and_not_kept() -> None:
    published = of_turtle("")
    edition = published.edition()
    query = "SELECT ?t { BIND (<<( <http://a.example/> <http://b.example/> 1 )>> AS ?t) }"

    assert kept_rows(edition, query, 5) == read_rows(edition, query, 5)
    assert query not in str(memory.memory_of(edition, "rows"))


# When it is read


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a server wait for nothing."""
    for name in ("AFTER_START_S", "_SETTLED_S", "_SHARE"):
        monkeypatch.setattr(keeping, name, 0)
    monkeypatch.setattr(keeping, "_LOOK_AROUND_S", 0.02)


def engine(store: Path) -> Engine:
    return Engine(store, Limits(readers=1, spares=0, timeout_s=20), dumps=DumpLimits())


async def until(condition: Any) -> bool:  # noqa: ANN401 -- any function
    for _ in range(1000):
        if condition():
            return True
        await asyncio.sleep(0.02)
    return False


async def page_of(asked: Engine) -> dict[str, Any]:
    answer = await asked.answer(Document("directory", (JSON,), (("directory", "clusters"),)), JSON)
    return json.loads(b"".join([piece async for piece in answer]))


@pytest.mark.usefixtures("hasty")
def test_a_server_reads_ahead_after_its_start_and_after_changes_if_pages_are_asked_for(
    store: Path,
) -> None:
    async def look() -> None:
        async with engine(store) as asked:
            first = file.ahead_file(current(store))
            assert await until(first.exists)

            later = publish_generation(
                store, ox.parse(TRIG.replace("One", "Two"), ox.RdfFormat.TRIG)
            )
            await until(lambda: asked.generation.number == later.number)
            await asyncio.sleep(0.3)
            assert not file.ahead_file(later).exists()  # nobody looks at pages

            assert (await page_of(asked))["rows"][0]["thing"]["label"] == "Two"
            assert await until(file.ahead_file(later).exists)
            assert await until(lambda: not first.exists())
            assert (await page_of(asked))["rows"][0]["thing"]["label"] == "Two"

    asyncio.run(look())


@pytest.mark.usefixtures("hasty")
def test_where_nothing_can_be_written_pages_are_there_all_the_same(store: Path) -> None:
    file.ahead_folder(store).write_bytes(b"in the way")

    async def look() -> None:
        async with engine(store) as asked:
            await asyncio.sleep(0.5)
            assert (await page_of(asked))["total"] == 1

    asyncio.run(look())
    assert file.ahead_folder(store).read_bytes() == b"in the way"
