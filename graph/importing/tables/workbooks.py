"""Read rows of XLSX workbooks, one after the other; formulas are refused: nobody evaluates them."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from graph.importing.tables.rows import Row, refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from graph.importing.tables.rows import Cell, Defects

_FORMULA = "f"
_ERROR = "e"


def prepare() -> None:
    """Load all that is loaded on demand: there may be no files soon."""
    content = io.BytesIO()
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None  # noqa: S101 -- a new workbook has one
    cast("Any", sheet).append(["a", 1, 1.5, True])
    book.save(content)
    content.seek(0)
    for _ in cast("Any", openpyxl.load_workbook(content, read_only=True)).active.iter_rows():
        pass


def workbook_rows(
    file: BinaryIO,
    sheet: str | None,
    skip: int,
    defects: Defects,
    matches: Callable[[Sequence[str]], None],
) -> Iterator[Row]:
    """Yield the rows of a sheet, the first unless *sheet* names another."""
    book = _opened(file)
    names: list[str] = book.sheetnames
    if sheet is not None and sheet not in names:
        raise refused(f"there is no sheet {sheet!r}", f"take one of {', '.join(map(repr, names))}")
    header: list[str] = []
    number = 0
    try:
        for number, cells in enumerate(book[sheet or names[0]].iter_rows(), 1):
            if number <= skip:
                continue
            if number == skip + 1:
                header = _header(cells)
                matches(header)
            elif any(cell.value not in (None, "") for cell in cells):
                yield Row(number, tuple(_values(cells, header, number, defects)), (number, number))
    except (zipfile.BadZipFile, SyntaxError, ValueError, KeyError) as error:
        raise refused(
            f"row {number + 1} of the workbook cannot be read ({error})",
            "open it in a spreadsheet, and save it anew",
            row=number + 1,
        ) from error
    if number <= skip:
        raise refused("the sheet has no header: it is empty", "name another with --sheet")


def _opened(file: BinaryIO) -> Any:  # noqa: ANN401 -- openpyxl has no types that say more
    file.seek(0)
    try:
        return openpyxl.load_workbook(file, read_only=True, keep_links=False)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise refused(
            f"it is no workbook (XLSX) that can be read ({error})",
            "open it in a spreadsheet, and save it as .xlsx or .csv",
        ) from error


def _header(cells: Sequence[Any]) -> list[str]:
    names = ["" if cell.value is None else str(cell.value) for cell in cells]
    while names and not names[-1].strip():
        names.pop()
    return names


def _values(
    cells: Sequence[Any], header: Sequence[str], row: int, defects: Defects
) -> Iterator[Cell]:
    for index, cell in enumerate(cells):
        if index >= len(header) and cell.value in (None, ""):
            continue
        kind = getattr(cell, "data_type", "n")
        if kind in (_FORMULA, _ERROR):
            name = header[index] if index < len(header) else get_column_letter(index + 1)
            what = "a formula" if kind == _FORMULA else "an error of the spreadsheet"
            place = f"{get_column_letter(index + 1)}{row}"
            defects.add(
                row, [name], str(cell.value), f"cell {place} holds {what}",
                "put its value there (paste special, values), or save the sheet as CSV",
            )  # fmt: skip
            yield None
        else:
            yield cell.value
