"""`metapole backup`: copy what a store holds to another place, while it is in use."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from server.terminal import bars, fail, say

if TYPE_CHECKING:
    import argparse

    from graph.recovery.backups import Backup, Form

AGENT = "metapole backup"
_STEPS = {"copy": "Copying", "write": "Writing", "verify": "Reading it again"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--store", type=Path, default=Path("metapole-store"), metavar="DIR",
        help="folder of the store (default: %(default)s)",
    )  # fmt: skip
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument(
        "--to", type=Path, metavar="DIR", help="make a folder that is a store, to be used as one"
    )
    where.add_argument(
        "--archive", type=Path, metavar="FILE",
        help="make one file of compressed N-Quads (.nq.zst), which any other engine reads, too",
    )  # fmt: skip
    where.add_argument("--list", action="store_true", help="list the backups of the store")
    parser.add_argument(
        "--keep", type=int, metavar="N",
        help="the place is a folder of backups: add one with a name of its own, and remove all "
        "but the last N",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Make a backup, verify it, and say where it is; return the exit status."""
    from graph.errors import GraphError

    if args.keep is not None and (args.keep < 1 or args.list):
        return fail(AGENT, "--keep takes a number from 1 on, and a place for the backup", 2)
    try:
        if args.list:
            return _list(args.store)
        form: Form = "archive" if args.archive else "store"
        made = _make(args.store, args.archive or args.to, form, args.keep)
    except (GraphError, OSError) as error:
        return fail(AGENT, str(error), 1)
    say(
        f"{made.path}: generation {made.generation} (commit {made.commit}, {made.quads:,} quads), "
        "verified"
    )
    return 0


def _make(store: Path, place: Path, form: Form, keep: int | None) -> Backup:
    from graph.recovery.backups import back_up, name_in, rotate

    target = place if keep is None else name_in(place, store, form)
    with bars(_STEPS) as progress:
        made = back_up(store, target, form, progress=progress, warn=say)
    if keep is not None:
        for removed in rotate(store, place, form, keep):
            say(f"{removed}: removed, as {keep} are kept")
    return made


def _list(store: Path) -> int:
    import sys

    from graph.recovery.backups import noted_backups

    for each in noted_backups(store):
        gone = "" if each.path.exists() else "\tgone"
        sys.stdout.write(
            f"{each.made}\tgeneration {each.generation}\tcommit {each.commit}\t{each.path}{gone}\n"
        )
    return 0
