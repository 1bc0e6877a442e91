"""All limits of a server, by name: what they are, and how the command line changes them.

A limit is a field of one of the groups below, and its name is `group.field` with hyphens.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

from graph.limits import (
    DumpLimits,
    FetcherLimits,
    FetchLimits,
    GateLimits,
    Limits,
    UploadLimits,
    WriteLimits,
)
from server.access import LogLimits
from server.fairness import ClientLimits
from server.guarded import ConnectionLimits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True, slots=True)
class MessageLimits:
    """How long what is sent may be."""

    query_bytes: Annotated[int, "How long the text of a query may be."] = 256 * 1024
    form_bytes: Annotated[
        int, "How long a form with a query may be: it may need three bytes for one."
    ] = 1024 * 1024
    update_bytes: Annotated[int, "How long the text of an update may be."] = 4 * 1024 * 1024
    upload_bytes: Annotated[int, "How long a body may be that writes a graph, or is validated."] = (
        256 * 1024 * 1024
    )


@dataclass(frozen=True, slots=True)
class AllLimits:
    """The limits of a server, in groups."""

    query: Limits = field(default_factory=Limits)
    dump: DumpLimits = field(default_factory=DumpLimits)
    write: WriteLimits = field(default_factory=WriteLimits)
    upload: UploadLimits = field(default_factory=UploadLimits)
    gate: GateLimits = field(default_factory=GateLimits)
    remote: FetchLimits = field(default_factory=FetchLimits)
    fetcher: FetcherLimits = field(default_factory=FetcherLimits)
    message: MessageLimits = field(default_factory=MessageLimits)
    connection: ConnectionLimits = field(default_factory=ConnectionLimits)
    client: ClientLimits = field(default_factory=ClientLimits)
    log: LogLimits = field(default_factory=LogLimits)


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit, as it is documented."""

    name: str
    value: float
    meaning: str


class UnknownLimit(ValueError):  # noqa: N818 -- it says what was named
    """There is no limit of that name, or it cannot have that value."""


def documented(limits: AllLimits) -> Iterator[Limit]:
    """Yield every limit with its value and what it means."""
    for group in dataclasses.fields(limits):
        values: object = getattr(limits, group.name)
        hints = get_type_hints(values.__class__, include_extras=True)
        for each in dataclasses.fields(values):  # pyright: ignore[reportArgumentType] -- it is a dataclass
            name = f"{group.name}.{each.name.replace('_', '-')}"
            (meaning,) = hints[each.name].__metadata__
            yield Limit(name, getattr(values, each.name), meaning)


def changed(limits: AllLimits, settings: Iterable[str]) -> AllLimits:
    """Return *limits* with what *settings* say, each `name=value`; UnknownLimit if one is wrong."""
    for setting in settings:
        name, equals, text = setting.partition("=")
        known = {limit.name: limit for limit in documented(limits)}
        if not equals or name not in known:
            raise UnknownLimit(
                f"{setting!r} sets no limit; write name=value with one of {', '.join(known)}"
            )
        limits = _with(limits, name, _number(name, text, known[name].value))
    return limits


def _with(limits: AllLimits, name: str, value: float) -> AllLimits:
    group_name, _, field_name = name.partition(".")
    group = getattr(limits, group_name)
    group = dataclasses.replace(group, **{field_name.replace("-", "_"): value})
    content: dict[str, Any] = {group_name: group}
    return dataclasses.replace(limits, **content)


def _number(name: str, text: str, default: float) -> float:
    is_whole = isinstance(default, int)
    try:
        number = int(text) if is_whole else float(text)
    except ValueError:
        number = -1
    least = 0 if name == "query.spares" else 1 if is_whole else 0.001
    if not least <= number < float("inf"):
        kind = "a whole number" if is_whole else "a number"
        raise UnknownLimit(f"{name} is {text!r}; give {kind} of at least {least:g}")
    return number
