"""What is to be asked of other endpoints for one query, as plain values.

Each SERVICE of the text is one call. In the text for the engine, and in the texts that find the
keys of calls, a block of values stands in the place of each, with one row that names its number;
the reader puts the rows there that were fetched (`graph.readers.rows`).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Self

PLACEHOLDER = "about:rows?"
"""What the IRI begins with that stands for the rows of a call; its number comes after it."""


@dataclass(frozen=True, slots=True)
class Local:
    """A text for our own engine."""

    text: str
    filters_graphs: bool = False
    """It has filters for hidden graphs: see `graph.sparql.hidden_graphs`."""
    searches: bool = False
    """It has places for what a search of names finds: see `graph.sparql.matches`."""


@dataclass(frozen=True, slots=True)
class Call:
    """One SERVICE of a query."""

    number: int
    """Which it is in the text, from 0 on."""
    place: str
    """Where it stands there, as line and column."""
    body: str
    """The pattern that is sent, in its braces."""
    base: str
    """The declaration of the base, if the pattern needs one."""
    columns: tuple[str, ...]
    """The variables that are fetched."""
    endpoint: str | None
    """None when it is a variable."""
    variable: str | None = None
    """The variable that names the endpoint."""
    is_silent: bool = False
    keys: tuple[str, ...] = ()
    """The variables of which the values are found first, so that no more than these are asked."""
    local: Local | None = None
    """The text that finds them; it ends where its LIMIT may stand."""
    counts_only: bool = False
    """The pattern has no variable: how many rows there are is all that it tells."""
    nested: tuple[str, ...] = ()
    """The endpoints that the pattern itself names."""

    @property
    def names_endpoint(self) -> bool:
        """Tell whether the variable of the endpoint is one that only this server gives a value."""
        return self.variable is not None and self.variable not in self.columns

    @property
    def head(self) -> tuple[str, ...]:
        """The variables of the block of values that stands in its place."""
        return head_of(self.variable, self.columns)


def head_of(variable: str | None, columns: tuple[str, ...]) -> tuple[str, ...]:
    """Return *columns* with the *variable* that names the endpoint, if any, as their first."""
    return columns if variable is None else tuple(dict.fromkeys((variable, *columns)))


@dataclass(frozen=True, slots=True)
class Plan:
    """All calls of a query, in the order in which they are made."""

    calls: tuple[Call, ...]

    def as_values(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return asdict(self)

    @classmethod
    def from_values(cls, values: dict[str, Any]) -> Self:
        """Return the plan that `as_values` has told of."""
        return cls(tuple(map(_call, values["calls"])))


def _call(values: dict[str, Any]) -> Call:
    fields = dict(values)
    for name in ("columns", "keys", "nested"):
        fields[name] = tuple(values[name])
    fields["local"] = Local(**values["local"]) if values["local"] else None
    return Call(**fields)
