"""The command line: `metapole query` and `metapole serve` as programs."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from graph.generations.keeping import Policy, policy_of
from server.cli import COMMANDS

from .conftest import ROOT, Serve, Server, wait_until

SELECT = "SELECT ?o { <http://example.org/a> <http://example.org/age> ?o }"
CONSTRUCT = "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o } ORDER BY ?s ?p ?o"


def metapole(*arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "server", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, **options)  # type: ignore[call-overload,no-any-return]  # noqa: PLW1510


def test_every_command_has_help_with_an_example() -> None:
    overview = metapole("--help")
    assert overview.returncode == 0
    for name, command in COMMANDS.items():
        assert name in overview.stdout
        shown = metapole(name, "--help")
        assert shown.returncode == 0
        assert " ".join(command.example.split()) in " ".join(shown.stdout.split())


@pytest.mark.parametrize(
    "arguments",
    [[], ["nonsense"], ["serve", "--port", "no"], ["serve", "--port", "70000"], ["query"],
     ["serve", "--readers", "0"], ["query", "-q", "ASK {}", "file.rq"]],
)  # fmt: skip
def test_wrong_usage_is_told_on_stderr(arguments: list[str]) -> None:
    done = metapole(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "usage: metapole" in done.stderr


def test_the_start_of_the_program_loads_no_web_framework_and_no_engine() -> None:
    code = "import sys, server.cli; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert "argparse" in loaded
    assert not loaded & {"fastapi", "starlette", "uvicorn", "pyoxigraph", "rdflib", "rich"}


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("json", "application/sparql-results+json"),
        ("xml", "application/sparql-results+xml"),
        ("csv", "text/csv"),
        ("tsv", "text/tab-separated-values"),
    ],
)
def test_the_command_and_the_server_answer_alike(
    server: Server, small_store: Path, name: str, media_type: str
) -> None:
    done = metapole("query", "--store", small_store, "--format", name, "-q", SELECT)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.encode() == server.ask(SELECT, media_type).content.replace(b"\r\n", b"\n")


def test_a_query_comes_from_a_file_from_stdin_or_from_the_command_line(
    small_store: Path, tmp_path: Path
) -> None:
    file = tmp_path / "query.rq"
    file.write_text(CONSTRUCT)
    answers = [
        metapole("query", "--store", small_store, file),
        metapole("query", "--store", small_store, "-", input=CONSTRUCT),
        metapole("query", "--store", small_store, "-q", CONSTRUCT),
    ]
    assert "<http://example.org/age> 36" in answers[0].stdout
    assert len({each.stdout for each in answers}) == 1


def test_a_terminal_shows_a_table_and_no_escape_of_the_data(small_store: Path) -> None:
    text = 'SELECT ("[red]\\u001B[31m" AS ?x) (36 AS ?age) {}'
    command = [sys.executable, "-m", "server", "query", "--store", str(small_store), "-q", text]
    parent, child = os.openpty()
    with subprocess.Popen(command, cwd=ROOT, stdout=child) as process:
        assert process.wait(30) == 0
    os.close(child)
    shown = os.read(parent, 65_536).decode()
    os.close(parent)
    assert "age" in shown
    assert "[red]\ufffd[31m" in shown
    assert "│" in shown


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["-q", "SELECT * {"], "line 1, column 11: found the end of the text"),
        (["-q", "ASK {}", "--format", "turtle"], "choose one of json, xml, csv, tsv"),
        (["-q", "DESCRIBE <x:a>", "--format", "csv"], "choose one of turtle"),
        (["no-such-file.rq"], "no-such-file.rq"),
        (["-q", "ASK {}", "--store", "no-such-store"], "metapole build --store no-such-store"),
    ],
)
def test_what_fails_is_told_on_stderr(
    small_store: Path, arguments: list[str], complaint: str
) -> None:
    store = [] if "--store" in arguments else ["--store", small_store]
    done = metapole("query", *arguments, *store)
    assert (done.returncode, done.stdout) == (1, "")
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_in_use_is_said(server: Server, small_store: Path) -> None:
    done = metapole("serve", "--store", small_store, "--port", server.port)
    assert done.returncode == 1
    assert f"cannot listen on 127.0.0.1:{server.port}" in done.stderr
    assert "give another --port" in done.stderr


def test_a_store_keeps_what_it_was_told_to_keep(serve: Serve, small_store: Path) -> None:
    with serve(small_store, "--readers", 1, "--keep-generations", 2, "--keep-days", 7) as server:
        (store,) = server.log.parent.glob("store")
    assert policy_of(store) == Policy(2, 7)
    with serve(store, "--readers", 1, "--keep-days", 3, in_place=True):
        assert policy_of(store) == Policy(2, 3)
    (store / "keep.json").write_text("rubbish")
    with serve(store, "--readers", 1, "--keep-generations", 5, in_place=True):
        assert policy_of(store) == Policy(5, 0)
    with serve(store, "--readers", 1, in_place=True):
        assert policy_of(store) == Policy(5, 0)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_is_gentle_and_takes_the_readers_along(
    serve: Serve, small_store: Path, number: signal.Signals
) -> None:
    with serve(small_store, "--readers", 2) as server:
        readers = server.readers
        assert server.ask("ASK {}").text == "true"
        server.process.send_signal(number)
        assert server.process.wait(15) == 0
        assert readers
        assert not any(Path(f"/proc/{reader}").exists() for reader in readers)
        assert "Traceback" not in server.log.read_text()


def test_readers_end_with_a_front_that_is_killed(serve: Serve, small_store: Path) -> None:
    with serve(small_store, "--readers", 2) as server:
        readers = server.readers
        assert readers
        server.process.kill()
        server.process.wait(15)
        wait_until(lambda: not any(Path(f"/proc/{reader}").exists() for reader in readers))
