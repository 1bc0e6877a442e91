"""Clients of other makers: each is installed once, or its tests are skipped and say why."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import venv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.bench.servers import metapole

CLIENTS = Path(__file__).parent / "clients"
TABLE, GRAPH = "application/sparql-results+json", "application/n-triples"

Row = dict[str, str]
Command = Callable[[str, Path, str], Sequence[str | Path]]
"""Returns what to run for an endpoint, a file with a query, and a media type."""


@dataclass(frozen=True)
class Client:
    """A program that asks a server; it prints SPARQL JSON or N-Triples."""

    command: Command
    folder: Path
    complaint: str
    """What it shows of the server's answer when a query is refused."""

    def rows(self, endpoint: str, query: str) -> list[Row]:
        """Return the values of a SELECT query's answer."""
        answer: dict[str, Any] = json.loads(self._ask(endpoint, query, TABLE).stdout)
        return [
            {name: term["value"] for name, term in row.items()}
            for row in answer["results"]["bindings"]
        ]

    def truth(self, endpoint: str, query: str) -> bool:
        """Return the answer to an ASK query."""
        return json.loads(self._ask(endpoint, query, TABLE).stdout)["boolean"]

    def triples(self, endpoint: str, query: str) -> set[str]:
        """Return the lines of N-Triples that a CONSTRUCT or DESCRIBE query comes to."""
        lines = self._ask(endpoint, query, GRAPH).stdout.splitlines()
        return {_letters(line) for line in lines if line.strip()}

    def failure(self, endpoint: str, query: str) -> str:
        """Return what the client says of a query that the server refuses."""
        done = self._run(endpoint, query, TABLE)
        assert done.returncode != 0 or done.stderr
        return done.stdout + done.stderr

    def _ask(self, endpoint: str, query: str, media_type: str) -> subprocess.CompletedProcess[str]:
        done = self._run(endpoint, query, media_type)
        assert done.returncode == 0, done.stderr
        return done

    def _run(self, endpoint: str, query: str, media_type: str) -> subprocess.CompletedProcess[str]:
        file = self.folder / "query.rq"
        file.write_text(query, encoding="utf-8")
        command = self.command(f"{endpoint}/sparql", file, media_type)
        return subprocess.run(
            command, check=False, capture_output=True, encoding="utf-8", timeout=100
        )


def _letters(line: str) -> str:
    """Write the letters that N-Triples lets a writer escape."""
    return re.sub(r"\\u([0-9A-Fa-f]{4})", lambda match: chr(int(match[1], 16)), line)


def program(name: str, remedy: str = "") -> str:
    """Return the path of a program of this machine, or skip; *remedy* installs it."""
    hint = f"; {remedy}" if remedy else ""
    return shutil.which(name) or pytest.skip(f"{name} is not installed{hint}")


def install(command: Sequence[str | Path], folder: Path) -> None:
    """Run an installer in *folder*, or skip where what it downloads is out of reach."""
    done = subprocess.run(
        command, cwd=folder, check=False, capture_output=True, text=True, timeout=500
    )
    if done.returncode:
        pytest.skip(f"{Path(command[0]).name} failed: {(done.stderr or done.stdout)[-300:]}")


