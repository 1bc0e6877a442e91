"""How long a change takes to be there: from sending it until a query has seen it.

    python -m tests.bench.commits [--triples N] [--rounds N]

One run on a small graph and one on a large one, with the gate off and on, so that what does not
grow with the graph can be told from what does. Prints a table.
"""

from __future__ import annotations

import argparse
import http.client
import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import quantiles
from typing import TYPE_CHECKING
from urllib.parse import quote

from graph.generations import publish_generation
from graph.paths import bundled
from graph.rules import rules_digest
from server.scopes import UPDATE
from server.token_changes import add_token
from tests.bench import servers
from tests.bench.generate import grow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_TOKEN = "a-token-for-the-benchmark"  # noqa: S105 -- it guards nothing
_SMALL = 30_000
_GRAPH = "https://example.org/bench"
_PREFIXES = """
PREFIX mp: <https://w3id.org/metapole/def#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX ex: <https://example.org/>
"""
_KINDS: dict[str, tuple[str, Callable[[int], str]]] = {
    "gate off": ("off", lambda n: f"ex:thing-{n} ex:number {n}"),
    "gate on, no shape concerned": ("reject", lambda n: f"ex:thing-{n} ex:number {n}"),
    "gate on, a thing with a name": (
        "reject",
        lambda n: (
            f"<https://w3id.org/metapole/id/organisation/bench-{n}> a mp:Organisation ; "
            f'skos:prefLabel "Bench {n}"@en'
        ),
    ),
}


class _Client:
    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)

    def write(self, method: str, target: str, content: str, media_type: str) -> None:
        headers = {"Authorization": f"Bearer {_TOKEN}", "Content-Type": media_type}
        self._connection.request(method, target, content.encode(), headers)
        response = self._connection.getresponse()
        text = response.read().decode()
        assert response.status < 300, f"{response.status}: {text}"

    def insert(self, triples: str) -> None:
        text = f"{_PREFIXES} INSERT DATA {{ GRAPH <{_GRAPH}> {{ {triples} }} }}"
        self.write("POST", "/sparql", text, "application/sparql-update")

    def sees(self, triples: str) -> bool:
        target = f"/sparql?query={quote(f'{_PREFIXES} ASK {{ {triples} }}')}"
        accept = {"Accept": "application/sparql-results+json"}
        self._connection.request("GET", target, headers=accept)
        return b"true" in self._connection.getresponse().read()

    def close(self) -> None:
        self._connection.close()


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.commits", description=__doc__)
    parser.add_argument("--triples", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=50)
    options = parser.parse_args(arguments)
    sys.stdout.write("| triples | what | p50 ms | p95 ms | most ms | load |\n")
    sys.stdout.write("|---:|---|---:|---:|---:|---:|\n")
    with tempfile.TemporaryDirectory() as folder:
        for triples in (_SMALL, options.triples):
            store = Path(folder) / str(triples)
            dataset = grow(triples)
            rules = rules_digest(bundled("ontology") / "rules")
            publish_generation(store, dataset.quads, built_from="tests/bench", rules=rules)
            for what, times in measured(store, options.rounds):
                sys.stdout.write(f"{_row(dataset.triples, what, times)}\n")
                sys.stdout.flush()
    return 0


def measured(store: Path, rounds: int) -> Iterator[tuple[str, list[float]]]:
    """Yield kinds of changes to *store*, which is changed, and milliseconds until each is there."""
    tokens, log = store.with_suffix(".tokens"), store.with_suffix(".log")
    add_token(tokens, "bench", (UPDATE,), _TOKEN)
    number = 0
    for what, (validate, one) in _KINDS.items():
        options = ("--token-file", str(tokens), "--validate", validate)
        with servers.metapole(store, log, *options) as target:
            client = _Client(target.port)
            times: list[float] = []
            for turn in range(rounds + 5):  # the first ones warm up
                number += 1
                statement = one(number)
                start = time.perf_counter()
                client.insert(statement)
                assert client.sees(statement), "it is acknowledged, and not there"
                if turn >= 5:
                    times.append((time.perf_counter() - start) * 1000)
            yield f"one commit to visible, {what}", times
            if validate == "off":
                for size in (1_000, 50_000):
                    yield f"PUT of {size:,} triples", [_put(client, size)]
            client.close()


def _put(client: _Client, size: int) -> float:
    lines = "".join(
        f'<https://example.org/{n // 5}> <https://example.org/p{n % 5}> "value {n}" .\n'
        for n in range(size)
    )
    start = time.perf_counter()
    client.write("PUT", f"/graph-store?graph={quote(_GRAPH + str(size))}", lines, "text/turtle")
    return (time.perf_counter() - start) * 1000


def _row(triples: int, what: str, times: list[float]) -> str:
    middle, high = times[0], times[0]
    if len(times) > 1:
        cuts = quantiles(times, n=20)
        middle, high = cuts[9], cuts[18]
    load = os.getloadavg()[0]
    return f"| {triples:,} | {what} | {middle:.0f} | {high:.0f} | {max(times):.0f} | {load:.1f} |"


if __name__ == "__main__":
    sys.exit(main())
