"""Dumps over HTTP: what they are called, who may have how many, and that nobody waits for them."""

from __future__ import annotations

import hashlib
import shutil
import socket
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2
import pyoxigraph as ox
import pytest

from graph.generations import publish_generation
from graph.generations.holding import is_held
from graph.generations.record import record_path
from graph.publishing.dumps.offered import all_dumps
from tests.thoroughness import one_in

from .conftest import publish, wait_until

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from .conftest import Serve, Server

BASE = "https://w3id.org/metapole/graph/"
PUBLIC = "https://data.example.org/kg"
TRIG = f"""
PREFIX : <http://example.org/>
:d :in "no graph" .
GRAPH <{BASE}source/one> {{ :a :knows :b ; :name "Zoé"@fr . }}
GRAPH <{BASE}links> {{ :a :knows :c . }}
GRAPH :elsewhere {{ :a :knows :d . }}
"""
TYPES = {
    "nq": "application/n-quads; charset=utf-8",
    "trig": "application/trig; charset=utf-8",
    "ttl": "text/turtle; charset=utf-8",
    "nt": "application/n-triples; charset=utf-8",
    "jsonld": "application/ld+json",
    "rdf": "application/rdf+xml",
    "gz": "application/gzip",
    "zst": "application/zstd",
}
ALL = [each.name for each in all_dumps([f"{BASE}source/one", f"{BASE}links"])]
QUADS = 150_000
"""Of so many a dump does not fit into what is between a server and a client that does not read."""


