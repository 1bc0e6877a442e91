"""A server where the kernel filters no system calls: it says so, and does all that others do."""

import json
import os
import platform
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from graph.namespaces import RDF
from tests.thoroughness import one_in, tried

from .conftest import ROOT, Serve, publish, wait_until
from .test_serving import ENDLESS, HUNGRY, LONG, POINT, POINT_ANSWER, asked
from .test_validate import BAD
from .without_a_filter import NUMBERS
from .writers import OURS, Writer, indirect, writing

THROUGH = (sys.executable, str(Path(__file__).with_name("without_a_filter.py")))
LACK = "no filter of system calls (Function not implemented)"
OFF = "opening files and sockets is off altogether instead"

pytestmark = pytest.mark.skipif(
    platform.system() != "Linux" or platform.machine() not in NUMBERS,
    reason="what is missing elsewhere can be taken away on Linux only, on x86-64 and ARM64",
)


@pytest.fixture(scope="module")
def writer(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Writer]:
    store = tmp_path_factory.mktemp("unfiltered") / "store"
    publish(store)
    options = (
        "--timeout", 6, "--memory", 64, "--validate", "reject", "--default-graph", "union"
    )  # fmt: skip
    with writing(serve, store, *options, through=THROUGH, in_place=True) as each:
        yield each


def limits_of(process: int) -> dict[str, str]:
    lines = Path(f"/proc/{process}/limits").read_text().splitlines()[1:]
    return {line[:26].strip(): line[26:].split()[0] for line in lines}


def test_what_is_missing_is_said_at_the_start(writer: Writer) -> None:
    expected = {
        f"the sandbox of readers and parsers lacks something here: {LACK}; {OFF}",
        f"the sandbox of the writer lacks something here: {LACK}",
    }
    # Queries are answered, and that is said, while the writer still comes up.
    wait_until(
        lambda: (
            expected
            <= {json.loads(line)["event"] for line in writer.server.log.read_text().splitlines()}
        )
    )


def test_readers_can_open_nothing(writer: Writer) -> None:
    wait_until(lambda: len(writer.server.readers) == 3)
    wait_until(
        lambda: all(limits_of(each)["Max open files"] == "0" for each in writer.server.readers)
    )
    for reader in writer.server.readers:
        status = Path(f"/proc/{reader}/status").read_text()
        assert re.search(r"Seccomp_filters:\s+1", status), "the outer one alone"
        limits = limits_of(reader)
        assert limits["Max core file size"] == "0"
        assert limits["Max address space"] != "unlimited"


def test_a_service_call_that_reaches_a_reader_sends_nothing(tmp_path: Path) -> None:
    publish(tmp_path / "store")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        done = subprocess.run(
            [*THROUGH, sys.executable, "-c", STRAIGHT, str(tmp_path / "store"), str(port)],
            cwd=ROOT, capture_output=True, text=True, check=True, timeout=60,
        )  # fmt: skip
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()
    missing, *frames = json.loads(done.stdout)
    assert missing == [f"{LACK}; {OFF}"]
    ((kind, ending),) = frames
    assert (kind, "Too many open files" in json.loads(ending)["message"]) == ("E", True)


STRAIGHT = """
import asyncio, json, sys
from pathlib import Path
from graph.generations import current_generation
from graph.processes import frames
from graph.readers.process import Reader

async def work():
    reader = await Reader.on(current_generation(Path(sys.argv[1])), 512_000_000)
    await reader.send({
        "kind": "query", "text": "SELECT * { SERVICE <http://127.0.0.1:%s/> {} }" % sys.argv[2],
        "base_iri": "http://example.org/", "media_type": "text/csv", "default_graphs": [],
        "named_graphs": [], "default_graph": "union", "prefixes": {}, "evaluate": True,
        "seconds": 10,
    })
    said = [await reader.receive()]
    reader.kill()
    await reader.exit_status()
    print(json.dumps([reader.missing, *([kind.decode(), rest.decode()] for kind, rest in said)]))

asyncio.run(work())
"""


@pytest.mark.parametrize(
    ("text", "status"),
    [
        pytest.param(POINT, 200, id="point"),
        pytest.param(f"{POINT} # {'x' * 5_000}", 200, id="read by a reader"),
        pytest.param("CONSTRUCT WHERE { ?s ?p ?o }", 200, id="construct"),
        pytest.param("SELECT {", 400, id="wrong"),
        pytest.param(f"SELECT {{ # {'x' * 5_000}", 400, id="long and wrong"),
        pytest.param("ASK { SERVICE <http://127.0.0.1:1/> {} }", 403, id="SERVICE"),
        pytest.param("ASK { FILTER(<x:unknown>(1)) }", 501, id="unknown function"),
        pytest.param("SELECT (UUID() AS ?a) (RAND() AS ?b) (NOW() AS ?c) {}", 200, id="random"),
        pytest.param(ENDLESS, 504, id="time"),
        pytest.param(HUNGRY, 507, id="memory"),
    ],
)
def test_queries_are_answered_as_elsewhere(writer: Writer, text: str, status: int) -> None:
    accept = "text/csv, text/turtle"
    assert writer.server.ask(text, accept).status_code == status
    for _ in range(3):
        assert asked(writer.server, POINT) == POINT_ANSWER


