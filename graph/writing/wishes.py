"""What a client wants to be changed, and what became of it, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from graph.generations import Generation


@dataclass(frozen=True, slots=True)
class Author:
    """Who wants a change, and to which graphs that is allowed."""

    name: str
    graph_prefixes: tuple[str, ...] | None = None
    """What the names of the graphs start with that may be changed; None: any, the default too."""

    def may_write(self, graph: str | None) -> bool:
        """Tell whether the graph *graph* may be changed; None is the default graph."""
        if self.graph_prefixes is None:
            return True
        return graph is not None and graph.startswith(self.graph_prefixes)


@dataclass(frozen=True, slots=True)
class Update:
    """A SPARQL update, as it was sent."""

    text: str
    using_graphs: tuple[str, ...] = ()
    using_named_graphs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GraphWrite:
    """A write to one graph (SPARQL 1.1 Graph Store Protocol, 5.3 to 5.5)."""

    method: Literal["put", "post", "delete"]
    graph: str | None
    """Its name; None for the store's own default graph."""
    content: Path | None = None
    """A file of checked N-Triples; None for "delete"."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What has to be so for a change to be made."""

    versions: tuple[int, ...] | None = None
    """The graph was last changed in one of these generations (If-Match); None: whenever."""
    exists: bool | None = None
    """Whether the graph has to be there (If-Match: *) or must not be (If-None-Match: *)."""
    not_versions: tuple[int, ...] = ()
    """The graph was last changed in none of these generations (If-None-Match)."""


@dataclass(frozen=True, slots=True)
class Key:
    """What makes a change that is sent twice happen once."""

    value: str
    digest: str
    """Tells whether two changes with the same key are the same (SHA-256, in hexadecimal)."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One change, all or nothing."""

    change: Update | GraphWrite
    author: Author
    key: Key | None = None
    conditions: Conditions = Conditions()


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a change that was made, or that there was no need to make."""

    generation: Generation
    """The first generation that shows it."""
    commit: int | None
    """The number of its commit; None when it changed nothing, and there is no key to remember."""
    added: int = 0
    removed: int = 0
    """How many statements came and went, those that the server keeps itself not counted."""
    created: bool = False
    """Whether it made the graph that it was sent to."""
    is_replay: bool = False
    """Whether the same change had been made before, with the same key."""
    findings: tuple[Mapping[str, Any], ...] = ()
    """Where the data breaks shapes, when that is no reason to refuse it."""
    gate_ms: float | None = None
    """How long it took to look for that, in milliseconds."""
