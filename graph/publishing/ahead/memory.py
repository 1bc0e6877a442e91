"""What a reader keeps of a generation that it has looked at: it need not look again.

Only plain values are kept. Whoever kept a store would hold the old generation open when the reader
goes on to the next one. What others have read ahead is taken from the file that has it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from graph.publishing.ahead.file import part_of
from graph.publishing.ahead.plain import remembered

if TYPE_CHECKING:
    from graph.publishing.edition import Edition, Facts

_KEPT: dict[tuple[str, int], dict[str, dict[Any, Any]]] = {}
"""Of one generation, by what it is about."""


def memory_of(edition: Edition, name: str) -> dict[Any, Any]:
    """Return what is kept as *name* of the generation of *edition*; all else is forgotten."""
    kept = kept_of(edition.generation)
    if name not in kept:
        kept[name] = _read(edition.generation.ahead, name)
    return kept[name]


def kept_of(facts: Facts) -> dict[str, dict[Any, Any]]:
    """Return all that is kept of the generation that *facts* tell of, by name."""
    key = facts.store_id, facts.number
    if key not in _KEPT:
        _KEPT.clear()
        _KEPT[key] = {}
    return _KEPT[key]


def _read(path: str, name: str) -> dict[Any, Any]:
    found = part_of(Path(path), name) if path else None
    return {} if found is None else remembered(name, found)
