"""`metapole restore`: have a store hold what a backup holds, or what it held at some time."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from server.going_back import add_answers, go_back
from server.terminal import fail, say

if TYPE_CHECKING:
    from graph.recovery.sources import State

AGENT = "metapole restore"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--store", type=Path, default=Path("metapole-store"), metavar="DIR",
        help="folder of the store (default: %(default)s); an empty one is filled",
    )  # fmt: skip
    parser.add_argument(
        "--from", dest="places", type=Path, action="append", default=[], metavar="PLACE",
        help="a backup, an archive, or a folder of backups; repeatable",
    )  # fmt: skip
    parser.add_argument(
        "--at", type=_time, metavar="TIME",
        help="take the last state until then, of the backups and of what the store has kept, such "
        "as 2026-11-20T10:00 (UTC, unless it says otherwise)",
    )  # fmt: skip
    parser.add_argument(
        "--commit", type=int, metavar="N", help="take the last state up to that commit"
    )
    add_answers(parser)


def run(args: argparse.Namespace) -> int:
    """Show what would be lost, ask, and restore; return the exit status."""
    if not args.places and args.at is None and args.commit is None:
        return fail(AGENT, "say what to restore: --from a backup, --at a time, or --commit", 2)
    return go_back(args, AGENT, lambda: _state(args))


def _state(args: argparse.Namespace) -> State:
    """Return the last state that fits, of all places."""
    from graph.recovery.sources import chosen, states_in, states_of

    states: list[State] = []
    if args.at is not None or args.commit is not None:
        states += states_of(args.store)
    for place in args.places:
        offer = states_in(place)
        states += offer.states
        for problem in offer.problems:
            say(f"Left out: {problem}")
    return chosen(states, at=args.at, commit=args.commit)


def _time(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"{text} is no time; give one such as 2026-11-20T10:00"
        ) from error
    return time if time.tzinfo else time.replace(tzinfo=UTC)
