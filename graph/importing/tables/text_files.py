"""Read rows of CSV and TSV files, whose encoding and delimiter are declared or found out."""

from __future__ import annotations

import codecs
import contextlib
import csv
import encodings
import io
import pkgutil
from collections import Counter
from typing import TYPE_CHECKING, BinaryIO

from graph.importing.tables.rows import Row, refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_PIECE_BYTES = 1 << 20
_SHOWN = 40


def prepare() -> None:
    """Load all encodings, each of which is a file: there may be no files soon."""
    for module in pkgutil.iter_modules(encodings.__path__):
        with contextlib.suppress(LookupError):  # some are for another system, some are none
            codecs.lookup(module.name)


def encoding_of(file: BinaryIO, declared: str | None, delimiter: str | None) -> str:
    """Return the encoding of *file*: what is declared, what its first bytes say, or UTF-8.

    ImportRefused, with the line and the column, where the bytes are not in it.
    """
    file.seek(0)
    start = file.read(4)
    marked = next((name for mark, name in _MARKS.items() if start.startswith(mark)), None)
    encoding = declared or marked or "utf-8"
    if declared and marked == "utf-8-sig" and codecs.lookup(declared).name == "utf-8":
        encoding = marked
    _check(file, encoding, delimiter)
    return encoding


def _check(file: BinaryIO, encoding: str, delimiter: str | None) -> None:
    file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    line, header, tail = 1, "", ""
    while True:
        piece = file.read(_PIECE_BYTES)
        pending = decoder.getstate()[0] + piece
        try:
            text = decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            before = tail + pending[: error.start].decode(encoding, "ignore")
            header = header or before.partition("\n")[0]
            raise _not_in(encoding, pending, error, line, header, before, delimiter) from error
        except UnicodeError as error:
            raise refused(
                f"line {line}: the text is not {encoding} ({error})",
                "leave --encoding out, or say how the text is encoded", row=line,
            ) from error  # fmt: skip
        if not piece:
            return
        header = header or text.partition("\n")[0]
        line += text.count("\n")
        tail = text[text.rfind("\n") + 1 :] if "\n" in text else tail + text


def _not_in(
    encoding: str,
    pending: bytes,
    error: UnicodeDecodeError,
    line: int,
    header: str,
    before: str,
    delimiter: str | None,
) -> Exception:
    """Return what to say of a byte that is not in *encoding*, with where it is."""
    line += before.count("\n")
    here = before.rpartition("\n")[2]
    mark = delimiter or delimiter_of(header)
    names = header.strip("\r\n").split(mark)
    position = here.count(mark)
    column = names[position].strip('"') if line > 1 and position < len(names) else ""
    start, end = error.start, error.end
    around = pending[max(0, start - 15) : start + 15]
    shown = around.decode("cp1252", "replace").replace("\n", " ")
    return refused(
        f"line {line}: byte 0x{pending[start:end][:1].hex().upper()} is not {encoding}",
        f"save the table as UTF-8, or say how it is encoded; with --encoding windows-1252 it would "
        f"be {shown!r}",
        row=line,
        column=column,
        found=here[-_SHOWN:],
    )


def delimiter_of(header: str) -> str:
    """Return what parts the names of *header*: the mark that occurs most outside quotes."""
    outside = "".join(header.split('"')[::2])
    counts = Counter({mark: outside.count(mark) for mark in DELIMITERS})
    return counts.most_common(1)[0][0]


def text_rows(
    file: BinaryIO,
    encoding: str,
    delimiter: str,
    quote: str | None,
    skip: int,
    longest_cell: int,
    matches: Callable[[Sequence[str]], None],
) -> Iterator[Row]:
    """Yield the rows behind the header, for which *matches* is called first.

    ImportRefused where quotes are not closed or a cell is too long.
    """
    file.seek(0)
    csv.field_size_limit(longest_cell)
    text = io.TextIOWrapper(file, encoding=encoding, newline="")
    quoting = csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE
    reader = csv.reader(
        text, delimiter=delimiter, quotechar=quote or '"', quoting=quoting, strict=True
    )
    number, first = 0, 1
    try:
        for cells in reader:
            number += 1
            lines, first = (first, reader.line_num), reader.line_num + 1
            if number <= skip:
                continue
            if number == skip + 1:
                matches(cells)
            elif any(cell.strip() for cell in cells):
                yield Row(number, tuple(cells), lines)
    except csv.Error as error:
        raise refused(
            f"row {number + 1}, which begins on line {first}, cannot be read ({error})",
            "look for a quotation mark that is not closed, or that is not doubled within quotes",
            row=number + 1,
        ) from error
    finally:
        if not file.closed:  # else who reads has given up
            text.detach()
    if number <= skip:
        raise refused("the table has no header: the file is empty", "give a table with a header")
