"""The file with what was read ahead of a generation: a line with where each part is, the parts.

A part is JSON. The name of the file tells the generation and the code that it was made by, so that
none is read that would say something else. It can be made again at any time.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graph.generations import Generation

_CODE = Path(__file__).parents[2]
_LONGEST_LINE = 10_000


def ahead_folder(store: Path) -> Path:
    """Return where such files of *store* are."""
    return store / "ahead"


def ahead_file(generation: Generation) -> Path:
    """Return where the file of *generation* is, once it is made."""
    name = f"{generation.digest[:32]}-{_code()}.parts"
    return ahead_folder(generation.path.parents[1]) / name


def forget(store: Path) -> None:
    """Remove all files of *store*, for they may tell of what nobody is to find any more."""
    shutil.rmtree(ahead_folder(store), ignore_errors=True)


def written(parts: Mapping[str, Any]) -> bytes:
    """Return a file with *parts*."""
    contents = {name: json.dumps(each, ensure_ascii=False).encode() for name, each in parts.items()}
    places: dict[str, tuple[int, int]] = {}
    start = 0
    for name, content in contents.items():
        places[name] = start, len(content)
        start += len(content)
    return b"".join((json.dumps(places).encode(), b"\n", *contents.values()))


def part_of(path: Path, name: str) -> Any:  # noqa: ANN401 -- JSON
    """Return the part *name* of the file at *path*; None where that cannot be read."""
    try:
        with path.open("rb") as file:
            places = json.loads(file.readline(_LONGEST_LINE))
            begin = file.tell()
            start, length = places[name]
            file.seek(begin + start)
            return json.loads(file.read(length))
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None


def put(path: Path, content: bytes) -> None:
    """Put *content* at *path*, and remove the files of other generations; OSError in vain."""
    path.parent.mkdir(exist_ok=True)
    # Not flushed to disk: what is lost is made again, and what is damaged is not read.
    unfinished = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    for other in path.parent.iterdir():
        if other != path:
            other.unlink(missing_ok=True)


@cache
def _code() -> str:
    """Return a digest of the code that makes and reads such files."""
    digest = hashlib.sha256()
    for folder in ("publishing", "queries"):
        for path in sorted((_CODE / folder).rglob("*")):
            if path.suffix in (".py", ".rq"):
                status = path.stat()
                digest.update(f"{path.name} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:12]
