"""Read one table from its first byte to its last, and write what a mapping makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

import pyoxigraph as ox

from graph.errors import UploadTooLarge
from graph.importing.tables import workbooks
from graph.importing.tables.cells import ColumnReader
from graph.importing.tables.description import described
from graph.importing.tables.filling import Filling, batches
from graph.importing.tables.header import Header
from graph.importing.tables.ready import ready_rows
from graph.importing.tables.records import record_rows
from graph.importing.tables.text_files import encoding_of, text_rows
from graph.limits import UploadLimits
from graph.uploads.lines import CheckedLines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from graph.importing.tables.filling import Ready
    from graph.importing.tables.rows import Defects, Row

_BATCH = 200
_TELL_EVERY = 2_000


class Mapper:
    """The work on one table."""

    def __init__(
        self, job: dict[str, Any], defects: Defects, tell: Callable[[int], None] = lambda _: None
    ) -> None:
        self._job = job
        self._limits: dict[str, Any] = job["limits"]
        self._defects = defects
        self._tell = tell
        schema = described(job["metadata"]).tableSchema
        self._columns = [ColumnReader(each) for each in schema.columns]
        self._key: list[str] = list(schema.primaryKey)
        self._dialect: dict[str, Any] = job["metadata"].get("dialect", {})
        self._header = Header(self._columns, self._key)

    def map(self, file: BinaryIO, triples_file: BinaryIO, places_file: BinaryIO) -> dict[str, int]:
        """Write the triples and the places; return how many rows and triples there are."""
        titles = {column.name: column.title for column in self._columns}
        filling = Filling(self._job, titles, self._defects)
        rows, told = 0, set[str]()
        lines = CheckedLines(triples_file, UploadLimits(**self._job["upload_limits"]))
        for batch in batches(self._ready(file), _BATCH):
            rows += len(batch)
            content = bytearray()
            for number, triple in filling.triples(batch):
                content += f"{triple} .\n".encode()
                if isinstance(triple.subject, ox.NamedNode) and triple.subject.value not in told:
                    told.add(triple.subject.value)
                    places_file.write(f"{number}\t{triple.subject.value}\n".encode())
            lines.write(bytes(content))
            self._check_size(lines.triples)
            if rows // _TELL_EVERY > (rows - len(batch)) // _TELL_EVERY:
                self._tell(rows)
        lines.flush()
        return {"rows": rows, "triples": lines.triples}

    def _check_size(self, triples: int) -> None:
        most = self._job["upload_limits"]["triples"]
        if triples > most:
            raise UploadTooLarge(
                f"the table makes more than {most:,} statements; part it into several imports"
            )

    def _ready(self, file: BinaryIO) -> Iterator[Ready]:
        return ready_rows(
            self._rows(file), self._header, self._columns, self._key, self._limits, self._defects
        )

    def _rows(self, file: BinaryIO) -> Iterator[Row]:
        kind, skip = self._job["kind"], int(self._dialect.get("skipRows", 0))
        if kind == "workbook":
            return workbooks.workbook_rows(
                file, self._job["sheet"], skip, self._defects, self._header.match
            )
        if kind != "text":
            return record_rows(file, kind, self._job["records"], self._header.match)
        return self._text_rows(file, skip)

    def _text_rows(self, file: BinaryIO, skip: int) -> Iterator[Row]:
        declared = self._job["delimiter"] or self._dialect.get("delimiter")
        encoding = self._job["encoding"] or self._dialect.get("encoding")
        encoding = encoding_of(file, encoding, declared)
        delimiter = declared or self._header.delimiter_in(file, encoding, skip)
        self._header.delimiter = delimiter
        quote = self._dialect.get("quoteChar", '"')
        return text_rows(
            file, encoding, delimiter, quote, skip, self._limits["cell_characters"],
            self._header.match,
        )  # fmt: skip
