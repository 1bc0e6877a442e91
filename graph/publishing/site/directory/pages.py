"""The page of a directory, as plain values: what can be chosen, what was, and what that leaves."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from graph.publishing.labels import Names
from graph.publishing.site.directory.census import census_of
from graph.publishing.site.directory.offered import DIRECTORIES
from graph.publishing.site.directory.query import prologue, query_text
from graph.publishing.site.directory.selection import (
    VIEWS,
    address_query,
    selection_of,
    written,
)
from graph.publishing.site.tools import tools

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graph.publishing.edition import Edition
    from graph.publishing.site.directory.definitions import Column, Directory, Facet
    from graph.publishing.site.directory.selection import Selection

PAGE_THINGS = 50
"""How many things a page shows."""
_SHOWN_AT_ONCE = 8
"""How many values of a facet can be seen before it is opened wide."""
_MOST_VALUES = 60
"""How many values of a facet are there to choose; more would make the page heavy."""
_MOST_IN_CELL = 5
"""How many things one cell of the list names."""
_MOST_LETTERS = 200
"""How much of a name is shown in a list."""

Values = dict[str, Any]


def write_directory(edition: Edition) -> None:
    """Write the page of the directory that the argument `directory` names."""
    directory = DIRECTORIES[edition.arguments["directory"]]
    page = _Page(edition, directory)
    values = page.values()
    if edition.is_wanted:
        edition.out.write(json.dumps(values, ensure_ascii=False).encode())


class _Page:
    def __init__(self, edition: Edition, directory: Directory) -> None:
        self._edition = edition
        self._directory = directory
        self._names = Names(edition)
        self._census = census_of(edition, directory)
        self._selection = selection_of(directory, self._census, edition.arguments)

    def values(self) -> Values:
        census, selection = self._census, self._selection
        things = census.chosen(selection.chosen)
        numbers = census.numbers(things, selection.order)
        count = max(1, -(-len(numbers) // PAGE_THINGS))
        number = min(selection.page, count)
        first = (number - 1) * PAGE_THINGS
        language = self._edition.arguments.get("language", "en")
        return {
            "name": self._directory.name,
            "total": len(census.things),
            "found": len(numbers),
            "facets": [self._facet(facet) for facet in self._directory.facets],
            "chosen": self._chosen(),
            "ignored": [{"facet": name, "value": text} for name, text in selection.ignored],
            "columns": [column.name for column in self._directory.columns],
            "days": [each.name for each in self._directory.columns if each.kind == "days"],
            "rows": self._rows(numbers[first : first + PAGE_THINGS]),
            "aspects": [each.name for each in self._directory.aspects],
            "first": first + 1,
            "orders": [
                self._way(replace(selection, order=order, page=1), order, selection.order)
                for order in self._directory.orders
            ],
            "views": [self._way(replace(selection, view=v), v, selection.view) for v in VIEWS],
            "order": selection.order,
            "view": selection.view,
            "paging": self._paging(number, count),
            "tools": tools(
                self._edition.public_url, query_text(self._directory, selection, language)
            ),
        }

    def _way(self, selection: Selection, name: str, current: str) -> Values:
        query = address_query(self._directory, selection)
        return {"name": name, "query": query, "is_chosen": name == current}

    def _facet(self, facet: Facet) -> Values:
        chosen = self._selection.chosen.get(facet.name, ())
        others = self._census.chosen(self._selection.chosen, but=facet.name)
        counts = {
            value: (things & others).bit_count()
            for value, things in self._census.values[facet.name].items()
        }
        there = [value for value, count in counts.items() if count or value in chosen]
        in_order = self._in_order(facet, there, counts, chosen)
        values = [
            self._value(facet, value, counts[value], is_chosen=value in chosen)
            for value in in_order[:_MOST_VALUES]
        ]
        return {
            "name": facet.name,
            "values": values[:_SHOWN_AT_ONCE],
            "more": values[_SHOWN_AT_ONCE:],
            "left_out": max(0, len(in_order) - _MOST_VALUES),
            "is_chosen": bool(chosen),
        }

    def _in_order(
        self, facet: Facet, values: Sequence[str], counts: dict[str, int], chosen: Sequence[str]
    ) -> list[str]:
        """Return *values* in the order of the facet: numbers as such, others the chosen first."""
        if facet.bands:
            return [band.name for band in facet.bands if band.name in values]
        if facet.is_completeness:
            return sorted(values, reverse=True)
        return sorted(values, key=lambda value: (value not in chosen, -counts[value], value))

    def _value(self, facet: Facet, value: str, count: int, *, is_chosen: bool) -> Values:
        return {
            "value": written(facet, value),
            "count": count,
            "is_chosen": is_chosen,
            **self._called(facet, value),
        }

    def _called(self, facet: Facet, value: str) -> Values:
        if facet.bands or facet.is_completeness:
            return {"band": value}
        return {"named": self._named(value)}

    def _chosen(self) -> list[Values]:
        return [
            {
                "facet": facet.name,
                "query": address_query(self._directory, self._selection.without(facet.name, value)),
                **self._called(facet, value),
            }
            for facet in self._directory.facets
            for value in self._selection.chosen.get(facet.name, ())
        ]

    def _named(self, iri: str) -> Values:
        named = self._names.named(iri)
        if len(named["label"]) > _MOST_LETTERS:
            return {**named, "label": named["label"][:_MOST_LETTERS] + "…"}
        return named

    def _rows(self, numbers: Sequence[int]) -> list[Values]:
        things = [self._census.things[number] for number in numbers]
        cells = {column.name: self._cells(column, things) for column in self._directory.columns}
        rows: list[Values] = []
        for number, thing in zip(numbers, things, strict=True):
            row: Values = {name: found.get(thing, []) for name, found in cells.items()}
            named = self._named(thing)
            if by := self._directory.named_by:
                named = {**named, "label": " – ".join(each["label"] for each in row[by]) or thing}
            known = [name for name, mask in self._census.aspects.items() if mask >> number & 1]
            rows.append({"thing": named, "cells": row, "known": known})
        return rows

    def _cells(self, column: Column, things: Sequence[str]) -> dict[str, list[Any]]:
        """Return what a column shows of each of *things*, by their IRIs."""
        if not things:
            return {}
        listed = " ".join(str(ox.NamedNode(thing)) for thing in things)
        where = f"VALUES ?thing {{ {listed} }}\n{column.pattern}"
        text = f"SELECT DISTINCT ?thing ?value WHERE {{ {where} }}"
        solutions = self._edition.store.query(prologue(text), default_graph=[self._edition.union])
        assert isinstance(solutions, ox.QuerySolutions)  # noqa: S101 -- it is a SELECT
        wanted = ox.Literal if column.kind == "days" else ox.NamedNode
        found: defaultdict[str, list[str]] = defaultdict(list)
        for row in solutions:
            if isinstance(row["value"], wanted):
                found[row["thing"].value].append(row["value"].value)
        return {thing: self._cell(column, values) for thing, values in found.items()}

    def _cell(self, column: Column, values: list[str]) -> list[Any]:
        if column.kind == "days":
            return [min(values)]
        named = [self._named(each) for each in sorted(values)[: _MOST_IN_CELL + 1]]
        named.sort(key=lambda each: each["label"])
        if len(values) > _MOST_IN_CELL:
            return [*named[:_MOST_IN_CELL], {"more": len(values) - _MOST_IN_CELL}]
        return named

    def _paging(self, number: int, count: int) -> Values:
        pages = {"first": 1, "previous": number - 1, "next": number + 1, "last": count}
        left_out = ("first", "previous") if number == 1 else ()
        left_out += ("next", "last") if number == count else ()
        start = f"{self._edition.public_url}{self._directory.name}"
        addresses: dict[str, str] = {}
        for name, page in pages.items():
            if name not in left_out:
                query = address_query(self._directory, replace(self._selection, page=page))
                addresses[name] = f"{start}?{query}" if query else start
        return {"number": number, "count": count, "addresses": addresses}
