"""What changed last, commit by commit: for people, and as JSON."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pyoxigraph as ox

from graph.addresses import page_of
from graph.errors import QueryRejected, UnknownThing
from graph.formats import format_named
from graph.history.entries import quads
from graph.namespaces import COMMITS_GRAPH, ID, MP
from graph.publishing.feeds.news import (
    KINDS,
    history_in,
    is_known_by_name,
    latest_news,
    newest_pages,
    news_on,
    page_named,
)
from graph.publishing.labels import name_once
from graph.publishing.site.tools import tools
from graph.query_texts import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from graph.history.entries import Entry
    from graph.publishing.edition import Edition
    from graph.publishing.feeds.news import News

MOST_SHOWN = 40
"""How many commits a page for people shows."""
_NUMBER = re.compile(r"[1-9]\d{0,5}", re.ASCII)
_NAMED = 25
"""How many things are named of what one commit did."""
_JSON = format_named("plain-json")
_COMMITS = ox.NamedNode(COMMITS_GRAPH)
_LOGGED = {
    name: ox.NamedNode(MP + local)
    for name, local in (
        ("author", "agentName"),
        ("added", "statementsAdded"),
        ("removed", "statementsRemoved"),
    )
}
"""What the log of commits tells of each that is shown."""


def write_changes(edition: Edition) -> None:
    """Write what the last commits did; with the argument `page`, those of a page of the history."""
    name = edition.arguments.get("page")
    if not (edition.generation.history or name):
        edition.out.write(json.dumps(_none_yet(edition)).encode())
        return
    history = history_in(edition)
    page = page_named(history, name) if name else None
    pages = newest_pages(history) if page is None else range(page, page + 1)
    number = (pages.start if page is None else page) - 1
    before = f"{history.name}-{number}" if number >= 0 else ""
    begun = history.first_generation
    news = _whole(news_on(history, pages))
    shown, older = _part(edition, news, name, before)
    changes = {
        "generation": edition.generation.number,
        "begins_with": begun,
        "commits": [_commit(edition, each, begun) for each in shown],
        "before": before,
        **older,
        **_tools(edition),
    }
    edition.out.write(json.dumps(changes, ensure_ascii=False).encode())


def _part(
    edition: Edition, news: Sequence[News], name: str | None, before: str
) -> tuple[Sequence[News], dict[str, str]]:
    """Return what a page for people shows of *news*, and what the address of older ones asks.

    Who reads the JSON gets all at once.
    """
    if not edition.arguments.get("language"):
        return news, {}
    part = _number(edition.arguments.get("part", "1"))
    first = (part - 1) * MOST_SHOWN
    if first and first >= len(news):
        raise UnknownThing(f"there is no part {part} of this page of changes")
    if first + MOST_SHOWN >= len(news):
        return news[first:], {"older": urlencode({"page": before}) if before else ""}
    asked = {**({"page": name} if name else {}), "part": str(part + 1)}
    return news[first : first + MOST_SHOWN], {"older": urlencode(asked)}


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise QueryRejected(f"'part' is {text[:40]!a}; send a number from 1 on")
    return int(text)


def latest_changes(edition: Edition, most: int) -> list[dict[str, Any]]:
    """Return what the last commits did, *most* of them at most; nothing where none is kept."""
    if not edition.generation.history:
        return []
    history = history_in(edition)
    news = latest_news(history, most)
    return [_commit(edition, each, history.first_generation) for each in news]


def _whole(news: Iterable[News]) -> list[News]:
    """Put together what pages of the history tell of the same commit; the last come first."""
    commits: dict[int, News] = {}
    for each in news:
        later = commits[each.commit].entries if each.commit in commits else ()
        commits[each.commit] = replace(each, entries=(*each.entries, *later))
    return list(commits.values())


def _none_yet(edition: Edition) -> dict[str, Any]:
    """Return what there is to say where no server has made a change so far."""
    number = edition.generation.number
    return {
        "generation": number,
        "begins_with": None,
        "commits": [],
        "before": "",
        **({"older": ""} if edition.arguments.get("language") else {}),
        **_tools(edition),
    }


def _tools(edition: Edition) -> dict[str, Any]:
    """Return what can be done with the page; nothing for who reads the JSON."""
    if not edition.arguments.get("language"):
        return {}
    file = (_JSON, f"{edition.public_url}changes.json")
    return {"tools": tools(edition.public_url, text_of("commits"), (), [file])}


def _commit(edition: Edition, news: News, begun: int) -> dict[str, Any]:
    is_first = news.generation <= begun
    generation, before = news.generation, news.generation - 1
    return {
        "commit": news.commit,
        "generation": generation,
        "time": news.time,
        "logged": _logged(edition, news.commit),
        "counts": {kind: len(news.things(kind)) for kind in KINDS},
        "difference": "" if is_first else f"{edition.public_url}changes/{before}..{generation}",
        "things": [_thing(edition, entry) for entry in _known_first(news.entries)[:_NAMED]],
        "more": max(0, len(news.entries) - _NAMED),
    }


def _known_first(entries: Iterable[Entry]) -> list[Entry]:
    """Return *entries* in their order, but what people know by name before statements."""
    return sorted(entries, key=lambda entry: not is_known_by_name(entry.thing))


def _logged(edition: Edition, commit: int) -> dict[str, str]:
    """Return what the log says of *commit*; nothing of what was there before any was made."""
    node = ox.NamedNode(f"{ID}commit/{commit}")
    return {
        name: quad.object.value
        for name, told in _LOGGED.items()
        for quad in edition.store.quads_for_pattern(node, told, None, _COMMITS)
        if isinstance(quad.object, ox.Literal)
    }


def _thing(edition: Edition, entry: Entry) -> dict[str, str]:
    name, language = name_once(edition, entry.thing, quads((*entry.kept, *entry.removed)))
    return {
        "kind": entry.kind,
        "iri": entry.thing,
        "name": name,
        "language": language or "",
        "address": page_of(entry.thing, edition.public_url),
    }
