"""Ask the project a query of a test over HTTP: a server of its own, with the data of all tests.

Every file of data is a named graph in one store, called as the file is. A request then names the
graphs that the test is about, as the protocol has it (2.1.4).
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zlib
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from threading import Thread
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pyoxigraph as ox

from graph.errors import GraphError, NotAllowed, RemoteFailed, WriteRejected
from graph.formats import format_named
from graph.generations import COMMITS_GRAPH, publish_generation
from graph.namespaces import DERIVED_GRAPH
from server.problems import TITLES
from tests.spec.datasets import GraphStore, dataset_of, store_before

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping
    from pathlib import Path

    from tests.spec.datasets import DataFile
    from tests.spec.manifests import SpecTest
    from tests.spec.services import Addresses

_NO_GRAPH = "urn:x-metapole:no-graph"
_FORM = "application/x-www-form-urlencoded"
_IN_JSON = [("Accept", "application/sparql-results+json")]
_GRAPHS = "SELECT ?g { GRAPH ?g {} }"
_KEPT_BY_THE_SERVER = frozenset((COMMITS_GRAPH, DERIVED_GRAPH))
_KINDS = {title: kind for kind, title in TITLES.items()}


@dataclass(frozen=True, slots=True)
class Response:
    """What the server answered."""

    status: int
    headers: Mapping[str, str]
    """With names in lower case."""
    body: bytes


@dataclass(slots=True)
class Server:
    """A running server, and one connection to it that is kept open."""

    address: str
    host: str
    token: str = ""
    """What is sent with every request, where the server takes writes."""
    _connection: HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        self._connection = HTTPConnection(self.host, timeout=30)

    def send(
        self,
        method: str,
        target: str,
        headers: Iterable[tuple[str, str]] = (),
        body: bytes | None = None,
    ) -> Response:
        """Send exactly these headers, and besides them Host and the length of the body."""
        self._connection.putrequest(method, target, skip_accept_encoding=True)
        for name, value in headers:
            self._connection.putheader(name, value)
        if self.token:
            self._connection.putheader("Authorization", f"Bearer {self.token}")
        if body is not None or method in ("POST", "PUT"):
            self._connection.putheader("Content-Length", str(len(body or b"")))
        self._connection.endheaders(body)
        response = self._connection.getresponse()
        received = {name.lower(): value for name, value in response.getheaders()}
        return Response(response.status, received, response.read())

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


@contextmanager
def serving(
    store: Path, token_file: Path | None = None, token: str = "", federate: Iterable[str] = ()
) -> Generator[Server]:
    """Start a server on *store*, whose queries are about the store's own default graph.

    With a *token_file* it takes writes, and is sent the *token*, which is in the file. It may ask
    the endpoints to *federate* with.
    """
    options = ["--port", "0", "--store", store, "--default-graph", "own", "--readers", "2"]
    # Many hundreds of refusals in a minute are what the tests are about.
    options += ["--limit", "client.errors-at-once=100000"]
    options += ["--token-file", token_file] if token_file else []
    options += [option for url in federate for option in ("--federate", url)]
    process = subprocess.Popen(
        [sys.executable, "-m", "server", "serve", *map(str, options)],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr
    with process.stderr:
        said = ""
        while not (found := re.search(r"(http://(\S+))/sparql", said)):
            line = process.stderr.readline()
            assert line, said
            said += line
        # What the server has to say must go somewhere, or it would wait for us for ever.
        listener = Thread(target=process.stderr.read)
        listener.start()
        server = Server(found[1], found[2], token)
        try:
            yield server
        finally:
            server.close()
            process.terminate()
            process.wait(10)
            listener.join()


def publish_files(
    files: Iterable[DataFile], store: Path, addresses: Addresses | None = None
) -> None:
    """Make a store of *files*, each a graph of its own name; endpoints are named by *addresses*."""
    quads = [quad for file in files for quad in _named(file)]
    if addresses:
        quads = [_with_address(quad, addresses) for quad in quads]
    publish_generation(store, quads)


def _with_address(quad: ox.Quad, addresses: Addresses) -> ox.Quad:
    """Return *quad* with the address that an endpoint has here, if it names one in a test of it."""
    test = addresses.test_of(str(quad.graph_name)[1:-1])
    if test is None or not isinstance(quad.object, ox.NamedNode):
        return quad
    address = ox.NamedNode(addresses.there(test, quad.object.value))
    return ox.Quad(quad.subject, quad.predicate, address, quad.graph_name)


class OverHttp:
    """Asks a server, by GET, form and direct POST in turn; updates are sent to one of their own."""

    def __init__(self, server: Server, writable: Server, addresses: Addresses) -> None:
        self._addresses = addresses
        self._server = server
        self._writable = writable

    def answer(self, test: SpecTest, format_name: str) -> bytes:
        """Return the answer to the query of *test*; GraphError when there is none."""
        text = f"BASE <{test.text_iri}>\n{self._addresses.there(test, test.text)}"
        answer = self._ask(test, text, _graphs(test), format_named(format_name).media_type)
        return self._addresses.back(test, answer.decode()).encode()

    def check(self, test: SpecTest) -> None:
        """Return when the text of *test* is a query; GraphError when it is not answered."""
        with suppress(NotAllowed):  # it was read, and it asks nobody that is known here
            self._ask(test, test.text, [("default-graph-uri", _NO_GRAPH)], "*/*")

    def update(self, test: SpecTest) -> GraphStore:
        """Return what the update of *test* makes of its data; GraphError when it is not made."""
        server, before = self._writable, store_before(test)
        empty(server)
        for name in (None, *sorted(before.named_graphs)):
            put(server, name, before.triples(name))
        self._send_update(test, f"BASE <{test.text_iri}>\n{test.text}")
        answer = _done(server.send("GET", f"/sparql?{urlencode([('query', _GRAPHS)])}", _IN_JSON))
        rows = json.loads(answer.body)["results"]["bindings"]
        names = frozenset(row["g"]["value"] for row in rows) - _KEPT_BY_THE_SERVER
        quads = [quad for name in (None, *names) for quad in graph(server, name)]
        return GraphStore(tuple(quads), names)

    def check_update(self, test: SpecTest) -> None:
        """Return when the text of *test* is an update; GraphError when it is not taken."""
        empty(self._writable)
        with suppress(WriteRejected):  # it was read, and there is no such graph
            self._send_update(test, test.text)

    def _send_update(self, test: SpecTest, text: str) -> None:
        if zlib.crc32(test.iri.encode()) % 2:
            headers = [("Content-Type", _FORM)]
            body = urlencode([("update", text)])
        else:
            headers, body = [("Content-Type", "application/sparql-update")], text
        _done(self._writable.send("POST", "/sparql", headers, body.encode()))

    def _ask(self, test: SpecTest, text: str, graphs: list[tuple[str, str]], accept: str) -> bytes:
        return _done(self._send(test, text, graphs, accept)).body

    def _send(
        self, test: SpecTest, text: str, graphs: list[tuple[str, str]], accept: str
    ) -> Response:
        headers = [("Accept", accept)]
        fields = urlencode([("query", text), *graphs])
        match zlib.crc32(test.iri.encode()) % 3:
            case 0:
                return self._server.send("GET", f"/sparql?{fields}", headers)
            case 1:
                headers.append(("Content-Type", _FORM))
                return self._server.send("POST", "/sparql", headers, fields.encode())
            case _:
                headers.append(("Content-Type", "application/sparql-query"))
                target = f"/sparql?{urlencode(graphs)}"
                return self._server.send("POST", target, headers, text.encode())


def empty(server: Server) -> None:
    """Remove all that a test has left behind."""
    headers = [("Content-Type", "application/sparql-update")]
    _done(server.send("POST", "/sparql", headers, b"DROP ALL"))


def put(server: Server, name: str | None, triples: Iterable[ox.Triple]) -> None:
    """Make the graph *name*, or the default graph, of *triples*."""
    content = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES)
    headers = [("Content-Type", "application/n-triples")]
    _done(server.send("PUT", _graph_target(name), headers, content))


def graph(server: Server, name: str | None) -> Iterator[ox.Quad]:
    """Yield what is in the graph *name*, or in the default graph."""
    answer = _done(server.send("GET", _graph_target(name), [("Accept", "application/n-triples")]))
    graph_name = ox.NamedNode(name) if name else ox.DefaultGraph()
    for triple in ox.parse(answer.body, ox.RdfFormat.N_TRIPLES):
        yield ox.Quad(triple.subject, triple.predicate, triple.object, graph_name)


def _graph_target(name: str | None) -> str:
    return f"/graph-store?{urlencode([('graph', name)]) if name else 'default'}"


def _done(response: Response) -> Response:
    if 200 <= response.status < 300:
        return response
    problem = json.loads(response.body)
    kind = _KINDS.get(problem["title"], GraphError)
    kind = GraphError if issubclass(kind, RemoteFailed) else kind  # which have more to say
    raise kind(f"{problem['title']}: {problem['detail']}")


def _named(file: DataFile) -> Iterator[ox.Quad]:
    """Yield the quads of *file*, those of its default graph as a graph of its name."""
    name = ox.NamedNode(file.iri)
    for quad in file.quads():
        graph = quad.graph_name
        yield ox.Quad(
            quad.subject,
            quad.predicate,
            quad.object,
            name if isinstance(graph, ox.DefaultGraph) else graph,
        )


def _graphs(test: SpecTest) -> list[tuple[str, str]]:
    """Return the fields that name the dataset; none where the query itself does."""
    dataset = dataset_of(test)
    if dataset.is_named_in_query:
        return []
    named = [file.iri for file in dataset.named]
    for file in dataset.default:
        graphs = {quad.graph_name for quad in file.quads()}
        named += [graph.value for graph in graphs if isinstance(graph, ox.NamedNode)]
    default = [file.iri for file in dataset.default] or [_NO_GRAPH]
    return [
        *(("default-graph-uri", iri) for iri in default),
        *(("named-graph-uri", iri) for iri in named),
    ]
