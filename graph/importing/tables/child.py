"""The mapper: a process that reads one table, writes what a mapping makes of it, and ends.

Started by `process.map_table` with the bytes of memory that it may add to what it then has, the
bytes that it may write, and the descriptors of the table, of the file for triples, and of the file
for places (`ROW<tab>IRI`, for the first row that tells of a thing).
"""

from __future__ import annotations

import json
import os
import traceback
from typing import TYPE_CHECKING, Any

from graph.errors import ImportRefused, UploadTooLarge
from graph.importing.tables import text_files, workbooks
from graph.importing.tables.functions import functions
from graph.importing.tables.mapper import Mapper
from graph.importing.tables.rows import Defects, TooManyDefects
from graph.processes import frames, inside, sandbox
from graph.uploads.lines import Defect

if TYPE_CHECKING:
    from typing import BinaryIO


def main() -> None:
    """Map one table."""
    inside.run(_serve)


def _serve(parent: inside.Parent, arguments: list[str]) -> None:
    memory, size, table, output, places = map(int, arguments)
    functions()
    workbooks.prepare()
    text_files.prepare()
    inside.silence()
    missing = sandbox.enter(memory, output=size)
    parent.say(frames.READY, {"missing": missing})
    _, payload = parent.receive()
    job = json.loads(payload)
    sandbox.limit_processor_time(job["limits"]["timeout_s"])
    defects = Defects(job["limits"]["defects"])
    try:
        with os.fdopen(table, "rb") as file:
            counts = _map(job, defects, parent, file, output, places)
    except Exception as error:  # the parent knows what to make of it
        parent.say(frames.END, _failure(error, defects))
        return
    parent.say(frames.END, {"counts": counts, "defects": defects.found})


def _map(
    job: dict[str, Any], defects: Defects, parent: inside.Parent, file: BinaryIO, output: int,
    places: int,
) -> dict[str, int]:  # fmt: skip
    def tell(rows: int) -> None:
        parent.say(frames.DATA, {"rows": rows})

    with os.fdopen(output, "wb") as triples_file, os.fdopen(places, "wb") as places_file:
        return Mapper(job, defects, tell).map(file, triples_file, places_file)


def _failure(error: Exception, defects: Defects) -> dict[str, Any]:
    match error:
        case TooManyDefects():
            return {"counts": {}, "defects": defects.found, "is_cut": True}
        case ImportRefused():
            return {
                "failure": "refused",
                "message": str(error),
                "defects": [*defects.found, *error.defects],
            }
        case MemoryError():
            return {"failure": "memory", "message": ""}
        case UploadTooLarge():
            return {"failure": "refused", "message": str(error), "defects": defects.found}
        case Defect():
            return {"failure": "refused", "message": str(error), "defects": defects.found}
        case _:
            message = "".join(traceback.format_exception(error))
            return {"failure": "bug", "message": message}
