"""What changed last, commit by commit: for people, and as JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from graph.addresses import page_of
from graph.history.entries import quads
from graph.publishing.feeds.news import KINDS, history_in, newest_pages, news_on, page_named
from graph.publishing.labels import shown_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graph.history.entries import Entry
    from graph.publishing.edition import Edition
    from graph.publishing.feeds.news import News

_NAMED = 25
"""How many things are named of what one commit did."""


def write_changes(edition: Edition) -> None:
    """Write what the last commits did; with the argument `page`, those of a page of the history."""
    if not (edition.generation.history or edition.arguments):
        edition.out.write(json.dumps(_none_yet(edition)).encode())
        return
    history = history_in(edition)
    name = edition.arguments.get("page")
    page = page_named(history, name) if name else None
    pages = newest_pages(history) if page is None else range(page, page + 1)
    before = (pages.start if page is None else page) - 1
    begun = history.first_generation
    changes = {
        "generation": edition.generation.number,
        "begins_with": begun,
        "commits": [_commit(edition, each, begun) for each in _whole(news_on(history, pages))],
        "before": f"{history.name}-{before}" if before >= 0 else "",
    }
    edition.out.write(json.dumps(changes, ensure_ascii=False).encode())


def latest_changes(edition: Edition, most: int) -> list[dict[str, Any]]:
    """Return what the last commits did, *most* of them at most; nothing where none is kept."""
    if not edition.generation.history:
        return []
    history = history_in(edition)
    news = _whole(news_on(history, newest_pages(history)))[:most]
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
    return {"generation": number, "begins_with": None, "commits": [], "before": ""}


def _commit(edition: Edition, news: News, begun: int) -> dict[str, Any]:
    is_first = news.generation <= begun
    generation, before = news.generation, news.generation - 1
    return {
        "commit": news.commit,
        "generation": generation,
        "time": news.time,
        "counts": {kind: len(news.things(kind)) for kind in KINDS},
        "difference": "" if is_first else f"{edition.public_url}changes/{before}..{generation}",
        "things": [_thing(edition, entry) for entry in news.entries[:_NAMED]],
        "more": max(0, len(news.entries) - _NAMED),
    }


def _thing(edition: Edition, entry: Entry) -> dict[str, str]:
    said = quads((*entry.kept, *entry.removed))
    return {
        "kind": entry.kind,
        "iri": entry.thing,
        "name": shown_name(edition, entry.thing, said),
        "address": page_of(entry.thing, edition.public_url),
    }
