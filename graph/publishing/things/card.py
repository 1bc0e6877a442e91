"""What has to be known of a thing to link to it, and its links as a document of their own.

Besides the arguments of `resource` they take `licence`, the address of the licence of the data.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.namespaces import DERIVED_GRAPH, MP, UNION_GRAPH
from graph.publishing.things.description import TYPE, UNION, Neighbourhood, page_count
from graph.publishing.things.documents import require_page, wish_of
from graph.publishing.things.formats import formats_of_thing
from graph.publishing.things.links import Addresses, Card, written_as_linkset

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graph.publishing.edition import Edition

_PUBLISHER = ox.NamedNode(MP + "publisher")
_MOST_AUTHORS = 5


def write_resource_card(edition: Edition) -> None:
    """Write the card of a thing, as JSON."""
    edition.out.write(json.dumps(card_of(edition).values(), ensure_ascii=False).encode())


def write_linkset(edition: Edition) -> None:
    """Write the typed links around a thing, those of all its addresses."""
    addresses = Addresses(card_of(edition), edition.public_url)
    links = addresses.of_page()
    for extension, _ in addresses.card.formats:
        links += addresses.of_file(extension)
    edition.out.write(written_as_linkset(links, edition.media_type))


def card_of(edition: Edition) -> Card:
    """Return the card of the thing that *edition* is about."""
    store, wish = edition.store, wish_of(edition)
    pages = page_count(Neighbourhood(store, wish.thing, wish.day).size)
    require_page(wish, pages)
    formats = formats_of_thing(store, wish.thing)
    types = list(store.quads_for_pattern(wish.thing, TYPE, None, None))
    following = (DERIVED_GRAPH, UNION_GRAPH)
    return Card(
        wish.thing.value,
        tuple(sorted({_iri(each) for each in types if _graph(each) not in following})),
        tuple(sorted({_iri(each) for each in types})),
        tuple((each.extension, each.media_type) for each in formats),
        pages,
        edition.arguments["licence"],
        tuple(_linked(store, wish.thing, _PUBLISHER))[:_MOST_AUTHORS],
    )


def _linked(store: ox.Store, subject: ox.NamedNode, predicate: ox.NamedNode) -> Iterator[str]:
    for quad in store.quads_for_pattern(subject, predicate, None, UNION):
        if isinstance(quad.object, ox.NamedNode):
            yield quad.object.value


def _iri(quad: ox.Quad) -> str:
    return quad.object.value if isinstance(quad.object, ox.NamedNode) else str(quad.object)


def _graph(quad: ox.Quad) -> str:
    return quad.graph_name.value if isinstance(quad.graph_name, ox.NamedNode) else ""
