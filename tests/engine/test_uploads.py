"""What was sent becomes checked N-Triples, or an error that says what to send instead."""

from __future__ import annotations

import asyncio
import io
import os
import re
import signal
import socket
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.errors import EngineUnavailable, UnreadableUpload, UploadTooLarge
from graph.limits import UploadLimits
from graph.processes.child import Child
from graph.uploads.parsing import Counts, Part, write_ntriples
from graph.uploads.process import Parsed, parse_parts, parse_upload

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable

NTRIPLES, NQUADS = "application/n-triples", "application/n-quads"
TURTLE, TRIG = "text/turtle", "application/trig"
RDFXML, JSONLD = "application/rdf+xml", "application/ld+json"
ALL = (NTRIPLES, NQUADS, TURTLE, TRIG, RDFXML, JSONLD)
BASE = "http://example.org/base"
TARGET = "http://example.org/g"
LIMITS = UploadLimits()
XML = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
    ' xmlns:e="http://example.org/">\n%s</rdf:RDF>\n'
)


def read(
    text: str | bytes,
    media_type: str = TURTLE,
    graph: str | None = TARGET,
    limits: UploadLimits = LIMITS,
) -> list[ox.Quad]:
    """Return what is written for one part, read again."""
    return read_parts([(text, media_type)], graph, limits)[1]


def read_parts(
    parts: Iterable[tuple[str | bytes, str]],
    graph: str | None = TARGET,
    limits: UploadLimits = LIMITS,
) -> tuple[Counts, list[ox.Quad]]:
    output = io.BytesIO()
    files = [
        Part(io.BytesIO(text.encode() if isinstance(text, str) else text), media_type, f"part {n}")
        for n, (text, media_type) in enumerate(parts, 1)
    ]
    files = [files[0]._replace(name="")] if len(files) == 1 else files
    counts = write_ntriples(files, output, BASE, graph, limits)
    assert counts.size == len(output.getvalue())
    quads = list(ox.parse(output.getvalue(), ox.RdfFormat.N_TRIPLES))
    assert counts.triples == len(quads)
    return counts, quads


def parsed(trig: str) -> set[ox.Triple]:
    return {quad.triple for quad in ox.parse(trig, ox.RdfFormat.TRIG, base_iri=BASE)}


def triples(quads: Iterable[ox.Quad]) -> set[ox.Triple]:
    return {quad.triple for quad in quads}


def complaint(text: str | bytes, media_type: str = TURTLE, **options: Any) -> str:  # noqa: ANN401
    with pytest.raises(UnreadableUpload) as raised:
        read(text, media_type, **options)
    return str(raised.value)


# --- what is taken ---


SAME = {
    NTRIPLES: '<http://example.org/a> <http://example.org/p> "Zoé"@fr .\n',
    NQUADS: '<http://example.org/a> <http://example.org/p> "Zoé"@fr <http://example.org/g> .\n',
    TURTLE: '</a> </p> "Zoé"@fr .',
    TRIG: 'GRAPH </g> { <a> </p> "Zoé"@fr }',
    RDFXML: XML % '<rdf:Description rdf:about="/a"><e:p xml:lang="fr">Zoé</e:p></rdf:Description>',
    JSONLD: '{"@id": "a", "http://example.org/p": {"@value": "Zoé", "@language": "fr"}}',
}


@pytest.mark.parametrize("media_type", ALL)
def test_every_syntax_says_the_same(media_type: str) -> None:
    assert triples(read(SAME[media_type], media_type)) == parsed(
        '<http://example.org/a> <http://example.org/p> "Zoé"@fr .'
    )


@pytest.mark.parametrize("media_type", ALL)
def test_a_byte_order_mark_is_no_part_of_the_text(media_type: str) -> None:
    marked = b"\xef\xbb\xbf" + SAME[media_type].encode()
    assert triples(read(marked, media_type)) == triples(read(SAME[media_type], media_type))


