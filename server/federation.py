"""The header that says which other endpoints an answer comes from, and what is missing from it.

It is a list of structured fields (RFC 9651): an item for each endpoint of each SERVICE.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from graph.federation.outcome import Asked

FEDERATION = "X-Federation"
_LONGEST = 300
"""How much is said of what is missing, in characters: all of it stands in the explanation."""
_MOST_ITEMS = 30


def federation_headers(asked: Iterable[Asked]) -> Mapping[str, str]:
    """Return the header about what was *asked*; none when that is nobody."""
    items = [_item(each) for each in asked]
    if len(items) > _MOST_ITEMS:
        left = len(items) - _MOST_ITEMS
        items = [*items[:_MOST_ITEMS], f'"and others";number={left}']
    return {FEDERATION: ", ".join(items)} if items else {}


def with_asked(values: bytes, asked: Iterable[Asked]) -> bytes:
    """Return the JSON object *values* with what was *asked* as one more member of it."""
    told = json.dumps([asdict(each) for each in asked])
    return values.rstrip()[:-1] + f', "asked": {told}}}'.encode()


def _item(asked: Asked) -> str:
    keys = "" if asked.keys is None else f";keys={asked.keys}"
    cached = ";cached" if asked.is_cached else ""
    missing = f";left-out={_text(asked.left_out[:_LONGEST])}" if asked.left_out else ""
    return (
        f"{_text(asked.name[:_LONGEST])};status={asked.status};requests={asked.requests}"
        f";rows={asked.rows};bytes={asked.bytes_down}{keys}{cached}{missing}"
    )


def _text(text: str) -> str:
    """Return *text* as a string, or as one for display where it has more than ASCII (3.3.8)."""
    if text.isascii() and text.isprintable():
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    shown = quote(text, safe=" !#$&'()*+,-./:;<=>?@[\\]^_`{|}~")
    return f'%"{_lower_hex(shown)}"'


def _lower_hex(quoted: str) -> str:
    head, *parts = quoted.split("%")
    return head + "".join(f"%{part[:2].lower()}{part[2:]}" for part in parts)
