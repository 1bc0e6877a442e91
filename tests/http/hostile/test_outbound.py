"""Whatever names another server: nobody is called."""

import pytest

from .attacker import QUERY, UPDATE, Answer, Attacker
from .conftest import Scene

pytestmark = pytest.mark.hostile

ADDRESSES = [
    "http://127.0.0.1:PORT/", "http://[::1]:PORT/", "http://127.9.9.9:PORT/",
    "http://localhost:PORT/",
    "http://2130706433:PORT/", "http://0x7f000001:PORT/", "http://0177.0.0.1:PORT/",
    "http://127.1:PORT/", "http://0:PORT/", "http://[::ffff:127.0.0.1]:PORT/",
    "http://[0:0:0:0:0:ffff:7f00:1]:PORT/", "http://user:word@127.0.0.1:PORT/",
    "http://example.org@127.0.0.1:PORT/", "http://127.0.0.1.:PORT/", "http://localhost.:PORT/",
    "http://169.254.169.254/latest/meta-data/", "http://[fd00:ec2::254]/", "http://127.0.0.1:22/",
    "https://127.0.0.1:PORT/", "ftp://127.0.0.1:PORT/", "gopher://127.0.0.1:PORT/_x",
    "file:///etc/passwd", "file://127.0.0.1/etc/passwd", "data:text/turtle,<x:s><x:p><x:o>",
    "jar:http://127.0.0.1:PORT/!/", "unix:/var/run/docker.sock", "ws://127.0.0.1:PORT/",
    "http://hostile.invalid/", "http://127.0.0.1.nip.io:PORT/", "HTTP://127.0.0.1:PORT/",
    "http://127.0.0.1:PORT/redirect?to=http://169.254.169.254/", "//127.0.0.1:PORT/",
    "http:\\\\u002F/127.0.0.1:PORT/",
]  # fmt: skip
SERVICES = [
    "SELECT * {{ SERVICE <{0}> {{ ?s ?p ?o }} }}",
    "SELECT * {{ SERVICE SILENT <{0}> {{ ?s ?p ?o }} }}",
    "SELECT * {{ {{ SELECT * {{ service <{0}> {{ ?s ?p ?o }} }} }} }}",
    "ASK {{ FILTER EXISTS {{ SERVICE <{0}> {{ ?s ?p ?o }} }} }}",
    "ASK {{ FILTER NOT EXISTS {{ SERVICE SILENT <{0}> {{}} }} }}",
    "SELECT * {{ BIND(<{0}> AS ?x) SERVICE ?x {{ ?s ?p ?o }} }}",
    "SELECT * {{ VALUES ?x {{ <{0}> }} SERVICE SILENT ?x {{ ?s ?p ?o }} }}",
    "PREFIX e: <{0}> SELECT * {{ SERVICE e: {{ ?s ?p ?o }} }}",
    "BASE <{0}> SELECT * {{ SERVICE <> {{ ?s ?p ?o }} }}",
    "CONSTRUCT {{ ?s ?p ?o }} {{ OPTIONAL {{ SERVICE <{0}> {{ ?s ?p ?o }} }} }}",
    "DESCRIBE ?s {{ GRAPH ?g {{ SERVICE <{0}> {{ ?s ?p ?o }} }} }}",
    "SELECT * {{ SeRvIcE#x\n<{0}>{{ ?s ?p ?o }} }}",
    "SELECT * {{ \\u0053ERVICE <{0}> {{ ?s ?p ?o }} }}",
    "SELECT (EXISTS {{ SERVICE <{0}> {{}} }} AS ?x) {{}}",
    "SELECT * {{ ?s ?p ?o MINUS {{ SERVICE <{0}> {{ ?s ?p ?o }} }} }}",
    "SELECT * {{}} ORDER BY EXISTS {{ SERVICE <{0}> {{}} }}",
    "SELECT * {{}} HAVING(EXISTS {{ SERVICE <{0}> {{}} }})",
]
UPDATES = [
    "LOAD <{0}>",
    "LOAD SILENT <{0}>",
    "LOAD <{0}> INTO GRAPH <http://example.org/big>",
    "BASE <{0}> LOAD <>",
    "PREFIX e: <{0}> LOAD e:",
    "LO\\u0041D <{0}>",
    "ADD <{0}> TO <http://example.org/none>",
    "INSERT {{ ?s ?p ?o }} WHERE {{ SERVICE <{0}> {{ ?s ?p ?o }} }}",
    "DELETE {{ ?s ?p ?o }} WHERE {{ SERVICE SILENT <{0}> {{ ?s ?p ?o }} }}",
    "DELETE WHERE {{ SERVICE <{0}> {{ ?s ?p ?o }} }}",
    "INSERT DATA {{ <x:s> <x:p> 1 }} ; LOAD <{0}>",
    "INSERT {{ <x:s> <x:p> 1 }} WHERE {{ FILTER EXISTS {{ SERVICE <{0}> {{}} }} }}",
]
REFUSED = {400, 409, 429}


