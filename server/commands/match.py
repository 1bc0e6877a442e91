"""`metapole match`: suggest which things of two graphs are the same, and decide about it."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from server.importing.options import add_target

if TYPE_CHECKING:
    import argparse

    from server.matching.places import Place

_COMMAND = "metapole match"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what can be done with matches."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    suggest = actions.add_parser("suggest", help="look for matches of the things of a graph")
    suggest.add_argument(
        "--graph", required=True, metavar="IRI",
        help="the graph; the name of an import for short",
    )  # fmt: skip
    listed = actions.add_parser("list", help="list the matches, the surest first")
    listed.add_argument(
        "--state", choices=("open", "accepted", "rejected"), default="open",
        help="which of them (%(default)s)",
    )  # fmt: skip
    listed.add_argument("--csv", action="store_true", help="write CSV, on a terminal too")
    for name, what in (
        ("accept", "link what is the same"),
        ("reject", "say that it is not; it is not suggested again"),
        ("undo", "take back what was decided"),
    ):
        action = actions.add_parser(name, help=what)
        action.add_argument("matches", nargs="+", metavar="MATCH", help="as 'list' names it")
    for action in actions.choices.values():
        add_target(action)
        action.add_argument("--by", default="", metavar="NAME", help="who decides (you)")


def run(args: argparse.Namespace) -> int:
    """Do what is asked for; return the exit status."""
    from graph.errors import GraphError
    from server.terminal import fail

    try:
        asyncio.run(_done(args))
    except (GraphError, OSError, ValueError) as error:
        return fail(_COMMAND, str(error), 1)
    return 0


async def _done(args: argparse.Namespace) -> None:
    from graph.differences import counted
    from graph.importing.names import graph_of
    from graph.review.terms import MATCHES
    from server.terminal import say

    place = _place(args)
    if args.action == "list":
        _show(await place.listed(args.state), is_plain=args.csv)
        return
    if args.action == "suggest":
        graph = args.graph if ":" in args.graph else graph_of(args.graph)
        done = await place.suggest(graph)
        say(f"{counted(done.looked_at, 'thing')} looked at, {_matches(done.count, 'new ')}.")
        if not done.is_all:
            say("There are more: decide about these, and suggest again.")
    else:
        matches = [each if ":" in each else MATCHES + each for each in args.matches]
        done = await place.decide(args.action, matches)
        say(f"{_SAID[args.action]}: {_matches(done.count)}.")
    if done.commit is None:
        say("Nothing was changed.")


_SAID = {"accept": "Accepted", "reject": "Rejected", "undo": "Undone"}


def _matches(count: int, what: str = "") -> str:
    return f"{count:,} {what}{'match' if count == 1 else 'matches'}"


def _place(args: argparse.Namespace) -> Place:
    from server.matching.places import LocalPlace, RemotePlace

    if args.to:
        return RemotePlace(args.to, args.token_file)
    return LocalPlace(args.store, args.by, _COMMAND)


def _show(text: str, *, is_plain: bool) -> None:
    """Write CSV; on a terminal, a table to read."""
    if is_plain or not sys.stdout.isatty():
        sys.stdout.write(text)
        return
    import csv
    import io

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from graph.differences import printable
    from graph.namespaces import short
    from graph.review.terms import MATCHES

    table = Table("match", "score", "subject", "object", "why", "by")
    for row in csv.DictReader(io.StringIO(text)):
        score = f"{float(row['confidence']) * 100:.0f}"
        cells = (row["match"].removeprefix(MATCHES), score, short(row["subject"]),
                 short(row["object"]), row["reasons"], row["by"])  # fmt: skip
        table.add_row(*(Text(printable(each)) for each in cells))
    Console().print(table)
