"""The access log: a line per request, which nobody can forge, and nothing in it that is secret."""

import io
import json
import logging
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.asker import Asker
from server.access import AccessLog, Exchange, LogLimits, fields_of, request_id
from server.logs import visible

from .conftest import ROOT, Serve, Server, publish, wait_until
from .writers import OURS, TOKENS, Writer, writing

POINT = "SELECT ?o { <http://example.org/a> <http://example.org/age> ?o }"
SECRET = "what-is-only-for-us"  # noqa: S105 -- it stands for what is in data
FORGED = '{"event": "request", "request_id": "forged"}'
Line = dict[str, Any]


@pytest.fixture(scope="module")
def writer(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Writer]:
    store = tmp_path_factory.mktemp("logged") / "store"
    publish(store)
    with writing(serve, store) as each:
        yield each


def lines(server: Server) -> list[Line]:
    """Return all lines of the log; each has to be JSON of its own."""
    return [json.loads(line) for line in server.log.read_text().splitlines()]


def line(server: Server, name: str) -> Line:
    """Return the line about the request *name*, when it is there."""

    def found() -> list[Line]:
        return [
            each for each in lines(server)
            if each.get("request_id") == name and each["event"] == "request"
        ]  # fmt: skip

    wait_until(found)
    (only,) = found()
    return only


def test_a_query_has_a_line(server: Server) -> None:
    for _ in range(2):  # the second is answered from the cache
        response = httpx2.get(
            server.sparql,
            params={"query": f"{POINT} #\t{'x' * 300}"},
            headers={"Accept": "text/csv"},
        )
        told = line(server, response.headers["x-request-id"])
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", told.pop("time"))
        assert told.pop("ms") > 0
        assert re.fullmatch("[0-9a-f]{16}", told.pop("fingerprint"))
        assert told.pop("request_id") == response.headers["x-request-id"]
        assert told == {
            "level": "info", "event": "request", "method": "GET", "path": "/sparql",
            "operation": "query", "status": 200, "bytes": len(response.content),
            "client": "127.0.0.1", "generation": 1,
            "query": f"{POINT} #\\t{'x' * 300}"[:201],
        }  # fmt: skip


def test_queries_of_one_shape_have_one_fingerprint(server: Server) -> None:
    names = [
        server.ask(text).headers["x-request-id"]
        for text in (
            "SELECT * { ?s <x:p> 1 }", "PREFIX x: <x:> SELECT * {  ?s x:p 2 }",
            "SELECT * { ?s ?p 1 }",
        )
    ]  # fmt: skip
    first, _, other = (line(server, name)["fingerprint"] for name in names)
    assert first != other


@pytest.mark.parametrize(
    ("sent", "is_taken"),
    [("abc.DEF_1-2", True), ("x" * 64, True), ("x" * 65, False), ("a b", False), ("", False),
     ('"', False), ("é", False), ("a;b", False)],
)  # fmt: skip
def test_a_sane_request_id_is_taken(server: Server, sent: str, is_taken: bool) -> None:
    response = httpx2.get(
        server.sparql, params={"query": "ASK {"}, headers=[(b"X-Request-Id", sent.encode())]
    )
    told = response.headers["x-request-id"]
    assert (told == sent) == is_taken
    assert re.fullmatch("[A-Za-z0-9._-]{1,64}", told)
    assert response.json()["request_id"] == told
    assert line(server, told)["status"] == 400


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", "/nothing", 404), ("PATCH", "/sparql", 405), ("GET", "/sparql?query=ASK", 400),
        ("GET", "/graph/none", 404), ("PUT", "/graph/none", 405),
    ],
)  # fmt: skip
def test_every_answer_names_its_request(
    server: Server, method: str, target: str, status: int
) -> None:
    response = httpx2.request(method, server.url + target, headers={"Accept": "text/turtle"})
    told = line(server, response.headers["x-request-id"])
    assert response.status_code == told["status"] == status
    assert response.json()["request_id"] == response.headers["x-request-id"]
    assert told["path"] == target.partition("?")[0]


def test_what_is_logged_meanwhile_has_the_id_of_the_request(
    serve: Serve, small_store: Path
) -> None:
    numbers = " ".join(map(str, range(300)))
    endless = f"SELECT * {{ {''.join(f'VALUES ?{each} {{ {numbers} }} ' for each in 'abcd')} }}"
    # On a busy machine it takes a while until so much is said that the answer has begun.
    with serve(small_store, "--readers", 1, "--timeout", 4) as server:
        with pytest.raises(httpx2.RemoteProtocolError):
            httpx2.post(
                server.sparql,
                data={"query": endless},
                headers={"X-Request-Id": "long"},
                timeout=60,
            )
        told = line(server, "long")
        (warning,) = [each for each in lines(server) if "cut short" in each["event"]]
    assert warning["request_id"] == "long"
    assert (told["status"], told["is_cut_short"]) == (200, True)
    assert told["bytes"] > 100_000


