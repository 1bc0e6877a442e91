"""`metapole generations`: list what a store has kept, and how much it keeps."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from server.terminal import fail, say

if TYPE_CHECKING:
    import argparse

    from graph.generations import Generation

AGENT = "metapole generations"
_HEAD = ("generation", "commit", "made", "quads", "megabytes", "state")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--store", type=Path, default=Path("metapole-store"), metavar="DIR",
        help="folder of the store (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--quick", action="store_true", help="do not read the files to see whether they are whole"
    )


def run(args: argparse.Namespace) -> int:
    """Print a table to stdout; return the exit status."""
    from graph.errors import GraphError

    try:
        rows = _rows(args.store, quick=args.quick)
        if not rows:
            return fail(AGENT, f"{args.store}: there is no store; name one with --store", 1)
        _print(rows)
        _tell_policy(args.store)
    except (GraphError, OSError) as error:
        return fail(AGENT, str(error), 1)
    return 0


def _rows(store: Path, *, quick: bool) -> list[tuple[str, ...]]:
    from graph.errors import StoreUnusable
    from graph.generations import current_generation
    from graph.generations.fallback import set_aside
    from graph.recovery.sources import generations_to_check

    try:
        current = current_generation(store)
    except StoreUnusable as error:
        say(str(error))
        current = None
    rows: list[tuple[str, ...]] = []
    for number, generation in generations_to_check(store):
        if generation is None:
            rows.append((str(number), "?", "?", "?", "?", "its record cannot be read"))
            continue
        size = sum(file.size for file in generation.files.values()) / 1e6
        states = ["current"] if current and current.number == number else []
        states += [] if quick else ["whole" if _is_whole(generation) else "damaged"]
        rows.append(
            (
                str(number),
                str(generation.commit),
                generation.built,
                str(generation.quads),
                f"{size:.1f}",
                ", ".join(states) or "kept",
            )
        )
    for path in set_aside(store):
        if path.is_dir():
            rows.append((path.name, "", "", "", "", "set aside"))
    return rows


def _is_whole(generation: Generation) -> bool:
    from graph.errors import StoreUnusable
    from graph.generations import verify_generation

    try:
        verify_generation(generation)
    except StoreUnusable as error:
        say(str(error))
        return False
    return True


def _print(rows: list[tuple[str, ...]]) -> None:
    """Write *rows* in columns to a terminal, and with tabs to a program."""
    table = [_HEAD, *rows]
    if not sys.stdout.isatty():
        for row in table:
            sys.stdout.write("\t".join(row) + "\n")
        return
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        sys.stdout.write("  ".join(cells).rstrip() + "\n")


def _tell_policy(store: Path) -> None:
    from graph.generations.keeping import policy_of

    policy = policy_of(store)
    days = f", and the last of each of {policy.days} days" if policy.days else ""
    say(f"Kept are the last {policy.last}{days} (metapole serve --keep-generations, --keep-days).")
