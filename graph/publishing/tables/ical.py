"""Events as a calendar (iCalendar, RFC 5545): one entry for each statement of when one is held."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

from graph.addresses import page_of
from graph.namespaces import DEF, MP
from graph.publishing.tables.columns import SEPARATOR
from graph.publishing.tables.rows import Found, Listing, rows
from graph.publishing.version import moment_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graph.publishing.edition import Edition
    from graph.publishing.tables.rows import Row

EVENTS = Listing(
    "events",
    "statement",
    tuple(
        Found(f"{MP}milestoneKind", f"{DEF}milestone-kind/{kind}") for kind in ("held", "period")
    ),
)
_SOME_DAY = re.compile(r"\d{4}(-\d{2})?")
"""A printed time that is a year or a month, and not the days from its first to its last."""
_LONGEST = 75
"""How many bytes a line may have (3.1)."""
_ESCAPED = re.compile(r"([\\;,])")
_BREAK = re.compile(r"\r\n|\r|\n")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""What a text may not have (3.1)."""


def write_calendar(edition: Edition) -> None:
    """Write all events whose days are known."""
    if not edition.is_wanted:
        return
    edition.out.write(
        b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Metapole//Events//EN\r\n"
        b"CALSCALE:GREGORIAN\r\nX-WR-CALNAME:Metapole\r\n"
    )
    stamp = f"{moment_of(edition.generation):%Y%m%dT%H%M%SZ}"
    for row in rows(edition, EVENTS):
        if entry := list(_entry(row, stamp, edition.public_url)):
            edition.out.write("".join(folded(line) for line in entry).encode())
    edition.out.write(b"END:VCALENDAR\r\n")


def _entry(row: Row, stamp: str, public_url: str) -> Iterator[str]:
    """Yield the lines of an entry; none if its days are no days."""
    try:
        first, last = date.fromisoformat(row["from"]), date.fromisoformat(row["to"])
        after = last + timedelta(days=1)
    except (ValueError, OverflowError):
        return
    yield "BEGIN:VEVENT"
    yield f"UID:{text(row['statement'])}"
    yield f"DTSTAMP:{stamp}"
    yield f"DTSTART;VALUE=DATE:{first:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{after:%Y%m%d}"  # the first day after it (3.6.1)
    yield f"SUMMARY:{text(row.get('name', row['event']))}"
    if places := row.get("place_names"):
        yield f"LOCATION:{text(places.replace(SEPARATOR, ', '))}"
    yield f"DESCRIPTION:{text(_description(row))}"
    if topics := row.get("topic_names"):
        yield "CATEGORIES:" + ",".join(text(topic) for topic in topics.split(SEPARATOR))
    yield f"URL:{page_of(row['event'], public_url)}"
    yield f"STATUS:{'CONFIRMED' if _is_certain(row) else 'TENTATIVE'}"
    yield "TRANSP:TRANSPARENT"  # it takes nobody's time
    yield "END:VEVENT"


def _is_certain(row: Row) -> bool:
    return not (_is_planned(row) or _is_some_day(row))


def _is_planned(row: Row) -> bool:
    return row.get("status", "").endswith("/planned")


def _is_some_day(row: Row) -> bool:
    return bool(_SOME_DAY.fullmatch(row.get("time_as_printed", "")))


def _description(row: Row) -> str:
    """Say where the time is from."""
    basis = row.get("time_basis", "").rpartition("/")[2]
    printed = row.get("time_as_printed")
    said = [
        f"Source: {row['document_names'].replace(SEPARATOR, ', ')}"
        if "document_names" in row
        else "",
        f"Time: {printed}" if printed else "",
        "The year or day was inferred; it is not printed." if basis == "inferred" else "",
        "The day is not known; it is one of these." if _is_some_day(row) else "",
        "Planned at the time of the source." if _is_planned(row) else "",
        f"Statement: {row['statement']}",
    ]
    return "\n".join(each for each in said if each)


def text(value: str) -> str:
    """Return *value* as the text of a property (3.3.11)."""
    return _BREAK.sub(r"\\n", _ESCAPED.sub(r"\\\1", _CONTROL.sub("", value)))


def folded(line: str) -> str:
    """Return *line* and its end, broken where it is too long and no character is (3.1)."""
    broken, size = "", 0
    for character in line:
        width = len(character.encode())
        if size + width > _LONGEST:
            broken, size = f"{broken}\r\n ", 1
        broken, size = broken + character, size + width
    return f"{broken}\r\n"
