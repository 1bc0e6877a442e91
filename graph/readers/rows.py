"""Put rows of other endpoints in the place of the blocks of values that stand for them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from graph.federation.plan import PLACEHOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# As our own printer writes it; or a literal, which may hold the same letters.
_BLOCK = re.compile(
    rf'"(?:[^"\\]|\\.)*"|VALUES \((?P<variables>[^)]*)\) \{{ '
    rf"\(<{re.escape(PLACEHOLDER)}(?P<number>[0-9]+)>(?: UNDEF)*\) \}}"
)


def with_rows(text: str, blocks: Mapping[str, list[dict[str, Any]]], content: bytes) -> str:
    """Return *text* with the rows in it that *content* has for *blocks*, one after the other.

    Each block has parts with the names of their variables, and how many bytes they take.
    """
    written = dict(_written(blocks, content))

    def filled(found: re.Match[str]) -> str:
        if found["variables"] is None:
            return found[0]
        return written[found["number"]] or f"VALUES ({found['variables']}) {{ }}"

    return _BLOCK.sub(filled, text)


def _written(
    blocks: Mapping[str, list[dict[str, Any]]], content: bytes
) -> Iterator[tuple[str, str]]:
    start = 0
    for number, parts in blocks.items():
        by_names: dict[tuple[str, ...], list[str]] = {}
        for part in parts:
            end = start + part["length"]
            by_names.setdefault(tuple(part["names"]), []).append(content[start:end].decode())
            start = end
        several = [
            f"VALUES ({' '.join(f'?{name}' for name in names)}) {{ {''.join(lines)} }}"
            for names, lines in by_names.items()
        ]
        is_one = len(several) < 2
        joined = "".join(several) if is_one else " UNION ".join(f"{{ {each} }}" for each in several)
        yield number, joined
