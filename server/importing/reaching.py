"""Which other servers an import may ask: what its command names, and what a file allows besides."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from graph.errors import ImportRefused, NotAllowed
from graph.fetching.allow_file import read_allow_list
from graph.fetching.allowed import Allowed, AllowList, BadAddress, is_loopback, normal_url
from graph.limits import FetcherLimits, FetchLimits

if TYPE_CHECKING:
    import argparse

    from graph.fetching.allowed import Kind

_PATIENT = FetchLimits(read_s=120.0, total_s=300.0, bytes=100_000_000, cache_ttl_s=0.0)
"""Nobody waits for an import as somebody waits for a query."""


def add_reach(parser: argparse.ArgumentParser) -> None:
    """Declare what else may be asked."""
    reach = parser.add_argument_group("other servers")
    reach.add_argument(
        "--federate-file", type=Path, metavar="FILE",
        help="file (TOML) with names and limits of other servers, and where redirects may lead",
    )  # fmt: skip


def add_memory(parser: argparse.ArgumentParser) -> None:
    """Declare where it is noted what a file was like that was fetched."""
    parser.add_argument(
        "--remember", type=Path, metavar="FILE",
        help="note here what an address gave, and do nothing as long as that is the same",
    )  # fmt: skip


def reached(args: argparse.Namespace, url: str, kind: Kind) -> tuple[AllowList, Allowed]:
    """Return what may be asked for an import from *url*, and the entry for that."""
    fetchers = FetcherLimits()
    listed = read_allow_list([], args.federate_file, _PATIENT, fetchers)
    try:
        return listed, listed.find(url, kind)
    except NotAllowed:
        entry = _named(url, kind, fetchers)
        return AllowList([*listed, entry]), entry


def _named(url: str, kind: Kind, fetchers: FetcherLimits) -> Allowed:
    try:
        normal = normal_url(url)
    except BadAddress as error:
        raise ImportRefused(f"{ascii(url)[1:-1]}: {error}") from error
    limits = _PATIENT
    if kind == "files":
        limits = dataclasses.replace(limits, bytes=fetchers.file_bytes, total_s=fetchers.file_s)
    host = urlsplit(normal).hostname or ""
    return Allowed(host, normal, limits, is_private=is_loopback(normal), kind=kind)
