"""Read a difference from the RDF Patch that a server gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.differences import Difference

if TYPE_CHECKING:
    from pathlib import Path


def difference_from_patch(graph: str, path: Path) -> Difference:
    """Return what the patch in the file *path* does to *graph*."""
    name = ox.NamedNode(graph)
    lines: dict[str, list[str]] = {"D": [], "A": []}
    with path.open(encoding="utf-8") as patch:
        for line in patch:
            kind, _, statement = line.partition(" ")
            if kind in lines and str(name) in statement:
                lines[kind].append(statement)
    removed, added = (_triples(lines[kind], name) for kind in ("D", "A"))
    return Difference(graph, removed, added)


def _triples(lines: list[str], name: ox.NamedNode) -> frozenset[ox.Triple]:
    quads = ox.parse("".join(lines), ox.RdfFormat.N_QUADS)
    return frozenset(quad.triple for quad in quads if quad.graph_name == name)
