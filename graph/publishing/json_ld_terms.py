"""How the terms of a JSON-LD context shorten what a graph says (JSON-LD 1.1, 4.1 and 4.2).

Of all that a context may say this reads what ours does: prefixes, and terms with a type or a
language map. What no term fits is written with a prefix, or as it is.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

import pyoxigraph as ox

from graph.errors import UnwritableAnswer
from graph.held import held
from graph.namespaces import RDF_TYPE, XSD, prefixes
from graph.paths import bundled

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Value: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal
How = Literal["link", "text", "by language", "boolean", "in full"]
Node = dict[str, Any]

_TYPE = ox.NamedNode(RDF_TYPE)
_STRING = XSD + "string"
_BOOLEAN = XSD + "boolean"
_ENDS_OF_A_PREFIX = (":", "/", "?", "#", "[", "]", "@")


class Place(NamedTuple):
    """Where an object goes: the key of its property, and how it is written there."""

    key: str
    how: How


@dataclass(frozen=True, slots=True)
class _Term:
    name: str
    iri: str
    type: str | None
    container: str | None


class Ambiguous(ValueError):  # noqa: N818 -- it says what the IRI is
    """An IRI that a reader would take for a short one, as the scheme of it is a prefix."""


class Terms:
    """The terms of *context*, the value of an `@context`."""

    def __init__(self, context: Mapping[str, Any]) -> None:
        self.context = context
        self._prefixes = {
            name: iri
            for name, iri in context.items()
            if isinstance(iri, str) and iri.endswith(_ENDS_OF_A_PREFIX)
        }
        self._by_iri: dict[str, list[_Term]] = {}
        for name, definition in context.items():
            if name not in self._prefixes and (term := self._term(name, definition)):
                self._by_iri.setdefault(term.iri, []).append(term)
        self._places: dict[tuple[str, str], Place] = {}
        self._shortened: dict[str, str] = {}

    def node(self, subject: ox.NamedNode | ox.BlankNode, quads: Iterable[ox.Quad]) -> Node:
        """Return the node object of *subject*, about which *quads* are."""
        known = list(quads)
        try:
            return self._short_node(subject, known)
        except Ambiguous:
            return _full_node(subject, known)

    def graph(self, name: ox.NamedNode | ox.BlankNode) -> Node:
        """Return the beginning of the object of the graph *name*."""
        try:
            return {"id": self._link(name)}
        except Ambiguous:
            raise UnwritableAnswer(
                f"the graph <{name.value}> has a name that JSON-LD takes for a short one"
            ) from None

    def _short_node(self, subject: ox.NamedNode | ox.BlankNode, quads: list[ox.Quad]) -> Node:
        node: Node = {"id": self._link(subject)}
        types = [
            self._short(quad.object.value)
            for quad in quads
            if quad.predicate == _TYPE and isinstance(quad.object, ox.NamedNode)
        ]
        if types:
            node["type"] = types[0] if len(types) == 1 else types
        for quad in quads:
            if quad.predicate != _TYPE or not isinstance(quad.object, ox.NamedNode):
                self._add(node, quad.predicate.value, _plain(quad.object))
        return node

    def _add(self, node: Node, predicate: str, value: Value) -> None:
        key, how = self._place(predicate, value)
        match how:
            case "link":
                _append(node, key, self._link(value))
            case "text":
                _append(node, key, value.value)
            case "boolean":
                _append(node, key, value.value == "true")
            case "by language":
                assert isinstance(value, ox.Literal)  # noqa: S101 -- it has a language
                _append(node.setdefault(key, {}), value.language or "", value.value)
            case "in full":
                _append(node, key, self._in_full(value))

    def _place(self, predicate: str, value: Value) -> Place:
        kind = _kind_of(value)
        place = self._places.get((predicate, kind))
        if place is None:
            place = self._places[predicate, kind] = self._found(predicate, kind)
        return place

    def _found(self, predicate: str, kind: str) -> Place:
        terms = self._by_iri.get(predicate, [])
        for term in terms:
            if term.container is None and term.type is not None and term.type == kind:
                return Place(term.name, "link" if kind == "@id" else "text")
            if kind == "@language" and term.container == "@language":
                return Place(term.name, "by language")
        plain = [term.name for term in terms if term.container is None and term.type is None]
        if plain and kind in (_STRING, _BOOLEAN):
            return Place(plain[0], "text" if kind == _STRING else "boolean")
        typed = [term.name for term in terms if term.container is None]
        return Place((plain or typed or [self._prefixed(predicate)])[0], "in full")

    def _in_full(self, value: Value) -> Node:
        if not isinstance(value, ox.Literal):
            return {"id": self._link(value)}
        if value.language or value.datatype.value == _STRING:
            return _value_object(value)
        return {"@value": value.value, "@type": self._short(value.datatype.value)}

    def _short(self, iri: str) -> str:
        """Return *iri* as it is written where terms count (as a type)."""
        short = self._shortened.get(iri)
        if short is None:
            terms = self._by_iri.get(iri)
            short = terms[0].name if terms else self._prefixed(iri)
            if len(self._shortened) < 10_000:
                self._shortened[iri] = short
        return short

    def _prefixed(self, iri: str) -> str:
        for prefix, namespace in self._prefixes.items():
            rest = iri.removeprefix(namespace)
            if rest and rest != iri and not rest.startswith("//"):
                return f"{prefix}:{rest}"
        return self._unambiguous(iri)

    def _link(self, value: Value) -> str:
        """Return *value* as it is written where terms do not count (as an identifier)."""
        if isinstance(value, ox.BlankNode):
            return f"_:{value.value}"
        return self._unambiguous(value.value)

    def _unambiguous(self, iri: str) -> str:
        scheme, _, rest = iri.partition(":")
        if scheme in self._prefixes and not rest.startswith("//"):
            raise Ambiguous(iri)
        return iri

    def _term(self, name: str, definition: object) -> _Term | None:
        if isinstance(definition, str):
            definition = {"@id": definition}
        if name.startswith("@") or not isinstance(definition, dict):
            return None
        said: dict[str, str] = definition  # pyright: ignore[reportUnknownVariableType] -- it is JSON
        if said["@id"].startswith("@"):
            return None
        of_type = said.get("@type")
        return _Term(
            name,
            self._expanded(said["@id"]),
            of_type if of_type in (None, "@id") else self._expanded(of_type),
            said.get("@container"),
        )

    def _expanded(self, short: str) -> str:
        prefix, _, rest = short.partition(":")
        return self._prefixes[prefix] + rest if prefix in self._prefixes else short


@held
def shipped_terms() -> Terms:
    """Return the terms of the context that ships with the ontology, and the usual prefixes."""
    text = (bundled("ontology") / "context.jsonld").read_text(encoding="utf-8")
    context: dict[str, Any] = json.loads(text)["@context"]
    more = {name: iri for name, iri in prefixes().items() if name not in context}
    return Terms(context | more)


def _kind_of(value: Value) -> str:
    if not isinstance(value, ox.Literal):
        return "@id"
    return "@language" if value.language else value.datatype.value


def _plain(term: Value | ox.Triple) -> (
    Value
):  # fmt: skip
    if isinstance(term, ox.Triple) or (isinstance(term, ox.Literal) and term.direction):
        raise UnwritableAnswer("JSON-LD has no triple terms, and no text with a direction")
    return term


def _full_node(subject: ox.NamedNode | ox.BlankNode, quads: list[ox.Quad]) -> Node:
    """Return a node object without any term or prefix, where one would be misunderstood."""
    node: Node = {"@context": None, "@id": _identifier(subject)}
    for quad in quads:
        value = _plain(quad.object)
        if quad.predicate == _TYPE and isinstance(value, ox.NamedNode):
            _append(node, "@type", value.value)
        elif isinstance(value, ox.Literal):
            _append(node, quad.predicate.value, _value_object(value))
        else:
            _append(node, quad.predicate.value, {"@id": _identifier(value)})
    return node


def _value_object(value: ox.Literal) -> Node:
    if value.language:
        return {"@value": value.value, "@language": value.language}
    if value.datatype.value == _STRING:
        return {"@value": value.value}
    return {"@value": value.value, "@type": value.datatype.value}


def _identifier(term: ox.NamedNode | ox.BlankNode) -> str:
    return f"_:{term.value}" if isinstance(term, ox.BlankNode) else term.value


def _append(node: Node, key: str, value: object) -> None:
    """Add *value* to what *node* has at *key*: the first one alone, more of them in a list."""
    if key not in node:
        node[key] = value
    elif isinstance(node[key], list):
        node[key].append(value)
    else:
        node[key] = [node[key], value]
