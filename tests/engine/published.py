"""Documents written without a server: what a writer makes of a store."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

import pyoxigraph as ox
import rdflib

from graph.namespaces import COMMITS_GRAPH, UNION_GRAPH
from graph.publishing.edition import UNION, Edition, Facts, facts_of

if TYPE_CHECKING:
    from pathlib import Path

    from graph.generations import Generation

PUBLIC_URL = "https://data.example.org/metapole/"
_NUMBERS = count(1)
BUILT = "2026-11-27T10:00:00Z"
MP = rdflib.Namespace("https://w3id.org/metapole/def#")

Writer = Callable[[Edition], None]


class Out(io.BytesIO):
    """What was written, and in how many pieces."""

    pieces = 0

    def write(self, content: bytes, /) -> int:  # pyright: ignore[reportIncompatibleMethodOverride] -- writers write bytes
        self.pieces += 1
        return super().write(content)


@dataclass(frozen=True)
class Published:
    """A store that documents are written from."""

    store: ox.Store
    facts: Facts = field(
        # Each is another store: what readers keep of one is not true of another.
        default_factory=lambda: Facts(12, 12, BUILT, 0, {}, 0, f"store-{next(_NUMBERS)}", {}),
    )

    def edition(self, media_type: str = "", **arguments: str) -> Edition:
        return Edition(self.store, media_type, arguments, PUBLIC_URL, self.facts, Out())

    def written(self, writer: Writer, media_type: str = "", **arguments: str) -> bytes:
        edition = self.edition(media_type, **arguments)
        writer(edition)
        assert isinstance(edition.out, Out)
        return edition.out.getvalue()


def of_generation(generation: Generation) -> Published:
    """Return what is published of *generation*."""
    return Published(ox.Store.read_only(str(generation.path)))


def of_turtle(text: str) -> Published:
    """Return what is published of the triples in *text*, which are all there is."""
    store = ox.Store()
    for quad in ox.parse(text, ox.RdfFormat.TURTLE):
        store.add(ox.Quad(quad.subject, quad.predicate, quad.object, UNION))
    assert UNION.value == UNION_GRAPH
    return Published(store)


def read_with_rdflib(data: Path) -> rdflib.Graph:
    """Return the shipped data as another library reads it, with nothing derived."""
    graph = rdflib.Graph()
    for path in sorted(data.rglob("*.ttl")):
        graph.parse(path)
    return graph


def of_classes(graph: rdflib.Graph, *names: str) -> set[str]:
    """Return the IRIs of all things whose class is written as one of *names*."""
    return {str(thing) for name in names for thing in graph.subjects(rdflib.RDF.type, MP[name])}


def of_whole_generation(generation: Generation) -> Published:
    """Return what is published of *generation*, with all that is known of it."""
    store = ox.Store.read_only(str(generation.path))
    return Published(store, Facts(**facts_of(generation)))


def of_quads(quads: list[ox.Quad]) -> Published:
    """Return what is published of *quads*, and of the union of their graphs but the log."""
    store = ox.Store()
    commits = ox.NamedNode(COMMITS_GRAPH)
    store.extend(quads)
    triples = {quad.triple for quad in quads if quad.graph_name != commits}
    store.extend([ox.Quad(each.subject, each.predicate, each.object, UNION) for each in triples])
    graphs = Counter(q.graph_name.value for q in quads if isinstance(q.graph_name, ox.NamedNode))
    facts = Facts(12, 2, BUILT, len(quads), graphs, len(triples), f"store-{next(_NUMBERS)}", {})
    return Published(store, facts)
