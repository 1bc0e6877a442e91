"""`metapole check`: read what a store keeps to the last quad, and say what is wrong."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from server.terminal import bars, fail, say

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

AGENT = "metapole check"
_STEPS = {
    "files": "Reading the files",
    "read": "Reading the quads",
    "union": "Comparing the union",
    "verify": "Reading the archive",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--store", type=Path, default=Path("metapole-store"), metavar="DIR",
        help="folder of the store, or of a backup (default: %(default)s)",
    )  # fmt: skip
    what.add_argument("--archive", type=Path, metavar="FILE", help="an archive instead of a store")
    parser.add_argument(
        "--generation", type=int, metavar="N", help="that generation only, not all that are kept"
    )
    parser.add_argument(
        "--ontology", type=Path, metavar="DIR",
        help="folder of the rules by which things are derived, instead of those that ship",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Print the findings to stdout; return 1 if there is one."""
    from graph.errors import GraphError

    found = 0
    try:
        for finding in _archive(args) if args.archive else _store(args):
            sys.stdout.write(f"{finding}\n")
            sys.stdout.flush()
            found += 1
    except (GraphError, OSError) as error:
        return fail(AGENT, str(error), 1)
    say("All is well." if not found else f"Findings: {found}")
    return 1 if found else 0


def _archive(args: argparse.Namespace) -> Iterator[str]:
    from graph.errors import StoreUnusable
    from graph.recovery.archive import examine_archive

    try:
        with bars(_STEPS) as progress:
            generation, _ = examine_archive(args.archive, progress)
    except StoreUnusable as error:
        yield str(error)
        return
    say(f"{args.archive}: commit {generation.commit}, {generation.quads:,} quads")


def _store(args: argparse.Namespace) -> Iterator[str]:
    from graph.errors import StoreUnusable
    from graph.generations import current_generation
    from graph.generations.fallback import set_aside
    from graph.generations.record import pointed_number
    from graph.paths import bundled
    from graph.recovery.check import check_generation
    from graph.recovery.sources import generations_to_check
    from graph.rules import read_rules

    rules = read_rules((args.ontology or bundled("ontology")) / "rules")
    try:
        current = current_generation(args.store)
    except StoreUnusable as error:
        yield str(error)
        current = None
    if current and pointed_number(args.store) is None:
        yield f"current.json: is not as the record of generation {current.number}"
    for number, generation in generations_to_check(args.store, args.generation):
        name = f"generation {number}"
        if generation is None:
            yield f"{name}: its record cannot be read"
            continue
        found = False
        with bars(_STEPS) as progress:
            for finding in check_generation(generation, rules, progress=progress):
                yield f"{name}: {finding}"
                found = True
        if not found:
            others = "" if generation.rules == rules.digest else ", derived by other rules"
            mark = ", the current one" if generation == current else ""
            say(
                f"{name}{mark}: whole (commit {generation.commit}, {generation.quads:,} quads"
                f"{others})"
            )
    for path in set_aside(args.store):
        if path.is_dir():
            say(f"{path}: damaged, and set aside; remove it when nobody needs it any more")
