"""In which countries things are: where they are located, and what that is a part of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graph.errors import QueryRejected
from graph.matching.countries import Countries as Located
from graph.namespaces import ID
from graph.publishing.ahead.memory import memory_of
from graph.publishing.things.names import Names as Near

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from graph.publishing.edition import Edition
    from graph.publishing.labels import Names
    from graph.publishing.site.directory.census import Census
    from graph.publishing.site.observations import Observation

_COUNTRY = f"{ID}country/"
_MOST_NEAR = 5
_CENSUSES = ("clusters", "organisations")
"""The lists that tell things apart by country."""


class Countries:
    """The countries of things, each looked up once."""

    def __init__(self, edition: Edition, names: Names) -> None:
        self._edition = edition
        self._names = names
        self._located = Located(edition.store, edition.union)

    def asked_for(self, slug: str) -> dict[str, Any] | None:
        """Return the country *slug* by its name; None if it is empty.

        QueryRejected, with near names, when there is no such country.
        """
        if not slug:
            return None
        iri = f"{_COUNTRY}{slug}"
        if not self._located.is_country(iri):
            raise QueryRejected(
                f"'country' is {slug[:60]!a}, which is no country here; "
                + (f"did you mean {near}?" if (near := self._near(iri)) else "leave it out")
            )
        return {**self._names.named(iri), "slug": slug}

    def of(self, observations: Iterable[Observation]) -> list[dict[str, Any]]:
        """Return the countries of the things of *observations*, by name."""
        things = {each.thing for each in observations}
        found = self._counted(things)
        for thing in things:
            found |= self._located.of(thing)
        named = [
            {**self._names.named(iri), "slug": iri.removeprefix(_COUNTRY)}
            for iri in found
            if iri.startswith(_COUNTRY)
        ]
        return sorted(named, key=lambda each: each["label"])

    def _counted(self, things: set[str]) -> set[str]:
        """Return the countries of those *things* that a census counts; they are taken out."""
        found: set[str] = set()
        memory: dict[str, Census] = memory_of(self._edition, "census")
        for census in (memory[name] for name in _CENSUSES if name in memory):
            numbers = [number for number, thing in enumerate(census.things) if thing in things]
            asked = sum(1 << number for number in numbers)
            found |= {iri for iri, those in census.values["country"].items() if those & asked}
            things -= {census.things[number] for number in numbers}
        return found

    def only_in(
        self, country: dict[str, Any] | None, observations: Sequence[Observation]
    ) -> list[Observation]:
        """Return those *observations* whose things are in *country*; all if it is None."""
        if country is None:
            return list(observations)
        return [each for each in observations if country["iri"] in self._located.of(each.thing)]

    def _near(self, iri: str) -> str:
        try:
            found = Near(self._edition.store).near(iri, _MOST_NEAR)
        except ValueError:
            return ""
        slugs = [each.removeprefix(_COUNTRY) for each in found if each.startswith(_COUNTRY)]
        return ", ".join(slugs)
