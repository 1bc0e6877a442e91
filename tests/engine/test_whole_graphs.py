"""All triples of one graph, by way of a reader."""

import asyncio
from pathlib import Path

import pyoxigraph as ox
import pytest

from graph.errors import UnknownGraph, UnwritableAnswer
from graph.formats import Format, format_named, formats_of
from graph.generations import UNION_GRAPH, Generation, publish_generation
from graph.query import Engine, Limits, Operation, WholeGraph

TRIG = """
PREFIX : <http://example.org/>
:d :in "default" .
GRAPH :plain { :a :knows :b , :c ; :name "Zoé"@fr , "\\u0001" . }
GRAPH :terms { :a :says <<( :a :knows "x"@en--ltr )>> . }
"""
PLAIN = "http://example.org/plain"
TERMS = "http://example.org/terms"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("graphs")
    publish_generation(path, ox.parse(TRIG, ox.RdfFormat.TRIG))
    return path


def read(store: Path, name: str | None, each: Format, *, evaluate: bool = True) -> bytes:
    async def work() -> bytes:
        async with Engine(store, Limits(readers=1, spares=0)) as engine:
            answer = await engine.answer(WholeGraph(name), each, evaluate=evaluate)
            return b"".join([piece async for piece in answer])

    return asyncio.run(work())


def triples(name: str) -> set[ox.Triple]:
    quads = ox.parse(TRIG, ox.RdfFormat.TRIG)
    return {quad.triple for quad in quads if quad.graph_name == ox.NamedNode(name)}


@pytest.mark.parametrize("each", formats_of("graph"), ids=lambda each: each.name)
def test_a_graph_is_whole_in_every_format(store: Path, each: Format) -> None:
    quads = list(ox.parse(read(store, PLAIN, each), ox.RdfFormat.from_media_type(each.media_type)))
    graphs = {quad.graph_name for quad in quads}
    assert graphs == {ox.NamedNode(PLAIN) if each.name in ("nquads", "trig") else ox.DefaultGraph()}
    if each.name == "rdfxml":  # XML cannot say U+0001
        assert {quad.triple for quad in quads} ^ triples(PLAIN) <= {
            ox.Triple(quads[0].subject, ox.NamedNode("http://example.org/name"), ox.Literal(text))
            for text in ("\x01", "\ufffd")
        }
    else:
        assert {quad.triple for quad in quads} == triples(PLAIN)


@pytest.mark.parametrize("name", ["turtle", "ntriples", "nquads", "trig", "rdfxml"])
def test_triple_terms_survive(store: Path, name: str) -> None:
    each = format_named(name)
    (quad,) = ox.parse(read(store, TERMS, each), ox.RdfFormat.from_media_type(each.media_type))
    assert {quad.triple} == triples(TERMS)


def test_json_ld_cannot_say_triple_terms(store: Path) -> None:
    with pytest.raises(UnwritableAnswer, match=r"JSON-LD .* ask for text/turtle"):
        read(store, TERMS, format_named("jsonld"))


def test_the_default_graph_is_the_store_s_own(store: Path) -> None:
    assert b'"default"' in read(store, None, format_named("ntriples"))
    assert read(store, None, format_named("ntriples")).count(b"\n") == 1


@pytest.mark.parametrize("name", [PLAIN, None])
def test_a_check_alone_writes_nothing(store: Path, name: str | None) -> None:
    assert read(store, name, format_named("turtle"), evaluate=False) == b""


@pytest.mark.parametrize("evaluate", [True, False])
def test_a_graph_that_is_not_there_is_told_with_names_near_it(store: Path, evaluate: bool) -> None:
    with pytest.raises(UnknownGraph, match=r"no graph <\S+/plan>") as raised:
        read(store, "http://example.org/plan", format_named("turtle"), evaluate=evaluate)
    assert f"names near it are <{PLAIN}>" in str(raised.value)


def test_the_union_is_not_a_graph_of_the_store(store: Path) -> None:
    with pytest.raises(UnknownGraph):
        read(store, UNION_GRAPH, format_named("turtle"))


def test_a_reader_that_is_asked_for_an_unknown_graph_says_so(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it happens with a generation whose pointer does not name its graphs."""
    unnamed = Generation(1, store, 1, "")
    monkeypatch.setattr(Engine, "generation", unnamed)
    with pytest.raises(UnknownGraph, match="names near it"):
        read(store, "http://example.org/plan", format_named("turtle"))


def test_readers_are_counted_with_the_reasons_of_their_ends(store: Path) -> None:
    async def work() -> None:
        limits = Limits(readers=1, spares=0, timeout_s=0.3)
        async with Engine(store, limits) as engine:
            many = " ".join(str(number) for number in range(300))
            values = " ".join(f"VALUES ?x{n} {{ {many} }}" for n in range(4))
            endless = Operation(f"SELECT (COUNT(*) AS ?n) {{ {values} }}")
            with pytest.raises(Exception, match="stopped after"):
                await engine.answer(endless, format_named("csv"))
            await engine.answer(Operation("ASK {}"), format_named("csv"))
            counts = engine.reader_counts
            assert (counts.idle + counts.busy, counts.started) == (1, 2)
            assert counts.ended == {"time": 1}

    asyncio.run(work())
