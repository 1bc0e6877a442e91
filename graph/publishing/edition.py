"""What a writer gets: a generation that is open, what was asked for, and where to write."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import pyoxigraph as ox

from graph.history.pages import history_of
from graph.namespaces import UNION_GRAPH
from graph.publishing.ahead.file import ahead_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graph.generations import Generation

UNION = ox.NamedNode(UNION_GRAPH)


class Out(Protocol):
    """Where a document is written; what is written is sent on as it comes."""

    def write(self, content: bytes, /) -> int:
        """Take the next bytes."""
        ...

    def flush(self) -> None:
        """Do nothing; who writes RDF asks for it."""
        ...


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the generation that a document is written from."""

    number: int
    commit: int
    """The number of the last commit that it shows."""
    built: str
    """When it was made (xsd:dateTime, UTC)."""
    quads: int
    """The union not counted."""
    graphs: Mapping[str, int] = field(hash=False)
    """How many triples each named graph holds, the union left out."""
    union_triples: int
    store_id: str
    changed: Mapping[str, int] = field(hash=False)
    """In which generation each graph changed last; "" is the store's own default graph."""
    store: str = ""
    """The directory of the store that it is kept in."""
    history: str = ""
    """The directory of the history that it shows; "" for none."""
    entries: int = 0
    """How many entries of that."""
    ahead: str = ""
    """The file with what was read ahead of it; "" for none."""


@dataclass(frozen=True, slots=True)
class Edition:
    """One document that is being written."""

    store: ox.Store
    """One immutable generation, open for reading."""
    media_type: str
    arguments: Mapping[str, str]
    public_url: str
    """Where clients find the server; ends in a slash."""
    generation: Facts
    out: Out
    is_wanted: bool = True
    """Without it only the errors matter, and nothing needs to be written."""

    rows: bytes = b""
    """The rows of other endpoints that the query in the argument `job` waits for."""

    blocks: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Where they belong."""

    union: ox.NamedNode = UNION
    """The graph with every triple once; a query that names no graph is to be asked of it."""


def facts_of(generation: Generation) -> dict[str, Any]:
    """Return what is known of *generation*, as it is sent to a reader."""
    return {
        "number": generation.number,
        "commit": generation.commit,
        "built": generation.built,
        "quads": generation.quads,
        "graphs": dict(generation.graphs or {}),
        "union_triples": generation.union_triples or 0,
        "store_id": generation.store_id,
        "changed": dict(generation.changed),
        "store": str(generation.path.parents[1]),
        "history": str(history_of(generation)) if generation.history else "",
        "entries": generation.entries,
        "ahead": str(ahead) if (ahead := ahead_file(generation)).exists() else "",
    }