def test_quads_of_the_default_graph_and_of_the_target_go_to_the_target() -> None:
    trig = "<a> <b> 1 . <http://example.org/g> { <a> <b> 2 } GRAPH <g> { <a> <b> 3 }"
    assert triples(read(trig, TRIG)) == parsed("<a> <b> 1, 2, 3 .")


def test_what_rdf_1_2_adds_is_taken() -> None:
    text = '<a> <b> <<( <a> <b> <<( _:x <c> "x"@en--ltr )>> )>> .'
    counts, quads = read_parts([(text, TURTLE)])
    assert counts.has_blank_nodes
    (outer,) = triples(quads)
    assert isinstance(outer.object, ox.Triple)
    assert isinstance(outer.object.object, ox.Triple)
    (expected,) = parsed('<a> <b> "x"@en--ltr .')
    assert outer.object.object.object == expected.object


@pytest.mark.parametrize(
    ("text", "has_blank_nodes"),
    [
        ("<a> <b> <c> .", False),
        ('<a> <b> " _:x .", "\\n_:x" .', False),
        ("[] <b> <c> .", True),
        ("<a> <b> [] .", True),
        ("<a> <b> <<( [] <b> <c> )>> .", True),
        ('<a> <b> <<( <a> <b> " _:x )>> ." )>> .', False),
    ],
)
def test_it_is_told_whether_there_are_blank_nodes(text: str, has_blank_nodes: bool) -> None:
    assert read_parts([(text, TURTLE)])[0].has_blank_nodes is has_blank_nodes


def test_blank_nodes_of_two_parts_stay_apart() -> None:
    part = ("_:x <p> _:y . _:y <p> _:x .", TURTLE)
    _, quads = read_parts([part, part, ('{"@id": "_:x", "http://example.org/p": 1}', JSONLD)])
    assert len({quad.subject for quad in quads}) == 5


def test_blank_nodes_of_two_uploads_stay_apart() -> None:
    first, second = ({quad.subject for quad in read("_:x <p> 1 .")} for _ in range(2))
    assert first.isdisjoint(second)


@pytest.mark.parametrize("media_type", [NTRIPLES, NQUADS, TURTLE, TRIG])
def test_an_empty_document_has_no_triples(media_type: str) -> None:
    assert read("", media_type) == []


def test_keys_of_json_that_stand_for_nothing_are_skipped() -> None:
    text = '{"@id": "a", "note": "x", "other": {"http://example.org/p": 1}, "http://e.org/p": true}'
    assert triples(read(text, JSONLD)) == parsed("<a> <http://e.org/p> true .")


def test_terms_at_the_limits_are_taken() -> None:
    limits = replace(LIMITS, literal_bytes=6, iri_bytes=100)
    iri = "http://example.org/".ljust(100, "x")
    text = f'<{iri}> <{iri}> <{iri}>, "Zoéé", """\n\n\n\n\n\n""", "x"^^<{iri}> .'
    assert triples(read(text, limits=limits)) == parsed(text)


# --- any graph, in any syntax ---


def iri(name: str, rest: str) -> ox.NamedNode:
    return ox.NamedNode(f"http://example.org/{name}{rest}")


def typed(text: str, datatype: ox.NamedNode) -> ox.Literal:
    return ox.Literal(text, datatype=datatype)


def tagged(text: str, language: str) -> ox.Literal:
    return ox.Literal(text, language=language)


def directed(text: str, direction: ox.BaseDirection) -> ox.Literal:
    return ox.Literal(text, language="ar", direction=direction)


