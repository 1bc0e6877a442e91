"""What shapes look at: the properties they follow from a node, and the classes they ask for.

It is read from the shapes once. A change of any other triple changes nothing that they say.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING, Any, NamedTuple

import pyoxigraph as ox

from graph.errors import UnreadableSource
from graph.namespaces import RDF, RDF_TYPE, RDFS, SH, short

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

TYPE = ox.NamedNode(RDF_TYPE)
SUBCLASS = ox.NamedNode(RDFS + "subClassOf")


@dataclass(frozen=True, slots=True, eq=False)
class Need:
    """What is looked at of a node: which of these classes it is of, and the values it has."""

    classes: frozenset[ox.NamedNode] = frozenset()
    values: Mapping[ox.NamedNode, Need] = field(default_factory=dict[ox.NamedNode, "Need"])
    """What is looked at of each value, by the property that leads to it."""

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing is looked at but that the node is there."""
        return not (self.classes or self.values)

    def __or__(self, other: Need) -> Need:
        """Return what is looked at by one or the other."""
        nothing = Need()
        properties = dict.fromkeys((*self.values, *other.values))
        return Need(
            self.classes | other.classes,
            {
                each: self.values.get(each, nothing) | other.values.get(each, nothing)
                for each in properties
            },
        )


@dataclass(frozen=True, slots=True, eq=False)
class ShapeProfile:
    """One shape that has targets: which nodes those are, and what it looks at from there."""

    name: str
    target_classes: frozenset[ox.NamedNode]
    target_subjects_of: frozenset[ox.NamedNode]
    need: Need
    """What finding the targets takes is part of it."""


class Look(NamedTuple):
    """A place that a shape looks at: the properties that lead there from a focus node."""

    shape: ShapeProfile
    chain: tuple[ox.NamedNode, ...]


class Profile:
    """What all shapes together look at."""

    def __init__(self, shapes: Iterable[ShapeProfile]) -> None:
        self.shapes = tuple(shapes)
        self.looks_at: defaultdict[ox.NamedNode, list[Look]] = defaultdict(list)
        """By property: the places whose values of it are looked at."""
        self.asks_for: defaultdict[ox.NamedNode, list[Look]] = defaultdict(list)
        """By class: the places that are asked whether they are of it."""
        self.by_class: defaultdict[ox.NamedNode, list[ShapeProfile]] = defaultdict(list)
        """The shapes that target a class."""
        self.by_property: defaultdict[ox.NamedNode, list[ShapeProfile]] = defaultdict(list)
        """The shapes that target the subjects of a property."""
        self._needs: dict[frozenset[ShapeProfile], Need] = {}
        for shape in self.shapes:
            self._index(shape, shape.need, ())
            for each in shape.target_classes:
                self.by_class[each].append(shape)
            for each in shape.target_subjects_of:
                self.by_property[each].append(shape)
        self.classes = frozenset(self.asks_for)
        self.properties = frozenset(self.looks_at) | {TYPE, SUBCLASS}

    def _index(self, shape: ShapeProfile, need: Need, chain: tuple[ox.NamedNode, ...]) -> None:
        for each in need.classes:
            self.asks_for[each].append(Look(shape, chain))
        for each, below in need.values.items():
            self.looks_at[each].append(Look(shape, chain))
            self._index(shape, below, (*chain, each))

    def need_of(self, shapes: frozenset[ShapeProfile]) -> Need:
        """Return what *shapes* together look at."""
        if shapes not in self._needs:
            self._needs[shapes] = reduce(Need.__or__, (shape.need for shape in shapes), Need())
        return self._needs[shapes]

    def as_plain(self) -> list[dict[str, Any]]:
        """Return it as values that JSON has, for a process that cannot read the shapes."""
        return [
            {
                "name": shape.name,
                "target_classes": [each.value for each in shape.target_classes],
                "target_subjects_of": [each.value for each in shape.target_subjects_of],
                "need": _plain(shape.need),
            }
            for shape in self.shapes
        ]


def profile_from(plain: list[dict[str, Any]]) -> Profile:
    """Return the profile that `Profile.as_plain` made *plain* of."""
    return Profile(
        ShapeProfile(
            shape["name"],
            _names(shape["target_classes"]),
            _names(shape["target_subjects_of"]),
            _need_from(shape["need"]),
        )
        for shape in plain
    )


def _plain(need: Need) -> dict[str, Any]:
    return {
        "classes": [each.value for each in need.classes],
        "values": {each.value: _plain(below) for each, below in need.values.items()},
    }


def _need_from(plain: dict[str, Any]) -> Need:
    values: dict[str, dict[str, Any]] = plain["values"]
    return Need(
        _names(plain["classes"]),
        {ox.NamedNode(each): _need_from(below) for each, below in values.items()},
    )


def _names(iris: Iterable[str]) -> frozenset[ox.NamedNode]:
    return frozenset(map(ox.NamedNode, iris))