HOSTILE = [
    "\r\n",
    "\n",
    "\x00",
    "\x1b[2J",
    "\x7f",
    "\u0085",
    "\u2028",
    "\u202e",
    "\ud7ff",
    '"',
    "é",
]


@pytest.mark.parametrize("mark", HOSTILE, ids=lambda mark: mark.encode("unicode_escape").decode())
def test_nobody_forges_a_line(server: Server, mark: str) -> None:
    text = f"{POINT} #{mark}{FORGED}"
    before = len(lines(server))
    answers = [
        server.ask(text),
        httpx2.get(f"{server.url}/{quote(mark + FORGED)}"),
        httpx2.get(f"{server.url}/graph/{quote(mark + FORGED)}"),
        httpx2.get(f"{server.url}/healthz/{quote(mark)}", headers={"User-Agent": FORGED}),
    ]
    for response in answers:
        line(server, response.headers["x-request-id"])
    new = lines(server)[before:]
    assert [each.get("request_id") for each in new] == [
        each.headers["x-request-id"] for each in answers
    ]
    assert all(each.isascii() for each in server.log.read_text().splitlines())


def test_raw_bytes_forge_no_line_either(server: Server) -> None:
    before = len(lines(server))
    for target in (b"/\x85\xe2\x80\xa8{}", b"/\x1b[2J", b"/\xff\xfe?\x80"):
        with socket.create_connection(("127.0.0.1", server.port), timeout=20) as raw:
            raw.sendall(
                b"GET %b HTTP/1.1\r\nHost: x\r\nX-Request-Id: \x80\xff\r\nConnection: close\r\n\r\n"
                % target
            )
            assert raw.recv(10_000).startswith(b"HTTP/1.1 4")
    response = server.ask(POINT)
    line(server, response.headers["x-request-id"])
    assert all(each["event"] == "request" for each in lines(server)[before:])


def test_nothing_secret_is_in_the_log(writer: Writer) -> None:
    server, token = writer.server, TOKENS["updater"][1]
    update = f"INSERT DATA {{ GRAPH <{OURS}{SECRET}> {{ <x:s> <x:p> '{SECRET}' }} }}"
    asked = {"query": f"ASK {{ ?s ?p '{token}' }}", "access_token": SECRET}
    names = [
        writer.update(update),
        writer.update(f"{update} ; CLEAR XYZ"),
        writer.send("PUT", "/graph-store?default", f"<x:s> <x:p> '{SECRET}' ."),
        writer.send("PUT", "/graph-store?default", f"<x:s> <x:p> '{SECRET}"),
        httpx2.get(server.sparql, params={"query": update}),
        httpx2.post(server.sparql, data={"query": f"{update} nonsense"}),
        httpx2.get(server.sparql, params={"query": f"ASK {{ '{SECRET}"}),
        httpx2.get(server.sparql, params=asked, headers={"Authorization": f"Bearer {token}"}),
        httpx2.get(f"{server.url}/metapole_{SECRET}"),
        httpx2.get(
            f"{server.url}/{SECRET}", headers={"Cookie": SECRET, "Authorization": SECRET}
        ),
    ]  # fmt: skip
    told = [line(server, each.headers["x-request-id"]) for each in names]
    assert [each["status"] for each in told][:4] == [204, 400, 204, 400]
    assert "query" not in told[0]
    assert re.fullmatch("[0-9a-f]{16}", told[0]["fingerprint"])
    assert told[7]["query"] == "ASK { ?s ?p '[token]' }"
    log = server.log.read_text()
    assert SECRET not in log
    assert token not in log


def test_what_machines_ask_for_is_logged_when_it_fails(server: Server) -> None:
    quiet = [
        httpx2.get(f"{server.url}{path}") for path in ("/healthz", "/healthz/live", "/metrics")
    ]
    loud = httpx2.post(f"{server.url}/healthz")
    line(server, loud.headers["x-request-id"])
    names = {each.get("request_id") for each in lines(server)}
    assert not names & {each.headers["x-request-id"] for each in quiet}


def test_a_client_that_leaves_is_no_mistake_of_ours(writer: Writer) -> None:
    server = writer.server
    numbers = " ".join(map(str, range(300)))
    endless = f"ASK {{ {''.join(f'VALUES ?{each} {{ {numbers} }} ' for each in 'abcd')} ?s ?p ?a }}"
    body = f"query={quote(endless)}".encode()
    form = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}"
    turtle = f"Content-Type: text/turtle\r\nAuthorization: Bearer {TOKENS['updater'][1]}"
    cases = {
        "evaluating": f"POST /sparql HTTP/1.1\r\n{form}\r\n\r\n".encode() + body,
        "half-a-form": f"POST /sparql HTTP/1.1\r\n{form}\r\n\r\n".encode() + body[:100],
        "half-a-graph": (
            f"PUT /graph-store?default HTTP/1.1\r\n{turtle}\r\nContent-Length: 99\r\n\r\n<x:s>"
        ).encode(),
    }
    for name, content in cases.items():
        head, rest = content.split(b"\r\n", 1)
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            client.sendall(head + f"\r\nHost: x\r\nX-Request-Id: {name}\r\n".encode() + rest)
            wait_until(lambda: _is_at_work(server))
        assert line(server, name)["status"] == 499
    assert "Traceback" not in server.log.read_text()


