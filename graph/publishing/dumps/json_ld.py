"""Write graphs as JSON-LD that people can read: one node on a line, in the terms of our context.

A library that compacts a document holds all of it. Here a node is written as soon as the store has
said all of it, and a node with very many statements in several parts, which a reader joins.
"""

from __future__ import annotations

import itertools
import json
from operator import attrgetter
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.publishing.json_ld_terms import Terms, shipped_terms

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graph.publishing.dumps.content import GraphName
    from graph.publishing.edition import Out

_MOST_STATEMENTS = 5_000
"""How many statements of one subject are held at once."""


def write_json_ld(
    store: ox.Store, graphs: Iterable[GraphName], out: Out, *, names_graphs: bool
) -> None:
    """Write *graphs* of *store*, each as a graph of its name, or all as if they had none."""
    terms = shipped_terms()
    context = ",\n".join(
        f"{json.dumps(name)}: {json.dumps(definition)}"
        for name, definition in terms.context.items()
    )
    out.write(f'{{\n"@context": {{\n{context}\n}},\n"@graph": ['.encode())
    _write_all(_items(store, graphs, terms, names_graphs=names_graphs), out)
    out.write(b"\n]\n}\n")


def _items(
    store: ox.Store, graphs: Iterable[GraphName], terms: Terms, *, names_graphs: bool
) -> Iterator[Iterable[str]]:
    """Yield what goes between two commas, in pieces."""
    for name in graphs:
        nodes = _nodes(store, name, terms)
        if names_graphs and not isinstance(name, ox.DefaultGraph):
            yield _named(json.dumps(terms.graph(name), ensure_ascii=False), nodes)
        else:
            yield from ([node] for node in nodes)


def _named(start: str, nodes: Iterator[str]) -> Iterator[str]:
    yield start.removesuffix("}") + ', "@graph": ['
    separator = "\n"
    for node in nodes:
        yield separator + node
        separator = ",\n"
    yield "\n]}"


def _nodes(store: ox.Store, name: GraphName, terms: Terms) -> Iterator[str]:
    quads = store.quads_for_pattern(None, None, None, name)
    for subject, about in itertools.groupby(quads, key=attrgetter("subject")):
        while part := list(itertools.islice(about, _MOST_STATEMENTS)):
            yield json.dumps(terms.node(subject, part), ensure_ascii=False)


def _write_all(items: Iterator[Iterable[str]], out: Out) -> None:
    separator = "\n"
    for item in items:
        out.write(separator.encode())
        for piece in item:
            out.write(piece.encode())
        separator = ",\n"
