"""The pages about key figures: all indicators, and all that is known of one."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from graph.errors import UnknownThing
from graph.namespaces import MP, RDF_TYPE, SKOS
from graph.publishing.ahead.rows import kept_rows
from graph.publishing.asof import day_from
from graph.publishing.labels import Names
from graph.publishing.pictures.files import PNG, picture, width_of
from graph.publishing.pictures.standalone import caption_from
from graph.publishing.site.asking import only, query_about, value_of
from graph.publishing.site.conflicts import conflicts_among
from graph.publishing.site.countries import Countries
from graph.publishing.site.figure_chart import MOST_ROWS, STYLE, Wording, chart
from graph.publishing.site.figures import (
    INDICATOR,
    cut,
    figure_values,
    in_order,
    indicator_page,
)
from graph.publishing.site.observations import MOST_READ, observations_of
from graph.publishing.site.paging import paging_values
from graph.publishing.site.tools import address_in, tools
from graph.publishing.things.names import Names as Near
from graph.publishing.things.names import is_named

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from graph.publishing.edition import Edition
    from graph.publishing.site.figures import Figure
    from graph.publishing.site.observations import Observation

AT_ONCE = 50
"""How many figures one page about an indicator shows."""
_MOST_NEAR = 5
_MOST_INDICATORS = 1_000
_MOST_CONFLICTS = 20
"""How many conflicts are told in full."""


def write_indicators(edition: Edition) -> None:
    """Write what the page about all indicators shows, as JSON."""
    names = Names(edition)
    query = query_about("indicators", {}).replace('"en"', f'"{_language(edition)}"')
    rows = kept_rows(edition, query, _MOST_INDICATORS).named()
    found = [_indicator_row(edition, names, row) for row in rows]
    values = {
        "used": [each for each in found if each["figures"]],
        "unused": [each for each in found if not each["figures"]],
        "figures": sum(each["figures"] for each in found),
        "tools": tools(edition.public_url, query),
    }
    _write(edition, values)


def write_indicator(edition: Edition) -> None:
    """Write what the page about one indicator shows, as JSON."""
    _write(edition, _Indicator(edition).values())


def write_figure_chart(edition: Edition) -> None:
    """Write the chart of one indicator as a file."""
    width, page = width_of(edition), _Indicator(edition)
    title, drawing = page.drawing()
    if edition.is_wanted:
        caption = replace(caption_from(edition.arguments, edition.generation), title=title)
        edition.out.write(picture(edition, drawing, caption, width, STYLE))


class _Indicator:
    """The page about an indicator, on a day and in a country if they are asked for."""

    def __init__(self, edition: Edition) -> None:
        self._edition = edition
        self._names = Names(edition)
        asked = edition.arguments
        self._slug = asked["indicator"]
        self._iri = _known_indicator(edition, self._slug)
        self._day: date | None = day_from(asked["asof"]) if asked.get("asof") else None
        self._countries = Countries(edition, self._names)
        self._country = self._countries.asked_for(asked.get("country", ""))
        self._all = observations_of(edition, self._iri)
        self._chosen = self._countries.only_in(
            self._country, [each for each in self._all if not self._day or each.holds(self._day)]
        )

    def values(self) -> dict[str, Any]:
        dated = [each for each in self._chosen if each.is_dated]
        paging, here = paging_values(self._edition, len(dated), AT_ONCE, self._address())
        undated = [each for each in self._chosen if not each.is_dated]
        conflicts = conflicts_among(self._edition, dated)
        return {
            "indicator": self._names.named(self._iri),
            "concept": f"{self._edition.public_url}ontology/indicator#{self._slug}",
            **_meaning(self._edition, self._names, self._iri),
            "asof": self._day.isoformat() if self._day else "",
            "country": self._country,
            "countries": self._countries.of(self._all),
            "all": len(self._all),
            "are_all": len(self._all) < MOST_READ,
            "chosen": len(self._chosen),
            "things": len({each.thing for each in self._chosen}),
            "conflicts": [self._conflict(each) for each in conflicts[:_MOST_CONFLICTS]],
            "conflict_count": len(conflicts),
            "groups": self._groups(dated[here]),
            "undated": self._figures(undated[:AT_ONCE]),
            "undated_count": len(undated),
            "paging": paging,
            "tools": tools(
                self._edition.public_url, self._query(), pictures=self._pictures(bool(dated))
            ),
        }

    def drawing(self) -> tuple[str, str]:
        """Return the title of the chart, and the chart; UnknownThing where nothing is dated."""
        dated = [each for each in self._chosen if each.is_dated]
        if not dated:
            raise UnknownThing("no figure that was asked for has a date, so there is no chart")
        groups = _by_unit(self._figures(dated[:MOST_ROWS]))
        figures = max(groups.values(), key=len)
        wording = self._wording(figures)
        return wording.title, chart(figures, wording, "_chart")

    def _groups(self, observations: Sequence[Observation]) -> list[dict[str, Any]]:
        """Return the figures of each unit, with a chart."""
        groups = _by_unit(self._figures(observations))
        ordered = sorted(groups.items(), key=lambda group: -len(group[1]))
        return [
            {
                "unit": figures[0]["unit"],
                "unit_kind": figures[0]["unit_kind"],
                "unit_symbol": figures[0]["unit_symbol"],
                "figures": figures,
                "charted": min(len(figures), MOST_ROWS),
                "chart": chart(figures, self._wording(figures), f"_chart{number}"),
            }
            for number, (_, figures) in enumerate(ordered, 1)
        ]

    def _figures(self, observations: Sequence[Observation]) -> list[Figure]:
        return in_order(
            figure_values(self._edition, self._names, each.figure) for each in observations
        )

    def _conflict(self, observations: Sequence[Observation]) -> dict[str, Any]:
        figures = self._figures(observations)
        return {"about": figures[0]["about"], "figures": figures}

    def _wording(self, figures: Sequence[Figure]) -> Wording:
        title = self._names.named(self._iri)["label"]
        unit = figures[0]["unit"] if figures else None
        return Wording(
            f"{title} ({unit['label']})" if unit else title,
            self._names.named(f"{MP.removesuffix('#')}/time-basis/stated")["label"],
            self._names.named(f"{MP.removesuffix('#')}/time-basis/document-date")["label"],
            _language(self._edition),
            address_in(_language(self._edition), "", self._edition.public_url),
            self._edition.public_url,
        )

    def _query(self) -> str:
        said = {"the indicator": only(self._iri)}
        if self._country:
            country = ox.NamedNode(self._country["iri"])
            said["the country"] = f"?it (mp:locatedIn|mp:partOf)* {country} ."
        query = query_about("figures-of-an-indicator", said, self._day)
        return query.replace('"en"', f'"{_language(self._edition)}"')

    def _address(self) -> str:
        """Return the address of this page, without the number of a page."""
        asked = {key: self._edition.arguments.get(key, "") for key in ("asof", "country")}
        return address_in(
            _language(self._edition), f"figures/{self._slug}", self._edition.public_url, asked
        )

    def _pictures(self, are_there: bool) -> list[dict[str, str]]:
        if not are_there:
            return []
        path, question, asked = self._address().partition("?")
        return [
            {
                "extension": extension,
                "media_type": media_type,
                "address": f"{path}.{extension}{question}{asked}",
            }
            for extension, media_type in (("svg", "image/svg+xml"), ("png", PNG))
        ]


def _indicator_row(edition: Edition, names: Names, row: dict[str, object]) -> dict[str, Any]:
    iri = value_of(row["indicator"])
    count = {key: int(value_of(row[key])) for key in ("figures", "things")}
    return {
        **names.named(iri),
        "address": indicator_page(iri, edition.public_url),
        **_meaning(edition, names, iri),
        **count,
        "first": value_of(row.get("first"))[:4],
        "last": value_of(row.get("last"))[:4],
    }


def _meaning(edition: Edition, names: Names, iri: str) -> dict[str, Any]:
    """Return what an indicator measures, and how."""
    kind, unit = (_one(edition, iri, MP + name) for name in ("indicatorKind", "expectedUnit"))
    return {
        "definition": _definition(edition, iri),
        "kind": names.named(kind) if kind else None,
        "kind_definition": _definition(edition, kind) if kind else None,
        "unit": names.named(unit) if unit else None,
        "broader": [_page(edition, names, each) for each in _all(edition, iri, SKOS + "broader")],
    }


def _page(edition: Edition, names: Names, iri: str) -> dict[str, Any]:
    return {**names.named(iri), "address": indicator_page(iri, edition.public_url)}


def _definition(edition: Edition, iri: str) -> dict[str, Any] | None:
    """Return what a concept means, in the language of the page if that is said."""
    found = {
        quad.object.language: quad.object.value
        for quad in edition.store.quads_for_pattern(
            ox.NamedNode(iri), ox.NamedNode(SKOS + "definition"), None, edition.union
        )
        if isinstance(quad.object, ox.Literal)
    }
    for language in (_language(edition), "en", *sorted(found, key=str)):
        if language in found:
            return {"text": cut(found[language], 500), "language": language}
    return None


def _one(edition: Edition, iri: str, predicate: str) -> str:
    return next(iter(_all(edition, iri, predicate)), "")


def _all(edition: Edition, iri: str, predicate: str) -> list[str]:
    found = edition.store.quads_for_pattern(
        ox.NamedNode(iri), ox.NamedNode(predicate), None, edition.union
    )
    return sorted(quad.object.value for quad in found if isinstance(quad.object, ox.NamedNode))


def _known_indicator(edition: Edition, slug: str) -> str:
    """Return the IRI of an indicator; UnknownThing with near ones where there is none."""
    iri = f"{INDICATOR}{slug}"
    try:
        node = ox.NamedNode(iri)
    except ValueError:
        node = None
    is_indicator = ox.NamedNode(MP + "Indicator")
    if node and ox.Quad(node, ox.NamedNode(RDF_TYPE), is_indicator, edition.union) in edition.store:
        return iri
    near = Near(edition.store).near(iri, _MOST_NEAR) if node else []
    names = Names(edition)
    raise UnknownThing(
        f"there is no indicator {slug[:80]!a}; {edition.public_url}figures lists all of them",
        [
            {
                "iri": each,
                "label": names.named(each)["label"],
                "address": indicator_page(each, edition.public_url),
            }
            for each in near
            if each.startswith(INDICATOR) and is_named(edition.store, each)
        ],
    )


def _by_unit(figures: Sequence[Figure]) -> dict[str, list[Figure]]:
    groups: dict[str, list[Figure]] = {}
    for figure in figures:
        groups.setdefault(figure["unit"]["iri"] if figure["unit"] else "", []).append(figure)
    return groups


def _language(edition: Edition) -> str:
    return edition.arguments.get("language", "en")


def _write(edition: Edition, values: dict[str, Any]) -> None:
    if edition.is_wanted:
        edition.out.write(json.dumps(values, ensure_ascii=False).encode())