def _is_at_work(server: Server) -> bool:
    """Tell whether the server has had time to see the request."""
    return httpx2.get(f"{server.url}/healthz/live").status_code == 200


def test_a_traceback_stays_in_its_line_and_names_the_request() -> None:
    """In a program of its own: nothing that a client can send makes one."""
    program = """
import logging
from graph.asker import ASKER, Asker
from server.logs import Log
log = Log("{form}")
log.start()
ASKER.set(Asker("one"))
try:
    raise ZeroDivisionError("first\\n2026-11-21 01:02:03,004 INFO forged")
except ZeroDivisionError:
    logging.getLogger("metapole.server").exception("GET %s failed", "/x\\r\\nforged")
log.finish()
"""
    as_json, as_text = (
        subprocess.run(
            [sys.executable, "-c", program.replace("{form}", form)],
            cwd=ROOT, capture_output=True, text=True, check=True,
        ).stderr
        for form in ("json", "text")
    )  # fmt: skip
    (only,) = as_json.splitlines()
    told = json.loads(only)
    assert (told["level"], told["request_id"]) == ("error", "one")
    assert told["exception"].startswith("Traceback (most recent call last)")
    first, *rest = as_text.splitlines()
    assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} ERROR GET /x\\r", first)
    assert all(each.startswith("    ") for each in rest)
    assert any("forged" in each for each in rest)


def test_text_is_for_people(serve: Serve, small_store: Path) -> None:
    with serve(small_store, "--readers", 1, "--log", "text") as server:
        name = server.ask(f"{POINT} #\x1b[2J\n# 2026").headers["x-request-id"]
        wait_until(lambda: name in server.log.read_text())
        (told,) = [each for each in server.log.read_text().splitlines() if name in each]
    assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} INFO request request_id=", told)
    assert 'path="/sparql" operation=query status=200' in told
    assert "\\\\x1b[2J\\\\n# 2026" in told


@given(st.text())
def test_what_is_visible_is_one_line_and_loses_nothing(text: str) -> None:
    shown = visible(text)
    assert shown.isprintable()
    assert shown.splitlines() in ([], [shown])
    if text.isprintable():
        assert shown == text


class Collected(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.fixture
def collected() -> Iterator[Collected]:
    handler, log = Collected(), logging.getLogger("metapole.access")
    level = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    yield handler
    log.removeHandler(handler)
    log.setLevel(level)


def exchange(**scope: object) -> Exchange:
    async def send(_: object) -> None:
        """Take it."""

    whole: dict[str, Any] = {"method": "GET", "path": "/x", "raw_path": b"/x", "headers": []}
    return Exchange(whole | scope, send, Asker("id", "10.0.0.1"))


def test_no_more_lines_are_written_than_were_asked_for(collected: Collected) -> None:
    clock = [100.0]
    log = AccessLog(LogLimits(lines_per_s=3), lambda: clock[0])
    for _ in range(10):
        log.tell(exchange())
    assert [each.getMessage() for each in collected.records] == ["request"] * 3
    clock[0] += 1
    log.tell(exchange())
    assert [each.getMessage() for each in collected.records[3:]] == [
        "requests left out of the log: 7", "request",
    ]  # fmt: skip


def test_a_long_path_is_cut(collected: Collected) -> None:
    AccessLog().tell(exchange(raw_path=b"/" + b"x" * 5000))
    (record,) = collected.records
    assert len(record.__dict__["fields"]["path"]) == 200


def test_who_is_named_by_a_proxy_is_named_in_one_word() -> None:
    one = exchange()
    one.asker.client = "10.0.0.1\n" + "x" * 500
    assert fields_of(one)["client"] == "10.0.0.1\\n" + "x" * 55


def test_ids_of_ours_differ() -> None:
    assert len({request_id(()) for _ in range(1000)}) == 1000


LOSING = """
import logging, os, threading, time
from server.logs import Log
log = Log("json")
log.start()
os.set_blocking(2, True)
for number in range(15_000):
    logging.getLogger("metapole.test").warning("%d %s", number, "x" * 200)
print("not held up", flush=True)
input()
logging.getLogger("metapole.test").warning("at last")
log.finish()
"""


def test_lines_that_nobody_read_are_counted() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", LOSING],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as program:  # fmt: skip
        assert program.stdin is not None
        assert program.stdout is not None
        assert program.stdout.readline() == "not held up\n"
        program.stdin.write("\n")
        _, errors = program.communicate(timeout=30)
    told = [json.loads(each) for each in io.StringIO(errors)]
    missing = sum(int(each["event"].split()[0]) for each in told if "are missing" in each["event"])
    written = sum("xxx" in each["event"] or each["event"] == "at last" for each in told)
    assert written + missing == 15_001
    assert missing > 0