NAMES = st.text("abcdefgxyzABC", min_size=1, max_size=8)
RESTS = st.sampled_from(["", "", "/", "?q=1&r", "#é", "%20", "/\U00010300", "/a(b)'c"])
IRIS = st.builds(iri, NAMES, RESTS)
PREDICATES = st.builds(iri, NAMES, st.just(""))
BLANK_NODES = st.sampled_from("abc").map(ox.BlankNode)
CHARACTERS = st.characters(
    exclude_categories=("Cs", "Cc"),
    include_characters="\t\n\r\x7f\x85",
    exclude_characters="\ufffe\uffff",
)
TEXTS = st.text(CHARACTERS, max_size=20)
INTEGER = ox.NamedNode("http://www.w3.org/2001/XMLSchema#integer")
LITERALS = st.one_of(
    TEXTS.map(ox.Literal),
    st.builds(tagged, TEXTS, st.sampled_from(["en", "de-at"])),
    st.builds(typed, TEXTS, IRIS),
    st.builds(typed, st.sampled_from(["7", "007", "1.50", "nonsense"]), st.just(INTEGER)),
)
DIRECTED = st.builds(directed, TEXTS, st.sampled_from([ox.BaseDirection.LTR, ox.BaseDirection.RTL]))
SUBJECTS = st.one_of(IRIS, BLANK_NODES)
TRIPLES = st.builds(ox.Triple, SUBJECTS, PREDICATES, st.one_of(SUBJECTS, LITERALS))
OBJECTS = st.recursive(
    st.one_of(SUBJECTS, LITERALS, DIRECTED),
    lambda objects: st.builds(ox.Triple, SUBJECTS, PREDICATES, objects),
    max_leaves=3,
)
TRIPLES_OF_RDF_1_2 = st.builds(ox.Triple, SUBJECTS, PREDICATES, OBJECTS)


def canonical(each: Iterable[ox.Triple]) -> ox.Dataset:
    dataset = ox.Dataset(ox.Quad(*triple) for triple in each)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return dataset


def written(graph: Iterable[ox.Triple], media_type: str) -> bytes:
    content = ox.serialize(graph, format=ox.RdfFormat.from_media_type(media_type))
    assert content is not None
    return content


@pytest.mark.parametrize("media_type", ALL)
@given(graph=st.lists(TRIPLES, max_size=8))
@settings(deadline=None)
def test_any_graph_survives(media_type: str, graph: list[ox.Triple]) -> None:
    assert canonical(triples(read(written(graph, media_type), media_type))) == canonical(graph)


@pytest.mark.parametrize("media_type", [NTRIPLES, NQUADS, TURTLE, TRIG])
@given(graph=st.lists(TRIPLES_OF_RDF_1_2, max_size=6))
@settings(deadline=None)
def test_any_graph_of_rdf_1_2_survives(media_type: str, graph: list[ox.Triple]) -> None:
    assert canonical(triples(read(written(graph, media_type), media_type))) == canonical(graph)


@given(cut=st.integers(0, 400), media_type=st.sampled_from(ALL))
@settings(deadline=None)
def test_a_document_cut_short_is_whole_or_refused(cut: int, media_type: str) -> None:
    """Only syntaxes that may end after any statement can lose something unnoticed."""
    graph = parsed("<a> <b> <c>, 'x', 1 . <d> <e> [ <f> <g> ] .")
    content = written(graph, media_type)
    kept = content[:cut]
    try:
        found = triples(read(kept, media_type))
    except UnreadableUpload:
        return
    if media_type in (RDFXML, JSONLD):
        assert len(found) == len(graph)
    else:
        assert not kept.strip() or kept.rstrip().endswith((b".", b"}"))


# --- what is not taken ---


