"""What machines watch: health and metrics, checked against what was done before."""

import http.client
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families

from server.metrics import OPERATIONS

from .conftest import Serve, Server, publish, wait_until
from .writers import OURS, Writer, writing

POINT = "SELECT ?o { <http://example.org/a> <http://example.org/age> ?o }"
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture(scope="module")
def writer(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Writer]:
    """A server that takes writes."""
    store = tmp_path_factory.mktemp("watched") / "store"
    publish(store)
    with writing(serve, store) as each:
        yield each


def samples(url: str) -> Samples:
    """Return the metrics as a reader of theirs understands them."""
    response = httpx2.get(f"{url}/metrics")
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def value(found: Samples, name: str, **labels: str) -> float:
    return found.get((f"metapole_{name}", frozenset(labels.items())), 0.0)


def test_health_of_a_server_that_reads(server: Server) -> None:
    response = httpx2.get(f"{server.url}/healthz")
    found = response.json()
    uptime = found.pop("uptime_s")
    assert (response.status_code, response.headers["cache-control"]) == (200, "no-store")
    assert found == {
        "live": True, "ready": True, "reasons": [], "generation": 1, "commit": 0, "writer": "off",
    }  # fmt: skip
    assert uptime >= 0


@pytest.mark.parametrize("path", ["/healthz", "/healthz/live", "/healthz/ready"])
def test_health_is_told_without_a_body_as_well(server: Server, path: str) -> None:
    got, head = httpx2.get(server.url + path), httpx2.head(server.url + path)
    assert got.status_code == head.status_code == 200
    assert head.content == b""
    assert head.headers["cache-control"] == got.headers["cache-control"] == "no-store"
    assert httpx2.post(server.url + path).status_code == 405


def test_a_writer_that_dies_idle_is_told_of_and_replaced(writer: Writer) -> None:
    def is_ready() -> bool:
        return httpx2.get(f"{writer.server.url}/healthz/ready").status_code == 200

    wait_until(is_ready)
    assert httpx2.get(f"{writer.server.url}/healthz").json()["writer"] == "up"
    first = writer.server.writer
    os.kill(first, signal.SIGSTOP)  # so that no other is started before we have looked
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: not is_ready())
    wait_until(is_ready)
    assert writer.server.writer != first
    assert (
        writer.update(f"INSERT DATA {{ GRAPH <{OURS}g> {{ <x:s> <x:p> 1 }} }}").status_code == 204
    )


def test_a_server_without_readers_is_alive_and_not_ready(serve: Serve, small_store: Path) -> None:
    with serve(small_store, "--readers", 1, "--limit", "query.spares=0") as server:
        os.kill(server.readers[0], signal.SIGKILL)
        seen: list[httpx2.Response] = []

        def is_unready() -> bool:
            seen.append(httpx2.get(f"{server.url}/healthz/ready"))
            return seen[-1].status_code == 503

        wait_until(is_unready)
        assert seen[-1].json()["reasons"] == [
            "no reader is there that could answer on the current generation"
        ]
        assert httpx2.get(f"{server.url}/healthz/live").status_code == 200
        wait_until(lambda: not is_unready())


