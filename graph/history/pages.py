"""The files of a history: each holds up to a page of entries, and its name says which."""

from __future__ import annotations

import errno
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import zstandard

from graph.errors import StoreUnusable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from graph.generations.record import Generation

PAGE_ENTRIES = 250
"""How many entries a page has; the n-th page has those from n times as many on."""

_NAME = re.compile(r"(\d{12})-(\d+)-(\d{6,})-(\d{6,})\.zst")
_LEVEL = 3


@dataclass(frozen=True, slots=True)
class PageFile:
    """One file, by its name."""

    first: int
    """The number of its first entry."""
    count: int
    """How many numbers it covers; some of their entries may have been let go of."""
    first_generation: int
    last_generation: int
    path: Path

    @property
    def end(self) -> int:
        """The number after the last that it covers."""
        return self.first + self.count


def histories(store: Path) -> Path:
    """Return where *store* has its history, and what it begins anew."""
    return store / "history"


def history_of(generation: Generation) -> Path:
    """Return the directory of the history that *generation* shows."""
    return histories(generation.path.parents[1]) / generation.history


def page_path(
    directory: Path, first: int, count: int, first_generation: int, last_generation: int
) -> Path:
    """Return where a page is kept."""
    return directory / f"{first:012d}-{count}-{first_generation:06d}-{last_generation:06d}.zst"


def page_files(directory: Path) -> list[PageFile]:
    """Return the files in *directory* in their order, none of which covers what another does.

    Where small ones were joined and not removed yet, that is the one they were joined to.
    """
    try:
        found = [file for path in directory.iterdir() if (file := _page_file(path))]
    except OSError as error:
        if error.errno == errno.EMFILE:  # who may open nothing cannot know what is there
            raise StoreUnusable(f"{directory}: cannot be read ({error.strerror})") from error
        return []
    files: list[PageFile] = []
    for file in sorted(found, key=lambda each: (each.first, -each.count)):
        if not files or file.end > files[-1].end:
            files.append(file)
    return files


def write_page(path: Path, lines: Iterable[bytes]) -> None:
    """Write the entries in *lines* to *path*."""
    path.write_bytes(packed(lines))


def packed(lines: Iterable[bytes]) -> bytes:
    """Return *lines* as they are written."""
    compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True)
    return compressor.compress(b"".join(lines))


def read_page(path: Path) -> list[bytes]:
    """Return the lines of the page at *path*; StoreUnusable when they are damaged.

    FileNotFoundError when it was joined to another one meanwhile.
    """
    try:
        content = zstandard.ZstdDecompressor().decompress(path.read_bytes())
    except FileNotFoundError:
        raise
    except (OSError, zstandard.ZstdError) as error:
        raise StoreUnusable(f"{path}: the history is damaged there ({error})") from error
    return content.splitlines(keepends=True)  # JSON has other line ends only as escapes


def _page_file(path: Path) -> PageFile | None:
    match = _NAME.fullmatch(path.name)
    if not match:
        return None
    first, count, first_generation, last_generation = map(int, match.groups())
    return PageFile(first, count, first_generation, last_generation, path)
