"""Dumps say all that a generation holds, in every format, and are the same bytes every time."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
import zstandard

from graph.errors import UnknownThing, UnwritableAnswer
from graph.generations import current_generation
from graph.namespaces import COMMITS_GRAPH, DERIVED_GRAPH, LINKS_GRAPH, RDF, RDF_TYPE, UNION_GRAPH
from graph.publishing.dumps import canonical as dumps_canonical
from graph.publishing.dumps.canonical import canonical_hash
from graph.publishing.dumps.checksums import canonical_hashes
from graph.publishing.dumps.content import content_of
from graph.publishing.dumps.files import File
from graph.publishing.dumps.offered import (
    ANNOTATED,
    WHOLE,
    Dump,
    all_dumps,
    contents,
    dump_called,
    dumps_of,
)
from graph.publishing.dumps.writing import write_plain

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

PLAIN = [each for each in dumps_of(WHOLE) if not each.compression]
UNION, DERIVED = ox.NamedNode(UNION_GRAPH), ox.NamedNode(DERIVED_GRAPH)
REIFIES = ox.NamedNode(RDF + "reifies")
E = "http://example.org/"


def named(name: str) -> ox.NamedNode:
    return ox.NamedNode(name if ":" in name else E + name)


@pytest.fixture(scope="module")
def shipped(shipped_store: Path) -> ox.Store:
    generation = current_generation(shipped_store)
    assert generation
    return ox.Store.read_only(str(generation.path))


def written(store: ox.Store, dump: Dump) -> bytes:
    out = io.BytesIO()
    file = File(out, dump.compression)
    write_plain(store, dump, file)
    file.finish()
    return out.getvalue()


def read(dump: Dump, content: bytes) -> set[ox.Quad]:
    return set(ox.parse(content, ox.RdfFormat.from_extension(dump.extension)))


def meant(store: ox.Store, dump: Dump) -> set[ox.Quad]:
    """Return what *dump* should say, straight from the store."""
    hidden = (UNION, ox.NamedNode(COMMITS_GRAPH))
    if dump.has_graphs:
        return {quad for quad in store if quad.graph_name not in hidden}
    found = store.query(
        "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }",
        default_graph=[UNION if dump.graph is None else ox.NamedNode(dump.graph)],
    )
    assert isinstance(found, ox.QueryTriples)
    return {ox.Quad(*triple) for triple in found}


def hash_by_the_engine(quads: Iterable[ox.Quad]) -> str:
    """Canonicalize as the engine does it, which keeps all in memory."""
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    lines = sorted(f"{quad} .\n".encode() for quad in dataset)
    return hashlib.sha256(b"".join(lines)).hexdigest()


@pytest.fixture(scope="module")
def hashes(shipped: ox.Store) -> dict[str, str]:
    """Return the hashes of the union and of all graphs, found by the engine."""
    return {
        dump.meaning: hash_by_the_engine(meant(shipped, dump))
        for dump in (Dump(WHOLE, "nq"), Dump(WHOLE, "nt"))
    }


def test_the_canonical_hash_is_the_one_that_the_engine_finds(
    shipped: ox.Store, hashes: dict[str, str]
) -> None:
    found = canonical_hashes(shipped, dumps_of(WHOLE))
    assert {meaning: each.value for meaning, each in found.items()} == hashes


@pytest.mark.parametrize("dump", PLAIN, ids=lambda dump: dump.name)
def test_a_dump_that_is_loaded_into_an_empty_store_has_the_same_hash(
    shipped: ox.Store, hashes: dict[str, str], dump: Dump
) -> None:
    loaded = ox.Store()
    loaded.load(written(shipped, dump), ox.RdfFormat.from_extension(dump.extension))
    assert canonical_hash(loaded).value == hashes[dump.meaning]


def test_every_graph_of_the_shipped_store_has_its_dumps(shipped: ox.Store) -> None:
    graphs = [name.value for name in shipped.named_graphs()]
    of_graphs = [each for each in all_dumps(graphs) if each.graph]
    assert {each.graph for each in of_graphs} == {*graphs} - {UNION_GRAPH, COMMITS_GRAPH}
    for dump in of_graphs:
        if dump.extension == "ttl" and not dump.compression:
            assert read(dump, written(shipped, dump)) == meant(shipped, dump)


@pytest.mark.parametrize("extension", ["nq", "rdf"])
def test_compressed_dumps_are_the_same_bytes_packed(shipped: ox.Store, extension: str) -> None:
    plain = written(shipped, Dump(WHOLE, extension))
    packed = written(shipped, Dump(WHOLE, extension, "gz"))
    assert gzip.decompress(packed) == plain
    assert packed[4:8] == bytes(4), "the header of gzip tells a time"
    packed = written(shipped, Dump(WHOLE, extension, "zst"))
    assert zstandard.ZstdDecompressor().decompressobj().decompress(packed) == plain


_DIGESTS = """
import hashlib, io, sys
import pyoxigraph as ox
from graph.publishing.dumps.offered import ANNOTATED, WHOLE, dumps_of
from graph.publishing.dumps.files import File
from graph.publishing.dumps.writing import write_plain

