"""The store directory: what is published is complete, or is not there."""

import json
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from graph.errors import StoreUnusable
from graph.generations import (
    KEPT_GENERATIONS,
    UNION_GRAPH,
    Generation,
    current_generation,
    pointer_path,
    publish_generation,
    verify_generation,
)

from .conftest import Ask, Publish

COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"


def quads(count: int) -> Iterator[ox.Quad]:
    graph = ox.NamedNode("http://example.org/graph")
    for number in range(count):
        thing = ox.NamedNode(f"http://example.org/{number}")
        yield ox.Quad(thing, thing, thing, graph)


def files(store: Path) -> set[str]:
    return {str(path.relative_to(store)) for path in store.rglob("*") if path.name != "lock"}


def test_a_directory_without_a_store_has_no_generation(tmp_path: Path) -> None:
    assert current_generation(tmp_path / "nothing") is None


def test_what_was_published_is_current(tmp_path: Path) -> None:
    published = publish_generation(tmp_path, quads(3), built_from="three")
    assert current_generation(tmp_path) == published
    assert (published.number, published.quads, published.built_from) == (1, 3, "three")
    assert json.loads(pointer_path(tmp_path).read_text())["built"].startswith("20")
    verify_generation(published)


def test_a_generation_says_what_its_graphs_hold(tmp_path: Path) -> None:
    here, there = ox.NamedNode("x:here"), ox.NamedNode("x:there")
    loaded = [
        *(ox.Quad(ox.NamedNode(f"x:{n}"), here, here, here) for n in (1, 2, 3, 3)),
        ox.Quad(ox.NamedNode("x:1"), here, here, there),
        ox.Quad(ox.NamedNode("x:4"), here, here),
    ]
    publish_generation(tmp_path, loaded)
    generation = current_generation(tmp_path)
    assert generation is not None
    assert generation.graphs == {"x:here": 3, "x:there": 1}
    assert (generation.quads, generation.union_triples, generation.default_triples) == (5, 4, 1)


def test_a_pointer_that_does_not_name_the_graphs_is_read(tmp_path: Path) -> None:
    published = publish_generation(tmp_path, quads(3))
    record = json.loads(pointer_path(tmp_path).read_text())
    del record["graphs"], record["union_triples"]
    pointer_path(tmp_path).write_text(json.dumps(record))
    generation = current_generation(tmp_path)
    assert generation is not None
    assert (generation.digest, generation.quads) == (published.digest, 3)
    assert (generation.graphs, generation.union_triples, generation.default_triples) == (None,) * 3


def test_generations_are_numbered_and_the_last_ones_kept(tmp_path: Path) -> None:
    numbers = [publish_generation(tmp_path, quads(1)).number for _ in range(KEPT_GENERATIONS + 2)]
    kept = sorted(path.name for path in (tmp_path / "generations").iterdir())
    assert numbers == [1, 2, 3, 4, 5]
    assert kept == ["000003", "000004", "000005"]


def test_a_failure_while_loading_leaves_the_store_as_it_was(tmp_path: Path) -> None:
    def failing() -> Iterator[ox.Quad]:
        yield from quads(5000)
        raise ZeroDivisionError

    before = publish_generation(tmp_path, quads(2))
    was = files(tmp_path)
    with pytest.raises(ZeroDivisionError):
        publish_generation(tmp_path, failing())
    assert (current_generation(tmp_path), files(tmp_path)) == (before, was)


def test_what_a_killed_writer_left_is_swept(tmp_path: Path) -> None:
    publish_generation(tmp_path, quads(2))
    for left in ("scratch", "generations/000002.tmp", "generations/000002"):
        (tmp_path / left).mkdir()
        (tmp_path / left / "000010.sst").write_bytes(b"half")
    after = publish_generation(tmp_path, quads(3))
    assert (after.number, after.quads) == (2, 3)
    assert not (tmp_path / "scratch").exists()
    assert not list(tmp_path.glob("generations/*.tmp"))
    verify_generation(after)


