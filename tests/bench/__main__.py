"""Compare `metapole serve` with other servers, on the same data and in one run.

    python -m tests.bench --quick          100,000 triples, in about three minutes
    python -m tests.bench                  1 and 10 million triples, in about 40 minutes

Prints the page that it makes of the figures; a complete run writes it to docs/reference, too.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.bench import machine, run, servers
from tests.bench.figures import Figures, read, save
from tests.bench.measure import say
from tests.bench.page import page

PAGE = servers.PROJECT / "docs/reference/benchmarks.md"
_ALL = [1_000_000, 10_000_000]


def main() -> int:
    """Run the benchmark, and return the exit status."""
    arguments = _arguments()
    if arguments.page:
        PAGE.write_text(page(read(arguments.page)), encoding="utf-8")
        return 0
    with tempfile.TemporaryDirectory() as temporary:
        figures = _measured(arguments, arguments.work or Path(temporary))
    if arguments.json:
        save(figures, arguments.json)
    text = page(figures)
    sys.stdout.write(text)
    if not arguments.quick and arguments.triples == _ALL:
        PAGE.write_text(text, encoding="utf-8")
        say(f"wrote {PAGE}")
    return 0


def _measured(arguments: argparse.Namespace, work: Path) -> Figures:
    """Take all figures; what was found is saved after each size, whatever comes then."""
    started = time.monotonic()
    wanted = _wanted(arguments, work)
    versions, failures = run.installed(wanted)
    figures = Figures(
        date=datetime.now(UTC).date().isoformat(),
        command=" ".join(["python -m tests.bench", *_told(sys.argv[1:])]),
        machine=machine.described(),
        versions=versions,
        how={kind.name: kind.how for kind in run.SERVERS if kind.name in wanted.servers},
        query_seconds=wanted.query_seconds,
        rounds=wanted.rounds,
    )
    for triples in wanted.triples:
        figures.sizes.append(run.measured(triples, wanted, failures))
        figures.seconds = time.monotonic() - started
        if arguments.json:
            save(figures, arguments.json)
    return figures


def _told(arguments: list[str]) -> list[str]:
    """Return the arguments that matter to a reader: no paths of this machine."""
    return [each for each in arguments if not each.startswith("/") and each not in _PLACES]


_PLACES = ("--work", "--json")


def _wanted(arguments: argparse.Namespace, work: Path) -> run.Wanted:
    work.mkdir(parents=True, exist_ok=True)
    return run.Wanted(
        triples=arguments.triples,
        rounds=arguments.rounds,
        seed=arguments.seed,
        slice_seconds=arguments.slice,
        query_seconds=arguments.limit,
        load_seconds=arguments.load_limit,
        budget_seconds=arguments.budget,
        megabytes=arguments.megabytes,
        queries=arguments.queries,
        servers=arguments.servers,
        work=work.resolve(),
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    names = [kind.name for kind in run.SERVERS]
    add("--quick", action="store_true", help="100,000 triples and 3 rounds")
    add("--triples", type=int, nargs="+", help="how many triples (1000000 10000000)")
    add("--rounds", type=int, help="how many rounds, at most (8)")
    add("--seed", type=int, default=1, help="another seed grows another graph")
    add("--servers", nargs="+", default=names, choices=names, help="only these servers")
    add("--queries", nargs="*", default=[], help="only queries with these parts of names")
    add("--slice", type=float, default=0.05, help="seconds of each measurement (%(default)s)")
    add("--limit", type=float, help="seconds that a query may take (30)")
    add("--load-limit", type=float, default=900, help="seconds to load (%(default)s)")
    add("--budget", type=float, help="seconds that a query is asked in rounds (8)")
    add("--megabytes", type=float, default=60, help="of the large result (%(default)s)")
    add("--work", type=Path, help="folder for data, and for programs, which are kept there")
    add("--json", type=Path, help="write all figures to this file")
    add("--page", type=Path, metavar="JSON", help="only write the page, from figures in this file")
    arguments = parser.parse_args()
    arguments.triples = arguments.triples or ([100_000] if arguments.quick else _ALL)
    arguments.rounds = arguments.rounds or (3 if arguments.quick else 8)
    arguments.limit = arguments.limit or (10 if arguments.quick else 30)
    arguments.budget = arguments.budget or (2 if arguments.quick else 8)
    return arguments


if __name__ == "__main__":
    sys.exit(main())
