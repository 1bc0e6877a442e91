"""What is looked for, and what is found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graph.matching.identifiers import Identifier

FEWEST, MOST = 5, 50
"""How many candidates are returned unless told otherwise, and at most."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A thing that somebody knows by name, by number, or both."""

    text: str = ""
    identifiers: tuple[Identifier, ...] = ()
    country: str = ""
    """By any name or code."""
    types: tuple[str, ...] = ()
    """IRIs of classes, one of which it is."""
    has_type: bool = False
    """What is of none of the types is no candidate at all."""
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """What is said of it: texts or IRIs, by the IRIs of properties."""
    required: frozenset[str] = frozenset()
    """Of which properties a value has to be there."""
    but: frozenset[str] = frozenset()
    """Things that it is not."""
    limit: int = FEWEST


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that speaks for or against a candidate."""

    kind: str
    """`identifier`, `name`, `country`, `type` or `property`."""
    text: str
    """In words, in English."""
    value: float
    """For a name or an identifier how good it is, from 0 to 100; else what it adds or takes."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A thing that may be meant."""

    thing: str
    score: float
    """From 0 to 100."""
    reasons: tuple[Reason, ...]
    name: str = ""
    """The name of it that fits best."""
    is_match: bool = False
    """It is hardly anything else."""

    @property
    def is_by_identifier(self) -> bool:
        """Tell whether an identifier has led to it."""
        return any(each.kind == "identifier" for each in self.reasons)
