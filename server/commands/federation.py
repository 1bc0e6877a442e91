"""The options that say which other servers may be asked; every command that asks some has them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from graph.fetching.allowed import AllowList
    from server.limits import AllLimits


def add_arguments(group: argparse._ActionsContainer) -> None:  # pyright: ignore[reportPrivateUsage] -- argparse has no public name for it
    """Add the options."""
    group.add_argument(
        "--federate",
        action="append",
        default=[],
        metavar="URL",
        help="a SPARQL endpoint that queries may ask by SERVICE; repeatable. Without one, none",
    )
    group.add_argument(
        "--federate-file",
        type=Path,
        metavar="FILE",
        help="a file (TOML) with more of them, their names and limits",
    )


def allow_list_from(arguments: argparse.Namespace, limits: AllLimits | None = None) -> AllowList:
    """Return the list that *arguments* tell of; UnreadableList when it cannot be read."""
    from graph.fetching.allow_file import read_allow_list
    from server.limits import AllLimits

    limits = limits or AllLimits()
    return read_allow_list(
        arguments.federate, arguments.federate_file, limits.remote, limits.fetcher
    )