def test_requests_are_counted_by_what_they_are_for(writer: Writer) -> None:
    url, graph = writer.server.url, f"{writer.server.url}/graph-store"
    before = samples(url)
    for _ in range(3):
        assert writer.server.ask(POINT).status_code == 200
    assert writer.server.ask("SELECT {").status_code == 400
    assert httpx2.get(f"{graph}?default").status_code == 200
    assert httpx2.get(writer.server.sparql, headers={"Accept": "text/turtle"}).status_code == 200
    assert httpx2.get(f"{url}/nothing").status_code == 404
    assert (
        writer.update(f"INSERT DATA {{ GRAPH <{OURS}c> {{ <x:s> <x:p> 2 }} }}").status_code == 204
    )
    assert writer.update("CLEAR GRAPH <https://w3id.org/metapole/graph/union>").status_code == 403
    assert writer.send("PUT", f"/graph-store?graph={OURS}d", "<x:s> <x:p> 3 .").status_code == 201
    assert writer.send("DELETE", f"/graph-store?graph={OURS}d").status_code == 204
    after = samples(url)

    def more(name: str, **labels: str) -> float:
        return value(after, name, **labels) - value(before, name, **labels)

    counted = {each: more("request_seconds_count", operation=each) for each in OPERATIONS}
    assert counted == {
        "query": 4, "graph": 1, "document": 0, "page": 0, "update": 2, "graph-write": 1,
        "upload": 1, "validation": 0, "description": 1,
        "other": 2,  # what is not there, and the metrics before
    }  # fmt: skip
    assert more("request_seconds_bucket", operation="query", le="+Inf") == 4
    assert more("requests_total", operation="query", status="200") == 3
    assert more("requests_total", operation="query", status="400") == 1
    assert more("requests_total", operation="upload", status="201") == 1
    assert more("cache_misses_total") == 2  # the query and the graph
    assert more("cache_hits_total") == 2
    assert more("commits_total") == 3
    assert more("commit_seconds_count") == 3
    assert more("generation") == 3


def test_the_present_state_is_told(writer: Writer) -> None:
    found = samples(writer.server.url)
    stored = httpx2.get(f"{writer.server.url}/healthz").json()
    assert value(found, "generation") == stored["generation"]
    assert value(found, "readers_idle") + value(found, "readers_busy") == 3
    assert value(found, "writer_up") == 1
    assert value(found, "changes_waiting") == 0
    assert value(found, "connections") >= 1
    assert value(found, "processes", process="reader") == 3
    for process in ("front", "reader", "writer"):
        assert 5_000_000 < value(found, "resident_bytes", process=process) < 2_000_000_000
    started = found["process_start_time_seconds", frozenset()]
    stamp = Path(f"/proc/{writer.server.front}").stat().st_ctime
    assert abs(started - stamp) < 60


def test_readers_that_end_are_counted_by_why(serve: Serve, small_store: Path) -> None:
    numbers = " ".join(map(str, range(300)))
    endless = "".join(f"VALUES ?{name} {{ {numbers} }} " for name in "abcd")
    with serve(small_store, "--readers", 2, "--timeout", 1) as server:
        assert server.ask(f"SELECT (COUNT(*) AS ?n) {{ {endless} }}").status_code == 504
        found = samples(server.url)
        assert value(found, "readers_ended_total", reason="time") == 1
        os.kill(server.readers[0], signal.SIGKILL)
        wait_until(lambda: value(samples(server.url), "readers_ended_total", reason="lost") == 1)


def test_refusals_are_counted_by_what_there_was_too_much_of(
    serve: Serve, small_store: Path
) -> None:
    limits = ("client.errors-at-once=3", "client.errors-per-minute=1", "connection.head-bytes=500")
    options = [word for limit in limits for word in ("--limit", limit)]
    with serve(small_store, "--readers", 1, *options) as server:
        statuses = [server.ask("SELECT {").status_code for _ in range(6)]
        assert statuses == [400, 400, 400, 429, 429, 429]
        assert httpx2.get(server.url, headers={"X-Long": "x" * 1000}).status_code == 431
        found = samples(server.url)
        assert value(found, "refusals_total", reason="errors") == 3
        assert value(found, "connections_refused_total", status="431") == 1


def test_open_connections_are_counted(server: Server) -> None:
    before = value(samples(server.url), "connections")
    held = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(5)]
    wait_until(lambda: value(samples(server.url), "connections") == before + 5)
    for each in held:
        each.close()
    wait_until(lambda: value(samples(server.url), "connections") == before)


def test_nothing_that_a_client_sends_names_a_series(server: Server) -> None:
    before = set(samples(server.url))
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    for path in ("/a", "/b", "/graph/c", "/sparql?x=y", "/sparql/../z"):
        connection.request("GET", path, headers={"X-Request-Id": "mine"})
        connection.getresponse().read()
    connection.close()
    new = {name for name, _ in set(samples(server.url)) - before}
    assert new <= {"metapole_requests_total", "metapole_requests_created"}
    labels = {label for _, labels in samples(server.url) for label in labels}
    assert not [each for _, each in labels if "/" in each or each == "mine"]