@pytest.fixture(scope="module")
def dumps(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    store = tmp_path_factory.mktemp("dumps")
    publish(store, TRIG)
    with serve(store, "--readers", 2, "--public-url", PUBLIC) as server:
        yield server


@pytest.fixture(scope="module")
def large_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = tmp_path_factory.mktemp("large") / "store"
    links, knows = ox.NamedNode(f"{BASE}links"), ox.NamedNode("http://example.org/knows")
    publish_generation(
        store,
        (
            ox.Quad(ox.NamedNode(f"http://example.org/{at}"), knows, ox.Literal("x" * 100), links)
            for at in range(QUADS)
        ),
    )
    return store


def get(server: Server, name: str, method: str = "GET", **headers: str) -> httpx2.Response:
    return httpx2.request(method, f"{server.url}/data/{name}", headers=headers, timeout=30)


@pytest.fixture(scope="module")
def checksums(dumps: Server) -> dict[str, str]:
    """Return the checksum of each dump, as the server tells them all."""
    lines = get(dumps, "checksums.txt").text.splitlines()
    return {name: digest for digest, name in (line.split("  ") for line in lines)}


def test_every_dump_has_a_checksum(checksums: dict[str, str]) -> None:
    assert sorted(checksums) == sorted(ALL)


@pytest.mark.parametrize("name", one_in(5, ALL))
def test_a_dump_is_what_its_name_and_its_checksum_say(
    dumps: Server, checksums: dict[str, str], name: str
) -> None:
    response = get(dumps, name, Accept="text/html")
    assert response.status_code == 200
    assert response.headers["content-type"] == TYPES[name.rpartition(".")[2]]
    assert response.headers["content-disposition"] == (
        f'attachment; filename="{name.rpartition("/")[2]}"'
    )
    assert response.headers["accept-ranges"] == "none"
    assert "content-encoding" not in response.headers
    assert hashlib.sha256(response.content).hexdigest() == checksums[name]


def test_sha256sum_takes_the_checksum_of_one_file(dumps: Server, tmp_path: Path) -> None:
    name = "graph/source/one.ttl.gz"
    (tmp_path / "one.ttl.gz").write_bytes(get(dumps, name).content)
    (tmp_path / "sum").write_bytes(get(dumps, f"{name}.sha256").content)
    program = shutil.which("sha256sum") or pytest.skip("sha256sum is not installed")
    done = subprocess.run(
        [program, "--check", "sum"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "one.ttl.gz: OK\n")


def test_checksums_tell_what_the_content_is_known_by(
    dumps: Server, checksums: dict[str, str]
) -> None:
    files = {each["name"]: each for each in get(dumps, "checksums.json").json()["files"]}
    assert {name: each["sha256"] for name, each in files.items()} == checksums
    loaded = ox.Dataset(ox.parse(get(dumps, "metapole.nq").content, ox.RdfFormat.N_QUADS))
    lines = sorted(f"{quad} .\n" for quad in loaded)
    assert len(lines) == 5
    expected = hashlib.sha256("".join(lines).encode()).hexdigest()
    assert files["metapole.nq"]["rdfc10"] == files["metapole.jsonld.gz"]["rdfc10"] == expected


def test_head_says_what_get_says(dumps: Server) -> None:
    got, head = get(dumps, "metapole.trig.gz"), get(dumps, "metapole.trig.gz", "HEAD")
    assert (head.status_code, head.content) == (200, b"")
    changing = {"date", "x-request-id", "content-length"}
    assert {*got.headers.items()} - {*head.headers.items()} <= {
        (name, value) for name, value in got.headers.items() if name in changing
    }


def test_who_has_a_dump_is_told_so(dumps: Server) -> None:
    tag = get(dumps, "metapole.nq").headers["etag"]
    assert not tag.startswith("W/")
    assert tag != get(dumps, "metapole.nt").headers["etag"]
    assert get(dumps, "metapole.nq", **{"If-None-Match": tag}).status_code == 304
    assert get(dumps, "metapole.nt", **{"If-None-Match": tag}).status_code == 200


def test_a_dump_of_one_graph_has_a_new_tag_when_the_graph_is_new(
    serve: Serve, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    publish(store, TRIG)
    with serve(store, in_place=True) as server:
        before = {
            name: get(server, name).headers["etag"] for name in ("graph/links.nt", "metapole.nq")
        }
        publish(store, TRIG.replace(":c", ":e"))
        wait_until(lambda: get(server, "metapole.nq").headers["x-generation"] == "2")
        for name, tag in before.items():
            assert get(server, name, **{"If-None-Match": tag}).status_code == 200
        assert "http://example.org/e" in get(server, "graph/links.nt").text
        older = get(server, "graph/links.nt?generation=1")
        assert "http://example.org/c" in older.text


@pytest.mark.parametrize(
    ("name", "status", "detail"),
    [
        pytest.param("metapole.nquads", 404, "metapole.nq", id="no such format"),
        pytest.param("graph/nobody.ttl", 404, f"no graph <{BASE}nobody>", id="no such graph"),
        pytest.param("graph/union.nt", 404, "graph/NAME.nt", id="the union has another name"),
        pytest.param("graph/a%20b.nt", 404, "can name no graph", id="no name for a graph"),
        pytest.param("metapole.nq.gz.sha512", 404, "metapole.nq", id="no such checksum"),
        pytest.param("graph/a%00b.nt", 400, "not for text", id="a control character"),
        pytest.param("metapole.nq?generation=9", 404, "no generation 9", id="no such generation"),
    ],
)
def test_what_is_not_there_is_a_problem_that_says_what_is(
    dumps: Server, name: str, status: int, detail: str
) -> None:
    response = get(dumps, name)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert detail in response.json()["detail"]


def test_suggestions_are_addresses_of_this_server(dumps: Server) -> None:
    suggestions = get(dumps, "metapole.nquads").json()["suggestions"]
    assert f"{PUBLIC}/data/metapole.nq" in [each["address"] for each in suggestions]


@contextmanager
def unread(server: Server, name: str = "metapole.nq") -> Generator[socket.socket]:
    """Ask for a dump, and read no more than its head."""
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        client.settimeout(20)
        client.connect(("127.0.0.1", server.port))
        client.sendall(f"GET /data/{name} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(64)
        assert head.startswith(b"HTTP/1.1 200 "), head
        yield client


def apart(server: Server) -> list[int]:
    """Return the readers of *server* that make dumps: they stand back."""
    return [each for each in server.readers if _niceness(each) > 0]


def _niceness(process: int) -> int:
    """Return how far the thread of *process* stands back that does so most (proc(5), `stat`)."""
    try:
        texts = [each.read_text() for each in Path(f"/proc/{process}/task").glob("*/stat")]
    except OSError:  # it has ended meanwhile
        return 0
    return max((int(each.rpartition(")")[2].split()[16]) for each in texts), default=0)


def test_nobody_waits_for_a_client_that_does_not_read(serve: Serve, large_store: Path) -> None:
    limits = ("--limit", "client.dumps=2", "--limit", "dump.at-once=3")
    with serve(large_store, "--readers", 1, *limits) as server:
        with unread(server), unread(server):
            assert len(apart(server)) == 2
            for _ in range(3):  # one reader, and it is free
                answer = server.ask("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
                assert answer.text.split() == ["n", str(QUADS)]
            refused = get(server, "metapole.nt")
            assert refused.status_code == 429
            assert refused.headers["retry-after"]
            assert "2 dumps are on their way" in refused.json()["detail"]
        wait_until(lambda: not apart(server))
        assert get(server, "metapole.nt.gz").status_code == 200


def test_there_are_only_so_many_dumps_at_once(serve: Serve, large_store: Path) -> None:
    limits = ("--limit", "client.dumps=9", "--limit", "dump.at-once=1")
    with serve(large_store, "--readers", 2, *limits) as server:
        with unread(server):
            refused = get(server, "metapole.nt")
            assert refused.status_code == 503
            assert refused.headers["retry-after"]
            assert get(server, "metapole.nt", "HEAD").status_code == 200, "that makes no dump"
        wait_until(lambda: not apart(server))
        assert get(server, "metapole.nt.zst").status_code == 200


def test_who_lets_a_dump_wait_for_too_long_is_cut_off(serve: Serve, large_store: Path) -> None:
    limits = ("--limit", "dump.grace-s=1", "--limit", "dump.bytes-per-s=10000000")
    with serve(large_store, *limits) as server, unread(server) as client:
        wait_until(lambda: not apart(server))
        got = b""
        while piece := client.recv(1 << 20):
            got += piece
        assert not got.endswith(b"0\r\n\r\n"), "it ends like a dump that is whole"
        assert "the client read too slowly" in server.log.read_text()


def test_a_dump_that_becomes_too_long_is_broken_off(serve: Serve, large_store: Path) -> None:
    with (
        serve(large_store, "--limit", "dump.result-bytes=5000000") as server,
        pytest.raises(httpx2.RemoteProtocolError),
    ):
        get(server, "metapole.nq")


def test_a_generation_stays_as_long_as_it_is_dumped(serve: Serve, large_store: Path) -> None:
    with serve(large_store) as server:
        (store,) = server.log.parent.glob("store")
        with unread(server):
            assert is_held(record_path(store, 1))
        wait_until(lambda: not is_held(record_path(store, 1)))
