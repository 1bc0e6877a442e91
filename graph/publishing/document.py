"""A wish for something that is published."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graph.federation.plan import Plan
    from graph.formats import Format


@dataclass(frozen=True, slots=True)
class Document:
    """Something that is published, to be written by one of `graph.publishing.writers`.

    Two are equal when the same writer gets the same arguments.
    """

    writer: str
    formats: tuple[Format, ...] = field(compare=False)
    """In what formats it can be had, the preferred one first."""
    arguments: tuple[tuple[str, str], ...] = ()
    generation: int | None = None
    """The older generation that it is to be written from; None: the current one."""

    is_long: bool = field(default=False, compare=False)
    """It takes long, or is: a reader of its own writes it, under the limits of dumps."""
    graph: str | None = field(default=None, compare=False)
    """The graph that it tells of, if of nothing else: it is the same as long as that is."""

    is_volatile: bool = field(default=False, compare=False)
    """The same generation may have it otherwise next time."""

    searches: bool = field(default=False, compare=False)
    """Names are searched for it."""

    federation: Plan | None = field(default=None, compare=False)
    """What other endpoints are asked for the query in the argument `job`."""
