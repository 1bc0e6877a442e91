"""The mapper of a table, as its parent sees it: a table and a mapping in, N-Triples out."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from graph.errors import EngineUnavailable, ImportRefused
from graph.importing.tables.limits import TableLimits
from graph.limits import UploadLimits
from graph.processes import frames
from graph.processes.child import Child

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from graph.importing.tables.mapping import TableMapping


@dataclass(frozen=True, slots=True)
class Table:
    """A file, and how it is to be read."""

    path: Path
    name: str
    """What messages call it."""
    kind: str
    """"text", "workbook", "json", "results" or "geojson"."""
    delimiter: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    records: str = ""
    """Where in JSON the list of records is; "" for the top."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """What became of a table."""

    triples: Path
    """A file of N-Triples."""
    rows: int
    places: dict[str, int] = field(repr=False, default_factory=dict[str, int])
    """By the IRIs of things: the first row that tells of them."""


async def map_table(
    table: Table,
    mapping: TableMapping,
    name: str,
    folder: Path,
    *,
    number: int = 1,
    of_several: bool = False,
    limits: TableLimits | None = None,
    uploads: UploadLimits | None = None,
    tell: Callable[[int], None] = lambda _: None,
) -> Mapped:
    """Map *table*, the document *number* of the import *name*, in a process of its own.

    ImportRefused carries what is wrong with it, row by row; nothing is kept then. *tell* is called
    with the number of rows now and then.
    """
    limits = limits or TableLimits()
    job = job_of(
        table, mapping, name, number, of_several=of_several, limits=limits, uploads=uploads
    )
    triples, places = folder / f"part-{number}", folder / f"places-{number}"
    ending = await _run(table, job, triples, places, limits, tell)
    counts = _counts(table, ending, limits)
    return Mapped(triples, counts["rows"], _read_places(places))


def job_of(
    table: Table,
    mapping: TableMapping,
    name: str,
    number: int = 1,
    *,
    of_several: bool = False,
    limits: TableLimits | None = None,
    uploads: UploadLimits | None = None,
) -> dict[str, Any]:
    """Return what is to be done, as plain values."""
    return {
        **asdict(mapping),
        "kind": table.kind,
        "delimiter": table.delimiter,
        "encoding": table.encoding,
        "sheet": table.sheet,
        "records": table.records,
        "import": name,
        "document": number,
        "part": f"{number}-" if of_several else "",
        "limits": asdict(limits or TableLimits()),
        "upload_limits": asdict(uploads or UploadLimits()),
    }


async def _run(
    table: Table, job: dict[str, Any], triples: Path, places: Path, limits: TableLimits,
    tell: Callable[[int], None],
) -> dict[str, Any]:  # fmt: skip
    with contextlib.ExitStack() as files:
        opened = [
            files.enter_context(path.open(mode)).fileno()
            for path, mode in ((table.path, "rb"), (triples, "wb"), (places, "wb"))
        ]
        child = await Child.start(
            "the mapper of a table",
            "graph.importing.tables.child",
            (limits.memory_mb * 1_000_000, limits.written_bytes, *opened),
            inherit=tuple(opened),
        )
    try:
        async with asyncio.timeout(limits.timeout_s):
            await child.send(job)
            while (frame := await child.receive()) is not None:
                kind, payload = frame
                if kind == frames.END:
                    return json.loads(payload)
                tell(int(json.loads(payload)["rows"]))
            raise _ended(table, await child.exit_status(), limits)
    except TimeoutError as error:
        raise _too_slow(table, limits) from error
    finally:
        child.kill()
        await child.exit_status()


def _counts(table: Table, ending: dict[str, Any], limits: TableLimits) -> dict[str, int]:
    """Return what was counted; ImportRefused when something is wrong."""
    defects: list[dict[str, Any]] = ending.get("defects", [])
    match ending.get("failure"):
        case None if not defects:
            return ending["counts"]
        case None:
            more = " at least" if ending.get("is_cut") else ""
            defects = sorted(defects, key=lambda each: int(each["row"] or 0))
            places = "place" if len(defects) == 1 else "places"
            message = f"{table.name} is wrong in{more} {len(defects):,} {places}"
            raise ImportRefused(message, defects)
        case "refused":
            raise ImportRefused(f"{table.name}: {ending['message']}", defects)
        case "memory":
            raise _out_of_memory(table, limits)
        case _:
            raise RuntimeError(f"the mapper of a table failed:\n{ending['message']}")


def _ended(table: Table, status: int, limits: TableLimits) -> Exception:
    match -status:
        case signal.SIGABRT | signal.SIGSEGV | signal.SIGBUS:
            return _out_of_memory(table, limits)
        case signal.SIGXCPU:
            return _too_slow(table, limits)
        case _:
            return EngineUnavailable(
                f"the process that read {table.name} was ended (status {status}); try again"
            )


def _too_slow(table: Table, limits: TableLimits) -> ImportRefused:
    return ImportRefused(
        f"{table.name} could not be read in {limits.timeout_s:g} s; part it into several files"
    )


def _out_of_memory(table: Table, limits: TableLimits) -> ImportRefused:
    return ImportRefused(
        f"reading {table.name} takes more than {limits.memory_mb} MB of memory; part it into "
        "several files, or save it as CSV, of which little is in memory at a time"
    )


def _read_places(path: Path) -> dict[str, int]:
    places: dict[str, int] = {}
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            row, _, thing = line.rstrip("\n").partition("\t")
            places[thing] = int(row)
    return places
