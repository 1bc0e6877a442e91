"""What can be imported to: a store on this machine, or a server that is asked over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pyoxigraph as ox

    from graph.differences import Difference

Finding = dict[str, Any]
"""severity, focus, path, value, message, remedy, shape and component, as plain values."""


@dataclass(frozen=True, slots=True)
class Found:
    """A graph as it is."""

    triples: frozenset[ox.Triple] | None
    """None where there is no such graph."""
    version: str = ""
    """What tells that it has not changed since."""


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a change."""

    commit: int | None
    """The number of its commit; None when nothing was to be changed."""
    generation: int | None
    findings: tuple[Mapping[str, Any], ...] = ()


class Target(Protocol):
    """Where graphs are imported to."""

    async def found(self, graph: str) -> Found:
        """Return the graph called *graph* as it is."""
        ...

    async def findings(self, difference: Difference, content: Path | None) -> list[Finding]:
        """Return what *difference*, by which a graph becomes *content*, would break."""
        ...

    async def put(self, graph: str, content: Path | None, version: str) -> Done:
        """Have *graph* hold *content*, or nothing and be gone, if it still is as in *version*.

        PreconditionFailed when somebody else was faster; ShapesViolated when shapes forbid it.
        """
        ...

    async def before(self, graph: str, activity: str) -> Difference:
        """Return what takes back the last import that *activity* tells of."""
        ...
