"""A wish as the writer gets it: plain values from JSON, an update as the plan that was made of it.

    {"kind": "update", "plan": {...}, "author": {...}, "key": null, "conditions": {...}}
    {"kind": "put", "graph": "x:g", "content": "FILE", "author": {...}, ...}

The rest is what the dataclasses of `graph.writing.wishes` have in them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graph.writing.wishes import Author, Conditions, GraphWrite, Key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Planned:
    """An update whose text was read."""

    plan: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Order:
    """One change, all or nothing."""

    change: Planned | GraphWrite
    author: Author
    key: Key | None
    conditions: Conditions

    @classmethod
    def from_json(cls, wish: Mapping[str, Any]) -> Order:
        """Read a wish."""
        author, key, conditions = wish["author"], wish["key"], wish["conditions"]
        return cls(
            _change(wish),
            Author(author["name"], _tuple(author["graph_prefixes"])),
            Key(**key) if key else None,
            Conditions(
                _tuple(conditions["versions"]),
                conditions["exists"],
                tuple(conditions["not_versions"]),
            ),
        )


def _change(wish: Mapping[str, Any]) -> Planned | GraphWrite:
    if wish["kind"] == "update":
        return Planned(wish["plan"])
    content = wish["content"]
    return GraphWrite(wish["kind"], wish["graph"], Path(content) if content else None)


def _tuple(values: Sequence[Any] | None) -> tuple[Any, ...] | None:
    return None if values is None else tuple(values)