@pytest.mark.parametrize("form", SERVICES)
def test_row_30_service(scene: Scene, attacker: Attacker, form: str) -> None:
    wrong: list[tuple[str, Answer]] = []
    for each in ADDRESSES:
        text = form.format(each.replace("PORT", str(scene.outbound.port)))
        answer = attacker.ask(text)
        if answer.status not in {400, 403}:
            wrong.append((each, answer))
        explained = attacker.send("POST", "/sparql?explain", text, QUERY)
        # What cannot be asked is told, and nobody is asked to find that out.
        if explained.status not in {200, 400}:
            wrong.append((each, explained))
    assert not wrong


@pytest.mark.parametrize("form", UPDATES)
def test_row_31_load_and_service_in_updates(scene: Scene, attacker: Attacker, form: str) -> None:
    wrong: list[tuple[str, Answer]] = []
    for each in ADDRESSES:
        text = form.format(each.replace("PORT", str(scene.outbound.port)))
        answer = attacker.send("POST", "/sparql", text, UPDATE, "updater")
        # SILENT asks for success whatever comes of it (SPARQL 1.1 Update, 3.1.4): nothing does.
        if answer.status not in REFUSED | ({204} if "LOAD SILENT" in form else set[int]()):
            wrong.append((each, answer))
    assert not wrong


@pytest.mark.parametrize("address", ADDRESSES)
def test_row_32_graphs_that_are_elsewhere(scene: Scene, attacker: Attacker, address: str) -> None:
    """They are names here, of graphs that are not there."""
    iri = address.replace("PORT", str(scene.outbound.port))
    for text in (
        "SELECT * FROM <{}> {{ ?s ?p ?o }}",
        "SELECT * FROM NAMED <{}> {{ GRAPH ?g {{ ?s ?p ?o }} }}",
        "SELECT * {{ GRAPH <{}> {{ ?s ?p ?o }} }}",
    ):
        answer = attacker.ask(text.format(iri))
        assert answer.status in {200, 400}
        assert len(answer.body.splitlines()) <= 1 or answer.status == 400
    for name in ("default-graph-uri", "named-graph-uri"):
        answer = attacker.get("SELECT * { ?s ?p ?o }", **{name: iri})
        assert answer.status in {200, 400}
        assert b"root:" not in answer.body
    described = attacker.ask(f"DESCRIBE <{iri}>")
    assert described.status in {200, 400}
    assert b"root:" not in described.body
    stored = attacker.send("GET", f"/graph-store?graph={iri.replace('?', '%3F')}")
    assert stored.status in {404, 400}


@pytest.mark.parametrize("name", [
    "Location", "Content-Location", "Link", "Destination", "Referer", "X-Forwarded-For",
    "X-Forwarded-Host", "Forwarded", "Host",
])  # fmt: skip
def test_headers_that_name_addresses(scene: Scene, attacker: Attacker, name: str) -> None:
    address = f"127.9.9.9:{scene.outbound.port}"
    for target in ("/sparql", "/graph-store?default", "/graph/x", "/", "/healthz"):
        answer = attacker.send("GET", target, **{name: address})
        assert answer.status in {200, 404}
        assert address.encode() not in answer.body
        assert address not in str(answer.headers)
