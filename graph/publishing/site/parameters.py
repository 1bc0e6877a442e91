"""The values that people put into questions: read, checked, and offered to choose from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from graph.errors import QueryRejected
from graph.namespaces import BASE, RDF_TYPE, SKOS
from graph.publishing.things.names import Names as Near

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graph.publishing.catalogue.library import Parameter, Question
    from graph.publishing.edition import Edition
    from graph.publishing.labels import Names

MOST_OFFERED = 300
"""Up to how many values are offered in a list; if there are more, one is typed in."""
_MOST_NEAR = 5
_YEAR, _NUMBER = re.compile("[12][0-9]{3}"), re.compile("-?[0-9]{1,15}")
_TYPE, _IN_SCHEME = ox.NamedNode(RDF_TYPE), ox.NamedNode(SKOS + "inScheme")


class Values:
    """Reads values of parameters, and shows them by name."""

    def __init__(self, edition: Edition, names: Names) -> None:
        self._edition = edition
        self._names = names

    def asked_for(self, question: Question, asked: Mapping[str, str]) -> dict[str, str]:
        """Return the values of all parameters of *question*: what is *asked* for, or the default.

        QueryRejected, in plain words and with near names, where one is no such value.
        """
        known = {each.name for each in question.parameters}
        if unknown := sorted(asked.keys() - known):
            takes = ", ".join(sorted(known)) or "none"
            raise QueryRejected(
                f"this question has no parameter {unknown[0][:40]!a}; it takes {takes}"
            )
        return {
            each.name: self._value(each, text.strip()) if text else each.default
            for each in question.parameters
            for text in (asked.get(each.name, ""),)
        }

    def shown(self, parameter: Parameter, value: str) -> dict[str, Any]:
        """Return *value* as pages show it, and as an address has it."""
        if parameter.kind in ("year", "number"):
            return {"label": value, "language": None, "address": "", "text": value}
        return {**self._names.named(value), "text": value.removeprefix(parameter.namespace)}

    def offered(self, parameter: Parameter) -> list[dict[str, Any]]:
        """Return all values to choose from, by name; none if there are too many."""
        if parameter.kind in ("year", "number"):
            return []
        found: set[str] = set()
        for quad in self._edition.store.quads_for_pattern(
            None, *_said_of(parameter), self._edition.union
        ):
            if isinstance(quad.subject, ox.NamedNode) and self._is_of(parameter, quad.subject):
                found.add(quad.subject.value)
            if len(found) > MOST_OFFERED:
                return []
        shown = [self.shown(parameter, iri) for iri in found]
        return sorted(shown, key=_by_name)

    def _value(self, parameter: Parameter, text: str) -> str:
        match parameter.kind:
            case "year":
                return self._number(parameter, text, _YEAR, "a year of four digits such as 2021")
            case "number":
                return self._number(parameter, text, _NUMBER, "a whole number such as 12")
            case _:
                return self._iri(parameter, text)

    def _number(self, parameter: Parameter, text: str, form: re.Pattern[str], what: str) -> str:
        if form.fullmatch(text):
            return text
        raise QueryRejected(f"'{parameter.name}' is {text[:40]!a}; send {what}")

    def _iri(self, parameter: Parameter, text: str) -> str:
        """Return the value that is called *text*: by its IRI, by the end of that, or by a name."""
        iri = text if text.startswith(BASE) else parameter.namespace + text
        if self._is_value(parameter, iri):
            return iri
        near = Near(self._edition.store)
        named = near.only_one(parameter.namespace + text)
        if named and self._is_value(parameter, named):
            return named
        raise QueryRejected(self._complaint(parameter, text, near))

    def _complaint(self, parameter: Parameter, text: str, near: Near) -> str:
        what = parameter.labels.get("en", parameter.name)
        found = [
            self.shown(parameter, iri)
            for iri in near.near(parameter.namespace + text, _MOST_NEAR)
            if self._is_value(parameter, iri)
        ]
        names = ", ".join(f"{each['text']} ({each['label'][:60]})" for each in found)
        hint = f"did you mean {names}?" if names else f"leave it out for {parameter.default}"
        return f"'{parameter.name}' is {text[:60]!a}, and there is no {what} of that name; {hint}"

    def _is_value(self, parameter: Parameter, iri: str) -> bool:
        try:
            node = ox.NamedNode(iri)
        except ValueError:
            return False
        return self._is_of(parameter, node) and (
            ox.Quad(node, *_said_of(parameter), self._edition.union) in self._edition.store
        )

    def _is_of(self, parameter: Parameter, node: ox.NamedNode) -> bool:
        return node.value.startswith(parameter.namespace) or parameter.kind == "thing"


def _by_name(shown: Mapping[str, Any]) -> tuple[bool, str, str]:
    """Have what has no name of its own come last."""
    return shown["label"].startswith("["), shown["label"].casefold(), shown["text"]


def _said_of(parameter: Parameter) -> tuple[ox.NamedNode, ox.NamedNode]:
    """Return what is said of every value of *parameter*."""
    if parameter.kind == "concept":
        return _IN_SCHEME, ox.NamedNode(parameter.namespace.removesuffix("/"))
    return _TYPE, ox.NamedNode(parameter.of)
