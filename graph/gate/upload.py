"""Judge a file that was sent, together with what the store says, and store nothing.

A file is judged as if its statements were added to those that are there, or, with the name of a
graph, as if they were put in place of that graph. Judged is what the file has statements about;
what else points there is not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.gate.extract import extracts, shapes_of
from graph.gate.stated import Stated, can_have_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graph.gate.profile import Profile

_UPLOAD = ox.NamedNode("urn:x-metapole:upload")


def upload_extracts(
    store: ox.Store, content: bytes, profile: Profile, *, replaces: str | None = None
) -> Iterator[bytes]:
    """Yield what is needed to judge the subjects of *content*, which is checked N-Triples.

    Its blank nodes are none of the store's, whatever they are called.
    """
    quads = [
        ox.Quad(triple.subject, triple.predicate, triple.object, _UPLOAD)
        for triple in ox.parse(content, ox.RdfFormat.N_TRIPLES, rename_blank_nodes=True)
    ]
    hidden = () if replaces is None else (ox.NamedNode(replaces),)
    stated = Stated(store, also=quads, hidden=hidden)
    subjects = dict.fromkeys(quad.subject for quad in quads)
    nodes = [
        node for node in subjects if can_have_values(node) and shapes_of(stated, node, profile)
    ]
    yield from extracts(stated, nodes, profile)
