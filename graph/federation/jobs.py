"""What a reader is told of rows that are sent after its job."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graph.formats import format_named

if TYPE_CHECKING:
    from graph.federation.asking import Blocks
    from graph.federation.plan import Local

_TABLE = format_named("tsv").media_type


def keys_job(question: dict[str, Any], local: Local, blocks: Blocks, most: int) -> dict[str, Any]:
    """Return the job to find keys with *local*, asked as *question* is, up to *most* of them."""
    return {
        **question,
        "kind": "query",
        "media_type": _TABLE,
        "evaluate": True,
        "text": f"{local.text} LIMIT {most}",
        "filters_graphs": local.filters_graphs,
        "searches": local.searches,
        "blocks": told_of(blocks),
    }


def told_of(blocks: Blocks) -> dict[str, Any]:
    """Return what a job says of *blocks*: of each part its variables, and its length in bytes."""
    return {
        str(number): [{"names": part.names, "length": len(part.lines)} for part in block.parts]
        for number, block in blocks.items()
    }


def content_of(blocks: Blocks) -> list[bytes] | None:
    """Return what is sent after the job; None when that is nothing at all."""
    lines = [part.lines for block in blocks.values() for part in block.parts]
    return lines if blocks else None