@pytest.mark.parametrize(
    ("media_type", "text", "place"),
    [
        pytest.param(TURTLE, "<a> <b> <c> .\n<a> <b> .", "line 2, column 9", id="no object"),
        pytest.param(TURTLE, "<a> <b> <c> .\n<a> <b> <c>", "line 2, column 12", id="no dot"),
        pytest.param(TURTLE, "<a> <b> <c> .\n<a> ex:b <c>", "line 2, column 5", id="prefix"),
        pytest.param(TURTLE, "<a> <b> <c> .\n<a> <b> <x y> .", "line 2, column 9", id="IRI"),
        pytest.param(NTRIPLES, '<a:a> <a:b> "x" .\n<a:a> <a:b> "x', "line 2", id="open string"),
        pytest.param(NTRIPLES, "<a> <a:b> <a:c> .", "line 1, column 1", id="relative"),
        pytest.param(
            NQUADS, "<a:a> <a:b> <a:c> <http://example.org/g> <a:e> .", "line 1", id="five terms"
        ),
        pytest.param(TRIG, "<g> { <a> <b> <c> .\n", "line 2", id="open graph"),
        pytest.param(JSONLD, '{"@id": "a",\n"http://e.org/p": 1', "line 2", id="open object"),
        pytest.param(JSONLD, '{"@id": "a"} x', "line 1, column 14", id="more than one object"),
        pytest.param(JSONLD, "", "line 1", id="no JSON"),
        pytest.param(JSONLD, '{"@id": "a", "http://e.org/p": "\\ud800"}', "line 1", id="surrogate"),
        pytest.param(RDFXML, (XML % "")[:-11], "line 2", id="document cut short"),
        pytest.param(RDFXML, XML % "<e:T>\n</e:U>", "line 3, column 3", id="wrong end tag"),
        pytest.param(RDFXML, XML % "\n<f:T/>", "line 3, column 1", id="unbound prefix"),
        pytest.param(RDFXML, XML % "<e:T>&#1;</e:T>", "line 2", id="character XML cannot say"),
        pytest.param(RDFXML, "", "line 1", id="no XML"),
        pytest.param(
            RDFXML, XML % '<e:T/>\n<e:T rdf:about="x y"/>\n', "line 3", id="IRI with a space"
        ),
    ],
)
def test_a_syntax_error_is_told_with_its_place(media_type: str, text: str, place: str) -> None:
    told = complaint(text, media_type)
    assert told.startswith(f"{place}"), told
    assert re.search(r"cannot be read as \S+ \(.+\); correct it and send all of it again", told)
    assert "error at line" not in told
    assert "(line" not in told


@pytest.mark.parametrize("media_type", ALL)
def test_what_is_not_utf_8_is_refused(media_type: str) -> None:
    text = SAME[media_type].encode("latin-1").replace(b" ", b"\n", 1)
    line = text[: text.index(b"\xe9")].count(b"\n") + 1
    told = complaint(text, media_type)
    assert told == f"line {line}: byte 0xE9 is not UTF-8; save it as UTF-8"


def test_utf_16_is_refused() -> None:
    assert complaint("<a> <b> <c> .".encode("utf-16")).startswith("line 1: byte 0xFF is not UTF-8")


def test_a_character_cut_in_two_by_the_end_or_by_a_block_is_seen() -> None:
    assert complaint(b"<a> <b> <c> .\n# \xc3") == "line 2: byte 0xC3 is not UTF-8; save it as UTF-8"
    filler = "#" + "x" * ((1 << 20) - 2)
    assert triples(read(f"{filler}é\n<a> <b> <c> .")) == parsed("<a> <b> <c> .")
    assert complaint(f"{filler}".encode() + b"\xc3\n#x").startswith("line 1: byte 0xC3")


@pytest.mark.parametrize("code", [n for n in range(0x20) if chr(n) not in "\t\n\r"])
def test_a_control_character_in_a_literal_is_refused(code: int) -> None:
    told = complaint(f'<a> <b> "x" .\n<a> <b> "x\\u{code:04X}"@en .\n<a> <b> "x" .')
    assert told.startswith("line 2: the literal ")
    assert f"holds U+{code:04X}, a control character" in told


@pytest.mark.parametrize(
    ("media_type", "text", "place"),
    [
        pytest.param(NTRIPLES, '<a:a> <a:b> "\0" .', "line 1: ", id="as it is"),
        pytest.param(TURTLE, '<a> <b>\n<<( <a> <b> "\\u0001" )>>.', "line 2: ", id="triple term"),
        pytest.param(JSONLD, '{"http://e.org/p": "\\u0000"}', "", id="JSON"),
    ],
)
def test_a_control_character_is_found_wherever_it_is(
    media_type: str, text: str, place: str
) -> None:
    assert complaint(text, media_type).startswith(f"{place}the literal ")


