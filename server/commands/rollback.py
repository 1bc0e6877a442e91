"""`metapole rollback`: go back to a generation that the store has kept."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from server.going_back import add_answers, go_back
from server.terminal import say

if TYPE_CHECKING:
    import argparse

    from graph.recovery.sources import State

AGENT = "metapole rollback"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--store", type=Path, default=Path("metapole-store"), metavar="DIR",
        help="folder of the store (default: %(default)s)",
    )  # fmt: skip
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--to", type=int, metavar="N",
        help="the generation to go back to (default: the newest that is whole if the current one "
        "is damaged, else the one before)",
    )  # fmt: skip
    which.add_argument(
        "--commits", type=int, metavar="K", help="undo that many commits, if a generation is kept"
    )
    add_answers(parser)


def run(args: argparse.Namespace) -> int:
    """Show what would be lost, ask, and go back; return the exit status."""
    if args.commits is not None and args.commits < 1:
        say(f"{AGENT}: {args.commits} commits cannot be undone; give 1 or more")
        return 2
    if args.to is None and args.commits is None and not args.dry_run and _mended(args.store):
        return 0

    def find() -> State:
        from graph.recovery.rollback import state_before

        return state_before(args.store, to=args.to, commits=args.commits)

    return go_back(args, AGENT, find)


def _mended(store: Path) -> bool:
    """Mend the pointer, if that is all that is damaged; tell whether it was."""
    from graph.errors import StoreUnusable
    from graph.generations import writing
    from graph.generations.fallback import find_whole, mend_pointer

    try:
        found = find_whole(store)
        if found is None or found.fallback is None or not found.fallback.loses_nothing:
            return False
        with writing(store, AGENT):
            mend_pointer(store, found.fallback)
    except (StoreUnusable, OSError):
        return False  # the same happens again where it is said
    say(found.fallback.message)
    say(f"{store}: the pointer was damaged, and nothing else; it is mended")
    return True
