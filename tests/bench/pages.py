"""How long every page takes that nobody has asked for yet, and how much it weighs.

    python -m tests.bench.pages                            both sizes, in about ten minutes
    python -m tests.bench.pages --triples 0 --only home    one page of the graph that ships

Each page of `tests.site.pages` is asked for three times, never twice of the same generation: after
the start of a server that nobody has asked anything; right after a commit; and some seconds after
one, when the server has read ahead. 0 triples stand for the graph that ships. On a busy machine
`chrt --rr 5` before the command keeps others from being measured, too.

Prints the table that it makes; a run on all pages and both sizes writes it to docs/reference, too.
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from graph.generations import current_generation, publish_generation
from graph.namespaces import ID, MP, SKOS
from graph.paths import bundled
from graph.publishing.ahead.file import ahead_file
from graph.rules import rules_digest
from server.scopes import UPDATE
from server.token_changes import add_token
from tests.bench import machine, servers
from tests.bench.generate import grow, kept
from tests.bench.measure import say
from tests.site.pages import NOT_FOUND, PAGES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PAGE = servers.PROJECT / "docs/reference/page-times.md"
SIZES = (0, 1_000_000)
MOST_MS = {0: 30, 1_000_000: 100}
"""What a page may take at each size."""
MOST_BYTES = 100_000
"""What the HTML of a page may weigh, uncompressed."""
_GROWN = {"grown-cluster": "/cluster/grown-1"}
"""Pages that only a grown graph has."""
_REST_S = 0.3
"""How long the server has to itself after each commit: readers open the new generation."""
_START_S = 5.0
"""How long it has then to load what it does not need yet."""
_MOST_WAITED_S = 300.0
"""How long it may take to read ahead."""
_TOKEN = "a-token-for-the-benchmark"  # noqa: S105 -- it guards nothing


@dataclass(slots=True)
class PageFigures:
    """What was found of one page."""

    name: str
    path: str
    weight: int
    """Bytes of HTML, uncompressed."""
    sent: int
    """The same, compressed with gzip."""
    at_start_ms: float
    at_once: list[float] = field(default_factory=list[float])
    """Milliseconds right after a commit, in each round."""
    settled: list[float] = field(default_factory=list[float])
    """The same when the server has read ahead."""

    @property
    def ms(self) -> float:
        """The median of the times when the server has read ahead."""
        return median(self.settled or [self.at_start_ms])


@dataclass(slots=True)
class SizeFigures:
    """What was found on a graph of one size."""

    triples: int
    pages: list[PageFigures]

    @property
    def most_ms(self) -> int:
        """What a page of it may take."""
        return MOST_MS[min(MOST_MS, key=lambda size: abs(size - self.triples))]

    def over(self) -> list[PageFigures]:
        """Return the pages that take too long or weigh too much, the slowest first."""
        found = [each for each in self.pages if each.ms > self.most_ms or each.weight > MOST_BYTES]
        return sorted(found, key=lambda each: -each.ms)


class _Client:
    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._commits = 0

    def page(self, name: str, path: str) -> tuple[float, bytes]:
        """Return how many milliseconds the page takes, and its HTML."""
        start = time.perf_counter()
        self._connection.request("GET", path, headers={"Accept": "text/html"})
        response = self._connection.getresponse()
        content = response.read()
        took = (time.perf_counter() - start) * 1000
        expected = 404 if name in NOT_FOUND else 200
        assert response.status == expected, f"{path}: {response.status}, {content[:300]!r}"
        return took, content

    def commit(self) -> None:
        """Add a cluster, so that the next page is of a new generation, and lists show another."""
        self._commits += 1
        text = (
            "INSERT DATA { GRAPH <https://example.org/bench> { "
            f"<{ID}cluster/bench-{self._commits}> a <{MP}Cluster> ; "
            f"<{SKOS}prefLabel> 'Bench {self._commits}'@en }} }}"
        )
        headers = {
            "Authorization": f"Bearer {_TOKEN}",
            "Content-Type": "application/sparql-update",
        }
        self._connection.request("POST", "/sparql", text.encode(), headers)
        response = self._connection.getresponse()
        content = response.read()
        assert response.status < 300, f"{response.status}: {content!r}"


def measured(store: Path, pages: dict[str, str], rounds: int) -> list[PageFigures]:
    """Return what is found of *pages* on *store*, which is changed."""
    tokens, log = store.with_suffix(".tokens"), store.with_suffix(".log")
    add_token(tokens, "bench", (UPDATE,), _TOKEN)
    limits = ("client.work-s-at-once=100000", "client.errors-at-once=100000")
    options = [word for limit in limits for word in ("--limit", limit)]
    options += ["--token-file", str(tokens), "--validate", "off"]
    with servers.metapole(store, log, *options) as target:
        client = _Client(target.port)
        _wait_until_read_ahead(store)
        time.sleep(_START_S)
        found = [_first(client, name, path) for name, path in pages.items()]
        for _ in range(rounds):
            for each in found:
                client.commit()
                time.sleep(_REST_S)
                each.at_once.append(client.page(each.name, each.path)[0])
        for _ in range(rounds):
            client.commit()
            _wait_until_read_ahead(store)
            for each in found:
                each.settled.append(client.page(each.name, each.path)[0])
    return found


def _wait_until_read_ahead(store: Path) -> None:
    generation = current_generation(store)
    assert generation, "it was made before"
    deadline = time.monotonic() + _MOST_WAITED_S
    while not ahead_file(generation).exists():
        assert time.monotonic() < deadline, "the server has not read ahead"
        time.sleep(0.1)
    time.sleep(_REST_S)


def _first(client: _Client, name: str, path: str) -> PageFigures:
    took, content = client.page(name, path)
    return PageFigures(name, path, len(content), len(gzip.compress(content, 6)), took)


def made(triples: int, folder: Path, work: Path | None) -> Path:
    """Return a store in *folder* with so many triples; without any, with what ships."""
    store = folder / f"store-{triples}"
    if not triples:
        command = [sys.executable, "-m", "server", "build", "--store", str(store)]
        subprocess.run(command, cwd=servers.PROJECT, check=True, capture_output=True)
        return store
    if work is None:
        rules = rules_digest(bundled("ontology") / "rules")
        publish_generation(store, grow(triples).quads, built_from="tests/bench", rules=rules)
        return store
    files, _ = kept(triples, work)
    load = [sys.executable, "-m", "tests.bench.load", str(store), str(files.quads)]
    subprocess.run(load, cwd=servers.PROJECT, check=True, capture_output=True)
    return store


def report(sizes: Sequence[SizeFigures]) -> str:
    """Return the page about *sizes* as Markdown."""
    found = ", ".join(f"{name}: {value}" for name, value in machine.described().items())
    parts = [
        _BEGINNING.format(date=datetime.now(UTC).date().isoformat(), machine=found),
        *("".join(_size(size)) for size in sizes),
    ]
    return "\n".join(parts)


def _size(size: SizeFigures) -> Iterator[str]:
    title = f"{size.triples:,} triples" if size.triples else "The graph that ships"
    over = size.over()
    yield f"## {title}\n\n"
    yield (
        f"{len(size.pages)} pages; {len(over)} of them over {size.most_ms} ms or "
        f"{MOST_BYTES:,} bytes.\n\n"
    )
    yield "| page | ms | right after a commit | after a start | bytes | with gzip | over |\n"
    yield "|---|---:|---:|---:|---:|---:|---|\n"
    for each in sorted(size.pages, key=lambda page: -page.ms):
        yield _line(each, size.most_ms)


def _line(each: PageFigures, most_ms: int) -> str:
    over = [
        *(["time"] if each.ms > most_ms else []),
        *(["weight"] if each.weight > MOST_BYTES else []),
    ]
    cells = (
        f"`{each.path}`",
        f"{each.ms:.0f}",
        f"{median(each.at_once):.0f}" if each.at_once else "",
        f"{each.at_start_ms:.0f}",
        f"{each.weight:,}",
        f"{each.sent:,}",
        ", ".join(over),
    )
    return f"| {' | '.join(cells)} |\n"


_BEGINNING = """\
# How long pages take, and what they weigh