store = ox.Store(sys.argv[1])
for half in (sys.stdin.readline(), sys.stdin.read()):
    store.load(half, ox.RdfFormat.N_QUADS)
for dump in (*dumps_of(WHOLE), *dumps_of(ANNOTATED)):
    out = io.BytesIO()
    file = File(out, dump.compression)
    write_plain(store, dump, file)
    file.finish()
    print(dump.name, hashlib.sha256(out.getvalue()).hexdigest())
"""


def test_another_process_and_a_store_made_in_another_order_give_the_same_bytes(
    shipped: ox.Store, tmp_path: Path
) -> None:
    some = {quad for at, quad in enumerate(shipped) if at % 20 == 0}
    some |= {quad for quad in shipped if "/location/" in str(quad.subject)}
    store = ox.Store(str(tmp_path / "here"))
    store.extend(some)
    here = "".join(
        f"{dump.name} {hashlib.sha256(written(store, dump)).hexdigest()}\n"
        for dump in (*dumps_of(WHOLE), *dumps_of(ANNOTATED))
    )
    there = subprocess.run(
        [sys.executable, "-c", _DIGESTS, tmp_path / "there"],
        input="".join(sorted((f"{quad} .\n" for quad in some), reverse=True)),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert there == here


AWKWARD = [
    "every control character \x00\x01\b\t\n\v\f\r\x1f\x7f\x85\u2028",
    "a line that ends . \n<http://a> <http://b> <http://c> .",
    "quotes \" and ' and \\ and & and < and ]]>",
    "\U0001f600 and \ufffd",
    "",
]


@pytest.fixture(scope="module")
def awkward() -> ox.Store:
    """A store of what writers of formats are likely to get wrong."""
    store = ox.Store()
    graph = named("https://w3id.org/metapole/graph/awkward")
    literals = [
        *map(ox.Literal, AWKWARD),
        *(ox.Literal(text, language="de-at") for text in AWKWARD),
        ox.Literal("1", datatype=named("http://www.w3.org/2001/XMLSchema#integer")),
        ox.Literal("true", datatype=named("http://www.w3.org/2001/XMLSchema#boolean")),
        ox.Literal("x", datatype=named("strange-type")),
        ox.Literal('{"a": 1}', datatype=named(RDF + "JSON")),
    ]
    properties = [
        "p", "https://w3id.org/metapole/def#unnamed", "https://w3id.org/metapole/def#about",
        "https://w3id.org/metapole/def#printedAs", "https://w3id.org/metapole/def#value",
        "http://www.w3.org/2004/02/skos/core#prefLabel", "https://w3id.org/metapole/def#id",
    ]  # fmt: skip
    for each in properties:
        store.extend(ox.Quad(named("s"), named(each), literal, graph) for literal in literals)
        store.add(ox.Quad(named("s"), named(each), named("o"), graph))
        store.add(ox.Quad(named("s"), named(each), named("geo:48.1,11.5"), graph))
    store.add(ox.Quad(named("geo:1,2"), named(RDF_TYPE), named("mp:Odd"), graph))
    store.add(ox.Quad(named("geo:1,2"), named("p"), ox.Literal("here", language="en"), graph))
    store.add(ox.Quad(named("in-no-graph"), named(RDF_TYPE), named("C"), ox.DefaultGraph()))
    store.add(ox.Quad(named("in-no-graph"), named(RDF_TYPE), ox.Literal("C"), ox.DefaultGraph()))
    many = (ox.Quad(named("many"), named("p"), named(f"o{at}"), named("g")) for at in range(12_000))
    store.extend(many)
    store.add_graph(named("empty"))
    for quad in list(store):
        store.add(ox.Quad(quad.subject, quad.predicate, quad.object, UNION))
    return store


@pytest.mark.parametrize("dump", PLAIN, ids=lambda dump: dump.name)
def test_awkward_data_comes_back_from_every_format(awkward: ox.Store, dump: Dump) -> None:
    expected = meant(awkward, dump)
    if dump.extension == "rdf":  # which has no way to write some characters
        lost = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
        literal = {
            quad: ox.Literal(lost.sub("\ufffd", quad.object.value), language=quad.object.language)
            for quad in expected
            if isinstance(quad.object, ox.Literal) and lost.search(quad.object.value)
        }
        expected = {
            ox.Quad(quad.subject, quad.predicate, literal.get(quad, quad.object))
            for quad in expected
        }
    assert read(dump, written(awkward, dump)) == expected


def test_json_ld_uses_the_terms_of_the_context_and_needs_no_network(shipped: ox.Store) -> None:
    text = written(shipped, Dump(WHOLE, "jsonld")).decode()
    document = json.loads(text)
    assert document["@context"]["KeyFigure"] == "mp:KeyFigure"
    graphs = {graph["id"]: graph["@graph"] for graph in document["@graph"]}
    nodes = graphs["https://w3id.org/metapole/graph/source/cooperation-with-clusters"]
    figure = next(node for node in nodes if node["id"].endswith("/figure/avia-turnover"))
    assert figure["type"] == "KeyFigure"
    assert figure["about"] == "https://w3id.org/metapole/id/cluster/avia"
    assert figure["value"] == "11200000000"
    assert figure["from"] == "2014-01-01"
    lines = [line.removesuffix(",") for line in text.splitlines()]
    assert json.dumps(figure, ensure_ascii=False) in lines, "one node, one line"


def test_json_ld_says_so_where_it_cannot_say_a_triple() -> None:
    store = ox.Store()
    said = ox.Triple(named("s"), named("p"), named("o"))
    store.add(ox.Quad(named("r"), REIFIES, said, named(LINKS_GRAPH)))
    with pytest.raises(UnwritableAnswer, match="no triple terms"):
        written(store, Dump("graph/links", "jsonld"))


@pytest.mark.parametrize(
    ("quad", "reason"),
    [
        pytest.param(
            ox.Quad(ox.BlankNode("b"), named("p"), named("o")), "blank nodes", id="blank subject"
        ),
        pytest.param(
            ox.Quad(named("s"), named("p"), ox.BlankNode("b")), "blank nodes", id="blank object"
        ),
        pytest.param(
            ox.Quad(named("s"), named("p"), named("o"), ox.BlankNode("b")),
            "blank nodes",
            id="blank graph",
        ),
        pytest.param(
            ox.Quad(named("s"), REIFIES, ox.Triple(named("s"), named("p"), named("o"))),
            "triple terms",
            id="triple term",
        ),
    ],
)
def test_a_hash_that_cannot_be_had_in_time_is_not_given(quad: ox.Quad, reason: str) -> None:
    found = canonical_hash([ox.Quad(named("s"), named("p"), named("o")), quad])
    assert found.value is None
    assert reason in found.why_not


def test_the_hash_of_much_is_sorted_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    quads = [
        ox.Quad(named(f"s{at * 7919 % 5000}"), named("p"), ox.Literal(f"ü {at}"))
        for at in range(5000)
    ]
    monkeypatch.setattr(dumps_canonical, "_RUN_BYTES", 20_000)
    assert canonical_hash(quads).value == hash_by_the_engine(quads)
    found = canonical_hash(quads, most_bytes=10_000)
    assert (found.value, found.why_not) == (None, "there is too much to sort")


@pytest.mark.parametrize("dump", [*dumps_of(ANNOTATED)][::3], ids=lambda dump: dump.name)
def test_annotated_dumps_say_the_same_and_whose_statement_it_is(
    shipped: ox.Store, dump: Dump
) -> None:
    found = read(dump, written(shipped, dump))
    plain = {quad for quad in found if quad.predicate != REIFIES}
    assert plain == meant(shipped, Dump(WHOLE, "nt" if dump.extension == "ttl" else "nq"))

    located = ox.Triple(
        named("https://w3id.org/metapole/id/cluster/minalogic"),
        named("https://w3id.org/metapole/def#locatedIn"),
        named("https://w3id.org/metapole/id/country/france"),
    )
    reifiers = {quad.subject for quad in found if quad.object == located}
    assert reifiers
    for statement in reifiers:
        said = {quad.object for quad in shipped.quads_for_pattern(statement, None, None, UNION)}
        assert {located.subject, located.object} <= said


def test_every_shortcut_that_is_derived_has_a_statement_behind_it(shipped: ox.Store) -> None:
    found = read(Dump(ANNOTATED, "nq"), written(shipped, Dump(ANNOTATED, "nq")))
    reified = {quad.object for quad in found if quad.predicate == REIFIES}
    heads = {
        "def#ends", "def#locatedIn", "def#managedBy", "def#memberCluster", "def#nutsCode",
        "def#partOf", "def#participatesIn", "def#partnerOf", "def#sector", "def#specialty",
        "def#starts",
    }  # fmt: skip
    shortcuts = {named("https://w3id.org/metapole/" + each) for each in heads}
    shortcuts.add(named("http://www.w3.org/ns/org#memberOf"))
    derived = {
        quad.triple
        for quad in shipped.quads_for_pattern(None, None, None, DERIVED)
        if quad.predicate in shortcuts
    }
    assert {triple.predicate for triple in derived} == shortcuts
    assert derived <= reified


@pytest.mark.parametrize(
    ("name", "near"),
    [
        pytest.param("metapole.nquads", "metapole.nq", id="another extension"),
        pytest.param("metapol.ttl", "metapole.ttl", id="another name"),
        pytest.param("metapole-annotated.rdf", "metapole-annotated.ttl", id="not in that format"),
        pytest.param("metapole.ttl.bz2", "metapole.ttl.gz", id="another compression"),
        pytest.param("graph/union.ttl", None, id="the union is not a graph of its own"),
        pytest.param("graph/.ttl", None, id="no name"),
        pytest.param("graph/links.nq", None, id="a graph has no quads"),
    ],
)
def test_an_unknown_file_is_answered_with_those_there_are(name: str, near: str | None) -> None:
    with pytest.raises(UnknownThing, match=r"graph/NAME\.ttl") as caught:
        dump_called(name)
    suggested = [each["label"] for each in caught.value.suggestions]
    assert near in suggested if near else not suggested


@pytest.mark.parametrize("dump", [*all_dumps(["https://w3id.org/metapole/graph/source/a-b"])])
def test_a_dump_is_found_by_its_name(dump: Dump) -> None:
    assert dump_called(dump.name) == dump


def test_only_graphs_whose_names_are_good_for_files_have_files() -> None:
    base = "https://w3id.org/metapole/graph/"
    names = ["links", "source/one", "../etc/passwd", "a/../b", ".hidden", "a//b", "a b", "é", ""]
    others = ["http://example.org/one"]
    found = contents([*(base + name for name in (*names, "union", "commits")), *others])
    assert found == [WHOLE, ANNOTATED, "graph/links", "graph/source/one"]


def test_a_graph_that_is_not_there_has_no_dump(shipped: ox.Store) -> None:
    with pytest.raises(UnknownThing, match="there is no graph"):
        list(content_of(shipped, Dump("graph/nobody", "ttl")))
