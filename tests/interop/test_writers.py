"""Clients of other makers, in four languages, write to a real server, and others read it."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from server.scopes import UPDATE
from server.token_changes import add_token
from tests.bench.servers import metapole

from .conftest import CLIENTS, program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

pytestmark = [pytest.mark.interop, pytest.mark.timeout(600)]

TOKEN = "a-token-for-clients-of-others"  # noqa: S105 -- it guards nothing
SAYS = "<http://example.org/says>"
CHANGE = """
PREFIX ex: <http://example.org/>
DELETE { GRAPH ?g { ?s ex:says ?old } }
INSERT { GRAPH ?g { ?s ex:says "new" } }
WHERE { VALUES ?g { ex:NAME } GRAPH ?g { ?s ex:says ?old } }
"""


@dataclass(frozen=True)
class Writable:
    """A server that takes writes, and a folder for what is sent."""

    address: str
    folder: Path

    @property
    def sparql(self) -> str:
        return f"{self.address}/sparql"

    def graph(self, name: str) -> str:
        return f"{self.address}/graph-store?graph={quote(f'http://example.org/{name}', safe='')}"

    def file(self, name: str, content: str) -> Path:
        path = self.folder / name
        path.write_text(content, encoding="utf-8")
        return path

    def triples(self, name: str) -> set[str]:
        """Return what curl reads of a graph."""
        curl = [program("curl"), "--silent", "--fail", "--header", "Accept: application/n-triples"]
        return set(run([*curl, self.graph(name)]).splitlines())


def run(command: Sequence[str | Path]) -> str:
    done = subprocess.run(command, check=False, capture_output=True, encoding="utf-8", timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def writable(shipped_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Writable]:
    """Serve a copy of the graph that ships to whoever has the token."""
    folder = tmp_path_factory.mktemp("writable")
    store = shutil.copytree(shipped_store, folder / "store")
    add_token(folder / "tokens", "others", (UPDATE,), TOKEN)
    with metapole(store, folder / "log", "--token-file", str(folder / "tokens")) as target:
        yield Writable(f"http://127.0.0.1:{target.port}", folder)


def said(who: str, what: str) -> str:
    return f'<http://example.org/{who}> {SAYS} "{what}" .'


@pytest.fixture(params=["node", "python: SPARQLWrapper", "python: rdflib", "java"])
def send_update(request: pytest.FixtureRequest) -> Callable[[str, Path], object]:
    """Return how each client sends the file of an update to an endpoint."""
    match request.param:
        case "node":
            start: list[str | Path] = [program("node"), CLIENTS / "update.mjs"]
        case "java":
            start = [program("java"), CLIENTS / "Write.java", "POST"]
            headers = ["Content-Type", "application/sparql-update"]
            headers += ["Authorization", f"Bearer {TOKEN}"]
            return lambda endpoint, file: run([*start, endpoint, file, *headers])
        case name:
            script = f"update_with_{name.rpartition(' ')[2].lower()}.py"
            start = [request.getfixturevalue("python"), CLIENTS / script]
    return lambda endpoint, file: run([*start, endpoint, file, TOKEN])


def test_an_update_of_each_client_is_there_for_all(
    writable: Writable, send_update: Callable[[str, Path], object], request: pytest.FixtureRequest
) -> None:
    name = request.node.callspec.id.rpartition(" ")[2]
    data = said("küche", f"{name}: Škofja Loka, 東京, 🚗")
    text = f"INSERT DATA {{ GRAPH <http://example.org/{name}> {{ {data} }} }}"
    send_update(writable.sparql, writable.file(f"{name}.ru", text))
    assert writable.triples(name) == {data}
    text = CHANGE.replace("NAME", name)
    send_update(writable.sparql, writable.file(f"{name}.ru", text))
    assert writable.triples(name) == {said("küche", "new")}


@pytest.fixture(scope="module")
def java(writable: Writable) -> Callable[..., tuple[int, dict[str, str]]]:
    """Return how to send a file with Java; it gives the status and the headers of the answer."""
    start = [program("java"), CLIENTS / "Write.java"]

    def send(method: str, address: str, content: str, **headers: str) -> tuple[int, dict[str, str]]:
        words = ["Authorization", f"Bearer {TOKEN}"]
        for name, value in headers.items():
            words += [name.replace("_", "-"), value]
        status, *lines = run(
            [*start, method, address, writable.file("sent", content), *words]
        ).splitlines()
        return int(status), dict(line.split(": ", 1) for line in lines if ": " in line)

    return send


def test_java_writes_a_graph_only_if_nobody_was_faster(
    writable: Writable, java: Callable[..., tuple[int, dict[str, str]]]
) -> None:
    address, turtle = writable.graph("shared"), "text/turtle"
    assert java("PUT", address, said("a", "first"), Content_Type=turtle)[0] == 201
    _, headers = java("HEAD", address, "", Accept=turtle)
    tag = headers["etag"]
    second = java("PUT", address, said("a", "second"), Content_Type=turtle, If_Match=tag)
    assert second[0] == 204
    third = java("PUT", address, said("a", "third"), Content_Type=turtle, If_Match=tag)
    assert third[0] == 412
    assert writable.triples("shared") == {said("a", "second")}
    assert java("DELETE", address, "")[0] == 204
    assert java("DELETE", address, "")[0] == 404


def test_java_sends_a_change_twice_and_it_is_made_once(
    writable: Writable, java: Callable[..., tuple[int, dict[str, str]]]
) -> None:
    text = "INSERT { GRAPH <http://example.org/once> { ?new <http://example.org/is> 1 } } WHERE { BIND (UUID() AS ?new) }"  # noqa: E501 -- one update
    options = {"Content_Type": "application/sparql-update", "Idempotency_Key": "from-java"}
    status, first = java("POST", writable.sparql, text, **options)
    again, second = java("POST", writable.sparql, text, **options)
    assert (status, again) == (204, 204)
    assert second["idempotency-replayed"] == "true"
    assert first["x-commit"] == second["x-commit"]
    assert len(writable.triples("once")) == 1
    assert java("POST", writable.sparql, f"{text} # other", **options)[0] == 422


def test_curl_sends_several_files_at_once(writable: Writable) -> None:
    turtle = writable.file("one.ttl", said("a", "Turtle"))
    xml = writable.file(
        "two.rdf",
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns:e="http://example.org/"><rdf:Description rdf:about="http://example.org/b">'
        "<e:says>RDF/XML</e:says></rdf:Description></rdf:RDF>",
    )
    curl = [program("curl"), "--silent", "--show-error", "--fail-with-body"]
    forms = ["--form", f"a=@{turtle};type=text/turtle"]
    forms += ["--form", f"b=@{xml};type=application/rdf+xml"]
    header = ["--header", f"Authorization: Bearer {TOKEN}"]
    run([*curl, *header, *forms, writable.graph("several")])
    assert writable.triples("several") == {said("a", "Turtle"), said("b", "RDF/XML")}
