"""What a reader keeps of a generation that it has looked at: it need not look again.

Only plain values are kept. Whoever kept a store would hold the old generation open when the reader
goes on to the next one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graph.publishing.edition import Edition

_KEPT: dict[tuple[str, int], dict[str, dict[Any, Any]]] = {}
"""Of one generation, by what it is about."""


def memory_of(edition: Edition, name: str) -> dict[Any, Any]:
    """Return what is kept as *name* of the generation of *edition*; all else is forgotten."""
    facts = edition.generation
    key = facts.store_id, facts.number
    if key not in _KEPT:
        _KEPT.clear()
        _KEPT[key] = {}
    return _KEPT[key].setdefault(name, {})
