"""What is new: the history that a generation shows, and what each commit did in it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from graph.errors import QueryRejected, UnknownThing, WithdrawnThing
from graph.history.entries import NO_THING
from graph.history.pages import PAGE_ENTRIES
from graph.history.reading import History
from graph.namespaces import ID

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graph.history.entries import Entry, Kind
    from graph.publishing.edition import Edition

KINDS: tuple[Kind, ...] = ("create", "update", "delete")
_KNOWN_BY_NAME = frozenset(
    ("cluster", "organisation", "project", "programme", "event", "area", "country", "document")
)
"""The types of things that people know by name."""


@dataclass(frozen=True, slots=True)
class News:
    """What one commit did, as far as one page of the history tells it."""

    commit: int
    generation: int
    time: str
    page: int
    entries: tuple[Entry, ...]

    def things(self, kind: Kind) -> list[str]:
        """Return the IRIs of what was created, updated or deleted."""
        return [entry.thing for entry in self.entries if entry.kind == kind]


def is_known_by_name(iri: str) -> bool:
    """Tell whether *iri* is of a thing that people know, and not of a statement about one."""
    return iri.startswith(ID) and iri.removeprefix(ID).partition("/")[0] in _KNOWN_BY_NAME


def history_in(edition: Edition) -> History:
    """Return the history; UnknownThing where none is kept."""
    facts = edition.generation
    if not facts.history:
        raise UnknownThing(
            "no history is kept with this data; it begins with the first change that a server makes"
        )
    return History(Path(facts.history), facts.entries)


def page_named(history: History, name: str) -> int:
    """Return which page of *history* is called *name*, such as `3f9a02c1-12`.

    UnknownThing when it never was, WithdrawnThing when it is of a history that was begun anew.
    """
    told, _, number = name.rpartition("-")
    if not (number.isascii() and number.isdigit() and len(number) <= 12):
        raise QueryRejected(f"there is no page {name[:80]!r}; pages are called {history.name}-0")
    if told != history.name:
        raise WithdrawnThing(
            f"page {name[:80]} is of another history, which is not kept: it was begun anew; begin "
            "at its start, too"
        )
    if int(number) > history.full_pages:
        raise UnknownThing(
            f"there is no page {name[:80]} yet; the last is {history.name}-{history.full_pages}"
        )
    return int(number)


def news_on(history: History, pages: range) -> list[News]:
    """Return what commits did by those *pages* of *history*, the last first."""
    found: list[News] = []
    for page in pages:
        found += _by_commit((entry for _, entry in history.page(page)), page)
    return found[::-1]


def newest_pages(history: History) -> range:
    """Return the last page and the one before, so that it is never short of news."""
    return range(max(0, history.pages - 2), history.pages)


def latest_news(history: History, most: int) -> list[News]:
    """Return what the last commits did, *most* of them at most, the last first.

    No more is read than is needed, and never more than two pages: a commit that did more than that
    is told as far as these tell it.
    """
    entries: list[Entry] = []
    commits: set[int] = set()
    for _, entry in islice(history.backwards(), 2 * PAGE_ENTRIES):
        if entry.thing == NO_THING:
            continue
        commits.add(entry.commit)
        if len(commits) > most:
            break
        entries.append(entry)
    return _by_commit(reversed(entries), 0)[::-1]


def _by_commit(entries: Iterable[Entry], page: int) -> list[News]:
    """Return what each commit did by *entries*, which are on that *page*."""
    told: dict[int, list[Entry]] = {}
    for entry in entries:
        if entry.thing != NO_THING:
            told.setdefault(entry.commit, []).append(entry)
    return [
        News(commit, found[0].generation, found[0].time, page, tuple(found))
        for commit, found in told.items()
    ]