@pytest.fixture(scope="session")
def endpoint(shipped_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a server whose log goes to a file, which takes as much as it writes."""
    with metapole(shipped_store, tmp_path_factory.mktemp("server") / "log") as target:
        yield f"http://127.0.0.1:{target.port}"


@pytest.fixture(scope="session")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a Python of its own, with the clients written in Python."""
    folder = tmp_path_factory.mktemp("python")
    venv.create(folder, with_pip=True)
    pip = [folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check"]
    install([*pip, "--requirement", CLIENTS / "requirements.txt"], folder)
    return folder / "bin" / "python"


@pytest.fixture(scope="session")
def jena(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], list[str]]:
    """Return how to run a command of Apache Jena, from Maven Central."""
    java, maven = program("java"), program("mvn")
    folder = tmp_path_factory.mktemp("jena")
    shutil.copy(CLIENTS / "pom.xml", folder)
    copy = ["dependency:copy-dependencies", f"-DoutputDirectory={folder / 'jars'}"]
    install([maven, "--quiet", "--batch-mode", *copy], folder)
    return lambda name: [java, "-cp", f"{folder / 'jars'}/*", name]


@pytest.fixture(scope="session")
def comunica(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the command of Comunica, from npm."""
    program("node")
    folder = tmp_path_factory.mktemp("comunica")
    shutil.copy(CLIENTS / "package.json", folder)
    install([program("npm"), "install", "--no-audit", "--no-fund", "--loglevel=error"], folder)
    return folder / "node_modules" / ".bin" / "comunica-sparql"


@pytest.fixture(scope="session")
def curl() -> Command:
    """Send a form."""
    start = [program("curl"), "--silent", "--show-error", "--fail-with-body", "--data-urlencode"]
    return lambda endpoint, query, media_type: [
        *start, f"query@{query}", "--header", f"Accept: {media_type}", endpoint
    ]  # fmt: skip


@pytest.fixture(scope="session")
def jdk() -> Command:
    """Post the query itself, with the client that every Java program has."""
    start = [program("java"), CLIENTS / "Post.java"]
    return lambda endpoint, query, media_type: [*start, endpoint, query, media_type]


@pytest.fixture(scope="session")
def rsparql(jena: Callable[[str], list[str]]) -> Command:
    """Ask with Jena's command for remote endpoints."""
    return lambda endpoint, query, media_type: [
        *jena("arq.rsparql"), "--service", endpoint, "--query", query,
        f"--results={'nt' if media_type == GRAPH else 'json'}",
    ]  # fmt: skip


@pytest.fixture(scope="session")
def comunica_sparql(comunica: Path) -> Command:
    """Ask with Comunica, which sends the endpoint what it cannot do better itself."""
    return lambda endpoint, query, media_type: [
        comunica, f"sparql@{endpoint}", "--file", query, "--outputType", media_type
    ]  # fmt: skip


@pytest.fixture(scope="session")
def sparqlwrapper(python: Path) -> Command:
    """Ask with SPARQLWrapper."""
    return _script(python, "with_sparqlwrapper.py")


@pytest.fixture(scope="session")
def rdflib_store(python: Path) -> Command:
    """Ask with rdflib's SPARQLStore."""
    return _script(python, "with_rdflib.py")


@pytest.fixture(scope="session")
def pandas_csv(python: Path) -> Command:
    """Read the answer as CSV by its address."""
    return _script(python, "with_pandas.py")


def _script(python: Path, name: str) -> Command:
    start = [python, CLIENTS / name]
    return lambda endpoint, query, media_type: [*start, endpoint, query, media_type]


_MESSAGE = r"custom function <http://example\.org/f> is not supported"
COMPLAINTS = {
    "curl": _MESSAGE,
    "jdk": _MESSAGE,
    "rsparql": "501 Not Implemented",
    "comunica_sparql": _MESSAGE,
    "sparqlwrapper": "HTTP Error 501",
    "rdflib_store": "HTTP Error 501",
    "pandas_csv": "HTTP Error 501",
}
"""What each client shows; some show the status alone, which is their choice."""


def _client(request: pytest.FixtureRequest, folders: pytest.TempPathFactory) -> Client:
    command = request.getfixturevalue(request.param)
    return Client(command, folders.mktemp("asked"), COMPLAINTS[request.param])


@pytest.fixture(scope="session", params=["curl", "jdk", "sparqlwrapper"])
def unread_client(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Client:
    """Every client that sends a query as it is, without reading it."""
    return _client(request, tmp_path_factory)


@pytest.fixture(scope="session", params=COMPLAINTS)
def any_client(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Client:
    """Every client, one after the other."""
    return _client(request, tmp_path_factory)


@pytest.fixture(scope="session", params=[name for name in COMPLAINTS if name != "pandas_csv"])
def client(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Client:
    """Every client that knows more than tables."""
    return _client(request, tmp_path_factory)
