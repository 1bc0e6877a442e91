"""Fetch what a CONSTRUCT finds at an endpoint, page by page, and whole or not at all."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from typing import TYPE_CHECKING

from graph.errors import (
    ImportRefused,
    RemoteFailed,
    RemoteTooMuch,
    RemoteTooSlow,
    UnreadableUpload,
)
from graph.formats import formats_of
from graph.importing.candidate import Part, read_parts, write_lines
from graph.importing.origin import RawFile

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import pyoxigraph as ox

    from graph.fetching.allowed import Allowed
    from graph.fetching.fetchers import FetchedFile, Fetchers
    from graph.importing.mirror import Mirror

ACCEPT = "application/n-triples, text/turtle;q=0.9, application/rdf+xml;q=0.5"
MEDIA_TYPE = "application/n-triples"
_READABLE = frozenset(each.media_type for each in formats_of("graph"))
_NUMBER = re.compile(rb'\("([0-9]+)"')
_FOR_WANT_OF_ROOM = frozenset({400, 413, 414, 431, 500, 502, 504})
"""How servers answer a query that is too much for them; some say no more than that."""


@dataclasses.dataclass(frozen=True, slots=True)
class Mirrored:
    """What an endpoint had, as one file."""

    raw: RawFile
    part: Part
    keys: int
    pages: int


class Mirroring:
    """Fetches a *mirror* of the endpoint *allowed* into files in *folder*.

    A page has *most* keys.
    """

    def __init__(
        self, fetchers: Fetchers, allowed: Allowed, mirror: Mirror, folder: Path, most: int
    ) -> None:
        self._fetchers = fetchers
        self._allowed = allowed
        self._mirror = mirror
        self._folder = folder
        self._most = most
        self._pages: list[Part] = []

    async def fetch(self, name: str, tell: Callable[[str], object] = str) -> Mirrored:
        """Fetch all of it, for the import *name*, and *tell* how far it is.

        ImportRefused when it cannot be told that this is all.
        """
        await self._refuse_what_has_no_key()
        seen: set[str] = set()
        last: str | None = None
        while keys := await self._keys_after(last):
            if not seen.isdisjoint(keys) or len(set(keys)) < len(keys):
                raise self._refused("sorts otherwise than it compares; --key may name another")
            seen.update(keys)
            last = keys[-1]
            await self._fetch_page(keys)
            tell(f"{len(seen):,} of ?{self._mirror.key}, {len(self._pages):,} pages")
        if (number := await self._count(self._mirror.number_of_keys())) != len(seen):
            raise self._refused(
                f"has {number:,} of ?{self._mirror.key} now, and {len(seen):,} came; "
                "it has changed meanwhile, so try again"
            )
        return await self._written(name, len(seen))

    async def _refuse_what_has_no_key(self) -> None:
        if number := await self._count(self._mirror.number_without_key()):
            raise self._refused(
                f"has {number:,} solutions in which ?{self._mirror.key} is no IRI, which would be "
                "left out; name another variable by --key, or leave them out by a FILTER"
            )

    async def _keys_after(self, last: str | None) -> list[str]:
        """Return the next keys; it does not matter here how many the server leaves out."""
        fetched = await self._fetchers.select(
            self._allowed, self._mirror.keys_after(last, self._most)
        )
        return [line[2:-2].decode() for line in fetched.rows.splitlines()]

    async def _fetch_page(self, keys: Sequence[str]) -> None:
        """Fetch the page with *keys*; in smaller ones, where that is too much for the server."""
        path = self._folder / f"page-{len(self._pages) + 1}"
        query = self._mirror.page(keys)
        try:
            file = await self._fetchers.fetch(
                self._allowed, self._allowed.url, path, ACCEPT, query=query
            )
        except RemoteFailed as error:
            if len(keys) == 1 or not _may_be_too_much(error):
                raise
            return await self._fetch_smaller(keys)
        if file.left_out:
            raise self._refused(file.left_out)
        if file.media_type not in _READABLE:
            raise self._refused(f"answered with {file.media_type or 'no media type'}, not with RDF")
        if await self._is_whole(file, keys):
            return self._pages.append(Part(path, file.media_type))
        if len(keys) == 1:
            raise self._refused(
                f"has more than {file.most_rows:,} solutions for <{keys[0]}>, and never makes more "
                "of one answer; name another variable by --key"
            )
        return await self._fetch_smaller(keys)

    async def _fetch_smaller(self, keys: Sequence[str]) -> None:
        """Fetch pages of half as many keys, from now on."""
        self._most = (len(keys) + 1) // 2
        start = 0
        while part := keys[start : start + self._most]:
            await self._fetch_page(part)
            start += len(part)

    async def _is_whole(self, file: FetchedFile, keys: Sequence[str]) -> bool:
        """Tell whether *file* was made of all solutions: some servers stop at a number of them."""
        if not file.most_rows:
            return True
        return await self._count(self._mirror.solutions(keys)) <= file.most_rows

    async def _count(self, query: str) -> int:
        fetched = await self._fetchers.select(self._allowed, query)
        if found := _NUMBER.match(fetched.rows):
            return int(found[1])
        raise self._refused("does not count")

    async def _written(self, name: str, keys: int) -> Mirrored:
        """Write all pages as one file, in which the same always looks the same."""
        target = self._folder / "mirrored.nt"
        triples: list[ox.Triple] = []
        if self._pages:
            triples = await self._read(name)
        write_lines(target, dict.fromkeys(triples))
        content = target.read_bytes()
        raw = RawFile(
            "construct.nt",
            MEDIA_TYPE,
            hashlib.sha256(content).hexdigest(),
            len(content),
            self._allowed.url,
        )
        return Mirrored(raw, Part(target, MEDIA_TYPE), keys, len(self._pages))

    async def _read(self, name: str) -> list[ox.Triple]:
        try:
            return await read_parts(self._pages, name, self._allowed.url)
        except UnreadableUpload as error:
            raise self._refused(f"sent what cannot be taken: {error}") from error

    def _refused(self, why: str) -> ImportRefused:
        return ImportRefused(f"{self._allowed.name} {why}")


def _may_be_too_much(error: RemoteFailed) -> bool:
    is_large = isinstance(error, RemoteTooMuch | RemoteTooSlow)
    return is_large or error.status in _FOR_WANT_OF_ROOM