def test_what_only_looks_like_a_control_character_is_taken() -> None:
    text = '<a> <b> "\\\\u0001", "\\\\b\\\\\\\\f", "\\u007F\\u0085" .'
    assert triples(read(text)) == parsed(text)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        pytest.param('{"@id": "a", "http://e.org/p": 1, %s}', "<a> ", id="relative subject"),
        pytest.param('{"http://e.org/p": {"@id": "b"}, %s}', "<b> ", id="relative object"),
        pytest.param('{"@type": "T", %s}', "<T> ", id="relative type"),
        pytest.param('{"@id": "a:a b", "http://e.org/p": 1, %s}', "<a:a b> ", id="space"),
        pytest.param(
            '{"http://e.org/p": {"@value": "x", "@language": "e n"}, %s}', '"x"@e n ', id="language"
        ),
        pytest.param(
            '{"http://e.org/p": {"@value": "x", "@language": "en#"}, %s}', '"x"@en# ', id="comment"
        ),
    ],
)
def test_what_json_ld_would_lose_is_refused(text: str, named: str) -> None:
    text %= '"http://e.org/q": "good", "@context": {"@base": null}'
    told = complaint(text, JSONLD)
    assert re.search(f"{re.escape(named)}.*cannot be kept: ", told)


@pytest.mark.parametrize("text", ["null", "12", '"x"', " true"])
def test_json_that_is_no_document_is_refused(text: str) -> None:
    assert "a document is an object or an array" in complaint(text, JSONLD)


@pytest.mark.parametrize(
    ("media_type", "text", "graph", "place", "named"),
    [
        pytest.param(
            TRIG, "<a> <b> <c> .\n<other> {\n<a> <b> <c> }", TARGET,
            "line 3: ", "<http://example.org/other>", id="TriG",
        ),
        pytest.param(
            NQUADS, "<a:a> <a:b> <a:c> .\n" * 3 + "<a:a> <a:b> <a:c> <a:d> .", TARGET,
            "line 4: ", "<a:d>", id="N-Quads",
        ),
        pytest.param(
            JSONLD, '{"@id": "other", "@graph": [{"@id": "a", "http://e.org/p": 1}]}', TARGET,
            "", "<http://example.org/other>", id="JSON-LD",
        ),
        pytest.param(
            TRIG, "<g> { <a> <b> <c> }", None, "line 1: ", "<http://example.org/g>",
            id="named, for the default graph",
        ),
        pytest.param(TRIG, "_:g { <a> <b> <c> }", TARGET, "line 1: ", "_:", id="blank node"),
    ],
)  # fmt: skip
def test_another_graph_is_refused(
    media_type: str, text: str, graph: str | None, place: str, named: str
) -> None:
    told = complaint(text, media_type, graph=graph)
    assert told.startswith(f"{place}a statement is in the graph {named}")
    target = f"<{graph}>" if graph else "the default graph"
    assert f"goes to {target}; send each graph to its own address" in told


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        pytest.param('"1234567"', "line 2: ", "a literal is longer than 6 bytes", id="literal"),
        pytest.param('"ééé\\n"', "line 2: ", "a literal is longer than 6 bytes", id="bytes"),
        pytest.param(
            '"a"@' + "-".join(["abcdefgh"] * 30),
            "line 2: ",
            "a language tag is longer than 200 bytes (@abcdefgh-",
            id="language",
        ),
        pytest.param(
            "<http://example.org/{}>", "line 2: ", "an IRI is longer than 100 bytes", id="IRI"
        ),
        pytest.param('"x"^^<http://example.org/{}>', "line 2: ", "an IRI is longer", id="datatype"),
        pytest.param(
            "<<( <a> <b> <http://example.org/{}> )>>", "line 2: ", "an IRI is", id="triple term"
        ),
        pytest.param('"{}{}{}{}{}{}{}{}{}{}"', "line 2: ", "a statement is longer", id="statement"),
    ],
)
def test_terms_beyond_the_limits_are_refused(text: str, place: str, what: str) -> None:
    limits = replace(LIMITS, literal_bytes=6, iri_bytes=100)
    long = text.format(*["x" * 82] * 10)
    told = complaint(f"<a> <b> <c> .\n<a> <b> {long} .\n<a> <b> <c> .", limits=limits)
    assert told.startswith(place + what)


