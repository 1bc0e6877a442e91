"""Tables as CSV (RFC 4180, UTF-8), for programs and for spreadsheets.

A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula, and runs it. What
people have called something may begin so, too. In a column of text such a cell gets an apostrophe
in front, and one more if it has some already, so that taking one away gives what was there. A
spreadsheet that splits lines at semicolons begins a cell after each. Numbers, dates and IRIs stay.
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graph.publishing.edition import Out
    from graph.publishing.tables.offered import Table
    from graph.publishing.tables.rows import Row

_BUFFER = 64 * 1024
_FORMULA = re.compile(r"(^|[;\t\r\n])('*[=+\-@\t\r])")


def write_csv(table: Table, found: Iterable[Row], out: Out) -> None:
    """Write the rows that were *found* for *table* to *out*, with a line of names before them."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([column.name for column in table.columns])
    for row in found:
        writer.writerow(
            [
                inert(row.get(column.name, ""))
                if column.datatype == "string"
                else row.get(column.name, "")
                for column in table.columns
            ]
        )
        if text.tell() > _BUFFER:
            _pass_on(text, out)
    _pass_on(text, out)


def inert(text: str) -> str:
    """Return *text* as no spreadsheet takes it for a formula."""
    return _FORMULA.sub(r"\1'\2", text)


def _pass_on(text: io.StringIO, out: Out) -> None:
    out.write(text.getvalue().encode())
    text.seek(0)
    text.truncate()
