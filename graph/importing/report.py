"""A report that a clerk can read: where it is wrong, what is there, and what is expected.

As text for a terminal, as CSV for a spreadsheet, as HTML for a browser.
"""

from __future__ import annotations

import csv
import html
import io
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING

from graph.differences import printable
from graph.namespaces import short
from graph.publishing.tables.csv import inert

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from graph.importing.target import Finding

_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing that is wrong with what is to be imported."""

    severity: str
    """"error", or "warning" for what is no reason to refuse it."""
    row: str
    """The row of the table as a spreadsheet counts, or the number of the record; "" for none."""
    column: str
    thing: str
    """What the statements are about, as an IRI in short; "" where it came to none."""
    found: str
    message: str
    remedy: str
    """What is expected, or to be done."""

    def __str__(self) -> str:
        """Return it as one line."""
        place = ", ".join(
            filter(
                None, (self.row and f"row {self.row}", self.column and f"column {self.column!r}")
            )
        )
        where = " ".join(filter(None, (place, f"({self.thing})" if place and self.thing else "")))
        found = f"found {_short(self.found)!r}; " if self.found else ""
        grade = "warning: " if self.severity == "warning" else ""
        return printable(f"{where or self.thing}: {grade}{found}{self.message}; {self.remedy}")


@dataclass(frozen=True, slots=True)
class Places:
    """Where in a table the statements of a graph come from."""

    rows: Mapping[str, str]
    """By the IRIs of things: the row that tells of them first."""
    columns: Mapping[str, tuple[str, ...]]
    """By properties: the titles of the columns that their values come from."""


NOWHERE = Places({}, {})


def defects_of(findings: Iterable[Finding], places: Places = NOWHERE) -> list[Defect]:
    """Return *findings* of shapes as defects, in the order of rows."""
    found = [_defect(each, places) for each in findings]
    return sorted(found, key=lambda each: (_place(each.row), each.column, each.thing))


def _place(row: str) -> tuple[str, int]:
    """Return what sorts rows: the name of the file, if there are several, then the number."""
    name, _, number = row.rpartition(" ")
    return name, int(number or 0)


def _defect(finding: Finding, places: Places) -> Defect:
    focus, path = finding["focus"] or "", finding["path"] or ""
    row = places.rows.get(focus)
    columns = places.columns.get(path, ())
    thing = focus if focus.startswith("_:") or not focus else short(focus)
    if not columns and path:
        thing = f"{thing} {short(path)}".strip()
    value = finding["value"] or ""
    return Defect(
        finding["severity"],
        row or "",
        ", ".join(columns),
        thing,
        "" if value == focus else _plain(value),
        finding["message"],
        finding["remedy"],
    )


def write_report(path: Path, title: str, defects: Sequence[Defect]) -> None:
    """Write *defects* to the file *path*, in the format that its name ends with."""
    writers = {".csv": _csv, ".html": _html}
    text = writers.get(path.suffix.lower(), _text)(title, defects)
    path.write_text(text, encoding="utf-8", errors="replace", newline="")


def _text(title: str, defects: Sequence[Defect]) -> str:
    return "".join(f"{line}\n" for line in (title, *map(str, defects)))


def _csv(_: str, defects: Sequence[Defect]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([field.name for field in fields(Defect)])
    writer.writerows([inert(value) for value in asdict(each).values()] for each in defects)
    return text.getvalue()


def _html(title: str, defects: Sequence[Defect]) -> str:
    names = [field.name for field in fields(Defect)]
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    rows = "".join(f"<tr>{_cells(each)}</tr>\n" for each in defects)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{html.escape(title)}</title>\n"
        "<style>body{font:1rem sans-serif}table{border-collapse:collapse}"
        "th,td{border:1px solid #767676;padding:.3em;text-align:left;vertical-align:top}</style>"
        f"</head>\n<body><h1>{html.escape(title)}</h1>\n<table><thead><tr>{head}</tr></thead>\n"
        f"<tbody>\n{rows}</tbody></table></body></html>\n"
    )


def _cells(defect: Defect) -> str:
    return "".join(f"<td>{html.escape(value)}</td>" for value in asdict(defect).values())


def _plain(value: str) -> str:
    return short(value) if value.startswith("http") else value


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."
