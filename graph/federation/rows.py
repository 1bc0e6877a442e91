"""The rows that stand for a SERVICE, as bytes: nothing in this process looks into them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one answer."""

    names: tuple[str, ...]
    """The variables that each row has a term for, or UNDEF."""
    lines: bytes
    """A line for each row, in brackets."""


@dataclass(frozen=True, slots=True)
class Block:
    """All rows that stand for a SERVICE."""

    parts: tuple[Part, ...] = ()


def with_endpoint(part: Part, variable: str, endpoint: str) -> Part:
    """Return *part* with the *endpoint* as its first term; literals hold no end of line."""
    if not part.lines:
        return part
    start = b"(" + endpoint.encode() + b" "
    lines = start + part.lines[1:-1].replace(b"\n(", b"\n" + start) + part.lines[-1:]
    return Part((variable, *part.names), lines)


def empty_solution(head: tuple[str, ...], endpoint: str = "UNDEF") -> Part:
    """Return the one row that stands for a SERVICE SILENT that has failed.

    It binds nothing, or, where the first of the variables names the endpoint, that one.
    """
    terms = [endpoint, *("UNDEF" for _ in head[1:])]
    return Part(head, f"({' '.join(terms)})\n".encode())
