"""Files are imported from addresses, too: fetched first, and not again while they stay the same."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from tests.engine.peers import Peer, answer

from .conftest import PREFIXES, triples

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.engine.peers import Asked

    from .conftest import Run

GRAPH = "https://w3id.org/metapole/graph/import/clusters"
TURTLE = f'{PREFIXES} cluster:a a mp:Cluster ; skos:prefLabel "A"@en .'.encode()


@pytest.fixture
def peer() -> Iterator[Peer]:
    peer = Peer()
    yield peer
    peer.close()


def texts(store: Path) -> set[str]:
    return {str(each.object) for each in triples(store, GRAPH)}


def test_a_file_is_fetched_with_its_name_type_and_hash(peer: Peer, run: Run, store: Path) -> None:
    peer.scripts = {
        "/get": answer("", None, "Location: /files/clusters.ttl?v=1", status="302 Found"),
        "/files/clusters.ttl": answer(TURTLE, "text/turtle; charset=utf-8"),
    }
    status, _, said = run("rdf", peer.url("/get"), "--yes", "--licence", "cc0")
    assert status == 0, said
    found = texts(store)
    assert '"clusters.ttl"' in found
    assert '"text/turtle"' in found
    assert f'"{hashlib.sha256(TURTLE).hexdigest()}"' in found
    assert f"<{peer.url('/files/clusters.ttl?v=1')}>" in found


def test_what_is_the_same_is_not_fetched_again(
    peer: Peer, run: Run, store: Path, tmp_path: Path
) -> None:
    sent: list[int] = []

    def script(connection: socket.socket, asked: Asked) -> None:
        if asked.headers.get("if-none-match") == '"1"':
            sent.append(304)
            connection.sendall(b"HTTP/1.1 304 Not Modified\r\n\r\n")
        else:
            sent.append(200)
            connection.sendall(answer(TURTLE, "text/turtle", 'ETag: "1"'))

    peer.scripts["/clusters.ttl"] = script
    memory = tmp_path / "memory.json"
    words = ("rdf", peer.url("/clusters.ttl"), "--yes", "--licence", "cc0", "--remember", memory)
    assert run(*words, "--dry-run")[0] == 0
    assert not memory.exists()
    assert run(*words)[0] == 0
    before = texts(store)
    status, _, said = run(*words)
    assert (status, sent) == (0, [200, 200, 304])
    assert "is the same as last time" in said
    assert texts(store) == before
    memory.write_text("[]")
    status, _, said = run(*words)
    assert status == 1
    assert "delete it, or name another file" in said


@pytest.mark.parametrize(
    ("answered", "complaint"),
    [
        (answer("<html>", "text/html"), "clusters.ttl: line 1"),
        (answer(TURTLE, "text/turtle")[:-20] , "broke off"),
        (answer("", None, "Location: http://169.254.169.254/", status="302 F"), "may be asked"),
        (answer("no turtle", "text/turtle"), "clusters.ttl: "),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/turtle\r\nConnection: close\r\n\r\n" + TURTLE,
         "nobody can tell whether it is whole"),
    ],
    ids=["a page", "cut off", "a redirect inside", "no Turtle", "an end that is not known"],
)  # fmt: skip
def test_what_cannot_be_fetched_changes_nothing(
    peer: Peer, run: Run, store: Path, answered: bytes, complaint: str
) -> None:
    cut = b"Connection: close" in answered or complaint == "broke off"
    peer.scripts["/clusters.ttl"] = answered if not cut else _closing(answered)
    status, _, said = run("rdf", peer.url("/clusters.ttl"), "--yes", "--licence", "cc0")
    assert status == 1, said
    assert complaint in said
    assert "Nothing was changed" in said
    assert texts(store) == set()


def _closing(answered: bytes) -> Callable[[socket.socket, Asked], None]:
    def script(connection: socket.socket, _: Asked) -> None:
        connection.sendall(answered)
        connection.shutdown(2)

    return script


def test_a_private_address_has_to_be_meant(peer: Peer, run: Run, tmp_path: Path) -> None:
    """A name may lead anywhere; this one leads to this machine in another way of writing."""
    peer.scripts["/clusters.ttl"] = answer(TURTLE, "text/turtle")
    url = f"http://0177.0.0.1:{peer.port}/clusters.ttl"
    status, _, said = run("rdf", url, "--yes")
    assert status == 1
    assert "leads to 127.0.0.1, which is this machine itself" in said
    allowed = tmp_path / "remotes.toml"
    allowed.write_text(
        f'[[remote]]\nname = "near"\nkind = "files"\nurl = "http://0177.0.0.1:{peer.port}/"\n'
        "private = true\n"
    )
    assert run("rdf", url, "--yes", "--licence", "cc0", "--federate-file", allowed)[0] == 0
