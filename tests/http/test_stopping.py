"""A stop is gentle: nobody else gets in, what is there is answered, and nothing told is untrue."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from .conftest import Serve, Server, children, publish, wait_until
from .writers import OURS, Writer, writing

POINT = "SELECT ?o { <http://example.org/a> <http://example.org/age> ?o }"
NUMBERS = " ".join(map(str, range(300)))
PRODUCT = "".join(f"VALUES ?{name} {{ {NUMBERS} }} " for name in "abcd")
ENDLESS = f"SELECT (COUNT(*) AS ?n) {{ {PRODUCT} }}"
FIFTY = " ".join(map(str, range(50)))
A_WHILE = (
    f"SELECT (COUNT(*) AS ?n) {{ VALUES ?a {{ {NUMBERS} }} VALUES ?b {{ {NUMBERS} }} "
    f"VALUES ?c {{ {FIFTY} }} }}"
)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    publish(tmp_path / "store")
    return tmp_path / "store"


def is_refused(server: Server) -> bool:
    try:
        socket.create_connection(("127.0.0.1", server.port), timeout=5).close()
    except (ConnectionRefusedError, ConnectionResetError):  # it closed just while we came
        return True
    return False


def in_flight(server: Server) -> bool:
    """Tell whether a query is being evaluated."""
    return 'metapole_running{state="evaluating"} 1.0' in httpx2.get(f"{server.url}/metrics").text


def test_what_is_there_is_answered_and_nobody_else_gets_in(serve: Serve, store: Path) -> None:
    with serve(store, "--readers", 2) as server, ThreadPoolExecutor(1) as client:
        front = server.front
        idle = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        idle.request("GET", "/healthz")
        assert idle.getresponse().read()
        asked = client.submit(server.ask, A_WHILE)
        wait_until(lambda: in_flight(server))
        server.process.terminate()
        wait_until(lambda: is_refused(server))
        assert asked.result(30).text == "n\r\n4500000\r\n"
        assert server.process.wait(15) == 0
        assert not Path(f"/proc/{front}").exists()
        assert idle.sock is not None
        assert idle.sock.recv(1) == b""  # an idle connection was closed at once
        idle.close()
        assert "Traceback" not in server.log.read_text()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_it_at_once(serve: Serve, store: Path, number: signal.Signals) -> None:
    with serve(store, "--readers", 2, "--timeout", 60) as server, ThreadPoolExecutor(1) as client:
        asked = client.submit(server.ask, ENDLESS, timeout=60)
        wait_until(lambda: in_flight(server))
        front, readers = server.front, server.readers
        server.process.send_signal(number)
        wait_until(lambda: is_refused(server))
        assert server.process.poll() is None
        server.process.send_signal(number)
        server.process.wait(5)  # half of what the query would be waited for
        assert isinstance(asked.exception(10), httpx2.HTTPError)
        wait_until(lambda: not any(Path(f"/proc/{each}").exists() for each in (front, *readers)))


def test_a_signal_to_all_processes_stops_it_too(serve: Serve, store: Path) -> None:
    """As systemd sends it where the unit does not say `KillMode=mixed`."""
    with serve(store, "--readers", 2) as server:
        front = server.front
        for each in (*children(front), front, server.process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(each, signal.SIGTERM)
        assert server.process.wait(15) == 0
        assert "Traceback" not in server.log.read_text()


def numbers_of(writer: Writer) -> set[int]:
    response = writer.server.ask(f"SELECT ?n {{ GRAPH <{OURS}n> {{ ?s <x:is> ?n }} }}")
    assert response.status_code == 200, response.text
    return {int(each) for each in response.text.split()[1:]}


def test_no_acknowledged_write_is_lost_under_load(serve: Serve, store: Path) -> None:
    """A write is answered and there, or refused and not there; or nobody was told anything."""
    answers: dict[int, int | None] = {}
    reads: Counter[int | str] = Counter()
    numbers = iter(range(1_000_000))
    stop = threading.Event()

    def write(writer: Writer) -> None:
        while not stop.is_set():
            number = next(numbers)
            answers[number] = None
            update = f"INSERT DATA {{ GRAPH <{OURS}n> {{ <x:{number}> <x:is> {number} }} }}"
            with contextlib.suppress(httpx2.HTTPError):
                answers[number] = writer.update(update).status_code

    def read(writer: Writer) -> None:
        while not stop.is_set():
            try:
                reads[writer.server.ask(f"{POINT} #{time.monotonic()}").status_code] += 1
            except httpx2.HTTPError as error:
                reads[type(error).__name__] += 1
                time.sleep(0.01)

    with ThreadPoolExecutor(6) as clients:
        with writing(serve, store, in_place=True) as writer:
            work = [clients.submit(write, writer) for _ in range(4)]
            work += [clients.submit(read, writer) for _ in range(2)]
            wait_until(lambda: list(answers.values()).count(204) > 10, 60)
            writer.server.process.terminate()
            assert writer.server.process.wait(25) == 0
            stop.set()
            for each in work:
                each.result(30)
            assert "Traceback" not in writer.server.log.read_text()
        with writing(serve, store, in_place=True) as again:
            found = numbers_of(again)
    made = {number for number, status in answers.items() if status == 204}
    unknown = {number for number, status in answers.items() if status is None}
    assert {status for status in answers.values() if status} <= {204, 503}
    assert made <= found <= made | unknown
    assert set(reads) <= {200, 503, "ConnectError", "ReadError", "RemoteProtocolError"}, reads


def test_what_takes_too_long_is_told_so_and_a_write_that_does_is_not_made(
    serve: Serve, store: Path
) -> None:
    where = f"{PRODUCT} FILTER(?a + ?b + ?c + ?d < 0)"
    slow = f"INSERT {{ GRAPH <{OURS}n> {{ <x:1> <x:is> 1 }} }} WHERE {{ {where} }}"
    with ThreadPoolExecutor(2) as clients:
        both = ("--timeout", 60, "--limit", "client.parallel=2")
        with writing(serve, store, *both, in_place=True) as writer:
            server = writer.server
            asked = clients.submit(server.ask, ENDLESS, timeout=60)
            written = clients.submit(writer.update, slow)
            wait_until(lambda: in_flight(server) and _works(server.writer))
            front, readers = server.front, server.readers
            server.process.terminate()
            answer = asked.result(40)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
            assert "stopping" in answer.json()["detail"]
            refused = written.result(40)
            assert (refused.status_code, "nothing was changed" in refused.text) == (503, True)
            assert server.process.wait(25) == 0
            wait_until(
                lambda: not any(Path(f"/proc/{each}").exists() for each in (front, *readers))
            )
            assert "Traceback" not in server.log.read_text()
        with writing(serve, store, in_place=True) as again:
            assert numbers_of(again) == set()


def _works(process: int) -> bool:
    def spent() -> int:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return int(fields[11])

    before = spent()
    time.sleep(0.3)
    return spent() - before > 2  # of the thirty ticks, if nobody else has anything to do


class Systemd:
    """The end of the line on which systemd hears how a service is (sd_notify(3))."""

    def __init__(self, address: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(address)
        self._socket.settimeout(20)

    def hears(self, state: str) -> bool:
        while self._socket.recv(1000).decode() != state:
            pass
        return True

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def hearing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Systemd]]:
    """Listen at a path, or at a name that is in no file system, which begins with an @."""
    with contextlib.ExitStack() as listening:

        def at(name: str) -> Systemd:
            address = name if name.startswith("@") else f"{tmp_path}/{name}"
            monkeypatch.setenv("NOTIFY_SOCKET", address)
            listener = Systemd(address.replace("@", "\0", 1))
            listening.callback(listener.close)
            return listener

        yield at


def test_systemd_hears_how_it_is(
    serve: Serve, store: Path, hearing: Callable[[str], Systemd]
) -> None:
    systemd = hearing("notify")
    with serve(store, "--readers", 1) as server:
        assert systemd.hears("READY=1")
        assert systemd.hears("WATCHDOG=1")
        os.kill(server.front, signal.SIGKILL)
        assert systemd.hears("READY=1")  # of the next front
        server.process.terminate()
        assert systemd.hears("STOPPING=1")
        server.process.wait(15)


def test_a_systemd_in_no_file_system_hears_it_too(
    serve: Serve, store: Path, hearing: Callable[[str], Systemd]
) -> None:
    systemd = hearing(f"@metapole-test-{os.getpid()}")
    with serve(store, "--readers", 1):
        assert systemd.hears("READY=1")


def test_a_systemd_that_does_not_listen_holds_nothing_up(
    serve: Serve, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(store / "nobody"))
    with serve(store, "--readers", 1) as server:
        assert server.ask(POINT).text == "o\r\n36\r\n"


def test_what_a_front_leaves_behind_is_buried(serve: Serve, store: Path) -> None:
    """In a container orphans become children of the first process, which is the supervisor."""
    with serve(store, "--readers", 2) as server:
        subprocess.run(["true"], check=True)  # noqa: S607
        os.kill(server.front, signal.SIGKILL)
        wait_until(lambda: server.ask(POINT).status_code == 200)
        states = [
            Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()[0]
            for each in children(server.process.pid)
        ]
        assert "Z" not in states
