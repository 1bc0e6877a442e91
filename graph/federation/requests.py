"""The texts that are sent to other endpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graph.federation.keys import Keys
    from graph.federation.plan import Call


def request_for(call: Call, keys: Keys | None) -> str:
    """Return the query that asks for the solutions of *call* that fit *keys*; None: for all.

    The pattern keeps its braces, so that it is answered as it would be without the keys.
    """
    names = " ".join(f"?{name}" for name in call.columns)
    shown = f"(1 AS {names})" if call.counts_only else names
    if keys is None or not keys.names:
        return f"{call.base}SELECT {shown} WHERE {call.body}"
    return f"{call.base}SELECT {shown} WHERE {{ {keys.block} {call.body} }}"
