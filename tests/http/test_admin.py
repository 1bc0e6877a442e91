"""What runs, for those who run the server, and the end of it when they say so."""

import http.client
import json
import os
import signal
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from server.scopes import scope_from_text
from server.token_changes import add_token

from .conftest import Serve, Server, publish, wait_until

ADMIN = {"Authorization": "Bearer a-token-for-whoever-runs-it"}
UPDATER = {"Authorization": "Bearer a-token-that-may-update"}
POINT = "SELECT ?o { <http://example.org/a> <http://example.org/age> ?o }"
NUMBERS = " ".join(map(str, range(300)))
PRODUCT = "".join(f"VALUES ?{name} {{ {NUMBERS} }} " for name in "abcd")
ENDLESS = f"SELECT (COUNT(*) AS ?n)\n{{ {PRODUCT} }}"
FEW = "".join(f"VALUES ?{name} {{ {NUMBERS[:50]} }} " for name in "abcdefghij")
SHORT = f"SELECT (COUNT(*) AS ?n) {{ {FEW} }}"
"""Endless, too, and read without a reader."""
LONG = f"SELECT * {{ {PRODUCT} }}"


@pytest.fixture(scope="module")
def administered(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with one reader, so that the second who asks waits."""
    folder = tmp_path_factory.mktemp("administered")
    publish(folder / "store")
    for name, text in (("admin", ADMIN), ("update", UPDATER)):
        value = text["Authorization"].removeprefix("Bearer ")
        add_token(folder / "tokens", name, [scope_from_text(name)], value)
    options = ("--token-file", folder / "tokens", "--readers", 1, "--timeout", 60)
    with serve(folder / "store", *options, "--limit", "client.parallel=9") as server:
        yield server


@pytest.fixture
def clients() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as each:
        yield each


def running(server: Server) -> dict[str, dict[str, Any]]:
    response = httpx2.get(f"{server.url}/admin/queries", headers=ADMIN)
    assert response.status_code == 200, response.text
    assert response.headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in response.headers
    return {each["id"]: each for each in response.json()["queries"]}


def ask(server: Server, text: str, name: str) -> httpx2.Response:
    headers = {"Accept": "text/csv", "X-Request-Id": name}
    return httpx2.post(server.sparql, data={"query": text}, headers=headers, timeout=60)


def stop(server: Server, name: str) -> httpx2.Response:
    return httpx2.delete(f"{server.url}/admin/queries/{name}", headers=ADMIN)


def stopped_by_admin(server: Server) -> float:
    for line in httpx2.get(f"{server.url}/metrics").text.splitlines():
        if line.startswith('metapole_readers_ended_total{reason="admin"}'):
            return float(line.split()[-1])
    return 0


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({}, 401, id="no token"),
        pytest.param({"Authorization": "Bearer of-nothing-known"}, 401, id="unknown token"),
        pytest.param(UPDATER, 403, id="scope update"),
        pytest.param({**ADMIN, "Origin": "https://evil.example"}, 403, id="another site"),
        pytest.param(ADMIN, 200, id="scope admin"),
    ],
)
def test_who_may_see_what_runs(administered: Server, headers: dict[str, str], status: int) -> None:
    address = f"{administered.url}/admin/queries"
    assert httpx2.get(address, headers=headers).status_code == status
    gone = httpx2.delete(f"{address}/nothing", headers=headers)
    assert gone.status_code == (404 if status == 200 else status)


def test_without_tokens_nobody_may(server: Server) -> None:
    for method, path in (("GET", "/admin/queries"), ("DELETE", "/admin/queries/x")):
        response = httpx2.request(method, server.url + path, headers=ADMIN)
        assert response.status_code == 403
        assert "no file of tokens" in response.json()["detail"]


def test_what_runs_is_listed_and_stopped(administered: Server, clients: ThreadPoolExecutor) -> None:
    before = stopped_by_admin(administered)
    evaluated = clients.submit(ask, administered, ENDLESS, "evaluated")
    wait_until(lambda: state(administered, "evaluated", "query") == "evaluating")
    waits = clients.submit(ask, administered, f"{POINT} # one more", "waits")
    wait_until(lambda: state(administered, "waits", "query") == "waiting")
    listed = running(administered)
    assert list(listed) == ["evaluated", "waits"]
    one, other = listed["evaluated"], listed["waits"]
    assert one["query"] == ENDLESS[:200]
    current = httpx2.get(f"{administered.url}/healthz").json()["generation"]
    assert (one["client"], one["generation"]) == ("127.0.0.1", current)
    assert one["reader"] in administered.readers
    assert one["seconds"] >= other["seconds"] > 0
    assert (other["reader"], other["generation"]) == (None, None)

    assert stop(administered, "waits").json() == {"stopped": 1}
    assert_stopped(waits, "waits")
    assert stopped_by_admin(administered) == before
    assert stop(administered, "evaluated").json() == {"stopped": 1}
    assert_stopped(evaluated, "evaluated")
    assert stopped_by_admin(administered) == before + 1
    assert running(administered) == {}
    assert stop(administered, "evaluated").status_code == 404
    assert administered.ask(POINT).text == "o\r\n36\r\n"


def state(server: Server, name: str, kind: str) -> str | None:
    """Return how far the request *name* is with a job of *kind*: a long text is first read."""
    found = running(server).get(name, {})
    return found.get("state") if found.get("kind") == kind else None


def assert_stopped(asked: Future[httpx2.Response], name: str) -> None:
    response = asked.result(30)
    document = response.json()
    assert response.status_code == 503
    assert response.headers["content-type"] == "application/problem+json"
    assert "stopped by an administrator" in document["detail"]
    assert document["request_id"] == response.headers["x-request-id"] == name


def test_an_answer_on_its_way_breaks_off(administered: Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", administered.port, timeout=60)
    connection.request("GET", f"/sparql?query={quote(LONG)}", headers={"X-Request-Id": "long"})
    response = connection.getresponse()
    assert response.status == 200
    wait_until(lambda: state(administered, "long", "query") == "streaming")
    assert stop(administered, "long").status_code == 200
    with pytest.raises(http.client.IncompleteRead):
        response.read()
    connection.close()
    assert running(administered) == {}
    assert administered.ask(POINT).text == "o\r\n36\r\n"
    assert "Traceback" not in administered.log.read_text()


def test_who_waits_for_the_same_answer_is_told_too(
    administered: Server, clients: ThreadPoolExecutor
) -> None:
    hits = _hits(administered)
    first = clients.submit(ask, administered, SHORT, "first")
    wait_until(lambda: state(administered, "first", "query") == "evaluating")
    second = clients.submit(ask, administered, SHORT, "second")
    wait_until(lambda: _hits(administered) > hits)
    assert list(running(administered)) == ["first"]
    stop(administered, "first")
    for each, name in ((first, "first"), (second, "second")):
        assert_stopped(each, name)


def _hits(server: Server) -> float:
    text = httpx2.get(f"{server.url}/metrics").text
    return float(text.partition("\nmetapole_cache_hits_total ")[2].split()[0])


def test_a_client_that_leaves_takes_its_query_from_the_list(administered: Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", administered.port, timeout=60)
    path = f"/sparql?query={quote(ENDLESS)}"
    connection.request("GET", path, headers={"X-Request-Id": "leaves"})
    wait_until(lambda: "leaves" in running(administered))
    connection.close()
    wait_until(lambda: running(administered) == {})


def test_of_an_update_no_text_is_listed(administered: Server, clients: ThreadPoolExecutor) -> None:
    blocker = clients.submit(ask, administered, ENDLESS, "blocker")
    wait_until(lambda: state(administered, "blocker", "query") == "evaluating")
    secret = "INSERT DATA { <x:s> <x:p> 'what nobody may read' }"  # noqa: S105 -- no password
    headers = {**UPDATER, "X-Request-Id": "change"}
    change = clients.submit(
        httpx2.post, administered.sparql, data={"update": secret}, headers=headers, timeout=60
    )
    wait_until(lambda: state(administered, "change", "plan") == "waiting")
    listed = running(administered)["change"]
    assert listed["query"] is None
    assert "nobody may read" not in json.dumps(listed)
    assert stop(administered, "change").status_code == 200
    assert change.result(30).status_code == 503
    stop(administered, "blocker")
    assert blocker.result(30).status_code == 503


def test_the_list_is_there_when_nobody_gets_through(serve: Serve, tmp_path: Path) -> None:
    publish(tmp_path / "store")
    add_token(
        tmp_path / "tokens", "admin", [scope_from_text("admin")],
        ADMIN["Authorization"].removeprefix("Bearer "),
    )  # fmt: skip
    options = ("--token-file", tmp_path / "tokens", "--readers", 1, "--limit", "client.parallel=1")
    with serve(tmp_path / "store", *options) as server, ThreadPoolExecutor(1) as client:
        asked = client.submit(ask, server, ENDLESS, "only")
        wait_until(lambda: state(server, "only", "query") == "evaluating")
        reader = running(server)["only"]["reader"]
        os.kill(reader, signal.SIGSTOP)  # even a reader that does nothing at all can be stopped
        assert stop(server, "only").json() == {"stopped": 1}
        assert asked.result(30).status_code == 503
