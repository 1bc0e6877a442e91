"""What robots may fetch: all but what costs a server much and tells a search engine nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from graph.publishing.edition import Edition

_COSTLY = (
    "sparql",
    "graph-store",
    "data/checksums",
    "oai",
    "ldes",
    "ogc/collections/*/items?",
    "*?asof=",
    "*&asof=",
    "*?generation=",
    "*&generation=",
)
"""Queries, harvests, digests of all files and looks at the past, below the public URL."""


def write_robots(edition: Edition) -> None:
    """Write the robots exclusion file (RFC 9309), with the address of the sitemap."""
    if not edition.is_wanted:
        return
    root = urlsplit(edition.public_url).path
    lines = [
        "User-agent: *",
        *(f"Disallow: {root}{path}" for path in _COSTLY),
        "",
        f"Sitemap: {edition.public_url}sitemap.xml",
    ]
    edition.out.write("".join(f"{line}\n" for line in lines).encode())
