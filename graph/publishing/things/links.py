"""Typed links around a thing: its page, its files, its name (FAIR Signposting; RFC 8288, 9264)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Self
from urllib.parse import quote, urlencode

from graph.addresses import address_of, data_of, page_of
from graph.formats import format_named
from graph.namespaces import GRAPH, IMPORT_GRAPHS
from graph.publishing.things.schema_org import SCHEMA, schema_class

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from graph.publishing.things.description import Wish

LINKSET = "application/linkset"
LINKSET_JSON = "application/linkset+json"

_GRAPH_FORMATS = ("turtle", "ntriples", "rdfxml", "jsonld")
_MOST_CLASSES = 5
_PAGE_CLASS = SCHEMA + "AboutPage"
_URL = "!#$%&'()*+,-./:;=?@[]_~"
"""What stands in a URL as it is; all else is percent-encoded (RFC 3986)."""


def url(iri: str) -> str:
    """Return *iri* as a URL, which has ASCII only (RFC 3987, 3.1)."""
    return quote(iri, safe=_URL)


def address_with(
    wish: Wish, public_url: str, extension: str | None = None, *, page: int | None = None
) -> str:
    """Return the address of a page of *wish*, or of a file about it with *extension*."""
    iri = wish.thing.value
    path = page_of(iri, public_url) if extension is None else data_of(iri, extension, public_url)
    return url(path) + query_string(wish.page if page is None else page, wish.day)


def query_string(page: int, day: object | None) -> str:
    """Return what stands behind the path: nothing for the first page of all that is known."""
    fields = {"page": str(page)} if page > 1 else {}
    fields |= {"asof": str(day)} if day else {}
    return f"?{urlencode(fields)}" if fields else ""


@dataclass(frozen=True, slots=True)
class Link:
    """A typed link from *anchor*."""

    anchor: str
    relation: str
    """One type of link or, with blanks between them, several."""
    target: str
    media_type: str = ""

    def written(self, *, with_anchor: bool = False) -> str:
        """Return the link as a Link header has it (RFC 8288, 3)."""
        parts = [f"<{self.target}>", f'rel="{self.relation}"']
        parts += [f'type="{self.media_type}"'] if self.media_type else []
        parts += [f'anchor="{self.anchor}"'] if with_anchor else []
        return "; ".join(parts)


class Card(NamedTuple):
    """What has to be known of a thing to link to it."""

    iri: str
    classes: tuple[str, ...] = ()
    """The stated ones."""
    all_classes: tuple[str, ...] = ()
    formats: tuple[tuple[str, str], ...] = ()
    """The extension and the media type of each format it can be had in."""
    pages: int = 1
    license: str = ""
    authors: tuple[str, ...] = ()

    def values(self) -> dict[str, Any]:
        """Return it as plain values."""
        return self._asdict()

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """Return the card that was sent as *values*."""
        return cls(
            values["iri"],
            tuple(values["classes"]),
            tuple(values["all_classes"]),
            tuple((extension, media_type) for extension, media_type in values["formats"]),
            values["pages"],
            values["license"],
            tuple(values["authors"]),
        )


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a thing is found on the server at *public_url*: one page of it, as of one *day*."""

    card: Card
    public_url: str
    number: int = 1
    day: str = ""

    @property
    def name(self) -> str:
        """Where the IRI itself is answered."""
        return url(address_of(self.card.iri, self.public_url)) + self._query(self.number)

    @property
    def page(self) -> str:
        """The page for people."""
        path, hash_, fragment = page_of(self.card.iri, self.public_url).partition("#")
        return url(path) + (hash_ + url(fragment) if hash_ else self._query(self.number))

    def file(self, extension: str = "") -> str:
        """The file with *extension*, or the address where a client has the choice."""
        return self._file(extension) + self._query(self.number)

    @property
    def linkset(self) -> str:
        """All these links, as a document of their own."""
        return f"{self._file()}/linkset"

    def of_page(self) -> list[Link]:
        """Return the links of the page, and of the IRI that leads there."""
        anchor = self.page
        return [
            Link(anchor, "cite-as", url(self.card.iri)),
            *(
                Link(anchor, "describedby alternate", self.file(extension), media_type)
                for extension, media_type in self.card.formats
            ),
            Link(anchor, "type", _PAGE_CLASS),
            *(Link(anchor, "type", url(each)) for each in self._classes()),
            *self._common(anchor),
            *self._to_other_pages(anchor, page_of(self.card.iri, self.public_url)),
        ]

    def of_file(self, extension: str = "") -> list[Link]:
        """Return the links of the file with *extension*, or where a client has the choice."""
        anchor = self.file(extension)
        return [
            Link(anchor, "cite-as", url(self.card.iri)),
            Link(anchor, "describes alternate", self.page, "text/html"),
            *(
                Link(anchor, "alternate", self.file(other), media_type)
                for other, media_type in self.card.formats
                if other != extension
            ),
            *self._common(anchor),
            *self._to_other_pages(anchor, self._file(extension)),
        ]

    def _file(self, extension: str = "") -> str:
        address = data_of(self.card.iri, extension, self.public_url)
        return url(address if extension else address.removesuffix("."))

    def _query(self, number: int) -> str:
        return query_string(number, self.day)

    def _classes(self) -> Iterable[str]:
        known = schema_class(self.card.all_classes)
        return (SCHEMA + known, *self.card.classes[:_MOST_CLASSES])

    def _common(self, anchor: str) -> Iterable[Link]:
        if self.card.license:
            yield Link(anchor, "license", url(self.card.license))
        for author in self.card.authors:
            yield Link(anchor, "author", url(author))
        for media_type in (LINKSET, LINKSET_JSON):
            yield Link(anchor, "linkset", self.linkset, media_type)

    def _to_other_pages(self, anchor: str, address: str) -> Iterable[Link]:
        last = self.card.pages
        numbers = {"first": 1, "prev": self.number - 1, "next": self.number + 1, "last": last}
        for relation, number in numbers.items():
            if last > 1 and 1 <= number <= last:
                yield Link(anchor, relation, url(address) + self._query(number))


def links_of_graph(iri: str, public_url: str, licence: str = "") -> list[Link]:
    """Return the links of the page about the graph *iri*: those with a media type are files.

    *licence* is that of the data as a whole; an import has its own, which its page tells.
    """
    page, is_import = url(address_of(iri, public_url)), iri.startswith(IMPORT_GRAPHS)
    file = url(f"{public_url}data/graph/{iri.removeprefix(GRAPH)}")
    return [
        Link(page, "cite-as", url(iri)),
        Link(page, "type", _PAGE_CLASS),
        Link(page, "type", SCHEMA + "Dataset"),
        *([Link(page, "license", url(licence))] if licence and not is_import else []),
        *(
            Link(page, "item", f"{file}.{each.extension}", each.media_type)
            for each in map(format_named, _GRAPH_FORMATS)
        ),
    ]


def written_as_linkset(links: Iterable[Link], media_type: str) -> bytes:
    """Return *links* as a document (RFC 9264, 4.1 and 4.2)."""
    if media_type == LINKSET:
        return (",\n".join(link.written(with_anchor=True) for link in links) + "\n").encode()
    contexts: dict[str, dict[str, Any]] = {}
    for link in links:
        context = contexts.setdefault(link.anchor, {"anchor": link.anchor})
        target = {"href": link.target} | ({"type": link.media_type} if link.media_type else {})
        for relation in link.relation.split():
            context.setdefault(relation, []).append(target)
    document = {"linkset": list(contexts.values())}
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()
