"""Statements as pages show them: what each says of others, for which time, and who says so."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from graph.namespaces import MP, RDF_TYPE, SKOS
from graph.publishing.asof import HOLDS
from graph.publishing.site.figures import evidence_values
from graph.publishing.site.things.asking import iris_about, rows_about
from graph.publishing.site.things.identity import stated_kinds

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from graph.publishing.edition import Edition
    from graph.publishing.labels import Names

Told = dict[str, Any]

MOST_ROWS = 20
"""How many statements of one kind a page tells; all are behind "all statements"."""
MOST_OTHERS = 200
"""How many things are named without their statements, where there are more."""
MOST_VALUES = 30
"""How many values of one property of a statement."""
LONGEST_TEXT = 600
"""How many characters of a text a page shows."""

_ABOUT = "about"
"""The property that most kinds of statements have."""
_MOST_QUADS = 500
"""How much is read of one node."""
_INTEGER = 18
"""How many digits a number has at most that a page counts with."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a thing stands in a statement: *link* leads to it from one of the class *kind*."""

    link: str
    kind: str
    """Both without the namespace."""
    columns: tuple[str, ...] = ()
    """The properties that are told, without the namespace."""


class Statements:
    """The statements of the generation that *edition* shows, on *day* if there is one."""

    def __init__(self, edition: Edition, names: Names, day: date | None) -> None:
        self.edition = edition
        self.names = names
        self._day = day
        self._said: dict[str, dict[str, list[Any]]] = {}
        self._about: dict[str, set[str]] = {}
        self._evidence: dict[str, Told] = {}
        self._kinds: dict[frozenset[str], list[Told]] = {}

    def at(self, place: Place, thing: ox.NamedNode, most: int = MOST_ROWS) -> list[ox.NamedNode]:
        """Return up to *most* statements in which *thing* stands at *place*, and one more."""
        if place.link == _ABOUT and place.kind not in self._kinds_about(thing):
            return []
        text = (
            f"SELECT DISTINCT ?statement {{ ?statement <{MP}{place.link}> ?thing ;"
            f" a <{MP}{place.kind}> . {HOLDS if self._day else ''} }} LIMIT {most + 1}"
        )
        rows = rows_about(self.edition, text, thing, self._day)
        found = (row["statement"] for row in rows)
        return sorted(
            (each for each in found if isinstance(each, ox.NamedNode)), key=lambda each: each.value
        )

    def _kinds_about(self, thing: ox.NamedNode) -> set[str]:
        """Return the classes of all statements about *thing*, so that nobody looks for others."""
        if thing.value not in self._about:
            text = f"SELECT DISTINCT ?kind {{ ?statement <{MP}{_ABOUT}> ?thing ; a ?kind }}"
            found = iris_about(self.edition, text, thing)
            self._about[thing.value] = {each.removeprefix(MP) for each in found}
        return self._about[thing.value]

    def others_at(self, place: Place, thing: ox.NamedNode) -> list[str]:
        """Return the things that stand in the first column for statements of *thing* at *place*."""
        text = (
            f"SELECT DISTINCT ?other {{ ?statement <{MP}{place.link}> ?thing ;"
            f" a <{MP}{place.kind}> ; <{MP}{place.columns[0]}> ?other . FILTER (isIRI(?other))"
            f" {HOLDS if self._day else ''} }} LIMIT {MOST_OTHERS}"
        )
        found = iris_about(self.edition, text, thing, self._day)
        return [each for each in found if each != thing.value]

    def told(self, node: ox.NamedNode, columns: Iterable[str] = ()) -> Told:
        """Return the statement *node* with what it says at *columns*."""
        return {
            **self.names.named(node.value),
            "cells": {name: self.values(node, name) for name in columns},
            "time": {"from": self.text(node, "from"), "to": self.text(node, "to")},
            "basis": self.first(node, "timeBasis"),
            "status": self.values(node, "status"),
            "confidence": self.values(node, "confidence"),
            "notes": self._values(node, SKOS + "note"),
            "evidence": self.evidence(node),
        }

    def evidence(self, node: ox.NamedNode) -> list[Told]:
        """Return where *node* is printed, in the order of documents and lines."""
        found = (each for each in self.objects(node, "evidence") if isinstance(each, ox.NamedNode))
        return sorted(map(self.place, found), key=_place_in_documents)

    def place(self, evidence: ox.NamedNode) -> Told:
        """Return a place in a document."""
        if evidence.value not in self._evidence:
            self._evidence[evidence.value] = evidence_values(
                self.edition, self.names, evidence.value
            )
        return self._evidence[evidence.value]

    def kinds(self, node: ox.NamedNode) -> set[str]:
        """Return the classes of *node*, without our namespace where they are ours."""
        classes = self._objects(node, RDF_TYPE)
        return {each.value.removeprefix(MP) for each in classes if isinstance(each, ox.NamedNode)}

    def kinds_named(self, node: ox.NamedNode) -> list[Told]:
        """Return what the statement *node* is called by its kinds."""
        kinds = frozenset(self.kinds(node) - {"Statement"})
        if kinds not in self._kinds:
            self._kinds[kinds] = stated_kinds(self.edition, self.names, kinds)
        return self._kinds[kinds]

    def properties(self, node: ox.NamedNode) -> list[str]:
        """Return the properties of ours that *node* has, without the namespace."""
        return sorted(each.removeprefix(MP) for each in self._said_of(node) if each.startswith(MP))

    def values(self, node: ox.NamedNode, name: str) -> list[Told]:
        """Return the values of a property of ours as plain values."""
        return self._values(node, MP + name)

    def first(self, node: ox.NamedNode, name: str) -> Told | None:
        """Return the first value of a property, if there is one."""
        return next(iter(self.values(node, name)), None)

    def text(self, node: ox.NamedNode, name: str) -> str:
        """Return the first value of a property as a text; "" if there is none."""
        found = (each.value for each in self.objects(node, name) if isinstance(each, ox.Literal))
        return min(found, default="")

    def objects(self, node: ox.NamedNode, name: str) -> list[Any]:
        """Return the values of a property of ours, in an order that stays."""
        return self._objects(node, MP + name)

    def _objects(self, node: ox.NamedNode, iri: str) -> list[Any]:
        return self._said_of(node).get(iri, [])

    def _said_of(self, node: ox.NamedNode) -> dict[str, list[Any]]:
        """Return the first values of the properties of *node*, in an order that stays."""
        if node.value not in self._said:
            found = self.edition.store.quads_for_pattern(node, None, None, self.edition.union)
            said: dict[str, list[Any]] = {}
            for quad in islice(found, _MOST_QUADS):
                said.setdefault(quad.predicate.value, []).append(quad.object)
            self._said[node.value] = {
                name: sorted(values, key=str)[:MOST_VALUES] if len(values) > 1 else values
                for name, values in said.items()
            }
        return self._said[node.value]

    def _values(self, node: ox.NamedNode, iri: str) -> list[Told]:
        return [told for each in self._objects(node, iri) if (told := self._value(each))]

    def _value(self, term: object) -> Told | None:
        if isinstance(term, ox.NamedNode):
            return self.names.named(term.value)
        if isinstance(term, ox.Literal):
            return {"text": shortened(term.value), "language": term.language}
        return None


def shortened(text: str) -> str:
    """Return *text*, or as much of it as a page has room for."""
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"


def _place_in_documents(evidence: Told) -> tuple[str, int, str]:
    document = evidence["document"] or {"iri": ""}
    return document["iri"], number_from(evidence["line_from"] or ""), evidence["iri"]


def number_from(text: str) -> int:
    """Return the number that *text* is; 0 where it is none."""
    is_number = text.isascii() and text.isdigit() and len(text) <= _INTEGER
    return int(text) if is_number else 0
