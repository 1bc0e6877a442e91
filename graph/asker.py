"""Who asks: what logs and lists tell of a request, known wherever its work is done.

It is in the context, not handed down through every call: what it says changes no answer.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

EXCERPT = 200
"""How many characters of a query are told."""


@dataclass(slots=True, eq=False)
class Asker:
    """One request, as far as others may know of it."""

    id: str
    client: str = ""
    text: str = ""
    """The beginning of a query. Empty for everything else, which may hold what nobody may read."""
    fingerprint: str = ""
    """The same for operations that differ in constants, prefixes and white space only."""


ASKER: ContextVar[Asker | None] = ContextVar("asker", default=None)
"""The request that is worked on; None for what the server does by itself."""

CLIENT: ContextVar[str] = ContextVar("client", default="")
"""Whose share of what is scarce the work uses up; nobody's, if the server does it by itself."""


def note_text(text: str) -> None:
    """Tell the beginning of *text*, which is meant to be a query."""
    if asker := ASKER.get():
        asker.text = text[:EXCERPT]


def note_fingerprint(fingerprint: str) -> None:
    """Tell the fingerprint of the operation."""
    if asker := ASKER.get():
        asker.fingerprint = fingerprint


def forget_text() -> None:
    """Tell nothing of a text that turned out to be no query: it may be an update."""
    if asker := ASKER.get():
        asker.text = ""
