"""What the list of all named graphs shows: what each is, how much it holds, under which licence."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from graph.namespaces import GRAPH
from graph.publishing.catalogue.entries import Catalogue, address_of_graph, title_of_graph
from graph.publishing.catalogue.facts import source_document
from graph.publishing.catalogue.rights import rights_values
from graph.publishing.site.paging import paging_values
from graph.publishing.site.tools import address_in, tools
from graph.query_texts import text_of

if TYPE_CHECKING:
    from graph.publishing.edition import Edition

_SHOWN = 100
"""How many graphs a page shows."""


def write_graphs(edition: Edition) -> None:
    """Write which named graphs there are, as JSON; a page of them, as the argument `page` says."""
    graphs = Catalogue(edition).graphs
    here = address_in(edition.arguments["language"], "graph", edition.public_url)
    paging, shown = paging_values(edition, len(graphs), _SHOWN, here)
    values = {
        "count": len(graphs),
        "graphs": [_shown(edition, graph) for graph in graphs[shown]],
        "paging": paging,
        "tools": tools(edition.public_url, text_of("named-graphs")),
    }
    if edition.is_wanted:
        edition.out.write(json.dumps(values, ensure_ascii=False).encode())


def _shown(edition: Edition, graph: str) -> dict[str, Any]:
    address = address_of_graph(graph, edition.public_url)
    title = title_of_graph(graph, source_document(edition, graph))
    return {
        "iri": graph,
        "name": graph.removeprefix(GRAPH),
        "address": address,
        "has_page": address.startswith(f"{edition.public_url}graph/"),
        "title": title[edition.arguments["language"]],
        "triples": edition.generation.graphs[graph],
        **rights_values(edition, graph),
    }
