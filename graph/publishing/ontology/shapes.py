"""What the shapes ask for, as a person would say it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graph.description import Description
from graph.namespaces import SH
from graph.publishing.ontology.reading import in_order

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from graph.description import Text

_TARGETS = ("targetClass", "targetSubjectsOf", "targetObjectsOf", "targetNode")
_LIMITS = (
    "nodeKind",
    "pattern",
    "minInclusive",
    "maxInclusive",
    "minLength",
    "maxLength",
    "uniqueLang",
    "hasValue",
    "disjoint",
)


@dataclass(frozen=True, slots=True)
class Constraint:
    """What a shape asks of the values of one property, or of the thing itself."""

    path: str
    """The property; nothing for the thing itself."""
    least: int
    most: int | None
    kinds: tuple[str, ...]
    """The classes or the datatype that a value may be of."""
    choices: tuple[str, ...]
    """The only values that there may be."""
    limits: tuple[tuple[str, str], ...]
    """What else SHACL says, by its own name: `pattern`, `minInclusive`, ..."""
    messages: tuple[Text, ...]
    """What is said to those who break it."""

    @property
    def how_many(self) -> str:
        """How many values there may be: `1`, `0..1`, `2..n`."""
        most = "n" if self.most is None else str(self.most)
        return most if str(self.least) == most else f"{self.least}..{most}"


@dataclass(frozen=True, slots=True)
class Shape:
    """One shape that has targets."""

    iri: str
    targets: tuple[tuple[str, str], ...]
    """The name that SHACL has for the kind of target, and the class or property."""
    constraints: tuple[Constraint, ...]

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes whose things it looks at."""
        return tuple(iri for how, iri in self.targets if how == "targetClass")


def shapes_of(described: Description) -> list[Shape]:
    """Return the shapes that are *described*, in the order of their names."""
    return [
        Shape(iri, targets, tuple(_constraints(described, iri)))
        for iri in described.of_type(SH + "NodeShape")
        if (targets := _targets(described, iri))
    ]


def constraints_of(shapes: Iterable[Shape], cls: str) -> list[Constraint]:
    """Return what *shapes* ask of the things of the class *cls*, each property once."""
    found: dict[str, Constraint] = {}
    for shape in shapes:
        if cls in shape.classes:
            for constraint in shape.constraints:
                if constraint.path:
                    found.setdefault(constraint.path, constraint)
    return list(found.values())


@cache
def shapes_text(folder: Path) -> str:
    """Return the files of shapes in *folder* as one Turtle file.

    Their blank nodes have no names, so the text of a file can follow that of another.
    """
    files = sorted(folder.glob("*.ttl"))
    return "\n".join(f"# {file.name}\n{file.read_text(encoding='utf-8')}" for file in files)


@cache
def shapes_in(folder: Path) -> tuple[Shape, ...]:
    """Return the shapes of *folder*."""
    triples = ox.parse(shapes_text(folder), ox.RdfFormat.TURTLE)
    return tuple(shapes_of(Description.of(triples)))


def _targets(described: Description, shape: str) -> tuple[tuple[str, str], ...]:
    return tuple((how, iri) for how in _TARGETS for iri in described.values(shape, SH + how))


def _constraints(described: Description, shape: str) -> Iterator[Constraint]:
    if described.values(shape, SH + "message"):
        yield _constraint(described, shape, "")
    for constraint in described.values(shape, SH + "property"):
        path = described.value(constraint, SH + "path")
        if path.startswith("http"):
            yield _constraint(described, constraint, path)


def _constraint(described: Description, node: str, path: str) -> Constraint:
    least, most = (described.value(node, SH + name) for name in ("minCount", "maxCount"))
    return Constraint(
        path,
        int(least) if least else 0,
        int(most) if most else None,
        tuple(_kinds(described, node)) if path else (),
        tuple(described.items(described.value(node, SH + "in"))),
        tuple((how, each) for how in _LIMITS for each in described.values(node, SH + how)),
        in_order(described.texts(node, SH + "message")),
    )


def _kinds(described: Description, node: str) -> Iterator[str]:
    for how in ("class", "datatype"):
        yield from described.values(node, SH + how)
    for choice in described.items(described.value(node, SH + "or")):
        yield from _kinds(described, choice)
