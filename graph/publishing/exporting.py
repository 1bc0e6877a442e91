"""Write all files of the static set into a folder: the same bytes every time from a generation.

The files are written by the documents' own writers, in readers, as a server has it done.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import fnmatch
import hashlib
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from graph.errors import ExportRefused
from graph.generations.files import flush
from graph.generations.holding import holding
from graph.publishing.checksums import (
    Checksum,
    checksums_json,
    checksums_text,
    hashes_from_json,
)
from graph.publishing.dumps.offered import all_dumps, canonical_hashes
from graph.publishing.files import static_files
from graph.publishing.folders import replacing

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from pathlib import Path
    from typing import BinaryIO

    from graph.formats import Format
    from graph.generations import Generation, Progress
    from graph.publishing.document import Document
    from graph.publishing.dumps.offered import Dump
    from graph.publishing.files import StaticFile
    from graph.query import Engine

MARK = "export.json"
"""What tells that a folder is an export, and of what."""

_FORMAT = 1


class UnknownPattern(ValueError):  # noqa: N818 -- it says what was given
    """No file is like the pattern."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written."""

    generation: Generation
    files: tuple[Checksum, ...]

    @property
    def version(self) -> str:
        """The version of the dataset."""
        return f"{self.generation.built[:10]}.{self.generation.number}"


def files_to_export(generation: Generation, only: Sequence[str] = ()) -> list[StaticFile]:
    """Return the files of *generation* whose paths are like one of *only*; all without any.

    UnknownPattern when nothing is like one of them.
    """
    files = static_files(generation)
    for pattern in only:
        if not any(fnmatch.fnmatch(file.path, pattern) for file in files):
            raise UnknownPattern(
                f"no file is like {pattern!r}; a pattern is like 'data/*.csv' or 'data/metapole.*'"
            )
    return [
        file
        for file in files
        if not only or any(fnmatch.fnmatch(file.path, pattern) for pattern in only)
    ]


async def export(
    engine: Engine,
    target: Path,
    files: Sequence[StaticFile],
    *,
    index: Callable[[Exported], bytes],
    progress: Progress,
) -> Exported:
    """Write *files* into *target*, completely or not at all.

    ExportRefused when there is something else, or no room.
    """
    generation = engine.generation
    check_target(target)
    with holding(generation), _no_room_is_told(target), replacing(target) as folder:
        writing = _Writing(engine, generation, folder)
        await writing.write_all(files, progress)
        exported = Exported(generation, writing.checksums)
        (folder / "index.html").write_bytes(index(exported))
        (folder / "SHA256SUMS").write_bytes(checksums_text(exported.files))
        (folder / MARK).write_text(_mark(exported), encoding="utf-8")
        flush((*folder.rglob("*"), folder))
    return exported


def check_target(target: Path) -> None:
    """Raise ExportRefused when *target* is there, and no export: it may be somebody's work."""
    if not target.exists() or (target.is_dir() and not any(target.iterdir())):
        return
    try:
        if json.loads((target / MARK).read_text(encoding="utf-8"))["metapole_export"] == _FORMAT:
            return
    except (OSError, ValueError, TypeError, KeyError):
        pass
    raise ExportRefused(
        f"{target}: is there, and is no export of metapole; name another folder, or remove it"
    )


class _Writing:
    """The writing of one export into *folder*."""

    def __init__(self, engine: Engine, generation: Generation, folder: Path) -> None:
        self._engine = engine
        self._generation = generation
        self._folder = folder
        self._written: dict[str, Checksum] = {}

    @property
    def checksums(self) -> tuple[Checksum, ...]:
        """What was written, in the order of the paths."""
        return tuple(self._written[path] for path in sorted(self._written))

    async def write_all(self, files: Sequence[StaticFile], progress: Progress) -> None:
        """Write *files*, as many at a time as there are readers; those that tell of others last."""
        places = asyncio.Semaphore(self._engine.readers)
        progress("write", 0.0)

        async def write(file: StaticFile) -> None:
            async with places:
                await self.write(file)
            progress("write", len(self._written) / len(files))

        for are_last in (False, True):
            some = [each for each in files if (each.document.writer == "checksums") is are_last]
            try:
                async with asyncio.TaskGroup() as tasks:
                    for file in some:
                        tasks.create_task(write(file))
            except ExceptionGroup as errors:
                raise errors.exceptions[0] from None  # one is enough to give up

    async def write(self, file: StaticFile) -> None:
        """Write one file."""
        path = self._folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as opened:
            out = _Hashed(opened)
            if file.document.writer == "checksums" and (known := self._dumps()):
                out.write(await self._checksums(known, file))
            else:
                await self._answer(file.document, file.format, out.write)
        self._written[file.path] = Checksum(file.path, out.size, out.sha256.hexdigest())

    async def _answer(
        self, document: Document, answer_format: Format, take: Callable[[bytes], object]
    ) -> None:
        pinned = replace(document, generation=self._generation.number)
        answer = await self._engine.answer(pinned, answer_format)
        with contextlib.closing(answer):
            async for piece in answer:
                take(piece)

    def _dumps(self) -> list[tuple[Dump, Checksum]]:
        """Return all dumps with what they are known by, if all were written; else none."""
        dumps = list(all_dumps(self._generation.graphs or ()))
        written = (self._written.get(f"data/{dump.name}") for dump in dumps)
        found = [
            replace(each, name=dump.name) for dump, each in zip(dumps, written, strict=True) if each
        ]
        return list(zip(dumps, found, strict=True)) if len(found) == len(dumps) else []

    async def _checksums(self, known: list[tuple[Dump, Checksum]], file: StaticFile) -> bytes:
        """Return what the writer of checksums would write, who would make all dumps once more."""
        if file.format.extension != "json":
            return checksums_text(checksum for _, checksum in known)
        wish, text = canonical_hashes(), bytearray()
        await self._answer(wish, wish.formats[0], text.extend)
        hashes = hashes_from_json(bytes(text))
        return checksums_json(
            replace(checksum, canonical=hashes.get(dump.meaning)) for dump, checksum in known
        )


class _Hashed:
    """A file whose digest is known when it is written."""

    def __init__(self, file: BinaryIO) -> None:
        self.size = 0
        self.sha256 = hashlib.sha256()
        self._file = file

    def write(self, content: bytes) -> None:
        self._file.write(content)
        self.sha256.update(content)
        self.size += len(content)


@contextlib.contextmanager
def _no_room_is_told(target: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise ExportRefused(
            f"{target.parent}: there is no room for all files ({error.strerror}); {target} is as "
            "it was. Make room, or have less written (--only)"
        ) from error


def _mark(exported: Exported) -> str:
    files = [
        {"path": each.name, "bytes": each.size, "sha256": each.sha256} for each in exported.files
    ]
    generation = exported.generation
    content = {
        "metapole_export": _FORMAT,
        "version": exported.version,
        "generation": generation.number,
        "commit": generation.commit,
        "built": generation.built,
        "files": files,
    }
    return json.dumps(content, indent=1) + "\n"
