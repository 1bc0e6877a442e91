"""The file that an import is made from: one of this machine, or one that is fetched first."""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from graph.errors import ImportRefused
from graph.fetching.fetchers import Fetchers, Known
from server.importing.reaching import reached

if TYPE_CHECKING:
    import argparse
    from collections.abc import Generator

    from graph.fetching.fetchers import FetchedFile


@dataclass(frozen=True, slots=True)
class Found:
    """A file to import."""

    path: Path
    name: str
    """What it is called where it is from."""
    media_type: str | None = None
    """What the server says that it is; None for a file of this machine."""
    url: str | None = None
    """Where it was fetched from, after all redirects."""
    known: Known = Known()  # noqa: RUF009 -- it never changes


@contextlib.contextmanager
def file_named(
    args: argparse.Namespace, name: str, accept: str, memory: Path | None = None
) -> Generator[Found | None]:
    """Give the file called *name*, fetched if that is an address.

    None when it is the same as *memory* knows; GraphError when it cannot be fetched.
    """
    if not is_address(name):
        yield Found(Path(name), Path(name).name)
        return
    known = Known(**_remembered(memory).get(name, {})) if memory else Known()
    with TemporaryDirectory(prefix="metapole-fetched-") as folder:
        target = Path(folder) / "fetched"
        fetched = asyncio.run(_fetched(args, name, target, accept, known))
        if fetched.left_out:
            raise ImportRefused(f"{name}: its server {fetched.left_out}")
        if fetched.path is None:
            yield None
            return
        called = unquote(urlsplit(fetched.final_url).path).rpartition("/")[2] or "index"
        now = Known(fetched.etag, fetched.last_modified)
        yield Found(target, called, fetched.media_type, fetched.final_url, now)


def is_address(text: str) -> bool:
    """Tell whether *text* is the address of a file, not its path."""
    return text.lower().startswith(("http://", "https://"))


def remember(args: argparse.Namespace, found: Found) -> None:
    """Note, if that is wanted, what *found* was like, so that it is not fetched again."""
    if args.remember and found.url:
        known = {"etag": found.known.etag, "last_modified": found.known.last_modified}
        text = json.dumps({**_remembered(args.remember), args.file: known}, indent=1)
        args.remember.write_text(text + "\n", encoding="utf-8")


async def _fetched(
    args: argparse.Namespace, url: str, target: Path, accept: str, known: Known
) -> FetchedFile:
    allow_list, allowed = reached(args, url, "files")
    async with Fetchers(allow_list) as fetchers:
        return await fetchers.fetch(allowed, url, target, accept, known)


def _remembered(path: Path) -> dict[str, dict[str, str]]:
    if not path.exists():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {
            url: {key: str(each[key]) for key in ("etag", "last_modified")}
            for url, each in found.items()
        }
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ImportRefused(
            f"{path} does not tell what was fetched; delete it, or name another file"
        ) from error