def test_a_second_writer_is_refused_while_the_first_works(tmp_path: Path) -> None:
    refusals: list[str] = []

    def publishing_meanwhile() -> Iterator[ox.Quad]:
        with pytest.raises(StoreUnusable) as raised:
            publish_generation(tmp_path, quads(1))
        refusals.append(str(raised.value))
        yield from quads(4)

    assert publish_generation(tmp_path, publishing_meanwhile()).quads == 4
    assert refusals == [f"{tmp_path}: another process is writing to it; wait until it has finished"]


@pytest.mark.parametrize(
    ("pointer", "complaint"),
    [
        ('{"format": 2}', "the store has format 2"),
        ("", "damaged"),
        ('{"format": 1, "generation": 1}', "damaged"),
        ("[]", "damaged"),
        (
            '{"format":1,"generation":7,"quads":1,"digest":"","built_from":""}',
            "000007: missing, though",
        ),
    ],
)
def test_a_pointer_that_cannot_be_followed_says_what_to_do(
    tmp_path: Path, pointer: str, complaint: str
) -> None:
    publish_generation(tmp_path, quads(1))
    pointer_path(tmp_path).write_text(pointer)
    with pytest.raises(StoreUnusable, match=r"--store|build") as raised:
        current_generation(tmp_path)
    assert complaint in str(raised.value)
    assert publish_generation(tmp_path, quads(2)).number == 2, "building again repairs it"


def test_a_changed_file_is_noticed(tmp_path: Path) -> None:
    generation = publish_generation(tmp_path, quads(1))
    with (generation.path / "CURRENT").open("ab") as file:
        file.write(b" ")
    with pytest.raises(StoreUnusable, match="not those that were published"):
        verify_generation(generation)


def test_two_stores_of_the_same_size_have_different_digests(publish: Publish) -> None:
    first: Generation = publish("<x:a> <x:b> 380 .")
    second: Generation = publish("<x:a> <x:b> 390 .")
    assert first.digest != second.digest


def test_progress_goes_from_nothing_to_everything(tmp_path: Path) -> None:
    told: list[tuple[str, float]] = []

    def tell(step: str, done: float) -> None:
        told.append((step, done))

    publish_generation(tmp_path, list(quads(12_000)), progress=tell)
    loading = [done for step, done in told if step == "load"]
    assert loading == sorted(loading)
    assert (loading[0], loading[-1], told[-1]) == (0.0, 1.0, ("publish", 1.0))
    assert len(loading) > 3


def test_a_triple_in_two_graphs_is_counted_once(store: Path, ask: Ask) -> None:
    assert ask(store, COUNT) == b"n\r\n5\r\n"


def test_the_commits_are_in_their_graph_and_not_in_the_union(store: Path, ask: Ask) -> None:
    text = "SELECT ?s { %s { ?s <http://example.org/number> ?n } }"
    assert ask(store, text % "") == b"s\r\n"
    assert ask(store, text % "GRAPH ?g") == b"s\r\nhttp://example.org/commit\r\n"


@pytest.mark.parametrize("default_graph", ["union", "own"])
def test_the_union_is_no_graph_that_a_query_finds(
    store: Path, ask: Ask, default_graph: str
) -> None:
    text = "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g"
    found = ask(store, text, default_graph=default_graph).decode().split()
    assert found == [
        "g",
        "http://example.org/one",
        "http://example.org/two",
        "https://w3id.org/metapole/graph/commits",
    ]
    inside = f"ASK {{ GRAPH <{UNION_GRAPH}> {{ ?s ?p ?o }} }}"
    assert ask(store, inside, default_graph=default_graph) == b"false"


def test_the_union_graph_cannot_be_loaded(publish: Publish) -> None:
    with pytest.raises(ValueError, match="derived from the other graphs"):
        publish(f"GRAPH <{UNION_GRAPH}> {{ <x:a> <x:b> 1 }}")


def test_twenty_thousand_quads_are_published_at_once(tmp_path: Path) -> None:
    assert publish_generation(tmp_path, quads(20_000)).quads == 20_000
