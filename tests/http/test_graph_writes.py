"""Graphs are written, read back and deleted, on a real server."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from urllib.parse import quote

import httpx2
import pyoxigraph as ox
import pytest

from graph.formats import Format, formats_of
from tests.thoroughness import one_in

from .conftest import Serve, publish
from .writers import BASE, OURS, PUBLIC, TURTLE, Writer, indirect, writing

ONE = "<x:s> <x:p> <x:o> ."
TWO = '<x:s> <x:p> "two" .'
PARTS = "multipart/form-data; boundary=b"


@pytest.fixture(scope="module")
def writer(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Writer]:
    store = tmp_path_factory.mktemp("writes") / "store"
    publish(store)
    with writing(serve, store) as each:
        yield each


@pytest.fixture
def graph(request: pytest.FixtureRequest) -> str:
    """The name of a graph that no other test writes to."""
    return OURS + quote(request.node.name, safe="")


def triples(response: httpx2.Response) -> set[ox.Triple]:
    assert response.status_code == 200, response.text
    return {quad.triple for quad in ox.parse(response.content, ox.RdfFormat.N_TRIPLES)}


def of(text: str) -> set[ox.Triple]:
    return {quad.triple for quad in ox.parse(text, ox.RdfFormat.TURTLE)}


def part(content: str, name: str = "f.ttl") -> str:
    return (
        f'--b\r\nContent-Disposition: form-data; name="f"; filename="{name}"\r\n\r\n{content}\r\n'
    )


@pytest.mark.parametrize("each", formats_of("graph"), ids=lambda each: each.name)
def test_what_is_put_is_read_back_in_every_syntax(writer: Writer, graph: str, each: Format) -> None:
    wanted = of(f"{ONE} {TWO} <x:s> <x:p> 'été'@fr , 1.5 .")
    content = ox.serialize(wanted, format=ox.RdfFormat.from_media_type(each.media_type))
    assert content
    put = writer.send("PUT", indirect(graph), content, each.media_type, "ours")
    assert (put.status_code, put.content) == (201, b"")
    assert triples(writer.get(indirect(graph))) == wanted


def test_put_replaces_post_adds_and_delete_removes(writer: Writer, graph: str) -> None:
    target = indirect(graph)
    statuses = [writer.send("POST", target, ONE).status_code]
    assert triples(writer.get(target)) == of(ONE)
    statuses.append(writer.send("POST", target, TWO).status_code)
    assert triples(writer.get(target)) == of(ONE + TWO)
    statuses.append(writer.send("PUT", target, TWO).status_code)
    assert triples(writer.get(target)) == of(TWO)
    statuses.append(writer.send("DELETE", target).status_code)
    assert writer.get(target).status_code == 404
    gone = writer.send("DELETE", target)
    assert "no graph" in gone.json()["detail"]
    assert [*statuses, gone.status_code] == [201, 204, 204, 204, 404]


def test_a_graph_may_be_empty(writer: Writer, graph: str) -> None:
    assert writer.send("PUT", indirect(graph), b"").status_code == 201
    assert triples(writer.get(indirect(graph))) == set()
    assert writer.send("PUT", indirect(graph), b"").status_code == 204
    assert writer.send("PUT", indirect(graph), ONE, If_None_Match="*").status_code == 412


def test_relative_iris_are_those_of_the_graph(writer: Writer) -> None:
    for target in ("/graph/a/b", indirect(f"{BASE}a/b"), indirect(f"{PUBLIC}/graph/a/b")):
        assert writer.send("PUT", target, "<> <c> <#d> .").status_code in (201, 204)
        wanted = of(f"<{BASE}a/b> <{BASE}a/c> <{BASE}a/b#d> .")
        assert triples(writer.get("/graph/a/b")) == wanted


def test_the_default_graph_is_one_of_them(writer: Writer) -> None:
    target = "/graph-store?default"
    assert writer.send("PUT", target, ONE).status_code == 204
    assert writer.send("POST", target, TWO).status_code == 204
    assert triples(writer.get(target)) == of(ONE + TWO)
    assert writer.send("PUT", target, ONE, If_None_Match="*").status_code == 412
    assert writer.send("DELETE", target).status_code == 204
    assert triples(writer.get(target)) == set()


def test_parts_are_merged_and_their_blank_nodes_kept_apart(writer: Writer, graph: str) -> None:
    content = part("_:b <x:p> <x:1> .") + part("_:b <x:p> <x:2> .", "g.nt") + "--b--\r\n"
    assert writer.send("POST", indirect(graph), content, PARTS).status_code == 201
    found = triples(writer.get(indirect(graph)))
    assert {str(triple.object) for triple in found} == {"<x:1>", "<x:2>"}
    assert len({triple.subject for triple in found}) == 2


def test_a_new_graph_is_where_its_address_says(writer: Writer) -> None:
    response = writer.send("POST", "/graph-store", ONE)
    assert response.status_code == 201
    location = response.headers["location"]
    assert location.startswith(f"{PUBLIC}/graph/upload/")
    for target in (location.removeprefix(PUBLIC), indirect(location)):
        assert triples(writer.get(target)) == of(ONE)


def test_a_new_graph_is_made_once_for_a_key(writer: Writer) -> None:
    first, again = (
        writer.send("POST", "/graph-store", ONE, Idempotency_Key="new") for _ in range(2)
    )
    assert first.status_code == again.status_code == 201
    assert first.headers["location"] == again.headers["location"]
    assert first.headers["x-commit"] == again.headers["x-commit"]
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    same = indirect(first.headers["location"])
    assert triples(writer.get(same)) == of(ONE)
    assert writer.send("POST", "/graph-store", ONE).headers["location"] != same


def test_a_key_stands_for_one_change(writer: Writer, graph: str) -> None:
    first = writer.send("PUT", indirect(graph), ONE, Idempotency_Key='"mine"')
    other = writer.send("PUT", indirect(graph), TWO, Idempotency_Key="mine")
    again = writer.send("PUT", indirect(graph), ONE, Idempotency_Key="mine")
    assert [each.status_code for each in (first, other, again)] == [201, 422, 201]
    assert other.json()["title"] == "The idempotency key stands for another change"
    assert again.headers["idempotency-replayed"] == "true"
    assert triples(writer.get(indirect(graph))) == of(ONE)


@pytest.mark.parametrize(
    ("media_type", "coding"),
    one_in(
        5,  # each type, and each coding, ordinarily once
        list(
            product(
                ["text/turtle", "application/ld+json", "application/xml"],
                ["identity", "gzip", "br", "zstd"],
            )
        ),
    ),
)
def test_who_has_read_a_graph_may_replace_it(
    writer: Writer, graph: str, media_type: str, coding: str
) -> None:
    target = indirect(graph)
    writer.send("PUT", target, ONE)
    read = writer.get(target, Accept=media_type, Accept_Encoding=coding)
    assert read.headers.get("content-encoding", "identity") == coding
    tag = read.headers["etag"]
    assert tag.startswith('"')
    writer.send("PUT", indirect(f"{graph}/another"), TWO)
    unchanged = writer.get(target, Accept=media_type, Accept_Encoding=coding, If_None_Match=tag)
    assert (unchanged.status_code, unchanged.headers["etag"]) == (304, tag)
    replaced = writer.send("PUT", target, TWO, If_Match=tag)
    assert (replaced.status_code, "etag" in replaced.headers) == (204, False)
    for method, content in (("PUT", ONE), ("POST", ONE), ("DELETE", "")):
        late = writer.send(method, target, content, If_Match=tag)
        assert late.status_code == 412
        assert late.json()["title"] == "The graph is not as you take it to be"
    assert triples(writer.get(target)) == of(TWO)
    changed = writer.get(target, Accept=media_type, Accept_Encoding=coding, If_None_Match=tag)
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag


def test_a_tag_of_head_is_as_good_as_one_of_get(writer: Writer, graph: str) -> None:
    writer.send("PUT", indirect(graph), ONE)
    for headers in ({}, {"Accept-Encoding": "gzip"}, {"Accept-Encoding": "identity"}):
        url = writer.server.url + indirect(graph)
        head, got = httpx2.head(url, headers=headers), httpx2.get(url, headers=headers)
        for name in ("etag", "content-type", "content-encoding", "vary", "x-generation"):
            assert head.headers.get(name) == got.headers.get(name)
    assert writer.send("DELETE", indirect(graph), If_Match=head.headers["etag"]).status_code == 204


def test_codings_of_one_graph_have_different_tags(writer: Writer, graph: str) -> None:
    writer.send("PUT", indirect(graph), ONE)
    tags = {
        writer.get(indirect(graph), Accept=accept, Accept_Encoding=coding).headers["etag"]
        for accept in ("text/turtle", "application/n-triples")
        for coding in ("identity", "gzip", "br")
    }
    assert len(tags) == 6


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If-Match": "*"}, 412),
        ({"If-Match": '"1-0"'}, 412),
        ({"If-None-Match": "*"}, 201),
        ({"If-None-Match": '"1-0"'}, 201),
    ],
)
def test_a_graph_that_is_not_there_has_no_tag(
    writer: Writer, graph: str, headers: dict[str, str], status: int
) -> None:
    named = {name.replace("-", "_"): value for name, value in headers.items()}
    assert writer.send("PUT", indirect(graph), ONE, **named).status_code == status
    there = writer.get(indirect(graph)).status_code
    assert there == (200 if status == 201 else 404)


def test_a_weak_tag_or_that_of_another_graph_does_not_match(writer: Writer, graph: str) -> None:
    for name in (graph, f"{graph}/another"):
        writer.send("PUT", indirect(name), ONE)
    tag = writer.get(indirect(graph)).headers["etag"]
    other = writer.get(indirect(f"{graph}/another")).headers["etag"]
    for wrong in (f"W/{tag}", other):
        assert writer.send("DELETE", indirect(graph), If_Match=wrong).status_code == 412
    assert writer.send("PUT", indirect(graph), TWO, If_None_Match=f"W/{tag}").status_code == 412
    assert writer.send("DELETE", indirect(graph), If_Match=f"{other}, {tag}").status_code == 204


def test_what_is_kept_for_the_next_who_asks_is_of_now(writer: Writer, graph: str) -> None:
    for text in (ONE, TWO, ONE):
        put = writer.send("PUT", indirect(graph), text)
        for _ in range(2):
            got = writer.get(indirect(graph))
            assert triples(got) == of(text)
            assert int(got.headers["x-generation"]) >= int(put.headers["x-generation"])


def test_what_is_longer_than_a_packet_is_read_back(writer: Writer, graph: str) -> None:
    lines = "".join(f"<x:{number}> <x:p> <x:{number}> .\n" for number in range(5_000))
    assert writer.send("PUT", indirect(graph), lines).status_code == 201
    assert sorted(writer.get(indirect(graph)).text.splitlines()) == sorted(lines.splitlines())


def test_a_server_that_is_started_again_knows_the_same_tags(serve: Serve, tmp_path: Path) -> None:
    store = tmp_path / "store"
    publish(store)
    with writing(serve, store, in_place=True) as before:
        before.send("PUT", indirect(OURS), ONE)
        tag = before.get(indirect(OURS)).headers["etag"]
    with writing(serve, store, in_place=True) as after:
        assert after.get(indirect(OURS)).headers["etag"] == tag
        assert after.send("DELETE", indirect(OURS), If_Match=tag).status_code == 204
        assert after.send("PUT", indirect(OURS), ONE, content_type=TURTLE).status_code == 201
        assert after.get(indirect(OURS)).headers["etag"] != tag
