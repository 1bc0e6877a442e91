"""Keep the history short: join the small files that commits have left to whole pages.

Done after a commit was acknowledged. A page is written beside its parts, flushed, and put in place
before they are removed, so whoever reads finds the one or the other, wherever this ends.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from graph.generations.files import flush_one
from graph.history.pages import (
    PAGE_ENTRIES,
    histories,
    page_files,
    page_path,
    read_page,
    write_page,
)

if TYPE_CHECKING:
    from pathlib import Path

    from graph.generations.record import Generation
    from graph.history.pages import PageFile


def join_pages(store: Path, generation: Generation) -> None:
    """Join what belongs to full pages of the history that *generation* shows."""
    directory = histories(store) / generation.history
    parts: defaultdict[int, list[PageFile]] = defaultdict(list)
    for file in page_files(directory):
        parts[file.first // PAGE_ENTRIES].append(file)
    for page, files in parts.items():
        is_full = files[-1].end == (page + 1) * PAGE_ENTRIES
        if is_full and len(files) > 1 and files[-1].end <= generation.entries:
            _join(directory, files)


def _join(directory: Path, files: list[PageFile]) -> None:
    first, last = files[0], files[-1]
    path = page_path(
        directory,
        first.first,
        last.end - first.first,
        first.first_generation,
        last.last_generation,
    )
    unfinished = path.with_suffix(".tmp")
    write_page(unfinished, (line for file in files for line in read_page(file.path)))
    flush_one(unfinished)
    unfinished.rename(path)
    flush_one(directory)
    for file in files:
        file.path.unlink()
