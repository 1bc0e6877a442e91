"""Compare `metapole serve` with `oxigraph serve` on the same data, in the same run.

    python -m tests.bench.run --quick
    python -m tests.bench.run --triples 1000000 --rounds 15 --json figures.json

In every round each query goes to three servers in turn: to ours without a cache ("cold": the
answer is evaluated anew), to ours with one ("repeated"), and to the peer. A ratio is our throughput
divided by the peer's in the same round; what is shown is the median of the rounds.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from graph.generations import publish_generation
from graph.sparql.template import TemplateCache
from tests.bench import client, report, servers
from tests.bench.generate import grow, write_peer_file

if TYPE_CHECKING:
    from collections.abc import Sequence

QUERIES = Path(__file__).parent / "queries"
_TABLE, _GRAPH = "application/sparql-results+json", "application/n-triples"


@dataclass(frozen=True, slots=True)
class Query:
    """A question that people ask, and its text."""

    name: str
    text: str

    @property
    def media_type(self) -> str:
        """What the answer is wanted in."""
        is_graph = any(line.startswith(("CONSTRUCT", "DESCRIBE")) for line in self.text.split("\n"))
        return _GRAPH if is_graph else _TABLE


def read_queries(parts_of_names: Sequence[str] = ()) -> list[Query]:
    """Return the queries whose names contain one of the parts given, or all."""
    queries = [Query(path.stem, path.read_text("utf-8")) for path in sorted(QUERIES.glob("*.rq"))]
    if not parts_of_names:
        return queries
    return [query for query in queries if any(part in query.name for part in parts_of_names)]


def content(query: Query, body: bytes) -> tuple[str, ...]:
    """Return what an answer says, free of the order and the spelling of its rows."""
    if query.media_type == _GRAPH:
        return tuple(sorted(set(body.decode().splitlines())))
    answer: dict[str, Any] = json.loads(body)
    if "boolean" in answer:
        return (str(answer["boolean"]),)
    return tuple(sorted(json.dumps(row, sort_keys=True) for row in answer["results"]["bindings"]))


def planning_seconds(query: Query, repetitions: int = 300) -> float:
    """Return how long it takes to read a query whose template is known."""
    templates = TemplateCache()
    templates.read(query.text)
    times: list[float] = []
    for _ in range(repetitions):
        started = time.perf_counter()
        assert templates.known(query.text)
        times.append(time.perf_counter() - started)
    return median(times)


def prepare(triples: int, seed: int, work: Path, binary: Path) -> Path:
    """Return a folder with the stores of both servers, made now unless they are there."""
    folder = work / f"{triples}-{seed}-{_digest_of_inputs()}"
    if (folder / "complete").exists():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    _say(f"growing the graph to {triples:,} triples ...")
    dataset = grow(triples, seed=seed)
    _say(f"loading {len(dataset.quads):,} quads, {dataset.triples:,} triples ...")
    publish_generation(folder / "store", dataset.quads, built_from="tests/bench")
    write_peer_file(dataset, str(folder / "peer.nq"))
    servers.load_oxigraph(binary, folder / "peer", folder / "peer.nq")
    (folder / "complete").touch()
    return folder


def _digest_of_inputs() -> str:
    """Return a digest of all that the data depends on."""
    digest = hashlib.sha256(version("pyoxigraph").encode())
    here = Path(__file__)
    inputs = [here.with_name("generate.py"), here.with_name("names.py")]
    for folder, pattern in (("graph", "*.py"), ("data", "*.ttl"), ("ontology", "*.*")):
        inputs += sorted((servers.PROJECT / folder).rglob(pattern))
    for path in inputs:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:8]


def compare(
    queries: Sequence[Query],
    targets: dict[str, client.Target],
    *,
    rounds: int,
    connections: Sequence[int],
    slice_seconds: float,
    most_seconds: float,
) -> report.Figures:
    """Measure round by round, until there are enough of them or *most_seconds* have passed."""
    figures = report.Figures([query.name for query in queries], list(connections))
    requests = {
        (query.name, name): target.request(query.text, query.media_type)
        for query in queries
        for name, target in targets.items()
    }
    for query in queries:
        answers = {
            name: content(query, client.answer(target, requests[query.name, name]))
            for name, target in targets.items()
        }
        if len(set(answers.values())) > 1:
            found = ", ".join(f"{name} {len(answer)}" for name, answer in answers.items())
            raise SystemExit(f"{query.name}: the servers give different answers; rows: {found}")
        figures.rows[query.name] = len(answers[report.PEER])
        figures.planning[query.name] = planning_seconds(query)
    started = time.monotonic()
    for number in range(rounds):
        # Who comes first changes from round to round.
        names = list(targets)[number % 3 :] + list(targets)[: number % 3]
        for query in queries:
            for count in connections:
                rates = {
                    name: client.rate(
                        targets[name], requests[query.name, name], count, slice_seconds
                    )
                    for name in names
                }
                figures.add(query.name, count, rates)
        _say(f"round {number + 1} of {rounds}, {time.monotonic() - started:.0f} s")
        if time.monotonic() - started > most_seconds:
            _say(f"stopped: more than {most_seconds:g} s have passed")
            break
    return figures


def main() -> int:
    """Run the benchmark and report its ratios."""
    arguments = _arguments()
    queries = read_queries(arguments.queries)
    with ExitStack() as stack:
        work = arguments.work or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        work.mkdir(parents=True, exist_ok=True)
        binary = arguments.peer or servers.install_oxigraph(work / "peer-program")
        folder = prepare(arguments.triples, arguments.seed, work, binary)
        store, logs = folder / "store", folder
        targets = {
            report.COLD: stack.enter_context(
                servers.metapole(store, logs / "cold.log", "--cache-mb", "0")
            ),
            report.REPEATED: stack.enter_context(servers.metapole(store, logs / "repeated.log")),
            report.PEER: stack.enter_context(
                servers.oxigraph(binary, folder / "peer", logs / "peer.log")
            ),
        }
        figures = compare(
            queries,
            targets,
            rounds=arguments.rounds,
            connections=arguments.connections,
            slice_seconds=arguments.slice,
            most_seconds=arguments.seconds,
        )
    sys.stdout.write(figures.table())
    if arguments.json:
        arguments.json.write_text(json.dumps(figures.as_json(), indent=2), encoding="utf-8")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.run", description="Compare our server with oxigraph serve."
    )
    add = parser.add_argument
    add("--quick", action="store_true", help="100,000 triples and 3 rounds")
    add("--triples", type=int, help="how many triples (1,000,000)")
    add("--rounds", type=int, help="how many rounds (15)")
    add("--seed", type=int, default=1, help="another seed grows another graph")
    add("--queries", nargs="*", default=[], help="only queries with these parts of names")
    add("--connections", type=int, nargs="*", default=[1, 4], help="clients at once (1 4)")
    add("--slice", type=float, default=0.05, help="seconds of each measurement (%(default)s)")
    add("--seconds", type=float, default=1500, help="begin no round after this (%(default)s)")
    add("--work", type=Path, help="keep the data here for the next run")
    add("--peer", type=Path, help="the program oxigraph (installed with pip if not given)")
    add("--json", type=Path, help="write all figures to this file")
    arguments = parser.parse_args()
    arguments.triples = arguments.triples or (100_000 if arguments.quick else 1_000_000)
    arguments.rounds = arguments.rounds or (3 if arguments.quick else 15)
    return arguments


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