def test_a_long_answer_that_is_cut_short_is_a_broken_transfer(writer: Writer) -> None:
    with pytest.raises(httpx2.RemoteProtocolError):
        writer.server.ask(LONG)


@pytest.mark.parametrize("media_type", ["text/csv", "application/sparql-results+xml"])
def test_each_change_is_seen_by_the_next_who_asks(writer: Writer, media_type: str) -> None:
    subject = f"<x:{media_type}>"
    for number in range(tried(2, 5)):
        done = writer.update(f"INSERT DATA {{ GRAPH <x:g> {{ {subject} <x:number> {number} }} }}")
        assert done.status_code == 204, done.text
        text = f"SELECT (MAX(?n) AS ?most) {{ {subject} <x:number> ?n }}"
        found = writer.server.ask(text, media_type)
        assert re.findall(rb"(?:\n|>)(\d+)(?:\r|<)", found.content) == [b"%d" % number]
        assert found.headers["x-generation"] == done.headers["x-generation"]


@pytest.mark.parametrize(
    ("content_type", "content"),
    one_in(
        2,
        [
            ("text/turtle", "<x:s> <x:p> <x:o> ."),
            ("application/ld+json", '{"@id": "x:s", "x:p": {"@id": "x:o"}}'),
            (
                "application/rdf+xml",
                f'<r:RDF xmlns:r="{RDF}" xmlns:x="x:"><r:Description r:about="x:s">'  # noqa: ISC004 -- one
                '<x:p r:resource="x:o"/></r:Description></r:RDF>',
            ),
        ],
    ),
)
def test_uploads_are_taken_and_validated(writer: Writer, content_type: str, content: str) -> None:
    target = indirect(f"{OURS}{content_type}")
    assert writer.send("PUT", target, content, content_type).status_code == 201
    assert writer.get(target).text == "<x:s> <x:p> <x:o> .\n"
    validated = writer.send("POST", "/validate", content, content_type, Accept="application/json")
    assert (validated.status_code, validated.json()["conforms"]) == (200, True)
    assert writer.send("PUT", target, "<x:s> <x:p> .", content_type).status_code == 400


def test_a_change_is_judged_by_the_shapes(writer: Writer) -> None:
    refused = writer.update(f"INSERT DATA {{ GRAPH <x:bad> {{ {BAD} }} }}")
    assert (refused.status_code, bool(refused.json()["findings"])) == (422, True)


def test_a_reader_that_dies_is_replaced(writer: Writer) -> None:
    for reader in writer.server.readers:
        os.kill(reader, 9)
    assert asked(writer.server, POINT) == POINT_ANSWER
    wait_until(lambda: len(writer.server.readers) == 3)
    assert "Traceback" not in writer.server.log.read_text()


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/", 200, ""),
        ("/cluster/minalogic", 200, "l. "),
        ("/clusters?country=france", 200, ""),
        ("/compare?c=minalogic&c=avia", 200, ""),
        ("/figures/turnover", 200, "<svg"),
        ("/questions/specialties-of-a-cluster", 200, ""),
        ("/quality", 200, ""),
        ("/quality/checks", 200, ""),
        ("/map", 200, "<svg"),
        ("/network", 200, "<svg"),
        ("/network.svg", 200, "<svg"),
        ("/ontology", 200, ""),
        ("/ontology/shapes", 200, ""),
        ("/ontology/shapes.ttl", 200, "sh:"),
        ("/help", 200, "SELECT"),
        ("/sparql?query=ASK%7B%7D", 200, ""),
        ("/data/context.jsonld", 200, "@context"),
        ("/data/cluster/minalogic.jsonld", 200, "@context"),
        ("/data/metapole-annotated.ttl", 200, "~ <"),
        ("/data/metapole.xlsx", 200, ""),
        ("/data/clusters.csv", 200, "Minalogic"),
        ("/data/questions.ttl", 200, "sh:select"),
        ("/.well-known/void", 200, "void:"),
        ("/map.png", 406, "open no font"),
        ("/search?q=minalogic", 501, "open no file"),
        ("/changes", 503, "cannot be read"),
        ("/feed.atom", 503, "cannot be read"),
    ],
)
def test_documents_are_written_as_elsewhere_or_it_is_said_why_not(
    unfiltered_site: str, path: str, status: int, said: str
) -> None:
    accept = "text/html, */*;q=0.9" if status == 200 else "*/*"
    answer = httpx2.get(unfiltered_site + path, headers={"Accept": accept}, timeout=60)

    assert answer.status_code == status, answer.text[:300]
    assert said in answer.text


@pytest.fixture(scope="module")
def unfiltered_site(serve: Serve, shipped_store: Path) -> Iterator[str]:
    with serve(shipped_store, "--readers", 2, through=THROUGH) as running:
        yield running.url
