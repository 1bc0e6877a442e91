"""The news as a feed that people subscribe to (Atom, RFC 4287), with archives of what was before.

A page of the history that is full is an archive (RFC 5005, 4); the feed itself has the last news.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from graph.addresses import page_of
from graph.history.entries import quads
from graph.publishing.feeds.news import KINDS, history_in, newest_pages, news_on, page_named
from graph.publishing.labels import shown_name
from graph.publishing.xml_text import element, xml_attribute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graph.history.entries import Entry
    from graph.history.reading import History
    from graph.publishing.edition import Edition
    from graph.publishing.feeds.news import News

_NAMED = 25
"""How many things one entry names of each kind."""
_WORDS = {"create": "Created", "update": "Changed", "delete": "Deleted"}


def write_atom(edition: Edition) -> None:
    """Write the feed; with the argument `page`, an archive of it."""
    history = history_in(edition)
    name = edition.arguments.get("page")
    page = page_named(history, name) if name else None
    pages = newest_pages(history) if page is None else range(page, page + 1)
    for piece in _feed(edition, history, page, news_on(history, pages)):
        edition.out.write(piece.encode())


def _feed(edition: Edition, history: History, page: int | None, news: list[News]) -> Iterator[str]:
    public = edition.public_url
    yield '<?xml version="1.0" encoding="utf-8"?>\n'
    yield (
        '<feed xmlns="http://www.w3.org/2005/Atom" '
        'xmlns:fh="http://purl.org/syndication/history/1.0" xml:lang="en">\n'
    )
    yield element("title", "Changes of Metapole") + "\n"
    yield element("id", _address(edition, history, page)) + "\n"
    yield element("updated", news[0].time if news else _zulu(edition.generation.built)) + "\n"
    yield f"<author>{element('name', 'Metapole')}{element('uri', public)}</author>\n"
    yield element("rights", "https://creativecommons.org/licenses/by/4.0/") + "\n"
    yield _link("self", _address(edition, history, page), "application/atom+xml")
    yield _link("alternate", f"{public}changes", "text/html")
    yield from _paging(edition, history, page)
    for each in news:
        yield from _entry(edition, each, history.first_generation)
    yield "</feed>\n"


def _paging(edition: Edition, history: History, page: int | None) -> Iterator[str]:
    if page is not None:
        yield "<fh:archive/>\n" if page < history.full_pages else ""
        yield _link("current", f"{edition.public_url}feed.atom")
    before = history.full_pages - 1 if page is None else page - 1
    if before >= 0:
        yield _link("prev-archive", _address(edition, history, before))
    if page is not None and page + 1 < history.full_pages:
        yield _link("next-archive", _address(edition, history, page + 1))


def _entry(edition: Edition, news: News, begun: int) -> Iterator[str]:
    changes = f"{edition.public_url}changes/{news.generation - 1}..{news.generation}"
    page = f"{edition.public_url}changes" if news.generation <= begun else changes
    yield "<entry>\n"
    yield element("title", f"Commit {news.commit}: {_summary(news)}") + "\n"
    yield element("id", f"{changes}#commit-{news.commit}-{news.page}") + "\n"
    yield element("updated", news.time) + "\n"
    yield _link("alternate", page, "text/html")
    yield element("content", _content(edition, news), type="html") + "\n"
    yield "</entry>\n"


def _summary(news: News) -> str:
    counts = ((len(news.things(kind)), _WORDS[kind].lower()) for kind in KINDS)
    return ", ".join(f"{count} {word}" for count, word in counts if count)


def _content(edition: Edition, news: News) -> str:
    """Return the things as HTML, as text that is not escaped yet."""
    parts: list[str] = []
    for kind in KINDS:
        entries = [entry for entry in news.entries if entry.kind == kind]
        if not entries:
            continue
        items = [_item(edition, entry) for entry in entries[:_NAMED]]
        if len(entries) > _NAMED:
            items.append(f"<li>and {len(entries) - _NAMED} more</li>")
        parts.append(f"<p>{_WORDS[kind]}:</p><ul>{''.join(items)}</ul>")
    return "".join(parts)


def _item(edition: Edition, entry: Entry) -> str:
    name = html.escape(shown_name(edition, entry.thing, quads((*entry.kept, *entry.removed))))
    address = page_of(entry.thing, edition.public_url)
    if entry.kind == "delete" or not address.startswith(("http://", "https://")):
        return f"<li>{name}</li>"
    return f'<li><a href="{html.escape(address)}">{name}</a></li>'


def _address(edition: Edition, history: History, page: int | None) -> str:
    feed = f"{edition.public_url}feed.atom"
    return feed if page is None else f"{feed}?page={history.name}-{page}"


def _link(relation: str, address: str, media_type: str = "") -> str:
    kind = f" type={xml_attribute(media_type)}" if media_type else ""
    return f'<link rel="{relation}" href={xml_attribute(address)}{kind}/>\n'


def _zulu(time: str) -> str:
    return time.replace("+00:00", "Z")