def test_a_literal_of_many_blocks_is_refused_before_it_is_whole() -> None:
    text = "<a> <b> <c> .\n" * 5000 + f'<a> <b> "{"x" * 7_000_000}" .'
    told = complaint(text)
    assert told.startswith("line 5001: a statement is longer than 6065536 bytes")


def test_more_statements_than_the_limit_are_refused() -> None:
    limits = replace(LIMITS, triples=3)
    part = ("<a> <b> 1, 2 .", TURTLE)
    assert len(read("<a> <b> 1, 2, 3 .", limits=limits)) == 3
    with pytest.raises(UploadTooLarge, match="more than 3 statements"):
        read("<a> <b> 1, 2, 3, 4 .", limits=limits)
    with pytest.raises(UploadTooLarge, match="more than 3 statements"):
        read_parts([part, part], limits=limits)


def test_more_output_than_the_limit_is_refused() -> None:
    text = (
        "<http://example.org/a> <http://example.org/b> 'x' .\n"  # 52 bytes with its double quotes
    )
    assert read_parts([(text, TURTLE)], limits=replace(LIMITS, written_bytes=52))[0].size == 52
    with pytest.raises(UploadTooLarge, match="more than 51 bytes as N-Triples"):
        read(text, limits=replace(LIMITS, written_bytes=51))


def test_an_error_names_its_part() -> None:
    good = ("<a> <b> <c> .", TURTLE)
    with pytest.raises(UnreadableUpload, match=r"^part 2, line 1, column 9: it cannot be read"):
        read_parts([good, ("<a> <b> .", TURTLE)])
    with pytest.raises(UnreadableUpload, match=r"^part 3, line 2: the literal"):
        read_parts([good, good, ('<a> <b> "x" .\n<a> <b> "\\u0001" .', TURTLE)])


# --- in a process of its own ---


@dataclass(frozen=True)
class Sent:
    path: Path
    media_type: str


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Child]:
    """Return the children that are started from now on."""
    children: list[Child] = []
    start = Child.start

    async def noted(*arguments: Any, **options: Any) -> Child:  # noqa: ANN401
        children.append(await start(*arguments, **options))
        return children[-1]

    monkeypatch.setattr(Child, "start", noted)
    return children


@pytest.fixture
def endless(tmp_path: Path) -> Path:
    """Return a file that nobody gets to the end of."""
    path = tmp_path / "endless"
    path.symlink_to("/dev/zero")
    return path


