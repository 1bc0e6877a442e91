"""The change feed: a linked data event stream (LDES, TREE) of activities (ActivityStreams 2.0).

As in the DCAT-AP Feeds of SEMIC, a member is an activity, whose IRI is also the name of the graph
that holds it together with what was said of its object afterwards. Formats that have no graphs
tell of the activities alone.

The first page is where the history begins, with everything that was there then. A page that is full
never changes, and names the next, which may be empty still.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.history.entries import NO_THING, quads
from graph.history.pages import PAGE_ENTRIES
from graph.namespaces import ID, RDF_TYPE, XSD
from graph.publishing.feeds.news import history_in, page_named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graph.history.entries import Entry
    from graph.history.reading import History
    from graph.publishing.edition import Edition

LDES = "https://w3id.org/ldes#"
TREE = "https://w3id.org/tree#"
AS = "https://www.w3.org/ns/activitystreams#"
PROV = "http://www.w3.org/ns/prov#"
DCT = "http://purl.org/dc/terms/"

_PREFIXES = {"ldes": LDES, "tree": TREE, "as": AS, "prov": PROV, "dct": DCT, "xsd": XSD}
_KINDS = {"create": "Create", "update": "Update", "delete": "Delete"}
_LISTED = 20
"""How many of the last pages the first document names, for who wants only what is new."""


def write_stream(edition: Edition) -> None:
    """Write what the stream is, and where its pages are."""
    stream = _Stream(edition, history_in(edition))
    _write(edition, stream.description())


def write_page(edition: Edition) -> None:
    """Write one page of the stream."""
    history = history_in(edition)
    stream = _Stream(edition, history)
    _write(edition, stream.page(page_named(history, edition.arguments["page"])))


def _write(edition: Edition, told: Iterator[ox.Quad]) -> None:
    rdf_format = ox.RdfFormat.from_media_type(edition.media_type)
    assert rdf_format is not None  # noqa: S101 -- only such formats are on offer
    if rdf_format.supports_datasets:
        ox.serialize(told, edition.out, rdf_format, prefixes=_PREFIXES)  # pyright: ignore[reportArgumentType, reportCallIssue] -- write and flush are all it needs
        return
    triples = (quad.triple for quad in told if _is_of_activity(quad))
    ox.serialize(triples, edition.out, rdf_format, prefixes=_PREFIXES)  # pyright: ignore[reportArgumentType, reportCallIssue] -- the same


def _is_of_activity(quad: ox.Quad) -> bool:
    return isinstance(quad.graph_name, ox.DefaultGraph) or quad.subject == quad.graph_name


class _Stream:
    def __init__(self, edition: Edition, history: History) -> None:
        self._history = history
        self._base = f"{edition.public_url}ldes"
        self._iri = ox.NamedNode(f"{self._base}#stream")

    def description(self) -> Iterator[ox.Quad]:
        """Yield what there is to say of the stream, and relations to its pages."""
        yield from self._head()
        title = ox.Literal("Changes of Metapole", language="en")
        yield _quad(self._iri, DCT + "title", title)
        yield _quad(self._iri, LDES + "timestampPath", ox.NamedNode(AS + "published"))
        yield _quad(self._iri, LDES + "versionOfPath", ox.NamedNode(AS + "object"))
        root, history = ox.NamedNode(self._base), self._history
        if history.folded.entries:
            policy = ox.NamedNode(f"{self._base}#retention")
            yield _quad(root, LDES + "retentionPolicy", policy)
            yield _quad(policy, RDF_TYPE, ox.NamedNode(LDES + "LatestVersionSubset"))
            yield _quad(policy, LDES + "amount", ox.Literal(1))
        yield _quad(root, RDF_TYPE, ox.NamedNode(TREE + "RootNode"))
        yield _quad(root, RDF_TYPE, ox.NamedNode(TREE + "Node"))
        for page in sorted({0, *range(max(0, history.pages - _LISTED), history.pages)}):
            yield from self._relation(root, page, self._first_time(page))

    def page(self, number: int) -> Iterator[ox.Quad]:
        """Yield the members of a page."""
        yield from self._head()
        page, last = self._page(number), None
        yield _quad(page, RDF_TYPE, ox.NamedNode(TREE + "Node"))
        for at, entry in self._history.page(number):
            last = entry.time
            if entry.thing != NO_THING:
                yield from self._member(number, at, entry)
        if number < self._history.full_pages:
            yield from self._relation(page, number + 1, last)

    def _head(self) -> Iterator[ox.Quad]:
        yield _quad(self._iri, RDF_TYPE, ox.NamedNode(LDES + "EventStream"))
        yield _quad(self._iri, TREE + "view", ox.NamedNode(self._base))

    def _member(self, page: int, at: int, entry: Entry) -> Iterator[ox.Quad]:
        activity = ox.NamedNode(f"{self._page(page).value}#{at}")
        yield _quad(self._iri, TREE + "member", activity)
        thing = ox.NamedNode(entry.thing)
        for predicate, value in (
            (RDF_TYPE, ox.NamedNode(AS + _KINDS[entry.kind])),
            (AS + "object", thing),
            (AS + "published", _time(entry.time)),
            (PROV + "wasGeneratedBy", ox.NamedNode(f"{ID}commit/{entry.commit}")),
        ):
            yield ox.Quad(activity, ox.NamedNode(predicate), value, activity)
        for triple in dict.fromkeys(quad.triple for quad in quads(entry.after)):
            yield ox.Quad(triple.subject, triple.predicate, triple.object, activity)

    def _relation(self, node: ox.NamedNode, to: int, since: str | None) -> Iterator[ox.Quad]:
        relation = ox.NamedNode(f"{node.value}#to-{to}")
        yield _quad(node, TREE + "relation", relation)
        yield _quad(relation, TREE + "node", self._page(to))
        if since is None:
            yield _quad(relation, RDF_TYPE, ox.NamedNode(TREE + "Relation"))
            return
        kind = ox.NamedNode(TREE + "GreaterThanOrEqualToRelation")
        yield _quad(relation, RDF_TYPE, kind)
        yield _quad(relation, TREE + "path", ox.NamedNode(AS + "published"))
        yield _quad(relation, TREE + "value", _time(since))

    def _page(self, number: int) -> ox.NamedNode:
        return ox.NamedNode(f"{self._base}/{self._history.name}-{number}")

    def _first_time(self, page: int) -> str | None:
        first = page * PAGE_ENTRIES
        return next((entry.time for _, entry in self._history.entries(first, first + 1)), None)


def _time(text: str) -> ox.Literal:
    return ox.Literal(text, datatype=ox.NamedNode(XSD + "dateTime"))


def _quad(subject: ox.NamedNode, predicate: str, value: ox.NamedNode | ox.Literal) -> ox.Quad:
    return ox.Quad(subject, ox.NamedNode(predicate), value)