This page is written by `python -m tests.bench.pages`, from one run on {date}.
The machine: {machine}.

Each page is asked for as the first of its generation: nothing that was answered before is of any use.
*ms* is the median of some rounds, when the server has had some seconds after a commit, in which it reads ahead what pages need of a whole generation; every change adds a cluster.
*Right after a commit* it has not done so; *after a start* is the very first time that the page is asked for of a server that nobody has asked anything, page by page in the order of `tests/site/pages.py`.
All times are milliseconds, as a client on the same machine sees them.
A page may take 30 ms on the graph that ships and 100 ms at a million triples.
It weighs what its HTML weighs, uncompressed; it may weigh {most:,} bytes.
Styles are loaded once for all pages, and scripts are left out: every page is whole without them.
""".replace("{most:,}", f"{MOST_BYTES:,}")  # noqa: E501 -- one sentence, one line


def main(words: list[str] | None = None) -> int:
    """Measure and print; return 1 if any page is over its budget."""
    arguments = _arguments(words)
    named = {name: path for name, path in PAGES.items() if name in arguments.only}
    sizes: list[SizeFigures] = []
    for triples in arguments.triples:
        with tempfile.TemporaryDirectory() as folder:
            store = Path(folder) / "store"
            if arguments.store:
                shutil.copytree(arguments.store, store)
            else:
                say(f"making a store with {triples or 'what ships'}")
                store = made(triples, Path(folder), arguments.work)
            pages = named or (PAGES | _GROWN if triples else PAGES)
            say(f"asking for {len(pages)} pages")
            sizes.append(SizeFigures(triples, measured(store, pages, arguments.rounds)))
    text = report(sizes)
    sys.stdout.write(text)
    if not named and not arguments.store and tuple(arguments.triples) == SIZES:
        PAGE.write_text(text, encoding="utf-8")
        say(f"wrote {PAGE}")
    return 1 if any(size.over() for size in sizes) else 0


def _arguments(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.pages",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--triples", type=int, nargs="+", default=list(SIZES), help="how many (%(default)s)")
    add("--rounds", type=int, default=3, help="how often each page is asked for (%(default)s)")
    add("--only", nargs="+", default=[], choices=list(PAGES), metavar="NAME", help="only these")
    add("--work", type=Path, help="folder in which grown graphs are kept")
    add("--store", type=Path, help="measure a copy of this store instead")
    return parser.parse_args(words)


if __name__ == "__main__":
    sys.exit(main())
