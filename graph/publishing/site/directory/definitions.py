"""What a directory is made of: facets to choose by, columns to show, orders to sort in.

A pattern is a part of a SPARQL query. It binds `?thing`, what the directory lists, and `?value`,
what a facet tells apart or a column shows. Its other variables have names that no other pattern of
the directory uses.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal


@dataclass(frozen=True, slots=True)
class Band:
    """Numbers from `least` on that are below `limit`."""

    name: str
    least: int
    limit: int | None = None

    @property
    def condition(self) -> str:
        """What a filter asks of a number in it."""
        below = f" && ?value < {self.limit}" if self.limit is not None else ""
        return f"(?value >= {self.least}{below})"

    def holds(self, text: str) -> bool:
        """Tell whether the number *text* is in it."""
        try:
            number = Decimal(text)
        except InvalidOperation:
            return False
        return number >= self.least and (self.limit is None or number < self.limit)


@dataclass(frozen=True, slots=True)
class Facet:
    """A question with several answers, by which things are told apart."""

    name: str
    """The parameter of the address, and what messages call it by."""
    pattern: str = ""
    namespace: str = ""
    """What the IRIs of its values begin with, which addresses leave out."""
    bands: tuple[Band, ...] = ()
    """Its values are numbers, told apart by these."""
    is_completeness: bool = False
    """Its values are how many of the aspects of the directory are known."""
    direct: str = ""
    """A pattern that finds values without those above them, where *pattern* finds these, too."""
    above: str = ""
    """A pattern that finds `?value` right above `?lower`."""
    only: str = ""
    """A pattern that finds which things are values, where others are found on the way."""
    but: str = ""
    """A pattern that finds which are not, in the same way."""


@dataclass(frozen=True, slots=True)
class Column:
    """What the list shows of each thing, besides its name."""

    name: str
    pattern: str
    kind: Literal["things", "days"] = "things"


@dataclass(frozen=True, slots=True)
class Aspect:
    """Something that can be known of a thing; it is if the pattern finds anything."""

    name: str
    pattern: str
    facet: str = ""
    """The facet that has a value if it is known."""


@dataclass(frozen=True, slots=True)
class Directory:
    """The list of all things of a class."""

    name: str
    """Its address, and what messages call it by."""
    variable: str
    """What its query calls a thing."""
    class_name: str
    facets: tuple[Facet, ...] = ()
    columns: tuple[Column, ...] = ()
    aspects: tuple[Aspect, ...] = ()
    day: str = ""
    """A pattern that finds the days by which the newest are first; then that is an order, too."""
    named_by: str = ""
    """The column whose things stand for the name, where things have none."""

    @property
    def orders(self) -> tuple[str, ...]:
        """The names of the orders that it can be sorted in, the first one unless asked."""
        newest = ("newest",) if self.day else ()
        return ("name", *newest, *(("completeness",) if self.aspects else ()))

    def facet(self, name: str) -> Facet:
        """Return the facet of that *name*."""
        return next(each for each in self.facets if each.name == name)
