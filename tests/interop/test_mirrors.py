"""A mirror of Virtuoso is whole, whatever Virtuoso leaves out of one answer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from graph.fetching.allowed import Allowed, AllowList
from graph.fetching.fetchers import Fetchers
from graph.importing.mirror import Mirror
from graph.importing.mirroring import Mirroring
from graph.limits import FetchLimits

from .endpoints import virtuoso

if TYPE_CHECKING:
    from pathlib import Path

    from graph.importing.mirroring import Mirrored

pytestmark = [pytest.mark.interop, pytest.mark.timeout(600)]

EX = "http://example.org/"
MANY = 20_000
"""Virtuoso sends half as many rows at most."""


def test_a_mirror_of_virtuoso_is_whole(tmp_path: Path) -> None:
    lines = sorted(f'<{EX}r{n}> <{EX}label> "Organisation {n}" .\n' for n in range(MANY))
    pages = tmp_path / "pages"
    pages.mkdir()
    with virtuoso(tmp_path, "".join(lines)) as address:
        mirrored = asyncio.run(mirror(address, pages))
    assert mirrored.part.path.read_text().splitlines(keepends=True) == lines
    assert mirrored.keys == MANY


async def mirror(address: str, folder: Path) -> Mirrored:
    """Mirror all labels, in pages larger than Virtuoso takes."""
    limits = FetchLimits(read_s=120, total_s=120, cache_ttl_s=0)
    allowed = Allowed("virtuoso", address, limits, is_private=True)
    text = f"CONSTRUCT {{ ?r <{EX}label> ?l }} WHERE {{ ?r <{EX}label> ?l }}"
    async with Fetchers(AllowList([allowed])) as fetchers:
        return await Mirroring(fetchers, allowed, Mirror.read(text), folder, 8_000).fetch("labels")
