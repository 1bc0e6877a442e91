"""The versions of the dataset: the generations that are kept, and which was current when."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graph.errors import QueryRejected, UnknownThing, WithdrawnThing
from graph.formats import format_named
from graph.generations.record import kept_generation
from graph.publishing.feeds.news import history_in
from graph.publishing.site.tools import tools
from graph.query_texts import text_of

if TYPE_CHECKING:
    from graph.generations.record import Generation
    from graph.publishing.edition import Edition

_LISTED = 20
"""How many of the versions that there are a message names."""


def write_versions(edition: Edition) -> None:
    """Write which generations are kept, by the argument `kept`, the newest first."""
    said: dict[str, Any] = {
        "versions": [_version(edition, each) for each in _newest_first(edition)]
    }
    if edition.arguments.get("language"):  # it is for a page
        json_file = (format_named("plain-json"), f"{edition.public_url}data/versions.json")
        said["tools"] = tools(edition.public_url, text_of("version"), (), [json_file])
    edition.out.write(json.dumps(said, ensure_ascii=False).encode())


def _newest_first(edition: Edition) -> list[Generation]:
    return _kept(edition)[::-1]


def write_version(edition: Edition) -> None:
    """Write what the version `name` is: that of the end of a day (UTC), or of one generation.

    `2026-11-27` is the former, `2026-11-27.12` the latter. WithdrawnThing when it is not `kept`.
    """
    day, _, number = edition.arguments["name"].partition(".")
    found = _numbered(edition, number) if number else _at_end_of(edition, _day(day))
    edition.out.write(json.dumps(_version(edition, found), ensure_ascii=False).encode())


def _numbered(edition: Edition, number: str) -> Generation:
    name = edition.arguments["name"]
    for each in _kept(edition):
        if str(each.number) == number and version_name(each) == name:
            return each
    kept = ", ".join(version_name(each) for each in _kept(edition)[-_LISTED:])
    if number.isascii() and number.isdigit() and 0 < int(number[:9]) < edition.generation.number:
        raise WithdrawnThing(f"the version {name[:40]!r} is not kept; there are {kept}")
    raise UnknownThing(f"there is no version {name[:40]!r}; there are {kept}")


def _at_end_of(edition: Edition, day: date) -> Generation:
    end = datetime.combine(day + timedelta(days=1), time(), UTC)
    kept = _kept(edition)
    before = [each for each in kept if when_built(each) < end]
    if not before:
        first = kept[0]
        raise UnknownThing(f"nothing is kept of {day}; the first version that is kept is "
                           f"generation {first.number} of {first.built}")  # fmt: skip
    found = before[-1]
    after = next((each for each in kept if each.number > found.number), None)
    if after and after.number != found.number + 1:
        _check_none_between(edition, found.number, after.number, end)
    return found


def when_built(generation: Generation) -> datetime:
    """Return when *generation* became current."""
    made = datetime.fromisoformat(generation.built)
    return made if made.tzinfo else made.replace(tzinfo=UTC)


def version_name(generation: Generation) -> str:
    """Return the name of the version of the dataset: its day, and the number of the generation."""
    return f"{when_built(generation).date()}.{generation.number}"


def _check_none_between(edition: Edition, found: int, after: int, end: datetime) -> None:
    """Refuse to tell of *found* when a generation before *after* was current later, until *end*."""
    history = history_in(edition)
    last = found
    for _, entry in history.entries(history.first_after(found)):
        if entry.generation >= after or datetime.fromisoformat(entry.time) >= end:
            break
        last = entry.generation
    if last != found:
        raise WithdrawnThing(
            f"generation {last} was current at the end of that day, and is no longer kept; the "
            f"last one before it that is kept is generation {found}"
        )


def _kept(edition: Edition) -> list[Generation]:
    """Return the generations that are kept, the last one last; not one that is being removed."""
    store = _store(edition)
    numbers = map(int, edition.arguments["kept"].split())
    return [found for number in numbers if (found := kept_generation(store, number))]


def _store(edition: Edition) -> Path:
    return Path(edition.generation.store)


def _version(edition: Edition, generation: Generation) -> dict[str, Any]:
    number = generation.number
    return {
        "version": version_name(generation),
        "generation": number,
        "commit": generation.commit,
        "built": generation.built,
        "quads": generation.quads,
        "triples": generation.union_triples,
        "graphs": len(generation.graphs or {}),
        "is_current": number == edition.generation.number,
        "sparql": f"{edition.public_url}sparql?generation={number}",
        "dump": f"{edition.public_url}data/metapole.nq.gz?generation={number}",
        "changes_since": f"{edition.public_url}changes/{number}..{edition.generation.number}",
    }


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise QueryRejected(f"{text[:80]!r} is no day; write one such as 2026-11-27") from error