def spool(folder: Path, text: str | bytes) -> Path:
    path = folder / "1"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def run(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(asyncio.wait_for(work(), 60))


def upload(path: Path, media_type: str = TURTLE, **limits: Any) -> Parsed:  # noqa: ANN401
    return asyncio.run(parse_upload(path, media_type, BASE, TARGET, replace(LIMITS, **limits)))


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


def is_running(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("media_type", ALL)
def test_a_child_reads_every_syntax(tmp_path: Path, media_type: str) -> None:
    path = spool(tmp_path, SAME[media_type])
    found = upload(path, media_type)
    assert found == Parsed(tmp_path / "1.nt", 1, found.path.stat().st_size, has_blank_nodes=False)
    assert triples(ox.parse(path=found.path)) == triples(read(SAME[media_type], media_type))


def test_a_child_reads_several_files_into_one(tmp_path: Path) -> None:
    parts: list[Sent] = []
    for media_type in ALL:
        parts.append(Sent(tmp_path / str(len(parts) + 1), media_type))
        parts[-1].path.write_text(SAME[media_type], encoding="utf-8")
    found = asyncio.run(parse_parts(parts, BASE, TARGET))
    assert (found.path, found.triples) == (tmp_path / "1.nt", len(ALL))
    assert triples(ox.parse(path=found.path)) == triples(read(SAME[TURTLE]))


def test_what_a_child_cannot_read_leaves_no_file(tmp_path: Path) -> None:
    path = spool(tmp_path, "<a> <b> <c> .\n" * 10_000 + "<a> <b> .")
    with pytest.raises(UnreadableUpload, match=r"^line 10001, column 9: "):
        upload(path)
    assert list(tmp_path.iterdir()) == [path]


def test_the_kernel_holds_the_parser_in_its_sandbox(endless: Path, started: list[Child]) -> None:
    async def work() -> None:
        task = asyncio.create_task(parse_upload(endless, TURTLE, BASE, TARGET))
        await until(lambda: bool(started))
        (parser,) = started
        assert parser.missing == []
        process = Path(f"/proc/{parser.process_id}")
        assert re.search(r"NoNewPrivs:\s+1", (process / "status").read_text())
        for thread in (process / "task").iterdir():
            assert re.search(r"Seccomp:\s+2", (thread / "status").read_text())
        await until(lambda: not re.search(r"Max cpu time +unl", (process / "limits").read_text()))
        limits = (process / "limits").read_text()
        assert re.search(r"Max core file size +0 +0 ", limits)
        assert re.search(r"Max open files +0 +0 ", limits)
        assert re.search(r"Max file size +1000000000 +1000000000 ", limits)
        assert not re.search(r"Max address space +unlimited", limits)
        held = {str(each.readlink()) for each in (process / "fd").iterdir()}
        assert {name for name in held if not name.startswith("socket:")} == {
            "/dev/null", "/dev/zero", str(endless.with_name("endless.nt")),
            f"/proc/{parser.process_id}/statm",
        }  # fmt: skip
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    run(work)


BOMB = (
    '<!DOCTYPE x [<!ENTITY a "%s">' % ("x" * 90)
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefg", "bcdefgh", strict=True))
    + ']><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description>'
    "<rdf:value>&h;</rdf:value></rdf:Description></rdf:RDF>"
)


def deep(levels: int) -> str:
    return '{"http://example.org/p":' * levels + "1" + "}" * levels


@pytest.mark.parametrize(
    ("media_type", "text", "told"),
    [
        pytest.param(RDFXML, BOMB, "its entities stand for far more text", id="entities"),
        pytest.param(JSONLD, deep(10_000), "more than 512 MB of memory", id="nested objects"),
    ],
)
def test_what_grows_beyond_measure_is_refused(
    tmp_path: Path, media_type: str, text: str, told: str
) -> None:
    path = spool(tmp_path, text)
    with pytest.raises(UploadTooLarge, match=told):
        upload(path, media_type)
    assert list(tmp_path.iterdir()) == [path]


def test_entities_that_grow_within_measure_end_at_the_limits(tmp_path: Path) -> None:
    entities = '<!DOCTYPE x [<!ENTITY a "%s">]>' % ("x" * 50_000)
    path = spool(tmp_path, entities + XML % f"<e:T><e:p>{'&a;' * 40}</e:p></e:T>")
    with pytest.raises(UnreadableUpload, match="a literal is longer than 1000000 bytes"):
        upload(path, RDFXML)


@pytest.mark.parametrize(
    ("media_type", "text"),
    [
        pytest.param(TURTLE, f"<a> <b> {'[ <b> ' * 20_000}1{']' * 20_000} .", id="Turtle ["),
        pytest.param(TURTLE, f"<a> <b> {'( ' * 20_000}{')' * 20_000} .", id="Turtle ("),
        pytest.param(
            TURTLE, f"<a> <b> {'<<( <a> <b> ' * 9000}1{' )>>' * 9000} .", id="Turtle <<("
        ),
        pytest.param(JSONLD, deep(500), id="JSON-LD"),
        pytest.param(
            RDFXML, XML % ("<e:T><e:p>" * 3000 + "</e:p></e:T>" * 3000), id="RDF/XML"
        ),
    ],
)  # fmt: skip
def test_deep_nesting_is_read(tmp_path: Path, media_type: str, text: str) -> None:
    assert upload(spool(tmp_path, text), media_type).triples > 0


@pytest.mark.parametrize(
    ("media_type", "text"),
    [
        pytest.param(JSONLD, '{"@context": "%s", "@id": "a", "p": 1}', id="JSON-LD context"),
        pytest.param(JSONLD, '{"@context": {"@import": "%s"}, "@id": "a"}', id="JSON-LD @import"),
        pytest.param(RDFXML, '<!DOCTYPE x [<!ENTITY a SYSTEM "%s">]><a>&a;</a>', id="entity"),
        pytest.param(RDFXML, '<!DOCTYPE x SYSTEM "%s"><a/>', id="document type"),
    ],
)  # fmt: skip
def test_reading_an_upload_sends_nothing(tmp_path: Path, media_type: str, text: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        with pytest.raises(UnreadableUpload):
            upload(spool(tmp_path, text.replace("%s", address)), media_type)
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_a_context_from_elsewhere_is_refused_in_plain_words() -> None:
    told = complaint('{"@context": "https://schema.org/", "@id": "a"}', JSONLD)
    assert told.endswith("write the context itself into the document")


def test_a_document_that_takes_too_long_is_given_up(endless: Path, started: list[Child]) -> None:
    with pytest.raises(UploadTooLarge, match=r"could not be read in 0\.3 s"):
        upload(endless, timeout_s=0.3)
    assert not is_running(started[0].process_id)
    assert list(endless.parent.iterdir()) == [endless]


def test_a_parser_that_has_used_up_its_time_says_so_itself(
    endless: Path, started: list[Child]
) -> None:
    async def work() -> None:
        task = asyncio.create_task(parse_upload(endless, TURTLE, BASE, TARGET))
        await until(lambda: bool(started))
        os.kill(started[0].process_id, signal.SIGXCPU)
        with pytest.raises(UploadTooLarge, match="could not be read in"):
            await task

    run(work)


def test_a_parser_that_is_killed_is_not_the_client_s_fault(
    endless: Path, started: list[Child]
) -> None:
    async def work() -> None:
        task = asyncio.create_task(parse_upload(endless, TURTLE, BASE, TARGET))
        await until(lambda: bool(started))
        os.kill(started[0].process_id, signal.SIGKILL)
        with pytest.raises(EngineUnavailable, match=r"was ended \(status -9\), nothing was kept"):
            await task

    run(work)
    assert list(endless.parent.iterdir()) == [endless]


def test_whoever_no_longer_waits_leaves_nothing_behind(endless: Path, started: list[Child]) -> None:
    async def work() -> None:
        task = asyncio.create_task(parse_upload(endless, TURTLE, BASE, TARGET))
        await until(lambda: bool(started))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(work)
    assert not is_running(started[0].process_id)
    assert list(endless.parent.iterdir()) == [endless]


def test_one_upload_holds_no_other_up(endless: Path, tmp_path: Path, started: list[Child]) -> None:
    path = spool(tmp_path, SAME[TURTLE])

    async def work() -> None:
        long = asyncio.create_task(parse_upload(endless, TURTLE, BASE, TARGET))
        await until(lambda: bool(started))
        assert (await parse_upload(path, TURTLE, BASE, TARGET)).triples == 1
        assert not long.done()
        long.cancel()
        await asyncio.gather(long, return_exceptions=True)

    run(work)


def test_a_full_disk_is_not_the_client_s_fault(tmp_path: Path) -> None:
    path = spool(tmp_path, SAME[TURTLE])
    (tmp_path / "1.nt").symlink_to("/dev/full")
    with pytest.raises(EngineUnavailable, match="No space left on device"):
        upload(path)
    assert list(tmp_path.iterdir()) == [path]