_TARGET_CLASS, _TARGET_SUBJECTS_OF = SH + "targetClass", SH + "targetSubjectsOf"
_OF_THE_VALUES = (
    "datatype nodeKind minCount maxCount minExclusive minInclusive maxExclusive maxInclusive "
    "minLength maxLength pattern flags languageIn uniqueLang hasValue in "
    "qualifiedMinCount qualifiedMaxCount qualifiedValueShapesDisjoint"
)
_NOT_LOOKED_AT = "path message severity name description order group deactivated defaultValue"
_ANOTHER_PROPERTY = {SH + name for name in ("disjoint", "equals", "lessThan", "lessThanOrEquals")}
_ANOTHER_SHAPE = {SH + name for name in ("property", "node", "not", "qualifiedValueShape")}
_LIST_OF_SHAPES = {SH + name for name in ("and", "or", "xone")}
_FOLLOWED = {
    *(SH + name for name in f"{_OF_THE_VALUES} {_NOT_LOOKED_AT}".split()),
    *(_TARGET_CLASS, _TARGET_SUBJECTS_OF),
    *(_ANOTHER_SHAPE | _LIST_OF_SHAPES),
}

_Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


def read_profile(shapes: Iterable[ox.Quad]) -> Profile:
    """Return what *shapes* look at; UnreadableSource when they use what this cannot follow.

    That is SHACL Core without paths other than a property, sh:closed, and other targets than
    classes and subjects of a property.
    """
    reading = _Reading(shapes)
    return Profile(
        reading.profile(shape, values)
        for shape, values in reading.nodes.items()
        if reading.is_targeting(shape, values)
    )


class _Reading:
    """The graph of shapes, while it is read."""

    def __init__(self, shapes: Iterable[ox.Quad]) -> None:
        self.nodes: dict[_Term, dict[str, list[_Term]]] = {}
        for quad in shapes:
            values = self.nodes.setdefault(quad.subject, {})
            values.setdefault(quad.predicate.value, []).append(quad.object)

    def is_targeting(self, shape: _Term, values: dict[str, list[_Term]]) -> bool:
        if ox.NamedNode(RDFS + "Class") in values.get(RDF_TYPE, ()):
            raise _unknown(shape, "it is a class and a shape in one")
        targets = {each for each in values if each.startswith(SH + "target")}
        if other := targets - {_TARGET_CLASS, _TARGET_SUBJECTS_OF}:
            raise _unknown(shape, f"it uses sh:{min(other).removeprefix(SH)}")
        return bool(targets)

    def profile(self, shape: _Term, values: dict[str, list[_Term]]) -> ShapeProfile:
        classes = frozenset(map(_named, values.get(_TARGET_CLASS, ())))
        properties = frozenset(map(_named, values.get(_TARGET_SUBJECTS_OF, ())))
        targeting = Need(classes, dict.fromkeys(properties, Need()))
        return ShapeProfile(_shown(shape), classes, properties, targeting | self._need(shape, ()))

    def _need(self, shape: _Term, above: tuple[_Term, ...]) -> Need:
        """Return what *shape* looks at, from the node that it is about."""
        if shape in above:
            raise _unknown(shape, "it refers to itself")
        values = self.nodes.get(shape, {})
        need = beside = Need()
        for predicate, objects in values.items():
            if predicate == SH + "class":
                need |= Need(frozenset(map(_named, objects)))
            elif predicate in _ANOTHER_PROPERTY:
                beside |= Need(values=dict.fromkeys(map(_named, objects), Need()))
            elif predicate.startswith(SH) and predicate not in _FOLLOWED:
                raise _unknown(shape, f"it uses sh:{predicate.removeprefix(SH)}")
        for each in self._nested(values):
            need |= self._need(each, (*above, shape))
        for path in values.get(SH + "path", ()):
            if not isinstance(path, ox.NamedNode):
                raise _unknown(shape, "its path is more than a property")
            need = Need(values={path: need})
        return need | beside

    def _nested(self, values: dict[str, list[_Term]]) -> Iterable[_Term]:
        for predicate, objects in values.items():
            if predicate in _ANOTHER_SHAPE:
                yield from objects
            elif predicate in _LIST_OF_SHAPES:
                for first in objects:
                    yield from self._list(first)

    def _list(self, first: _Term) -> Iterable[_Term]:
        while first != ox.NamedNode(RDF + "nil"):
            values = self.nodes[first]
            yield values[RDF + "first"][0]
            first = values[RDF + "rest"][0]


def _named(term: _Term) -> ox.NamedNode:
    if not isinstance(term, ox.NamedNode):
        raise UnreadableSource(f"the shapes name {term} where an IRI has to be; correct it")
    return term


def _shown(shape: _Term) -> str:
    return short(shape.value) if isinstance(shape, ox.NamedNode) else str(shape)


def _unknown(shape: _Term, what: str) -> UnreadableSource:
    return UnreadableSource(
        f"{_shown(shape)}: {what}, and whom a change concerns cannot be told for that; "
        "say it with classes, properties and the components of SHACL Core"
    )
