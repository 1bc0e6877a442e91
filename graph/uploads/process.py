"""The parser of an upload, as the front sees it: files in, one file of checked N-Triples out."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Protocol

from graph.errors import EngineUnavailable, GraphError, UnreadableUpload, UploadTooLarge
from graph.limits import UploadLimits
from graph.processes.child import Child

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class SentFile(Protocol):
    """A file that was sent, and lies on the disk."""

    @property
    def path(self) -> Path:
        """Where it lies."""
        ...

    @property
    def media_type(self) -> str:
        """One of those that `formats` lists for graphs."""
        ...


@dataclass(frozen=True, slots=True)
class Parsed:
    """A file of checked N-Triples; whoever gets it removes it."""

    path: Path
    triples: int
    """How many lines; a triple that was sent twice is there twice."""
    size: int
    has_blank_nodes: bool
    """Whether there are blank nodes; their names occur nowhere else."""


async def parse_upload(
    spooled: Path,
    media_type: str,
    base_iri: str,
    graph: str | None,
    limits: UploadLimits = UploadLimits(),  # noqa: B008 -- it never changes
) -> Parsed:
    """Read one file; otherwise as `parse_parts`."""
    return await parse_parts([_File(spooled, media_type)], base_iri, graph, limits)


async def parse_parts(
    parts: Sequence[SentFile],
    base_iri: str,
    graph: str | None,
    limits: UploadLimits = UploadLimits(),  # noqa: B008 -- the same
) -> Parsed:
    """Read the files *parts*, which are for *graph*, into one file beside the first.

    The base IRI is for IRIs that are relative; the graph None is the default graph.
    UnreadableUpload says why it cannot be done; then, and when this is cancelled, no file is left.
    """
    target = parts[0].path.with_name(parts[0].path.name + ".nt")
    job = {
        "parts": [
            {"media_type": part.media_type, "name": f"part {number}" if len(parts) > 1 else ""}
            for number, part in enumerate(parts, 1)
        ],
        "base_iri": base_iri,
        "graph": graph,
        "limits": asdict(limits),
    }
    try:
        ending = await _read([part.path for part in parts], target, job, limits)
        return Parsed(target, **_counts(ending, limits))
    except BaseException:
        target.unlink(missing_ok=True)
        raise


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    media_type: str


async def _read(
    sources: Sequence[Path], target: Path, job: dict[str, Any], limits: UploadLimits
) -> dict[str, Any]:
    """Have a child of its own do *job*; return what it says at the end."""
    child = await _start(sources, target, limits)
    try:
        async with asyncio.timeout(limits.timeout_s):
            await child.send(job)
            frame = await child.receive()
            if frame is None:
                raise _ended(await child.exit_status(), limits)
    except TimeoutError as error:
        raise _too_slow(limits) from error
    finally:
        child.kill()
        await child.exit_status()
    return json.loads(frame[1])


async def _start(sources: Sequence[Path], target: Path, limits: UploadLimits) -> Child:
    with contextlib.ExitStack() as open_files:
        try:
            output = open_files.enter_context(target.open("wb")).fileno()
            inputs = [open_files.enter_context(path.open("rb")).fileno() for path in sources]
        except OSError as error:
            raise _disk(str(error)) from error
        return await Child.start(
            "the parser of an upload",
            "graph.uploads.child",
            (limits.memory_mb * 1_000_000, limits.written_bytes, output, *inputs),
            inherit=(output, *inputs),
        )


def _counts(ending: dict[str, Any], limits: UploadLimits) -> dict[str, Any]:
    """Return what *ending*, the last word of a parser, counts, or raise what it tells of."""
    if "counts" in ending:
        return ending["counts"]
    message = ending["message"]
    match ending["failure"]:
        case "unreadable":
            raise UnreadableUpload(message)
        case "too large":
            raise UploadTooLarge(message)
        case "memory":
            raise _out_of_memory(limits)
        case "disk":
            raise _disk(message)
        case _:
            raise RuntimeError(f"the parser of an upload failed:\n{message}")


def _ended(status: int, limits: UploadLimits) -> GraphError:
    """Return the error that a parser ended with *status* before it was done."""
    match -status:
        case signal.SIGABRT:  # so the engine ends when it gets no memory
            return _out_of_memory(limits)
        case signal.SIGXCPU:
            return _too_slow(limits)
        case signal.SIGSEGV | signal.SIGBUS:  # and so when it gets no more stack
            return UnreadableUpload("it is nested too deeply to be read; nest it less")
        case _:
            return EngineUnavailable(
                f"the process that read it was ended (status {status}), nothing was kept; "
                "send it again"
            )


def _too_slow(limits: UploadLimits) -> UploadTooLarge:
    return UploadTooLarge(
        f"it could not be read in {limits.timeout_s:g} s; send it in several requests"
    )


def _out_of_memory(limits: UploadLimits) -> UploadTooLarge:
    return UploadTooLarge(
        f"reading it takes more than {limits.memory_mb} MB of memory; send it in several requests, "
        "with shorter texts, and nested less deeply"
    )


def _disk(message: str) -> EngineUnavailable:
    return EngineUnavailable(
        f"what was sent could not be kept ({message}), nothing was changed; send it again later"
    )
